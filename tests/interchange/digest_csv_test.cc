#include "sluice/interchange/digest_csv.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "sluice/interchange/import_report.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

std::string Hex(int number) {
  return absl::StrCat(absl::Hex(number, absl::kZeroPad16), std::string(48, '0'));
}

struct Imported {
  absl::Status status;
  v1::KnownBadList list;
  ImportReport report;

  // `id:digests` of each entry.
  std::string Written() const {
    std::vector<std::string> entries;
    for (const v1::KnownBadEntry& entry : list.entries()) {
      entries.push_back(absl::StrCat(entry.id(), ":", entry.digests_size()));
    }
    return absl::StrJoin(entries, " ");
  }
};

Imported Import(absl::string_view text, bool keep_going = false, size_t piece = 1 << 20) {
  Imported imported;
  ImportOptions options;
  options.keep_going = keep_going;
  DigestCsvImporter importer("x.csv", options, imported.report);
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    importer.Add(text.substr(0, piece));
  }
  imported.status = importer.Finish(&imported.list);
  if (imported.status.ok()) {
    EXPECT_TRUE(imported.report.IsComplete());
  }
  return imported;
}

TEST(DigestCsv, AllColumnsInAnyOrder) {
  const Imported imported = Import(absl::StrCat(
      "id,reason,aliases,digest,url,severity,withdrawn_at,added_at,effective_from\n"
      "INC-1,\"built, \"\"badly\"\"\non a bad host\",CVE-1 CVE-2,sha256:",
      Hex(1),
      ",https://a.example,HIGH,2026-03-01T00:00:00Z,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z\n"));
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  ASSERT_EQ(imported.list.entries_size(), 1);
  const v1::KnownBadEntry& entry = imported.list.entries(0);
  EXPECT_EQ(entry.id(), "INC-1");
  EXPECT_EQ(entry.reason(), "built, \"badly\"\non a bad host");
  EXPECT_EQ(entry.url(), "https://a.example");
  EXPECT_EQ(entry.severity(), v1::KnownBadEntry::HIGH);
  EXPECT_EQ(entry.aliases_size(), 2);
  ASSERT_EQ(entry.digests_size(), 1);
  EXPECT_EQ(entry.digests(0), absl::StrCat("sha256:", Hex(1)));
  EXPECT_EQ(entry.added_at().seconds(), 1767225600);
  EXPECT_EQ(entry.effective_from().seconds(), 1769904000);
  EXPECT_EQ(entry.withdrawn_at().seconds(), 1772323200);
  EXPECT_EQ(imported.list.entry_count(), 1);
}

TEST(DigestCsv, RowsOfOneIdAreOneEntry) {
  const Imported imported =
      Import(absl::StrCat("digest,id,reason\n", Hex(1), ",B,r\n", Hex(2), ",A,\n", Hex(3), ",B,r\n",
                          absl::AsciiStrToUpper(Hex(10)), ",B,r\n", Hex(3), ",B,r\n"));
  ASSERT_TRUE(imported.status.ok()) << imported.status;
  EXPECT_EQ(imported.Written(), "B:3 A:1");
  EXPECT_EQ(imported.report.CountsOf("rows").read, 5);
  EXPECT_EQ(imported.report.CountsOf("rows").taken, 4);
  EXPECT_EQ(imported.report.LeftOutFor(LeftOutReason::kRepeated), 1);
}

TEST(DigestCsv, FormsOfLinesAndFields) {
  const std::string one = Hex(1);
  for (const std::string& text :
       {absl::StrCat("digest,id\n", one, ",A\n"), absl::StrCat("digest,id\r\n", one, ",A\r\n"),
        absl::StrCat("digest,id\n", one, ",A"), absl::StrCat("digest,id\n\n", one, ",A\n\r\n\n"),
        absl::StrCat("\xef\xbb\xbf", "digest,id\n", one, ",A\n"),
        absl::StrCat("\"digest\",\"id\"\n\"", one, "\",\"A\"\n"),
        absl::StrCat("\"digest\",\"id\"\r\n\"", one, "\",\"A\"")}) {
    for (const size_t piece : {size_t{1}, size_t{2}, size_t{7}, size_t{1000}}) {
      const Imported imported = Import(text, false, piece);
      EXPECT_TRUE(imported.status.ok()) << text << imported.status;
      EXPECT_EQ(imported.Written(), "A:1") << text;
    }
  }
}

