#include "sluice/cli/commands.h"
#include "sluice/cli/smallest_policy.h"

namespace sluice {

int RunInit(const Arguments& arguments, const Environment& environment) {
  if (!arguments.positional().empty()) return BadInput(environment, "init takes no arguments");
  environment.out << kSmallestPolicy;
  return kExitOk;
}

}  // namespace sluice
