#ifndef SLUICE_TESTING_READ_YAML_H_
#define SLUICE_TESTING_READ_YAML_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace sluice {

// Replaces `*message`, such as a v1::TestSuite, by what `text` says in YAML, as ReadJson would read
// the same in JSON: names as in the proto file or in lowerCamelCase, instants as RFC 3339,
// durations such as `300s`. On an error clears it and says where: `line:column: what` or, of a
// value that its field can't have, `line: field path: what`.
//
// The field decides what a scalar is, not YAML's guess: in a string field `no`, `1.10`, `on` and
// `2026-11-23` are that text, quoted or not; a truth value is `true` or `false` and no other word,
// unquoted; integers are decimal. Whatever else YAML would guess or repeat is refused:
//
//   * a key twice, in either spelling; a key that is no text; the merge key `<<`;
//   * no value at all, `~` and `null`, which could be meant as text;
//   * anchors and aliases, tags, a second document;
//   * fields of type google.protobuf.Any, and what ReadJson refuses;
//   * more than kMaxTextInputBytes, and nesting that the parser finds too deep.
//
// Thread-safe. Cost: n log n in the text.
absl::Status ReadYaml(absl::string_view text, google::protobuf::Message* message);

}  // namespace sluice

#endif  // SLUICE_TESTING_READ_YAML_H_
