#include "sluice/calendar/cron.h"

#include <array>
#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"

namespace sluice {
namespace {

constexpr std::array<absl::string_view, 12> kMonthNames = {
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<absl::string_view, 7> kWeekdayNames = {"sun", "mon", "tue", "wed",
                                                            "thu", "fri", "sat"};
constexpr std::array<int, 12> kLongestMonths = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

// What one field may say.
struct FieldForm {
  absl::string_view name;
  int min;
  int max;
  absl::Span<const absl::string_view> names;  // Of `min` and what follows.
};

// What one field says. Bit i is the value i.
struct FieldValue {
  std::bitset<64> values;
  bool is_star = false;  // `*` and nothing else.
  bool steps_over_all = false;
};

absl::Status Refuse(const FieldForm& form, absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(form.name, ": `", text, "` ", why));
}

// One or two digits.
absl::optional<int> ReadNumber(absl::string_view text) {
  if (text.empty() || text.size() > 2) return absl::nullopt;
  int number = 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return absl::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

absl::optional<int> ReadValue(const FieldForm& form, absl::string_view text) {
  for (size_t i = 0; i < form.names.size(); ++i) {
    if (absl::EqualsIgnoreCase(text, form.names[i])) return form.min + static_cast<int>(i);
  }
  const absl::optional<int> number = ReadNumber(text);
  if (!number.has_value() || *number < form.min || *number > form.max) return absl::nullopt;
  return number;
}

// Adds one element of the list.
absl::Status ReadElement(const FieldForm& form, absl::string_view text, FieldValue* field) {
  absl::string_view range = text;
  int step = 1;
  const size_t slash = text.find('/');
  if (slash != absl::string_view::npos) {
    range = text.substr(0, slash);
    const absl::optional<int> number = ReadNumber(text.substr(slash + 1));
    if (!number.has_value() || *number < 1 || *number > form.max) {
      return Refuse(form, text, "has no step that is possible");
    }
    step = *number;
  }
  int first = form.min;
  int last = form.max;
  if (range == "*") {
    field->steps_over_all = field->steps_over_all || slash != absl::string_view::npos;
  } else {
    const size_t dash = range.find('-');
    const absl::optional<int> from = ReadValue(form, range.substr(0, dash));
    absl::optional<int> to = from;
    if (dash != absl::string_view::npos) {
      to = ReadValue(form, range.substr(dash + 1));
    } else if (slash != absl::string_view::npos) {
      return Refuse(form, text, "has a step without a range");
    }
    if (!from.has_value() || !to.has_value()) return Refuse(form, text, "is not a value of it");
    if (*to < *from) return Refuse(form, text, "ends before it begins");
    first = *from;
    last = *to;
  }
  for (int value = first; value <= last; value += step) {
    field->values.set(static_cast<size_t>(value));
  }
  return absl::OkStatus();
}

absl::StatusOr<FieldValue> ReadField(const FieldForm& form, absl::string_view text) {
  FieldValue field;
  field.is_star = text == "*";
  for (const absl::string_view element : absl::StrSplit(text, ',')) {
    const absl::Status status = ReadElement(form, element, &field);
    if (!status.ok()) return status;
  }
  return field;
}

// The values from `first` on, as a set of which bit 0 is `first`.
template <size_t n>
std::bitset<n> SetFrom(const FieldValue& field, size_t first) {
  std::bitset<n> set;
  for (size_t i = 0; i < n; ++i) set[i] = field.values[first + i];
  return set;
}

}  // namespace

absl::StatusOr<Cron> ParseCron(absl::string_view text) {
  const std::array<FieldForm, 5> forms = {{{"minute", 0, 59, {}},
                                           {"hour", 0, 23, {}},
                                           {"day of month", 1, 31, {}},
                                           {"month", 1, 12, kMonthNames},
                                           {"day of week", 0, 7, kWeekdayNames}}};
  const std::vector<absl::string_view> texts = absl::StrSplit(text, ' ', absl::SkipEmpty());
  if (texts.size() != forms.size() || text.front() == ' ' || text.back() == ' ') {
    return absl::InvalidArgumentError(absl::StrCat(
        "has not five fields, separated by spaces, with nothing around them: `", text, "`"));
  }
  std::array<FieldValue, 5> fields;
  for (size_t i = 0; i < forms.size(); ++i) {
    absl::StatusOr<FieldValue> field = ReadField(forms[i], texts[i]);
    if (!field.ok()) return field.status();
    fields[i] = *field;
  }
  FieldValue& weekday = fields[4];
  if (weekday.values[7]) weekday.values.set(0);

  Cron cron;
  cron.minutes = SetFrom<60>(fields[0], 0);
  cron.hours = SetFrom<24>(fields[1], 0);
  cron.days = SetFrom<31>(fields[2], 1);
  cron.months = SetFrom<12>(fields[3], 1);
  cron.weekdays = SetFrom<7>(weekday, 1);
  cron.weekdays[6] = weekday.values[0];
  cron.either_day = !fields[2].is_star && !weekday.is_star;
  if (cron.either_day) {
    for (const size_t i : {2, 4}) {
      if (fields[i].steps_over_all) {
        return Refuse(forms[i], texts[i], "means different things beside another day field");
      }
    }
  }
  if (!EverStarts(cron)) return Refuse(forms[2], texts[2], "never comes in these months");
  return cron;
}

bool EverStarts(const Cron& cron) {
  if (cron.minutes.none() || cron.hours.none() || cron.months.none()) return false;
  if (cron.either_day && cron.weekdays.any()) return true;
  if (!cron.either_day && cron.weekdays.none()) return false;
  for (size_t month = 0; month < kLongestMonths.size(); ++month) {
    if (!cron.months[month]) continue;
    for (int day = 0; day < kLongestMonths[month]; ++day) {
      // In 400 years every day of every month, 29 February too, falls on every weekday.
      if (cron.days[static_cast<size_t>(day)]) return true;
    }
  }
  return false;
}

std::vector<int32_t> StartsOfDay(const Cron& cron) {
  std::vector<int32_t> starts;
  for (int32_t hour = 0; hour < 24; ++hour) {
    for (int32_t minute = 0; minute < 60; ++minute) {
      if (cron.hours[static_cast<size_t>(hour)] && cron.minutes[static_cast<size_t>(minute)]) {
        starts.push_back(hour * 3600 + minute * 60);
      }
    }
  }
  return starts;
}

}  // namespace sluice
