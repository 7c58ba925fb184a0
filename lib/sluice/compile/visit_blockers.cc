#include "sluice/compile/visit_blockers.h"

#include "google/protobuf/repeated_field.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

// Visits the blocker and the children of its combinations.
void VisitBlocker(const v1::Blocker& blocker, const FieldPath& path, const BlockerPlace& place,
                  BlockerVisitor visit) {
  visit(blocker, path, place);
  if (place.depth > kMaxCombinationDepth) return;
  BlockerPlace inner = place;
  ++inner.depth;
  const auto visit_children = [&](const v1::Combination& combination, const char* field) {
    const FieldPath parent = path.Field(field);
    for (int i = 0; i < combination.children_size(); ++i) {
      VisitBlocker(combination.children(i), parent.Element("children", i), inner, visit);
    }
  };
  visit_children(blocker.any_of(), "any_of");
  visit_children(blocker.all_of(), "all_of");
  visit_children(blocker.at_least(), "at_least");
}

void VisitList(const google::protobuf::RepeatedPtrField<v1::Blocker>& blockers,
               const FieldPath& parent, const char* field, const BlockerPlace& place,
               BlockerVisitor visit) {
  for (int i = 0; i < blockers.size(); ++i) {
    VisitBlocker(blockers.Get(i), parent.Element(field, i), place, visit);
  }
}

}  // namespace

void VisitBlockers(const v1::PipelinePolicy& policy, BlockerVisitor visit) {
  const FieldPath root;
  VisitList(policy.blockers(), root, "blockers", BlockerPlace(), visit);
  for (int s = 0; s < policy.stages_size(); ++s) {
    const v1::Stage& stage = policy.stages(s);
    const FieldPath path = root.Element("stages", s);
    BlockerPlace place;
    place.stage = s;
    VisitList(stage.blockers(), path, "blockers", place, visit);
    place.is_criterion = true;
    VisitList(stage.pass_criteria(), path, "pass_criteria", place, visit);
    place.is_criterion = false;
    const FieldPath rollout = path.Field("rollout");
    for (int w = 0; w < stage.rollout().waves_size(); ++w) {
      place.wave = w;
      VisitList(stage.rollout().waves(w).blockers(), rollout.Element("waves", w), "blockers", place,
                visit);
    }
  }
}

}  // namespace sluice
