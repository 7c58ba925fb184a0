// Replaces the program's allocator by one that counts, hence a test of its own.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/known_bad_index.h"
#include "sluice/known_bad/list_image.h"
#include "sluice/known_bad/list_writer.h"
#include "sluice/known_bad/package_url.h"

namespace {

int64_t allocations = 0;

}  // namespace

ABSL_ATTRIBUTE_NOINLINE void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}

ABSL_ATTRIBUTE_NOINLINE void* operator new(size_t size) {
  void* memory = operator new(size, std::nothrow);
  if (memory == nullptr) std::abort();
  return memory;
}

ABSL_ATTRIBUTE_NOINLINE void operator delete(void* memory) noexcept { std::free(memory); }
ABSL_ATTRIBUTE_NOINLINE void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace sluice {
namespace {

Digest DigestOf(uint8_t value) {
  Digest digest;
  digest.bytes.fill(value);
  return digest;
}

std::string Bytes() {
  KnownBadEntry entry;
  entry.advisory_id = "A-1";
  entry.digests = {DigestOf(1)};
  entry.exact = {*ParsePackageUrl("pkg:npm/foo@1")};
  entry.packages = {{*ParsePackageUrl("pkg:deb/debian/curl?arch=x86"), {"1", "2"}, {}}};
  ListWriter writer({1, 1, 2, 0});
  writer.Add(entry);
  ListHeader header;
  header.id = "list";
  header.epoch = 1;
  header.verified_at = absl::UnixEpoch();
  return std::string(writer.Finish(header).view());
}

KnownBadIndex Index(const std::string& bytes) {
  absl::StatusOr<KnownBadIndex> index = KnownBadIndex::Open(bytes);
  EXPECT_TRUE(index.ok()) << index.status();
  return *std::move(index);
}

TEST(KnownBadIndexAllocation, NoneOnMisses) {
  const std::string bytes = Bytes();
  const KnownBadIndex index = Index(bytes);
  const std::vector<Component> components = {
      MakeComponent("pkg:npm/foo@2", {DigestOf(2)}),
      MakeComponent("pkg:deb/debian/curl@3?arch=x86", {}),
      MakeComponent("pkg:deb/debian/curl@1?arch=arm", {}),
      MakeComponent("pkg:maven/org.example.a.long.group/and-a-name-beyond-inline-buffers@1", {}),
      MakeComponent("nothing", {}),
      MakeComponent("", {})};
  KnownBadFindings findings;
  KnownBadMatches matches;
  const int64_t before = allocations;
  index.Find({DigestOf(9)}, components, &findings);
  index.List({DigestOf(9)}, components, 100, absl::UnixEpoch(), &matches);
  EXPECT_EQ(allocations, before);
  EXPECT_TRUE(findings.hits.empty());
  EXPECT_EQ(matches.total, 0);
}

TEST(KnownBadIndexAllocation, NoneOnHitsOnceWarm) {
  const std::string bytes = Bytes();
  const KnownBadIndex index = Index(bytes);
  const std::vector<Component> components = {MakeComponent("pkg:npm/foo@1", {DigestOf(1)}),
                                             MakeComponent("pkg:deb/debian/curl?arch=x86", {})};
  KnownBadFindings findings;
  KnownBadMatches matches;
  index.Find({DigestOf(1)}, components, &findings);
  index.List({DigestOf(1)}, components, 100, absl::UnixEpoch(), &matches);
  const int64_t before = allocations;
  index.Find({DigestOf(1)}, components, &findings);
  index.List({DigestOf(1)}, components, 100, absl::UnixEpoch(), &matches);
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(findings.hits.size(), 1);
  EXPECT_EQ(matches.total, 4);
}

}  // namespace
}  // namespace sluice
