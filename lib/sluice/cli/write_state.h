#ifndef SLUICE_CLI_WRITE_STATE_H_
#define SLUICE_CLI_WRITE_STATE_H_

#include "sluice/cli/arguments.h"
#include "sluice/cli/environment.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Prints the state as a textproto or, with `--output`, writes it in the format of that file's
// ending. Returns the exit code; what goes wrong is on `err`.
int WriteState(const v1::PipelineState& state, const Arguments& arguments,
               const Environment& environment);

}  // namespace sluice

#endif  // SLUICE_CLI_WRITE_STATE_H_
