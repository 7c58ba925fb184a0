#include "sluice/internal/source_map.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"

namespace sluice {
namespace {

// A part of a path between two dots.
struct Segment {
  absl::string_view name;
  int index = -1;
};

// Takes the first segment from `path`, with the dot after it. A dot inside a quoted key does not
// count.
Segment TakeSegment(absl::string_view& path) {
  Segment segment;
  const absl::string_view::size_type name_end = std::min(path.find_first_of(".["), path.size());
  segment.name = path.substr(0, name_end);
  path.remove_prefix(name_end);
  if (absl::ConsumePrefix(&path, "[")) {
    const bool quoted = absl::ConsumePrefix(&path, "\"");
    absl::string_view::size_type end = 0;
    while (end < path.size() && path[end] != (quoted ? '"' : ']')) {
      end += quoted && path[end] == '\\' ? 2 : 1;
    }
    end = std::min(end, path.size());
    if (quoted || !absl::SimpleAtoi(path.substr(0, end), &segment.index)) segment.index = -1;
    path.remove_prefix(end);
    absl::ConsumePrefix(&path, "\"");
    absl::ConsumePrefix(&path, "]");
  }
  absl::ConsumePrefix(&path, ".");
  return segment;
}

}  // namespace

void SourceMap::Start() {
  names_.clear();
  nodes_.clear();
  lines_.assign(1, 1);
}

SourceMap::Node SourceMap::Add(Node parent, absl::string_view name, int index, int line) {
  const int number = names_.try_emplace(std::string(name), names_.size()).first->second;
  const Node node = static_cast<Node>(lines_.size());
  nodes_.try_emplace(Place(parent, number, index), node);
  lines_.push_back(line);
  return node;
}

const SourceMap::Node* SourceMap::Find(Node parent, absl::string_view name, int index) const {
  const auto number = names_.find(std::string(name));
  if (number == names_.end()) return nullptr;
  auto found = nodes_.find(Place(parent, number->second, index));
  if (found == nodes_.end() && index == -1) found = nodes_.find(Place(parent, number->second, 0));
  return found == nodes_.end() ? nullptr : &found->second;
}

absl::optional<int> SourceMap::LineOf(absl::string_view field_path) const {
  if (lines_.empty()) return absl::nullopt;
  Node at = kRoot;
  while (!field_path.empty()) {
    const Segment segment = TakeSegment(field_path);
    const Node* next = Find(at, segment.name, segment.index);
    if (next == nullptr) break;
    at = *next;
  }
  return lines_[static_cast<size_t>(at)];
}

}  // namespace sluice
