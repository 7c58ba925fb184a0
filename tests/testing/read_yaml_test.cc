#include "sluice/testing/read_yaml.h"

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

// `yaml` and `text`, a textproto, say the same suite.
void ExpectReads(absl::string_view yaml, absl::string_view text) {
  v1::TestSuite have;
  const absl::Status status = ReadYaml(yaml, &have);
  EXPECT_TRUE(status.ok()) << status << "\n" << yaml;
  v1::TestSuite want;
  EXPECT_TRUE(ReadTextproto(text, &want, nullptr).ok()) << text;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(have, want))
      << have.DebugString() << "instead of\n"
      << want.DebugString();
}

// The error begins with `place` and contains `what`; nothing is left in the message.
void ExpectRefused(absl::string_view yaml, absl::string_view place, absl::string_view what) {
  v1::TestSuite suite;
  suite.set_policy_file("before");
  const absl::Status status = ReadYaml(yaml, &suite);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << yaml;
  EXPECT_TRUE(absl::StartsWith(status.message(), absl::StrCat(place, ":"))) << status << yaml;
  EXPECT_TRUE(absl::StrContains(status.message(), what)) << status << yaml;
  EXPECT_EQ(suite.ByteSizeLong(), 0u) << yaml;
}

TEST(ReadYamlTest, ASuite) {
  ExpectReads(R"(
# A comment.
policy_file: policy.textproto
known_bad_files: [a, "b"]
cases:
- name: freeze holds
  description: >
    Two lines
    in one.
  edits:
  - path: state.alarms[0].state
    set: ALARM
  - {path: policy.id, set: '"x"'}
  - {path: organisation, clear: true}
  moments:
  - now: 2026-11-27T16:00:00Z
    expect:
    - stage: prod
      action: HOLD
      no_cells: true
      findings:
      - id: freeze
        verdict: BLOCKING
        evidence: {count: 3, value: 1.5, threshold: -2e3}
)",
              R"(
policy_file: "policy.textproto" known_bad_files: [ "a", "b" ]
cases {
  name: "freeze holds" description: "Two lines in one.\n"
  edits { path: "state.alarms[0].state" set: "ALARM" }
  edits { path: "policy.id" set: "\"x\"" }
  edits { path: "organisation" clear: true }
  moments {
    now { seconds: 1795795200 }
    expect {
      stage: "prod" action: HOLD no_cells: true
      findings { id: "freeze" verdict: BLOCKING
                 evidence { count: 3 value: 1.5 threshold: -2000 } }
    }
  }
}
)");
}

TEST(ReadYamlTest, TextIsTextWhateverItLooksLike) {
  for (const char* text : {"no", "NO", "on", "yes", "true", "1.10", "1e3", "0x10", "010", "12:30",
                           "2026-11-23", "1_000", ".inf", "+1", "nul", "=", "y"}) {
    ExpectReads(absl::StrCat("policy_file: ", text), absl::StrCat("policy_file: \"", text, "\""));
    ExpectReads(absl::StrCat("known_bad_files:\n- ", text),
                absl::StrCat("known_bad_files: \"", text, "\""));
  }
  ExpectReads("policy_file: \"~\"", "policy_file: \"~\"");
  ExpectReads("policy_file: 'null'", "policy_file: \"null\"");
  ExpectReads("policy_file: \"a\\tb\\\"\\\\ \\u00e9\"",
              "policy_file: \"a\\tb\\\"\\\\ \\303\\251\"");
  ExpectReads("policy_file: ''", "");
  ExpectReads("policy_file: |\n  a\n\n", "policy_file: \"a\\n\"");
  ExpectReads("policy_file: |+\n  a\n\n", "policy_file: \"a\\n\\n\"");
  ExpectReads("policy_file: |-\n  a\n", "policy_file: \"a\"");
}

TEST(ReadYamlTest, KeysOfMapsAreText) {
  ExpectReads("base: {state: {environments: [{aspects: {no: on, 1.10: 2}}]}}",
              "base { state { environments { aspects { key: \"no\" value: \"on\" } "
              "aspects { key: \"1.10\" value: \"2\" } } } }");
}

