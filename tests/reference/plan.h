// [R1] Which cells a rollout deploys to, in which waves; and [S2] which artifact it would bring.
#ifndef TESTS_REFERENCE_PLAN_H_
#define TESTS_REFERENCE_PLAN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "tests/reference/facts.h"

namespace sluice {
namespace reference {

struct Plan {
  std::vector<v1::PlannedCells> waves;
  Judgement fault = Clear();
};

// Of a rollout that starts now. `catch_up` is the current artifact, if it is for cells behind it.
Plan MakePlan(const Facts& facts, const v1::Stage& stage,
              const absl::optional<std::string>& catch_up);
// The recorded one.
Plan RecordedPlan(const v1::Rollout& rollout);

// The stage's rollout that is RUNNING or ROLLING_BACK; null: none.
const v1::Rollout* Running(const Facts& facts, absl::string_view stage);
// The COMPLETE one with the highest number; null: none.
const v1::Rollout* NewestComplete(const Facts& facts, absl::string_view stage);

// [S2] The artifact of the cell's newest deployment whose artifact is not latched; empty: none.
std::string UnlatchedOn(const Facts& facts, absl::string_view stage, absl::string_view cell);

// Withdrawn, or a positive match of an enforced blocker, not lifted [K4].
bool IsKnownBad(const Facts& facts, const v1::Stage& stage, absl::string_view artifact);
// A positive match, lifted or not [K4].
bool IsListed(const Facts& facts, const v1::Stage& stage, absl::string_view artifact);

// [R4] Honoured, or overruled since; neither of them, and made by now.
bool IsOverruled(const v1::StageRecord& record, const v1::RollBackRequest& request);
bool Stands(const Facts& facts, const v1::StageRecord& record, const v1::RollBackRequest& request);

struct Candidates {
  std::string artifact;  // Empty: none.
  bool catch_up = false;
  std::vector<std::string> held_against_lists;  // Artifacts that known-bad lists were asked about.
  std::vector<v1::PassedOver> passed_over;
};
Candidates FindCandidates(const Facts& facts, const v1::Stage& stage);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_PLAN_H_
