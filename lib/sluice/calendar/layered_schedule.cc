#include "sluice/calendar/layered_schedule.h"

#include <algorithm>

#include "sluice/calendar/week_pattern.h"

namespace sluice {
namespace {

// What lists say at an instant.
struct Layer {
  bool covers = false;
  Instant end = {};         // Where it covers: the latest end of a stretch that contains it.
  Instant begins = kNever;  // The next begin of a stretch.
};

Layer LayerAt(absl::Span<const Overlay::List> lists, Instant instant) {
  Layer layer;
  for (const Overlay::List& list : lists) {
    const auto after =
        std::upper_bound(list.begin(), list.end(), instant,
                         [](Instant value, const Stretch& s) { return value < s.begin; });
    if (after != list.end()) layer.begins = std::min(layer.begins, after->begin);
    if (after == list.begin() || (after - 1)->end <= instant) continue;
    layer.end = layer.covers ? std::max(layer.end, (after - 1)->end) : (after - 1)->end;
    layer.covers = true;
  }
  return layer;
}

}  // namespace

Schedule::Run LayeredSchedule::RunAt(Instant instant, Instant horizon) const {
  Schedule::Run run = {Coverage::kOutside, instant};
  bool is_first = true;
  while (true) {
    // What all layers say at run.end, and up to where that is certain.
    Coverage coverage = Coverage::kDenied;
    Instant end;
    const Layer deny = LayerAt(overlay_.deny, run.end);
    if (deny.covers) {
      end = deny.end;
    } else {
      const Schedule::Run below = schedule_.RunAt(run.end, horizon);
      end = below.end;
      if (below.coverage != Coverage::kDenied) {
        const Layer allow = LayerAt(overlay_.allow, run.end);
        coverage = allow.covers ? Coverage::kAllowed : below.coverage;
        end = std::min({end, deny.begins, allow.covers ? allow.end : allow.begins});
      }
    }
    if (is_first) {
      run.coverage = coverage;
      is_first = false;
    } else if (coverage != run.coverage) {
      return run;
    }
    if (end > horizon) return {run.coverage, kNever};
    run.end = end;
  }
}

Instant LayeredSchedule::FirstAllowed(Instant from, Length length, Instant horizon) const {
  Instant at = from;
  while (at <= horizon) {
    const Layer allow = LayerAt(overlay_.allow, at);
    if (!allow.covers) {
      // An opening that is long enough is one of the schedule's own, or begins less than `length`
      // before a list allows.
      const Instant own = schedule_.FirstAllowed(at, length, horizon);
      const Instant near = allow.begins == kNever ? kNever : std::max(at, allow.begins - length);
      const Instant next = std::min(own, near);
      if (next > at) {
        at = next;
        continue;
      }
    }
    const Schedule::Run run = RunAt(at, at + length);
    if (run.coverage == Coverage::kAllowed && run.end >= at + length) return at;
    if (run.end == kNever) {
      // Closed for longer than was looked at.
      at = RunAt(at, horizon).end;
    } else {
      at = run.end;
    }
  }
  return kNever;
}

}  // namespace sluice
