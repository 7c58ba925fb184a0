#include "sluice/internal/message_path.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace sluice {
namespace {

constexpr absl::string_view::size_type kMaxKeyBytes = 64;

}  // namespace

std::string FormatPath(const PathStep* step) {
  std::vector<const PathStep*> steps;
  for (; step != nullptr; step = step->parent) steps.push_back(step);
  std::string path;
  for (auto it = steps.rbegin(); it != steps.rend(); ++it) {
    if (!path.empty()) path.push_back('.');
    absl::StrAppend(
        &path, (*it)->field->is_extension() ? (*it)->field->full_name() : (*it)->field->name());
    if ((*it)->key.has_value()) {
      const absl::string_view key = *(*it)->key;
      absl::StrAppend(&path, "[\"", absl::CEscape(key.substr(0, kMaxKeyBytes)),
                      key.size() > kMaxKeyBytes ? "..." : "", "\"]");
    } else if ((*it)->index >= 0) {
      absl::StrAppend(&path, "[", (*it)->index, "]");
    }
  }
  return path;
}

}  // namespace sluice
