#include "sluice/metrics/success_ratio.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "tests/metrics/reference_alarm.h"

namespace sluice {

std::ostream& operator<<(std::ostream& out, RunsReason reason) {
  switch (reason) {
    case RunsReason::kInvalid:
      return out << "INVALID";
    case RunsReason::kTooFewRuns:
      return out << "TOO_FEW_RUNS";
    case RunsReason::kGap:
      return out << "GAP";
    case RunsReason::kBelowRatio:
      return out << "BELOW_RATIO";
    case RunsReason::kNone:
      return out << "NONE";
  }
  return out << static_cast<int>(reason);
}

namespace {

constexpr absl::Duration kNanosecond = absl::Nanoseconds(1);

absl::Time Second(int64_t seconds) { return absl::FromUnixSeconds(1700000000 + seconds); }

// Runs with columns of their own.
class Runs {
 public:
  void Add(absl::Time at, bool succeeded) {
    at_.push_back(at);
    succeeded_.push_back(succeeded);
  }

  // Valid until the next call.
  RunsView View() {
    flags_ = std::make_unique<bool[]>(succeeded_.size() + 1);
    std::copy(succeeded_.begin(), succeeded_.end(), flags_.get());
    return {at_, absl::MakeConstSpan(flags_.get(), succeeded_.size())};
  }

  const std::vector<absl::Time>& at() const { return at_; }
  const std::vector<bool>& succeeded() const { return succeeded_; }

 private:
  std::vector<absl::Time> at_;
  std::vector<bool> succeeded_;
  std::unique_ptr<bool[]> flags_;
};

// One run every ten seconds from 0 on: '1' succeeded, '0' failed, '-' did not happen.
Runs EveryTen(const std::string& pattern) {
  Runs runs;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '-') runs.Add(Second(static_cast<int64_t>(i) * 10), pattern[i] == '1');
  }
  return runs;
}

RunsRule Rule() {
  RunsRule rule;
  rule.window = absl::Seconds(60);
  rule.min_ratio_ppm = 800000;
  rule.min_runs = 3;
  rule.max_gap = absl::Seconds(30);
  return rule;
}

RunsFinding Judge(Runs runs, absl::Time now, const RunsRule& rule = Rule()) {
  return JudgeRuns(rule, runs.View(), now);
}

TEST(JudgeRuns, IsClearWithEnoughGoodRuns) {
  const RunsFinding finding = Judge(EveryTen("1111111"), Second(60));
  EXPECT_EQ(finding.verdict, RunsVerdict::kClear);
  EXPECT_EQ(finding.reason, RunsReason::kNone);
  EXPECT_EQ(finding.runs, 6);  // That at 0 is out.
  EXPECT_EQ(finding.succeeded, 6);
  EXPECT_EQ(finding.changes_at, Second(90));  // The last run is max_gap old.
}

TEST(JudgeRuns, NoRunsAreUnknown) {
  const RunsFinding finding = Judge(Runs(), Second(0));
  EXPECT_EQ(finding.verdict, RunsVerdict::kUnknown);
  EXPECT_EQ(finding.reason, RunsReason::kTooFewRuns);
  EXPECT_EQ(finding.changes_at, absl::InfiniteFuture());
}

TEST(JudgeRuns, ARunLeavesAtTheInstantItIsAWindowOld) {
  RunsRule rule = Rule();
  rule.min_runs = 1;
  rule.max_gap = absl::Hours(1);
  EXPECT_EQ(Judge(EveryTen("1"), Second(60) - kNanosecond, rule).runs, 1);
  EXPECT_EQ(Judge(EveryTen("1"), Second(60), rule).runs, 0);
  const RunsFinding finding = Judge(EveryTen("1"), Second(0), rule);
  EXPECT_EQ(finding.verdict, RunsVerdict::kClear);
  EXPECT_EQ(finding.changes_at, Second(60));
}

