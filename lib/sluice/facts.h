#ifndef SLUICE_FACTS_H_
#define SLUICE_FACTS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "sluice/calendar/stretch.h"
#include "sluice/finding.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad.h"
#include "sluice/known_bad/component.h"
#include "sluice/metrics/series.h"
#include "sluice/v1/state.pb.h"

// The native form of a pipeline's state and the organisation's facts: validated, indexed, sorted,
// so that neither order nor duplicates of records are left. Text points into the messages, which
// must outlive it. A record that can't be used carries the reason in `fault`; ALL_CLEAR means it
// can.
namespace sluice {

struct ArtifactFacts {
  absl::string_view digest_text;
  Digest digest;
  uint64_t sequence = 0;
  absl::Time built_at = absl::InfinitePast();
  uint64_t rollback_floor = 0;
  std::vector<absl::string_view> authors;  // Sorted.
  bool has_components = false;
  std::vector<Component> components;  // Sorted, each once.
  bool withdrawn = false;
  Reason fault = v1::ALL_CLEAR;
};

struct CellFacts {
  absl::string_view id;
  absl::string_view stage;
  absl::string_view region;
  absl::string_view zone;
  uint32_t weight = 0;
  bool retired = false;
  Reason fault = v1::ALL_CLEAR;
};

// One run of a check. Runs are sorted by (artifact, check, started_at, run).
struct CheckRun {
  absl::string_view check;
  absl::string_view artifact;
  absl::string_view stage;
  absl::string_view cell;
  absl::string_view run;
  absl::Time started_at;
  absl::Time finished_at;  // InfiniteFuture while RUNNING.
  v1::Check::Outcome outcome = v1::Check::OUTCOME_UNSPECIFIED;
  const v1::Check* record = nullptr;  // For its numbers.
  Reason fault = v1::ALL_CLEAR;
};

// Names an alarm report or series: of one cell, one region, or everything (both empty).
struct SignalKey {
  absl::string_view id;
  absl::string_view cell;
  absl::string_view region;

