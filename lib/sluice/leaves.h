#ifndef SLUICE_LEAVES_H_
#define SLUICE_LEAVES_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/blockers/judgement.h"
#include "sluice/finding.h"
#include "sluice/rollout/stage_context.h"

namespace sluice {

// Ids of the built-in rules. No identifier of a policy begins with `@`.
inline constexpr absl::string_view kStateId = "@state";
inline constexpr absl::string_view kClockId = "@clock";
inline constexpr absl::string_view kOrganisationId = "@organisation";
inline constexpr absl::string_view kEmergencyStopId = "@emergency_stop";
inline constexpr absl::string_view kUpstreamId = "@upstream";
inline constexpr absl::string_view kArtifactId = "@artifact";
inline constexpr absl::string_view kCellId = "@cell";
inline constexpr absl::string_view kCapId = "@cap";
inline constexpr absl::string_view kPlanId = "@plan";
inline constexpr absl::string_view kStartId = "@start";
inline constexpr absl::string_view kPreemptId = "@preempt";
inline constexpr absl::string_view kDeploymentId = "@deployment";
inline constexpr absl::string_view kBakeId = "@bake";
inline constexpr absl::string_view kBakeDeadlineId = "@bake_deadline";
inline constexpr absl::string_view kWatchId = "@watch";
inline constexpr absl::string_view kRollBackId = "@roll_back";
inline constexpr absl::string_view kRollBackGapId = "@roll_back_gap";
inline constexpr absl::string_view kStageId = "@stage";

// Ids of waves that no policy lists.
inline constexpr absl::string_view kUnprovenWave = "@unproven";
inline constexpr absl::string_view kAddedWave = "@added";
inline constexpr absl::string_view kCatchUpWave = "@catch_up";

// A finding from a judgement; it holds unless CLEAR.
Finding MakeFinding(absl::string_view id, Judgement judgement);

// What a time window asks beside the instant.
struct WindowQuestion {
  absl::Duration expected_duration;  // What the rollout still needs.
  bool wave_started = false;         // The wave asked about has a started cell [T5].
};

// The finding of `blocker` about the subject: judged, observed or lifted [O3].
Finding JudgeBlocker(const StageContext& context, const Blocker& blocker,
                     const ArtifactFacts* artifact, const WindowQuestion& question = {});

// Adds the leaves of the whole stage that no policy configures: state, clock, organisation,
// emergency stop, holds.
void AddGuards(const StageContext& context);

// Adds a finding for every override about `artifact` that names the stage but lifts nothing.
void AddOverrideFaults(const StageContext& context, const ArtifactFacts* artifact);

// Whether a positive known-bad match, or its withdrawal, stands against the artifact un-lifted by
// an enforced blocker of the stage. Adds the findings it looked at, unless they are there.
Reason KnownBadReason(const StageContext& context, const ArtifactFacts& artifact);

}  // namespace sluice

#endif  // SLUICE_LEAVES_H_
