// The commands that make, compare and ask known-bad lists, and the imports.

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/environment.h"
#include "tests/cli/run_sluice.h"

namespace sluice {
namespace {

constexpr char kDigest[] =
    "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

constexpr char kOsv[] = R"({
  "id": "GO-1", "modified": "2026-01-02T03:04:05Z", "summary": "reads too far",
  "aliases": ["CVE-1"],
  "affected": [{"package": {"ecosystem": "Go", "name": "example.org/mod"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.2.0"}]}]}]
})";

constexpr char kSbom[] = R"({
  "bomFormat": "CycloneDX", "specVersion": "1.5",
  "components": [
    {"type": "library", "name": "mod", "purl": "pkg:golang/example.org/mod@v1.1.9"},
    {"type": "library", "name": "safe", "purl": "pkg:golang/example.org/mod/v2@v2.0.0"}]
})";

// Says of itself that something is missing.
constexpr char kIncompleteSbom[] = R"({
  "bomFormat": "CycloneDX", "specVersion": "1.6",
  "components": [{"type": "library", "name": "o", "purl": "pkg:golang/example.org/other@v1.0.0"}],
  "compositions": [{"aggregate": "incomplete_third_party_only"}]
})";

absl::Time FixedClock() { return absl::FromUnixSeconds(1795512600); }

CliResult RunSluice(const std::vector<std::string>& words) {
  return RunSluiceAt(&FixedClock, words);
}

void ExpectBadInput(const std::vector<std::string>& words, absl::string_view said) {
  const CliResult result = RunSluice(words);
  EXPECT_EQ(result.code, kExitBadInput) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_TRUE(absl::StartsWith(result.err, "sluice: ")) << result.err;
  EXPECT_TRUE(absl::StrContains(result.err, said)) << result.err;
}

std::vector<std::string> ImportOsv(const std::string& output, const std::string& input,
                                   const std::string& epoch = "1") {
  return {
      "import",   "osv",  "--id", "go", "--epoch", epoch, "--verified-at", "2026-11-24T00:00:00Z",
      "--output", output, input};
}

// A list in file form of the one advisory.
std::string ListPath() {
  const std::string path = PathOf("go.kb");
  const CliResult result = RunSluice(ImportOsv(path, WriteFile("GO-1.json", kOsv)));
  EXPECT_EQ(result.code, kExitOk) << result.err;
  return path;
}

TEST(ImportCommandTest, OsvToAListOfEitherForm) {
  const std::string input = WriteFile("GO-1.json", kOsv);
  const CliResult as_file = RunSluice(ImportOsv(PathOf("one.kb"), input));
  EXPECT_EQ(as_file.code, kExitOk) << as_file.err;
  EXPECT_TRUE(absl::StrContains(as_file.out, "advisories")) << as_file.out;
  EXPECT_TRUE(absl::StartsWith(ReadFile(PathOf("one.kb")), "sluiceKB"));
  const CliResult as_text = RunSluice(ImportOsv(PathOf("one.textproto"), input));
  EXPECT_EQ(as_text.code, kExitOk) << as_text.err;
  EXPECT_TRUE(absl::StrContains(ReadFile(PathOf("one.textproto")), "fixed: \"1.2.0\""));
  EXPECT_TRUE(absl::StrContains(ReadFile(PathOf("one.textproto")), "entry_count: 1"));
}

TEST(ImportCommandTest, WhatAListNeedsIsNeverMadeUp) {
  const std::string input = WriteFile("GO-1.json", kOsv);
  const std::string output = PathOf("never.kb");
  ExpectBadInput({"import", "osv", input}, "--output");
  ExpectBadInput({"import", "osv", "--output", output}, "INPUT");
  ExpectBadInput({"import", "osv", "--output", output, input}, "--id");
  ExpectBadInput({"import", "osv", "--id", "a", "--output", output, input}, "--epoch");
  ExpectBadInput({"import", "osv", "--id", "a", "--epoch", "0", "--output", output, input},
                 "--epoch");
  ExpectBadInput({"import", "osv", "--id", "a", "--epoch", "1", "--output", output, input},
                 "--verified-at");
  ExpectBadInput(ImportOsv(PathOf("list.unknown"), input), "tells no format");
  EXPECT_EQ(ReadFile(output), "");
}

