#include "sluice/interchange/list_file.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "sluice/known_bad.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/known_bad_index.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

// A list of `epoch` that names `pkg:npm/name@EPOCH.0.0` in each of its entries.
KnownBadList ListOfEpoch(uint64_t epoch) {
  v1::KnownBadList message;
  message.set_id("list");
  message.set_epoch(epoch);
  message.mutable_verified_at()->set_seconds(1'800'000'000);
  for (int i = 0; i < 200; ++i) {
    v1::KnownBadEntry* entry = message.add_entries();
    entry->set_id(absl::StrCat("A-", i));
    entry->add_package_urls(absl::StrCat("pkg:npm/name@", epoch, ".0.0"));
  }
  message.set_entry_count(200);
  absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
  EXPECT_TRUE(list.ok()) << list.status();
  return *std::move(list);
}

// How many entries of `list` name the version of `epoch`.
size_t HitsOf(const KnownBadList& list, uint64_t epoch) {
  const std::vector<Component> components = {
      MakeComponent(absl::StrCat("pkg:npm/name@", epoch, ".0.0"), {})};
  KnownBadFindings found;
  list.index().Find({}, components, &found);
  EXPECT_FALSE(found.damaged);
  return found.hits.size();
}

std::string PathOf(const std::string& name) { return testing::TempDir() + "/" + name; }

void WriteFile(const std::string& path, absl::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(file.good());
}

class ListFileTest : public testing::TestWithParam<bool> {
 protected:
  static absl::StatusOr<ListFile> Open(const std::string& path) {
    return GetParam() ? ListFile::Map(path) : ListFile::Read(path);
  }
};

INSTANTIATE_TEST_SUITE_P(MappedAndRead, ListFileTest, testing::Bool());

TEST_P(ListFileTest, OpensWhatWasWritten) {
  const std::string path = PathOf("written.kb");
  ASSERT_TRUE(WriteListFile(ListOfEpoch(3), path).ok());
  absl::StatusOr<ListFile> file = Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->list().id(), "list");
  EXPECT_EQ(file->list().epoch(), 3);
  EXPECT_EQ(file->list().entry_count(), 200);
  EXPECT_TRUE(file->list().Verify().ok());
  EXPECT_EQ(HitsOf(file->list(), 3), 200);
  EXPECT_EQ(HitsOf(file->list(), 4), 0);
}

TEST_P(ListFileTest, IsMovedWithItsList) {
  const std::string path = PathOf("moved.kb");
  ASSERT_TRUE(WriteListFile(ListOfEpoch(3), path).ok());
  absl::StatusOr<ListFile> file = Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  const KnownBadList* list = &file->list();
  ListFile moved = *std::move(file);
  EXPECT_EQ(&moved.list(), list);
  absl::StatusOr<ListFile> other = Open(path);
  ASSERT_TRUE(other.ok()) << other.status();
  moved = *std::move(other);
  EXPECT_EQ(HitsOf(moved.list(), 3), 200);
}

TEST_P(ListFileTest, ErrorsNameThePath) {
  const std::string path = PathOf("no-such.kb");
  for (const std::string& wrong : {path, testing::TempDir()}) {
    const absl::Status status = Open(wrong).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_TRUE(absl::StartsWith(status.message(), wrong + ": ")) << status;
  }
  const std::string empty = PathOf("empty.kb");
  WriteFile(empty, "");
  EXPECT_EQ(Open(empty).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(ListFileTest, CutForeignAndChangedFilesAreRefused) {
  const KnownBadList list = ListOfEpoch(3);
  const std::string path = PathOf("cut.kb");
  for (const size_t size : {size_t{1}, size_t{8}, size_t{4096}, list.file_form().size() - 1}) {
    WriteFile(path, list.file_form().substr(0, size));
    EXPECT_EQ(Open(path).status().code(), absl::StatusCode::kInvalidArgument) << size;
  }
  WriteFile(path, "id: 'list'");
  EXPECT_EQ(Open(path).status().code(), absl::StatusCode::kInvalidArgument);
  std::string changed(list.file_form());
  changed[100] ^= 1;
  WriteFile(path, changed);
  EXPECT_EQ(Open(path).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(ListFileTest, WhoHasTheOldOneOpenKeepsIt) {
  const std::string path = PathOf("replaced.kb");
  ASSERT_TRUE(WriteListFile(ListOfEpoch(3), path).ok());
  absl::StatusOr<ListFile> old = Open(path);
  ASSERT_TRUE(old.ok()) << old.status();
  ASSERT_TRUE(WriteListFile(ListOfEpoch(4), path).ok());
  absl::StatusOr<ListFile> newer = Open(path);
  ASSERT_TRUE(newer.ok()) << newer.status();
  EXPECT_EQ(HitsOf(old->list(), 3), 200);
  EXPECT_TRUE(old->list().Verify().ok());
  EXPECT_EQ(newer->list().epoch(), 4);
}

TEST(WriteListFileTest, LeavesNothingBehindWhereItFails) {
  const std::string path = PathOf("no-such-folder/list.kb");
  EXPECT_EQ(WriteListFile(ListOfEpoch(3), path).code(), absl::StatusCode::kInvalidArgument);
  // A folder can't be replaced by a file.
  EXPECT_EQ(WriteListFile(ListOfEpoch(3), testing::TempDir()).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(IsListFileTest, ByItsFirstBytes) {
  EXPECT_TRUE(IsListFile(ListOfEpoch(1).file_form().substr(0, 8)));
  EXPECT_FALSE(IsListFile(""));
  EXPECT_FALSE(IsListFile("sluice"));
  EXPECT_FALSE(IsListFile("id: 'list'"));
}

// A host swaps lists under running deciders: they share a pointer, the lists need no lock. Run
// under ThreadSanitizer by .ci/run.
TEST(ListFileThreadsTest, ListsAreSwappedUnderReaders) {
  const std::string path = PathOf("swapped.kb");
  const auto open = [&path](uint64_t epoch) {
    EXPECT_TRUE(WriteListFile(ListOfEpoch(epoch), path).ok());
    absl::StatusOr<ListFile> file = ListFile::Map(path);
    EXPECT_TRUE(file.ok()) << file.status();
    return std::make_shared<const ListFile>(*std::move(file));
  };
  std::shared_ptr<const ListFile> current = open(1);
  std::atomic<bool> done{false};
  std::atomic<int> asked{0};
  std::vector<std::thread> deciders;
  for (int i = 0; i < 3; ++i) {
    deciders.emplace_back([&] {
      while (!done.load()) {
        const std::shared_ptr<const ListFile> file = std::atomic_load(&current);
        const uint64_t epoch = file->list().epoch();
        EXPECT_EQ(HitsOf(file->list(), epoch), 200);
        EXPECT_EQ(HitsOf(file->list(), epoch + 1), 0);
        ++asked;
      }
    });
  }
  for (uint64_t epoch = 2; epoch < 30; ++epoch) {
    std::shared_ptr<const ListFile> next = open(epoch);
    std::atomic_store(&current, std::move(next));
    const int before = asked.load();
    while (asked.load() < before + 3) std::this_thread::yield();
  }
  done.store(true);
  for (std::thread& decider : deciders) decider.join();
}

}  // namespace
}  // namespace sluice
