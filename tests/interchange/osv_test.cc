#include "sluice/interchange/osv.h"

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/source_files.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using ::testing::HasSubstr;

ImportOptions Options(bool keep_going = false) {
  ImportOptions options;
  options.keep_going = keep_going;
  return options;
}

struct Imported {
  absl::Status status;
  v1::KnownBadList list;
  ImportReport report;
};

Imported Import(const std::vector<std::string>& documents, bool keep_going = false) {
  Imported imported;
  OsvImporter importer(Options(keep_going), imported.report);
  for (size_t i = 0; i < documents.size(); ++i) {
    importer.Add(absl::StrCat(i, ".json"), documents[i]);
  }
  imported.status = importer.Finish(&imported.list);
  EXPECT_TRUE(imported.report.IsComplete());
  return imported;
}

// An advisory with these further members.
std::string Advisory(absl::string_view members) {
  return absl::StrCat(R"({"schema_version": "1.3.1", "id": "A-1",
                          "modified": "2026-01-02T03:04:05Z")",
                      members.empty() ? "" : ",", members, "}");
}

// An advisory about one package and what its `affected` says of it.
std::string About(absl::string_view ecosystem, absl::string_view name, absl::string_view versions) {
  return Advisory(absl::StrCat(R"("affected": [{"package": {"ecosystem": ")", ecosystem,
                               R"(", "name": ")", name, R"("})", versions.empty() ? "" : ",",
                               versions, "}]"));
}

v1::KnownBadEntry Entry(const std::string& document) {
  const Imported imported = Import({document});
  EXPECT_TRUE(imported.status.ok()) << imported.status;
  EXPECT_EQ(imported.list.entries_size(), 1);
  return imported.list.entries_size() == 1 ? imported.list.entries(0) : v1::KnownBadEntry();
}

void ExpectPackages(const v1::KnownBadEntry& entry, const std::string& text) {
  v1::KnownBadEntry expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &expected));
  v1::KnownBadEntry actual;
  *actual.mutable_packages() = entry.packages();
  google::protobuf::util::MessageDifferencer differencer;
  std::string difference;
  differencer.ReportDifferencesToString(&difference);
  EXPECT_TRUE(differencer.Compare(expected, actual)) << difference;
}

TEST(Osv, AllMembers) {
  const v1::KnownBadEntry entry = Entry(R"({
    "schema_version": "1.6.0", "id": "GHSA-xxxx", "modified": "2026-01-02T03:04:05Z",
    "published": "2026-01-01T00:00:00Z", "withdrawn": "2026-02-01T00:00:00.5Z",
    "aliases": ["CVE-2026-1", "GO-2026-1"], "summary": "Bad", "details": "Very bad",
    "references": [{"type": "WEB", "url": "https://b.example"},
                   {"type": "ADVISORY", "url": "https://a.example"}],
    "database_specific": {"severity": "MODERATE"}, "unknown": {"ignored": [1, 2]},
    "affected": [{"package": {"ecosystem": "npm", "name": "@Scope/Name"},
                  "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"},
                                                           {"fixed": "1.2.3"}]}],
                  "versions": ["2.0.0"]}]})");
  v1::KnownBadEntry expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        id: "GHSA-xxxx"
        url: "https://a.example"
        reason: "Bad"
        severity: MEDIUM
        packages {
          package_url: "pkg:npm/%40scope/name"
          versions: "2.0.0"
          ranges { introduced: "0" fixed: "1.2.3" }
        }
        added_at { seconds: 1767225600 }
        withdrawn_at { seconds: 1769904000 nanos: 500000000 }
        aliases: "CVE-2026-1"
        aliases: "GO-2026-1"
      )pb",
      &expected));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(entry, expected))
      << entry.DebugString();
}

