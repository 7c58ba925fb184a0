#include "sluice/testing/edit.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "sluice/internal/strict_text.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr char kInputs[] = R"(
policy {
  id: "shop"
  stages {
    id: "prod" kind: PRODUCTION
    blockers { id: "errors" metric_alarm { observed { alarm: "5xx" } max_age { seconds: 300 } } }
    blockers { id: "tests" check { check: "unit" } }
    blockers { id: "hours" time_window { allow_always {} } }
  }
}
state {
  revision: 3
  checks { check: "unit" run: "1" numbers { key: "coverage" value: 80 } }
}
)";

v1::Inputs Inputs() {
  v1::Inputs inputs;
  const absl::Status status = ReadTextproto(kInputs, &inputs, nullptr);
  EXPECT_TRUE(status.ok()) << status;
  return inputs;
}

v1::Edit Set(const std::string& path, const std::string& text) {
  v1::Edit edit;
  edit.set_path(path);
  edit.set_set(text);
  return edit;
}

v1::Edit Add(const std::string& path, const std::string& text) {
  v1::Edit edit;
  edit.set_path(path);
  edit.set_add(text);
  return edit;
}

v1::Edit Clear(const std::string& path) {
  v1::Edit edit;
  edit.set_path(path);
  edit.set_clear(true);
  return edit;
}

v1::Inputs After(const v1::Edit& edit) {
  v1::Inputs inputs = Inputs();
  const absl::Status status = ApplyEdit(edit, &inputs);
  EXPECT_TRUE(status.ok()) << status;
  return inputs;
}

// The edit is refused with an error that names the path and contains `what`, and changes nothing.
void ExpectRefused(const v1::Edit& edit, absl::string_view what) {
  v1::Inputs inputs = Inputs();
  const absl::Status status = ApplyEdit(edit, &inputs);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << edit.ShortDebugString();
  EXPECT_TRUE(absl::StartsWith(status.message(), absl::StrCat("edit of `", edit.path(), "`: ")))
      << status;
  EXPECT_TRUE(absl::StrContains(status.message(), what)) << status;
  EXPECT_TRUE(MessageDifferencer::Equals(inputs, Inputs())) << inputs.DebugString();
}

TEST(EditTest, SetReplacesScalars) {
  EXPECT_EQ(After(Set("policy.id", "\"cart\"")).policy().id(), "cart");
  EXPECT_EQ(After(Set("state.revision", "7")).state().revision(), 7u);
  EXPECT_EQ(After(Set("state.revision", "0")).state().revision(), 0u);
  EXPECT_EQ(After(Set("policy.without_emergency_stop", "true")).policy().without_emergency_stop(),
            true);
}

TEST(EditTest, SetReplacesAnElement) {
  const v1::Inputs inputs = After(Set("policy.stages[0].blockers[1]", "{ id: \"new\" }"));
  ASSERT_EQ(inputs.policy().stages(0).blockers_size(), 3);
  EXPECT_EQ(inputs.policy().stages(0).blockers(0).id(), "errors");
  EXPECT_EQ(inputs.policy().stages(0).blockers(1).id(), "new");
  EXPECT_FALSE(inputs.policy().stages(0).blockers(1).has_check());
  EXPECT_EQ(inputs.policy().stages(0).blockers(2).id(), "hours");
}

TEST(EditTest, SetReplacesAListAsAWhole) {
  EXPECT_EQ(After(Set("policy.stages[0].blockers", "[ { id: \"a\" }, { id: \"b\" } ]"))
                .policy()
                .stages(0)
                .blockers_size(),
            2);
  EXPECT_EQ(After(Set("policy.stages[0].blockers", "[]")).policy().stages(0).blockers_size(), 0);
}

TEST(EditTest, SetReplacesAMessageRatherThanMerging) {
  const v1::Inputs inputs = After(
      Set("policy.stages[0].blockers[0].metric_alarm", "{ observed { alarm: \"latency\" } }"));
  const v1::MetricAlarm& alarm = inputs.policy().stages(0).blockers(0).metric_alarm();
  EXPECT_EQ(alarm.observed().alarm(), "latency");
  EXPECT_FALSE(alarm.has_max_age());
}

TEST(EditTest, MessagesOnTheWayComeToBe) {
  const v1::Inputs inputs = After(Set("policy.stages[0].rollout.hygiene.deadline.seconds", "60"));
  EXPECT_EQ(inputs.policy().stages(0).rollout().hygiene().deadline().seconds(), 60);
}