TEST(DigestCsv, ATableWithoutRowsIsEmpty) {
  const Imported imported = Import("digest,id\n");
  EXPECT_TRUE(imported.status.ok());
  EXPECT_EQ(imported.list.entry_count(), 0);
}

TEST(DigestCsv, WhatIsNoTableIsRefusedWhateverTheOptions) {
  const std::string row = absl::StrCat(Hex(1), ",A\n");
  const std::pair<std::string, absl::string_view> cases[] = {
      {"", "no first row"},
      {"\n\n", "no first row"},
      {row, "unknown column"},
      {absl::StrCat("digest,id,colour\n", row), "unknown column `colour`"},
      {absl::StrCat("Digest,id\n", row), "unknown column"},
      {absl::StrCat("digest,id,id\n", row), "twice"},
      {"digest\n", "must name the column `id`"},
      {"id\n", "must name the column `digest`"},
      {absl::StrCat("digest,\"id\n", row), "does not end"},
      {absl::StrCat("digest,id\n\"", row), "line 2: has a quoted field that does not end"},
      {absl::StrCat("digest,id\n\"", std::string(3 << 20, 'x'), "\""), "does not end"},
      {"digest,\"i\"d\n", "first row has text after a quoted field"},
  };
  for (const auto& [text, what] : cases) {
    for (const bool keep_going : {false, true}) {
      const Imported imported = Import(text, keep_going);
      EXPECT_TRUE(absl::IsInvalidArgument(imported.status)) << text.substr(0, 100);
      EXPECT_TRUE(absl::StrContains(imported.status.message(), what)) << imported.status;
      EXPECT_EQ(imported.list.entries_size(), 0);
    }
  }
}

TEST(DigestCsv, MalformedRowsFail) {
  const std::string one = Hex(1);
  const std::string rest = ",,,,,,";
  const std::pair<std::string, absl::string_view> cases[] = {
      {absl::StrCat(one, ",A"), "should have 9 fields, got 2"},
      {absl::StrCat(one, ",A", rest, ",,"), "should have 9 fields, got 10"},
      {absl::StrCat("sha512:", one, ",A", rest, ","), "must be a digest"},
      {absl::StrCat(",A", rest, ","), "must be a digest"},
      {absl::StrCat("sha256:ab,A", rest, ","), "must be a digest"},
      {absl::StrCat(one, ",", rest, ","), "must be an identifier"},
      {absl::StrCat(one, ",a b", rest, ","), "must be an identifier"},
      {absl::StrCat(one, ",A,\xff,,,,,,"), "`url` must be UTF-8"},
      {absl::StrCat(one, ",A,,\xff,,,,,"), "`reason` must be UTF-8"},
      {absl::StrCat(one, ",A,,", std::string(70000, 'x'), ",,,,,"), "`reason` is too long"},
      {absl::StrCat(one, ",A,,,high,,,,"), "`severity` is unknown"},
      {absl::StrCat(one, ",A,,,,today,,,"), "`added_at`"},
      {absl::StrCat(one, ",A,,,,,today,,"), "`effective_from`"},
      {absl::StrCat(one, ",A,,,,,,today,"), "`withdrawn_at`"},
      {absl::StrCat(one, ",A,,,,,,,a \xc3\xa4"), "`aliases`"},
      {absl::StrCat(one, ",GOOD,other", rest), "something else of `GOOD`"},
      {absl::StrCat(one, ",\"A\"x", rest, ","), "text after a quoted field"},
      {absl::StrCat(one, ",A\"", rest, ","), "quote within a field"},
      {absl::StrCat(one, ",A\rB", rest, ","), "carriage return"},
      {absl::StrCat(one, ",A", std::string(2 << 20, 'x'), rest, ","), "is too long"},
      {std::string(100, ','), "too many fields"},
  };
  for (const auto& [row, what] : cases) {
    const std::string text =
        absl::StrCat("digest,id,url,reason,severity,added_at,effective_from,withdrawn_at,aliases\n",
                     Hex(2), ",GOOD,,,,,,,\n", row, "\n", Hex(3), ",GOOD,,,,,,,\n");
    const Imported strict = Import(text);
    EXPECT_TRUE(absl::IsInvalidArgument(strict.status)) << row.substr(0, 200);
    EXPECT_TRUE(absl::StrContains(strict.status.message(), what)) << strict.status;
    EXPECT_TRUE(absl::StrContains(strict.status.message(), "x.csv: line 3")) << strict.status;
    EXPECT_EQ(strict.list.entries_size(), 0);
    const Imported lenient = Import(text, /*keep_going=*/true);
    EXPECT_TRUE(lenient.status.ok()) << lenient.status;
    EXPECT_EQ(lenient.Written(), "GOOD:2") << row.substr(0, 200);
    EXPECT_EQ(lenient.report.malformed().total, 1);
  }
}

