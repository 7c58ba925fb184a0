#include "sluice/explain/smallest_changes.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/strict_text.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/snapshot.h"
#include "sluice/testing/edit.h"
#include "sluice/v1/testing.pb.h"
#include "tests/explain/replay.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// One cell on version a; b is the candidate, built by alice. Nothing holds.
constexpr char kBase[] = R"(
policy {
  id: "shop"
  profile: STANDARD_1
  without_emergency_stop: true
  stages {
    id: "prod" kind: PRODUCTION deploys: CELLS passes: ON_COMPLETION start: AUTOMATIC
    without_blockers: true
    rollout {
      waves { id: "one" cells: "c1" }
      blast_radius { no_stage_cap {} max_parallel: 1 }
      deploy { max_time { seconds: 600 } }
      bake { min_time { seconds: 3600 } max_time { seconds: 36000 } time_only: true }
      no_hygiene {}
      roll_back { watch_for { seconds: 0 } max_parallel: 1 attempts: 1 }
    }
  }
}
state {
  schema_version: 1 pipeline: "shop" revision: 5 written_at { seconds: 1795514400 }
  artifacts { digest: "DIGEST_A" sequence: 1 }
  artifacts { digest: "DIGEST_B" sequence: 2 authors: "alice" }
  cells { id: "c1" stage: "prod" weight: 1 }
  stages {
    stage: "prod"
    deployments {
      number: 1 cell: "c1" artifact: "DIGEST_A" direction: ADOPTED outcome: SUCCEEDED who: "alice"
      started_at { seconds: 1795000000 } ended_at { seconds: 1795000000 }
    }
  }
}
)";

const std::string& DigestA() {
  static const auto* const digest = new std::string(absl::StrCat("sha256:", std::string(64, 'a')));
  return *digest;
}
const std::string& DigestB() {
  static const auto* const digest = new std::string(absl::StrCat("sha256:", std::string(64, 'b')));
  return *digest;
}

std::string WithDigests(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"DIGEST_A", DigestA()}, {"DIGEST_B", DigestB()}});
}

// 2026-11-24T10:00:00Z, a Tuesday.
const absl::Time kNow = absl::FromUnixSeconds(1795514400);

v1::Edit Set(absl::string_view path, absl::string_view text) {
  v1::Edit edit;
  edit.set_path(std::string(path));
  edit.set_set(WithDigests(text));
  return edit;
}

v1::Edit Add(absl::string_view path, absl::string_view text) {
  v1::Edit edit;
  edit.set_path(std::string(path));
  edit.set_add(WithDigests(text));
  return edit;
}

// That the stage has a blocker, of this id and text of its kind.
std::vector<v1::Edit> Blocker(absl::string_view id, absl::string_view kind) {
  v1::Edit none;
  none.set_path("policy.stages[0].without_blockers");
  none.set_clear(true);
  return {none, Add("policy.stages[0].blockers", absl::StrCat("{ id: \"", id, "\" ", kind, " }"))};
}

// That who may override it.
constexpr char kOverride[] =
    R"( override_policy { roles: "sre" quorum: 2 max_validity { seconds: 3600 } author: AUTHOR_MAY_NOT })";

// What an artifact needs, each set in a line.
struct Explained {
  std::vector<std::string> sets;
  std::vector<std::string> without_remedy;
  bool has_more = false;
};

std::string Line(const ChangeSet& set) {
  std::vector<std::string> changes;
  for (const Change& change : set.changes) {
    changes.push_back(absl::StrCat(ChangeKindName(change.kind), ": ", change.sentence));
  }
  return absl::StrJoin(changes, "; ");
}

struct Options {
  bool lists_in_their_own_form = false;
  SearchLimits limits;
};

