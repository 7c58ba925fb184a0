#ifndef SLUICE_SIMULATE_ASKED_EVIDENCE_H_
#define SLUICE_SIMULATE_ASKED_EVIDENCE_H_

#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/decision.h"
#include "sluice/simulate/policy_leaves.h"
#include "sluice/simulate/signal_needs.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// What is found out once a decision asks for it, at once and with good news: checks pass, hygiene
// passes, measurements succeed. What has already failed stays so.
class AskedEvidence {
 public:
  // Both must outlive it.
  AskedEvidence(const PolicyLeaves& leaves, const SignalNeeds& needs)
      : leaves_(leaves), needs_(needs) {}

  // Adds to `*state` what the findings of `decision`, which is about it, ask for at `t`. False:
  // nothing, or only what was given at `t` before and did not help.
  bool Answer(const Decision& decision, absl::Time t, v1::PipelineState* state);

 private:
  bool AnswerFinding(const StageDecision& stage, const Finding& finding, absl::string_view artifact,
                     absl::Time t, v1::PipelineState* state);
  bool AnswerCheck(const StageDecision& stage, const CheckRequirement& check,
                   const Finding& finding, absl::string_view artifact, absl::Time t,
                   v1::PipelineState* state);
  bool AnswerHygiene(const StageDecision& stage, const Finding& finding, absl::Time t,
                     v1::PipelineState* state);
  bool AnswerMeasurement(const MeasurementCriterion& criterion, const Finding& finding,
                         absl::Time t, v1::PipelineState* state);
  void AddRun(const v1::Check& like, absl::Time t, v1::PipelineState* state);
  // False: that was asked for at `t` before.
  bool IsNew(const std::string& question, absl::Time t);

  const PolicyLeaves& leaves_;
  const SignalNeeds& needs_;
  int runs_ = 0;
  absl::Time asked_at_ = absl::InfinitePast();
  std::set<std::string> asked_;
};

}  // namespace sluice

#endif  // SLUICE_SIMULATE_ASKED_EVIDENCE_H_