TEST(Osv, TextsFallBack) {
  const std::string affected =
      R"("affected": [{"package": {"ecosystem": "Go", "name": "a.example/b"}}])";
  EXPECT_EQ(
      Entry(Advisory(absl::StrCat(R"("details": "\n  First line.\nSecond.",)", affected))).reason(),
      "First line.");
  EXPECT_EQ(
      Entry(Advisory(absl::StrCat(
                R"("references": [{"type": "FIX", "url": "x"}, {"type": "WEB", "url": "y"}],)",
                affected)))
          .url(),
      "y");
  EXPECT_EQ(Entry(Advisory(affected)).url(), "");
  const v1::KnownBadEntry unset = Entry(
      Advisory(absl::StrCat(R"("published": "0001-01-01T00:00:00Z", "aliases": null,)", affected)));
  EXPECT_FALSE(unset.has_added_at());
  const v1::KnownBadEntry longer = Entry(
      Advisory(absl::StrCat(R"("summary": ")", std::string(999, 'x'), "\xc3\xa4\",", affected)));
  EXPECT_EQ(longer.reason(), absl::StrCat(std::string(999, 'x'), "..."));
}

TEST(Osv, VersionsAreListedAsTheyAreWritten) {
  ExpectPackages(Entry(About("Go", "stdlib", R"("versions": ["1.20.1", "v1.2"])")), R"pb(
    packages { package_url: "pkg:golang/std" versions: "1.20.1" versions: "v1.2" }
    packages { package_url: "pkg:golang/stdlib" versions: "1.20.1" versions: "v1.2" })pb");
}

TEST(Osv, NoVersionsAreAllVersions) {
  const Imported imported = Import({About("PyPI", "a", "")});
  ASSERT_TRUE(imported.status.ok());
  ExpectPackages(imported.list.entries(0),
                 R"pb(packages {
                        package_url: "pkg:pypi/a"
                        ranges { introduced: "0" }
                      })pb");
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kAllVersionsAssumed), 1);
}

TEST(Osv, ReleasesOfADistributionAreJoined) {
  const Imported imported = Import({Advisory(R"("affected": [
      {"package": {"ecosystem": "Debian:11", "name": "openssl",
                   "purl": "pkg:deb/debian/openssl?arch=source"},
       "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]},
      {"package": {"ecosystem": "Debian:12", "name": "openssl"},
       "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0"}]}]},
      {"package": {"ecosystem": "Debian:13", "name": "openssl"},
       "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.0"}]}]}])")});
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  ExpectPackages(imported.list.entries(0),
                 R"pb(packages {
                        package_url: "pkg:deb/debian/openssl"
                        ranges { introduced: "0" fixed: "1.1" }
                        ranges { introduced: "0" fixed: "3.0" }
                      })pb");
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kReleaseWidened), 3);
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kSourcePackage), 3);
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kQualifiersDropped), 1);
}

TEST(Osv, AStatedUrlOfAnotherPackageIsMatchedToo) {
  ExpectPackages(
      Entry(Advisory(R"("affected": [{"versions": ["1"], "package": {"ecosystem": "OSS-Fuzz",
                        "name": "x", "purl": "pkg:github/o/x@9?a=b#c"}}])")),
      R"pb(packages { package_url: "pkg:generic/x" versions: "1" }
           packages { package_url: "pkg:github/o/x" versions: "1" })pb");
}

TEST(Osv, UnknownEcosystemsNeedAUrl) {
  ExpectPackages(
      Entry(Advisory(R"("affected": [{"versions": ["1"], "package": {"ecosystem": "Julia",
                        "name": "x", "purl": "pkg:julia/X?uuid=1-2&a=b"}}])")),
      R"pb(packages { package_url: "pkg:julia/X?uuid=1-2" versions: "1" })pb");
  const Imported without = Import({About("Android", "platform/art", R"("versions": ["1"])")});
  EXPECT_TRUE(without.status.ok());
  EXPECT_EQ(without.list.entries_size(), 0);
  EXPECT_EQ(without.report.LeftOutFor(LeftOutReason::kUnknownEcosystem), 1);
  EXPECT_EQ(without.report.LeftOutFor(LeftOutReason::kNothingToMatch), 1);
  EXPECT_EQ(without.report.CountsOf("advisories").left_out, 1);
}

TEST(Osv, CommitsBesideVersionsAreLeftOut) {
  const Imported imported = Import({About("npm", "a", R"("ranges": [
      {"type": "GIT", "repo": "r", "events": [{"introduced": "0"}, {"fixed": "abc"}]},
      {"type": "SEMVER", "events": [{"introduced": "1.0.0"}]}])")});
  ASSERT_TRUE(imported.status.ok());
  ExpectPackages(imported.list.entries(0),
                 R"pb(packages {
                        package_url: "pkg:npm/a"
                        ranges { introduced: "1.0.0" }
                      })pb");
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kGitRange), 1);
}

