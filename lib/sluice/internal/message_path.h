#ifndef SLUICE_INTERNAL_MESSAGE_PATH_H_
#define SLUICE_INTERNAL_MESSAGE_PATH_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/descriptor.h"

namespace sluice {

// One step on the way from a message into its parts. A walk chains the steps on its stack and
// formats them only when it has something to report.
struct PathStep {
  const PathStep* parent = nullptr;  // Null: a field of the outermost message.
  const google::protobuf::FieldDescriptor* field = nullptr;  // Never null in use.
  int index = -1;  // The position in a repeated field, from 0; -1: the field as a whole.
  absl::optional<absl::string_view> key = absl::nullopt;  // A map entry's key, if known.
};

// The field path that ends with `step`, such as `stages[2].blockers[0].id` or `annotations["a"]`.
// Empty if `step` is null. Keys are escaped to printable ASCII and cut after 64 bytes.
std::string FormatPath(const PathStep* step);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_MESSAGE_PATH_H_