TEST(JudgeRuns, ARunCountsFromItsOwnInstant) {
  RunsRule rule = Rule();
  rule.min_runs = 1;
  rule.max_gap = absl::Hours(1);
  const RunsFinding before = Judge(EveryTen("1"), Second(0) - kNanosecond, rule);
  EXPECT_EQ(before.runs, 0);
  EXPECT_EQ(before.reason, RunsReason::kTooFewRuns);
  EXPECT_EQ(before.changes_at, Second(0));
  EXPECT_EQ(Judge(EveryTen("1"), Second(0), rule).runs, 1);
}

TEST(JudgeRuns, TheRatioIsExact) {
  RunsRule rule = Rule();
  rule.min_ratio_ppm = 666666;
  EXPECT_EQ(Judge(EveryTen("--101101"), Second(70), rule).reason, RunsReason::kNone);
  rule.min_ratio_ppm = 666667;
  const RunsFinding finding = Judge(EveryTen("--101101"), Second(70), rule);
  EXPECT_EQ(finding.reason, RunsReason::kBelowRatio);
  EXPECT_EQ(finding.verdict, RunsVerdict::kBlocking);
  EXPECT_EQ(finding.succeeded, 4);
  rule.min_ratio_ppm = 1000000;
  EXPECT_EQ(Judge(EveryTen("--111111"), Second(70), rule).reason, RunsReason::kNone);
  EXPECT_EQ(Judge(EveryTen("--111110"), Second(70), rule).reason, RunsReason::kBelowRatio);
  rule.min_ratio_ppm = 0;
  EXPECT_EQ(Judge(EveryTen("--000000"), Second(70), rule).reason, RunsReason::kNone);
}

TEST(JudgeRuns, TooFewRunsComeBeforeAGapAndAGapBeforeTheRatio) {
  EXPECT_EQ(Judge(EveryTen("--0----0"), Second(70)).reason, RunsReason::kTooFewRuns);
  EXPECT_EQ(Judge(EveryTen("--0----00"), Second(70)).reason, RunsReason::kTooFewRuns);
  EXPECT_EQ(Judge(EveryTen("----0---00"), Second(90)).reason, RunsReason::kGap);
  EXPECT_EQ(Judge(EveryTen("--0-0-0-0"), Second(80)).reason, RunsReason::kBelowRatio);
}

TEST(JudgeRuns, RunsExactlyMaxGapApartLeaveNoGap) {
  RunsRule rule = Rule();
  rule.min_runs = 2;
  Runs runs;
  runs.Add(Second(0), true);
  runs.Add(Second(30), true);
  EXPECT_EQ(Judge(std::move(runs), Second(31), rule).reason, RunsReason::kNone);
  Runs apart;
  apart.Add(Second(0), true);
  apart.Add(Second(30) + kNanosecond, true);
  EXPECT_EQ(Judge(std::move(apart), Second(31), rule).reason, RunsReason::kGap);
}

TEST(JudgeRuns, TheNewestRunMakesAGapOnceItIsMaxGapOld) {
  EXPECT_EQ(Judge(EveryTen("1111111"), Second(90) - kNanosecond).reason, RunsReason::kNone);
  EXPECT_EQ(Judge(EveryTen("1111111"), Second(90)).reason, RunsReason::kGap);
}

TEST(JudgeRuns, TheWindowMayBeginWithUpToMaxGapOfNothing) {
  // The first run is at 0. A window that ends before 30 begins more than 30 s before it.
  RunsRule rule = Rule();
  EXPECT_EQ(Judge(EveryTen("111"), Second(30) - kNanosecond, rule).reason, RunsReason::kGap);
  EXPECT_EQ(Judge(EveryTen("111"), Second(30), rule).reason, RunsReason::kNone);
  EXPECT_EQ(Judge(EveryTen("111"), Second(30) - kNanosecond, rule).changes_at, Second(30));
}

