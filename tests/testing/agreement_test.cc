#include "sluice/testing/agreement.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "sluice/internal/strict_text.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {
namespace {

constexpr absl::string_view kNew =
    "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

// A decision with something of everything.
Decision SomeDecision() {
  Decision decision;
  decision.pipeline = "shop";
  decision.now = absl::FromUnixSeconds(1000000);
  decision.valid_until = absl::FromUnixSeconds(1000060);
  StageDecision stage;
  stage.stage = "prod";
  stage.action = Action::kDeploy;
  stage.artifact = kNew;
  for (const char* cell : {"eu-1", "eu-2"}) {
    CellAction action;
    action.cell = cell;
    action.artifact = kNew;
    action.wave = "first";
    stage.actions.push_back(action);
  }
  Finding hours;
  hours.id = "hours";
  hours.verdict = Verdict::kBlocking;
  hours.reason = v1::OUTSIDE_ALLOW;
  hours.effect = Effect::kLifted;
  hours.changes_at = absl::FromUnixSeconds(1000060);
  hours.overrides = {"o1"};
  stage.findings.push_back(hours);
  for (const char* cell : {"eu-1", "eu-2"}) {
    Finding bake;
    bake.id = "@bake";
    bake.cell = cell;
    bake.verdict = Verdict::kBlocking;
    bake.reason = v1::BAKING;
    bake.evidence.count = 3;
    bake.evidence.needed = 10;
    stage.findings.push_back(bake);
  }
  WantedRecord proven;
  proven.kind = v1::WantedRecord::CELL_PROVEN;
  proven.cell = "eu-1";
  proven.artifact = kNew;
  stage.wanted.push_back(proven);
  WantedRecord passed;
  passed.kind = v1::WantedRecord::PASSED;
  passed.artifact = kNew;
  stage.wanted.push_back(passed);
  stage.passed_over.push_back({"sha256:old", v1::SUPERSEDED});
  decision.stages.push_back(stage);
  StageDecision idle;
  idle.stage = "test";
  idle.action = Action::kIdle;
  decision.stages.push_back(idle);
  return decision;
}

v1::Moment MomentOf(const std::string& text) {
  v1::Moment moment;
  const absl::Status status = ReadTextproto(text, &moment, nullptr);
  EXPECT_TRUE(status.ok()) << status << "\n" << text;
  return moment;
}

std::vector<Mismatch> DisagreementsWith(const std::string& text) {
  const Decision decision = SomeDecision();
  return Disagreements(MomentOf(text), decision);
}

void ExpectAgrees(const std::string& text) {
  for (const Mismatch& mismatch : DisagreementsWith(text)) {
    ADD_FAILURE() << text << "\n"
                  << mismatch.what << "\n"
                  << mismatch.expected << "\n"
                  << mismatch.actual;
  }
}

// Expecting `text` of stage prod gives one mismatch, about `what`; its texts are returned.
Mismatch OneMismatch(const std::string& text, const std::string& what) {
  const std::vector<Mismatch> mismatches =
      DisagreementsWith(absl::StrCat("expect { stage: \"prod\" ", text, " }"));
  EXPECT_EQ(mismatches.size(), 1u) << text;
  if (mismatches.size() != 1) return {};
  EXPECT_EQ(mismatches[0].stage, "prod") << text;
  EXPECT_EQ(mismatches[0].what, what) << text;
  EXPECT_FALSE(mismatches[0].expected.empty()) << text;
  EXPECT_FALSE(mismatches[0].actual.empty()) << text;
  return mismatches[0];
}

void ExpectStageAgrees(const std::string& text) {
  ExpectAgrees(absl::StrCat("expect { stage: \"prod\" ", text, " }"));
}

TEST(AgreementTest, UnmentionedThingsAreNotAsserted) {
  ExpectAgrees("");
  ExpectStageAgrees("");
}

TEST(AgreementTest, Stage) {
  ExpectAgrees("expect { stage: \"test\" action: IDLE }");
  const std::vector<Mismatch> mismatches =
      DisagreementsWith("expect { stage: \"tset\" action: IDLE }");
  ASSERT_EQ(mismatches.size(), 1u);
  EXPECT_EQ(mismatches[0].what, "stage");
  EXPECT_EQ(mismatches[0].actual, "`prod`, `test`");
}

TEST(AgreementTest, Action) {
  ExpectStageAgrees("action: DEPLOY");
  const Mismatch mismatch = OneMismatch("action: HOLD", "action");
  EXPECT_EQ(mismatch.expected, "HOLD");
  EXPECT_EQ(mismatch.actual, "DEPLOY");
}

TEST(AgreementTest, Artifact) {
  ExpectStageAgrees(absl::StrCat("artifact: \"", kNew, "\""));
  EXPECT_EQ(OneMismatch("artifact: \"sha256:other\"", "artifact").actual, kNew);
}

TEST(AgreementTest, CellsAreExactlyThose) {
  ExpectStageAgrees("cells: [ \"eu-2\", \"eu-1\" ]");
  EXPECT_EQ(OneMismatch("cells: [ \"eu-1\" ]", "cells").actual, "\"eu-1\", \"eu-2\"");
  OneMismatch("cells: [ \"eu-1\", \"eu-2\", \"us\" ]", "cells");
  OneMismatch("cells: [ \"eu-1\", \"eu-1\" ]", "cells");
  EXPECT_EQ(OneMismatch("no_cells: true", "cells").expected, "none");
  ExpectAgrees("expect { stage: \"test\" no_cells: true }");
}

TEST(AgreementTest, FindingsWithTheFieldsThatAreSet) {
  ExpectStageAgrees("findings { id: \"hours\" }");
  ExpectStageAgrees("findings { id: \"hours\" verdict: BLOCKING reason: OUTSIDE_ALLOW }");
  ExpectStageAgrees("findings { id: \"hours\" effect: LIFTED overrides: \"o1\" }");
  ExpectStageAgrees("findings { id: \"hours\" changes_at { seconds: 1000060 } }");
  ExpectStageAgrees("findings { id: \"@bake\" cell: \"eu-2\" evidence { count: 3 } }");
  const Mismatch mismatch =
      OneMismatch("findings { id: \"hours\" verdict: CLEAR reason: OUTSIDE_ALLOW }", "findings");
  EXPECT_EQ(mismatch.expected, "id: \"hours\" verdict: CLEAR reason: OUTSIDE_ALLOW");
  EXPECT_EQ(mismatch.actual, "id: \"hours\" verdict: BLOCKING reason: OUTSIDE_ALLOW");
  OneMismatch("findings { id: \"hours\" reason: IN_DENY }", "findings");
  OneMismatch("findings { id: \"hours\" effect: HOLDS }", "findings");
  OneMismatch("findings { id: \"hours\" overrides: [ \"o1\", \"o2\" ] }", "findings");
  OneMismatch("findings { id: \"hours\" cell: \"eu-1\" }", "findings");
  OneMismatch("findings { id: \"hours\" evidence { count: 3 } }", "findings");
  OneMismatch("findings { id: \"@bake\" evidence { count: 4 } }", "findings");
  OneMismatch("findings { id: \"@bake\" evidence { value: 0 } }", "findings");
  EXPECT_EQ(OneMismatch("findings { id: \"nobody\" }", "findings").actual, "no such finding");
}

TEST(AgreementTest, AnInstantThatIsNotThereIsNotItsDefault) {
  const Mismatch mismatch = OneMismatch("findings { id: \"@bake\" changes_at {} }", "findings");
  EXPECT_EQ(mismatch.expected, "id: \"@bake\" changes_at: 1970-01-01T00:00:00Z");
  EXPECT_TRUE(absl::StrContains(mismatch.actual, "changes_at: none")) << mismatch.actual;
}

TEST(AgreementTest, ShowsTheFindingOfThatKeyAlone) {
  const Mismatch one =
      OneMismatch("findings { id: \"@bake\" cell: \"eu-2\" verdict: CLEAR }", "findings");
  EXPECT_EQ(one.actual, "id: \"@bake\" cell: \"eu-2\" verdict: BLOCKING");
  const Mismatch none =
      OneMismatch("findings { id: \"@bake\" cell: \"us\" verdict: CLEAR }", "findings");
  EXPECT_EQ(none.actual,
            "id: \"@bake\" cell: \"eu-1\" verdict: BLOCKING\n"
            "id: \"@bake\" cell: \"eu-2\" verdict: BLOCKING");
}

TEST(AgreementTest, WantedAreExactlyThose) {
  ExpectStageAgrees("wanted { kind: PASSED } wanted { cell: \"eu-1\" }");
  EXPECT_EQ(OneMismatch("wanted { kind: PASSED }", "wanted").expected, "nothing else");
  EXPECT_EQ(OneMismatch("wanted { kind: PASSED } wanted { kind: COMPLETE }", "wanted").expected,
            "kind: COMPLETE");
  OneMismatch("no_wanted: true", "wanted");
  ExpectAgrees("expect { stage: \"test\" no_wanted: true }");
}

TEST(AgreementTest, DifferentWantedAreMetByDifferentRecords) {
  OneMismatch("wanted { kind: PASSED } wanted { kind: PASSED }", "wanted");
  // The first may be either; only one of them is left for the second.
  ExpectStageAgrees(
      absl::StrCat("wanted { artifact: \"", kNew, "\" } wanted { kind: CELL_PROVEN }"));
  ExpectStageAgrees(
      absl::StrCat("wanted { kind: CELL_PROVEN } wanted { artifact: \"", kNew, "\" }"));
}

TEST(AgreementTest, PassedOver) {
  ExpectStageAgrees("passed_over { artifact: \"sha256:old\" }");
  ExpectStageAgrees("passed_over { reason: SUPERSEDED }");
  EXPECT_EQ(
      OneMismatch("passed_over { artifact: \"sha256:old\" reason: QUEUED }", "passed_over").actual,
      "artifact: \"sha256:old\" reason: SUPERSEDED");
}

TEST(AgreementTest, Absent) {
  ExpectStageAgrees("absent: \"nobody\"");
  EXPECT_EQ(OneMismatch("absent: \"hours\"", "absent").actual,
            "id: \"hours\" verdict: BLOCKING reason: OUTSIDE_ALLOW");
}

TEST(AgreementTest, EveryMismatchIsTold) {
  EXPECT_EQ(
      DisagreementsWith("expect { stage: \"prod\" action: HOLD no_cells: true no_wanted: true }"
                        "expect { stage: \"test\" action: HOLD }"
                        "never_changes: true")
          .size(),
      5u);
}

TEST(AgreementTest, ValidUntil) {
  ExpectAgrees("valid_until { seconds: 1000060 }");
  const std::vector<Mismatch> early = DisagreementsWith("valid_until { seconds: 1000059 }");
  ASSERT_EQ(early.size(), 1u);
  EXPECT_EQ(early[0].what, "valid_until");
  EXPECT_EQ(early[0].stage, "");
  EXPECT_EQ(early[0].expected, "1970-01-12T13:47:39Z");
  EXPECT_EQ(early[0].actual, "1970-01-12T13:47:40Z");
  EXPECT_EQ(DisagreementsWith("valid_until { seconds: 1000060 nanos: 1 }").size(), 1u);
  EXPECT_EQ(DisagreementsWith("valid_until { seconds: 1000060 nanos: -1 }").size(), 1u);
}

TEST(AgreementTest, NeverChanges) {
  const std::vector<Mismatch> changes = DisagreementsWith("never_changes: true");
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].what, "never_changes");
  Decision decision = SomeDecision();
  decision.valid_until = absl::InfiniteFuture();
  EXPECT_TRUE(Disagreements(MomentOf("never_changes: true"), decision).empty());
  EXPECT_EQ(Disagreements(MomentOf("valid_until {}"), decision).size(), 1u);
}

