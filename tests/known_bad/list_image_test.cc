#include "sluice/known_bad/list_image.h"

#include <array>
#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/internal/sha256.h"
#include "sluice/known_bad/checked_bytes.h"

namespace sluice {
namespace {

constexpr size_t kBlock = CheckedBytes::kBlockBytes;

ListHeader Header() {
  ListHeader header;
  header.id = "advisories";
  header.epoch = 7;
  header.entry_count = 3;
  header.verified_at = absl::FromUnixSeconds(1'700'000'000) + absl::Nanoseconds(5);
  header.overridable = true;
  return header;
}

using PartTexts = std::array<std::string, kListParts>;

PartTexts Parts() {
  PartTexts parts;
  parts[0] = std::string(kBlock, 'a');
  parts[1] = std::string(kBlock + 1, 'b');
  parts[4] = std::string(3 * kBlock - 1, 'e');
  parts[static_cast<size_t>(ListPart::kEvidence)] = "evidence";
  parts[6] = "g";
  return parts;
}

std::string Image(const ListHeader& header = Header()) {
  ListImageWriter image(0);
  const PartTexts parts = Parts();
  for (size_t i = 0; i < kListParts; ++i) {
    image.Begin(static_cast<ListPart>(i));
    image.end() += parts[i];
  }
  return std::string(image.Finish(header).view());
}

// Where the checksums begin, of a list with any number of whole blocks.
size_t ChecksumsAt(const std::string& image) {
  const size_t blocks = (image.size() - kBlock) / (kBlock + CheckedBytes::kChecksumBytes);
  return kBlock + blocks * kBlock;
}

bool Opens(absl::string_view bytes) { return ListImage::Open(bytes).ok(); }

TEST(ListImageTest, OpensWhatWasWritten) {
  const std::string bytes = Image();
  absl::StatusOr<ListImage> image = ListImage::Open(bytes);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->header().id, "advisories");
  EXPECT_EQ(image->header().epoch, 7);
  EXPECT_EQ(image->header().entry_count, 3);
  EXPECT_EQ(image->header().verified_at, Header().verified_at);
  EXPECT_TRUE(image->header().overridable);
  const ListImage copy = ListImage::OpenWritten(bytes);
  for (size_t i = 0; i < kListParts; ++i) {
    EXPECT_EQ(image->part(static_cast<ListPart>(i)).length, Parts()[i].size()) << i;
    EXPECT_EQ(image->part(static_cast<ListPart>(i)).offset % kBlock, 0) << i;
    EXPECT_EQ(copy.part(static_cast<ListPart>(i)).offset,
              image->part(static_cast<ListPart>(i)).offset);
  }
  const Section evidence = image->part(ListPart::kEvidence);
  const CheckedBytes read = std::move(*image).TakeBytes();
  absl::string_view out;
  ASSERT_TRUE(read.Read(evidence.offset, evidence.length, &out));
  EXPECT_EQ(out, "evidence");
  EXPECT_TRUE(read.Verify());
}

TEST(ListImageTest, NotOverridableUnlessSaid) {
  ListHeader header = Header();
  header.overridable = false;
  const std::string bytes = Image(header);
  EXPECT_FALSE(ListImage::Open(bytes)->header().overridable);
}

TEST(ListImageTest, ForeignFilesAreRefused) {
  EXPECT_FALSE(Opens(""));
  EXPECT_FALSE(Opens("sluiceKB"));
  EXPECT_FALSE(Opens("{}"));
  EXPECT_FALSE(Opens(std::string(3 * kBlock, '\0')));
  EXPECT_FALSE(Opens(std::string("sluiceKB") + std::string(3 * kBlock, '\0')));
}

TEST(ListImageTest, CutAndLongerFilesAreRefused) {
  const std::string bytes = Image();
  for (size_t size = 0; size < bytes.size(); size += size < 2 * kBlock ? 1 : 97) {
    EXPECT_FALSE(Opens(absl::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(Opens(absl::string_view(bytes).substr(0, bytes.size() - 1)));
  EXPECT_FALSE(Opens(bytes + '\0'));
  EXPECT_FALSE(Opens(bytes + bytes));
}

TEST(ListImageTest, EveryByteOfHeaderAndChecksumsIsChecked) {
  const std::string bytes = Image();
  const size_t checksums = ChecksumsAt(bytes);
  for (size_t at = 0; at < bytes.size(); at = at + 1 == kBlock ? checksums : at + 1) {
    std::string changed = bytes;
    changed[at] ^= 0x10;
    EXPECT_FALSE(Opens(changed)) << at;
  }
}

TEST(ListImageTest, EveryByteOfThePartsIsCheckedWhenRead) {
  const std::string bytes = Image();
  const size_t end = ChecksumsAt(bytes);
  for (size_t at = kBlock; at < end; at += 101) {
    std::string changed = bytes;
    changed[at] ^= 0x10;
    absl::StatusOr<ListImage> image = ListImage::Open(changed);
    ASSERT_TRUE(image.ok());
    const CheckedBytes read = std::move(*image).TakeBytes();
    absl::string_view out;
    EXPECT_FALSE(read.Read(at - kBlock, 1, &out)) << at;
    EXPECT_FALSE(read.Verify());
  }
}

// A header that hashes right but can't be: by another writer, or made up.
TEST(ListImageTest, HeadersThatContradictThemselvesAreRefused) {
  const std::string bytes = Image();
  const auto with = [&bytes](size_t at, absl::string_view value) {
    std::string changed = bytes;
    changed.replace(at, value.size(), value.data(), value.size());
    const Sha256::Bytes hash = Sha256::Hash(changed.substr(0, kBlock - 32));
    changed.replace(kBlock - 32, 32, std::string(hash.begin(), hash.end()));
    return changed;
  };
  const absl::string_view zeros("\0\0\0\0\0\0\0\0", 8);
  EXPECT_TRUE(Opens(with(0, "sluiceKB")));
  EXPECT_FALSE(Opens(with(8, absl::string_view("\2\0\0\0", 4)))) << "version of the form";
  EXPECT_FALSE(Opens(with(16, zeros))) << "length";
  EXPECT_FALSE(Opens(with(24, zeros))) << "epoch";
  EXPECT_FALSE(Opens(with(32, zeros))) << "entries";
  EXPECT_FALSE(Opens(with(40, "\xff\xff\xff\xff\xff\xff\xff\x7f"))) << "instant";
  EXPECT_FALSE(Opens(with(52, absl::string_view("\2\0\0\0", 4)))) << "overridable";
  EXPECT_FALSE(Opens(with(56, absl::string_view("\0\x10\0\0\0\0\0\0", 8)))) << "offset";
  EXPECT_FALSE(Opens(with(64, "\xff\xff\xff\xff\xff\xff\xff\xff"))) << "length of a part";
  EXPECT_FALSE(Opens(with(64, zeros))) << "length of a part";
  EXPECT_FALSE(Opens(with(392, zeros.substr(0, 4)))) << "length of the identifier";
  EXPECT_FALSE(Opens(with(392, "\xff\xff\xff\xff"))) << "length of the identifier";
  EXPECT_FALSE(Opens(with(396, " "))) << "identifier";
}

}  // namespace
}  // namespace sluice
