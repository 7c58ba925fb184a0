#ifndef SLUICE_CLI_LIST_HEADER_H_
#define SLUICE_CLI_LIST_HEADER_H_

#include "absl/status/status.h"
#include "sluice/cli/arguments.h"
#include "sluice/cli/environment.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Sets what `--id`, `--epoch`, `--verified-at` and `--overridable` say of a list, and its number of
// entries; what they do not say stays. InvalidArgument if something that a list needs is then not
// known: it is never made up.
absl::Status ReadListHeader(const Arguments& arguments, v1::KnownBadList* list);

// Writes the list to `--output`: in its own form if that ends in `.kb`, else as a message in the
// format of the ending. Builds it in any case, so that only lists that can be used are written.
// Returns the exit code; what goes wrong is on `err`.
int WriteList(v1::KnownBadList list, const Arguments& arguments, const Environment& environment);

}  // namespace sluice

#endif  // SLUICE_CLI_LIST_HEADER_H_
