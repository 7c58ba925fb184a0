#include <string>

#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"

namespace sluice {

int RunAdmit(const Arguments& arguments, const Environment& environment) {
  const absl::optional<std::string> policy_path = arguments.Value("policy");
  const absl::optional<std::string> action = arguments.Value("action");
  if (!policy_path.has_value()) return BadInput(environment, "admit needs --policy FILE");
  if (!action.has_value()) return BadInput(environment, "admit needs --action ID");
  const absl::StatusOr<Policy> policy = CompileFile(*policy_path, arguments, environment.in);
  if (!policy.ok()) return BadInput(environment, policy.status().message());
  DecisionInputs inputs;
  const absl::Status read = inputs.Read(arguments, environment.in);
  if (!read.ok()) return BadInput(environment, read.message());
  const absl::StatusOr<absl::Time> now = NowOf(arguments, environment);
  if (!now.ok()) return BadInput(environment, now.status().message());
  const bool admitted = policy->Admit(*action, inputs.Load(), *now);
  environment.out << (admitted ? "admitted\n" : "refused\n");
  return admitted ? kExitOk : kExitHold;
}

}  // namespace sluice
