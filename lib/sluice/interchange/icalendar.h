#ifndef SLUICE_INTERCHANGE_ICALENDAR_H_
#define SLUICE_INTERCHANGE_ICALENDAR_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/interchange/import_report.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// What becomes of events that do not block time (`TRANSP:TRANSPARENT`), as public holidays often
// are.
enum class TransparentEvents { kTake = 0, kLeaveOut };

struct IcalendarOptions {
  ImportOptions import;
  // Occurrences with a part in [from, until) are taken, as a whole. Required; `until` after `from`,
  // years 1 to 9999.
  absl::Time from = absl::InfiniteFuture();
  absl::Time until = absl::InfinitePast();
  // The IANA zone of days and of times without a zone. Empty: such events are malformed.
  std::string zone;
  // IANA zones by the names that the input gives them. Names that are IANA's need no entry.
  absl::btree_map<std::string, std::string> zones;
  TransparentEvents transparent = TransparentEvents::kTake;
  // More windows than that are ResourceExhausted.
  size_t max_windows = 100'000;
};

// Adds the events of an iCalendar file (RFC 5545) to `windows`: an absolute window for each
// occurrence, sorted by start, end and description, each once. The description is the event's
// summary.
//
// - Recurrence rules, RDATE and EXDATE are expanded within [from, until); a rule that goes on after
//   it is listed, since nothing is known of it. Rules by the minute or second, EXRULE and
//   RANGE=THISANDFUTURE are malformed, as is a rule that does not begin with DTSTART.
// - An event with RECURRENCE-ID takes the place of that occurrence, also when it is cancelled.
// - Times are resolved by the rules of IANA's zone, whatever VTIMEZONE says; an unknown zone is
//   malformed, never UTC. A local time that a clock change leaves out is read with the offset
//   before the change, one that comes twice is the first.
// - Occurrences last as long as the first one: by DTEND, exactly as long; by DURATION, days are
//   calendar days; a day lasts from midnight to midnight.
// Entries are of kind `events`; other components of the calendar are of kind `components`.
//
// InvalidArgument, and `windows` as they were, if the input is no whole calendar, whatever the
// options; if the options are not valid; if an entry is malformed and the options do not let it
// pass.
absl::Status ImportIcalendar(absl::string_view source, absl::string_view bytes,
                             const IcalendarOptions& options, std::vector<v1::Window>* windows,
                             ImportReport& report);

// Absolute windows as the intervals of a calendar of the organisation, where windows that meet or
// overlap are one. `id` and `observed_at` are the caller's. Other kinds of windows must not be
// given.
v1::Calendar CalendarOf(const std::vector<v1::Window>& windows);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_ICALENDAR_H_
