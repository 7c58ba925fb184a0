#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/types/variant.h"
#include "sluice/compile/compile_parts.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

// Faults for what a child may not say: it holds, is enforced and is overridden through the parent
// alone.
void RequireChild(const v1::Blocker& proto, const FieldPath& path, CompileScope& scope) {
  FieldErrors& errors = scope.errors;
  if (proto.enforcement() != v1::Blocker::ENFORCEMENT_UNSPECIFIED) {
    errors.Add(path.Field("enforcement"), v1::Fault::INVALID_VALUE,
               "is for the outermost combination");
  }
  if (proto.has_override_policy()) {
    errors.Add(path.Field("override_policy"), v1::Fault::INVALID_VALUE,
               "is for the outermost combination");
  }
  if (proto.not_overridable()) {
    errors.Add(path.Field("not_overridable"), v1::Fault::INVALID_VALUE,
               "is for the outermost combination");
  }
  if (proto.has_known_bad()) {
    errors.Add(path.Field("known_bad"), v1::Fault::INVALID_VALUE,
               "is no part of a combination: a match also rules out candidates and targets");
  }
  if (proto.time_window().in_flight() == v1::TimeWindow::FINISH_WAVE) {
    const FieldPath window = path.Field("time_window");
    errors.Add(window.Field("in_flight"), v1::Fault::INVALID_VALUE,
               "is STOP in a combination, which holds unstarted cells like any other blocker");
  }
}

// Blockers that are no combinations.
size_t CountLeaves(const Combination& combination) {
  size_t count = 0;
  for (const Blocker& child : combination.children) {
    const auto* inner = absl::get_if<Combination>(&child.kind);
    count += inner == nullptr ? 1 : CountLeaves(*inner);
  }
  return count;
}

}  // namespace

Combination CompileCombination(const v1::Combination& proto, CombinationKind kind, int depth,
                               const FieldPath& path, CompileScope& scope) {
  FieldErrors& errors = scope.errors;
  Combination combination;
  const FieldPath children = path.Field("children");
  if (proto.children().empty()) errors.Missing(children);
  if (depth > kMaxCombinationDepth) {
    errors.Add(path, v1::Fault::TOO_LARGE,
               absl::StrCat("is nested more than ", kMaxCombinationDepth, " deep"));
    return combination;
  }
  for (int i = 0; i < proto.children_size(); ++i) {
    const FieldPath child_path = path.Element("children", i);
    RequireChild(proto.children(i), child_path, scope);
    combination.children.push_back(CompileChild(proto.children(i), depth, child_path, scope));
  }
  std::sort(combination.children.begin(), combination.children.end(),
            [](const Blocker& a, const Blocker& b) { return a.id < b.id; });
  if (depth == 1 && CountLeaves(combination) > static_cast<size_t>(kMaxCombinedBlockers)) {
    errors.Add(children, v1::Fault::TOO_LARGE,
               absl::StrCat("are at most ", kMaxCombinedBlockers, " blockers in all"));
  }
  const FieldPath count = path.Field("count");
  switch (kind) {
    case CombinationKind::kAnyOf:
      combination.needed = 1;
      break;
    case CombinationKind::kAllOf:
      combination.needed = static_cast<size_t>(proto.children_size());
      break;
    case CombinationKind::kAtLeast:
      combination.needed = proto.count();
      if (proto.count() == 0) {
        errors.Missing(count);
      } else if (proto.count() > static_cast<uint32_t>(proto.children_size())) {
        errors.Add(count, v1::Fault::INVALID_VALUE,
                   absl::StrCat("must be 1 to the ", proto.children_size(), " children, got ",
                                proto.count()));
      }
      return combination;
  }
  if (proto.count() != 0) {
    errors.Add(count, v1::Fault::INVALID_VALUE, "is for `at_least` alone");
  }
  return combination;
}

}  // namespace sluice
