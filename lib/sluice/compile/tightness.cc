#include "sluice/compile/tightness.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/message.h"
#include "sluice/internal/canonical.h"
#include "sluice/internal/checked_time.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Which way a field is tightened.
enum class Way {
  kEqual,       // Not at all.
  kFree,        // It permits nothing.
  kSmaller,     // Unset: no limit.
  kLarger,      // Unset: zero.
  kMore,        // A repeated field: elements may be added.
  kFewer,       // A repeated field: elements may be left out.
  kToOne,       // To the enumerator number 1.
  kToTwo,       // To the enumerator number 2.
  kToTrue,      // A flag.
  kFromAny,     // Of a oneof: where the baseline says it, the policy may say anything.
  kDeepTighter  // A message whose fields are compared one by one.
};

Way WayOf(const FieldDescriptor& field) {
  static const auto* const kWays = new absl::flat_hash_map<std::string, Way>({
      {"sluice.v1.Blocker.description", Way::kFree},
      {"sluice.v1.Blocker.enforcement", Way::kToOne},
      {"sluice.v1.Blocker.override_policy", Way::kDeepTighter},
      {"sluice.v1.Blocker.not_overridable", Way::kToTrue},
      {"sluice.v1.Blocker.metric_alarm", Way::kDeepTighter},
      {"sluice.v1.Blocker.time_window", Way::kDeepTighter},
      {"sluice.v1.Blocker.known_bad", Way::kDeepTighter},
      {"sluice.v1.Blocker.check", Way::kDeepTighter},
      {"sluice.v1.Blocker.synthetic_traffic", Way::kDeepTighter},
      {"sluice.v1.Blocker.environment_parity", Way::kDeepTighter},
      {"sluice.v1.Blocker.traffic_isolation", Way::kDeepTighter},
      {"sluice.v1.Blocker.approval", Way::kDeepTighter},
      {"sluice.v1.OverridePolicy.roles", Way::kFewer},
      {"sluice.v1.OverridePolicy.quorum", Way::kLarger},
      {"sluice.v1.OverridePolicy.max_validity", Way::kSmaller},
      {"sluice.v1.OverridePolicy.author", Way::kToOne},
      {"sluice.v1.MetricAlarm.max_age", Way::kSmaller},
      {"sluice.v1.MetricAlarm.clear_for", Way::kLarger},
      {"sluice.v1.TimeWindow.allow_always", Way::kFromAny},
      {"sluice.v1.TimeWindow.allow", Way::kDeepTighter},
      {"sluice.v1.WindowList.windows", Way::kFewer},
      {"sluice.v1.TimeWindow.deny", Way::kMore},
      {"sluice.v1.TimeWindow.no_min_remaining", Way::kFromAny},
      {"sluice.v1.TimeWindow.min_remaining", Way::kLarger},
      {"sluice.v1.TimeWindow.in_flight", Way::kToTwo},
      {"sluice.v1.KnownBad.lists", Way::kMore},
      {"sluice.v1.KnownBad.max_age", Way::kSmaller},
      {"sluice.v1.KnownBad.min_entries", Way::kLarger},
      {"sluice.v1.KnownBad.components", Way::kToOne},
      {"sluice.v1.CheckRequirement.binds_to", Way::kToTwo},
      {"sluice.v1.CheckRequirement.max_age", Way::kSmaller},
      {"sluice.v1.CheckRequirement.bounds", Way::kMore},
      {"sluice.v1.CheckRequirement.consecutive_passes", Way::kLarger},
      {"sluice.v1.SyntheticTraffic.apis", Way::kMore},
      {"sluice.v1.SyntheticTraffic.min_success_ppm", Way::kLarger},
      {"sluice.v1.SyntheticTraffic.min_runs", Way::kLarger},
      {"sluice.v1.SyntheticTraffic.max_gap", Way::kSmaller},
      {"sluice.v1.EnvironmentParity.aspects", Way::kMore},
      {"sluice.v1.EnvironmentParity.stages", Way::kMore},
      {"sluice.v1.EnvironmentParity.max_age", Way::kSmaller},
      {"sluice.v1.TrafficIsolation.principals", Way::kFewer},
      {"sluice.v1.TrafficIsolation.max_other_ppm", Way::kSmaller},
      {"sluice.v1.TrafficIsolation.min_requests", Way::kLarger},
      {"sluice.v1.TrafficIsolation.max_age", Way::kSmaller},
      {"sluice.v1.ApprovalRequirement.quorum", Way::kLarger},
      {"sluice.v1.ApprovalRequirement.roles", Way::kFewer},
      {"sluice.v1.ApprovalRequirement.max_age", Way::kSmaller},
      {"sluice.v1.ApprovalRequirement.bind_policy", Way::kToTrue},
      {"sluice.v1.ApprovalRequirement.author", Way::kToOne},
  });
  const auto way = kWays->find(field.full_name());
  return way == kWays->end() ? Way::kEqual : way->second;
}

bool IsSet(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) return reflection.FieldSize(message, &field) > 0;
  return reflection.HasField(message, &field);
}