// Explains the first artifact that is held, and checks each set by itself.
Explained Explain(const std::vector<std::vector<v1::Edit>>& edits, const Options& options = {}) {
  v1::Inputs inputs;
  const absl::Status read = ReadTextproto(WithDigests(kBase), &inputs, nullptr);
  EXPECT_TRUE(read.ok()) << read;
  for (const std::vector<v1::Edit>& some : edits) {
    for (const v1::Edit& edit : some) {
      const absl::Status edited = ApplyEdit(edit, &inputs);
      EXPECT_TRUE(edited.ok()) << edited;
    }
  }
  const absl::StatusOr<Policy> policy = Policy::Compile(inputs.policy());
  EXPECT_TRUE(policy.ok()) << FaultsOf(policy.status()).DebugString();
  if (!policy.ok()) return {};
  Situation situation{&*policy,
                      &inputs.state(),
                      inputs.has_organisation() ? &inputs.organisation() : nullptr,
                      {},
                      kNow};
  std::vector<std::unique_ptr<KnownBadList>> lists;
  LoadOptions load;
  for (const v1::KnownBadList& message : inputs.known_bad()) {
    absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
    EXPECT_TRUE(list.ok()) << list.status();
    if (!list.ok()) return {};
    lists.push_back(std::make_unique<KnownBadList>(*std::move(list)));
    situation.known_bad.push_back(
        {lists.back().get(), options.lists_in_their_own_form ? nullptr : &message});
    load.known_bad.push_back(lists.back().get());
  }
  const Organisation organisation =
      inputs.has_organisation() ? Organisation::Load(inputs.organisation()) : Organisation();
  const Snapshot snapshot = Snapshot::Load(inputs.state(), organisation, load);
  const Decision decision = policy->Decide(snapshot, kNow);
  const std::vector<HeldArtifact> held = FindHeld(*policy, snapshot, decision);
  if (held.empty()) return {};
  const SmallestChangesResult result = SmallestChanges(situation, held[0], options.limits);
  Explained explained{{}, result.without_remedy, result.has_more};
  for (const ChangeSet& set : result.sets) {
    explained.sets.push_back(Line(set));
    if (options.lists_in_their_own_form) continue;
    EXPECT_EQ(FaultOfSet(*policy, inputs, kNow, held[0], set), "") << Line(set);
  }
  return explained;
}

// ---------------------------------------------------------------- Known answers

struct KnownAnswer {
  std::string name;
  std::vector<std::vector<v1::Edit>> edits;
  std::vector<std::string> sets;

  friend std::ostream& operator<<(std::ostream& out, const KnownAnswer& answer) {
    return out << answer.name;
  }
};

class KnownAnswerTest : public ::testing::TestWithParam<KnownAnswer> {};

TEST_P(KnownAnswerTest, HasExactlyTheseSets) {
  const Explained explained = Explain(GetParam().edits);
  EXPECT_THAT(explained.sets, ElementsAreArray(GetParam().sets));
  EXPECT_FALSE(explained.has_more);
}

constexpr char kAlarm[] =
    R"(metric_alarm { observed { alarm: "latency" } max_age { seconds: 300 } })";
constexpr char kWindow[] = R"(time_window { allow { windows { dates {
    time_zone: "UTC" dates: "2026-11-26" hours { start: "09:00" end: "12:00" } } } } })";
constexpr char kApproval[] = R"(approval { quorum: 2 roles: "lead" author: AUTHOR_MAY_NOT })";
constexpr char kInAlarm[] = R"({ alarm: "latency" state: ALARM
    since { seconds: 1795514000 } observed_at { seconds: 1795514400 } })";
constexpr char kKnownBad[] =
    R"(known_bad { lists: "l" max_age { seconds: 600 } min_entries: 1 components: OPTIONAL })";
constexpr char kList[] = R"({ id: "l" epoch: 3 entry_count: 1 overridable: true
    verified_at { seconds: 1795514400 } entries { id: "EX-1" digests: "DIGEST_B" } })";
constexpr char kStaleList[] = R"({ id: "l" epoch: 3 entry_count: 1
    verified_at { seconds: 1795000000 } entries { id: "EX-1" digests:
    "sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc" } })";

