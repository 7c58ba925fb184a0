#include "sluice/load/calendars.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/calendar/stretch.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/limits.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/record_reader.h"
#include "sluice/metrics/period_grid.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

bool IsInstant(int64_t seconds) { return IsCivilTime(absl::FromUnixSeconds(seconds)); }

// Each interval ends after its start, and starts no earlier than the one before.
bool AreAscending(const v1::Calendar& calendar) {
  for (int i = 0; i < calendar.starts_s_size(); ++i) {
    if (!IsInstant(calendar.starts_s(i)) || !IsInstant(calendar.ends_s(i))) return false;
    if (calendar.ends_s(i) <= calendar.starts_s(i)) return false;
    if (i > 0 && calendar.starts_s(i) < calendar.starts_s(i - 1)) return false;
  }
  return true;
}

// Requires that they are ascending.
std::vector<Stretch> ReadStretches(const v1::Calendar& calendar) {
  std::vector<Stretch> stretches;
  stretches.reserve(static_cast<size_t>(calendar.starts_s_size()));
  for (int i = 0; i < calendar.starts_s_size(); ++i) {
    stretches.push_back({{calendar.starts_s(i), 0}, {calendar.ends_s(i), 0}});
  }
  JoinStretches(stretches);
  return stretches;
}

}  // namespace

Reason LoadCalendars(const google::protobuf::RepeatedPtrField<v1::Calendar>& calendars,
                     absl::flat_hash_map<absl::string_view, CalendarFacts>& out) {
  Reason fault = v1::ALL_CLEAR;
  for (const auto& [calendar, conflict] : OneRecordPerKey(
           calendars, [](const v1::Calendar& record) { return absl::string_view(record.id()); })) {
    RecordReader reader(*calendar);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    CalendarFacts facts;
    const absl::string_view id = reader.Identifier(calendar->id());
    facts.observed_at =
        reader.Instant(calendar->has_observed_at(), calendar->observed_at(), absl::InfinitePast());
    if (calendar->starts_s_size() > kMaxValues || calendar->ends_s_size() > kMaxValues) {
      reader.Note(v1::LIMIT_EXCEEDED);
    } else {
      reader.Require(calendar->starts_s_size() == calendar->ends_s_size() &&
                     AreAscending(*calendar));
    }
    if (reader.ok()) {
      facts.stretches = ReadStretches(*calendar);
      out.emplace(id, std::move(facts));
    }
    NoteFault(fault, reader.fault());
  }
  return fault;
}

}  // namespace sluice