TEST(ReadYamlTest, NamesInEitherSpelling) {
  ExpectReads("policyFile: a", "policy_file: \"a\"");
  ExpectRefused("policyFile: a\npolicy_file: b", "2:1", "occurs twice");
}

TEST(ReadYamlTest, EmptyMessagesAndLists) {
  ExpectReads("base: {policy: {}, known_bad: []}", "base { policy {} }");
  ExpectReads("{}", "");
  ExpectReads("--- {}\n...\n", "");
}

TEST(ReadYamlTest, TruthValuesHaveOneSpelling) {
  ExpectReads("cases: [{edits: [{clear: true}]}]", "cases { edits { clear: true } }");
  for (const char* text : {"yes", "True", "on", "1", "\"true\"", "'false'", "y", "tru"}) {
    ExpectRefused(absl::StrCat("cases: [{edits: [{clear: ", text, "}]}]"), "1:26",
                  "`clear` is true or false");
  }
}

TEST(ReadYamlTest, NumbersAreDecimal) {
  ExpectReads("cases: [{moments: [{nanos: -5}]}]", "cases { moments { nanos: -5 } }");
  for (const char* text : {"0x10", "010", "1_000", "1:30", "1.0", "five", "+1", "''", "1e2"}) {
    ExpectRefused(absl::StrCat("\ncases: [{moments: [{nanos: ", text, "}]}]"), "2",
                  "cases[0].moments[0].nanos");
  }
  for (const char* text : {".inf", ".nan", "1,5", "0x1p3", "abc"}) {
    ExpectRefused(absl::StrCat("cases: [{moments: [{expect: [{findings: [{evidence: {value: '",
                               text, "'}}]}]}]}]"),
                  "1", "evidence.value");
  }
}

TEST(ReadYamlTest, EnumeratorsByName) {
  ExpectReads("cases: [{moments: [{expect: [{action: WAIT}]}]}]",
              "cases { moments { expect { action: WAIT } } }");
  ExpectRefused("cases: [{moments: [{expect: [{action: wait}]}]}]", "1", "action");
  ExpectRefused("cases: [{moments: [{expect: [{action: 2}]}]}]", "1", "action");
}

TEST(ReadYamlTest, WhatIsUnknownIsRefused) {
  ExpectRefused("cases:\n- name: a\n  nmae: b\n", "3:3", "unknown field `nmae`");
  ExpectRefused("1: a", "1:1", "unknown field `1`");
  ExpectRefused("? [a]\n: b", "1:3", "a key is a name");
  ExpectRefused("? {a: b}\n: c", "1:3", "a key is a name");
  ExpectRefused("? \n: c", "2:1", "a key is a name or a text");
  ExpectRefused("~: c", "1:1", "a key is missing");
}

TEST(ReadYamlTest, WhatIsRepeatedIsRefused) {
  ExpectRefused("policy_file: a\nstate_file: b\npolicy_file: a\n", "3:1", "occurs twice");
  ExpectRefused("base: {state: {environments: [{aspects: {a: b, 'a': c}}]}}", "1:48",
                "occurs twice");
  ExpectRefused("cases: [{edits: [{set: a, clear: true}]}]", "1", "excludes");
}

TEST(ReadYamlTest, AnchorsAliasesTagsAndMergesAreRefused) {
  ExpectRefused("policy_file: &a b\nstate_file: *a\n", "1:14", "anchors");
  ExpectRefused("base: &a {}\n", "1:7", "anchors");
  ExpectRefused("known_bad_files: &a [b]\n", "1:18", "anchors");
  ExpectRefused("&a policy_file: b\n", "1", "anchors");
  ExpectRefused("policy_file: !!str b\n", "1:14", "tags");
  ExpectRefused("base: !thing {}\n", "1:7", "tags");
  ExpectRefused("known_bad_files: !!seq [b]\n", "1:18", "tags");
  ExpectRefused("<<: {policy_file: a}\n", "1:1", "unknown field `<<`");
  std::string bomb = "base: &a0 {}\n";
  for (int i = 1; i < 30; ++i) {
    absl::StrAppend(&bomb, "x", i, ": &a", i, " [*a", i - 1, ", *a", i - 1, "]\n");
  }
  ExpectRefused(bomb, "1:7", "anchors");
}

