#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "tests/record/world.h"

// What is wrong with an event by itself: each kind once, all of its fields set, then each field
// missing, unknown, malformed.
namespace sluice {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using Code = absl::StatusCode;

struct Example {
  const char* name;
  // Of a valid event; DIGEST stands for one.
  const char* kind;
  // Paths that may be missing.
  std::set<std::string> optional;
};

std::ostream& operator<<(std::ostream& out, const Example& example) { return out << example.name; }

v1::Event MakeEvent(absl::string_view kind) {
  v1::Event event = Parse<v1::Event>(absl::StrReplaceAll(
      kind, {{"DIGEST", absl::StrCat("'", D(1), "'")}, {"INSTANT", "{ seconds: 100 }"}}));
  event.set_id("e");
  *event.mutable_at() = At(100);
  if (event.kind_case() < 40) event.set_expected_revision(0);
  return event;
}

absl::Status ApplyToNew(const v1::Event& event) {
  World world;
  return world.Do(event);
}

const std::vector<Example>& Examples() {
  static const std::vector<Example>* const examples = new std::vector<Example>{
      {"forward",
       "deployment_started { stage: 'prod' action { id: 'i' cell: 'a' artifact: DIGEST attempt: 1 "
       "wave: 'one' } plan { wave: 'one' cells: 'a' weights: 1 } policy_fingerprint: DIGEST }",
       {"deployment_started.plan"}},
      {"roll_back",
       "deployment_started { stage: 'prod' action { id: 'i' cell: 'a' artifact: DIGEST attempt: 1 "
       "roll_back: true } removes: DIGEST roll_back_cells: 'a' policy_fingerprint: DIGEST }",
       {}},
      {"deployment_ended",
       "deployment_ended { stage: 'prod' cell: 'a' action_id: 'i' outcome: ABANDONED who: 'ann' "
       "why: 'x' }",
       {"deployment_ended.why"}},
      {"entered", "entered { stage: 'build' artifact: DIGEST action_id: 'i' }", {}},
      {"cell_proven",
       "recorded { stage: 'prod' policy_fingerprint: DIGEST record { kind: CELL_PROVEN artifact: "
       "DIGEST wave: 'one' cell: 'a' id: 'i' } }",
       {"recorded.record.wave"}},
      {"wave_proven",
       "recorded { stage: 'prod' policy_fingerprint: DIGEST record { kind: WAVE_PROVEN artifact: "
       "DIGEST wave: '@added' id: 'i' } }",
       {}},
      {"halted",
       "recorded { stage: 'prod' policy_fingerprint: DIGEST record { kind: HALTED artifact: DIGEST "
       "reason: NO_SAFE_TARGET id: 'i' } }",
       {}},
      {"rollout_abandoned",
       "rollout_abandoned { stage: 'prod' artifact: DIGEST who: 'ann' why: 'x' }",
       {}},
      {"cell_added",
       "cell_added { cell { id: 'a' stage: 'prod' region: 'r' zone: 'z' weight: 1 } }",
       {"cell_added.cell.region", "cell_added.cell.zone"}},
      {"cell_adopted", "cell_adopted { stage: 'prod' cell: 'a' artifact: DIGEST who: 'ann' }", {}},
      {"cell_accepted",
       "cell_accepted { stage: 'prod' cell: 'a' who: 'ann' roles: 'lead' why: 'x' }",
       {}},
      {"cell_retired", "cell_retired { cell: 'a' who: 'ann' why: 'x' }", {}},
      {"latch_released",
       "latch_released { stage: 'prod' artifact: DIGEST who: 'ann' why: 'x' }",
       {}},
      {"start_requested",
       "start_requested { stage: 'prod' request { id: 'r' artifact: DIGEST wave: 'one' who: 'ann' "
       "requested_at INSTANT expires_at { seconds: 200 } } }",
       {"start_requested.request.wave"}},
      {"preempt_requested",
       "preempt_requested { stage: 'prod' request { id: 'r' artifact: DIGEST who: 'ann' "
       "requested_at INSTANT expires_at { seconds: 200 } } }",
       {}},
      {"roll_back_requested",
       "roll_back_requested { stage: 'prod' request { id: 'r' artifact: DIGEST cells: 'a' who: "
       "'ann' why: 'x' requested_at INSTANT } }",
       {"roll_back_requested.request.cells"}},
      {"retry_requested",
       "retry_requested { stage: 'prod' request { id: 'r' artifact: DIGEST cell: 'a' attempt: 2 "
       "who: 'ann' why: 'x' requested_at INSTANT } }",
       {"retry_requested.request.cell"}},
      {"artifact_built",
       "artifact_built { artifact { digest: DIGEST name: 'n' version: 'v' sequence: 1 "
       "source_revision: 's' authors: 'ann' checked_in_at INSTANT built_at INSTANT rollback_floor: "
       "1 "
       "components { count: 1 components { package_url: 'pkg:a/b' digests: DIGEST } } } }",
       {"artifact_built.artifact.name", "artifact_built.artifact.version",
        "artifact_built.artifact.source_revision", "artifact_built.artifact.authors",
        "artifact_built.artifact.checked_in_at", "artifact_built.artifact.built_at",
        "artifact_built.artifact.rollback_floor", "artifact_built.artifact.components",
        "artifact_built.artifact.components.components[0].package_url",
        "artifact_built.artifact.components.components[0].digests"}},
      {"check_reported",
       "check_reported { check { check: 'unit' artifact: DIGEST stage: 'prod' cell: 'a' run: 'r' "
       "started_at INSTANT finished_at INSTANT outcome: PASSED numbers { key: 'n' value: 1 } } }",
       {"check_reported.check.stage", "check_reported.check.cell", "check_reported.check.numbers"}},
      {"alarm_reported",
       "alarm_reported { alarm { alarm: 'errors' cell: 'a' state: OK since INSTANT observed_at "
       "INSTANT "
       "last_alarm_at INSTANT history_from INSTANT } }",
       {"alarm_reported.alarm.cell", "alarm_reported.alarm.last_alarm_at",
        "alarm_reported.alarm.history_from"}},
      {"series_reported",
       "series_reported { series { series: 'p99' region: 'r' start { seconds: 60 } period { "
       "seconds: 60 } values: 1 reported_through { seconds: 120 } } }",
       {"series_reported.series.region", "series_reported.series.values"}},
      {"baseline_reported",
       "baseline_reported { baseline { counts: 'http' stage: 'prod' artifact: DIGEST requests: 10 "
       "errors: 1 observed_at INSTANT } }",
       {"baseline_reported.baseline.errors"}},
      {"measurement_reported",
       "measurement_reported { measurement { measurement: 'm' artifact: DIGEST cell: 'a' run: 'r' "
       "measured_at INSTANT outcome: ERROR last: true } }",
       {"measurement_reported.measurement.last"}},
      {"synthetic_runs_reported",
       "synthetic_runs_reported { runs { stage: 'test' api: 'login' finished_at_ms: 1 succeeded: "
       "true } }",
       {}},
      {"environment_observed",
       "environment_observed { environment { stage: 'test' observed_at INSTANT aspects { key: 'k' "
       "value: "
       "'v' } } }",
       {"environment_observed.environment.aspects"}},
      {"traffic_observed",
       "traffic_observed { sample { stage: 'test' observed_at INSTANT principals: 'robot' "
       "requests: 1 } "
       "}",
       {}},
      {"approval_granted",
       "approval_granted { approval { id: 'x' blocker: 'go' artifact: DIGEST stage: 'prod' "
       "principal: 'ann' roles: 'lead' granted_at INSTANT expires_at { seconds: 200 } "
       "policy_fingerprint: DIGEST } }",
       {"approval_granted.approval.expires_at", "approval_granted.approval.policy_fingerprint"}},
      {"approval_revoked", "approval_revoked { approval: 'x' }", {}},
      {"override_granted",
       "override_granted { override { id: 'x' blockers: 'alarms' artifact: DIGEST stages: 'prod' "
       "principal: 'ann' roles: 'lead' reason: 'x' granted_at INSTANT expires_at { seconds: 200 } "
       "} }",
       {}},
      {"override_of_all",
       "override_granted { override { id: 'x' all_blockers: true policy_fingerprint: DIGEST "
       "artifact: DIGEST stages: 'prod' principal: 'ann' roles: 'lead' reason: 'x' granted_at "
       "INSTANT "
       "expires_at { seconds: 200 } keep_despite: '@deployment' } }",
       {"override_granted.override.all_blockers", "override_granted.override.keep_despite"}},
      {"override_revoked", "override_revoked { override: 'x' }", {}},
      {"hold_placed",
       "hold_placed { hold { id: 'x' scope: CELL stage: 'prod' cell: 'a' who: 'ann' why: 'x' "
       "placed_at INSTANT expires_at { seconds: 200 } } }",
       {"hold_placed.hold.expires_at"}},
      {"hold_released", "hold_released { hold: 'x' }", {}},
      {"roll_back_hold_placed",
       "roll_back_hold_placed { hold { id: 'x' stage: 'prod' who: 'ann' why: 'x' placed_at INSTANT "
       "expires_at { seconds: 200 } } }",
       {}},
      {"roll_back_hold_released", "roll_back_hold_released { hold: 'x' }", {}},
      {"artifact_withdrawn",
       "artifact_withdrawn { withdrawal { artifact: DIGEST who: 'ann' why: 'x' at INSTANT } }",
       {}},
      {"list_observed", "list_observed { list { list: 'cves' epoch: 1 } }", {}},
  };
  return *examples;
}

// Calls `visit(message, field, path)` for every field that is set in `message` and inside it,
// elements of timestamps and durations apart.
template <typename Visitor>
void ForEachField(google::protobuf::Message* message, const std::string& prefix,
                  const Visitor& visit) {
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    const std::string path =
        prefix.empty() ? field->name() : absl::StrCat(prefix, ".", field->name());
    visit(message, field, path);
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_map() ||
        field->message_type()->full_name().find("google.protobuf.") != std::string::npos) {
      continue;
    }
    if (!field->is_repeated()) {
      ForEachField(reflection.MutableMessage(message, field), path, visit);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      ForEachField(reflection.MutableRepeatedMessage(message, field, i),
                   absl::StrCat(path, "[", i, "]"), visit);
    }
  }
}

