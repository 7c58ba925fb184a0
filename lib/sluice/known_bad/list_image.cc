#include "sluice/known_bad/list_image.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "google/protobuf/timestamp.pb.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/identifier.h"
#include "sluice/internal/little_endian.h"
#include "sluice/internal/sha256.h"
#include "sluice/known_bad/checked_bytes.h"
#include "sluice/known_bad/section.h"

namespace sluice {
namespace {

constexpr size_t kBlock = CheckedBytes::kBlockBytes;
constexpr size_t kCacheLine = 64;
constexpr absl::string_view kMagic = "sluiceKB";
constexpr uint32_t kFormVersion = 1;

// The length of a part with the zeros after it.
constexpr uint64_t Filled(uint64_t length) { return (length + kBlock - 1) / kBlock * kBlock; }

std::string Sha256Of(absl::string_view bytes) {
  const Sha256::Bytes hash = Sha256::Hash(bytes);
  return std::string(hash.begin(), hash.end());
}

// Reads numbers and texts one after the other from a block that is long enough for all.
class Fields {
 public:
  explicit Fields(absl::string_view block) : rest_(block) {}

  template <typename T>
  T Number() {
    return LoadLittleEndian<T>(Text(sizeof(T)).data());
  }
  absl::string_view Text(size_t length) {
    const absl::string_view text = rest_.substr(0, length);
    rest_.remove_prefix(text.size());
    return text;
  }
  size_t rest() const { return rest_.size(); }

