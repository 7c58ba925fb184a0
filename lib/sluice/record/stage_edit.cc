#include "sluice/record/stage_edit.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/unknown_fields.h"
#include "sluice/record/content.h"
#include "sluice/record/lookup.h"
#include "sluice/record/stage_checks.h"

namespace sluice {
namespace {

template <typename Record>
using Check = void (*)(const FieldPath& path, const Record& record, FieldErrors& errors);

bool IsActive(const v1::Rollout& rollout) {
  return rollout.state() == v1::Rollout::RUNNING || rollout.state() == v1::Rollout::ROLLING_BACK;
}

template <typename Record, typename Touched>
bool AllReadable(const google::protobuf::RepeatedPtrField<Record>& records, const Touched& touched,
                 Check<Record> check) {
  FieldErrors errors;
  for (const Record& record : records) {
    if (!touched(record)) continue;
    if (HasUnknownFields(record)) return false;
    check(FieldPath(), record, errors);
    if (!errors.empty()) return false;
  }
  return true;
}

// Drops exact duplicates of numbered records. False if two that are touched have one number, or one
// has a number that no revision up to now gave.
template <typename Record, typename Touched>
bool MakeUnique(const Touched& touched, uint64_t revision,
                google::protobuf::RepeatedPtrField<Record>* records) {
  std::vector<const Record*> sorted;
  for (const Record& record : *records) sorted.push_back(&record);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Record* a, const Record* b) { return a->number() < b->number(); });
  absl::flat_hash_set<const Record*> duplicates;
  bool unique = true;
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i]->number() > revision && touched(*sorted[i])) unique = false;
    if (i == 0 || sorted[i - 1]->number() != sorted[i]->number()) continue;
    if (Content(*sorted[i - 1]) == Content(*sorted[i])) {
      duplicates.insert(sorted[i]);
    } else if (touched(*sorted[i - 1]) || touched(*sorted[i])) {
      unique = false;
    }
  }
  if (!unique || duplicates.empty()) return unique;
  RemoveRecords(records, [&](const Record& record) { return duplicates.contains(&record); });
  return true;
}

// Makes numbered records unique and says whether all that `scope` touches can be used.
bool Clean(const StageScope& scope, uint64_t revision, v1::StageRecord* record) {
  const auto of_cell = [&](const auto& r) { return !scope.cell.empty() && r.cell() == scope.cell; };
  const auto of_artifact = [&](const auto& r) {
    return scope.every_artifact || r.artifact() == scope.artifact;
  };
  if (scope.every_artifact && !record->GetReflection()->GetUnknownFields(*record).empty()) {
    return false;
  }
  if (!MakeUnique(of_artifact, revision, record->mutable_rollouts()) ||
      !MakeUnique(of_cell, revision, record->mutable_deployments())) {
    return false;
  }
  if (scope.every_artifact &&
      std::count_if(record->rollouts().begin(), record->rollouts().end(), IsActive) > 1) {
    return false;
  }
  return AllReadable<v1::Rollout>(record->rollouts(), of_artifact, CheckRollout) &&
         AllReadable<v1::Deployment>(record->deployments(), of_cell, CheckDeployment) &&
         AllReadable<v1::Entry>(record->entries(), of_artifact, CheckEntry) &&
         AllReadable<v1::Pass>(record->passes(), of_artifact, CheckPass) &&
         AllReadable<v1::Latch>(record->latches(), of_artifact, CheckLatch) &&
         AllReadable<v1::StartRequest>(record->start_requests(), of_artifact, CheckStartRequest) &&
         AllReadable<v1::PreemptRequest>(record->preempt_requests(), of_artifact,
                                         CheckPreemptRequest) &&
         AllReadable<v1::RollBackRequest>(record->roll_back_requests(), of_artifact,
                                          CheckRollBackRequest) &&
         AllReadable<v1::RetryRequest>(record->retry_requests(), of_artifact, CheckRetryRequest);
}

template <typename Record, typename Match>
Record* Newest(google::protobuf::RepeatedPtrField<Record>* records, const Match& match) {
  Record* newest = nullptr;
  for (Record& record : *records) {
    if (!match(record)) continue;
    if (newest == nullptr || record.number() > newest->number()) newest = &record;
  }
  return newest;
}

// A release that can't be read does not count.
bool IsReleased(const v1::Latch& latch) {
  FieldErrors errors;
  CheckLatch(FieldPath(), latch, errors);
  return latch.has_released() && errors.empty() && !HasUnknownFields(latch);
}

