#ifndef SLUICE_INTERNAL_SOURCE_MAP_H_
#define SLUICE_INTERNAL_SOURCE_MAP_H_

#include <string>
#include <tuple>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// Answers on which line of a text a field of the message read from it stands. Copyable; holds no
// reference to the text. Safe for concurrent reading.
class SourceMap {
 public:
  // A field or element in the map. The message itself is kRoot.
  using Node = int;
  static constexpr Node kRoot = 0;

  // The line, from 1, of the field that a path such as `stages[2].blockers[0].id` names; if it does
  // not stand in the text, that of the nearest message around it that does, the whole message's
  // being 1. A list without a position, or with a map's key, is where its first element is.
  // Nothing if no text was read.
  absl::optional<int> LineOf(absl::string_view field_path) const;

  // Forgets what was read; a text is about to be.
  void Start();

  // Records that `name` stands on `line` inside `parent`, as element `index` or, if -1, on its own.
  Node Add(Node parent, absl::string_view name, int index, int line);

 private:
  using Place = std::tuple<Node, int, int>;  // The parent, the name's number, the index.

  const Node* Find(Node parent, absl::string_view name, int index) const;

  absl::btree_map<std::string, int> names_;
  absl::btree_map<Place, Node> nodes_;
  std::vector<int> lines_;  // By node; empty until Start.
};

}  // namespace sluice

#endif  // SLUICE_INTERNAL_SOURCE_MAP_H_