bool IsOfKind(absl::string_view path) { return path.find('.') != absl::string_view::npos; }

class FieldFaultsTest : public ::testing::TestWithParam<Example> {};

TEST_P(FieldFaultsTest, TheExampleHasNoFault) {
  // What the state lacks is another matter.
  EXPECT_THAT(
      Paths(ApplyToNew(MakeEvent(GetParam().kind))),
      ::testing::AnyOf(ElementsAre(), ElementsAre("deployment_started.action.id"),
                       ElementsAre("entered.action_id"), ElementsAre("recorded.record.id")));
}

TEST_P(FieldFaultsTest, EveryRequiredFieldIsMissed) {
  v1::Event event = MakeEvent(GetParam().kind);
  std::set<std::string> missed_optional;
  ForEachField(&event, "",
               [&](google::protobuf::Message* message,
                   const google::protobuf::FieldDescriptor* field, const std::string& path) {
                 if (!IsOfKind(path)) return;
                 if (path.find("weights") != std::string::npos ||
                     path.find(".count") != std::string::npos ||
                     path.find("succeeded") != std::string::npos ||
                     path.find("finished_at_ms") != std::string::npos ||
                     path.find(".principals") != std::string::npos ||
                     path.find(".requests") != std::string::npos ||
                     path.find("components.components") != std::string::npos ||
                     path.find(".roll_back") != std::string::npos) {
                   return;  // Columns and choices: below.
                 }
                 std::unique_ptr<google::protobuf::Message> whole(message->New());
                 whole->CopyFrom(*message);
                 message->GetReflection()->ClearField(message, field);
                 const absl::Status status = ApplyToNew(event);
                 message->CopyFrom(*whole);
                 if (GetParam().optional.count(path) > 0) return;
                 EXPECT_EQ(status.code(), Code::kInvalidArgument) << path;
                 EXPECT_THAT(Paths(status), Contains(path));
               });
}

