#include "sluice/interchange/source_files.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "archive.h"
#include "archive_entry.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/interchange/import_report.h"

namespace sluice {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

struct Member {
  std::string name;
  std::string bytes;
  unsigned type = AE_IFREG;
};

class SourceFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = absl::StrCat(::testing::TempDir(), "/source_files_", test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }

  std::string Path(absl::string_view name) const { return absl::StrCat(folder_, "/", name); }

  std::string Write(absl::string_view name, absl::string_view bytes) const {
    const std::string path = Path(name);
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  std::string WriteArchive(absl::string_view name, const std::vector<Member>& members) const {
    const std::string path = Path(name);
    struct archive* out = archive_write_new();
    if (absl::EndsWith(name, ".zip")) {
      archive_write_set_format_zip(out);
    } else {
      archive_write_add_filter_gzip(out);
      archive_write_set_format_pax_restricted(out);
    }
    EXPECT_EQ(archive_write_open_filename(out, path.c_str()), ARCHIVE_OK);
    for (const Member& member : members) {
      struct archive_entry* entry = archive_entry_new();
      archive_entry_set_pathname(entry, member.name.c_str());
      archive_entry_set_filetype(entry, member.type);
      archive_entry_set_perm(entry, 0644);
      archive_entry_set_size(entry, static_cast<la_int64_t>(member.bytes.size()));
      if (member.type == AE_IFLNK) archive_entry_set_symlink(entry, "elsewhere.json");
      EXPECT_EQ(archive_write_header(out, entry), ARCHIVE_OK);
      if (member.type == AE_IFREG) {
        archive_write_data(out, member.bytes.data(), member.bytes.size());
      }
      archive_entry_free(entry);
    }
    EXPECT_EQ(archive_write_close(out), ARCHIVE_OK);
    archive_write_free(out);
    return path;
  }

  // Reads into `taken_`, names without the folder.
  absl::Status Read(const std::string& path, const SourceLimits& limits = {}) {
    taken_.clear();
    report_ = ImportReport();
    double progress = 0;
    const absl::Status status =
        ReadSourceDocuments(path, limits, report_, [&](const SourceDocument& document) {
          EXPECT_LE(progress, document.progress);
          EXPECT_LE(document.progress, 1);
          progress = document.progress;
          const std::string name(document.name);
          EXPECT_TRUE(absl::StartsWith(name, folder_));
          taken_.push_back(absl::StrCat(name.substr(folder_.size() + 1), "=", document.bytes));
          return absl::OkStatus();
        });
    EXPECT_TRUE(report_.IsComplete());
    return status;
  }

  std::string folder_;
  std::vector<std::string> taken_;
  ImportReport report_;
};

TEST_F(SourceFiles, AFileIsTakenWhateverItsName) {
  EXPECT_TRUE(Read(Write("x.txt", "bytes")).ok());
  EXPECT_THAT(taken_, ElementsAre("x.txt=bytes"));
  EXPECT_TRUE(Read(Write("empty", "")).ok());
  EXPECT_THAT(taken_, ElementsAre("empty="));
}

TEST_F(SourceFiles, ADirectoryIsReadInOrderOfPaths) {
  Write("d/b.json", "2");
  Write("d/a/z.JSON", "1");
  Write("d/c.txt", "left out");
  Write("d/.hidden.json", "0");
  fs::create_symlink("b.json", Path("d/link.json"));
  fs::create_symlink("nowhere", Path("d/dangling.json"));
  fs::create_directory_symlink("a", Path("d/linked"));
  ASSERT_TRUE(Read(Path("d")).ok());
  EXPECT_THAT(taken_,
              ElementsAre("d/.hidden.json=0", "d/a/z.JSON=1", "d/b.json=2", "d/link.json=2"));
  EXPECT_EQ(report_.LeftOutFor(LeftOutReason::kNotJson), 1);
  // The link to a directory and the one that leads nowhere.
  EXPECT_EQ(report_.LeftOutFor(LeftOutReason::kNotAFile), 2);
  EXPECT_EQ(report_.CountsOf("input files").taken, 4);
}

TEST_F(SourceFiles, ArchivesAreReadInTheirOrder) {
  const std::vector<Member> members = {{"b.json", "2"},
                                       {"d/", "", AE_IFDIR},
                                       {"../../etc/a.json", "1"},
                                       {"README.md", "left out"},
                                       {"link.json", "", AE_IFLNK}};
  for (const char* name : {"a.tar.gz", "a.tgz", "a.zip"}) {
    ASSERT_TRUE(Read(WriteArchive(name, members)).ok()) << name;
    EXPECT_THAT(taken_, ElementsAre(absl::StrCat(name, ":b.json=2"),
                                    absl::StrCat(name, ":../../etc/a.json=1")));
    EXPECT_EQ(report_.LeftOutFor(LeftOutReason::kNotJson), 1);
    EXPECT_EQ(report_.LeftOutFor(LeftOutReason::kNotAFile), 1);
  }
}

TEST_F(SourceFiles, WhatHasNoDocumentFails) {
  fs::create_directory(Path("empty"));
  Write("texts/a.txt", "");
  for (const std::string& path :
       {Path("empty"), Path("texts"), Path("missing"), WriteArchive("none.tar.gz", {}),
        WriteArchive("text.zip", {{"a.txt", "x"}}), std::string("/dev/null")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Read(path))) << path;
  }
}

