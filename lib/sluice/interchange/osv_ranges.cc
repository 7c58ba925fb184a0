#include "sluice/interchange/osv_ranges.h"

#include <algorithm>

#include "absl/algorithm/container.h"

namespace sluice {
namespace {

using Kind = OsvEvent::Kind;

// Before every version.
bool IsFirst(const OsvEvent& event) {
  return event.kind == Kind::kIntroduced && event.version == "0";
}

// After every version.
bool IsUnlimited(const OsvEvent& event) {
  return event.kind == Kind::kLimit && event.version == "*";
}

v1::VersionRange Pair(const OsvEvent& introduced, const OsvEvent* until) {
  v1::VersionRange range;
  range.set_introduced(introduced.version);
  if (until == nullptr) return range;
  switch (until->kind) {
    case Kind::kIntroduced:
      break;
    case Kind::kFixed:
      range.set_fixed(until->version);
      break;
    case Kind::kLastAffected:
      range.set_last_affected(until->version);
      break;
    case Kind::kLimit:
      range.set_limit(until->version);
      break;
  }
  return range;
}

// Compares events by version and remembers whether two could not be compared.
class EventOrder {
 public:
  explicit EventOrder(VersionComparison compare) : compare_(compare) {}

  int Compare(const OsvEvent& a, const OsvEvent& b) {
    if (a.version == "0" && b.version == "0") return 0;
    if (IsFirst(a) || IsFirst(b)) return IsFirst(a) ? -1 : 1;
    const absl::optional<int> order = compare_(a.version, b.version);
    if (!order.has_value()) failed_ = true;
    return order.value_or(0);
  }

  bool failed() const { return failed_; }

 private:
  VersionComparison compare_;
  bool failed_ = false;
};

// The events as they apply, split into those that begin or end a stretch, sorted, and limits.
struct Timeline {
  std::vector<const OsvEvent*> changes;
  std::vector<const OsvEvent*> limits;  // None: no limit.
};

Timeline Split(const std::vector<OsvEvent>& events) {
  Timeline timeline;
  for (const OsvEvent& event : events) {
    (event.kind == Kind::kLimit ? timeline.limits : timeline.changes).push_back(&event);
  }
  if (absl::c_any_of(events, IsUnlimited)) timeline.limits.clear();
  return timeline;
}

struct Stretch {
  const OsvEvent* introduced;
  const OsvEvent* until;  // Null: for ever.
};

// The stretches that `changes` describes one after the other. `last`: a stretch ends with the last
// event that can end it, not with the first.
std::vector<Stretch> Stretches(const std::vector<const OsvEvent*>& changes, bool last) {
  std::vector<Stretch> stretches;
  bool open = false;   // The last stretch has no end yet.
  bool after = false;  // It has one, but a later one would take its place.
  for (const OsvEvent* event : changes) {
    if (event->kind == Kind::kIntroduced) {
      if (!open) stretches.push_back({event, nullptr});
      open = true;
      after = false;
    } else if (open || (after && last)) {
      stretches.back().until = event;
      open = false;
      after = true;
    }
  }
  return stretches;
}

void PairInOrder(const Timeline& timeline, EventOrder& order, OsvRanges& paired) {
  const OsvEvent* limit = nullptr;
  for (const OsvEvent* other : timeline.limits) {
    if (limit == nullptr || order.Compare(*other, *limit) > 0) limit = other;
  }
  for (const Stretch& stretch : Stretches(timeline.changes, paired.mixed)) {
    const OsvEvent* until = stretch.until;
    if (limit != nullptr) {
      if (order.Compare(*stretch.introduced, *limit) >= 0) continue;
      if (until == nullptr || order.Compare(*until, *limit) >= 0) until = limit;
    }
    paired.ranges.push_back(Pair(*stretch.introduced, until));
  }
}

void PairAsWritten(const Timeline& timeline, OsvRanges& paired) {
  for (const Stretch& stretch : Stretches(timeline.changes, paired.mixed)) {
    if (stretch.until != nullptr || timeline.limits.empty()) {
      paired.ranges.push_back(Pair(*stretch.introduced, stretch.until));
      continue;
    }
    // Below any of the limits.
    for (const OsvEvent* limit : timeline.limits) {
      paired.ranges.push_back(Pair(*stretch.introduced, limit));
    }
  }
}

}  // namespace

OsvRanges PairOsvEvents(const std::vector<OsvEvent>& events, VersionComparison compare) {
  const auto has = [&](Kind kind) {
    return absl::c_any_of(events, [&](const OsvEvent& event) { return event.kind == kind; });
  };
  OsvRanges paired;
  paired.mixed = has(Kind::kFixed) && has(Kind::kLastAffected);
  const Timeline written = Split(events);
  Timeline sorted = written;
  EventOrder order(compare);
  std::stable_sort(sorted.changes.begin(), sorted.changes.end(),
                   [&](const OsvEvent* a, const OsvEvent* b) { return order.Compare(*a, *b) < 0; });
  if (!order.failed()) PairInOrder(sorted, order, paired);
  if (order.failed()) {
    paired.ranges.clear();
    paired.unordered = true;
    PairAsWritten(written, paired);
  }
  return paired;
}

}  // namespace sluice
