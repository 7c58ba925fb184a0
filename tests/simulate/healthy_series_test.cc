#include "sluice/simulate/healthy_series.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/internal/checked_time.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

v1::Series RecordOf(const std::vector<double>& values, absl::Duration through) {
  v1::Series series;
  *series.mutable_start() = WriteTime(kStart);
  series.mutable_period()->set_seconds(60);
  *series.mutable_reported_through() = WriteTime(kStart + through);
  for (const double value : values) series.add_values(value);
  return series;
}

// The values, missing ones as -1.
std::vector<double> ValuesOf(const v1::Series& series) {
  std::vector<double> values;
  for (const double value : series.values()) values.push_back(std::isnan(value) ? -1 : value);
  return values;
}

TEST(HealthySeriesTest, GoesOnAfterTheReport) {
  // Two periods have values, a third was reported without one.
  v1::Series series = RecordOf({1, 2}, absl::Seconds(200));
  const HealthySeries healthy(series, 7);
  healthy.ReportAt(kStart + absl::Seconds(190), &series);
  EXPECT_THAT(ValuesOf(series), ElementsAre(1, 2, -1));
  EXPECT_EQ(ReadTime(series.reported_through()), kStart + absl::Seconds(200));
  healthy.ReportAt(kStart + absl::Seconds(239), &series);
  EXPECT_THAT(ValuesOf(series), ElementsAre(1, 2, -1));
  healthy.ReportAt(kStart + absl::Seconds(240), &series);
  EXPECT_THAT(ValuesOf(series), ElementsAre(1, 2, -1, 7));
  EXPECT_EQ(ReadTime(series.reported_through()), kStart + absl::Seconds(240));
  healthy.ReportAt(kStart + absl::Seconds(361), &series);
  EXPECT_THAT(ValuesOf(series), ElementsAre(1, 2, -1, 7, 7, 7));
  // And back.
  healthy.ReportAt(kStart + absl::Seconds(240), &series);
  EXPECT_THAT(ValuesOf(series), ElementsAre(1, 2, -1, 7));
}

TEST(HealthySeriesTest, ForgetsOnlyWhatItMadeUp) {
  v1::Series series = RecordOf({1, 2}, absl::Seconds(120));
  HealthySeries healthy(series, 7);
  const absl::Time later = kStart + absl::Minutes(10'000);
  healthy.ReportAt(later, &series);
  healthy.ForgetBefore(kStart + absl::Minutes(1000), &series);
  EXPECT_EQ(series.values_size(), 10'000);
  healthy.ForgetBefore(later - absl::Minutes(10), &series);
  EXPECT_EQ(series.values_size(), 10);
  EXPECT_EQ(ReadTime(series.start()), later - absl::Minutes(10));
  healthy.ReportAt(later + absl::Minutes(2), &series);
  EXPECT_EQ(series.values_size(), 12);
  EXPECT_EQ(series.values(11), 7);
}

TEST(HealthyCountsTest, GoesOnAtTheRateOfEachCell) {
  v1::CellCounts counts;
  *counts.mutable_start() = WriteTime(kStart);
  counts.mutable_period()->set_seconds(60);
  *counts.mutable_reported_through() = WriteTime(kStart + absl::Minutes(2));
  counts.add_cells("a");
  for (const int64_t requests : {1, 2}) counts.add_requests(requests);
  for (const int64_t errors : {0, 2}) counts.add_errors(errors);
  // At least 29 periods lie in half an hour: 290 requests need ten a period.
  CountsNeed need;
  need.bakes = {{290, absl::Minutes(30)}, {3, absl::ZeroDuration()}};
  HealthyCounts healthy(counts, {"a", "new"}, need);
  healthy.ReportAt(kStart + absl::Minutes(5), &counts);
  EXPECT_THAT(counts.cells(), ElementsAre("a", "new"));
  // One and a half a period; none were seen of the new cell.
  EXPECT_THAT(counts.requests(), ElementsAre(1, 2, 1, 2, 1, -1, -1, 10, 10, 10));
  EXPECT_THAT(counts.errors(), ElementsAre(0, 2, 0, 0, 0, -1, -1, 0, 0, 0));
  healthy.ReportAt(kStart + absl::Minutes(3), &counts);
  EXPECT_THAT(counts.requests(), ElementsAre(1, 2, 1, -1, -1, 10));
  healthy.ForgetBefore(kStart + absl::Minutes(5000));
  healthy.ReportAt(kStart + absl::Minutes(5001), &counts);
  EXPECT_EQ(counts.requests_size(), 2);
  EXPECT_EQ(ReadTime(counts.start()), kStart + absl::Minutes(5000));
}

}  // namespace
}  // namespace sluice