TEST(EditTest, SettingAMemberOfAChoiceClearsTheOther) {
  const v1::Inputs set = After(Set("policy.stages[0].blockers[0].check", "{ check: \"unit\" }"));
  EXPECT_TRUE(set.policy().stages(0).blockers(0).has_check());
  EXPECT_FALSE(set.policy().stages(0).blockers(0).has_metric_alarm());
  const v1::Inputs inside = After(Set("policy.stages[0].blockers[0].check.check", "\"unit\""));
  EXPECT_TRUE(inside.policy().stages(0).blockers(0).has_check());
  EXPECT_FALSE(inside.policy().stages(0).blockers(0).has_metric_alarm());
}

TEST(EditTest, SettingAMemberOfAChoiceToItsDefaultSetsIt) {
  const v1::Inputs inputs =
      After(Set("policy.stages[0].rollout.blast_radius.stage_cap_basis_points", "0"));
  EXPECT_EQ(inputs.policy().stages(0).rollout().blast_radius().stage_cap_case(),
            v1::BlastRadius::kStageCapBasisPoints);
}

TEST(EditTest, EnumsByNameAndByNumber) {
  EXPECT_EQ(After(Set("policy.stages[0].order", "QUEUE")).policy().stages(0).order(),
            v1::Stage::QUEUE);
  EXPECT_EQ(static_cast<int>(After(Set("policy.stages[0].order", "99")).policy().stages(0).order()),
            99);
  ExpectRefused(Set("policy.stages[0].order", "QUEUED"), "SUPERSEDE, QUEUE");
}

TEST(EditTest, AddAppends) {
  const v1::Inputs inputs = After(Add("policy.stages[0].blockers", "{ id: \"new\" }"));
  ASSERT_EQ(inputs.policy().stages(0).blockers_size(), 4);
  EXPECT_EQ(inputs.policy().stages(0).blockers(3).id(), "new");
  EXPECT_EQ(After(Add("known_bad", "{ id: \"l\" }")).known_bad_size(), 1);
}

TEST(EditTest, ClearRemovesFieldsAndElements) {
  EXPECT_FALSE(After(Clear("state")).has_state());
  EXPECT_EQ(After(Clear("policy.stages[0].blockers")).policy().stages(0).blockers_size(), 0);
  const v1::Inputs inputs = After(Clear("policy.stages[0].blockers[0]"));
  ASSERT_EQ(inputs.policy().stages(0).blockers_size(), 2);
  EXPECT_EQ(inputs.policy().stages(0).blockers(0).id(), "tests");
  EXPECT_EQ(inputs.policy().stages(0).blockers(1).id(), "hours");
}

TEST(EditTest, ClearOfWhatIsNotThereChangesNothing) {
  for (const char* path :
       {"organisation", "known_bad", "policy.stages[0].rollout.hygiene",
        "policy.stages[0].blockers[0].check.check", "policy.without_emergency_stop"}) {
    EXPECT_TRUE(MessageDifferencer::Equals(After(Clear(path)), Inputs())) << path;
  }
  ExpectRefused(Clear("known_bad[0]"), "no element 0");
}

TEST(EditTest, BadPathsAreRefused) {
  ExpectRefused(Clear(""), "empty");
  ExpectRefused(Clear("."), "neither");
  ExpectRefused(Clear("policy."), "neither");
  ExpectRefused(Clear(".policy"), "neither");
  ExpectRefused(Clear("policy..id"), "neither");
  ExpectRefused(Clear("[0]"), "neither");
  ExpectRefused(Clear(" policy"), "no field ` policy`");
  ExpectRefused(Clear("rules"), "policy, state, organisation, known_bad");
  ExpectRefused(Clear("policy.stages[0].rules"), "no field `rules`");
}

TEST(EditTest, BadIndexesAreRefused) {
  for (const char* part : {"stages[]", "stages[-1]", "stages[+0]", "stages[ 0]", "stages[00]",
                           "stages[0", "stages[0]]", "stages[x]", "stages[0][0]", "stages[0]x",
                           "stages[99999999999]", "stages[1.0]"}) {
    ExpectRefused(Clear(absl::StrCat("policy.", part)), "neither");
  }
  ExpectRefused(Clear("policy.stages]"), "no field `stages]`");
  ExpectRefused(Clear("policy.stages[1]"), "no element 1; it has 1 element");
  ExpectRefused(Clear("policy.stages[0].blockers[3]"), "no element 3; it has 3 elements");
  ExpectRefused(Clear("organisation.holds[0]"), "no element 0; it has 0 elements");
  ExpectRefused(Clear("policy[0]"), "is no list");
  ExpectRefused(Clear("policy.id[0]"), "is no list");
}