 private:
  absl::string_view rest_;
};

std::string WriteHeader(const ListHeader& header, uint64_t total, const ListSections& parts,
                        absl::string_view checksums) {
  std::string block(kMagic);
  AppendLittleEndian(kFormVersion, block);
  AppendLittleEndian(uint32_t{0}, block);
  AppendLittleEndian(total, block);
  AppendLittleEndian(header.epoch, block);
  AppendLittleEndian(header.entry_count, block);
  const google::protobuf::Timestamp verified_at = WriteTime(header.verified_at);
  AppendLittleEndian(static_cast<uint64_t>(verified_at.seconds()), block);
  AppendLittleEndian(static_cast<uint32_t>(verified_at.nanos()), block);
  AppendLittleEndian(uint32_t{header.overridable ? 1u : 0u}, block);
  for (const Section& part : parts) {
    AppendLittleEndian(part.offset, block);
    AppendLittleEndian(part.length, block);
    block += Sha256Of(checksums.substr(CheckedBytes::ChecksumsSize(part.offset),
                                       CheckedBytes::ChecksumsSize(part.length)));
  }
  AppendLittleEndian(static_cast<uint32_t>(header.id.size()), block);
  block += header.id;
  block.resize(kBlock - Sha256::kDigestBytes, '\0');
  return block + Sha256Of(block);
}

}  // namespace

ListImageWriter::ListImageWriter(size_t expected_bytes) {
  image_.reserve(kBlock + kCacheLine + expected_bytes);
  begin_ = (kCacheLine - reinterpret_cast<uintptr_t>(image_.data()) % kCacheLine) % kCacheLine;
  parts_begin_ = begin_ + kBlock;
  image_.resize(parts_begin_, '\0');
}

void ListImageWriter::FillBlock() {
  image_.resize(parts_begin_ + Filled(image_.size() - parts_begin_), '\0');
}

void ListImageWriter::EndPart() {
  if (begun_ == 0) return;
  Section& part = parts_[begun_ - 1];
  part.length = image_.size() - parts_begin_ - part.offset;
  FillBlock();
}

void ListImageWriter::Begin(ListPart part, size_t length) {
  EndPart();
  begun_ = static_cast<size_t>(part) + 1;
  parts_[begun_ - 1] = {image_.size() - parts_begin_, length};
  image_.resize(image_.size() + length, '\0');
}

absl::Span<char> ListImageWriter::Part(ListPart part) {
  const Section& section = parts_[static_cast<size_t>(part)];
  return absl::MakeSpan(&image_[parts_begin_ + section.offset], section.length);
}

void ListImageWriter::Cut(ListPart part, size_t length) {
  Section& section = parts_[static_cast<size_t>(part)];
  const absl::Span<char> dropped = Part(part).subspan(length);
  if (dropped.empty()) return;
  std::fill(dropped.begin(), dropped.end(), '\0');
  const uint64_t blocks = Filled(section.length) - Filled(length);
  section.length = length;
  image_.erase(parts_begin_ + section.offset + Filled(length), blocks);
  for (size_t i = static_cast<size_t>(part) + 1; i < begun_; ++i) parts_[i].offset -= blocks;
}

ListBytes ListImageWriter::Finish(const ListHeader& header) {
  EndPart();
  const std::string checksums =
      CheckedBytes::ChecksumsOf(absl::string_view(image_).substr(parts_begin_));
  image_ += checksums;
  image_.replace(begin_, kBlock, WriteHeader(header, image_.size() - begin_, parts_, checksums));
  return ListBytes(std::move(image_), begin_);
}

absl::StatusOr<ListImage> ListImage::Open(absl::string_view bytes) {
  ListImage image;
  absl::string_view fault = image.ReadHeader(bytes);
  if (fault.empty() && !image.ChecksumsAreRight(bytes)) fault = "is damaged: its checksums changed";
  if (!fault.empty()) return absl::InvalidArgumentError(fault);
  return image;
}

ListImage ListImage::OpenWritten(absl::string_view bytes) {
  ListImage image;
  image.ReadHeader(bytes);
  image.bytes_ = CheckedBytes(bytes.substr(kBlock));
  return image;
}

absl::string_view ListImage::ReadHeader(absl::string_view bytes) {
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    return "is no known-bad list in file form: build one with `sluice known-bad build`";
  }
  if (bytes.size() < kBlock) return "is cut: its header is not complete";
  const absl::string_view block = bytes.substr(0, kBlock);
  const absl::string_view hashed = block.substr(0, kBlock - Sha256::kDigestBytes);
  Fields fields(hashed);
  fields.Text(kMagic.size());
  if (fields.Number<uint32_t>() != kFormVersion) {
    return "has a version of the file form that this library does not read";
  }
  if (block.substr(hashed.size()) != Sha256Of(hashed)) return "is damaged: its header changed";
  fields.Number<uint32_t>();
  if (fields.Number<uint64_t>() != bytes.size()) return "is cut, or has bytes after its end";
  header_.epoch = fields.Number<uint64_t>();
  header_.entry_count = fields.Number<uint64_t>();
  google::protobuf::Timestamp verified_at;
  verified_at.set_seconds(static_cast<int64_t>(fields.Number<uint64_t>()));
  verified_at.set_nanos(static_cast<int32_t>(fields.Number<uint32_t>()));
  const absl::optional<absl::Time> instant = ReadTime(verified_at);
  header_.verified_at = instant.value_or(absl::InfiniteFuture());
  const uint32_t overridable = fields.Number<uint32_t>();
  header_.overridable = overridable == 1;
  uint64_t offset = 0;
  bool fits = true;
  for (size_t i = 0; i < kListParts; ++i) {
    parts_[i].offset = fields.Number<uint64_t>();
    parts_[i].length = fields.Number<uint64_t>();
    digests_[i] = std::string(fields.Text(Sha256::kDigestBytes));
    fits = fits && parts_[i].offset == offset && parts_[i].length <= bytes.size();
    if (fits) offset += Filled(parts_[i].length);
  }
  fits = fits && offset <= bytes.size() &&
         kBlock + offset + CheckedBytes::ChecksumsSize(offset) == bytes.size();
  const uint32_t id_length = fields.Number<uint32_t>();
  if (id_length <= fields.rest()) header_.id = std::string(fields.Text(id_length));
  if (!fits || !IsIdentifier(header_.id) || !instant.has_value() || overridable > 1 ||
      header_.epoch == 0 || header_.entry_count == 0) {
    return "was written wrong: its header contradicts itself";
  }
  bytes_ = CheckedBytes(bytes.substr(kBlock, offset), bytes.substr(kBlock + offset));
  return {};
}

bool ListImage::ChecksumsAreRight(absl::string_view bytes) const {
  const absl::string_view checksums = bytes.substr(kBlock + bytes_.size());
  for (size_t i = 0; i < kListParts; ++i) {
    const absl::string_view of_part =
        checksums.substr(CheckedBytes::ChecksumsSize(parts_[i].offset),
                         CheckedBytes::ChecksumsSize(parts_[i].length));
    if (Sha256Of(of_part) != digests_[i]) return false;
  }
  return true;
}

}  // namespace sluice
