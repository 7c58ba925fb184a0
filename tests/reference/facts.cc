#include "tests/reference/facts.h"

#include <cstdint>
#include <limits>
#include <set>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"

namespace sluice {
namespace reference {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int64_t kFirstSecond = -62135596800;
constexpr int64_t kLastSecond = 253402300799;
constexpr int64_t kLongestSeconds = 315576000000;

std::vector<const FieldDescriptor*> Fields(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

}  // namespace

Judgement Clear() { return {v1::CLEAR, v1::ALL_CLEAR}; }
Judgement Blocking(v1::Reason reason) { return {v1::BLOCKING, reason}; }
Judgement Unknown(v1::Reason reason) { return {v1::UNKNOWN, reason}; }
Judgement Invalid(v1::Reason reason) { return {v1::INVALID, reason}; }

Judgement Worse(const Judgement& first, const Judgement& second) {
  for (v1::Verdict verdict : {v1::INVALID, v1::BLOCKING, v1::UNKNOWN}) {
    if (first.verdict == verdict) return first;
    if (second.verdict == verdict) return second;
  }
  return first;
}

bool IsValid(const google::protobuf::Timestamp& time) {
  return time.seconds() >= kFirstSecond && time.seconds() <= kLastSecond && time.nanos() >= 0 &&
         time.nanos() <= 999999999;
}

bool IsValid(const google::protobuf::Duration& duration) {
  return duration.seconds() >= -kLongestSeconds && duration.seconds() <= kLongestSeconds &&
         duration.nanos() >= -999999999 && duration.nanos() <= 999999999 &&
         !(duration.seconds() > 0 && duration.nanos() < 0) &&
         !(duration.seconds() < 0 && duration.nanos() > 0);
}

absl::Time ToTime(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

absl::Time Plus(absl::Time time, absl::Duration duration) {
  const absl::Time sum = time + duration;
  return sum < absl::FromUnixSeconds(kLastSecond + 1) ? sum : absl::InfiniteFuture();
}

absl::Duration Skew(const Facts& facts) { return ToDuration(facts.policy.max_clock_skew()); }

bool FromTheFuture(const Facts& facts, const google::protobuf::Timestamp& time) {
  return ToTime(time) - facts.now > Skew(facts);
}

bool IsStale(const Facts& facts, const google::protobuf::Timestamp& time,
             const google::protobuf::Duration& max_age) {
  return facts.now - ToTime(time) >= ToDuration(max_age);
}

bool IsIdentifier(absl::string_view text) {
  if (text.empty() || text.size() > 128) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (alphanumeric) continue;
    if (i == 0 || absl::string_view("._:/@+-").find(c) == absl::string_view::npos || c == '\0') {
      return false;
    }
  }
  return true;
}

bool IsDigest(absl::string_view text) {
  if (text.size() != 7 + 64 || text.substr(0, 7) != "sha256:") return false;
  for (const char c : text.substr(7)) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

bool HasUnknownFields(const Message& message) {
  const Reflection* reflection = message.GetReflection();
  if (!reflection->GetUnknownFields(message).empty()) return true;
  for (const FieldDescriptor* field : Fields(message)) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (HasUnknownFields(reflection->GetMessage(message, field))) return true;
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      if (HasUnknownFields(reflection->GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

// NaN is equal to NaN here, and the order of a map means nothing.
bool Same(const Message& left, const Message& right) {
  google::protobuf::util::MessageDifferencer differencer;
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  differencer.set_field_comparator(&comparator);
  return differencer.Compare(left, right);
}

void RemoveDuplicates(Message* message) {
  const Reflection* reflection = message->GetReflection();
  for (const FieldDescriptor* field : Fields(*message)) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      RemoveDuplicates(reflection->MutableMessage(message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
      RemoveDuplicates(reflection->MutableRepeatedMessage(message, field, i));
    }
    // An order, and a list with a count of its own.
    if (field->name() == "waves" || field->name() == "components") continue;
    for (int i = 0; i < reflection->FieldSize(*message, field); ++i) {
      for (int j = reflection->FieldSize(*message, field) - 1; j > i; --j) {
        if (!Same(reflection->GetRepeatedMessage(*message, field, i),
                  reflection->GetRepeatedMessage(*message, field, j))) {
          continue;
        }
        for (int k = j; k + 1 < reflection->FieldSize(*message, field); ++k) {
          reflection->SwapElements(message, field, k, k + 1);
        }
        reflection->RemoveLast(message, field);
      }
    }
  }
}

void Arrange(Message* message) {
  const Reflection* reflection = message->GetReflection();
  for (const FieldDescriptor* field : Fields(*message)) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      Arrange(reflection->MutableMessage(message, field));
      continue;
    }
    const int size = reflection->FieldSize(*message, field);
    for (int i = 0; i < size; ++i) Arrange(reflection->MutableRepeatedMessage(message, field, i));
    if (field->name() == "waves") continue;
    for (int i = 0; i < size; ++i) {
      for (int j = i; j > 0; --j) {
        const Message& left = reflection->GetRepeatedMessage(*message, field, j - 1);
        const Message& right = reflection->GetRepeatedMessage(*message, field, j);
        if (left.SerializeAsString() <= right.SerializeAsString()) break;
        reflection->SwapElements(message, field, j - 1, j);
      }
    }
  }
}

uint64_t CountRecords(const Message& message) {
  uint64_t count = 0;
  for (const FieldDescriptor* field : Fields(message)) {
    if (field->is_repeated() && !field->is_map()) {
      count += message.GetReflection()->FieldSize(message, field);
    }
  }
  return count;
}

const v1::StageRecord& Record(const Facts& facts, absl::string_view stage) {
  for (const v1::StageRecord& record : facts.state.stages()) {
    if (record.stage() == stage) return record;
  }
  return v1::StageRecord::default_instance();
}

const v1::Stage* FindStage(const Facts& facts, absl::string_view stage) {
  for (const v1::Stage& candidate : facts.policy.stages()) {
    if (candidate.id() == stage) return &candidate;
  }
  return nullptr;
}

const v1::Artifact* FindArtifact(const Facts& facts, absl::string_view digest) {
  for (const v1::Artifact& artifact : facts.state.artifacts()) {
    if (artifact.digest() == digest) return &artifact;
  }
  return nullptr;
}

const v1::Cell* FindCell(const Facts& facts, absl::string_view cell) {
  for (const v1::Cell& candidate : facts.state.cells()) {
    if (candidate.id() == cell) return &candidate;
  }
  return nullptr;
}

bool IsRetired(const Facts& facts, absl::string_view cell) {
  int retired = 0;
  for (const v1::Cell& record : facts.state.cells()) {
    if (record.id() != cell) continue;
    const bool whole = IsIdentifier(record.stage()) && record.weight() >= 1 &&
                       record.weight() <= 1000000 && !HasUnknownFields(record) &&
                       (record.region().empty() || IsIdentifier(record.region())) &&
                       (record.zone().empty() || IsIdentifier(record.zone()));
    if (!whole || !record.has_retired() || record.retired().who().empty() ||
        record.retired().why().empty() || !record.retired().has_at() ||
        !IsValid(record.retired().at())) {
      return false;
    }
    ++retired;
  }
  return retired == 1;
}

uint64_t Sequence(const Facts& facts, absl::string_view digest) {
  int records = 0;
  uint64_t sequence = 0;
  for (const v1::Artifact& artifact : facts.state.artifacts()) {
    if (artifact.digest() != digest) continue;
    ++records;
    sequence = artifact.sequence();
  }
  const bool unreadable = records > 1 || (records == 1 && sequence == 0);
  return unreadable ? std::numeric_limits<uint64_t>::max() : sequence;
}

}  // namespace reference
}  // namespace sluice
