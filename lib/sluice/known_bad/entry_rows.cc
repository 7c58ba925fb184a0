#include "sluice/known_bad/entry_rows.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/little_endian.h"
#include "sluice/known_bad/checked_bytes.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/package_url.h"
#include "sluice/known_bad/section.h"
#include "sluice/known_bad/version_order.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

constexpr int64_t kFromEver = std::numeric_limits<int64_t>::min();
constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

int64_t SecondsOf(absl::Time time) {
  if (time == absl::InfinitePast()) return kFromEver;
  if (time == absl::InfiniteFuture()) return kForEver;
  return absl::ToUnixSeconds(time);
}

uint32_t NanosecondsOf(absl::Time time) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) return 0;
  return static_cast<uint32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(absl::ToUnixSeconds(time))));
}

absl::Time TimeOf(int64_t seconds, uint32_t nanoseconds) {
  if (seconds == kFromEver) return absl::InfinitePast();
  if (seconds == kForEver) return absl::InfiniteFuture();
  return absl::FromUnixSeconds(seconds) + absl::Nanoseconds(nanoseconds);
}

v1::KnownBadEntry::Severity WriteSeverity(Severity severity) {
  switch (severity) {
    case Severity::kUnknown:
      return v1::KnownBadEntry::SEVERITY_UNSPECIFIED;
    case Severity::kLow:
      return v1::KnownBadEntry::LOW;
    case Severity::kModerate:
      return v1::KnownBadEntry::MEDIUM;
    case Severity::kHigh:
      return v1::KnownBadEntry::HIGH;
    case Severity::kCritical:
      return v1::KnownBadEntry::CRITICAL;
  }
  return v1::KnownBadEntry::SEVERITY_UNSPECIFIED;
}

void WriteRange(const KnownBadRange& range, v1::VersionRange& out) {
  out.set_introduced(range.introduced);
  switch (range.until) {
    case VersionRange::Until::kNever:
      return;
    case VersionRange::Until::kFixed:
      out.set_fixed(range.until_version);
      return;
    case VersionRange::Until::kLastAffected:
      out.set_last_affected(range.until_version);
      return;
    case VersionRange::Until::kLimit:
      out.set_limit(range.until_version);
      return;
  }
}

void WriteEvidence(const KnownBadEntry& entry, v1::KnownBadEntry& out) {
  out.Clear();
  out.set_url(entry.url);
  out.set_reason(entry.reason);
  out.set_severity(WriteSeverity(entry.severity));
  if (entry.added_at != absl::InfinitePast()) *out.mutable_added_at() = WriteTime(entry.added_at);
  for (const std::string& alias : entry.aliases) out.add_aliases(alias);
  for (const PackageUrl& url : entry.exact) out.add_package_urls(url.Canonical());
  for (const KnownBadPackage& package : entry.packages) {
    v1::AffectedPackage& written = *out.add_packages();
    written.set_package_url(package.name.Canonical());
    for (const std::string& version : package.versions) written.add_versions(version);
    for (const KnownBadRange& range : package.ranges) WriteRange(range, *written.add_ranges());
  }
}

// A number that tells sets of digests apart: 64-bit FNV-1a, a word for a byte. The digests are
// hashes themselves.
uint64_t HashOf(const std::vector<Digest>& digests) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const Digest& digest : digests) {
    const char* const bytes = reinterpret_cast<const char*>(digest.bytes.data());
    for (size_t i = 0; i < digest.bytes.size(); i += sizeof(hash)) {
      hash = (hash ^ LoadLittleEndian<uint64_t>(bytes + i)) * 0x100000001b3;
    }
  }
  return hash;
}

}  // namespace

bool IsInForce(const EntryInForce& entry, absl::Time now) {
  return entry.effective_from <= now &&
         (now < entry.withdrawn_at || entry.withdrawn_at == absl::InfiniteFuture());
}