TEST_P(FieldFaultsTest, OptionalFieldsAreNotMissed) {
  for (const std::string& optional : GetParam().optional) {
    if (optional == "override_granted.override.all_blockers" ||
        optional == "override_granted.override.keep_despite" ||
        optional == "retry_requested.request.cell" ||
        optional.find("components[0]") != std::string::npos) {
      continue;  // Another field then has a say.
    }
    v1::Event event = MakeEvent(GetParam().kind);
    bool cleared = false;
    ForEachField(&event, "",
                 [&](google::protobuf::Message* message,
                     const google::protobuf::FieldDescriptor* field, const std::string& path) {
                   if (path != optional || cleared) return;
                   message->GetReflection()->ClearField(message, field);
                   cleared = true;
                 });
    EXPECT_TRUE(cleared) << optional;
    const std::vector<std::string> paths = Paths(ApplyToNew(event));
    EXPECT_TRUE(paths.empty() || paths[0].find("id") != std::string::npos ||
                paths == std::vector<std::string>{"deployment_started.plan"})
        << optional;
  }
}

TEST_P(FieldFaultsTest, EveryTextIsChecked) {
  v1::Event event = MakeEvent(GetParam().kind);
  ForEachField(&event, "",
               [&](google::protobuf::Message* message,
                   const google::protobuf::FieldDescriptor* field, const std::string& path) {
                 if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) return;
                 const google::protobuf::Reflection& reflection = *message->GetReflection();
                 std::unique_ptr<google::protobuf::Message> whole(message->New());
                 whole->CopyFrom(*message);
                 if (field->is_repeated()) {
                   reflection.SetRepeatedString(message, field, 0, "\xff");
                 } else {
                   reflection.SetString(message, field, "\xff");
                 }
                 const std::vector<std::string> paths = Paths(ApplyToNew(event));
                 EXPECT_THAT(paths,
                             Contains(field->is_repeated() ? absl::StrCat(path, "[0]") : path));
                 message->CopyFrom(*whole);
               });
}

