#include "sluice/calendar/window.h"

#include <tuple>

#include "sluice/calendar/instant.h"

namespace sluice {
namespace {

using Faults = std::vector<WindowFault>;

bool IsReading(LocalTime time, int32_t last_second) {
  return 0 <= time.second_of_day && time.second_of_day <= last_second;
}

// Whether a time is one that a record can hold: years 1..9999, whole nanoseconds.
bool IsWholeInstant(absl::Time time) { return IsInstant(time) && ToTime(ToInstant(time)) == time; }

void CheckStart(LocalTime start, Faults* faults) {
  if (!IsReading(start, kSecondsPerDay - 1)) {
    faults->push_back({WindowProblem::kImpossible, WindowField::kStart});
  }
}

void CheckDuration(absl::Duration duration, Faults* faults) {
  if (duration <= absl::ZeroDuration() || duration > kMaxElapsed ||
      duration != absl::Floor(duration, absl::Nanoseconds(1))) {
    faults->push_back({WindowProblem::kOutOfRange, WindowField::kDuration});
  }
}

struct DaysChecker {
  Faults* faults;

  void operator()(const Weekly& weekly) const {
    if (weekly.on.none()) faults->push_back({WindowProblem::kEmpty, WindowField::kWeekdays});
  }

  void operator()(const YearlyRange& range) const {
    if (!IsInEveryYear(range.first)) {
      faults->push_back({WindowProblem::kImpossible, WindowField::kFirst});
    }
    if (!IsInEveryYear(range.last)) {
      faults->push_back({WindowProblem::kImpossible, WindowField::kLast});
    }
  }

  void operator()(const Dates& dates) const {
    if (dates.on.empty()) faults->push_back({WindowProblem::kEmpty, WindowField::kDates});
    if (dates.on.size() > kMaxDates) {
      faults->push_back({WindowProblem::kTooMany, WindowField::kDates});
      return;
    }
    for (size_t i = 0; i < dates.on.size(); ++i) {
      if (IsPossible(dates.on[i])) continue;
      faults->push_back({WindowProblem::kImpossible, WindowField::kDates, static_cast<int>(i)});
    }
  }

  void operator()(const NthWeekday& nth) const {
    if (nth.nth != -1 && (nth.nth < 1 || nth.nth > 5)) {
      faults->push_back({WindowProblem::kOutOfRange, WindowField::kNth});
    }
    if (nth.weekday < Weekday::kMonday || nth.weekday > Weekday::kSunday) {
      faults->push_back({WindowProblem::kImpossible, WindowField::kWeekday});
    }
    if (nth.months.none()) faults->push_back({WindowProblem::kEmpty, WindowField::kMonths});
    if (nth.offset_days < -31 || nth.offset_days > 31) {
      faults->push_back({WindowProblem::kOutOfRange, WindowField::kOffsetDays});
    }
  }
};

struct HoursChecker {
  Faults* faults;

  void operator()(const LocalHours& hours) const {
    CheckStart(hours.start, faults);
    if (!IsReading(hours.end, kSecondsPerDay)) {
      faults->push_back({WindowProblem::kImpossible, WindowField::kEnd});
    }
  }

  void operator()(const WholeDay&) const {}

  void operator()(const Elapsed& elapsed) const {
    CheckStart(elapsed.start, faults);
    CheckDuration(elapsed.duration, faults);
  }
};

struct WindowChecker {
  Faults* faults;

  void operator()(const AbsoluteWindow& window) const {
    const bool start_is_known = IsWholeInstant(window.start);
    const bool end_is_known = IsWholeInstant(window.end);
    if (!start_is_known) faults->push_back({WindowProblem::kOutOfRange, WindowField::kStart});
    if (!end_is_known) faults->push_back({WindowProblem::kOutOfRange, WindowField::kEnd});
    if (start_is_known && end_is_known && window.end <= window.start) {
      faults->push_back({WindowProblem::kNotAfterStart, WindowField::kEnd});
    }
  }

  void operator()(const CalendarWindow& window) const {
    std::visit(DaysChecker{faults}, window.days);
    std::visit(HoursChecker{faults}, window.hours);
  }

  void operator()(const CronWindow& window) const {
    if (!EverStarts(window.start)) {
      faults->push_back({WindowProblem::kImpossible, WindowField::kStart});
    }
    CheckDuration(window.duration, faults);
  }
};

}  // namespace

bool operator==(const WindowFault& a, const WindowFault& b) {
  return std::tie(a.problem, a.field, a.index) == std::tie(b.problem, b.field, b.index);
}

std::vector<WindowFault> FindFaults(const Window& window) {
  std::vector<WindowFault> faults;
  std::visit(WindowChecker{&faults}, window);
  return faults;
}

}  // namespace sluice
