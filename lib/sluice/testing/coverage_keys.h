#ifndef SLUICE_TESTING_COVERAGE_KEYS_H_
#define SLUICE_TESTING_COVERAGE_KEYS_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/v1/decision.pb.h"

// Names of what a decision can show of a policy: those that enumerate and those that look write
// them alike. Identifiers have no `|`.
namespace sluice {

// A finding of the stage with this id; of one wave, unless `wave` is empty.
inline std::string FindingKey(absl::string_view stage, absl::string_view wave, absl::string_view id,
                              v1::Verdict verdict, v1::Reason reason) {
  return absl::StrCat("finding|", stage, "|", wave, "|", id, "|", v1::Verdict_Name(verdict), "|",
                      v1::Reason_Name(reason));
}

// A finding that overrides lifted, or would lift if there were more of them.
inline std::string LiftedKey(absl::string_view stage, absl::string_view id) {
  return absl::StrCat("lifted|", stage, "|", id);
}
inline std::string TooFewOverridesKey(absl::string_view stage, absl::string_view id) {
  return absl::StrCat("too-few-overrides|", stage, "|", id);
}

// An override of the blocker, or one that would keep despite the trigger, that counts for nothing.
inline std::string RefusedOverrideKey(absl::string_view stage, absl::string_view id,
                                      v1::Reason reason) {
  return absl::StrCat("refused-override|", stage, "|", id, "|", v1::Reason_Name(reason));
}

// A window that was closed and did not hold a wave that had been started.
inline std::string FinishedWaveKey(absl::string_view stage, absl::string_view id) {
  return absl::StrCat("finished-wave|", stage, "|", id);
}

inline std::string ActionKey(absl::string_view stage, v1::StageDecision::Action action) {
  return absl::StrCat("action|", stage, "|", v1::StageDecision::Action_Name(action));
}

// A forward action for the wave.
inline std::string WaveKey(absl::string_view stage, absl::string_view wave) {
  return absl::StrCat("wave|", stage, "|", wave);
}

// A record that should be written; of one wave, unless `wave` is empty.
inline std::string WantedKey(absl::string_view stage, absl::string_view wave,
                             v1::WantedRecord::Kind kind) {
  return absl::StrCat("wanted|", stage, "|", wave, "|", v1::WantedRecord::Kind_Name(kind));
}

inline std::string PassedOverKey(absl::string_view stage, v1::Reason reason) {
  return absl::StrCat("passed-over|", stage, "|", v1::Reason_Name(reason));
}

// Cells that there was no room for.
inline std::string NoRoomKey(absl::string_view stage) { return absl::StrCat("no-room|", stage); }

// A roll back of an artifact whose rollout was complete.
inline std::string RollBackOfCompleteKey(absl::string_view stage) {
  return absl::StrCat("roll-back-of-complete|", stage);
}

// A candidate that ends another artifact's rollout.
inline std::string PreemptKey(absl::string_view stage) { return absl::StrCat("preempt|", stage); }

}  // namespace sluice

#endif  // SLUICE_TESTING_COVERAGE_KEYS_H_
