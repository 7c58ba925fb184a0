#ifndef SLUICE_METRICS_ALARM_H_
#define SLUICE_METRICS_ALARM_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/series.h"

// How a computed alarm is judged.
//
// The alarm is judged once at the end of each period of its series, oldest first, and keeps its
// state until the end of the next. Let N be the rule's evaluation_periods, M its
// datapoints_to_alarm, and the range the N + 2 periods that end with the one judged; periods before
// the series' start count as missing points. A point is real if it is not missing. The first case
// that applies decides:
//
//   1. At least N real points in the range: ALARM if M of the newest N real points breach, else OK.
//   2. No real point: MISSING gives INSUFFICIENT_DATA, IGNORE the previous state, BREACHING ALARM,
//      NOT_BREACHING OK.
//   3. BREACHING or NOT_BREACHING: as many filled points as real ones are short of N join the real
//      ones; ALARM if M of these N breach, else OK.
//   4. MISSING or IGNORE: ALARM if M real points breach; OK if any real point in the range does
//   not;
//      otherwise MISSING gives ALARM and IGNORE the previous state.
//
// The previous state is that at the end of the period before; before the first it is
// INSUFFICIENT_DATA. It is recomputed from the series every time and stored nowhere.
//
// The four cases reproduce all 40 cells of the tables in "Configuring how CloudWatch alarms treat
// missing data" (Amazon CloudWatch User Guide), which are published for N = 3 and a range of 5.
//
// A period is judged once it has ended and is reported: `now` and `reported_through` are both at or
// after its end. A series of which no period can be judged yet has INSUFFICIENT_DATA whatever the
// rule does with missing points, because a report that was never asked for is not a silent metric.
//
// With an invalid rule or series frame every function here answers INSUFFICIENT_DATA, for ever.
// Staleness is the caller's to judge, before calling.

namespace sluice {

// The state of the alarm at `now`. Also answers for the past: at an earlier instant it is what the
// alarm's state was then, as far as today's series tells. Linear in the series under IGNORE, else
// in N.
AlarmState EvaluateAlarm(const AlarmRule& rule, const SeriesView& series, absl::Time now);

// Sets `*states` to the alarm's state at the end of each period of `series` that can be judged at
// `now`: element i belongs to period i.
//
// The report may reach far beyond the values; the state is constant from the period on at which the
// range holds no value any more, so `*states` ends there at the latest: it has at most N + 2
// elements more than the series has values, and any later period has the last element's state.
// Linear.
void FoldAlarm(const AlarmRule& rule, const SeriesView& series, absl::Time now,
               std::vector<AlarmState>* states);

// The first instant after `now` at which EvaluateAlarm differs, the series unchanged: the end of a
// period, at most `reported_through`. InfiniteFuture if there is none. Linear in the series under
// IGNORE, else in N and the periods after `now`.
absl::Time AlarmChangesAt(const AlarmRule& rule, const SeriesView& series, absl::Time now);

// How long an alarm has been OK without interruption.
struct OkStretch {
  // The end of the first period of the unbroken run of OK that lasts until `now`; InfiniteFuture if
  // the alarm is not OK at `now`.
  absl::Time since = absl::InfiniteFuture();

  // Whether the run begins with the series, so that the alarm may have been OK for longer than
  // known.
  bool from_start = false;

  // The instant up to which the run is known: the earlier of `now` and `reported_through`.
  // InfinitePast if the alarm is not OK at `now`.
  absl::Time known_through = absl::InfinitePast();
};

// The run of OK at `now`. The rule "OK for d" holds at the instants from `since` + d on, as far as
// `known_through` reaches. Linear in the series.
OkStretch OkSince(const AlarmRule& rule, const SeriesView& series, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_METRICS_ALARM_H_