TEST_P(FieldFaultsTest, EveryInstantIsChecked) {
  v1::Event event = MakeEvent(GetParam().kind);
  ForEachField(
      &event, "",
      [&](google::protobuf::Message* message, const google::protobuf::FieldDescriptor* field,
          const std::string& path) {
        if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE ||
            field->message_type()->full_name() != "google.protobuf.Timestamp") {
          return;
        }
        auto* timestamp = static_cast<google::protobuf::Timestamp*>(
            message->GetReflection()->MutableMessage(message, field));
        const google::protobuf::Timestamp valid = *timestamp;
        for (const int64_t seconds : {int64_t{-62'135'596'801}, int64_t{253'402'300'800}}) {
          timestamp->set_seconds(seconds);
          EXPECT_THAT(Paths(ApplyToNew(event)), Contains(path));
        }
        *timestamp = valid;
        for (const int nanos : {-1, 1'000'000'000}) {
          timestamp->set_nanos(nanos);
          EXPECT_THAT(Paths(ApplyToNew(event)), Contains(path));
        }
        *timestamp = valid;
      });
}

TEST_P(FieldFaultsTest, EveryEnumIsChecked) {
  v1::Event event = MakeEvent(GetParam().kind);
  ForEachField(&event, "",
               [&](google::protobuf::Message* message,
                   const google::protobuf::FieldDescriptor* field, const std::string& path) {
                 if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_ENUM) return;
                 const google::protobuf::Reflection& reflection = *message->GetReflection();
                 const int valid = reflection.GetEnumValue(*message, field);
                 reflection.SetEnumValue(message, field, 999);
                 EXPECT_THAT(Paths(ApplyToNew(event)), Contains(path));
                 reflection.SetEnumValue(message, field, valid);
               });
}

TEST_P(FieldFaultsTest, UnknownFieldsAreRefusedAtAnyDepth) {
  v1::Event event = MakeEvent(GetParam().kind);
  ForEachField(&event, "",
               [&](google::protobuf::Message* message, const google::protobuf::FieldDescriptor*,
                   const std::string& path) {
                 google::protobuf::UnknownFieldSet* unknown =
                     message->GetReflection()->MutableUnknownFields(message);
                 unknown->AddVarint(1000, 1);
                 const absl::Status status = ApplyToNew(event);
                 EXPECT_EQ(status.code(), Code::kInvalidArgument) << path;
                 const v1::Faults faults = FaultsOf(status);
                 ASSERT_GE(faults.faults_size(), 1);
                 EXPECT_EQ(faults.faults(0).kind(), v1::Fault::UNKNOWN_FIELD);
                 unknown->Clear();
               });
}

std::string NameOf(const ::testing::TestParamInfo<Example>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Kinds, FieldFaultsTest, ::testing::ValuesIn(Examples()), NameOf);

// ---- What fields say together. Each row changes an example by text that is merged into it.

struct Clash {
  const char* kind;
  const char* path;
};

std::ostream& operator<<(std::ostream& out, const Clash& clash) { return out << clash.path; }

