#include "sluice/load/observations.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/faults_after.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Change>
FaultTexts Synthetic(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_synthetic_runs(0)); });
}

template <typename Change>
FaultTexts Environment(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_environments(0)); });
}

template <typename Change>
FaultTexts Traffic(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_traffic_samples(0)); });
}

constexpr char kInvalidSynthetic[] = "INVALID_DATA synthetic test/checkout";
constexpr char kInvalidEnvironment[] = "INVALID_DATA environment test";
constexpr char kInvalidTraffic[] = "INVALID_DATA traffic test";

TEST(ObservationsTest, ReadsEveryField) {
  const v1::PipelineState state = ValidState();
  SnapshotData data;
  LoadObservations(state, data);
  const SyntheticFacts& synthetic =
      data.synthetic.at(std::make_pair(absl::string_view("test"), absl::string_view("checkout")));
  EXPECT_THAT(synthetic.finished_at, ElementsAre(absl::FromUnixSeconds(1), absl::FromUnixSeconds(2),
                                                 absl::FromUnixSeconds(2)));
  EXPECT_THAT(synthetic.succeeded, ElementsAre(1, 0, 1));
  EXPECT_EQ(data.environments.at("test").observed_at, absl::FromUnixSeconds(900));
  EXPECT_EQ(data.environments.at("test").record, &state.environments(0));
  EXPECT_EQ(data.traffic.at("test").observed_at, absl::FromUnixSeconds(900));
  EXPECT_EQ(data.traffic.at("test").record, &state.traffic_samples(0));
}

TEST(ObservationsTest, SyntheticRunsAscend) {
  EXPECT_THAT(Synthetic([](auto& r) { r.set_finished_at_ms(0, 2000); }), IsEmpty());
  EXPECT_THAT(Synthetic([](auto& r) { r.set_finished_at_ms(0, 2001); }),
              ElementsAre(kInvalidSynthetic));
  EXPECT_THAT(Synthetic([](auto& r) { r.add_succeeded(true); }), ElementsAre(kInvalidSynthetic));
  EXPECT_THAT(Synthetic([](auto& r) { r.add_finished_at_ms(3000); }),
              ElementsAre(kInvalidSynthetic));
}

TEST(ObservationsTest, Limits) {
  const auto with = [](int runs) {
    return Synthetic([&](v1::SyntheticRuns& r) {
      r.mutable_finished_at_ms()->Resize(runs, 3000);
      r.mutable_succeeded()->Resize(runs, true);
    });
  };
  EXPECT_THAT(with(kMaxValues), IsEmpty());
  EXPECT_THAT(with(kMaxValues + 1), ElementsAre("LIMIT_EXCEEDED synthetic test/checkout"));
}

TEST(ObservationsTest, SyntheticRunsLieInCivilYears) {
  const int64_t end = 253402300800000;  // The first millisecond of the year 10000.
  EXPECT_THAT(Synthetic([&](auto& r) { r.set_finished_at_ms(2, end - 1); }), IsEmpty());
  EXPECT_THAT(Synthetic([&](auto& r) { r.set_finished_at_ms(2, end); }),
              ElementsAre(kInvalidSynthetic));
  EXPECT_THAT(
      Synthetic([](auto& r) { r.set_finished_at_ms(2, std::numeric_limits<int64_t>::max()); }),
      ElementsAre(kInvalidSynthetic));
  EXPECT_THAT(
      Synthetic([](auto& r) { r.set_finished_at_ms(0, std::numeric_limits<int64_t>::min()); }),
      ElementsAre(kInvalidSynthetic));
}

TEST(ObservationsTest, SyntheticRunsHaveAKey) {
  EXPECT_THAT(Synthetic([](auto& r) { r.clear_stage(); }),
              ElementsAre("INVALID_DATA pipeline synthetic_runs[]"));
  EXPECT_THAT(Synthetic([](auto& r) { r.clear_api(); }),
              ElementsAre("INVALID_DATA pipeline synthetic_runs[test]"));
}

TEST(ObservationsTest, InvalidSyntheticRunsAreNone) {
  v1::PipelineState state = ValidState();
  state.mutable_synthetic_runs(0)->set_finished_at_ms(0, 2001);
  SnapshotData data;
  LoadObservations(state, data);
  EXPECT_TRUE(data.synthetic.begin()->second.finished_at.empty());
  EXPECT_TRUE(data.synthetic.begin()->second.succeeded.empty());
}

TEST(ObservationsTest, Environments) {
  EXPECT_THAT(Environment([](auto& e) { e.clear_stage(); }),
              ElementsAre("INVALID_DATA pipeline environments"));
  EXPECT_THAT(Environment([](auto& e) { e.clear_observed_at(); }),
              ElementsAre(kInvalidEnvironment));
  EXPECT_THAT(Environment([](auto& e) { (*e.mutable_aspects())[""] = "x"; }),
              ElementsAre(kInvalidEnvironment));
  EXPECT_THAT(Environment([](auto& e) { (*e.mutable_aspects())["x"] = ""; }),
              ElementsAre(kInvalidEnvironment));
  EXPECT_THAT(
      Environment([](auto& e) { (*e.mutable_aspects())["x"] = std::string(64 * 1024 + 1, 'x'); }),
      ElementsAre("LIMIT_EXCEEDED environment test"));
}

TEST(ObservationsTest, Traffic) {
  EXPECT_THAT(Traffic([](auto& t) { t.clear_stage(); }),
              ElementsAre("INVALID_DATA pipeline traffic_samples"));
  EXPECT_THAT(Traffic([](auto& t) { t.clear_observed_at(); }), ElementsAre(kInvalidTraffic));
  EXPECT_THAT(Traffic([](auto& t) { t.add_requests(1); }), ElementsAre(kInvalidTraffic));
  EXPECT_THAT(Traffic([](auto& t) { t.set_principals(0, "probe"); }), ElementsAre(kInvalidTraffic));
  EXPECT_THAT(Traffic([](auto& t) { t.set_principals(0, ""); }), ElementsAre(kInvalidTraffic));
  EXPECT_THAT(Traffic([](auto& t) { t.set_requests(0, -1); }), ElementsAre(kInvalidTraffic));
  EXPECT_THAT(Traffic([](auto& t) { t.set_requests(0, int64_t{1} << 34); }), IsEmpty());
  EXPECT_THAT(Traffic([](auto& t) { t.set_requests(0, (int64_t{1} << 34) + 1); }),
              ElementsAre(kInvalidTraffic));
}

TEST(ObservationsTest, KeysAreUnique) {
  const auto twice = [](bool differing) {
    return FaultsAfter([&](v1::PipelineState& s) {
      *s.add_synthetic_runs() = s.synthetic_runs(0);
      *s.add_environments() = s.environments(0);
      *s.add_traffic_samples() = s.traffic_samples(0);
      if (!differing) return;
      s.mutable_synthetic_runs(1)->set_succeeded(0, false);
      (*s.mutable_environments(1)->mutable_aspects())["kernel"] = "6.2";
      s.mutable_traffic_samples(1)->set_requests(0, 7);
    });
  };
  EXPECT_THAT(twice(false), IsEmpty());
  EXPECT_THAT(twice(true),
              ElementsAre("DUPLICATE_ID environment test", "DUPLICATE_ID synthetic test/checkout",
                          "DUPLICATE_ID traffic test"));
}

}  // namespace
}  // namespace sluice
