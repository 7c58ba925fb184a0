#include "sluice/blockers/composite_alarm.h"

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/finding.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

AlarmVerdict Alarm(absl::string_view name, Reason reason = v1::IN_ALARM) {
  return {Verdict::kBlocking, reason, {name}};
}
AlarmVerdict Ok(absl::string_view name) { return {Verdict::kClear, v1::ALL_CLEAR, {name}}; }
AlarmVerdict Unsure(absl::string_view name, Reason reason = v1::NO_DATA) {
  return {Verdict::kUnknown, reason, {name}};
}
AlarmVerdict Bad(absl::string_view name, Reason reason = v1::INVALID_DATA) {
  return {Verdict::kInvalid, reason, {name}};
}

Verdict Of(AlarmOperation operation, const std::vector<AlarmVerdict>& alarms) {
  return CombineAlarms(operation, alarms).verdict;
}

Reason ReasonOf(AlarmOperation operation, const std::vector<AlarmVerdict>& alarms) {
  return CombineAlarms(operation, alarms).reason;
}

TEST(CombineAlarmsTest, All) {
  constexpr AlarmOperation kAll = AlarmOperation::kAll;
  EXPECT_EQ(Of(kAll, {Alarm("a"), Alarm("b")}), Verdict::kBlocking);
  EXPECT_EQ(Of(kAll, {Alarm("a"), Unsure("b")}), Verdict::kUnknown);
  EXPECT_EQ(Of(kAll, {Unsure("a"), Ok("b")}), Verdict::kClear);
  EXPECT_EQ(Of(kAll, {Alarm("a"), Ok("b")}), Verdict::kClear);
}

TEST(CombineAlarmsTest, Any) {
  constexpr AlarmOperation kAny = AlarmOperation::kAny;
  EXPECT_EQ(Of(kAny, {Ok("a"), Ok("b")}), Verdict::kClear);
  EXPECT_EQ(Of(kAny, {Ok("a"), Unsure("b")}), Verdict::kUnknown);
  EXPECT_EQ(Of(kAny, {Unsure("a"), Alarm("b")}), Verdict::kBlocking);
}

TEST(CombineAlarmsTest, Negation) {
  constexpr AlarmOperation kNegation = AlarmOperation::kNegation;
  EXPECT_EQ(Of(kNegation, {Alarm("a")}), Verdict::kClear);
  EXPECT_EQ(Of(kNegation, {Unsure("a")}), Verdict::kUnknown);
  const AlarmVerdict negated = CombineAlarms(kNegation, {Ok("a")});
  EXPECT_EQ(negated.verdict, Verdict::kBlocking);
  EXPECT_EQ(negated.reason, v1::IN_ALARM);
  EXPECT_THAT(negated.names, ElementsAre("a"));
}

TEST(CombineAlarmsTest, InvalidWhateverTheOthersSay) {
  for (const AlarmOperation operation : {AlarmOperation::kAll, AlarmOperation::kAny}) {
    EXPECT_EQ(Of(operation, {Ok("a"), Bad("b")}), Verdict::kInvalid);
    EXPECT_EQ(Of(operation, {Alarm("a"), Bad("b")}), Verdict::kInvalid);
  }
  EXPECT_EQ(Of(AlarmOperation::kNegation, {Bad("a")}), Verdict::kInvalid);
  EXPECT_EQ(ReasonOf(AlarmOperation::kAny, {Bad("a", v1::DUPLICATE_ID), Bad("b")}),
            v1::INVALID_DATA);
}

TEST(CombineAlarmsTest, NothingIsUnknown) {
  EXPECT_EQ(Of(AlarmOperation::kAll, {}), Verdict::kUnknown);
  EXPECT_EQ(Of(AlarmOperation::kAny, {}), Verdict::kUnknown);
  EXPECT_EQ(Of(AlarmOperation::kUnset, {Ok("a")}), Verdict::kUnknown);
}

TEST(CombineAlarmsTest, ReasonsDoNotDependOnTheOrder) {
  const AlarmVerdict waits = Alarm("b", v1::NOT_CLEAR_LONG_ENOUGH);
  for (const std::vector<AlarmVerdict>& alarms :
       {std::vector<AlarmVerdict>{Alarm("a"), waits}, {waits, Alarm("a")}}) {
    EXPECT_EQ(ReasonOf(AlarmOperation::kAny, alarms), v1::IN_ALARM);
    EXPECT_EQ(ReasonOf(AlarmOperation::kAll, alarms), v1::NOT_CLEAR_LONG_ENOUGH);
  }
  const std::vector<AlarmVerdict> unsure = {Unsure("a", v1::HISTORY_TOO_SHORT), Unsure("b"),
                                            Unsure("c", v1::STALE)};
  EXPECT_EQ(ReasonOf(AlarmOperation::kAny, unsure), v1::STALE);
  EXPECT_EQ(ReasonOf(AlarmOperation::kAny, {unsure[0], unsure[1]}), v1::NO_DATA);
  EXPECT_EQ(ReasonOf(AlarmOperation::kAny, {unsure[0]}), v1::HISTORY_TOO_SHORT);
}

TEST(CombineAlarmsTest, NamesThoseThatDecide) {
  EXPECT_THAT(
      CombineAlarms(AlarmOperation::kAny, {Alarm("z"), Ok("b"), Alarm("a"), Alarm("z")}).names,
      ElementsAre("a", "z"));
  EXPECT_THAT(CombineAlarms(AlarmOperation::kAny, {Ok("a")}).names, IsEmpty());
}

}  // namespace
}  // namespace sluice
