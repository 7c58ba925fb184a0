#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"

namespace sluice {

int RunCheck(const Arguments& arguments, const Environment& environment) {
  if (arguments.positional().size() != 1) return BadInput(environment, "check takes one POLICY");
  const absl::StatusOr<Policy> policy =
      CompileFile(arguments.positional()[0], arguments, environment.in);
  if (!policy.ok()) {
    environment.err << policy.status().message() << "\n";
    return kExitBadInput;
  }
  environment.out << "fingerprint " << policy->fingerprint() << "\n";
  if (policy->filled_choices().empty()) {
    environment.out << "Every choice is the policy's own.\n";
    return kExitOk;
  }
  environment.out << "Choices of profile "
                  << v1::PipelinePolicy::Profile_Name(policy->effective().profile()) << ":\n";
  for (const FilledChoice& choice : policy->filled_choices()) {
    environment.out << "  " << choice.path << ": " << choice.value << "\n";
  }
  return kExitOk;
}

}  // namespace sluice
