#include <string>

#include "absl/strings/str_cat.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/write_message.h"
#include "sluice/record.h"

namespace sluice {

int RunApply(const Arguments& arguments, const Environment& environment) {
  const absl::optional<std::string> state_path = arguments.Value("state");
  if (!state_path.has_value()) return BadInput(environment, "apply needs --state FILE");
  if (arguments.Values("event").empty()) return BadInput(environment, "apply needs --event FILE");
  v1::PipelineState state;
  absl::Status status = ReadInput(*state_path, arguments, environment.in, &state);
  if (!status.ok()) return BadInput(environment, status.message());
  for (const std::string& path : arguments.Values("event")) {
    v1::Event event;
    status = ReadInput(path, arguments, environment.in, &event);
    if (!status.ok()) return BadInput(environment, status.message());
    status = Apply(event, &state);
    if (!status.ok()) return BadInput(environment, absl::StrCat(path, ": ", status.message()));
  }
  return WriteMessage(state, arguments, environment);
}

}  // namespace sluice
