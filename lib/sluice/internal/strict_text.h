#ifndef SLUICE_INTERNAL_STRICT_TEXT_H_
#define SLUICE_INTERNAL_STRICT_TEXT_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "sluice/internal/source_map.h"

namespace sluice {

// Replaces `*message` by what `text` says in the text format of Protocol Buffers
// (https://protobuf.dev/reference/protobuf/textformat-spec/). On errors clears it and lists all of
// them, each on a line of its own as `line:column: field path: what`, up to the first that leaves
// the structure unclear and a hundred at most. Columns count from 1, tab stops being 8 apart.
//
// Stricter than that format, so that nothing that was written is lost or taken for something else:
//
//   * no field twice that is not repeated, though the first be a default; no second member of a
//     oneof, no map key twice;
//   * no unknown fields, reserved names and extensions included; no enum values without a name;
//   * truth values are `true` and `false`; no octal numbers; integers within their type, other
//     numbers finite or spelled `inf`, `nan`;
//   * in a list, elements are separated by commas (two strings side by side would become one);
//   * valid UTF-8, no octal escape above \377;
//   * google.protobuf.Any in brackets only for types of the pool that the message belongs to;
//   * no nesting and no size beyond limits.h (kResourceExhausted; all else is
//     kInvalidArgument). What can be read can also be read by ReadBinary.
//
// Unless null, `*map` tells afterwards where the fields stand, as far as the text could be read,
// even if there are errors; fields inside an Any stand as if they were the Any's own. Never
// crashes. Cost: n log n in the text. Thread-safe.
absl::Status ReadTextproto(absl::string_view text, google::protobuf::Message* message,
                           SourceMap* map);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_STRICT_TEXT_H_