TEST(ReadYamlTest, MissingValuesAreRefused) {
  for (const char* text : {"", "~", "null", "Null", "NULL"}) {
    ExpectRefused(absl::StrCat("state_file: a\npolicy_file: ", text), "2", "there is no value");
    ExpectRefused(absl::StrCat("state_file: a\nbase: ", text), "2", "there is no value");
    ExpectRefused(absl::StrCat("known_bad_files:\n- ", text), *text == '\0' ? "3" : "2",
                  "there is no value");
  }
}

TEST(ReadYamlTest, OtherShapesAreRefused) {
  ExpectRefused("- a", "1:1", "the fields of a sluice.v1.TestSuite");
  ExpectRefused("a", "1:1", "the fields of a sluice.v1.TestSuite");
  ExpectRefused("policy_file: [a]", "1:14", "one value of `policy_file`");
  ExpectRefused("policy_file: {a: b}", "1:14", "one value of `policy_file`");
  ExpectRefused("base: a", "1:7", "fields of `base`");
  ExpectRefused("base: []", "1:7", "fields of `base`");
  ExpectRefused("cases: a", "1:8", "a list of `cases`");
  ExpectRefused("cases: {name: a}", "1:8", "a list of `cases`");
  ExpectRefused("cases: [a]", "1:9", "fields of `cases`");
  ExpectRefused("cases: [[]]", "1:9", "fields of `cases`");
  ExpectRefused("known_bad_files: a", "1:18", "a list of `known_bad_files`");
  ExpectRefused("cases: [{moments: [{now: {seconds: 1}}]}]", "1:26", "one value of `now`");
  ExpectRefused("cases: [{moments: [{now: today}]}]", "1", "cases[0].moments[0].now");
  ExpectRefused("base: {state: {environments: [{aspects: [a]}]}}", "1:41",
                "keys and values of `aspects`");
  ExpectRefused("base: {policy: {stages: [{blockers: [{host: {configuration: {a: b}}}]}]}}", "1:61",
                "can't be written in YAML");
}

TEST(ReadYamlTest, MoreOrLessThanOneDocumentIsRefused) {
  ExpectRefused("policy_file: a\n---\npolicy_file: b\n", "2:1", "second document");
  ExpectRefused("", "2:1", "the document is empty");
  ExpectRefused("# nothing\n", "2:1", "the document is empty");
  ExpectRefused("~", "1:1", "the document is empty");
}

TEST(ReadYamlTest, BrokenTextIsRefused) {
  ExpectRefused("known_bad_files: [a\n", "1", "");
  ExpectRefused("known_bad_files: [a,", "2", "");
  ExpectRefused("cases:\n- name: \"a\n", "3", "");
  ExpectRefused("cases:\n- name: 'a", "3", "");
  ExpectRefused("policy_file: a: b\n", "1:15", "");
  ExpectRefused("policy_file: a\n\tstate_file: b\n", "2:1", "");
  ExpectRefused("policy_file: a\nstate_file: \xff\n", "2", "UTF-8");
  ExpectRefused(std::string(100000, '['), "1:1", "");
  ExpectRefused(absl::StrCat("base: ", std::string(100000, '[')), "1:7", "");
}

TEST(ReadYamlTest, LimitsOfSize) {
  v1::TestSuite suite;
  EXPECT_EQ(ReadYaml(std::string((size_t{16} << 20) + 1, ' '), &suite).code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(ReadYamlTest, LinesOfValuesAreThoseOfTheText) {
  ExpectRefused("cases:\n- name: >\n    long\n    name\n  moments:\n  - now: 1\n", "6",
                "cases[0].moments[0].now");
}

}  // namespace
}  // namespace sluice