TEST(AgreementTest, LongListsAreCut) {
  Decision decision = SomeDecision();
  for (int i = 0; i < 100; ++i) {
    decision.stages[0].passed_over.push_back({"sha256:old", v1::SUPERSEDED});
  }
  const std::vector<Mismatch> mismatches = Disagreements(
      MomentOf("expect { stage: \"prod\" passed_over { reason: QUEUED } }"), decision);
  ASSERT_EQ(mismatches.size(), 1u);
  EXPECT_TRUE(absl::EndsWith(mismatches[0].actual, "\nand 93 more")) << mismatches[0].actual;
}

TEST(AgreementTest, AssertsSomething) {
  EXPECT_FALSE(AssertsSomething(MomentOf("now {} nanos: 1 events {}")));
  EXPECT_TRUE(AssertsSomething(MomentOf("valid_until {}")));
  EXPECT_TRUE(AssertsSomething(MomentOf("never_changes: true")));
  EXPECT_TRUE(AssertsSomething(MomentOf("expect {}")));
  EXPECT_FALSE(AssertsSomething(MomentOf("expect { stage: \"prod\" }").expect(0)));
  for (const char* part :
       {"action: HOLD", "artifact: \"a\"", "cells: \"a\"", "no_cells: true", "findings {}",
        "wanted {}", "no_wanted: true", "passed_over {}", "absent: \"a\""}) {
    EXPECT_TRUE(AssertsSomething(MomentOf(absl::StrCat("expect { ", part, " }")).expect(0)))
        << part;
  }
}