TEST_F(SourceFiles, DamagedArchivesFail) {
  std::string noise;
  for (int i = 0; i < 100'000; ++i) noise.push_back(static_cast<char>((i * 7919) >> 5));
  const std::string whole = WriteArchive("whole.tar.gz", {{"a.json", "1"}, {"b.json", noise}});
  std::ifstream in(whole, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  ASSERT_TRUE(Read(whole).ok());
  ASSERT_TRUE(absl::IsInvalidArgument(Read(Write("text.tar.gz", "no archive at all"))));
  ASSERT_TRUE(absl::IsInvalidArgument(Read(Write("text.zip", "no archive at all"))));
  for (const size_t kept : {bytes.size() / 4, bytes.size() / 2, bytes.size() * 3 / 4}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Read(Write("cut.tar.gz", bytes.substr(0, kept))))) << kept;
  }
  std::string changed = bytes;
  changed[bytes.size() / 2] = static_cast<char>(changed[bytes.size() / 2] ^ 0x55);
  EXPECT_TRUE(absl::IsInvalidArgument(Read(Write("changed.tar.gz", changed))));
}

TEST_F(SourceFiles, TooMuchIsRefused) {
  const std::string zeros(1'000'000, '0');
  const std::string bomb = WriteArchive("bomb.tar.gz", {{"a.json", zeros}, {"b.json", zeros}});
  ASSERT_LT(fs::file_size(bomb), 10'000);
  ASSERT_TRUE(Read(bomb).ok());
  SourceLimits limits;
  limits.max_document_bytes = 999'999;
  EXPECT_TRUE(absl::IsResourceExhausted(Read(bomb, limits)));
  EXPECT_TRUE(absl::IsResourceExhausted(Read(Write("large", zeros), limits)));
  limits = SourceLimits();
  limits.max_total_bytes = 1'999'999;
  EXPECT_TRUE(absl::IsResourceExhausted(Read(bomb, limits)));
  // What is left out counts too.
  const std::string texts =
      WriteArchive("texts.zip", {{"a.json", "1"}, {"a.txt", zeros}, {"b.txt", zeros}});
  EXPECT_TRUE(absl::IsResourceExhausted(Read(texts, limits)));
  limits = SourceLimits();
  limits.max_documents = 1;
  EXPECT_TRUE(absl::IsResourceExhausted(Read(bomb, limits)));
  Write("d/a.json", "");
  Write("d/b.json", "");
  EXPECT_TRUE(absl::IsResourceExhausted(Read(Path("d"), limits)));
}

TEST_F(SourceFiles, ErrorsOfTheTakerEndTheReading) {
  Write("d/a.json", "");
  Write("d/b.json", "");
  int calls = 0;
  ImportReport report;
  const absl::Status status =
      ReadSourceDocuments(Path("d"), {}, report, [&](const SourceDocument& /*document*/) {
        ++calls;
        return absl::AbortedError("enough");
      });
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_EQ(calls, 1);
}

TEST_F(SourceFiles, NamesInErrorsAreEscaped) {
  const absl::Status status = Read(Path("a\x1b[2J.json"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("\\x1b"));
}

TEST_F(SourceFiles, Pieces) {
  const std::string bytes(2'500'000, 'x');
  std::string read;
  double last = 0;
  ASSERT_TRUE(
      ReadSourceInPieces(Write("large", bytes), [&](absl::string_view piece, double progress) {
        read.append(piece.data(), piece.size());
        EXPECT_LE(last, progress);
        last = progress;
        return absl::OkStatus();
      }).ok());
  EXPECT_EQ(read, bytes);
  EXPECT_EQ(last, 1);
  EXPECT_FALSE(ReadSourceInPieces(Path("missing"), [](absl::string_view, double) {
                 return absl::OkStatus();
               }).ok());
}

}  // namespace
}  // namespace sluice
