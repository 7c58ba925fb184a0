#include "sluice/load/measurements.h"

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/faults_after.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename Change>
FaultTexts Measurement(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_measurements(0)); });
}

constexpr char kInvalid[] = "INVALID_DATA measurement probe 1";

TEST(MeasurementsTest, ReadsEveryField) {
  const v1::PipelineState state = ValidState();
  SnapshotData data;
  LoadMeasurements(state, data);
  ASSERT_EQ(data.measurements.size(), 1u);
  const MeasurementFacts& facts = data.measurements[0];
  EXPECT_EQ(facts.fault, v1::ALL_CLEAR);
  EXPECT_EQ(facts.measurement, "probe");
  EXPECT_EQ(facts.artifact, DigestOf('b'));
  EXPECT_EQ(facts.cell, "eu");
  EXPECT_EQ(facts.run, "1");
  EXPECT_EQ(facts.measured_at, absl::FromUnixSeconds(4000));
  EXPECT_EQ(facts.outcome, v1::Measurement::INCONCLUSIVE);
  EXPECT_TRUE(facts.last);
}

TEST(MeasurementsTest, AreFoundInTheOrderInWhichTheyWereMade) {
  v1::PipelineState state = ValidState();
  for (const char* run : {"3", "2", "0"}) {
    *state.add_measurements() = state.measurements(0);
    state.mutable_measurements(state.measurements_size() - 1)->set_run(run);
  }
  state.mutable_measurements(1)->mutable_measured_at()->set_seconds(3999);
  *state.add_measurements() = state.measurements(0);
  state.mutable_measurements(4)->set_cell("us");
  SnapshotData data;
  LoadMeasurements(state, data);
  std::vector<absl::string_view> runs;
  for (const MeasurementFacts& facts : data.Measurements(DigestOf('b'), "probe", "eu")) {
    runs.push_back(facts.run);
  }
  EXPECT_THAT(runs, ElementsAre("3", "0", "1", "2"));
  EXPECT_TRUE(data.Measurements(DigestOf('a'), "probe", "eu").empty());
  EXPECT_TRUE(data.Measurements(DigestOf('b'), "prob", "eu").empty());
  EXPECT_TRUE(data.Measurements(DigestOf('b'), "probe", "ap").empty());
}

TEST(MeasurementsTest, InvalidOnesCarryTheFaultAndSayNothing) {
  EXPECT_THAT(Measurement([](auto& m) { m.clear_measured_at(); }), ElementsAre(kInvalid));
  EXPECT_THAT(Measurement([](auto& m) { m.clear_outcome(); }), ElementsAre(kInvalid));
  EXPECT_THAT(Measurement([](auto& m) { m.clear_last(); }), IsEmpty());
  v1::PipelineState state = ValidState();
  state.mutable_measurements(0)->clear_run();
  SnapshotData data;
  LoadMeasurements(state, data);
  EXPECT_EQ(data.measurements[0].fault, v1::INVALID_DATA);
  EXPECT_EQ(data.measurements[0].outcome, v1::Measurement::OUTCOME_UNSPECIFIED);
  EXPECT_FALSE(data.measurements[0].last);
}

TEST(MeasurementsTest, WithoutAKeyItConcernsThePipeline) {
  EXPECT_THAT(Measurement([](auto& m) { m.clear_measurement(); }),
              ElementsAre("INVALID_DATA measurement  1", "INVALID_DATA pipeline measurements[]"));
  EXPECT_THAT(Measurement([](auto& m) { m.clear_artifact(); }),
              ElementsAre(kInvalid, "INVALID_DATA pipeline measurements[probe]"));
  EXPECT_THAT(Measurement([](auto& m) { m.set_cell("a b"); }),
              ElementsAre(kInvalid, "INVALID_DATA pipeline measurements[probe]"));
}

TEST(MeasurementsTest, TwoThatDifferContradictEachOther) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& state) {
                *state.add_measurements() = state.measurements(0);
              }),
              IsEmpty());
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& state) {
                *state.add_measurements() = state.measurements(0);
                state.mutable_measurements(1)->set_outcome(v1::Measurement::SUCCEEDED);
              }),
              ElementsAre("DUPLICATE_ID measurement probe 1", "DUPLICATE_ID measurement probe 1"));
}

}  // namespace
}  // namespace sluice
