#ifndef SLUICE_CLI_WRITE_MESSAGE_H_
#define SLUICE_CLI_WRITE_MESSAGE_H_

#include "google/protobuf/message.h"
#include "sluice/cli/arguments.h"
#include "sluice/cli/environment.h"

namespace sluice {

// Prints the message as a textproto or, with `--output`, writes it in the format of that file's
// ending. Returns the exit code; what goes wrong is on `err`.
int WriteMessage(const google::protobuf::Message& message, const Arguments& arguments,
                 const Environment& environment);

}  // namespace sluice

#endif  // SLUICE_CLI_WRITE_MESSAGE_H_