TEST(ImportCommandTest, MalformedEntriesFailUnlessToldToGoOn) {
  const std::string good = WriteFile("GO-1.json", kOsv);
  const std::string bad = WriteFile("bad.json", "{\"id\": 7}");
  std::vector<std::string> words = ImportOsv(PathOf("partly.kb"), good);
  words.push_back(bad);
  ExpectBadInput(words, "bad.json");
  EXPECT_EQ(ReadFile(PathOf("partly.kb")), "");
  words.push_back("--keep-going");
  const CliResult result = RunSluice(words);
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_TRUE(absl::StrContains(result.out, "bad.json")) << result.out;
  EXPECT_TRUE(absl::StartsWith(ReadFile(PathOf("partly.kb")), "sluiceKB"));
}

TEST(ImportCommandTest, TablesOfDigests) {
  const std::string input =
      WriteFile("bad.csv", absl::StrCat("digest,id,reason\n", kDigest, ",INC-1,bad host\n"));
  const CliResult result =
      RunSluice({"import", "csv", "--id", "digests", "--epoch", "3", "--verified-at",
                 "2026-11-24T00:00:00Z", "--overridable", "--output", PathOf("csv.kb"), input});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  const CliResult query =
      RunSluice({"known-bad", "query", "--list", PathOf("csv.kb"), "--digest", kDigest});
  EXPECT_EQ(query.code, kExitHold);
  EXPECT_EQ(query.out, absl::StrCat("-\t", kDigest, "\tINC-1\tdigest\tdigests\n"));
}

TEST(ImportCommandTest, BillsOfMaterials) {
  const CliResult cyclonedx = RunSluice(
      {"import", "cyclonedx", "--output", PathOf("c.textproto"), WriteFile("sbom.json", kSbom)});
  EXPECT_EQ(cyclonedx.code, kExitOk) << cyclonedx.err;
  EXPECT_TRUE(absl::StrContains(ReadFile(PathOf("c.textproto")), "count: 2"));
  const std::string spdx = WriteFile("spdx.json", R"({
    "spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "packages": [
      {"SPDXID": "SPDXRef-a", "name": "a", "externalRefs": [
        {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
         "referenceLocator": "pkg:golang/example.org/mod@v1.1.9"}]},
      {"SPDXID": "SPDXRef-b", "name": "b"}]})");
  ExpectBadInput({"import", "spdx", "--output", PathOf("s.textproto"), spdx}, "spdx.json");
  const CliResult left_out = RunSluice(
      {"import", "spdx", "--leave-out-uncheckable", "--output", PathOf("s.textproto"), spdx});
  EXPECT_EQ(left_out.code, kExitOk) << left_out.err;
  EXPECT_TRUE(absl::StrContains(ReadFile(PathOf("s.textproto")), "count: 1"));
  const CliResult query = RunSluice(
      {"known-bad", "query", "--list", ListPath(), "--leave-out-uncheckable", "--sbom", spdx});
  EXPECT_EQ(query.code, kExitHold);
  EXPECT_TRUE(absl::StrContains(query.out, "GO-1")) << query.out;
  EXPECT_TRUE(absl::StrContains(query.err, "1 components")) << query.err;
}

TEST(ImportCommandTest, ABillAboutAnArtifactWithoutPackageUrl) {
  const std::string sbom = WriteFile("about.json", R"({
    "bomFormat": "CycloneDX", "specVersion": "1.6",
    "metadata": {"component": {"type": "application", "name": "app", "version": "1"}},
    "components": [{"type": "library", "name": "o", "purl": "pkg:golang/example.org/other@v1.0.0"}]
  })");
  const CliResult result =
      RunSluice({"import", "cyclonedx", "--output", PathOf("about.textproto"), sbom});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_TRUE(absl::StrContains(result.out, "ARTIFACT_ITSELF")) << result.out;
  const CliResult query = RunSluice({"known-bad", "query", "--list", ListPath(), "--sbom", sbom});
  EXPECT_EQ(query.code, kExitOk);
  EXPECT_EQ(query.err, "");
}

TEST(ImportCommandTest, BillsThatLackComponents) {
  const std::string sbom = WriteFile("incomplete.json", kIncompleteSbom);
  const std::string output = PathOf("incomplete.textproto");
  for (const char* flag : {"--keep-going", "--leave-out-uncheckable"}) {
    ExpectBadInput({"import", "cyclonedx", flag, "--output", output, sbom},
                   "incomplete.json: compositions[0]: `incomplete_third_party_only`");
  }
  EXPECT_EQ(ReadFile(output), "");
  const CliResult accepted =
      RunSluice({"import", "cyclonedx", "--accept-incomplete", "--output", output, sbom});
  EXPECT_EQ(accepted.code, kExitOk) << accepted.err;
  EXPECT_TRUE(absl::StrContains(accepted.out, "INCOMPLETE_INVENTORY")) << accepted.out;
  EXPECT_TRUE(absl::StrContains(ReadFile(output), "count: 1"));
  // SPDX says nothing of the kind.
  ExpectBadInput({"import", "spdx", "--accept-incomplete", "--output", output, sbom},
                 "--accept-incomplete");
}

