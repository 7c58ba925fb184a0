#include "sluice/blockers/combination.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/blockers/judgement.h"
#include "sluice/finding.h"
#include "sluice/internal/limits.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;

constexpr absl::Duration kMinute = absl::Minutes(1);

// What a child says from an instant on, counted from Zero(): the first for ever before too.
struct Phase {
  absl::Duration from;
  Judgement says;
};
using Child = std::vector<Phase>;

Judgement SaysAt(const Child& child, absl::Time t) {
  Judgement judgement = child.front().says;
  for (size_t i = 1; i < child.size(); ++i) {
    if (t < Zero() + child[i].from) {
      judgement.changes_at = Zero() + child[i].from;
      break;
    }
    judgement = child[i].says;
  }
  return judgement;
}

Judgement Yes() { return Judged(Verdict::kClear, v1::ALL_CLEAR); }
Judgement No() { return Judged(Verdict::kBlocking, v1::HELD); }
Judgement Maybe() { return Judged(Verdict::kUnknown, v1::NO_DATA); }
Judgement Broken() { return Judged(Verdict::kInvalid, v1::INVALID_DATA); }
Judgement Nobody() { return Judged(Verdict::kUnknown, v1::NO_SUBJECT); }

Judgement CheckAt(size_t needed, const std::vector<Child>& children, absl::Time now,
                  bool two_valued = false) {
  static const std::vector<std::string> ids = {"a", "b", "c"};
  std::vector<CombinedChild> named;
  for (size_t i = 0; i < children.size(); ++i) named.push_back({ids[i], two_valued});
  return CheckCombination(
      needed, named, [&](size_t i, absl::Time t) { return SaysAt(children[i], t); }, now);
}

// Of children that never change.
Reason Of(size_t needed, const std::vector<Judgement>& says) {
  std::vector<Child> children;
  for (const Judgement& judgement : says) children.push_back({{{}, judgement}});
  return CheckAt(needed, children, Zero()).reason;
}

TEST(CombinationTest, OneOf) {
  EXPECT_EQ(Of(1, {Yes(), No()}), v1::ALL_CLEAR);
  EXPECT_EQ(Of(1, {Yes(), Maybe()}), v1::ALL_CLEAR);
  EXPECT_EQ(Of(1, {No(), Maybe()}), v1::CHILDREN_UNKNOWN);
  EXPECT_EQ(Of(1, {No(), No()}), v1::TOO_FEW_CHILDREN_CLEAR);
}

TEST(CombinationTest, AllOf) {
  EXPECT_EQ(Of(2, {Yes(), Yes()}), v1::ALL_CLEAR);
  EXPECT_EQ(Of(2, {Yes(), Maybe()}), v1::CHILDREN_UNKNOWN);
  EXPECT_EQ(Of(2, {No(), Maybe()}), v1::TOO_FEW_CHILDREN_CLEAR);
}

TEST(CombinationTest, SomeOf) {
  EXPECT_EQ(Of(2, {Yes(), No(), Yes()}), v1::ALL_CLEAR);
  EXPECT_EQ(Of(2, {Yes(), No(), Maybe()}), v1::CHILDREN_UNKNOWN);
  EXPECT_EQ(Of(2, {Maybe(), No(), Maybe()}), v1::CHILDREN_UNKNOWN);
  EXPECT_EQ(Of(2, {Maybe(), No(), No()}), v1::TOO_FEW_CHILDREN_CLEAR);
}

TEST(CombinationTest, InvalidBeforeAll) {
  EXPECT_EQ(Of(1, {Yes(), Broken()}), v1::CHILD_INVALID);
  EXPECT_EQ(Of(2, {No(), Broken()}), v1::CHILD_INVALID);
  EXPECT_EQ(Of(1, {Nobody(), Broken()}), v1::CHILD_INVALID);
}

TEST(CombinationTest, NoSubjectBeforeWhatOthersSay) {
  EXPECT_EQ(Of(1, {Yes(), Nobody()}), v1::NO_SUBJECT);
  EXPECT_EQ(Of(2, {No(), Nobody()}), v1::NO_SUBJECT);
}

