#include "sluice/calendar/zone.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "sluice/internal/never.h"

namespace sluice {
namespace {

constexpr int64_t kBeforeAnyTransition = -(int64_t{1} << 50);
constexpr size_t kMaxNameLength = 64;
constexpr int64_t k1970 = 0;
constexpr int64_t k2100 = 4102444800;

bool IsPart(absl::string_view part) {
  if (part.empty() || !absl::ascii_isalpha(static_cast<unsigned char>(part.front()))) return false;
  return std::all_of(part.begin(), part.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '+';
  });
}

// Whether a name has the form of an IANA zone and means the same on every host.
bool IsZoneName(absl::string_view name) {
  if (name.size() > kMaxNameLength) return false;
  if (name == "localtime" || name == "posixrules" || name == "Factory") return false;
  for (absl::string_view prefix : {"Fixed/", "posix/", "right/"}) {
    if (absl::StartsWith(name, prefix)) return false;
  }
  for (absl::string_view part : absl::StrSplit(name, '/')) {
    if (!IsPart(part)) return false;
  }
  return true;
}

int32_t OffsetOf(const absl::TimeZone& zone, int64_t second) {
  return zone.At(absl::FromUnixSeconds(second)).offset;
}

int64_t SecondsAsUtc(absl::CivilSecond reading) {
  return reading - absl::CivilSecond(1970, 1, 1, 0, 0, 0);
}

void AppendBigEndian(uint64_t value, std::string* out) {
  for (int shift = 56; shift >= 0; shift -= 8) out->push_back(static_cast<char>(value >> shift));
}

}  // namespace

absl::StatusOr<Zone> Zone::Load(absl::string_view name) {
  if (!IsZoneName(name)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "not an IANA time zone name: \"", absl::CHexEscape(name.substr(0, kMaxNameLength)), "\""));
  }
  absl::TimeZone source;
  if (!absl::LoadTimeZone(name, &source)) {
    return absl::NotFoundError(absl::StrCat("no time zone \"", name, "\" in the tz database"));
  }

  auto data = std::make_shared<Data>();
  data->name = std::string(name);
  data->first_offset = OffsetOf(source, kBeforeAnyTransition);

  // Absl lists transitions through 400 years after the last one that the database spells out.
  int64_t last = kBeforeAnyTransition;
  int32_t offset = data->first_offset;
  absl::TimeZone::CivilTransition transition;
  while (source.NextTransition(absl::FromUnixSeconds(last), &transition)) {
    // The clock would have shown `from` at this instant, had it not been changed.
    const int64_t at = SecondsAsUtc(transition.from) - offset;
    // The tz database lists transitions in their order.
    if (SLUICE_NEVER(at <= last)) {
      return absl::InternalError(absl::StrCat("time zone ", name, " is not ordered"));
    }
    last = at;
    const int32_t changed = OffsetOf(source, at);
    if (changed == offset) continue;  // Another abbreviation only.
    offset = changed;
    data->changes.push_back(Change{at, offset});
  }
  if (data->changes.empty()) return Zone(std::move(data));
  data->constant_before = data->changes.front().at;

  // After the listed transitions the offset either stays or repeats those of the last 400 years.
  last = data->changes.back().at;
  bool stays = true;
  bool repeats = true;
  int32_t cycle_starts_with = data->first_offset;
  for (const Change& change : data->changes) {
    if (change.at <= last - kSecondsPerCycle) {
      cycle_starts_with = change.offset;
      continue;
    }
    const int32_t later = OffsetOf(source, change.at + kSecondsPerCycle);
    stays = stays && later == offset;
    repeats = repeats && later == change.offset;
  }
  repeats = repeats && cycle_starts_with == offset;
  if (stays) {
    data->repeats_from = last;
    return Zone(std::move(data));
  }
  // Rules of the tz database are for ever, and the Gregorian calendar repeats.
  if (SLUICE_NEVER(!repeats)) {
    return absl::InternalError(absl::StrCat("time zone ", name, " does not repeat"));
  }
  data->repeats_from = last - kSecondsPerCycle;
  return Zone(std::move(data));
}

Zone::Segment Zone::SegmentAt(int64_t second) const {
  constexpr int64_t kLowest = std::numeric_limits<int64_t>::min();
  constexpr int64_t kHighest = std::numeric_limits<int64_t>::max();
  const std::vector<Change>& changes = data_->changes;
  if (changes.empty()) return Segment{kLowest, kHighest, data_->first_offset};

  const int64_t last = changes.back().at;
  if (second >= last && data_->repeats_from == last) {
    return Segment{last, kHighest, changes.back().offset};
  }
  // Beyond the table, read what stands 400, 800, ... years earlier.
  int64_t shift = 0;
  if (second >= last) shift = ((second - last) / kSecondsPerCycle + 1) * kSecondsPerCycle;
  const auto next =
      std::upper_bound(changes.begin(), changes.end(), second - shift,
                       [](int64_t value, const Change& change) { return value < change.at; });
  Segment segment{kLowest, next->at + shift, data_->first_offset};  // `second - shift` < `last`.
  if (next != changes.begin()) {
    segment.begin = std::prev(next)->at + shift;
    segment.offset = std::prev(next)->offset;
  }
  if (shift > 0) segment.begin = std::max(segment.begin, last + shift - kSecondsPerCycle);
  return segment;
}

void Zone::VisitSegments(int64_t from, int64_t to,
                         absl::FunctionRef<void(const Segment&)> visit) const {
  while (from < to) {
    Segment segment = SegmentAt(from);
    segment.begin = from;
    segment.end = std::min(segment.end, to);
    visit(segment);
    from = segment.end;
  }
}

void Zone::AppendFingerprint(std::string* out) const {
  AppendBigEndian(data_->name.size(), out);
  out->append(data_->name);
  std::vector<Change> seen = {Change{k1970, OffsetAt(k1970)}};
  VisitSegments(k1970, k2100, [&](const Segment& segment) {
    if (segment.offset != seen.back().offset) {
      seen.push_back(Change{segment.begin, segment.offset});
    }
  });
  AppendBigEndian(seen.size(), out);
  for (const Change& change : seen) {
    AppendBigEndian(static_cast<uint64_t>(change.at), out);
    AppendBigEndian(static_cast<uint64_t>(int64_t{change.offset}), out);
  }
}

}  // namespace sluice