TEST(EditTest, ListsAndScalarsHaveNoFields) {
  ExpectRefused(Clear("policy.stages.id"), "say which element");
  ExpectRefused(Clear("policy.id.x"), "has no fields of its own");
}

TEST(EditTest, ChoicesAreNoFields) {
  ExpectRefused(Clear("policy.stages[0].blockers[0].kind"), "metric_alarm, ");
}

TEST(EditTest, TextThatIsNoValueIsRefused) {
  ExpectRefused(Set("policy.id", "shop"), "a string in quotes");
  ExpectRefused(Set("policy.id", ""), "a string in quotes");
  ExpectRefused(Set("policy.without_emergency_stop", "maybe"), "true or false");
  ExpectRefused(Set("state.revision", "-1"), "uint64");
  ExpectRefused(Set("state.revision", "1.5"), "uint64");
  ExpectRefused(Set("policy", "\"x\""), "sluice.v1.PipelinePolicy between braces");
  ExpectRefused(Set("policy", "{ unknown: 1 }"), "unknown");
  ExpectRefused(Set("policy", "{ id: \"a\""), "sluice.v1.PipelinePolicy between braces");
  ExpectRefused(Set("policy.stages[0].blockers", "{ unknown: 1 }"), "a list");
}

TEST(EditTest, TextThatIsMoreThanOneValueIsRefused) {
  ExpectRefused(Set("policy.id", "\"a\" profile: STANDARD_1"), "nothing else");
  ExpectRefused(Set("policy.id", "\"a\" id: \"b\""), "");
  ExpectRefused(Set("policy", "{ id: \"a\" id: \"b\" }"), "");
  ExpectRefused(Set("policy.stages[0].blockers[0]", "[ { id: \"a\" }, { id: \"b\" } ]"),
                "nothing else");
  ExpectRefused(Set("policy.stages[0].blockers[0]", "[]"), "nothing else");
  ExpectRefused(Add("policy.stages[0].blockers", "[ { id: \"a\" }, { id: \"b\" } ]"),
                "nothing else");
  ExpectRefused(Add("policy.stages[0].blockers", "[]"), "nothing else");
  ExpectRefused(Set("policy.stages[0].blockers[0]", "{ check {} metric_alarm {} }"), "");
}

TEST(EditTest, DeepTextIsRefused) {
  std::string text;
  for (int i = 0; i < 100000; ++i) absl::StrAppend(&text, "{ all_of { children ");
  ExpectRefused(Set("policy.stages[0].blockers[0]", text), "");
}

TEST(EditTest, AddIsForListsAlone) {
  ExpectRefused(Add("policy.id", "\"a\""), "only a list grows");
  ExpectRefused(Add("policy.stages[0]", "{}"), "only a list grows");
}

TEST(EditTest, MapsChangeAsAWholeOrGrow) {
  const v1::Inputs grown = After(Add("state.checks[0].numbers", "{ key: \"lines\" value: 5 }"));
  EXPECT_EQ(grown.state().checks(0).numbers().size(), 2u);
  EXPECT_EQ(After(Clear("state.checks[0].numbers")).state().checks(0).numbers().size(), 0u);
  const v1::Inputs set = After(Set("state.checks[0].numbers", "{ key: \"lines\" value: 5 }"));
  ASSERT_EQ(set.state().checks(0).numbers().size(), 1u);
  EXPECT_EQ(set.state().checks(0).numbers().at("lines"), 5);
  ExpectRefused(Clear("state.checks[0].numbers[0]"), "is a map");
  ExpectRefused(Set("state.checks[0].numbers.value", "1"), "is a map");
  ExpectRefused(Add("state.checks[0].numbers", "{ key: \"coverage\" value: 5 }"), "this key");
}

TEST(EditTest, SaysAChange) {
  v1::Edit edit;
  edit.set_path("policy.id");
  ExpectRefused(edit, "says no change");
  edit.set_clear(false);
  ExpectRefused(edit, "`clear` is true");
}

}  // namespace
}  // namespace sluice
