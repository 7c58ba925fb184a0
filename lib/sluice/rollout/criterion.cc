#include "sluice/rollout/criterion.h"

#include "absl/types/variant.h"
#include "sluice/blockers/horizon.h"
#include "sluice/rollout/baseline_criterion.h"
#include "sluice/rollout/measurement_criterion.h"
#include "sluice/rollout/rate_criterion.h"
#include "sluice/rollout/series_criterion.h"

namespace sluice {

Judgement JudgeCriterion(const StageContext& context, const HealthCriterion& criterion,
                         absl::Span<const JudgedCell> cells) {
  Instants instants(context.now);
  AddStartInstants(cells, &instants);
  AddCriterionInstants(context, criterion, cells, &instants);
  return JudgeWithHorizon(instants, [&](absl::Time t) {
    return absl::visit([&](const auto& kind) { return JudgeAt(context, kind, cells, t); },
                       criterion.kind);
  });
}

void AddCriterionInstants(const StageContext& context, const HealthCriterion& criterion,
                          absl::Span<const JudgedCell> cells, Instants* instants) {
  absl::visit([&](const auto& kind) { AddInstants(context, kind, cells, instants); },
              criterion.kind);
}

}  // namespace sluice