TEST(ImportCommandTest, Alarms) {
  const std::string cloudwatch = WriteFile("alarms.json", R"({"MetricAlarms": [
    {"AlarmName": "5xx high", "StateValue": "ALARM",
     "StateTransitionedTimestamp": "2026-11-24T08:00:00Z",
     "StateUpdatedTimestamp": "2026-11-24T08:30:00Z"}], "CompositeAlarms": []})");
  const CliResult named =
      RunSluice({"import", "cloudwatch", "--observed-at", "2026-11-24T09:00:00Z", "--name",
                 "5xx high=5xx", "--cell", "eu", "--output", PathOf("a.textproto"), cloudwatch});
  EXPECT_EQ(named.code, kExitOk) << named.err;
  const std::string alarms = ReadFile(PathOf("a.textproto"));
  EXPECT_TRUE(absl::StrContains(alarms, "alarm: \"5xx\"\n  cell: \"eu\"\n  state: ALARM"))
      << alarms;
  ExpectBadInput({"import", "cloudwatch", "--output", PathOf("a.textproto"), cloudwatch},
                 "--observed-at");
  ExpectBadInput({"import", "cloudwatch", "--observed-at", "2026-11-24T09:00:00Z", "--name", "x",
                  "--output", PathOf("a.textproto"), cloudwatch},
                 "NAME=VALUE");
  const std::string alerts = WriteFile("alerts.json", "[]");
  const CliResult expected =
      RunSluice({"import", "alertmanager", "--observed-at", "2026-11-24T09:00:00Z",
                 "--region-label", "region", "--expect", "down", "--expect", "slow,region=eu",
                 "--output", PathOf("b.textproto"), alerts});
  EXPECT_EQ(expected.code, kExitOk) << expected.err;
  EXPECT_TRUE(absl::StrContains(ReadFile(PathOf("b.textproto")), "region: \"eu\"\n  state: OK"))
      << ReadFile(PathOf("b.textproto"));
  ExpectBadInput({"import", "alertmanager", "--observed-at", "2026-11-24T09:00:00Z", "--expect",
                  "down,zone=1", "--output", PathOf("b.textproto"), alerts},
                 "--expect");
}

TEST(ImportCommandTest, Calendars) {
  const std::string ics = WriteFile("freeze.ics",
                                    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\n"
                                    "UID:1\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:Freeze\r\n"
                                    "DTSTART:20261224T000000Z\r\nDTEND:20261227T000000Z\r\n"
                                    "END:VEVENT\r\nEND:VCALENDAR\r\n");
  const std::vector<std::string> words = {"import",   "ics",
                                          "--from",   "2026-01-01T00:00:00Z",
                                          "--until",  "2027-01-01T00:00:00Z",
                                          "--output", PathOf("w.textproto"),
                                          ics};
  const CliResult windows = RunSluice(words);
  EXPECT_EQ(windows.code, kExitOk) << windows.err;
  EXPECT_TRUE(absl::StrContains(ReadFile(PathOf("w.textproto")), "description: \"Freeze\""));
  std::vector<std::string> calendar = words;
  calendar.insert(calendar.end(), {"--calendar", "freezes"});
  ExpectBadInput(calendar, "--observed-at");
  calendar.insert(calendar.end(), {"--observed-at", "2026-11-24T00:00:00Z"});
  EXPECT_EQ(RunSluice(calendar).code, kExitOk);
  EXPECT_TRUE(absl::StrContains(ReadFile(PathOf("w.textproto")), "id: \"freezes\""));
}

