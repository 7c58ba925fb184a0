#include "sluice/blockers/combination.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
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
  CombinedBlocker named{"all", needed, {}, false};
  for (size_t i = 0; i < children.size(); ++i) {
    named.children.push_back({ids[i], 0, {}, two_valued});
  }
  return CheckCombination(
      named, [&](size_t i, absl::Time t) { return SaysAt(children[i], t); }, now);
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
  const CombinedBlocker named{"one", 1, {{"blinks", 0, {}, true}, {"ends", 0, {}, false}}, false};
  int asked = 0;
  const Judgement judgement = CheckCombination(
      named,
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
  const CombinedBlocker both{"both", 2, {{"a", 0, {}, false}, {"b", 0, {}, false}}, false};
  const Judgement judgement = CheckCombination(both, judge, Zero());
  EXPECT_EQ(judgement.reason, v1::TOO_FEW_CHILDREN_CLEAR);
  EXPECT_EQ(judgement.changes_at, Zero() + kMaxCombinationSteps * kMinute);
}

// Of a tree as deep as there may be every part blinks, and nothing is ever clear: each is asked
// once for each instant, and not once for each instant of each combination around it.
TEST(CombinationTest, DepthCostsNothing) {
  CombinedBlocker tree{"inner", 2, {{"a", 0, {}, false}, {"b", 0, {}, false}}, false};
  for (int depth = 1; depth < 8; ++depth) {
    CombinedBlocker outer{"outer", 2, {}, false};
    outer.children.push_back(std::move(tree));
    outer.children.push_back({"c", 0, {}, false});
    tree = std::move(outer);
  }
  int asked = 0;
  const auto judge = [&](size_t i, absl::Time t) {
    ++asked;
    const int64_t minute = absl::ToInt64Minutes(t - Zero());
    Judgement judgement = minute % 2 == static_cast<int64_t>(i % 2) ? Yes() : No();
    judgement.changes_at = Zero() + (minute + 1) * kMinute;
    return judgement;
  };
  const Judgement judgement = CheckCombination(tree, judge, Zero());
  EXPECT_EQ(judgement.reason, v1::TOO_FEW_CHILDREN_CLEAR);
  EXPECT_EQ(judgement.changes_at, Zero() + kMaxCombinationSteps * kMinute);
  EXPECT_EQ(asked, (kMaxCombinationSteps + 1) * 9);
}

// The combination inside changes first without a difference to the one around it.
TEST(CombinationTest, ChangesOfCombinationsInside) {
  const Child flips = {{{}, No()}, {kMinute, Yes()}};
  const Child ends = {{{}, Yes()}, {3 * kMinute, No()}};
  const Child starts = {{{}, No()}, {2 * kMinute, Yes()}};
  const std::vector<Child> children = {flips, starts, ends};
  const CombinedBlocker inner{"inner", 2, {{"a", 0, {}, false}, {"b", 0, {}, false}}, false};
  const CombinedBlocker around{"around", 1, {inner, {"c", 0, {}, false}}, false};
  const auto check = [&](absl::Time now) {
    return CheckCombination(
        around, [&](size_t i, absl::Time t) { return SaysAt(children[i], t); }, now);
  };
  EXPECT_THAT(StepsOf(check, {}), ElementsAre(Clear({})));
  const Finding inside = check(Zero()).evidence.children[0];
  EXPECT_EQ(inside.id, "inner");
  EXPECT_EQ(inside.verdict, Verdict::kBlocking);
  EXPECT_EQ(inside.changes_at, Zero() + 2 * kMinute);
  ASSERT_EQ(inside.evidence.children.size(), 2u);
  EXPECT_EQ(inside.evidence.children[0].changes_at, Zero() + kMinute);
}

// Windows inside a combination make as little difference there as they would by themselves.
TEST(CombinationTest, TwoValuedInsideIsPassedOver) {
  const CombinedBlocker inner{"inner", 1, {{"a", 0, {}, true}, {"b", 0, {}, true}}, false};
  const CombinedBlocker around{"around", 1, {inner, {"c", 0, {}, false}}, false};
  int asked = 0;
  const auto judge = [&](size_t i, absl::Time t) {
    ++asked;
    if (i == 2) return Yes();
    Judgement judgement = absl::ToInt64Minutes(t - Zero()) % 2 == 0 ? Yes() : No();
    judgement.changes_at = t + kMinute;
    return judgement;
  };
  const Judgement judgement = CheckCombination(around, judge, Zero());
  EXPECT_EQ(judgement.reason, v1::ALL_CLEAR);
  EXPECT_EQ(judgement.changes_at, absl::InfiniteFuture());
  EXPECT_EQ(asked, 3);
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

TEST(CombinationTest, NoSubjectIsNotForgottenForAnotherUnknown) {
  EXPECT_EQ(Of(1, {Nobody(), Maybe()}), v1::NO_SUBJECT);
  EXPECT_EQ(Of(1, {Maybe(), Nobody()}), v1::NO_SUBJECT);
  EXPECT_EQ(Of(1, {Maybe(), Maybe()}), v1::CHILDREN_UNKNOWN);
}

}  // namespace
}  // namespace sluice
