// What every part of the reference model reads: one case, copied, and the words in which it
// answers.
#ifndef TESTS_REFERENCE_FACTS_H_
#define TESTS_REFERENCE_FACTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"
#include "sluice/v1/decision.pb.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace reference {

// The inputs of one decision, exact duplicates removed [I8]. Nothing is indexed.
// [R2] A weight above it counts as it.
constexpr uint32_t kLargestWeight = 1000000;

struct Facts {
  v1::PipelinePolicy policy;
  std::string policy_fingerprint;
  v1::PipelineState state;
  absl::optional<v1::OrganisationFacts> organisation;
  std::vector<v1::KnownBadList> lists;
  absl::Time now;
  // `record_count` said something else than there was, before duplicates were removed [I4].
  bool state_cut = false;
  bool organisation_cut = false;
  v1::Reason state_fault = v1::ALL_CLEAR;         // [I1] to [I4]
  v1::Reason organisation_fault = v1::ALL_CLEAR;  // The same.
  // Of deployments, by cell, and of stages' records, noted before claims were withdrawn [I2].
  std::map<std::string, v1::Reason> deployment_faults;
  v1::Reason records_fault = v1::ALL_CLEAR;
};

// What a leaf says.
struct Judgement {
  v1::Verdict verdict = v1::INVALID;
  v1::Reason reason = v1::INVALID_DATA;

  bool clear() const { return verdict == v1::CLEAR; }
};

Judgement Clear();
Judgement Blocking(v1::Reason reason);
Judgement Unknown(v1::Reason reason);
Judgement Invalid(v1::Reason reason);

// The worse of two: INVALID, BLOCKING, UNKNOWN, CLEAR; of equals the first.
Judgement Worse(const Judgement& first, const Judgement& second);

// [I5] Years 1 to 9999, nanos within a second.
bool IsValid(const google::protobuf::Timestamp& time);
// One sign, within protobuf's range.
bool IsValid(const google::protobuf::Duration& duration);
// Of valid ones only.
absl::Time ToTime(const google::protobuf::Timestamp& time);
absl::Duration ToDuration(const google::protobuf::Duration& duration);
// [G5a] The sum, or the infinite future beyond the year 9999.
absl::Time Plus(absl::Time time, absl::Duration duration);

absl::Duration Skew(const Facts& facts);
// [I7] Later than now by more than the skew.
bool FromTheFuture(const Facts& facts, const google::protobuf::Timestamp& time);
// [G5a] At least `max_age` old.
bool IsStale(const Facts& facts, const google::protobuf::Timestamp& time,
             const google::protobuf::Duration& max_age);

// [I9]
bool IsIdentifier(absl::string_view text);
bool IsDigest(absl::string_view text);

// [I3] At any depth.
bool HasUnknownFields(const google::protobuf::Message& message);
// Removes exact duplicates from every repeated message field, at any depth [I8].
void RemoveDuplicates(google::protobuf::Message* message);
// Sorts every repeated message field but waves by content, the inner ones first: the order in which
// [I8] calls one record the first and another one the last.
void Arrange(google::protobuf::Message* message);
// Elements of all repeated fields of the message itself, maps apart [I4].
uint64_t CountRecords(const google::protobuf::Message& message);
bool Same(const google::protobuf::Message& left, const google::protobuf::Message& right);

template <typename Container, typename Value>
bool Contains(const Container& container, const Value& value) {
  for (const auto& element : container) {
    if (element == value) return true;
  }
  return false;
}

// The one record that `is_it` is true for. CLEAR: there it is. INVALID: what is wrong with it; of
// several only the first, by content, is looked at, and that there are others is wrong too [I8].
// UNKNOWN (NO_DATA): there is none.
template <typename Record, typename IsIt>
Judgement FindOne(const google::protobuf::RepeatedPtrField<Record>& records, const IsIt& is_it,
                  v1::Reason (*fault_of)(const Record&), const Record** one) {
  *one = nullptr;
  v1::Reason fault = v1::ALL_CLEAR;
  for (const Record& record : records) {
    if (!is_it(record)) continue;
    if (*one == nullptr) {
      *one = &record;
      fault = fault_of(record);
    } else if (fault == v1::ALL_CLEAR || fault > v1::DUPLICATE_ID) {
      fault = v1::DUPLICATE_ID;
    }
  }
  if (*one == nullptr) return Unknown(v1::NO_DATA);
  return fault == v1::ALL_CLEAR ? Clear() : Invalid(fault);
}

// The stage's record; an empty one if the state has none.
const v1::StageRecord& Record(const Facts& facts, absl::string_view stage);
// Null: the policy has no such stage.
const v1::Stage* FindStage(const Facts& facts, absl::string_view stage);
// Null: no record.
const v1::Artifact* FindArtifact(const Facts& facts, absl::string_view digest);
const v1::Cell* FindCell(const Facts& facts, absl::string_view cell);
// The cell is there no longer, and its only record, a whole one, says who retired it, why and when.
bool IsRetired(const Facts& facts, absl::string_view cell);
// The artifact's sequence: the largest number where it can't be read, or two records differ [I2], 0
// where there is no record.
uint64_t Sequence(const Facts& facts, absl::string_view digest);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_FACTS_H_