TEST(Osv, CommitsAloneHold) {
  constexpr absl::string_view kCommits = R"("ranges": [
      {"type": "GIT", "repo": "r", "events": [{"introduced": "0"}, {"fixed": "deadbeef"}]}])";
  ExpectPackages(Entry(About("npm", "a", kCommits)),
                 R"pb(packages {
                        package_url: "pkg:npm/a"
                        ranges { introduced: "0" fixed: "deadbeef" }
                      })pb");
  // Where a commit would be compared with versions, that range might hold for too few.
  ExpectPackages(Entry(About("Maven", "g:a", kCommits)),
                 R"pb(packages {
                        package_url: "pkg:maven/g/a"
                        ranges { introduced: "0" }
                      })pb");
}

TEST(Osv, CommitsWithoutAPackageAreLeftOut) {
  const Imported imported = Import({Advisory(R"("affected": [{"ranges": [
      {"type": "GIT", "repo": "r", "events": [{"introduced": "0"}]}]}])"),
                                    R"({"id": "B", "modified": "2026-01-02T03:04:05Z"})"});
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kNoPackage), 1);
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kNothingToMatch), 2);
  EXPECT_EQ(imported.list.entries_size(), 0);
}

TEST(Osv, ARangeBeyondItsLimitIsNoTarget) {
  const Imported imported = Import({About("npm", "a", R"("ranges": [{"type": "SEMVER",
      "events": [{"introduced": "2.0.0"}, {"limit": "1.0.0"}]}])")});
  EXPECT_TRUE(imported.status.ok());
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kNothingToMatch), 1);
}

TEST(Osv, WhatIsNoted) {
  const Imported imported = Import({Advisory(R"("aliases": ["a b"], "affected": [
      {"package": {"ecosystem": "Maven:https://m.example", "name": "g:a", "purl": "no"},
       "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"last_affected": "1"},
                                                   {"fixed": "2"}]},
                  {"type": "ECOSYSTEM", "events": [{"introduced": "LATEST"}, {"fixed": "y"}]}]}])")});
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  for (const LeftOutReason reason :
       {LeftOutReason::kAliasNotIdentifier, LeftOutReason::kRepositoryWidened,
        LeftOutReason::kUnreadablePackageUrl, LeftOutReason::kMixedEvents,
        LeftOutReason::kUnordered, LeftOutReason::kNotRated}) {
    EXPECT_EQ(imported.report.LeftOutFor(reason), 1) << LeftOutReasonName(reason);
  }
}

struct Malformed {
  std::string document;
  absl::string_view place;  // Part of what is said.
};