TEST(KnownBadCommandTest, QueryTellsWhichComponentIsListedByWhat) {
  const std::string sbom = WriteFile("app.json", kSbom);
  const CliResult text = RunSluice({"known-bad", "query", "--list", ListPath(), "--sbom", sbom});
  EXPECT_EQ(text.code, kExitHold);
  EXPECT_EQ(text.out,
            absl::StrCat(sbom, "\tpkg:golang/example.org/mod@v1.1.9\tGO-1\tversion\tgo\n"));
  const CliResult json =
      RunSluice({"known-bad", "query", "--list", ListPath(), "--sbom", sbom, "--format", "json"});
  EXPECT_EQ(json.code, kExitHold);
  EXPECT_TRUE(absl::StrContains(json.out, "\"advisory\": \"GO-1\"")) << json.out;
  EXPECT_TRUE(absl::StrContains(json.out, "\"reason\": \"reads too far\"")) << json.out;
  EXPECT_TRUE(absl::StrContains(json.out, "\"CVE-1\"")) << json.out;
  EXPECT_TRUE(absl::EndsWith(json.out, "\n]\n")) << json.out;
}

TEST(KnownBadCommandTest, QueryExitsZeroOnlyIfNothingMayBeListed) {
  const std::string list = ListPath();
  const auto code = [&list](const std::string& component) {
    return RunSluice({"known-bad", "query", "--list", list, "--component", component}).code;
  };
  EXPECT_EQ(code("pkg:golang/example.org/mod@v1.2.0"), kExitOk);
  EXPECT_EQ(code("pkg:golang/example.org/mod@v1.2.0-rc.1"), kExitHold);
  EXPECT_EQ(code("pkg:golang/example.org/mod@main"), kExitHold) << "no version that can be told";
  EXPECT_EQ(code("pkg:golang/example.org/mod"), kExitHold) << "no version";
  EXPECT_EQ(code("pkg:golang/example.org/other@v1.0.0"), kExitOk);
  EXPECT_EQ(code("nonsense"), kExitHold) << "can't be read";
}

// A bill of materials for a query, and what the query is told to let stand.
struct Gaps {
  bool listed = false;       // A component of it is on the list.
  bool uncheckable = false;  // No list can be held against another one.
  bool incomplete = false;   // It says that components are missing.
  bool leave_out_uncheckable = false;
  bool accept_incomplete = false;
};

std::string SbomWith(const Gaps& gaps) {
  return absl::StrCat(R"({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [)",
                      gaps.uncheckable ? R"({"name": "debian", "version": "12"},)" : "",
                      R"({"purl": "pkg:golang/example.org/mod@)", gaps.listed ? "v1.1.9" : "v1.2.0",
                      R"("}], "compositions": [)",
                      gaps.incomplete ? R"({"aggregate": "incomplete"})" : "", "]}");
}

TEST(KnownBadCommandTest, QueryHoldsForWhatCouldNotBeAsked) {
  const std::string list = ListPath();
  for (int bits = 0; bits < 32; ++bits) {
    const Gaps gaps{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0,
                    (bits & 16) != 0};
    const std::string sbom = WriteFile("gaps.json", SbomWith(gaps));
    SCOPED_TRACE(absl::StrCat(bits, ": ", ReadFile(sbom)));
    std::vector<std::string> words = {"known-bad", "query", "--list", list, "--sbom", sbom};
    if (gaps.leave_out_uncheckable) words.push_back("--leave-out-uncheckable");
    if (gaps.accept_incomplete) words.push_back("--accept-incomplete");
    const CliResult result = RunSluice(words);
    const bool asked_all = (!gaps.uncheckable || gaps.leave_out_uncheckable) &&
                           (!gaps.incomplete || gaps.accept_incomplete);
    EXPECT_EQ(result.code, gaps.listed || !asked_all ? kExitHold : kExitOk) << result.err;
    EXPECT_EQ(result.out,
              gaps.listed
                  ? absl::StrCat(sbom, "\tpkg:golang/example.org/mod@v1.1.9\tGO-1\tversion\tgo\n")
                  : "");
    EXPECT_EQ(absl::StrContains(result.err, "gaps.json: 1 components"), gaps.uncheckable);
    EXPECT_EQ(absl::StrContains(result.err, "gaps.json: compositions[0]: `incomplete` "),
              gaps.incomplete);
  }
}

TEST(KnownBadCommandTest, QueryHoldsForOneBillOfSeveral) {
  Gaps uncheckable;
  uncheckable.uncheckable = true;
  std::vector<std::string> words = {
      "known-bad", "query",
      "--list",    ListPath(),
      "--format",  "json",
      "--sbom",    WriteFile("with-a-gap.json", SbomWith(uncheckable)),
      "--sbom",    WriteFile("whole.json", SbomWith({}))};
  const CliResult held = RunSluice(words);
  EXPECT_EQ(held.code, kExitHold);
  EXPECT_TRUE(absl::StartsWith(held.out, "[]\n")) << held.out;
  EXPECT_TRUE(absl::StrContains(held.err, "with-a-gap.json")) << held.err;
  words.push_back("--leave-out-uncheckable");
  EXPECT_EQ(RunSluice(words).code, kExitOk);
}

