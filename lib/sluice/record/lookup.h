#ifndef SLUICE_RECORD_LOOKUP_H_
#define SLUICE_RECORD_LOOKUP_H_

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/unknown_fields.h"
#include "sluice/record/content.h"
#include "sluice/v1/state.pb.h"

// Finding and replacing records of a state by their key. Exact duplicates count as one record; two
// records of one key that differ, or one that can't be read, are FailedPrecondition.
namespace sluice {

// The record for which `match` holds; null: there is none.
template <typename Record, typename Match>
absl::StatusOr<const Record*> FindRecord(const google::protobuf::RepeatedPtrField<Record>& records,
                                         const Match& match) {
  const Record* found = nullptr;
  for (const Record& record : records) {
    if (!match(record)) continue;
    if (HasUnknownFields(record)) {
      return absl::FailedPreconditionError("a record of the state has unknown fields");
    }
    if (found != nullptr && Content(record) != Content(*found)) {
      return absl::FailedPreconditionError("two records of the state contradict each other");
    }
    found = &record;
  }
  return found;
}

// As above; a record must also be free of what `check` finds in it.
template <typename Record, typename Match>
absl::StatusOr<const Record*> FindValidRecord(
    const google::protobuf::RepeatedPtrField<Record>& records, const Match& match,
    void (*check)(const FieldPath& path, const Record& record, FieldErrors& errors)) {
  absl::StatusOr<const Record*> found = FindRecord(records, match);
  if (!found.ok() || *found == nullptr) return found;
  FieldErrors errors;
  check(FieldPath(), **found, errors);
  if (!errors.empty()) {
    return absl::FailedPreconditionError("a record of the state is malformed");
  }
  return found;
}

// ResourceExhausted if a list of `size` elements can't take another.
inline absl::Status CheckRoom(int size) {
  if (size < kMaxRecords) return absl::OkStatus();
  return absl::ResourceExhaustedError("a list of the state is full");
}

// Drops the elements for which `drop` holds and keeps the order of the others. Linear.
template <typename Record, typename Drop>
void RemoveRecords(google::protobuf::RepeatedPtrField<Record>* records, const Drop& drop) {
  int kept = 0;
  for (int i = 0; i < records->size(); ++i) {
    if (drop(records->Get(i))) continue;
    if (i != kept) records->SwapElements(i, kept);
    ++kept;
  }
  records->DeleteSubrange(kept, records->size() - kept);
}

// Puts `record` in the place of those for which `match` holds, or at the end. ResourceExhausted,
// and nothing is changed, if there is no room.
template <typename Record, typename Match>
absl::Status PutRecord(Record record, google::protobuf::RepeatedPtrField<Record>* records,
                       const Match& match) {
  const auto first = std::find_if(records->begin(), records->end(), match);
  if (first == records->end()) {
    if (absl::Status status = CheckRoom(records->size()); !status.ok()) return status;
    *records->Add() = std::move(record);
    return absl::OkStatus();
  }
  *first = std::move(record);
  const Record* put = &*first;
  RemoveRecords(records, [&](const Record& r) { return &r != put && match(r); });
  return absl::OkStatus();
}

// The artifact; FailedPrecondition if it is not recorded.
absl::StatusOr<const v1::Artifact*> FindArtifact(const v1::PipelineState& state,
                                                 absl::string_view digest);

// The cell; FailedPrecondition if it is not recorded.
absl::StatusOr<const v1::Cell*> FindCell(const v1::PipelineState& state, absl::string_view id);

// The cell; FailedPrecondition unless it is in that stage and not retired.
absl::StatusOr<const v1::Cell*> FindCellInStage(const v1::PipelineState& state,
                                                absl::string_view stage, absl::string_view id);

// The cells of the stage by id; null for one that can't be used.
absl::flat_hash_map<absl::string_view, const v1::Cell*> CellsOf(const v1::PipelineState& state,
                                                                absl::string_view stage);

// Whether anybody took the artifact back, as far as can be read.
bool IsWithdrawn(const v1::PipelineState& state, absl::string_view artifact);

}  // namespace sluice

#endif  // SLUICE_RECORD_LOOKUP_H_