// Rows that a stray quote swallows are within the lines that are named.
TEST(DigestCsv, AStrayQuoteNamesItsLines) {
  const Imported imported = Import(absl::StrCat("digest,id\n\"", Hex(1), ",A\n", Hex(2), ",B\n\"",
                                                Hex(3), "\",C\n", Hex(4), ",D\n"),
                                   /*keep_going=*/true);
  EXPECT_EQ(imported.Written(), "D:1");
  ASSERT_EQ(imported.report.malformed().total, 1);
  EXPECT_EQ(imported.report.malformed().places[0].where, "x.csv: lines 2 to 4");
}

TEST(DigestCsv, DamagedTablesLoseNoRowUntold) {
  std::string whole = "digest,id,reason\n";
  for (int i = 0; i < 20; ++i) absl::StrAppend(&whole, Hex(i), ",ID-", i % 5, ",\"because\"\n");
  std::mt19937 random(11);
  int taken = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 3; ++i) {
      // Behind the first row, without quotes and line ends, so that lines stay rows.
      size_t at = 17 + random() % (damaged.size() - 17);
      if (absl::StrContains("\n\"", damaged[at])) continue;
      char c = static_cast<char>(random());
      if (absl::StrContains("\n\r\"", c)) c = ',';
      damaged[at] = c;
    }
    const Imported imported = Import(damaged, /*keep_going=*/true, 1 + random() % 100);
    ASSERT_TRUE(imported.status.ok()) << damaged;
    ASSERT_EQ(imported.report.CountsOf("rows").read, 20) << damaged;
    uint64_t digests = 0;
    for (const v1::KnownBadEntry& entry : imported.list.entries()) {
      digests += static_cast<uint64_t>(entry.digests_size());
    }
    ASSERT_EQ(imported.report.CountsOf("rows").taken, digests);
    taken += digests < 20;
  }
  EXPECT_GT(taken, 1000);
}

TEST(DigestCsv, NoBytesCrash) {
  std::mt19937 random(12);
  const absl::string_view pieces[] = {",",  "\"",     "\n",           "\r\n", "\r",  "digest",
                                      "id", "reason", "\xef\xbb\xbf", "A",    "\xff"};
  for (int round = 0; round < 20000; ++round) {
    std::string text = random() % 2 == 0 ? "digest,id\n" : "";
    for (int i = 0, n = static_cast<int>(random() % 30); i < n; ++i) {
      if (random() % 5 == 0) {
        text.append(Hex(static_cast<int>(random() % 3)));
      } else {
        const absl::string_view piece = pieces[random() % std::size(pieces)];
        text.append(piece.data(), piece.size());
      }
    }
    const Imported once = Import(text, true, 1 + random() % 5);
    const Imported again = Import(text, true);
    ASSERT_EQ(once.status, again.status) << text;
    ASSERT_EQ(once.Written(), again.Written()) << text;
  }
}

TEST(DigestCsv, AMillionRows) {
  ImportReport report;
  DigestCsvImporter importer("x.csv", {}, report);
  importer.Add("id,digest\n");
  std::string piece;
  for (int i = 0; i < 1'000'000; ++i) {
    absl::StrAppend(&piece, "INCIDENT-", i / 2, ",sha256:", Hex(i), "\n");
    if (piece.size() < 60000) continue;
    importer.Add(piece);
    piece.clear();
  }
  importer.Add(piece);
  uint64_t digests = 0;
  uint64_t entries = 0;
  ASSERT_TRUE(importer
                  .Finish([&](v1::KnownBadEntry entry) {
                    ++entries;
                    digests += static_cast<uint64_t>(entry.digests_size());
                  })
                  .ok());
  EXPECT_EQ(entries, 500'000);
  EXPECT_EQ(digests, 1'000'000);
}

}  // namespace
}  // namespace sluice
