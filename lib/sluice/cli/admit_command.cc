#include <string>

#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"

namespace sluice {

int RunAdmit(const Arguments& arguments, const Environment& environment) {
  const absl::optional<std::string> action = arguments.Value("action");
  if (!action.has_value()) return BadInput(environment, "admit needs --action ID");
  const absl::StatusOr<Question> question = ReadQuestion("admit", arguments, environment);
  if (!question.ok()) return BadInput(environment, question.status().message());
  const bool admitted = question->policy.Admit(*action, question->inputs.Load(), question->now);
  environment.out << (admitted ? "admitted\n" : "refused\n");
  return admitted ? kExitOk : kExitHold;
}

}  // namespace sluice
