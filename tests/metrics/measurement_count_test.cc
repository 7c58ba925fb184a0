#include "sluice/metrics/measurement_count.h"

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

using V = MeasurementVerdict;

MeasurementLimits Limits() {
  MeasurementLimits limits;
  limits.failures = 3;
  limits.inconclusive = 3;
  limits.consecutive_errors = 3;
  limits.count = 6;
  return limits;
}

// Outcomes as letters: s, f, i, e; upper case: the last.
V FoldOf(absl::string_view outcomes, const MeasurementLimits& limits) {
  MeasurementFold fold(limits);
  for (const char c : outcomes) {
    const bool last = c >= 'A' && c <= 'Z';
    const char kind = last ? static_cast<char>(c - 'A' + 'a') : c;
    fold.Add(kind == 's'   ? MeasurementOutcome::kSucceeded
             : kind == 'f' ? MeasurementOutcome::kFailed
             : kind == 'i' ? MeasurementOutcome::kInconclusive
                           : MeasurementOutcome::kError,
             last);
  }
  return fold.verdict();
}

TEST(MeasurementCountTest, EachLimitIsReachedAtItsNumber) {
  EXPECT_EQ(FoldOf("", Limits()), V::kMeasuring);
  EXPECT_EQ(FoldOf("fsfs", Limits()), V::kMeasuring);
  EXPECT_EQ(FoldOf("fsfsf", Limits()), V::kFailed);
  EXPECT_EQ(FoldOf("isis", Limits()), V::kMeasuring);
  EXPECT_EQ(FoldOf("isisi", Limits()), V::kInconclusive);
  EXPECT_EQ(FoldOf("eesee", Limits()), V::kMeasuring);
  EXPECT_EQ(FoldOf("eeseee", Limits()), V::kError);
  EXPECT_EQ(FoldOf("sssss", Limits()), V::kMeasuring);
  EXPECT_EQ(FoldOf("ssssss", Limits()), V::kClear);
  EXPECT_EQ(FoldOf("ffiiss", Limits()), V::kClear);
}

TEST(MeasurementCountTest, ErrorsAreNotCounted) {
  EXPECT_EQ(FoldOf("sesesesese", Limits()), V::kMeasuring);
  EXPECT_EQ(FoldOf("seseseseses", Limits()), V::kClear);
}

TEST(MeasurementCountTest, ALimitIsReachedBeforeTheCount) {
  MeasurementLimits limits = Limits();
  limits.count = 3;
  EXPECT_EQ(FoldOf("fff", limits), V::kFailed);
  EXPECT_EQ(FoldOf("iii", limits), V::kInconclusive);
}

TEST(MeasurementCountTest, ConsecutiveLimits) {
  MeasurementLimits limits = Limits();
  limits.consecutive_failures = 2;
  EXPECT_EQ(FoldOf("fsf", limits), V::kMeasuring);
  EXPECT_EQ(FoldOf("sff", limits), V::kFailed);
  // Neither an error nor an inconclusive one makes two failures consecutive.
  EXPECT_EQ(FoldOf("fef", limits), V::kMeasuring);
  EXPECT_EQ(FoldOf("fif", limits), V::kMeasuring);
  limits = Limits();
  limits.consecutive_successes = 3;
  EXPECT_EQ(FoldOf("ssfss", limits), V::kMeasuring);
  EXPECT_EQ(FoldOf("ssess", limits), V::kMeasuring);
  EXPECT_EQ(FoldOf("ssisss", limits), V::kClear);
}

TEST(MeasurementCountTest, WhatIsDecidedStaysDecided) {
  EXPECT_EQ(FoldOf("ssssssfff", Limits()), V::kClear);
  EXPECT_EQ(FoldOf("fffssssss", Limits()), V::kFailed);
  EXPECT_EQ(FoldOf("iiifff", Limits()), V::kInconclusive);
  EXPECT_EQ(FoldOf("eeefff", Limits()), V::kError);
  EXPECT_EQ(FoldOf("sSfff", Limits()), V::kEnded);
}

TEST(MeasurementCountTest, AnEarlyEndMeansWhatIsStated) {
  EXPECT_EQ(FoldOf("ssssS", Limits()), V::kEnded);
  EXPECT_EQ(FoldOf("sssssS", Limits()), V::kClear);
  MeasurementLimits limits = Limits();
  limits.clear_if_ended = true;
  EXPECT_EQ(FoldOf("S", limits), V::kClear);
  EXPECT_EQ(FoldOf("ffS", limits), V::kClear);
  EXPECT_EQ(FoldOf("sF", limits), V::kClear);
  EXPECT_EQ(FoldOf("ffF", limits), V::kFailed);
  // Nothing succeeded.
  EXPECT_EQ(FoldOf("F", limits), V::kEnded);
  EXPECT_EQ(FoldOf("I", limits), V::kEnded);
  EXPECT_EQ(FoldOf("E", limits), V::kEnded);
}

TEST(MeasurementCountTest, LimitsOfZeroAreNeverReached) {
  EXPECT_EQ(FoldOf("ssffiieee", MeasurementLimits()), V::kMeasuring);
}

}  // namespace
}  // namespace sluice