  friend bool operator==(const SignalKey& a, const SignalKey& b) {
    return std::tie(a.id, a.cell, a.region) == std::tie(b.id, b.cell, b.region);
  }
  template <typename H>
  friend H AbslHashValue(H h, const SignalKey& key) {
    return H::combine(std::move(h), key.id, key.cell, key.region);
  }
};

struct AlarmFacts {
  v1::AlarmReport::State state = v1::AlarmReport::STATE_UNSPECIFIED;
  absl::Time since;
  absl::Time observed_at;
  absl::Time last_alarm_at = absl::InfinitePast();  // InfinitePast: none known.
  absl::Time history_from;
  Reason fault = v1::ALL_CLEAR;
};

struct SeriesFacts {
  SeriesView view;
  Reason fault = v1::ALL_CLEAR;
};

// Requests and errors of cells in columns; the periods of one cell are contiguous.
struct CountsFacts {
  absl::Time start;
  absl::Duration period;
  absl::Time reported_through;
  size_t periods = 0;
  absl::flat_hash_map<absl::string_view, size_t> cells;  // To the row.
  absl::Span<const int64_t> requests;
  absl::Span<const int64_t> errors;
  Reason fault = v1::ALL_CLEAR;
};

// What an artifact's error rate was before it was replaced.
struct BaselineFacts {
  absl::string_view artifact;
  int64_t requests = 0;
  int64_t errors = 0;
  absl::Time observed_at;
  Reason fault = v1::ALL_CLEAR;
};

// Sorted by (artifact, measurement, cell, measured_at, run).
struct MeasurementFacts {
  absl::string_view measurement;
  absl::string_view artifact;
  absl::string_view cell;
  absl::string_view run;
  absl::Time measured_at;
  v1::Measurement::Outcome outcome = v1::Measurement::OUTCOME_UNSPECIFIED;
  bool last = false;  // No more will follow.
  Reason fault = v1::ALL_CLEAR;
};

// Sorted by (artifact, stage, blocker, id).
struct ApprovalFacts {
  absl::string_view id;
  std::string finding_id;  // `@approval:` and the id.
  absl::string_view blocker;
  absl::string_view artifact;
  absl::string_view stage;
  absl::string_view principal;
  std::vector<absl::string_view> roles;
  absl::Time granted_at;
  absl::Time expires_at;  // The earlier of expiry and revocation; InfiniteFuture: neither.
  absl::string_view policy_fingerprint;
  Reason fault = v1::ALL_CLEAR;
};

// Sorted by (artifact, id).
struct OverrideFacts {
  absl::string_view id;
  std::string finding_id;  // `@override:` and the id.
  std::vector<absl::string_view> blockers;
  bool all_blockers = false;
  absl::string_view policy_fingerprint;
  absl::string_view artifact;
  std::vector<absl::string_view> stages;
  absl::string_view principal;
  std::vector<absl::string_view> roles;
  absl::Time granted_at;
  absl::Time expires_at;
  absl::Time ends_at;  // The earlier of expiry and revocation.
  std::vector<absl::string_view> keep_despite;
  Reason fault = v1::ALL_CLEAR;
};

// Sorted by id. In force on [placed_at, ends_at).
struct HoldFacts {
  absl::string_view id;
  std::string finding_id;  // `@hold:` and the id.
  v1::Hold::Scope scope = v1::Hold::SCOPE_UNSPECIFIED;
  absl::string_view pipeline;
  absl::string_view stage;
  absl::string_view cell;
  absl::string_view who;
  absl::Time placed_at;
  absl::Time ends_at;  // InfiniteFuture: until released.
  Reason fault = v1::ALL_CLEAR;
};

struct RollBackHoldFacts {
  absl::string_view id;
  std::string finding_id;  // `@roll_back_hold:` and the id.
  absl::string_view stage;
  absl::string_view who;
  absl::Time placed_at;
  absl::Time expires_at;
  absl::Time ends_at;
  Reason fault = v1::ALL_CLEAR;
};

struct SyntheticFacts {
  std::vector<absl::Time> finished_at;
  std::vector<uint8_t> succeeded;
  Reason fault = v1::ALL_CLEAR;
};

struct EnvironmentFacts {
  absl::Time observed_at;
  const v1::Environment* record = nullptr;  // For its aspects.
  Reason fault = v1::ALL_CLEAR;
};

struct TrafficFacts {
  absl::Time observed_at;
  const v1::TrafficSample* record = nullptr;
  Reason fault = v1::ALL_CLEAR;
};

// One deployment; times InfiniteFuture where unset.
struct DeploymentFacts {
  uint64_t number = 0;
  absl::string_view cell;
  absl::string_view artifact;
  v1::Deployment::Direction direction = v1::Deployment::DIRECTION_UNSPECIFIED;
  uint32_t attempt = 0;
  uint64_t rollout = 0;
  absl::Time started_at;
  absl::Time ended_at;
  v1::Deployment::Outcome outcome = v1::Deployment::OUTCOME_UNSPECIFIED;
  bool proven = false;    // Recorded, accepted, or adopted.
  bool accepted = false;  // By a person.
  Reason fault = v1::ALL_CLEAR;
};

struct WaveFacts {
  absl::string_view id;
  std::vector<absl::string_view> cells;
  std::vector<uint32_t> weights;
  bool proven = false;
};

struct RolloutFacts {
  uint64_t number = 0;
  absl::string_view artifact;
  v1::Rollout::State state = v1::Rollout::STATE_UNSPECIFIED;
  std::vector<WaveFacts> waves;
  absl::Time started_at;
  absl::Time completed_at;                         // InfiniteFuture: it never was.
  std::vector<absl::string_view> roll_back_cells;  // Sorted.
};

struct PassFacts {
  absl::string_view artifact;
  bool revoked = false;
  absl::Time revoked_at = absl::InfiniteFuture();  // InfiniteFuture too if that can't be read.
};

struct LatchFacts {
  absl::string_view artifact;
  bool released = false;
  uint64_t released_number = 0;
  absl::Time released_at = absl::InfinitePast();
};

// A person's request, in force on [requested_at, expires_at).
struct RequestFacts {
  absl::string_view artifact;
  absl::string_view wave;
  absl::string_view who;
  absl::Time requested_at;
  absl::Time expires_at;
};

struct RollBackRequestFacts {
  absl::string_view id;
  std::string finding_id;  // `@roll_back_request:` and the id.
  absl::string_view artifact;
  std::vector<absl::string_view> cells;  // Empty: all on or receiving the artifact.
  absl::Time requested_at;
  uint64_t honoured_by = 0;
};

struct RetryFacts {
  absl::string_view artifact;
  absl::string_view cell;
  uint32_t attempt = 0;
  uint64_t number = 0;
  absl::Time requested_at;
};

// Lists are sorted by number or, without one, by content.
struct StageFacts {
  absl::string_view id;
  std::vector<RolloutFacts> rollouts;
  std::vector<DeploymentFacts> deployments;  // Sorted by (cell, number).
  std::vector<absl::string_view> entries;    // Artifacts.
  std::vector<PassFacts> passes;
  std::vector<LatchFacts> latches;
  std::vector<RequestFacts> start_requests;
  std::vector<RequestFacts> preempt_requests;
  std::vector<RollBackRequestFacts> roll_back_requests;
  std::vector<RetryFacts> retry_requests;
  uint64_t sequence_floor = 0;  // No candidate has this sequence or a lower one.
};

// Intervals that windows of policies refer to by the calendar's id.
struct CalendarFacts {
  absl::Time observed_at;
  std::vector<Stretch> stretches;  // Joined.
};

struct OrganisationData {
  bool present = false;
  absl::string_view id;
  uint64_t epoch = 0;
  absl::Time observed_at;
  v1::EmergencyStop::State emergency = v1::EmergencyStop::STATE_UNSPECIFIED;
  absl::Time emergency_observed_at = absl::InfinitePast();
  std::vector<HoldFacts> holds;
  absl::flat_hash_map<SignalKey, AlarmFacts> alarms;
  absl::flat_hash_map<absl::string_view, CalendarFacts> calendars;
  Reason fault = v1::ALL_CLEAR;  // Of anything but one alarm.
};

struct SnapshotData {
  absl::string_view pipeline;
  uint64_t revision = 0;
  absl::Time written_at;