absl::Duration LengthOf(const Message& message, const FieldDescriptor& field) {
  google::protobuf::Duration length;
  length.CopyFrom(message.GetReflection()->GetMessage(message, &field));
  return ReadDuration(length).value_or(absl::ZeroDuration());
}

uint64_t CountOf(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  return field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64
             ? reflection.GetUInt64(message, &field)
             : reflection.GetUInt32(message, &field);
}

// Whether the values are in order, `a` the smaller or equal.
bool InOrder(const Message& a, const Message& b, const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return LengthOf(a, field) <= LengthOf(b, field);
  }
  return CountOf(a, field) <= CountOf(b, field);
}

// The elements of a repeated field of messages or strings, each as bytes, sorted.
std::vector<std::string> ElementsOf(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<std::string> elements;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    elements.push_back(field.cpp_type() == FieldDescriptor::CPPTYPE_STRING
                           ? reflection.GetRepeatedString(message, &field, i)
                           : DeterministicBytes(reflection.GetRepeatedMessage(message, &field, i)));
  }
  std::sort(elements.begin(), elements.end());
  return elements;
}

bool Includes(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

// Whether the two messages say the same in one field.
bool AreEqual(const Message& a, const Message& b, const FieldDescriptor& field) {
  if (IsSet(a, field) != IsSet(b, field)) return false;
  const auto only = [&](const Message& message) {
    std::unique_ptr<Message> copy(message.New());
    copy->CopyFrom(message);
    std::vector<const FieldDescriptor*> set;
    copy->GetReflection()->ListFields(*copy, &set);
    for (const FieldDescriptor* other : set) {
      if (other != &field) copy->GetReflection()->ClearField(copy.get(), other);
    }
    return DeterministicBytes(*copy);
  };
  return only(a) == only(b);
}

// Compares two messages of a type, field by field.
class Comparison {
 public:
  explicit Comparison(FieldErrors& errors) : errors_(errors) {}

  void Compare(const Message& own, const FieldPath& own_path, const Message& baseline,
               const FieldPath& baseline_path) {
    const google::protobuf::Descriptor& type = *own.GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (IsFreed(baseline, field)) continue;
      CompareField(own, own_path, baseline, baseline_path, field);
    }
  }

 private:
  // Whether the baseline leaves the oneof that the field belongs to open.
  static bool IsFreed(const Message& baseline, const FieldDescriptor& field) {
    const auto* oneof = field.real_containing_oneof();
    if (oneof == nullptr) return false;
    const FieldDescriptor* chosen =
        baseline.GetReflection()->GetOneofFieldDescriptor(baseline, oneof);
    return chosen != nullptr && WayOf(*chosen) == Way::kFromAny;
  }

  void CompareField(const Message& own, const FieldPath& own_path, const Message& baseline,
                    const FieldPath& baseline_path, const FieldDescriptor& field) {
    if (!IsSet(own, field) && !IsSet(baseline, field)) return;
    const Way way = WayOf(field);
    if (way == Way::kDeepTighter && IsSet(own, field) && IsSet(baseline, field)) {
      Compare(own.GetReflection()->GetMessage(own, &field), own_path.Field(field.name()),
              baseline.GetReflection()->GetMessage(baseline, &field),
              baseline_path.Field(field.name()));
      return;
    }
    if (IsTightEnough(own, baseline, field, way)) return;
    errors_.Add(
        own_path.Field(field.name()), v1::Fault::INVALID_VALUE,
        absl::StrCat("permits more than `", baseline_path.Field(field.name()).ToString(), "`"));
  }

  static bool IsTightEnough(const Message& own, const Message& baseline,
                            const FieldDescriptor& field, Way way) {
    if (AreEqual(own, baseline, field)) return true;
    const auto number = [&](const Message& message) {
      return message.GetReflection()->GetEnumValue(message, &field);
    };
    switch (way) {
      case Way::kEqual:
      case Way::kDeepTighter:
      case Way::kFromAny:
        return false;
      case Way::kFree:
        return true;
      case Way::kSmaller:
        return !IsSet(baseline, field) || (IsSet(own, field) && InOrder(own, baseline, field));
      case Way::kLarger:
        return !IsSet(baseline, field) || (IsSet(own, field) && InOrder(baseline, own, field));
      case Way::kMore:
        return Includes(ElementsOf(own, field), ElementsOf(baseline, field));
      case Way::kFewer:
        return IsSet(own, field) && Includes(ElementsOf(baseline, field), ElementsOf(own, field));
      case Way::kToOne:
        return number(own) == 1;
      case Way::kToTwo:
        return number(own) == 2;
      case Way::kToTrue:
        return own.GetReflection()->GetBool(own, &field);
    }
    return false;
  }

  FieldErrors& errors_;
};

}  // namespace

void RequireAtLeastAsTight(const v1::Blocker& own, const FieldPath& own_path,
                           const v1::Blocker& baseline, const FieldPath& baseline_path,
                           FieldErrors& errors) {
  Comparison(errors).Compare(own, own_path, baseline, baseline_path);
}

}  // namespace sluice