class ClashTest : public ::testing::TestWithParam<Clash> {};

TEST_P(ClashTest, IsAFault) {
  const absl::Status status = ApplyToNew(MakeEvent(GetParam().kind));
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(Paths(status), Contains(GetParam().path));
}

#define FORWARD                                                                                \
  "deployment_started { stage: 'prod' action { id: 'i' cell: 'a' artifact: DIGEST attempt: 1 " \
  "wave: 'one' } policy_fingerprint: DIGEST "
#define ROLL_BACK                                                                              \
  "deployment_started { stage: 'prod' action { id: 'i' cell: 'a' artifact: DIGEST attempt: 1 " \
  "roll_back: true } removes: DIGEST policy_fingerprint: DIGEST "
#define RECORD \
  "recorded { stage: 'prod' policy_fingerprint: DIGEST record { artifact: DIGEST id: 'i' "
#define COUNTS                                                                              \
  "counts_reported { counts { counts: 'http' stage: 'prod' start { seconds: 60 } period { " \
  "seconds: 60 } reported_through { seconds: 180 } "
#define BASELINE                                                                  \
  "baseline_reported { baseline { counts: 'http' stage: 'prod' artifact: DIGEST " \
  "observed_at INSTANT "
#define SERIES "series_reported { series { series: 'p99' "
#define ALARM \
  "alarm_reported { alarm { alarm: 'errors' state: OK since INSTANT observed_at INSTANT "
#define CHECK "check_reported { check { check: 'unit' artifact: DIGEST run: 'r' started_at INSTANT "
#define HOLD "hold_placed { hold { id: 'x' who: 'ann' why: 'x' placed_at INSTANT "
#define OVERRIDE                                                                            \
  "override_granted { override { id: 'x' artifact: DIGEST stages: 'prod' principal: 'ann' " \
  "roles: 'lead' reason: 'x' granted_at INSTANT "

