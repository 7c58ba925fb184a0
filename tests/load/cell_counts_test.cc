#include "sluice/load/cell_counts.h"

#include <cstdint>
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
FaultTexts Counts(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_counts(0)); });
}

constexpr char kInvalid[] = "INVALID_DATA counts requests/prod";

CountsFacts Load(const v1::PipelineState& state) {
  SnapshotData data;
  LoadCellCounts(state, data);
  return data.counts.at(std::make_pair(absl::string_view("requests"), absl::string_view("prod")));
}

TEST(CellCountsTest, PointsIntoTheMessage) {
  const v1::PipelineState state = ValidState();
  const CountsFacts counts = Load(state);
  EXPECT_EQ(counts.fault, v1::ALL_CLEAR);
  EXPECT_EQ(counts.start, absl::FromUnixSeconds(600));
  EXPECT_EQ(counts.period, absl::Minutes(1));
  EXPECT_EQ(counts.reported_through, absl::FromUnixSeconds(720));
  EXPECT_EQ(counts.periods, 2u);
  EXPECT_EQ(counts.cells.at("eu"), 0u);
  EXPECT_EQ(counts.cells.at("us"), 1u);
  EXPECT_EQ(counts.requests.data(), state.counts(0).requests().data());
  EXPECT_EQ(counts.errors.data(), state.counts(0).errors().data());
  EXPECT_EQ(counts.errors.size(), 4u);
}

TEST(CellCountsTest, InvalidCountsCarryTheFault) {
  EXPECT_THAT(Counts([](auto& c) { c.clear_start(); }), ElementsAre(kInvalid));
  EXPECT_THAT(Counts([](auto& c) { c.clear_period(); }), ElementsAre(kInvalid));
  EXPECT_THAT(Counts([](auto& c) { c.mutable_period()->set_seconds(15); }), ElementsAre(kInvalid));
  EXPECT_THAT(Counts([](auto& c) { c.mutable_start()->set_seconds(601); }), ElementsAre(kInvalid));
  EXPECT_THAT(Counts([](auto& c) { c.clear_reported_through(); }), ElementsAre(kInvalid));
  EXPECT_THAT(Counts([](auto& c) { c.clear_cells(); }), ElementsAre(kInvalid));
  EXPECT_THAT(Counts([](auto& c) { c.set_cells(0, "us"); }), ElementsAre(kInvalid));
  EXPECT_THAT(Counts([](auto& c) { c.set_cells(0, "a b"); }), ElementsAre(kInvalid));
}

TEST(CellCountsTest, ColumnsFit) {
  EXPECT_THAT(Counts([](auto& c) { c.add_requests(1); }), ElementsAre(kInvalid));
  EXPECT_THAT(Counts([](auto& c) {
                c.add_requests(1);
                c.add_errors(1);
              }),
              ElementsAre(kInvalid));
  EXPECT_THAT(Counts([](auto& c) {
                c.clear_requests();
                c.clear_errors();
              }),
              IsEmpty());
}

TEST(CellCountsTest, RangeOfACount) {
  const auto first = [](int64_t requests, int64_t errors) {
    return Counts([&](v1::CellCounts& c) {
      c.set_requests(0, requests);
      c.set_errors(0, errors);
    });
  };
  const int64_t most = int64_t{1} << 34;
  EXPECT_THAT(first(most, most), IsEmpty());
  EXPECT_THAT(first(most + 1, 0), ElementsAre(kInvalid));
  EXPECT_THAT(first(-1, most), IsEmpty());
  EXPECT_THAT(first(-1, most + 1), ElementsAre(kInvalid));
  EXPECT_THAT(first(-1, -1), IsEmpty());
  EXPECT_THAT(first(-2, -1), ElementsAre(kInvalid));
  EXPECT_THAT(first(0, -2), ElementsAre(kInvalid));
  EXPECT_THAT(first(7, 7), IsEmpty());
  EXPECT_THAT(first(7, 8), ElementsAre(kInvalid));
  EXPECT_THAT(first(0, -1), IsEmpty());
}

TEST(CellCountsTest, ColumnsEndByWhatWasReported) {
  EXPECT_THAT(Counts([](auto& c) { c.mutable_reported_through()->set_seconds(661); }), IsEmpty());
  EXPECT_THAT(Counts([](auto& c) { c.mutable_reported_through()->set_seconds(660); }),
              ElementsAre(kInvalid));
}

TEST(CellCountsTest, InvalidCountsHaveNoPeriods) {
  v1::PipelineState state = ValidState();
  state.mutable_counts(0)->set_errors(0, 11);
  const CountsFacts counts = Load(state);
  EXPECT_EQ(counts.periods, 0u);
  EXPECT_TRUE(counts.cells.empty());
  EXPECT_TRUE(counts.requests.empty());
  EXPECT_TRUE(counts.errors.empty());
}

TEST(CellCountsTest, Limits) {
  const auto with = [](int values) {
    return Counts([&](v1::CellCounts& c) {
      c.mutable_requests()->Resize(values, 1);
      c.mutable_errors()->Resize(values, 0);
      for (int i = 0; i < values; ++i) {
        c.set_requests(i, 1);
        c.set_errors(i, 0);
      }
      c.mutable_reported_through()->set_seconds(600 + 60 * int64_t{values});
    });
  };
  EXPECT_THAT(with(kMaxValues), IsEmpty());
  EXPECT_THAT(with(kMaxValues + 2), ElementsAre("LIMIT_EXCEEDED counts requests/prod"));
  EXPECT_THAT(Counts([](auto& c) { c.mutable_errors()->Resize(kMaxValues + 1, 0); }),
              ElementsAre(kInvalid));
}

TEST(CellCountsTest, PeriodsEndByTheEndOfTime) {
  constexpr int64_t kLastSecond = 253402300799;
  EXPECT_THAT(Counts([](auto& c) {
                c.mutable_start()->set_seconds(kLastSecond - 600);
                c.mutable_reported_through()->set_seconds(kLastSecond);
                c.mutable_period()->set_seconds(86400);
              }),
              ElementsAre(kInvalid));
}

TEST(CellCountsTest, WithoutAKeyTheyConcernThePipeline) {
  EXPECT_THAT(Counts([](auto& c) { c.clear_counts(); }),
              ElementsAre("INVALID_DATA pipeline counts[]"));
  EXPECT_THAT(Counts([](auto& c) { c.clear_stage(); }),
              ElementsAre("INVALID_DATA pipeline counts[requests]"));
}

TEST(CellCountsTest, KeysAreUnique) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) { *s.add_counts() = s.counts(0); }), IsEmpty());
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_counts() = s.counts(0);
                s.mutable_counts(1)->set_requests(0, 11);
              }),
              ElementsAre("DUPLICATE_ID counts requests/prod"));
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_counts() = s.counts(0);
                s.mutable_counts(1)->set_stage("test");
              }),
              IsEmpty());
}

}  // namespace
}  // namespace sluice