  // SCHEMA_TOO_NEW or STATE_WENT_BACK: no action at all.
  Reason refusal = v1::ALL_CLEAR;
  // Something that can't be pinned to a smaller scope: nothing moves forward.
  Reason fault = v1::ALL_CLEAR;
  std::string fault_subject;  // Which record, for people.

  std::vector<ArtifactFacts> artifacts;  // Sorted by (sequence, digest).
  absl::flat_hash_map<absl::string_view, const ArtifactFacts*> artifact_by_digest;
  std::vector<CellFacts> cells;  // Sorted by id.
  absl::flat_hash_map<absl::string_view, const CellFacts*> cell_by_id;
  std::vector<StageFacts> stages;  // Sorted by id.
  std::vector<CheckRun> checks;
  absl::flat_hash_map<SignalKey, AlarmFacts> alarms;
  absl::flat_hash_map<SignalKey, SeriesFacts> series;
  absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>, CountsFacts>
      counts;  // By (counts, stage).
  absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>, BaselineFacts>
      baselines;  // By (counts, stage).
  std::vector<MeasurementFacts> measurements;
  std::vector<ApprovalFacts> approvals;
  std::vector<OverrideFacts> overrides;
  std::vector<HoldFacts> holds;
  std::vector<RollBackHoldFacts> roll_back_holds;
  absl::flat_hash_map<absl::string_view, uint64_t> lists_seen;
  absl::flat_hash_map<std::pair<absl::string_view, absl::string_view>, SyntheticFacts>
      synthetic;                                                          // By (stage, api).
  absl::flat_hash_map<absl::string_view, EnvironmentFacts> environments;  // By stage.
  absl::flat_hash_map<absl::string_view, TrafficFacts> traffic;           // By stage.

  std::shared_ptr<const OrganisationData> organisation;  // Never null.
  std::vector<const KnownBadList*> known_bad;            // Sorted by id.

  // Null if there is none.
  const ArtifactFacts* Artifact(absl::string_view digest) const;
  const CellFacts* Cell(absl::string_view id) const;
  const StageFacts* Stage(absl::string_view id) const;
  const KnownBadList* List(absl::string_view id) const;
  // The runs of one check of one artifact, by (started_at, run).
  absl::Span<const CheckRun> Checks(absl::string_view artifact, absl::string_view check) const;
  // One measurement of one artifact on one cell, by (measured_at, run).
  absl::Span<const MeasurementFacts> Measurements(absl::string_view artifact,
                                                  absl::string_view measurement,
                                                  absl::string_view cell) const;
};

// What one blocker is asked about.
struct Subject {
  const SnapshotData& snapshot;
  absl::string_view policy_fingerprint;
  absl::Duration max_clock_skew;
  absl::string_view stage;
  const ArtifactFacts* artifact = nullptr;  // Null: there is none (NO_SUBJECT).

  // The instant from which an observation made at `observed_at` is no longer FROM_THE_FUTURE.
  absl::Time VisibleFrom(absl::Time observed_at) const { return observed_at - max_clock_skew; }
};

}  // namespace sluice

#endif  // SLUICE_FACTS_H_
