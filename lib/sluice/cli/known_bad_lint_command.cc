#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/inventory_input.h"
#include "sluice/cli/known_bad_input.h"
#include "sluice/cli/progress.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/interchange/source_files.h"
#include "sluice/known_bad.h"

namespace sluice {
namespace {

// How many artifacts of a corpus there are, and how many of them each advisory concerns.
struct Counts {
  uint64_t artifacts = 0;
  std::map<std::string, uint64_t> by_advisory;
};

// `30` and `30%` are 30 of a hundred, `0.5` is half of one.
absl::optional<double> ReadPercent(absl::string_view text) {
  double percent;
  if (!text.empty() && text.back() == '%') text.remove_suffix(1);
  if (!absl::SimpleAtod(text, &percent) || !(percent >= 0 && percent < 100)) return absl::nullopt;
  return percent;
}

absl::Status CountIn(const KnownBadList& list, const std::vector<std::string>& corpus,
                     absl::Time now, const Environment& environment, Counts& counts) {
  Progress progress("asking", environment);
  InventoryOptions options;
  // What can't be checked or is missing is not matched, so it makes no share larger.
  options.uncheckable = Uncheckable::kLeaveOut;
  options.incomplete = IncompleteInventory::kAccept;
  for (size_t i = 0; i < corpus.size(); ++i) {
    ImportReport files;
    const absl::Status read = ReadSourceDocuments(
        corpus[i], SourceLimits(), files, [&](const SourceDocument& document) -> absl::Status {
          KnownBadQuestion question;
          ImportReport report;
          const absl::Status imported =
              ImportInventory(document.name, document.bytes, options, &question.components, report);
          if (!imported.ok()) return imported;
          const absl::StatusOr<KnownBadAnswers> answers = list.Query(question, now, SIZE_MAX);
          if (!answers.ok()) return answers.status();
          std::set<std::string> advisories;
          for (const KnownBadAnswer& answer : answers->answers) {
            advisories.insert(answer.entry.id());
          }
          ++counts.artifacts;
          for (const std::string& id : advisories) ++counts.by_advisory[id];
          progress.Show((static_cast<double>(i) + document.progress) /
                        static_cast<double>(corpus.size()));
          return absl::OkStatus();
        });
    if (!read.ok()) return read;
  }
  return absl::OkStatus();
}

}  // namespace

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
  Counts counts;
  const absl::Status counted =
      CountIn(input->list(), arguments.positional(), *now, environment, counts);
  if (!counted.ok()) return BadInput(environment, counted.message());
  bool found = false;
  for (const auto& [id, count] : counts.by_advisory) {
    const double share = 100 * static_cast<double>(count) / static_cast<double>(counts.artifacts);
    if (share <= *most) continue;
    found = true;
    environment.out << absl::StrFormat("%s\t%d of %d artifacts\t%.1f %%\n", id, count,
                                       counts.artifacts, share);
  }
  return found ? kExitHold : kExitOk;
}

}  // namespace sluice
