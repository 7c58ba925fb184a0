#include "sluice/blockers/judgement.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/finding.h"
#include "sluice/internal/limits.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr absl::Duration kMaxAge = absl::Minutes(10);

TEST(JudgeSubjectTest, NoneAndInvalid) {
  World world;
  EXPECT_EQ(JudgeSubject(world.no_subject()).reason, v1::NO_SUBJECT);
  EXPECT_EQ(JudgeSubject(world.no_subject()).verdict, Verdict::kUnknown);
  EXPECT_EQ(JudgeSubject(world.subject()).verdict, Verdict::kClear);
  world.artifact.fault = v1::DUPLICATE_ID;
  EXPECT_EQ(JudgeSubject(world.subject()).verdict, Verdict::kInvalid);
  EXPECT_EQ(JudgeSubject(world.subject()).reason, v1::DUPLICATE_ID);
}

std::vector<Step> AgeSteps(absl::Duration oldest, absl::Duration newest, absl::Duration max_age) {
  World world;
  return StepsOf(
      [&](absl::Time now) {
        return JudgeAge(world.subject(), Zero() + oldest, Zero() + newest, max_age, now);
      },
      -absl::Hours(1));
}

TEST(JudgeAgeTest, FutureFreshStale) {
  EXPECT_THAT(AgeSteps(absl::ZeroDuration(), absl::ZeroDuration(), kMaxAge),
              ElementsAre(Invalid(-absl::Hours(1), v1::FROM_THE_FUTURE), Clear(-kSkew),
                          Unknown(kMaxAge, v1::STALE)));
}

TEST(JudgeAgeTest, TheNewestDecidesWhetherItIsFutureAndTheOldestWhetherItIsStale) {
  EXPECT_THAT(AgeSteps(-absl::Minutes(5), absl::Minutes(3), kMaxAge),
              ElementsAre(Invalid(-absl::Hours(1), v1::FROM_THE_FUTURE),
                          Clear(absl::Minutes(3) - kSkew), Unknown(absl::Minutes(5), v1::STALE)));
}

TEST(JudgeAgeTest, StaleBeforeTheNewestIsVisible) {
  EXPECT_THAT(AgeSteps(-absl::Minutes(50), absl::Minutes(3), kMaxAge),
              ElementsAre(Invalid(-absl::Hours(1), v1::FROM_THE_FUTURE),
                          Unknown(absl::Minutes(3) - kSkew, v1::STALE)));
}

TEST(JudgeAgeTest, NoLimitIsNeverStale) {
  EXPECT_THAT(AgeSteps(absl::ZeroDuration(), absl::ZeroDuration(), absl::InfiniteDuration()),
              ElementsAre(Invalid(-absl::Hours(1), v1::FROM_THE_FUTURE), Clear(-kSkew)));
}

TEST(JudgeAgeTest, BeyondYear9999IsNever) {
  EXPECT_THAT(AgeSteps(absl::ZeroDuration(), absl::ZeroDuration(), absl::Seconds(315'576'000'000)),
              ElementsAre(Invalid(-absl::Hours(1), v1::FROM_THE_FUTURE), Clear(-kSkew)));
}

TEST(NameSubjectsTest, NamesNoMoreThanTheLimitAndCountsAll) {
  std::vector<std::string> names;
  for (size_t i = 0; i < kMaxSubjects + 3; ++i) names.push_back(absl::StrCat("n", 100 + i));
  const std::vector<absl::string_view> views(names.begin(), names.end());
  Evidence evidence;
  NameSubjects(views, evidence);
  EXPECT_EQ(evidence.subject, "n100");
  EXPECT_EQ(evidence.subjects.size(), kMaxSubjects);
  EXPECT_EQ(evidence.total, kMaxSubjects + 3);

  Evidence none;
  NameSubjects({}, none);
  EXPECT_THAT(none.subjects, IsEmpty());
  EXPECT_EQ(none.total, 0u);
}

}  // namespace
}  // namespace sluice