INSTANTIATE_TEST_SUITE_P(
    SmallestChanges, KnownAnswerTest,
    ::testing::Values(
        KnownAnswer{"Alarm",
                    {Blocker("errors", kAlarm), {Add("state.alarms", kInAlarm)}},
                    {"fact: alarm `latency` is reported OK"}},
        KnownAnswer{
            "AlarmOrOverride",
            {Blocker("errors", absl::StrCat(kAlarm, kOverride)), {Add("state.alarms", kInAlarm)}},
            {"fact: alarm `latency` is reported OK",
             "override: override of `errors` by 2 principals with role `sre`"}},
        // It was last seen in ALARM now, so that it takes as long as it has to be OK.
        KnownAnswer{"AlarmThatHasToStayClear",
                    {Blocker("errors", R"(metric_alarm { observed { alarm: "latency" }
                 max_age { seconds: 300 } clear_for { seconds: 900 } })"),
                     {Add("state.alarms", kInAlarm)}},
                    {"fact: alarm `latency` is reported OK; time: at 2026-11-24T10:15:00Z"}},
        KnownAnswer{"Window", {Blocker("hours", kWindow)}, {"time: at 2026-11-26T09:00:00Z"}},
        // What was fresh is not by then.
        KnownAnswer{"WindowAndWhatIsStaleByThen",
                    {Blocker("hours", kWindow),
                     Blocker("errors", kAlarm),
                     {Add("state.alarms", R"({ alarm: "latency" state: OK
                  since { seconds: 1795000000 } observed_at { seconds: 1795514400 } })")}},
                    {"fact: alarm `latency` is reported OK; time: at 2026-11-26T09:00:00Z"}},
        KnownAnswer{"Approval",
                    {Blocker("cab", kApproval)},
                    {"person: approval of `cab` by 2 principals with role `lead`"}},
        KnownAnswer{
            "ApprovalOfWhichOneIsThere",
            {Blocker("cab", kApproval),
             {Add("state.approvals", R"({ id: "a1" blocker: "cab" artifact: "DIGEST_B" stage: "prod"
                  principal: "bob" roles: "lead" granted_at { seconds: 1795514000 } })")}},
            {"person: approval of `cab` by 1 more principal with role `lead`"}},
        KnownAnswer{"OverrideOfWhichOneIsThere",
                    {Blocker("hours", absl::StrCat(kWindow, kOverride)),
                     {Add("state.overrides", R"({ id: "o1" blockers: "hours" artifact: "DIGEST_B"
                  stages: "prod" principal: "bob" roles: "sre" reason: "fix"
                  granted_at { seconds: 1795514400 } expires_at { seconds: 1795518000 } })")}},
                    {"time: at 2026-11-26T09:00:00Z",
                     "override: override of `hours` by 1 more principal with role `sre`"}},
        KnownAnswer{"TwoBlockers",
                    {Blocker("errors", absl::StrCat(kAlarm, kOverride)),
                     Blocker("cab", kApproval),
                     {Add("state.alarms", kInAlarm)}},
                    {"fact: alarm `latency` is reported OK; "
                     "person: approval of `cab` by 2 principals with role `lead`",
                     "person: approval of `cab` by 2 principals with role `lead`; "
                     "override: override of `errors` by 2 principals with role `sre`"}},
        KnownAnswer{
            "AtLeastTwoOfThree",
            {Blocker("enough", R"(at_least { count: 2
                 children { id: "x" metric_alarm { observed { alarm: "x" } max_age { seconds: 300 } } }
                 children { id: "y" check { check: "y" binds_to: ARTIFACT } }
                 children { id: "z" approval { quorum: 1 roles: "lead" author: AUTHOR_MAY } } })")},
            {"fact: alarm `x` is reported OK; fact: check `y` passes",
             "fact: alarm `x` is reported OK; "
             "person: approval of `z` by 1 principal with role `lead`",
             "fact: check `y` passes; person: approval of `z` by 1 principal with role `lead`"}},
        KnownAnswer{
            "CheckWithBounds",
            {Blocker("cover", R"(check { check: "unit" binds_to: ARTIFACT consecutive_passes: 2
                 bounds { number: "coverage" at_least: 0.8 } })")},
            {"fact: check `unit` passes 2 times in a row, with `coverage` at least 0.8"}},
        KnownAnswer{"Synthetic",
                    {Blocker("syn", R"(synthetic_traffic { apis: [ "buy", "pay" ]
                         window { seconds: 3600 } min_success_ppm: 990000 min_runs: 10
                         max_gap { seconds: 600 } })")},
                    {"fact: synthetic traffic of API `buy` goes on without failures or gaps; "
                     "fact: synthetic traffic of API `pay` goes on without failures or gaps"}},
        KnownAnswer{"Isolation",
                    {Blocker("alone", R"(traffic_isolation { principals: "ci" max_other_ppm: 0
                         min_requests: 50 max_age { seconds: 600 } })")},
                    {"fact: a sample of at least 50 requests of stage `prod` has them from listed "
                     "principals alone"}},
        KnownAnswer{"KnownBadMatch",
                    {Blocker("cve", absl::StrCat(kKnownBad, kOverride)), {Add("known_bad", kList)}},
                    {"fact: entry `EX-1` of list `l` is withdrawn",
                     "override: override of `cve` by 2 principals with role `sre`"}},
        KnownAnswer{"StaleList",
                    {Blocker("cve", kKnownBad), {Add("known_bad", kStaleList)}},
                    {"fact: a newer copy of list `l` is passed"}},
        KnownAnswer{"AbsentList",
                    {Blocker("cve", kKnownBad)},
                    {"fact: list `l` is passed that does not name the artifact"}},
        KnownAnswer{"Hold",
                    {{Add("state.holds", R"({ id: "h" scope: PIPELINE who: "bob" why: "no"
                          placed_at { seconds: 1795514000 } })")}},
                    {"person: hold `h` is released by a person"}},
        KnownAnswer{"HoldThatExpires",
                    {{Add("state.holds", R"({ id: "h" scope: PIPELINE who: "bob" why: "no"
                          placed_at { seconds: 1795514000 } expires_at { seconds: 1795518000 } })")}},
                    {"time: at 2026-11-24T11:00:00Z", "person: hold `h` is released by a person"}},
        KnownAnswer{"EmergencyStop",
                    {{Set("policy.without_emergency_stop", "false"),
                      Set("policy.emergency_stop", "{ max_age { seconds: 900 } }"),
                      Set("organisation", R"({ schema_version: 1 id: "acme" epoch: 4 record_count: 0
                          observed_at { seconds: 1795514400 }
                          emergency_stop { state: STOPPED observed_at { seconds: 1795514400 } } })")}},
                    {"fact: the organisation reports that there is no emergency stop"}},
        KnownAnswer{"NoOrganisation",
                    {{Set("policy.without_emergency_stop", "false"),
                      Set("policy.emergency_stop", "{ max_age { seconds: 900 } }")},
                     Blocker("peer", R"(metric_alarm { observed { alarm: "peer" shared: true }
                         max_age { seconds: 300 } })")},
                    {"fact: shared alarm `peer` is reported OK; "
                     "fact: the organisation reports that there is no emergency stop"}},
        KnownAnswer{"Ready",
                    {{Set("policy.stages[0].start", "MANUAL"),
                      Set("policy.stages[0].start_unit", "ROLLOUT")}},
                    {"person: the start is asked for by a person"}},
        KnownAnswer{"NewCell",
                    {{Set("state.stages[0]", R"({ stage: "prod" })")}},
                    {"person: cell `c1` is recorded as running artifact sha256:aaaaaaaaaaaa by a "
                     "person"}},
        KnownAnswer{"Latched",
                    {{Add("state.stages[0].latches",
                          R"({ artifact: "DIGEST_B" at { seconds: 1795500000 } })")}},
                    {"person: the artifact's latch in stage `prod` is released by a person"}}),
    [](const ::testing::TestParamInfo<KnownAnswer>& info) { return info.param.name; });

// ---------------------------------------------------------------- Rollouts

// b is on c1 since 09:30, for half of the bake, and c2 is the next wave.
std::vector<v1::Edit> Baking() {
  return {Add("policy.stages[0].rollout.waves", R"({ id: "two" cells: "c2" })"),
          Add("state.cells", R"({ id: "c2" stage: "prod" weight: 1 })"),
          Add("state.stages[0].deployments", R"({ number: 2 cell: "c2" artifact: "DIGEST_A"
              direction: ADOPTED outcome: SUCCEEDED who: "alice"
              started_at { seconds: 1795000000 } ended_at { seconds: 1795000000 } })"),
          Add("state.stages[0].rollouts", R"({ number: 3 artifact: "DIGEST_B" state: RUNNING
              started_at { seconds: 1795512500 } plan {
                waves { id: "one" cells: "c1" weights: 1 } waves { id: "two" cells: "c2" weights: 1 }
                policy_fingerprint:
                "sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff" } })"),
          Add("state.stages[0].deployments", R"({ number: 3 cell: "c1" artifact: "DIGEST_B"
              direction: FORWARD attempt: 1 rollout: 3 outcome: SUCCEEDED
              started_at { seconds: 1795512500 } ended_at { seconds: 1795512600 } })")};
}

TEST(SmallestChangesTest, TheNextWaveMovesOnceTheFirstIsProven) {
  const Explained explained = Explain({Baking()});
  EXPECT_THAT(explained.sets, ElementsAre("time: at 2026-11-24T10:30:00Z",
                                          "person: cell `c1` is accepted as it is by a person"));
}

TEST(SmallestChangesTest, ADeploymentUnderWayEndsNowAndBakesFromThen) {
  v1::Edit open;
  open.set_clear(true);
  std::vector<v1::Edit> under_way;
  for (const char* field : {"outcome", "ended_at"}) {
    open.set_path(absl::StrCat("state.stages[0].deployments[2].", field));
    under_way.push_back(open);
  }
  under_way.push_back(Set("state.stages[0].deployments[2].started_at", "{ seconds: 1795514300 }"));
  const Explained explained = Explain({Baking(), under_way});
  EXPECT_THAT(
      explained.sets,
      ElementsAre("fact: the deployment to cell `c1` ends with success at 2026-11-24T10:00:00Z; "
                  "time: at 2026-11-24T11:00:00Z",
                  "fact: the deployment to cell `c1` ends with success at 2026-11-24T10:00:00Z; "
                  "person: cell `c1` is accepted as it is by a person"));
}

TEST(SmallestChangesTest, WhatIsOnlyToBeRecordedNeedsNoChange) {
  const Explained explained =
      Explain({Baking(),
               {Set("state.stages[0].deployments[2].started_at", "{ seconds: 1795510000 }"),
                Set("state.stages[0].deployments[2].ended_at", "{ seconds: 1795510000 }")}});
  EXPECT_THAT(explained.sets, ElementsAre(""));
}

// ---------------------------------------------------------------- Ends of the search

TEST(SmallestChangesTest, WhatNothingEndsIsNamed) {
  const Explained withdrawn =
      Explain({{Add("state.withdrawals", R"({ artifact: "DIGEST_B" who: "bob" why: "bad"
                    at { seconds: 1795514000 } })")}});
  EXPECT_THAT(withdrawn.sets, IsEmpty());
  EXPECT_THAT(withdrawn.without_remedy,
              ElementsAre("Artifact sha256:bbbbbbbbbbbb has been withdrawn."));
  const Explained cut = Explain({{Set("state.record_count", "99")}});
  EXPECT_THAT(cut.sets, IsEmpty());
  EXPECT_EQ(cut.without_remedy.size(), 1u);
}

TEST(SmallestChangesTest, ThatThereAreMoreSetsIsSaid) {
  std::vector<std::vector<v1::Edit>> edits;
  for (const char* id : {"a", "b", "c"}) {
    edits.push_back(
        Blocker(id, absl::StrCat("check { check: \"", id, "\" binds_to: ARTIFACT }", kOverride)));
  }
  EXPECT_EQ(Explain(edits).sets.size(), 8u);
  EXPECT_FALSE(Explain(edits).has_more);
  Options few;
  few.limits.sets = 3;
  EXPECT_EQ(Explain(edits, few).sets.size(), 3u);
  EXPECT_TRUE(Explain(edits, few).has_more);
  // The first set is found whatever the budget.
  Options short_of_decisions;
  short_of_decisions.limits.decisions = 1;
  EXPECT_EQ(Explain(edits, short_of_decisions).sets.size(), 1u);
  EXPECT_TRUE(Explain(edits, short_of_decisions).has_more);
}

TEST(SmallestChangesTest, ListsInTheirOwnFormAreExplainedToo) {
  Options own_form;
  own_form.lists_in_their_own_form = true;
  EXPECT_THAT(Explain({Blocker("cve", kKnownBad), {Add("known_bad", kList)}}, own_form).sets,
              ElementsAre("fact: entry `EX-1` of list `l` is withdrawn"));
  EXPECT_THAT(Explain({Blocker("cve", kKnownBad), {Add("known_bad", kStaleList)}}, own_form).sets,
              ElementsAre("fact: a newer copy of list `l` is passed"));
}

TEST(SmallestChangesTest, AnswersAreTheSameEveryTime) {
  const std::vector<std::vector<v1::Edit>> edits = {
      Blocker("errors", absl::StrCat(kAlarm, kOverride)),
      Blocker("hours", absl::StrCat(kWindow, kOverride)), Blocker("cab", kApproval)};
  const Explained first = Explain(edits);
  EXPECT_EQ(first.sets.size(), 4u);
  EXPECT_EQ(Explain(edits).sets, first.sets);
}

TEST(SmallestChangesTest, NamesThatTheStateHasAreNotInvented) {
  const Explained explained = Explain(
      {Blocker("cab", kApproval),
       {Add("state.approvals", R"({ id: "explain-approval-cab-1" blocker: "cab" artifact: "DIGEST_B"
            stage: "prod" principal: "explain-person-1" roles: "other"
            granted_at { seconds: 1795514000 } })")}});
  EXPECT_THAT(explained.sets,
              ElementsAre("person: approval of `cab` by 2 principals with role `lead`"));
}

}  // namespace
}  // namespace sluice
