#ifndef SLUICE_TESTS_BLOCKERS_EXPECTATIONS_H_
#define SLUICE_TESTS_BLOCKERS_EXPECTATIONS_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"

// What the tests of blocker kinds share.
namespace sluice {

// The instant that tests count from, a whole minute.
inline absl::Time Zero() { return absl::FromUnixSeconds(1'800'000'000); }

inline constexpr absl::Duration kSkew = absl::Seconds(60);
inline constexpr absl::Duration kNanosecond = absl::Nanoseconds(1);

inline constexpr char kArtifact[] =
    "sha256:0000000000000000000000000000000000000000000000000000000000000001";
inline constexpr char kOtherArtifact[] =
    "sha256:0000000000000000000000000000000000000000000000000000000000000002";
inline constexpr char kPolicy[] =
    "sha256:00000000000000000000000000000000000000000000000000000000000000aa";

// One pipeline in which everything is about stage `prod` and kArtifact.
struct World {
  World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Subject subject() const { return {snapshot, kPolicy, kSkew, "prod", &artifact}; }
  Subject no_subject() const { return {snapshot, kPolicy, kSkew, "prod", nullptr}; }

  SnapshotData snapshot;
  ArtifactFacts artifact;
};

// A verdict and its reason from `at`, counted from Zero(), on.
struct Step {
  absl::Duration at;
  Verdict verdict = Verdict::kUnknown;
  Reason reason = v1::NO_DATA;

  friend bool operator==(const Step& a, const Step& b) {
    return a.at == b.at && a.verdict == b.verdict && a.reason == b.reason;
  }
  friend std::ostream& operator<<(std::ostream& out, const Step& step);
};

inline Step Clear(absl::Duration at) { return {at, Verdict::kClear, v1::ALL_CLEAR}; }
inline Step Unknown(absl::Duration at, Reason reason) { return {at, Verdict::kUnknown, reason}; }
inline Step Invalid(absl::Duration at, Reason reason) { return {at, Verdict::kInvalid, reason}; }
inline Step Blocking(absl::Duration at, Reason reason) { return {at, Verdict::kBlocking, reason}; }

// Every step of `check` from Zero() + `from` on, found by following `changes_at` alone. Fails the
// test where `changes_at` is not exact: where verdict and reason are others a nanosecond before it,
// or at some instants between, or the same at it.
std::vector<Step> StepsOf(absl::FunctionRef<Judgement(absl::Time)> check, absl::Duration from);

// `path KIND` of each fault, in order.
std::vector<std::string> FaultsIn(const FieldErrors& errors);

template <typename Proto>
Proto FromText(absl::string_view text) {
  Proto proto;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &proto)) << text;
  return proto;
}

}  // namespace sluice

#endif  // SLUICE_TESTS_BLOCKERS_EXPECTATIONS_H_
