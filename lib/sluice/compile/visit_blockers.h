#ifndef SLUICE_COMPILE_VISIT_BLOCKERS_H_
#define SLUICE_COMPILE_VISIT_BLOCKERS_H_

#include "absl/functional/function_ref.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// Where a blocker stands in a policy.
struct BlockerPlace {
  int stage = -1;  // -1: the pipeline.
  int wave = -1;   // -1: the stage or pipeline as a whole.
  bool is_criterion = false;
  int depth = 0;  // In combinations; 0: it is no part of one.
};

using BlockerVisitor = absl::FunctionRef<void(const v1::Blocker& blocker, const FieldPath& path,
                                              const BlockerPlace& place)>;

// Visits every blocker and pass criterion, each before the children of its combination.
void VisitBlockers(const v1::PipelinePolicy& policy, BlockerVisitor visit);

}  // namespace sluice

#endif  // SLUICE_COMPILE_VISIT_BLOCKERS_H_