TEST(JudgeRuns, AGapInTheMiddleEndsAsTheWindowPassesIt) {
  RunsRule rule = Rule();
  rule.window = absl::Seconds(200);
  rule.max_gap = absl::Seconds(50);
  // Runs every 10 s, none between 20 and 100.
  Runs runs = EveryTen("111-------11111111111111111111");
  const RunsFinding finding = JudgeRuns(rule, runs.View(), Second(210));
  EXPECT_EQ(finding.reason, RunsReason::kGap);
  // The window begins at 50 when it ends at 250: 50 s before the run at 100.
  EXPECT_EQ(finding.changes_at, Second(250));
  EXPECT_EQ(JudgeRuns(rule, runs.View(), Second(250) - kNanosecond).reason, RunsReason::kGap);
  EXPECT_EQ(JudgeRuns(rule, runs.View(), Second(250)).reason, RunsReason::kNone);
}

TEST(JudgeRuns, TakesRunsAtTheSameInstant) {
  RunsRule rule = Rule();
  Runs runs;
  for (int i = 0; i < 3; ++i) runs.Add(Second(30), true);
  EXPECT_EQ(Judge(std::move(runs), Second(59), rule).runs, 3);
}

TEST(JudgeRuns, MalformedInputIsInvalid) {
  const auto reason = [](const RunsRule& rule, absl::Time now) {
    const RunsFinding finding = Judge(EveryTen("1111111"), now, rule);
    EXPECT_EQ(finding.verdict == RunsVerdict::kInvalid, finding.reason == RunsReason::kInvalid);
    return finding.reason;
  };
  EXPECT_EQ(reason(RunsRule(), Second(60)), RunsReason::kInvalid);
  EXPECT_EQ(reason(Rule(), absl::InfiniteFuture()), RunsReason::kInvalid);
  EXPECT_EQ(reason(Rule(), absl::InfinitePast()), RunsReason::kInvalid);
  for (const absl::Duration bad :
       {absl::ZeroDuration(), -kNanosecond, absl::InfiniteDuration(), -absl::InfiniteDuration()}) {
    RunsRule rule = Rule();
    rule.window = bad;
    EXPECT_EQ(reason(rule, Second(60)), RunsReason::kInvalid);
    rule = Rule();
    rule.max_gap = bad;
    EXPECT_EQ(reason(rule, Second(60)), RunsReason::kInvalid);
  }
  for (const int64_t bad : {int64_t{-1}, int64_t{1000001}, std::numeric_limits<int64_t>::max(),
                            std::numeric_limits<int64_t>::min()}) {
    RunsRule rule = Rule();
    rule.min_ratio_ppm = bad;
    EXPECT_EQ(reason(rule, Second(60)), RunsReason::kInvalid);
  }
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min()}) {
    RunsRule rule = Rule();
    rule.min_runs = bad;
    EXPECT_EQ(reason(rule, Second(60)), RunsReason::kInvalid);
  }
}

TEST(JudgeRuns, MalformedColumnsAreInvalid) {
  const bool succeeded[] = {true, true};
  const std::vector<absl::Time> descending = {Second(1), Second(0)};
  const std::vector<absl::Time> shorter = {Second(1)};
  const std::vector<absl::Time> past = {absl::InfinitePast(), Second(0)};
  const std::vector<absl::Time> future = {Second(0), absl::InfiniteFuture()};
  for (const auto& at : {descending, shorter, past, future}) {
    EXPECT_EQ(JudgeRuns(Rule(), {at, succeeded}, Second(5)).verdict, RunsVerdict::kInvalid);
  }
}

TEST(JudgeRuns, NothingChangesBeyondYear9999) {
  const absl::Time last = absl::FromUnixSeconds(253402300799);
  Runs runs;
  for (int i = 0; i < 3; ++i) runs.Add(last, true);
  RunsRule rule = Rule();
  rule.max_gap = rule.window;
  EXPECT_EQ(JudgeRuns(rule, runs.View(), last).reason, RunsReason::kNone);
  EXPECT_EQ(JudgeRuns(rule, runs.View(), last).changes_at, absl::InfiniteFuture());
  rule.window = rule.max_gap = absl::Seconds(315576000000);
  EXPECT_EQ(JudgeRuns(rule, runs.View(), last).reason, RunsReason::kNone);
  EXPECT_EQ(JudgeRuns(rule, runs.View(), absl::FromUnixSeconds(-62135596800)).reason,
            RunsReason::kTooFewRuns);
}