absl::Status CheckLengths(const v1::StageRecord& record) {
  for (const int size : {record.rollouts_size(), record.deployments_size(), record.entries_size(),
                         record.passes_size(), record.latches_size(), record.start_requests_size(),
                         record.preempt_requests_size(), record.roll_back_requests_size(),
                         record.retry_requests_size()}) {
    if (absl::Status status = CheckRoom(size - 1); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StageEdit> StageEdit::Open(const v1::PipelineState& state, absl::string_view stage,
                                          const StageScope& scope) {
  const v1::StageRecord* found = nullptr;
  for (const v1::StageRecord& record : state.stages()) {
    if (record.stage() != stage) continue;
    if (found != nullptr && Content(record) != Content(*found)) {
      return absl::FailedPreconditionError("the stage has two records that differ");
    }
    found = &record;
  }
  v1::StageRecord copy;
  if (found != nullptr) copy = *found;
  copy.set_stage(std::string(stage));
  if (!Clean(scope, state.revision(), &copy)) {
    return absl::FailedPreconditionError("a record of the stage is malformed");
  }
  return StageEdit(std::move(copy));
}

v1::Rollout* StageEdit::ActiveRollout() { return Newest(record_.mutable_rollouts(), IsActive); }

v1::Rollout* StageEdit::NewestRollout(absl::string_view artifact) {
  return Newest(record_.mutable_rollouts(),
                [&](const v1::Rollout& r) { return r.artifact() == artifact; });
}

v1::Deployment* StageEdit::NewestDeployment(absl::string_view cell) {
  return Newest(record_.mutable_deployments(),
                [&](const v1::Deployment& d) { return d.cell() == cell; });
}

v1::Deployment* StageEdit::NewestForward(absl::string_view cell, absl::string_view artifact) {
  return Newest(record_.mutable_deployments(), [&](const v1::Deployment& d) {
    return d.cell() == cell && d.artifact() == artifact && d.direction() == v1::Deployment::FORWARD;
  });
}

uint32_t StageEdit::NextAttempt(absl::string_view cell, absl::string_view artifact,
                                v1::Deployment::Direction direction) const {
  return 1 + static_cast<uint32_t>(
                 std::count_if(record_.deployments().begin(), record_.deployments().end(),
                               [&](const v1::Deployment& d) {
                                 return d.cell() == cell && d.artifact() == artifact &&
                                        d.direction() == direction && !IsUnderWay(d);
                               }));
}

bool StageEdit::IsLatched(absl::string_view artifact) const {
  return std::any_of(record_.latches().begin(), record_.latches().end(), [&](const v1::Latch& l) {
    return l.artifact() == artifact && !IsReleased(l);
  });
}

bool StageEdit::HasEntered(absl::string_view artifact) const {
  return std::any_of(record_.entries().begin(), record_.entries().end(),
                     [&](const v1::Entry& e) { return e.artifact() == artifact; });
}

bool StageEdit::HasUnrevokedPass(absl::string_view artifact) const {
  return std::any_of(record_.passes().begin(), record_.passes().end(), [&](const v1::Pass& p) {
    return p.artifact() == artifact && !p.has_revoked_at();
  });
}

void StageEdit::Latch(absl::string_view artifact, const google::protobuf::Timestamp& at) {
  for (v1::Pass& pass : *record_.mutable_passes()) {
    if (pass.artifact() == artifact && !pass.has_revoked_at()) *pass.mutable_revoked_at() = at;
  }
  if (IsLatched(artifact)) return;
  v1::Latch* latch = record_.add_latches();
  latch->set_artifact(std::string(artifact));
  *latch->mutable_at() = at;
}

absl::Status StageEdit::Commit(v1::PipelineState* state) {
  if (absl::Status status = CheckLengths(record_); !status.ok()) return status;
  const std::string stage = record_.stage();
  return PutRecord(std::move(record_), state->mutable_stages(),
                   [&](const v1::StageRecord& r) { return r.stage() == stage; });
}

bool IsProven(const v1::Deployment& deployment) {
  return deployment.has_proven() || deployment.has_accepted() ||
         deployment.direction() == v1::Deployment::ADOPTED;
}

const google::protobuf::Timestamp& LaterOf(const google::protobuf::Timestamp& a,
                                           const google::protobuf::Timestamp& b) {
  const absl::optional<absl::Time> a_time = ReadTime(a);
  const absl::optional<absl::Time> b_time = ReadTime(b);
  if (!b_time.has_value()) return a;
  if (!a_time.has_value() || *a_time < *b_time) return b;
  return a;
}

void EndRollout(v1::Rollout::State state, const google::protobuf::Timestamp& at,
                v1::Rollout* rollout) {
  rollout->set_state(state);
  *rollout->mutable_ended_at() = LaterOf(at, rollout->started_at());
}

}  // namespace sluice