std::vector<Malformed> MalformedDocuments() {
  const std::string ranges = R"("ranges": [{"type": "SEMVER", "events": )";
  return {
      {"", "line 1"},
      {"nonsense", "line 1"},
      {"[]", "must be an object"},
      {Advisory(R"("id": "B")"), "twice"},
      {R"({"id": "A"})", "modified"},
      {R"({"modified": "2026-01-02T03:04:05Z"})", "`id`"},
      {R"({"id": "a b", "modified": "2026-01-02T03:04:05Z"})", "identifier"},
      {R"({"id": 7, "modified": "2026-01-02T03:04:05Z"})", "id: must be a text"},
      {R"({"id": "A", "modified": "yesterday"})", "modified: must be an instant"},
      {R"({"id": "A", "modified": "2026-01-02T03:04:05Z", "schema_version": "2.0.0"})",
       "schema_version"},
      {Advisory(R"("withdrawn": "0001-01-01T00:00:00Z")"), "withdrawn"},
      {Advisory(R"("withdrawn": false)"), "withdrawn: must be a text"},
      {Advisory(R"("affected": {})"), "affected: must be an array"},
      {Advisory(R"("affected": [7])"), "affected[0]: must be an object"},
      {Advisory(R"("affected": [{"package": {"name": "a"}}])"), "affected[0].package: needs"},
      {Advisory(R"("affected": [{"package": {"ecosystem": "npm"}}])"),
       "affected[0].package: needs"},
      {About("Maven", "no-colon", ""), "affected[0].package"},
      {Advisory(R"("affected": [{"package": {"ecosystem": "X", "name": "a", "purl": "p"}}])"),
       "affected[0].package"},
      {About("npm", "a", R"("versions": [1])"), "versions[0]"},
      {About("npm", "a", R"("versions": [""])"), "versions[0]"},
      {About("npm", "a", R"("versions": ["\u0001"])"), "versions[0]"},
      {About("npm", "a", R"("ranges": [{"events": [{"introduced": "0"}]}])"), "ranges[0]"},
      {About("npm", "a", R"("ranges": [{"type": "X", "events": [{"introduced": "0"}]}])"),
       "ranges[0]: `type` is unknown"},
      {About("npm", "a", absl::StrCat(ranges, "[]}]")), "ranges[0]: `events`"},
      {About("npm", "a", absl::StrCat(ranges, R"([{"fixed": "1.0.0"}]}])")), "ranges[0]: `events`"},
      {About("npm", "a", absl::StrCat(ranges, R"([{"introduced": "0", "fixed": "1.0.0"}]}])")),
       "events[0]: an event must have one member"},
      {About("npm", "a", absl::StrCat(ranges, R"([{"introduced": "0"}, {"healed": "1.0.0"}]}])")),
       "events[1].healed"},
      {About("npm", "a", absl::StrCat(ranges, R"([{"introduced": ""}]}])")), "events[0]"},
      {About("npm", "a", absl::StrCat(ranges, R"([{"introduced": 1}]}])")), "events[0].introduced"},
      // A fault in a package that would be left out counts all the same.
      {Advisory(R"("affected": [{"ranges": [{"type": "GIT", "events": []}]}])"),
       "ranges[0]: `events`"},
  };
}

TEST(Osv, MalformedAdvisoriesFail) {
  const std::string good = absl::StrReplaceAll(About("npm", "a", ""), {{"A-1", "GOOD"}});
  for (const Malformed& malformed : MalformedDocuments()) {
    SCOPED_TRACE(malformed.document);
    const Imported strict = Import({malformed.document, good});
    EXPECT_TRUE(absl::IsInvalidArgument(strict.status)) << strict.status;
    EXPECT_THAT(std::string(strict.status.message()), HasSubstr("0.json: "));
    EXPECT_THAT(std::string(strict.status.message()), HasSubstr(std::string(malformed.place)));
    EXPECT_EQ(strict.list.entries_size(), 0);

    const Imported lenient = Import({malformed.document, good}, /*keep_going=*/true);
    EXPECT_TRUE(lenient.status.ok()) << lenient.status;
    ASSERT_EQ(lenient.list.entries_size(), 1);
    EXPECT_EQ(lenient.list.entries(0).id(), "GOOD");
    EXPECT_EQ(lenient.report.malformed().total, 1);
  }
}

TEST(Osv, AllMalformedAdvisoriesAreNamed) {
  const Imported imported = Import({"x", About("npm", "a", ""), "y"});
  EXPECT_THAT(std::string(imported.status.message()), HasSubstr("0.json"));
  EXPECT_THAT(std::string(imported.status.message()), HasSubstr("2.json"));
}

TEST(Osv, TheSameAdvisoryTwiceCountsOnce) {
  const std::string one = About("npm", "a", "");
  const Imported imported = Import({one, absl::StrCat("\n", one)});
  EXPECT_TRUE(imported.status.ok());
  EXPECT_EQ(imported.list.entries_size(), 1);
  EXPECT_EQ(imported.list.entry_count(), 1);
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kRepeated), 1);
}

TEST(Osv, OneIdWithTwoContentsIsMalformedAndTheNewerIsTaken) {
  const std::string older = About("npm", "older", "");
  const std::string newer =
      absl::StrReplaceAll(About("npm", "newer", ""), {{"2026-01-02", "2026-01-03"}});
  for (const auto& documents : {std::vector<std::string>{older, newer}, {newer, older}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Import(documents).status));
    const Imported lenient = Import(documents, /*keep_going=*/true);
    ASSERT_EQ(lenient.list.entries_size(), 1);
    EXPECT_EQ(lenient.list.entries(0).packages(0).package_url(), "pkg:npm/newer");
    EXPECT_EQ(lenient.report.malformed().total, 1);
  }
}