INSTANTIATE_TEST_SUITE_P(
    Clashes, ClashTest,
    ::testing::ValuesIn(std::vector<Clash>{
        {FORWARD "removes: DIGEST }", "deployment_started.removes"},
        {FORWARD "roll_back_cells: 'a' }", "deployment_started.roll_back_cells"},
        {FORWARD "plan { wave: 'one' } }", "deployment_started.plan[0].cells"},
        {FORWARD "plan { wave: 'one' cells: 'a' } }", "deployment_started.plan[0].weights"},
        {FORWARD "plan { wave: 'one' cells: 'a' weights: 1 weights: 1 } }",
         "deployment_started.plan[0].weights"},
        {FORWARD "plan { wave: 'one' cells: 'a' weights: 0 } }",
         "deployment_started.plan[0].weights[0]"},
        {FORWARD "plan { wave: 'one' cells: 'a' weights: 1000001 } }",
         "deployment_started.plan[0].weights[0]"},
        {FORWARD "plan { wave: 'one' cells: ['a', 'a'] weights: [1, 1] } }",
         "deployment_started.plan[0].cells[1]"},
        {FORWARD
         "plan { wave: 'one' cells: 'a' weights: 1 } plan { wave: 'two' cells: 'a' weights: "
         "1 } }",
         "deployment_started.plan[1].cells[0]"},
        {FORWARD
         "plan { wave: 'one' cells: 'a' weights: 1 } plan { wave: 'one' cells: 'b' weights: "
         "1 } }",
         "deployment_started.plan[1].wave"},
        {FORWARD "plan { wave: '@mine' cells: 'a' weights: 1 } }",
         "deployment_started.plan[0].wave"},
        {ROLL_BACK "}", "deployment_started.roll_back_cells"},
        {ROLL_BACK "roll_back_cells: 'b' }", "deployment_started.roll_back_cells"},
        {ROLL_BACK "roll_back_cells: 'a' halts_previous: true }",
         "deployment_started.halts_previous"},
        {ROLL_BACK "roll_back_cells: 'a' plan { wave: 'one' cells: 'a' weights: 1 } }",
         "deployment_started.plan"},
        {RECORD "} }", "recorded.record.kind"},
        {RECORD "kind: CELL_PROVEN } }", "recorded.record.cell"},
        {RECORD "kind: WAVE_PROVEN } }", "recorded.record.wave"},
        {RECORD "kind: WAVE_PROVEN wave: 'one' cell: 'a' } }", "recorded.record.cell"},
        {RECORD "kind: COMPLETE wave: 'one' } }", "recorded.record.wave"},
        {RECORD "kind: PASSED cell: 'a' } }", "recorded.record.cell"},
        {RECORD "kind: HALTED reason: KNOWN_BAD_MATCH } }", "recorded.record.reason"},
        {RECORD "kind: HALTED reason: ALL_CLEAR } }", "recorded.record.reason"},
        {"cell_added { cell { id: 'a' stage: 'prod' weight: 1000001 } }", "cell_added.cell.weight"},
        {"cell_added { cell { id: 'a' stage: 'prod' weight: 1 retired { who: 'ann' why: 'x' at "
         "INSTANT "
         "} "
         "} }",
         "cell_added.cell.retired"},
        {"start_requested { stage: 'prod' request { id: 'r' artifact: DIGEST who: 'ann' "
         "requested_at "
         "INSTANT expires_at INSTANT } }",
         "start_requested.request.expires_at"},
        {"preempt_requested { stage: 'prod' request { id: 'r' artifact: DIGEST who: 'ann' "
         "requested_at INSTANT expires_at INSTANT } }",
         "preempt_requested.request.expires_at"},
        {"roll_back_requested { stage: 'prod' request { id: 'r' artifact: DIGEST who: 'ann' why: "
         "'x' requested_at INSTANT honoured_by: 1 } }",
         "roll_back_requested.request.honoured_by"},
        {"retry_requested { stage: 'prod' request { id: 'r' artifact: DIGEST who: 'ann' why: 'x' "
         "requested_at INSTANT number: 1 } }",
         "retry_requested.request.number"},
        {"retry_requested { stage: 'prod' request { id: 'r' artifact: DIGEST who: 'ann' why: 'x' "
         "requested_at INSTANT attempt: 1 } }",
         "retry_requested.request.attempt"},
        {"artifact_built { artifact { digest: DIGEST sequence: 1 components { count: 2 components "
         "{ "
         "package_url: 'p' } } } }",
         "artifact_built.artifact.components.count"},
        {"artifact_built { artifact { digest: DIGEST sequence: 1 components { components { "
         "package_url: 'p' } } } }",
         "artifact_built.artifact.components.count"},
        {"artifact_built { artifact { digest: DIGEST sequence: 1 components { count: 1 components "
         "{ "
         "} } } }",
         "artifact_built.artifact.components.components[0]"},
        {"artifact_built { artifact { digest: DIGEST sequence: 1 annotations { key: '\\377' } } }",
         "artifact_built.artifact.annotations"},
        {CHECK "outcome: RUNNING finished_at INSTANT } }", "check_reported.check.finished_at"},
        {CHECK "outcome: ERROR } }", "check_reported.check.finished_at"},
        {CHECK "outcome: PASSED finished_at { seconds: 99 nanos: 999999999 } } }",
         "check_reported.check.finished_at"},
        {CHECK "outcome: RUNNING numbers { key: 'n' value: inf } } }",
         "check_reported.check.numbers"},
        {CHECK "outcome: RUNNING numbers { key: 'n' value: nan } } }",
         "check_reported.check.numbers"},
        {CHECK "outcome: RUNNING numbers { key: '' value: 1 } } }", "check_reported.check.numbers"},
        {ALARM "cell: 'a' region: 'r' } }", "alarm_reported.alarm.region"},
        {ALARM "last_alarm_at { seconds: 100 nanos: 1 } } }", "alarm_reported.alarm.last_alarm_at"},
        {ALARM "history_from { seconds: 100 nanos: 1 } } }", "alarm_reported.alarm.history_from"},
        {"alarm_reported { alarm { alarm: 'errors' state: OK since { seconds: 100 nanos: 1 } "
         "observed_at INSTANT } }",
         "alarm_reported.alarm.since"},
        {SERIES "start { seconds: 61 } period { seconds: 60 } reported_through INSTANT } }",
         "series_reported.series.start"},
        {SERIES
         "start { seconds: 60 nanos: 1 } period { seconds: 60 } reported_through INSTANT } }",
         "series_reported.series.start"},
        {SERIES "start { seconds: 60 } period { seconds: 15 } reported_through INSTANT } }",
         "series_reported.series.period"},
        {SERIES "start { seconds: 60 } period { } reported_through INSTANT } }",
         "series_reported.series.period"},
        {SERIES "start { seconds: 60 } period { seconds: -60 } reported_through INSTANT } }",
         "series_reported.series.period"},
        {SERIES "start { seconds: 60 } period { seconds: 60 } reported_through { seconds: 120 } "
                "values: [1, 2] } }",
         "series_reported.series.reported_through"},
        {SERIES "start { seconds: 60 } period { seconds: 60 } reported_through { seconds: 121 } "
                "values: [1, -inf] } }",
         "series_reported.series.values[1]"},
        {SERIES
         "start { seconds: 253402300740 } period { seconds: 60 } reported_through { seconds: "
         "253402300799 } values: [1, 2] } }",
         "series_reported.series"},
        {BASELINE "} }", "baseline_reported.baseline.requests"},
        {BASELINE "requests: -1 } }", "baseline_reported.baseline.requests"},
        {BASELINE "requests: 17179869185 } }", "baseline_reported.baseline.requests"},
        {BASELINE "requests: 10 errors: 11 } }", "baseline_reported.baseline.errors"},
        {BASELINE "requests: 10 errors: -1 } }", "baseline_reported.baseline.errors"},
        {"counts_reported { }", "counts_reported.counts"},
        {COUNTS "} }", "counts_reported.counts.cells"},
        {COUNTS "cells: ['a', 'a'] } }", "counts_reported.counts.cells[1]"},
        {COUNTS "cells: 'a' requests: 1 } }", "counts_reported.counts.errors"},
        {COUNTS "cells: ['a', 'b'] requests: 1 errors: 1 } }", "counts_reported.counts.requests"},
        {COUNTS "cells: 'a' requests: -2 errors: 0 } }", "counts_reported.counts.requests[0]"},
        {COUNTS "cells: 'a' requests: 1 errors: -2 } }", "counts_reported.counts.errors[0]"},
        {COUNTS "cells: 'a' requests: 17179869185 errors: 0 } }",
         "counts_reported.counts.requests[0]"},
        {COUNTS "cells: 'a' requests: 1 errors: 2 } }", "counts_reported.counts.errors[0]"},
        {COUNTS "cells: 'a' requests: [1, 1, 1] errors: [1, 1, 1] } }",
         "counts_reported.counts.reported_through"},
        {"synthetic_runs_reported { runs { stage: 'test' api: 'l' finished_at_ms: 1 } }",
         "synthetic_runs_reported.runs.succeeded"},
        {"synthetic_runs_reported { runs { stage: 'test' api: 'l' finished_at_ms: [2, 1] "
         "succeeded: "
         "[true, true] } }",
         "synthetic_runs_reported.runs.finished_at_ms[1]"},
        {"synthetic_runs_reported { runs { stage: 'test' api: 'l' finished_at_ms: -62135596800001 "
         "succeeded: true } }",
         "synthetic_runs_reported.runs.finished_at_ms[0]"},
        {"synthetic_runs_reported { runs { stage: 'test' api: 'l' finished_at_ms: 253402300800000 "
         "succeeded: true } }",
         "synthetic_runs_reported.runs.finished_at_ms[0]"},
        {"environment_observed { environment { stage: 't' observed_at INSTANT aspects { key: 'k' } "
         "} }",
         "environment_observed.environment.aspects"},
        {"traffic_observed { sample { stage: 't' observed_at INSTANT principals: 'r' } }",
         "traffic_observed.sample.requests"},
        {"traffic_observed { sample { stage: 't' observed_at INSTANT principals: 'r' requests: -1 "
         "} }",
         "traffic_observed.sample.requests[0]"},
        {"traffic_observed { sample { stage: 't' observed_at INSTANT principals: ['r', 'r'] "
         "requests: "
         "[1, 1] } }",
         "traffic_observed.sample.principals[1]"},
        {"approval_granted { approval { id: 'x' blocker: 'go' artifact: DIGEST stage: 'prod' "
         "principal: 'ann' roles: 'lead' granted_at INSTANT expires_at INSTANT } }",
         "approval_granted.approval.expires_at"},
        {"approval_granted { approval { id: 'x' blocker: 'go' artifact: DIGEST stage: 'prod' "
         "principal: 'ann' roles: 'lead' granted_at INSTANT revoked_at INSTANT } }",
         "approval_granted.approval.revoked_at"},
        {OVERRIDE "blockers: 'b' expires_at INSTANT } }", "override_granted.override.expires_at"},
        {OVERRIDE "blockers: 'b' expires_at { seconds: 200 } revoked_at INSTANT } }",
         "override_granted.override.revoked_at"},
        {OVERRIDE "all_blockers: true expires_at { seconds: 200 } } }",
         "override_granted.override.policy_fingerprint"},
        {OVERRIDE "expires_at { seconds: 200 } } }", "override_granted.override.blockers"},
        {OVERRIDE "keep_despite: '@bake' expires_at { seconds: 200 } } }",
         "override_granted.override.keep_despite[0]"},
        {HOLD "scope: ORGANISATION } }", "hold_placed.hold.scope"},
        {HOLD "scope: PIPELINE pipeline: 'shop' } }", "hold_placed.hold.pipeline"},
        {HOLD "scope: PIPELINE stage: 'prod' } }", "hold_placed.hold.stage"},
        {HOLD "scope: STAGE } }", "hold_placed.hold.stage"},
        {HOLD "scope: STAGE stage: 'prod' cell: 'a' } }", "hold_placed.hold.cell"},
        {HOLD "scope: CELL stage: 'prod' } }", "hold_placed.hold.cell"},
        {HOLD "scope: PIPELINE expires_at INSTANT } }", "hold_placed.hold.expires_at"},
        {HOLD "scope: PIPELINE released_at INSTANT } }", "hold_placed.hold.released_at"},
        {"roll_back_hold_placed { hold { id: 'x' stage: 'prod' who: 'ann' why: 'x' placed_at "
         "INSTANT "
         "expires_at INSTANT } }",
         "roll_back_hold_placed.hold.expires_at"},
        {"roll_back_hold_placed { hold { id: 'x' stage: 'prod' who: 'ann' why: 'x' placed_at "
         "INSTANT "
         "expires_at { seconds: 200 } released_at INSTANT } }",
         "roll_back_hold_placed.hold.released_at"},
    }));

