#include "sluice/metrics/ratio_series.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/metrics/series.h"

namespace sluice {
namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

absl::Time Start() { return absl::FromUnixSeconds(1699999980); }

absl::Time Minute(int64_t minutes) { return Start() + minutes * kMinute; }

SeriesView View(const std::vector<double>& values, int64_t first = 0) {
  return {Minute(first), kMinute, values, Minute(first + static_cast<int64_t>(values.size()))};
}

// The ratio's points, NaN shown as -1.
std::vector<double> Points(const RatioSeries& ratio) {
  std::vector<double> points;
  for (const double value : ratio.values) points.push_back(std::isnan(value) ? -1 : value);
  return points;
}

TEST(RatioPoints, DividesPeriodByPeriod) {
  const std::vector<double> errors = {0, 1, 5, 10};
  const std::vector<double> requests = {10, 10, 10, 10};
  RatioSeries ratio;
  ASSERT_EQ(RatioPoints(View(errors), View(requests), 1, &ratio), RatioProblem::kNone);
  EXPECT_EQ(Points(ratio), (std::vector<double>{0, 0.1, 0.5, 1}));
  EXPECT_EQ(ratio.start, Start());
  EXPECT_EQ(ratio.period, kMinute);
  EXPECT_EQ(ratio.reported_through, Minute(4));
  EXPECT_EQ(Validate(ratio.View()), SeriesProblem::kNone);
}

TEST(RatioPoints, IsMissingWhereEitherIsOrRequestsAreTooFew) {
  const std::vector<double> errors = {kNaN, 1, 0, 1, 1, kNaN};
  const std::vector<double> requests = {10, kNaN, 0, 9, 10, kNaN};
  RatioSeries ratio;
  ASSERT_EQ(RatioPoints(View(errors), View(requests), 10, &ratio), RatioProblem::kNone);
  EXPECT_EQ(Points(ratio), (std::vector<double>{-1, -1, -1, -1, 0.1, -1}));
  ASSERT_EQ(RatioPoints(View(errors), View(requests), 1, &ratio), RatioProblem::kNone);
  EXPECT_EQ(Points(ratio), (std::vector<double>{-1, -1, -1, 1.0 / 9, 0.1, -1}));
}

TEST(RatioPoints, CoversWhatBothCover) {
  const std::vector<double> errors = {1, 2, 3, 4};
  const std::vector<double> requests = {10, 10, 10};
  RatioSeries ratio;
  ASSERT_EQ(RatioPoints(View(errors), View(requests, 2), 1, &ratio), RatioProblem::kNone);
  EXPECT_EQ(ratio.start, Minute(2));
  EXPECT_EQ(ratio.reported_through, Minute(4));
  EXPECT_EQ(Points(ratio), (std::vector<double>{0.3, 0.4}));
  EXPECT_EQ(Validate(ratio.View()), SeriesProblem::kNone);
  // They do not meet.
  ASSERT_EQ(RatioPoints(View(errors), View(requests, 9), 1, &ratio), RatioProblem::kNone);
  EXPECT_EQ(ratio.start, Minute(9));
  EXPECT_EQ(ratio.reported_through, Minute(4));
  EXPECT_TRUE(ratio.values.empty());
  EXPECT_EQ(Validate(ratio.View()), SeriesProblem::kNone);
}

TEST(RatioPoints, DropsValuesBeyondTheShorterReport) {
  const std::vector<double> errors = {1, 2, 3};
  const std::vector<double> requests = {10, 10, 10};
  SeriesView shorter = View(requests);
  shorter.reported_through = Minute(2) + absl::Nanoseconds(1);  // Into the third period.
  RatioSeries ratio;
  ASSERT_EQ(RatioPoints(View(errors), shorter, 1, &ratio), RatioProblem::kNone);
  EXPECT_EQ(ratio.values.size(), 3);
  EXPECT_EQ(Validate(ratio.View()), SeriesProblem::kNone);
  SeriesView without_values = View({});
  without_values.reported_through = Minute(3);
  ASSERT_EQ(RatioPoints(View(errors), without_values, 1, &ratio), RatioProblem::kNone);
  EXPECT_TRUE(ratio.values.empty());
  EXPECT_EQ(ratio.reported_through, Minute(3));
}

TEST(RatioPoints, SeriesFail) {
  const std::vector<double> values = {1, 1};
  SeriesView bad = View(values);
  bad.period = absl::Seconds(1);
  RatioSeries ratio;
  EXPECT_EQ(RatioPoints(bad, View(values), 1, &ratio), RatioProblem::kErrors);
  EXPECT_EQ(RatioPoints(View(values), bad, 1, &ratio), RatioProblem::kRequests);
}

TEST(RatioPoints, MinSamplesFails) {
  const std::vector<double> values = {1, 1};
  RatioSeries ratio;
  for (const int64_t bad : {std::numeric_limits<int64_t>::min(), int64_t{-1}, int64_t{0},
                            kMaxCount + 1, std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(RatioPoints(View(values), View(values), bad, &ratio), RatioProblem::kMinSamples);
  }
  EXPECT_EQ(RatioPoints(View(values), View(values), kMaxCount, &ratio), RatioProblem::kNone);
}

TEST(RatioPoints, PeriodsThatDifferFail) {
  const std::vector<double> values = {1, 1};
  SeriesView other = View(values);
  other.period = absl::Seconds(30);
  RatioSeries ratio;
  EXPECT_EQ(RatioPoints(View(values), other, 1, &ratio), RatioProblem::kPeriodsDiffer);
}

TEST(RatioPoints, NegativeFails) {
  const std::vector<double> values = {1, 1};
  const std::vector<double> negative = {1, -1e-300};
  RatioSeries ratio;
  ratio.values = {7};
  EXPECT_EQ(RatioPoints(View(negative), View(values), 1, &ratio), RatioProblem::kNegative);
  EXPECT_EQ(RatioPoints(View(values), View(negative), 1, &ratio), RatioProblem::kNegative);
  EXPECT_EQ(ratio.values, std::vector<double>{7});  // Untouched.
}

TEST(RatioPoints, MoreErrorsThanRequestsFail) {
  const std::vector<double> errors = {1, 5};
  const std::vector<double> requests = {1, 4};
  RatioSeries ratio;
  // Even below min_samples.
  EXPECT_EQ(RatioPoints(View(errors), View(requests), 100, &ratio),
            RatioProblem::kErrorsAboveRequests);
}

}  // namespace
}  // namespace sluice