// The definitions, read one by one.
RunsReason SlowReason(const RunsRule& rule, const Runs& runs, absl::Time now) {
  std::vector<absl::Time> in_window;
  int64_t succeeded = 0;
  for (size_t i = 0; i < runs.at().size(); ++i) {
    const absl::Time at = runs.at()[i];
    if (at > now || now - at >= rule.window) continue;
    in_window.push_back(at);
    if (runs.succeeded()[i]) ++succeeded;
  }
  const auto count = static_cast<int64_t>(in_window.size());
  if (count < rule.min_runs) return RunsReason::kTooFewRuns;
  // At each instant of (now - window, now], in steps far below the grid of the runs: how old is the
  // newest run?
  for (absl::Time x = now - rule.window + absl::Milliseconds(250); x <= now;
       x += absl::Milliseconds(250)) {
    absl::Time newest = now - rule.window;
    for (const absl::Time at : in_window) {
      if (at <= x) newest = std::max(newest, at);
    }
    if (x - newest >= rule.max_gap) return RunsReason::kGap;
  }
  return succeeded * 1000000 < count * rule.min_ratio_ppm ? RunsReason::kBelowRatio
                                                          : RunsReason::kNone;
}

class RunsAgainstReference : public testing::TestWithParam<int> {};

TEST_P(RunsAgainstReference, AgreesAtEverySecondAndTellsWhenItChanges) {
  TestRandom random(GetParam());
  int seen[5] = {};
  for (int round = 0; round < 40; ++round) {
    RunsRule rule;
    rule.window = absl::Seconds(5 + random.Below(20));
    rule.max_gap = absl::Seconds(1 + random.Below(15));
    rule.min_runs = 1 + random.Below(3);
    rule.min_ratio_ppm = 100000 * random.Below(11);
    Runs runs;
    const int64_t spacing = 2 + random.Below(5);
    int64_t at = 0;
    for (int64_t left = random.Below(15); left > 0; --left) {
      at += random.Below(spacing + 1);
      runs.Add(Second(at), random.Below(10) < 7);
    }
    // Everything lies on whole seconds, so that one look before and one at each second finds every
    // change.
    std::vector<absl::Time> instants;
    for (int64_t i = -3; i < at + 45; ++i) {
      instants.insert(instants.end(), {Second(i) - kNanosecond, Second(i)});
    }
    std::vector<RunsReason> expected;
    for (size_t i = 0; i < instants.size(); i += 2) {
      // Half a second before stands for a nanosecond before: the same side of every whole second.
      const absl::Time second = instants[i + 1];
      expected.push_back(SlowReason(rule, runs, second - absl::Milliseconds(500)));
      expected.push_back(SlowReason(rule, runs, second));
    }
    const RunsView view = runs.View();
    for (size_t i = 0; i < instants.size(); ++i) {
      const RunsFinding finding = JudgeRuns(rule, view, instants[i]);
      ASSERT_EQ(finding.reason, expected[i]) << round << " at " << instants[i];
      ++seen[static_cast<int>(finding.reason)];
      size_t j = i + 1;
      while (j < instants.size() && expected[j] == expected[i]) ++j;
      ASSERT_EQ(finding.changes_at, j < instants.size() ? instants[j] : absl::InfiniteFuture())
          << round << " at " << instants[i];
    }
  }
  for (int i = 1; i < 5; ++i) EXPECT_GT(seen[i], 0) << i;
}

INSTANTIATE_TEST_SUITE_P(Seeds, RunsAgainstReference, testing::Range(0, 10));

}  // namespace
}  // namespace sluice