TEST(FieldFaultsOfAllTest, AreSaidAtOnce) {
  v1::Event event;
  *event.mutable_rollout_abandoned() = v1::RolloutAbandoned();
  EXPECT_THAT(Paths(ApplyToNew(event)),
              UnorderedElementsAre("id", "at", "expected_revision", "rollout_abandoned.stage",
                                   "rollout_abandoned.artifact", "rollout_abandoned.who",
                                   "rollout_abandoned.why"));
  EXPECT_THAT(Paths(ApplyToNew(v1::Event())), UnorderedElementsAre("id", "at", "kind"));
}

TEST(FieldFaultsOfAllTest, LongTextIsRefused) {
  v1::Event event = MakeEvent("cell_retired { cell: 'a' who: 'ann' why: 'x' }");
  event.mutable_cell_retired()->set_why(std::string(65536, 'x'));
  EXPECT_THAT(Paths(ApplyToNew(event)), ElementsAre());
  event.mutable_cell_retired()->set_why(std::string(65537, 'x'));
  EXPECT_THAT(Paths(ApplyToNew(event)), ElementsAre("cell_retired.why"));
}

// One by its digest alone, the other by its name.
TEST(FieldFaultsOfAllTest, AComponentHasANameOrADigest) {
  EXPECT_THAT(Paths(ApplyToNew(MakeEvent(
                  "artifact_built { artifact { digest: DIGEST sequence: 1 components { count: 2 "
                  "components { digests: DIGEST } components { package_url: 'p' } } } }"))),
              ElementsAre());
}

TEST(FieldFaultsOfAllTest, TheFirstAndLastMillisecondAreInstants) {
  EXPECT_THAT(Paths(ApplyToNew(MakeEvent(
                  "synthetic_runs_reported { runs { stage: 'test' api: 'l' finished_at_ms: "
                  "[-62135596800000, 253402300799999] succeeded: [true, true] } }"))),
              ElementsAre());
}

TEST(FieldFaultsOfAllTest, EveryKindOfEventHasAnExample) {
  std::set<int> kinds;
  for (const Example& example : Examples()) kinds.insert(MakeEvent(example.kind).kind_case());
  kinds.insert(v1::Event::kCountsReported);  // Among the clashes.
  EXPECT_EQ(static_cast<int>(kinds.size()),
            v1::Event::descriptor()->FindOneofByName("kind")->field_count());
}

}  // namespace
}  // namespace sluice