TEST(Osv, EntriesAreSortedById) {
  std::vector<std::string> documents;
  for (const char* id : {"c", "a", "b"}) {
    documents.push_back(absl::StrReplaceAll(About("npm", "a", ""), {{"A-1", id}}));
  }
  const Imported imported = Import(documents);
  ASSERT_EQ(imported.list.entries_size(), 3);
  EXPECT_EQ(imported.list.entries(0).id(), "a");
  EXPECT_EQ(imported.list.entries(2).id(), "c");
}

// Whatever is done to an advisory, it is taken, left out or malformed, and nothing else happens.
TEST(Osv, DamagedAdvisoriesNeverVanish) {
  const std::string whole = Advisory(R"("aliases": ["B"], "withdrawn": "2026-02-01T00:00:00Z",
      "affected": [{"package": {"ecosystem": "Go", "name": "a.example/b", "purl": "pkg:golang/x"},
      "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.0"},
      {"introduced": "1.5.0"}, {"last_affected": "1.6.0"}]}], "versions": ["2.0.0"]}])");
  std::mt19937 random(20260101);
  const absl::string_view pieces[] = {"{",    "}",     "[",    "]",       "\"",   ",",         ":",
                                      "null", "1e999", "\xff", "\\u0000", "true", "\"fixed\"", "0"};
  uint64_t taken = 0;
  uint64_t malformed = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string damaged = whole;
    for (int i = 0, edits = 1 + static_cast<int>(random() % 3); i < edits; ++i) {
      const size_t at = random() % damaged.size();
      switch (random() % 4) {
        case 0:
          damaged[at] = static_cast<char>(random());
          break;
        case 1:
          damaged.erase(at, 1 + random() % 8);
          break;
        case 2:
          damaged.insert(at, std::string(pieces[random() % std::size(pieces)]));
          break;
        default:
          damaged = damaged.substr(0, at) + damaged.substr(random() % damaged.size());
      }
      if (damaged.empty()) damaged = " ";
    }
    const Imported imported = Import({damaged}, /*keep_going=*/true);
    const ImportCounts counts = imported.report.CountsOf("advisories");
    ASSERT_EQ(counts.read, 1) << damaged;
    ASSERT_EQ(counts.taken, static_cast<uint64_t>(imported.list.entries_size())) << damaged;
    taken += counts.taken;
    malformed += counts.malformed;
  }
  EXPECT_GT(taken, 100);
  EXPECT_GT(malformed, 10000);
}

TEST(Osv, TheGoVulnerabilityDatabase) {
  const char* folder = std::getenv("SLUICE_SHARED_DATA");
  if (folder == nullptr) GTEST_SKIP() << "SLUICE_SHARED_DATA names no folder with osv-go.tar.gz";
  ImportReport report;
  OsvImporter importer(Options(), report);
  double progress = 0;
  const absl::Status read =
      ReadSourceDocuments(absl::StrCat(folder, "/osv-go.tar.gz"), SourceLimits(), report,
                          [&](const SourceDocument& document) {
                            EXPECT_LE(progress, document.progress);
                            progress = document.progress;
                            importer.Add(document.name, document.bytes);
                            return absl::OkStatus();
                          });
  ASSERT_TRUE(read.ok()) << read;
  v1::KnownBadList list;
  const absl::Status status = importer.Finish(&list);
  ASSERT_TRUE(status.ok()) << status;
  for (const std::string& line : RenderImportReport(report)) {
    if (absl::StartsWith(line, "    ")) continue;  // Places.
    std::cout << line << "\n";
  }
  EXPECT_EQ(report.CountsOf("advisories").read, 4291);
  EXPECT_EQ(report.CountsOf("advisories").taken, 4291);
  EXPECT_EQ(list.entry_count(), 4291);
  EXPECT_EQ(report.LeftOutFor(LeftOutReason::kUnordered), 0);
  int withdrawn = 0;
  for (const v1::KnownBadEntry& entry : list.entries()) withdrawn += entry.has_withdrawn_at();
  EXPECT_EQ(withdrawn, 17);
}

}  // namespace
}  // namespace sluice