TEST(KnownBadCommandTest, QueryRefusesBillsThatAreMalformedOrHaveNothingToAsk) {
  const std::string list = ListPath();
  for (const char* component : {R"({"purl": 7}, {"purl": "pkg:npm/a@1"})", R"({"name": "x"})"}) {
    const std::string sbom = WriteFile(
        "refused.json",
        absl::StrCat(R"({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [)",
                     component, "]}"));
    ExpectBadInput({"known-bad", "query", "--list", list, "--sbom", sbom}, "refused.json");
    ExpectBadInput({"known-bad", "query", "--list", list, "--leave-out-uncheckable",
                    "--accept-incomplete", "--sbom", sbom},
                   "refused.json");
  }
}

TEST(KnownBadCommandTest, QueryRefusesQuestionsThatAreNone) {
  const std::string list = ListPath();
  ExpectBadInput({"known-bad", "query", "--list", list}, "--sbom");
  ExpectBadInput({"known-bad", "query", "--component", "pkg:npm/a@1"}, "--list");
  ExpectBadInput({"known-bad", "query", "--list", list, "--digest", "sha256:1"}, "digest");
  ExpectBadInput({"known-bad", "query", "--list", list, "--sbom", PathOf("no-such.json")},
                 "no-such.json");
  ExpectBadInput(
      {"known-bad", "query", "--list", list, "--component", "pkg:npm/a@1", "--format", "xml"},
      "--format");
}

TEST(KnownBadCommandTest, InfoChecksEveryByte) {
  const std::string list = ListPath();
  const CliResult info = RunSluice({"known-bad", "info", list});
  EXPECT_EQ(info.code, kExitOk) << info.err;
  EXPECT_TRUE(absl::StrContains(info.out, "entries      1\n")) << info.out;
  EXPECT_TRUE(absl::StrContains(info.out, "verified     every byte")) << info.out;
  std::string bytes = ReadFile(list);
  bytes[4096 + 10] ^= 1;
  const CliResult damaged = RunSluice({"known-bad", "info", WriteFile("damaged.kb", bytes)});
  EXPECT_EQ(damaged.code, kExitBadInput);
  EXPECT_TRUE(absl::StrContains(damaged.err, "not as written")) << damaged.err;
  ExpectBadInput({"known-bad", "info", WriteFile("cut.kb", bytes.substr(0, 5000))}, "cut.kb");
}

TEST(KnownBadCommandTest, BuildJoinsListsAndChangesWhatTheFlagsSay) {
  const std::string first = WriteFile("first.textproto", R"(
    id: "one" epoch: 1 entry_count: 1 verified_at { seconds: 1 }
    entries { id: "A-1" package_urls: "pkg:npm/a@1.0.0" })");
  const std::string second = WriteFile("second.textproto", R"(
    id: "two" epoch: 1 entry_count: 1 verified_at { seconds: 1 }
    entries { id: "A-2" package_urls: "pkg:npm/b@1.0.0" })");
  const std::string output = PathOf("joined.kb");
  EXPECT_EQ(RunSluice({"known-bad", "build", "--output", output, first}).code, kExitOk);
  ExpectBadInput({"known-bad", "build", "--output", output, first, second}, "--id");
  const CliResult joined =
      RunSluice({"known-bad", "build", "--output", output, "--id", "both", "--epoch", "9",
                 "--verified-at", "2026-11-24T00:00:00Z", first, second});
  EXPECT_EQ(joined.code, kExitOk) << joined.err;
  const CliResult info = RunSluice({"known-bad", "info", output});
  EXPECT_TRUE(absl::StrContains(info.out, "list         both\nepoch        9\n")) << info.out;
  EXPECT_TRUE(absl::StrContains(info.out, "entries      2\n")) << info.out;
  // A list that was cut is not hidden by another.
  const std::string cut = WriteFile("cut.textproto", R"(
    id: "two" epoch: 1 entry_count: 2 verified_at { seconds: 1 }
    entries { id: "A-2" package_urls: "pkg:npm/b@1.0.0" })");
  ExpectBadInput({"known-bad", "build", "--output", output, "--id", "both", "--epoch", "9",
                  "--verified-at", "2026-11-24T00:00:00Z", first, cut},
                 "entry_count");
  // Nor may two lists contradict each other.
  const std::string other = WriteFile("other.textproto", R"(
    id: "two" epoch: 1 entry_count: 1 verified_at { seconds: 1 }
    entries { id: "A-1" package_urls: "pkg:npm/b@1.0.0" })");
  ExpectBadInput({"known-bad", "build", "--output", output, "--id", "both", "--epoch", "9",
                  "--verified-at", "2026-11-24T00:00:00Z", first, other},
                 "another entry");
}