v1::TestCase FaultsCase(const std::string& text) {
  v1::TestCase test;
  EXPECT_TRUE(ReadTextproto(text, &test, nullptr).ok()) << text;
  return test;
}

TEST(AgreementTest, FaultsAreExactlyThose) {
  v1::Faults faults;
  EXPECT_TRUE(ReadTextproto("faults { path: \"a\" kind: MISSING message: \"is required\" }"
                            "faults { path: \"b\" kind: DUPLICATE message: \"is taken\" }",
                            &faults, nullptr)
                  .ok());
  const auto agrees = [&](const std::string& text) {
    return Disagreements(FaultsCase(text), faults).empty();
  };
  EXPECT_TRUE(
      agrees("faults { path: \"b\" kind: DUPLICATE } faults { path: \"a\" kind: MISSING }"));
  EXPECT_TRUE(agrees("faults { path: \"b\" } faults { path: \"a\" message: \"is required\" }"));
  EXPECT_FALSE(agrees("faults { path: \"b\" } faults { path: \"a\" message: \"is taken\" }"));
  EXPECT_FALSE(agrees("faults { path: \"a\" kind: MISSING }"));
  EXPECT_FALSE(agrees("faults { path: \"a\" } faults { path: \"b\" } faults { path: \"c\" }"));
  EXPECT_FALSE(agrees("faults { path: \"a\" } faults { path: \"a\" }"));
  EXPECT_FALSE(agrees("faults { path: \"a\" kind: DUPLICATE } faults { path: \"b\" }"));
  EXPECT_FALSE(Disagreements(FaultsCase("faults { path: \"a\" }"), v1::Faults()).empty());
  const std::vector<Mismatch> mismatches =
      Disagreements(FaultsCase("faults { path: \"a\" } faults { path: \"c\" }"), faults);
  ASSERT_EQ(mismatches.size(), 1u);
  EXPECT_EQ(mismatches[0].what, "faults");
  EXPECT_EQ(mismatches[0].expected, "path: \"c\"");
  EXPECT_EQ(mismatches[0].actual, "path: \"b\" kind: DUPLICATE message: \"is taken\"");
}

}  // namespace
}  // namespace sluice
