#include "sluice/blockers/horizon.h"

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/blockers/judgement.h"
#include "sluice/finding.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(InstantsTest, OnlyThoseAfterNowAndEachOnce) {
  Instants instants(Zero());
  for (const absl::Time t :
       {Zero() + kNanosecond, Zero() + absl::Seconds(1), Zero(), Zero() - kNanosecond,
        Zero() + kNanosecond, absl::InfiniteFuture(), absl::InfinitePast()}) {
    instants.Add(t);
  }
  EXPECT_THAT(instants.Sorted(), ElementsAre(Zero() + kNanosecond, Zero() + absl::Seconds(1)));
}

TEST(AddPeriodEndsTest, TheEndsThatAReportAheadOfNowHolds) {
  const absl::Duration period = absl::Seconds(10);
  Instants instants(Zero() + absl::Seconds(5));
  AddPeriodEnds(Zero(), period, Zero() + absl::Seconds(30), kSkew, &instants);
  EXPECT_THAT(instants.Sorted(), ElementsAre(Zero() + absl::Seconds(10), Zero() + absl::Seconds(20),
                                             Zero() + absl::Seconds(30)));
  Instants later(Zero() + absl::Seconds(30));
  AddPeriodEnds(Zero(), period, Zero() + absl::Seconds(30), kSkew, &later);
  EXPECT_THAT(later.Sorted(), IsEmpty());
}

TEST(JudgeWithHorizonTest, SkipsInstantsAtWhichNothingDiffers) {
  Instants instants(Zero());
  for (int i = 0; i < 5; ++i) instants.Add(Zero() + absl::Seconds(i));
  const auto judge = [](absl::Time t) {
    return t < Zero() + absl::Seconds(3) ? Judged(Verdict::kUnknown, v1::STALE)
                                         : Judged(Verdict::kUnknown, v1::NO_DATA);
  };
  const Judgement judgement = JudgeWithHorizon(instants, judge);
  EXPECT_EQ(judgement.reason, v1::STALE);
  EXPECT_EQ(judgement.changes_at, Zero() + absl::Seconds(3));

  Instants none(Zero() + absl::Seconds(3));
  none.Add(Zero() + absl::Seconds(9));
  EXPECT_EQ(JudgeWithHorizon(none, judge).changes_at, absl::InfiniteFuture());
}

TEST(JudgeWithHorizonTest, AVerdictAloneIsADifference) {
  Instants instants(Zero());
  instants.Add(Zero() + absl::Seconds(1));
  const Judgement judgement = JudgeWithHorizon(instants, [](absl::Time t) {
    return Judged(t == Zero() ? Verdict::kUnknown : Verdict::kInvalid, v1::NO_DATA);
  });
  EXPECT_EQ(judgement.changes_at, Zero() + absl::Seconds(1));
}

}  // namespace
}  // namespace sluice