TEST(KnownBadCommandTest, DiffTellsWhatChanged) {
  const auto list = [](const std::string& name, const std::string& entries, int count) {
    return WriteFile(
        name, absl::StrCat("id: 'one' epoch: 1 verified_at { seconds: 1 } entry_count: ", count,
                           entries));
  };
  const std::string before = list("before.textproto",
                                  " entries { id: 'A' package_urls: 'pkg:npm/a@1' }"
                                  " entries { id: 'B' package_urls: 'pkg:npm/b@1' }"
                                  " entries { id: 'C' package_urls: 'pkg:npm/c@1' }",
                                  3);
  const std::string after = list("after.textproto",
                                 " entries { id: 'B' package_urls: 'pkg:npm/b@1' }"
                                 " entries { id: 'C' package_urls: 'pkg:npm/c@2' reason: 'worse' }"
                                 " entries { id: 'D' package_urls: 'pkg:npm/d@1' }",
                                 3);
  const CliResult changed = RunSluice({"known-bad", "diff", before, after});
  EXPECT_EQ(changed.code, kExitHold);
  EXPECT_EQ(changed.out,
            "- A\n~ C  worse\n+ D\none epoch 1 to one epoch 1: 1 added, 1 removed, 1 changed\n");
  const CliResult same = RunSluice({"known-bad", "diff", before, before});
  EXPECT_EQ(same.code, kExitOk);
  // Digests count although a list does not keep them in its entries.
  const auto digests = [&list](const std::string& name, char last) {
    std::string digest = kDigest;
    digest.back() = last;
    return list(name, absl::StrCat(" entries { id: 'A' digests: '", digest, "' }"), 1);
  };
  EXPECT_EQ(
      RunSluice({"known-bad", "diff", digests("d1.textproto", 'a'), digests("d2.textproto", 'b')})
          .code,
      kExitHold);
}

TEST(KnownBadCommandTest, LintFindsWhatMatchesMoreThanAShare) {
  const std::string list = ListPath();
  const std::string listed = WriteFile("listed.json", kSbom);
  const auto other = [](const std::string& name) {
    return WriteFile(name, R"({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
        {"type": "library", "name": "o", "purl": "pkg:golang/example.org/other@v1.0.0"}]})");
  };
  const auto lint = [&](const std::string& share) {
    return RunSluice({"known-bad", "lint", "--list", list, "--max-share", share, listed,
                      other("o1.json"), other("o2.json"), other("o3.json")});
  };
  const CliResult found = lint("24.9");
  EXPECT_EQ(found.code, kExitHold) << found.err;
  EXPECT_EQ(found.out, "GO-1\t1 of 4 artifacts\t25.0 %\n");
  EXPECT_EQ(lint("25%").code, kExitOk);
  EXPECT_EQ(lint("25%").out, "");
  // What is missing makes no share larger.
  EXPECT_EQ(RunSluice({"known-bad", "lint", "--list", list, "--max-share", "5",
                       WriteFile("incomplete.json", kIncompleteSbom)})
                .code,
            kExitOk);
  ExpectBadInput({"known-bad", "lint", "--list", list, "--max-share", "100", listed},
                 "--max-share");
  ExpectBadInput({"known-bad", "lint", "--list", list, "--max-share", "nan", listed},
                 "--max-share");
  ExpectBadInput({"known-bad", "lint", "--list", list, listed}, "--max-share");
  ExpectBadInput({"known-bad", "lint", "--list", list, "--max-share", "5"}, "corpus");
}

TEST(KnownBadCommandTest, AGroupNamesItsCommands) {
  const CliResult help = RunSluice({"known-bad", "--help"});
  EXPECT_EQ(help.code, kExitOk);
  EXPECT_TRUE(absl::StrContains(help.out, "known-bad query")) << help.out;
  EXPECT_EQ(RunSluice({"import"}).code, kExitBadInput);
  EXPECT_EQ(RunSluice({"import", "xml"}).code, kExitBadInput);
}

}  // namespace
}  // namespace sluice
