// An IANA time zone, resolved once: no file is read after Load.
//
//   absl::StatusOr<Zone> zone = Zone::Load("Europe/Dublin");
//   if (!zone.ok()) return zone.status();  // Never UTC instead.
//   int32_t offset = zone->OffsetAt(1700000000);

#ifndef SLUICE_CALENDAR_ZONE_H_
#define SLUICE_CALENDAR_ZONE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice {

// 400 Gregorian years, after which dates fall on the same weekdays again.
inline constexpr int64_t kSecondsPerCycle = int64_t{146097} * 86400;

// What a wall clock shows, for every instant: UTC plus an offset that changes at transitions.
// Agrees with absl::TimeZone everywhere, including the far future, where the zone's last rule is
// carried on. Instants are in seconds since 1970-01-01T00:00:00Z and must lie within 100,000 years
// of it. Immutable and safe to share between threads; a copy is cheap.
class Zone {
 public:
  // A longest stretch [begin, end) with one offset, in seconds; may be cut by what was asked for.
  struct Segment {
    int64_t begin;
    int64_t end;
    int32_t offset;
  };

  // Reads a zone from the host's tz database. NotFound if it has none of that name; InvalidArgument
  // if the name is not of the IANA form: empty, absolute, with "." or ".." parts, or a name with a
  // meaning outside the database ("localtime", "posixrules", "Factory", "Fixed/...", "posix/...",
  // "right/..."). Reads files: for use while a policy is compiled.
  static absl::StatusOr<Zone> Load(absl::string_view name);

  const std::string& name() const { return data_->name; }

  // Seconds that the wall clock is ahead of UTC.
  int32_t OffsetAt(int64_t second) const { return SegmentAt(second).offset; }

  // The segment that contains an instant. Its bounds are transitions, or instants up to which the
  // table is known to hold.
  Segment SegmentAt(int64_t second) const;

  // Calls `visit` with the segments of [from, to) in order, cut to that range. Two in a row may
  // have the same offset.
  void VisitSegments(int64_t from, int64_t to, absl::FunctionRef<void(const Segment&)> visit) const;

  // Before this instant the offset is constant.
  int64_t constant_before() const { return data_->constant_before; }

  // From this instant on the offset repeats every 400 years.
  int64_t repeats_from() const { return data_->repeats_from; }

  // Appends bytes that are equal for two zones iff their names and offsets at every instant of
  // [1970, 2100) are: provenance for a decision, to be hashed by the caller.
  void AppendFingerprint(std::string* out) const;

 private:
  struct Change {
    int64_t at;
    int32_t offset;  // From `at` on.
  };
  struct Data {
    std::string name;
    int32_t first_offset = 0;
    std::vector<Change> changes;  // Ascending, each different from the one before.
    int64_t constant_before = 0;
    int64_t repeats_from = 0;
  };

  explicit Zone(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

  std::shared_ptr<const Data> data_;
};

}  // namespace sluice

#endif  // SLUICE_CALENDAR_ZONE_H_
