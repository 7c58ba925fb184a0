#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/known_bad_corpus.h"
#include "sluice/cli/known_bad_input.h"
#include "sluice/lint/known_bad_shares.h"

namespace sluice {

int RunKnownBadLint(const Arguments& arguments, const Environment& environment) {
  const absl::optional<std::string> path = arguments.Value("list");
  if (!path.has_value()) return BadInput(environment, "known-bad lint needs --list FILE");
  if (arguments.positional().empty()) {
    return BadInput(environment, "known-bad lint needs a corpus: bills of materials");
  }
  const absl::optional<double> most = ReadPercent(arguments.Value("max-share").value_or(""));
  if (!most.has_value()) {
    return BadInput(environment, "known-bad lint needs --max-share PERCENT, from 0 to below 100");
  }
  const absl::StatusOr<absl::Time> now = NowOf(arguments, environment);
  if (!now.ok()) return BadInput(environment, now.status().message());
  const absl::StatusOr<KnownBadInput> input = KnownBadInput::Read(*path, arguments, environment.in);
  if (!input.ok()) return BadInput(environment, input.status().message());
  KnownBadShares shares;
  const absl::Status asked =
      AskCorpus(input->list(), arguments.positional(), *now, environment, shares);
  if (!asked.ok()) return BadInput(environment, asked.message());
  const std::vector<KnownBadShares::Share> above = shares.Above(*most);
  for (const KnownBadShares::Share& share : above) {
    environment.out << absl::StrFormat("%s\t%d of %d artifacts\t%.1f %%\n", share.advisory,
                                       share.artifacts, shares.artifacts(), share.percent);
  }
  return above.empty() ? kExitOk : kExitHold;
}

}  // namespace sluice