TEST(CombinationTest, ChangesWithTheChildThatDecides) {
  const Child flips = {{{}, No()}, {kMinute, Yes()}, {3 * kMinute, No()}};
  const Child always = {{{}, Yes()}};
  const Child never = {{{}, No()}};
  const auto steps = [&](size_t needed, const Child& other) {
    return StepsOf([&](absl::Time now) { return CheckAt(needed, {flips, other}, now); }, {});
  };
  EXPECT_THAT(steps(1, never), ElementsAre(Blocking({}, v1::TOO_FEW_CHILDREN_CLEAR), Clear(kMinute),
                                           Blocking(3 * kMinute, v1::TOO_FEW_CHILDREN_CLEAR)));
  EXPECT_THAT(steps(1, always), ElementsAre(Clear({})));
  EXPECT_THAT(steps(2, always),
              ElementsAre(Blocking({}, v1::TOO_FEW_CHILDREN_CLEAR), Clear(kMinute),
                          Blocking(3 * kMinute, v1::TOO_FEW_CHILDREN_CLEAR)));
  EXPECT_THAT(steps(2, never), ElementsAre(Blocking({}, v1::TOO_FEW_CHILDREN_CLEAR)));
}

TEST(CombinationTest, ChildrenThatTakeTurnsChangeNothing) {
  const Child first = {{{}, Yes()}, {kMinute, No()}, {2 * kMinute, Yes()}};
  const Child second = {{{}, No()}, {kMinute, Yes()}, {3 * kMinute, No()}};
  for (const bool two_valued : {false, true}) {
    const auto check = [&](absl::Time now) { return CheckAt(1, {first, second}, now, two_valued); };
    EXPECT_THAT(StepsOf(check, {}), ElementsAre(Clear({})));
  }
}

// Two-valued children are passed over, whatever they do, until another child makes them matter.
TEST(CombinationTest, TwoValuedChildrenMatterOnceAnotherChanges) {
  Child blinks = {{{}, Yes()}};
  for (int i = 1; i < 100; ++i) blinks.push_back({i * kMinute, i % 2 == 0 ? Yes() : No()});
  const Child ends = {{{}, Yes()}, {50 * kMinute, No()}};
  const std::vector<CombinedChild> named = {{"blinks", true}, {"ends", false}};
  int asked = 0;
  const Judgement judgement = CheckCombination(
      1, named,
      [&](size_t i, absl::Time t) {
        ++asked;
        return SaysAt(i == 0 ? blinks : ends, t);
      },
      Zero());
  EXPECT_EQ(judgement.reason, v1::ALL_CLEAR);
  EXPECT_EQ(judgement.changes_at, Zero() + 51 * kMinute);
  EXPECT_LT(asked, 10);
}

TEST(CombinationTest, StopsAfterManyStepsTooEarlyAndNotTooLate) {
  // Two children that are never CLEAR at once, for ever.
  const auto judge = [](size_t i, absl::Time t) {
    const int64_t minute = absl::ToInt64Minutes(t - Zero());
    Judgement judgement = minute % 2 == static_cast<int64_t>(i) ? Yes() : No();
    judgement.changes_at = Zero() + (minute + 1) * kMinute;
    return judgement;
  };
  const Judgement judgement = CheckCombination(2, {{"a", false}, {"b", false}}, judge, Zero());
  EXPECT_EQ(judgement.reason, v1::TOO_FEW_CHILDREN_CLEAR);
  EXPECT_EQ(judgement.changes_at, Zero() + kMaxCombinationSteps * kMinute);
}

TEST(CombinationTest, ChildrenAreEvidence) {
  const Judgement judgement =
      CheckAt(2, {{{{}, No()}}, {{{}, Yes()}, {kMinute, No()}}, {{{}, Maybe()}}}, Zero());
  EXPECT_EQ(judgement.evidence.count, 1);
  EXPECT_EQ(judgement.evidence.needed, 2);
  EXPECT_THAT(judgement.evidence.subjects, ElementsAre("a", "c"));
  EXPECT_EQ(judgement.evidence.total, 2u);
  ASSERT_EQ(judgement.evidence.children.size(), 3u);
  const Finding& child = judgement.evidence.children[1];
  EXPECT_EQ(child.id, "b");
  EXPECT_EQ(child.verdict, Verdict::kClear);
  EXPECT_EQ(child.effect, Effect::kNone);
  EXPECT_EQ(child.changes_at, Zero() + kMinute);
  EXPECT_EQ(judgement.evidence.children[2].reason, v1::NO_DATA);
}

}  // namespace
}  // namespace sluice
