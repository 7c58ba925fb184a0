#include "sluice/load/checks.h"

#include <cstdint>
#include <limits>

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

// Faults after a change to the run that has ended.
template <typename Change>
FaultTexts Ended(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_checks(0)); });
}

// The same of the one that is RUNNING.
template <typename Change>
FaultTexts Running(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_checks(1)); });
}

TEST(ChecksTest, ReadsEveryField) {
  const v1::PipelineState state = ValidState();
  SnapshotData data;
  LoadChecks(state, data);
  ASSERT_EQ(data.checks.size(), 2u);
  const CheckRun& run = data.checks[0];
  EXPECT_EQ(run.check, "unit");
  EXPECT_EQ(run.artifact, DigestOf('a'));
  EXPECT_EQ(run.stage, "test");
  EXPECT_EQ(run.cell, "t1");
  EXPECT_EQ(run.run, "1");
  EXPECT_EQ(run.started_at, absl::FromUnixSeconds(300));
  EXPECT_EQ(run.finished_at, absl::FromUnixSeconds(310));
  EXPECT_EQ(run.outcome, v1::Check::PASSED);
  EXPECT_EQ(run.record, &state.checks(0));
  EXPECT_EQ(data.checks[1].finished_at, absl::InfiniteFuture());
  EXPECT_EQ(data.checks[1].outcome, v1::Check::RUNNING);
}

TEST(ChecksTest, SortedByArtifactCheckStartAndRun) {
  v1::PipelineState state = ValidState();
  *state.add_checks() = state.checks(1);
  state.mutable_checks(2)->set_run("0");
  *state.add_checks() = state.checks(1);
  state.mutable_checks(3)->set_check("build");
  SnapshotData data;
  LoadChecks(state, data);
  ASSERT_EQ(data.checks.size(), 4u);
  EXPECT_EQ(data.checks[0].check, "build");
  EXPECT_EQ(data.checks[1].run, "1");
  EXPECT_EQ(data.checks[2].run, "0");
  EXPECT_EQ(data.checks[3].run, "2");
}

TEST(ChecksTest, AnInvalidRunCarriesTheFault) {
  EXPECT_THAT(Ended([](auto& c) { c.clear_run(); }), ElementsAre("INVALID_DATA check unit "));
  EXPECT_THAT(Ended([](auto& c) { c.clear_started_at(); }),
              ElementsAre("INVALID_DATA check unit 1"));
  EXPECT_THAT(Ended([](auto& c) { c.clear_finished_at(); }),
              ElementsAre("INVALID_DATA check unit 1"));
  EXPECT_THAT(Ended([](auto& c) { c.clear_outcome(); }), ElementsAre("INVALID_DATA check unit 1"));
  EXPECT_THAT(Ended([](auto& c) { c.set_outcome(static_cast<v1::Check::Outcome>(5)); }),
              ElementsAre("INVALID_DATA check unit 1"));
}

TEST(ChecksTest, AnInvalidRunIsNeitherPassedNorFailed) {
  v1::PipelineState state = ValidState();
  state.mutable_checks(0)->clear_started_at();
  SnapshotData data;
  LoadChecks(state, data);
  ASSERT_EQ(data.checks.size(), 2u);
  // It counts as the newest.
  EXPECT_EQ(data.checks[1].run, "1");
  EXPECT_EQ(data.checks[1].started_at, absl::InfiniteFuture());
  EXPECT_EQ(data.checks[1].outcome, v1::Check::OUTCOME_UNSPECIFIED);
}

TEST(ChecksTest, ItEndsNoEarlierThanItStarts) {
  EXPECT_THAT(Ended([](auto& c) { *c.mutable_finished_at() = c.started_at(); }), IsEmpty());
  EXPECT_THAT(Ended([](auto& c) {
                c.mutable_finished_at()->set_seconds(299);
                c.mutable_finished_at()->set_nanos(999'999'999);
              }),
              ElementsAre("INVALID_DATA check unit 1"));
}

TEST(ChecksTest, ItEndsNoEarlierThanTheArtifactWasBuilt) {
  const auto built_at = [](int64_t seconds, int nanos) {
    return FaultsAfter([&](v1::PipelineState& state) {
      state.mutable_artifacts(0)->mutable_built_at()->set_seconds(seconds);
      state.mutable_artifacts(0)->mutable_built_at()->set_nanos(nanos);
    });
  };
  EXPECT_THAT(built_at(310, 0), IsEmpty());
  EXPECT_THAT(built_at(310, 1), ElementsAre("INVALID_DATA check unit 1"));
}

TEST(ChecksTest, ARunningOneHasNoEnd) {
  EXPECT_THAT(Running([](auto& c) { c.mutable_finished_at()->set_seconds(400); }),
              ElementsAre("INVALID_DATA check unit 2"));
}

TEST(ChecksTest, NumbersAreFinite) {
  for (const double number :
       {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_THAT(Ended([&](auto& c) { (*c.mutable_numbers())["x"] = number; }),
                ElementsAre("INVALID_DATA check unit 1"));
  }
  EXPECT_THAT(Ended([](auto& c) { (*c.mutable_numbers())[""] = 1; }),
              ElementsAre("INVALID_DATA check unit 1"));
}

TEST(ChecksTest, WhatItIsAboutMustBeReadable) {
  EXPECT_THAT(Ended([](auto& c) { c.clear_check(); }),
              ElementsAre("INVALID_DATA check  1", "INVALID_DATA pipeline checks[]"));
  EXPECT_THAT(Ended([](auto& c) { c.clear_artifact(); }),
              ElementsAre("INVALID_DATA check unit 1", "INVALID_DATA pipeline checks[unit]"));
  EXPECT_THAT(Ended([](auto& c) { c.set_stage("a b"); }),
              ElementsAre("INVALID_DATA check unit 1", "INVALID_DATA pipeline checks[unit]"));
  EXPECT_THAT(Ended([](auto& c) { c.set_cell("a b"); }),
              ElementsAre("INVALID_DATA check unit 1", "INVALID_DATA pipeline checks[unit]"));
}

TEST(ChecksTest, ContradictingRunsAreAllKept) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& state) {
                *state.add_checks() = state.checks(0);
                state.mutable_checks(2)->set_stage("prod");
              }),
              ElementsAre("DUPLICATE_ID check unit 1", "DUPLICATE_ID check unit 1"));
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& state) { *state.add_checks() = state.checks(0); }),
              IsEmpty());
}

TEST(ChecksTest, TheSameRunIdOfAnotherCheckIsAnotherRun) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& state) {
                *state.add_checks() = state.checks(0);
                state.mutable_checks(2)->set_check("lint");
              }),
              IsEmpty());
}

}  // namespace
}  // namespace sluice
