#include <string>

#include "absl/strings/str_cat.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/write_message.h"
#include "sluice/compact.h"

namespace sluice {

int RunCompact(const Arguments& arguments, const Environment& environment) {
  const absl::optional<std::string> policy_path = arguments.Value("policy");
  const absl::optional<std::string> state_path = arguments.Value("state");
  if (!policy_path.has_value()) return BadInput(environment, "compact needs --policy FILE");
  if (!state_path.has_value()) return BadInput(environment, "compact needs --state FILE");
  const absl::StatusOr<Policy> policy = CompileFile(*policy_path, arguments, environment.in);
  if (!policy.ok()) return BadInput(environment, policy.status().message());
  v1::PipelineState state;
  absl::Status status = ReadInput(*state_path, arguments, environment.in, &state);
  if (!status.ok()) return BadInput(environment, status.message());
  const absl::StatusOr<absl::Time> now = NowOf(arguments, environment);
  if (!now.ok()) return BadInput(environment, now.status().message());
  status = Compact(*policy, *now, &state);
  if (!status.ok()) {
    return BadInput(environment, absl::StrCat(*state_path, ": ", status.message()));
  }
  return WriteMessage(state, arguments, environment);
}

}  // namespace sluice