void AppendEntry(const KnownBadEntry& entry, size_t evidence_begin, v1::KnownBadEntry& scratch,
                 std::string& rows, std::string& evidence) {
  const uint64_t begin = evidence.size();
  evidence += entry.advisory_id;
  WriteEvidence(entry, scratch);
  scratch.AppendToString(&evidence);
  AppendLittleEndian(uint64_t{begin - evidence_begin}, rows);
  AppendLittleEndian(static_cast<uint32_t>(evidence.size() - begin), rows);
  AppendLittleEndian(static_cast<uint32_t>(entry.advisory_id.size()), rows);
  AppendLittleEndian(static_cast<uint64_t>(SecondsOf(entry.effective_from)), rows);
  AppendLittleEndian(static_cast<uint64_t>(SecondsOf(entry.withdrawn_at)), rows);
  AppendLittleEndian(NanosecondsOf(entry.effective_from), rows);
  AppendLittleEndian(NanosecondsOf(entry.withdrawn_at), rows);
  AppendLittleEndian(uint64_t{entry.digests.size()}, rows);
  AppendLittleEndian(HashOf(entry.digests), rows);
}

bool EntryRows::Fits(const Section& rows, uint64_t entry_count) {
  return entry_count <= UINT32_MAX && rows.length == entry_count * kRowBytes;
}

EntryRows::EntryRows(const Section& rows, const Section& evidence)
    : rows_(rows),
      evidence_(evidence),
      entry_count_(static_cast<uint32_t>(rows.length / kRowBytes)) {}

bool EntryRows::Read(const CheckedBytes& bytes, uint32_t entry, EntryInForce* out) const {
  absl::string_view row;
  if (entry >= entry_count_ ||
      !bytes.Read(rows_.offset + uint64_t{entry} * kRowBytes, kRowBytes, &row)) {
    return false;
  }
  const uint64_t at = LoadLittleEndian<uint64_t>(row.data());
  const uint32_t id_length = LoadLittleEndian<uint32_t>(row.data() + 12);
  if (at > evidence_.length || id_length > evidence_.length - at ||
      !bytes.Read(evidence_.offset + at, id_length, &out->advisory_id)) {
    return false;
  }
  out->effective_from = TimeOf(static_cast<int64_t>(LoadLittleEndian<uint64_t>(row.data() + 16)),
                               LoadLittleEndian<uint32_t>(row.data() + 32));
  out->withdrawn_at = TimeOf(static_cast<int64_t>(LoadLittleEndian<uint64_t>(row.data() + 24)),
                             LoadLittleEndian<uint32_t>(row.data() + 36));
  return true;
}

bool EntryRows::ReadEvidence(const CheckedBytes& bytes, uint32_t entry, v1::KnownBadEntry* out,
                             uint64_t* digest_count, uint64_t* digest_hash) const {
  EntryInForce in_force;
  absl::string_view row;
  if (!Read(bytes, entry, &in_force) ||
      !bytes.Read(rows_.offset + uint64_t{entry} * kRowBytes, kRowBytes, &row)) {
    return false;
  }
  const uint64_t at = LoadLittleEndian<uint64_t>(row.data());
  const uint32_t length = LoadLittleEndian<uint32_t>(row.data() + 8);
  absl::string_view evidence;
  if (length < in_force.advisory_id.size() || length > evidence_.length - at ||
      !bytes.Read(evidence_.offset + at, length, &evidence)) {
    return false;
  }
  evidence.remove_prefix(in_force.advisory_id.size());
  if (!out->ParseFromArray(evidence.data(), static_cast<int>(evidence.size()))) return false;
  out->set_id(std::string(in_force.advisory_id));
  if (in_force.effective_from != absl::InfinitePast()) {
    *out->mutable_effective_from() = WriteTime(in_force.effective_from);
  }
  if (in_force.withdrawn_at != absl::InfiniteFuture()) {
    *out->mutable_withdrawn_at() = WriteTime(in_force.withdrawn_at);
  }
  *digest_count = LoadLittleEndian<uint64_t>(row.data() + 40);
  *digest_hash = LoadLittleEndian<uint64_t>(row.data() + 48);
  return true;
}

}  // namespace sluice
