#include "sluice/interchange/icalendar.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/types/optional.h"
#include "libical/ical.h"
#include "sluice/calendar/zone.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

constexpr absl::string_view kEvents = "events";
constexpr absl::string_view kComponents = "components";

// Steps of one rule, from its start up to the end of the time asked for.
constexpr int kMaxSteps = 200'000;

// The properties of events that are read. All others say nothing of when an event is.
constexpr absl::string_view kProperties[] = {
    "UID",   "RECURRENCE-ID", "SEQUENCE", "STATUS", "TRANSP", "SUMMARY", "DTSTART",
    "DTEND", "DURATION",      "RRULE",    "RDATE",  "EXDATE", "EXRULE",
};

// Those of them that a calendar itself does not have.
constexpr absl::string_view kTimes[] = {"DTSTART", "DTEND",  "DURATION",     "RRULE",
                                        "RDATE",   "EXDATE", "RECURRENCE-ID"};

// A line with its continuations joined.
struct Line {
  std::string text;
  uint64_t number = 0;
};

std::vector<Line> Unfold(absl::string_view bytes) {
  std::vector<Line> lines;
  uint64_t number = 0;
  while (!bytes.empty()) {
    const size_t end = std::min(bytes.find('\n'), bytes.size());
    absl::string_view text = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    ++number;
    text = absl::StripSuffix(text, "\r");
    if (!text.empty() && (text[0] == ' ' || text[0] == '\t') && !lines.empty()) {
      lines.back().text.append(text.data() + 1, text.size() - 1);
    } else if (!text.empty()) {
      lines.push_back({std::string(text), number});
    }
  }
  return lines;
}

// The name of a line's property, in capitals.
std::string NameOf(absl::string_view line) {
  return absl::AsciiStrToUpper(line.substr(0, line.find_first_of(":;")));
}

// What follows the name and parameters of a line without quoted parameters.
absl::string_view ValueOf(absl::string_view line) {
  const size_t colon = line.find(':');
  if (colon == absl::string_view::npos) return {};
  return absl::StripAsciiWhitespace(line.substr(colon + 1));
}

// An event as lines.
struct Block {
  uint64_t line = 0;
  std::string text;  // From BEGIN to END, without the components in it and what is not read.
};

struct Calendar {
  std::vector<Block> events;
  std::vector<std::pair<uint64_t, std::string>> others;  // Line and name.
};

absl::Status Fault(uint64_t line, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line, ": ", what));
}

// Checks a property of a calendar itself.
absl::Status CheckCalendarLine(const Line& line, const std::string& name, bool& has_version) {
  if (std::find(std::begin(kTimes), std::end(kTimes), name) != std::end(kTimes)) {
    return Fault(line.number, absl::StrCat(name, " belongs into an event"));
  }
  const std::string value = absl::AsciiStrToUpper(ValueOf(line.text));
  if (name == "VERSION") {
    has_version = true;
    if (value != "2.0") return Fault(line.number, "VERSION should be 2.0");
  }
  if (name == "METHOD" && value == "CANCEL") {
    return Fault(line.number, "METHOD:CANCEL takes events back, which has to be done by hand");
  }
  if (name == "CALSCALE" && value != "GREGORIAN") {
    return Fault(line.number, "CALSCALE should be GREGORIAN");
  }
  return absl::OkStatus();
}

// Divides the input into the components of its calendars. The error says why it is no calendar.
absl::StatusOr<Calendar> Divide(absl::string_view bytes) {
  Calendar calendar;
  std::vector<std::string> open;
  bool has_version = false;
  bool has_calendar = false;
  uint64_t last = 1;
  for (const Line& line : Unfold(bytes)) {
    last = line.number;
    const std::string name = NameOf(line.text);
    const std::string value = absl::AsciiStrToUpper(ValueOf(line.text));
    if (name == "BEGIN") {
      if (open.empty() && value != "VCALENDAR") return Fault(line.number, "is no calendar");
      if (open.empty()) {
        has_calendar = true;
        has_version = false;
      }
      if (open.size() > 1 && value == "VEVENT") {
        return Fault(line.number, absl::StrCat("an event begins within ", Shown(open.back())));
      }
      if (open.size() == 1 && value == "VEVENT") {
        calendar.events.push_back({line.number, "BEGIN:VEVENT\r\n"});
      } else if (open.size() == 1) {
        calendar.others.emplace_back(line.number, value);
      }
      open.push_back(value);
      if (open.size() > kMaxMessageDepth) return Fault(line.number, "is nested too deeply");
      continue;
    }
    if (open.empty()) return Fault(line.number, "is no calendar");
    if (name == "END") {
      if (open.back() != value) {
        return Fault(line.number, absl::StrCat("should be END:", Shown(open.back())));
      }
      open.pop_back();
      if (open.size() == 1 && value == "VEVENT") {
        calendar.events.back().text.append("END:VEVENT\r\n");
      }
      if (open.empty() && !has_version) return Fault(line.number, "has no VERSION");
      continue;
    }
    if (open.size() == 1) {
      const absl::Status status = CheckCalendarLine(line, name, has_version);
      if (!status.ok()) return status;
    }
    if (open.size() == 2 && open.back() == "VEVENT" &&
        std::find(std::begin(kProperties), std::end(kProperties), name) != std::end(kProperties)) {
      absl::StrAppend(&calendar.events.back().text, line.text, "\r\n");
    }
  }
  if (!open.empty()) return Fault(last, "is cut: the calendar does not end");
  if (!has_calendar) return Fault(1, "is no calendar");
  return calendar;
}

struct FreeComponent {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, FreeComponent>;

struct FreeIterator {
  void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};

// A day, or a time in a zone.
struct Moment {
  absl::CivilSecond civil;
  bool is_day = false;
  absl::TimeZone zone;

  absl::Time Instant() const { return zone.At(civil).pre; }
};

// How long an occurrence lasts.
struct Length {
  int64_t days = 0;  // Of the calendar.
  absl::Duration exact;
};

struct Occurrence {
  absl::Time start;
  absl::Time end;

  friend bool operator<(const Occurrence& a, const Occurrence& b) {
    return std::tie(a.start, a.end) < std::tie(b.start, b.end);
  }
};

struct Rule {
  icalrecurrencetype recurrence;
  absl::optional<Moment> until;
  bool until_is_utc = false;
};

struct Event {
  uint64_t line = 0;
  std::string text;
  std::string uid;
  std::string summary;
  absl::optional<absl::Time> replaces;  // The occurrence whose place it takes.
  int sequence = 0;
  bool is_cancelled = false;
  bool is_transparent = false;
  Moment start;
  absl::optional<Length> length;
  std::vector<Rule> rules;
  std::vector<Occurrence> dates;  // RDATE.
  absl::btree_set<absl::Time> without;
};

// Reads one event. What is wrong with it is kept; only the first fault counts.
class EventReader {
 public:
  EventReader(const IcalendarOptions& options, const Block& block) : options_(options) {
    event_.line = block.line;
    event_.text = block.text;
  }

  Event Read() {
    component_.reset(icalparser_parse_string(event_.text.c_str()));
    if (component_ == nullptr || icalcomponent_isa(component_.get()) != ICAL_VEVENT_COMPONENT) {
      AddFault("is no event");
      return event_;
    }
    if (const icalproperty* error = First(ICAL_XLICERROR_PROPERTY)) {
      AddFault(icalproperty_get_xlicerror(error));
      return event_;
    }
    for (const icalproperty_kind kind :
         {ICAL_UID_PROPERTY, ICAL_RECURRENCEID_PROPERTY, ICAL_SEQUENCE_PROPERTY,
          ICAL_STATUS_PROPERTY, ICAL_TRANSP_PROPERTY, ICAL_DTSTART_PROPERTY, ICAL_DTEND_PROPERTY,
          ICAL_DURATION_PROPERTY}) {
      if (icalcomponent_count_properties(component_.get(), kind) > 1) {
        AddFault(absl::StrCat("has ", icalproperty_kind_to_string(kind), " twice"));
      }
    }
    if (First(ICAL_EXRULE_PROPERTY) != nullptr) AddFault("has EXRULE, which is obsolete");
    ReadTexts();
    ReadTimes();
    return std::move(event_);
  }

  const std::string& fault() const { return fault_; }

 private:
  void AddFault(absl::string_view what) {
    if (fault_.empty()) fault_ = std::string(what);
  }

  icalproperty* First(icalproperty_kind kind) const {
    return icalcomponent_get_first_property(component_.get(), kind);
  }

  template <typename Visit>
  void ForEach(icalproperty_kind kind, const Visit& visit) const {
    for (icalproperty* property = First(kind); property != nullptr;
         property = icalcomponent_get_next_property(component_.get(), kind)) {
      visit(property);
    }
  }

  void ReadTexts() {
    const auto text = [](const char* value) { return std::string(value == nullptr ? "" : value); };
    if (const icalproperty* uid = First(ICAL_UID_PROPERTY)) {
      event_.uid = text(icalproperty_get_uid(uid));
    }
    if (event_.uid.empty()) AddFault("needs UID");
    if (const icalproperty* summary = First(ICAL_SUMMARY_PROPERTY)) {
      event_.summary = text(icalproperty_get_summary(summary));
    }
    if (event_.summary.size() > kMaxText) AddFault("has a SUMMARY that is too long");
    if (const icalproperty* sequence = First(ICAL_SEQUENCE_PROPERTY)) {
      event_.sequence = icalproperty_get_sequence(sequence);
    }
    if (const icalproperty* status = First(ICAL_STATUS_PROPERTY)) {
      switch (icalproperty_get_status(status)) {
        case ICAL_STATUS_CANCELLED:
          event_.is_cancelled = true;
          break;
        case ICAL_STATUS_CONFIRMED:
        case ICAL_STATUS_TENTATIVE:
          break;
        default:
          AddFault("STATUS should be CONFIRMED, TENTATIVE or CANCELLED");
      }
    }
    if (const icalproperty* transparency = First(ICAL_TRANSP_PROPERTY)) {
      switch (icalproperty_get_transp(transparency)) {
        case ICAL_TRANSP_TRANSPARENT:
        case ICAL_TRANSP_TRANSPARENTNOCONFLICT:
          event_.is_transparent = true;
          break;
        case ICAL_TRANSP_OPAQUE:
        case ICAL_TRANSP_OPAQUENOCONFLICT:
          break;
        default:
          AddFault("TRANSP should be OPAQUE or TRANSPARENT");
      }
    }
  }

  void ReadTimes() {
    icalproperty* start = First(ICAL_DTSTART_PROPERTY);
    if (start == nullptr) return AddFault("needs DTSTART");
    event_.start = ReadMoment(start, icalproperty_get_dtstart(start));
    if (icalproperty* replaced = First(ICAL_RECURRENCEID_PROPERTY)) {
      if (icalproperty_get_parameter_as_string(replaced, "RANGE") != nullptr) {
        AddFault("RECURRENCE-ID must not have RANGE");
      }
      const Moment moment = ReadMoment(replaced, icalproperty_get_recurrenceid(replaced));
      event_.replaces = moment.Instant();
    }
    ReadLength();
    ForEach(ICAL_RRULE_PROPERTY, [&](icalproperty* rule) { ReadRule(rule); });
    ForEach(ICAL_RDATE_PROPERTY, [&](icalproperty* date) { ReadDate(date); });
    ForEach(ICAL_EXDATE_PROPERTY, [&](icalproperty* date) {
      event_.without.insert(ReadMomentLikeStart(date, icalproperty_get_exdate(date)).Instant());
    });
    if (event_.replaces.has_value() && (!event_.rules.empty() || !event_.dates.empty())) {
      AddFault("has both RECURRENCE-ID and a recurrence");
    }
  }

  // A moment of a property, with the zone that it names.
  Moment ReadMoment(icalproperty* property, const icaltimetype& time) {
    Moment moment;
    moment.is_day = time.is_date != 0;
    moment.civil =
        absl::CivilSecond(time.year, time.month, time.day, moment.is_day ? 0 : time.hour,
                          moment.is_day ? 0 : time.minute, moment.is_day ? 0 : time.second);
    const bool is_real = moment.civil.year() == time.year && moment.civil.month() == time.month &&
                         moment.civil.day() == time.day && time.year >= 1 && time.year <= 9900 &&
                         (moment.is_day || (moment.civil.hour() == time.hour &&
                                            moment.civil.minute() == time.minute &&
                                            moment.civil.second() == time.second));
    if (!is_real) AddFault("has a time that no calendar has");
    const char* name = icalproperty_get_parameter_as_string(property, "TZID");
    if (icaltime_is_utc(time) != 0) {
      if (name != nullptr) AddFault("has a time in UTC with a TZID");
      moment.zone = absl::UTCTimeZone();
    } else if (name == nullptr) {
      moment.zone = ZoneNamed(options_.zone);
    } else if (moment.is_day) {
      AddFault("has a day with a TZID");
    } else {
      const auto renamed = options_.zones.find(name);
      moment.zone = ZoneNamed(renamed == options_.zones.end() ? name : renamed->second);
    }
    return moment;
  }

  // As DTSTART, a day or a time.
  Moment ReadMomentLikeStart(icalproperty* property, const icaltimetype& time) {
    if ((time.is_date != 0) != event_.start.is_day) {
      AddFault(absl::StrCat(icalproperty_kind_to_string(icalproperty_isa(property)),
                            " must be a day or a time as DTSTART is"));
    }
    return ReadMoment(property, time);
  }

  absl::TimeZone ZoneNamed(const std::string& name) {
    absl::TimeZone zone;
    if (name.empty()) {
      AddFault("has a day or a time without a zone, and no zone is given for them");
    } else if (!Zone::Load(name).ok() || !absl::LoadTimeZone(name, &zone)) {
      AddFault(absl::StrCat("names the unknown zone `", Shown(name), "`"));
    }
    return zone;
  }

  void ReadLength() {
    icalproperty* end = First(ICAL_DTEND_PROPERTY);
    const icalproperty* duration = First(ICAL_DURATION_PROPERTY);
    if (end != nullptr && duration != nullptr) return AddFault("has both DTEND and DURATION");
    Length length;
    if (end != nullptr) {
      const Moment moment = ReadMomentLikeStart(end, icalproperty_get_dtend(end));
      if (event_.start.is_day) {
        length.days = absl::CivilDay(moment.civil) - absl::CivilDay(event_.start.civil);
      } else {
        length.exact = moment.Instant() - event_.start.Instant();
      }
    } else if (duration != nullptr) {
      const icaldurationtype read = icalproperty_get_duration(duration);
      if (read.is_neg != 0 || icaldurationtype_is_bad_duration(read) != 0) {
        return AddFault("DURATION must be positive");
      }
      length.days = int64_t{read.days} + 7 * int64_t{read.weeks};
      length.exact =
          absl::Hours(read.hours) + absl::Minutes(read.minutes) + absl::Seconds(read.seconds);
      if (event_.start.is_day && length.exact != absl::ZeroDuration()) {
        AddFault("DURATION of a day must be days");
      }
    } else if (event_.start.is_day) {
      length.days = 1;
    } else {
      return;
    }
    if (length.days > 10'000 || length.exact > absl::Hours(240'000)) {
      return AddFault("lasts too long");
    }
    if (length.days < 0 || length.exact < absl::ZeroDuration()) {
      return AddFault("must end after it starts");
    }
    if (length.days > 0 || length.exact > absl::ZeroDuration()) event_.length = length;
  }

  void ReadRule(icalproperty* property) {
    Rule rule;
    rule.recurrence = icalproperty_get_rrule(property);
    switch (rule.recurrence.freq) {
      case ICAL_YEARLY_RECURRENCE:
      case ICAL_MONTHLY_RECURRENCE:
      case ICAL_WEEKLY_RECURRENCE:
      case ICAL_DAILY_RECURRENCE:
      case ICAL_HOURLY_RECURRENCE:
        break;
      default:
        return AddFault("RRULE must recur by the hour or less often");
    }
    if (rule.recurrence.rscale != nullptr &&
        !absl::EqualsIgnoreCase(rule.recurrence.rscale, "GREGORIAN")) {
      return AddFault("RRULE must not have another RSCALE than GREGORIAN");
    }
    if (icaltime_is_null_time(rule.recurrence.until) == 0) {
      const icaltimetype until = rule.recurrence.until;
      Moment moment;
      moment.is_day = until.is_date != 0;
      moment.civil = absl::CivilSecond(until.year, until.month, until.day, until.hour, until.minute,
                                       until.second);
      rule.until_is_utc = icaltime_is_utc(until) != 0;
      moment.zone = rule.until_is_utc ? absl::UTCTimeZone() : event_.start.zone;
      rule.until = moment;
      rule.recurrence.until = icaltime_null_time();
    }
    // The rule points to memory of the component otherwise.
    rule.recurrence.rscale = nullptr;
    event_.rules.push_back(std::move(rule));
  }

  void ReadDate(icalproperty* property) {
    const icaldatetimeperiodtype date = icalproperty_get_rdate(property);
    const bool is_period = icaltime_is_null_time(date.time) != 0;
    const Moment start = ReadMomentLikeStart(property, is_period ? date.period.start : date.time);
    if (!is_period) {
      event_.dates.push_back(OccurrenceAt(event_, start));
      return;
    }
    Occurrence occurrence = {start.Instant(), start.Instant()};
    if (icaltime_is_null_time(date.period.end) == 0) {
      occurrence.end = ReadMomentLikeStart(property, date.period.end).Instant();
    } else {
      const icaldurationtype length = date.period.duration;
      if (length.is_neg != 0) AddFault("RDATE must not end before it starts");
      Moment end = start;
      end.civil = absl::CivilSecond(absl::CivilDay(start.civil) + length.days + 7 * length.weeks) +
                  (start.civil - absl::CivilSecond(absl::CivilDay(start.civil)));
      occurrence.end = end.Instant() + absl::Hours(length.hours) + absl::Minutes(length.minutes) +
                       absl::Seconds(length.seconds);
    }
    if (occurrence.end <= occurrence.start) AddFault("RDATE must end after it starts");
    event_.dates.push_back(occurrence);
  }

 public:
  // The occurrence of `event` that starts at `start`; empty if it has no length.
  static Occurrence OccurrenceAt(const Event& event, const Moment& start) {
    const absl::Time instant = start.Instant();
    if (!event.length.has_value()) return {instant, instant};
    Moment end = start;
    const absl::CivilDay day(start.civil);
    end.civil =
        absl::CivilSecond(day + event.length->days) + (start.civil - absl::CivilSecond(day));
    // Without days, exactly as long, whatever the clocks do.
    return {instant, (event.length->days > 0 ? end.Instant() : instant) + event.length->exact};
  }

 private:
  const IcalendarOptions& options_;
  Component component_;
  Event event_;
  std::string fault_;
};

icaltimetype CivilOf(const Moment& moment) {
  icaltimetype time = icaltime_null_time();
  time.year = static_cast<int>(moment.civil.year());
  time.month = moment.civil.month();
  time.day = moment.civil.day();
  time.is_date = moment.is_day ? 1 : 0;
  if (!moment.is_day) {
    time.hour = moment.civil.hour();
    time.minute = moment.civil.minute();
    time.second = moment.civil.second();
  }
  return time;
}

// Whether an occurrence at `start` comes after the last one that the rule allows.
bool IsAfterUntil(const Rule& rule, const Moment& start) {
  if (!rule.until.has_value()) return false;
  if (rule.until->is_day) return absl::CivilDay(start.civil) > absl::CivilDay(rule.until->civil);
  if (rule.until_is_utc) return start.Instant() > rule.until->Instant();
  return start.civil > rule.until->civil;
}

// The occurrences of an event up to the end of the time asked for.
struct Expansion {
  absl::btree_set<Occurrence> occurrences;
  bool goes_on = false;
  std::string fault;
};

void ExpandRule(const Event& event, const Rule& rule, const IcalendarOptions& options,
                Expansion& expansion) {
  std::unique_ptr<icalrecur_iterator, FreeIterator> iterator(
      icalrecur_iterator_new(rule.recurrence, CivilOf(event.start)));
  if (iterator == nullptr) {
    expansion.fault = "RRULE can't be followed";
    return;
  }
  bool is_first = true;
  for (int step = 0; step < kMaxSteps; ++step) {
    const icaltimetype next = icalrecur_iterator_next(iterator.get());
    Moment start = event.start;
    if (icaltime_is_null_time(next) == 0) {
      start.civil =
          absl::CivilSecond(next.year, next.month, next.day, start.is_day ? 0 : next.hour,
                            start.is_day ? 0 : next.minute, start.is_day ? 0 : next.second);
    }
    if (is_first && (icaltime_is_null_time(next) != 0 || start.civil != event.start.civil)) {
      expansion.fault = "RRULE does not begin with DTSTART";
      return;
    }
    is_first = false;
    if (icaltime_is_null_time(next) != 0 || IsAfterUntil(rule, start)) return;
    const Occurrence occurrence = EventReader::OccurrenceAt(event, start);
    if (occurrence.start >= options.until) {
      expansion.goes_on = true;
      return;
    }
    if (occurrence.end > options.from) expansion.occurrences.insert(occurrence);
  }
  expansion.fault = "RRULE recurs too often";
}

Expansion Expand(const Event& event, const IcalendarOptions& options,
                 const absl::btree_set<absl::Time>& replaced) {
  Expansion expansion;
  expansion.occurrences.insert(EventReader::OccurrenceAt(event, event.start));
  expansion.occurrences.insert(event.dates.begin(), event.dates.end());
  for (const Rule& rule : event.rules) {
    ExpandRule(event, rule, options, expansion);
    if (!expansion.fault.empty()) return expansion;
  }
  for (auto it = expansion.occurrences.begin(); it != expansion.occurrences.end();) {
    const bool is_out = it->start >= options.until || it->end <= options.from ||
                        it->end <= it->start || event.without.count(it->start) > 0 ||
                        replaced.count(it->start) > 0;
    it = is_out ? expansion.occurrences.erase(it) : std::next(it);
  }
  return expansion;
}

// Turns the events of a calendar into windows.
class CalendarReader {
 public:
  CalendarReader(absl::string_view source, const IcalendarOptions& options, ImportReport& report)
      : source_(source), options_(options), report_(report) {}

  void Read(const Calendar& calendar) {
    for (const auto& [line, name] : calendar.others) {
      report_.AddRead(kComponents);
      report_.AddLeftOut(
          kComponents,
          name == "VTIMEZONE" ? LeftOutReason::kTimeZoneDefinition : LeftOutReason::kNotAnEvent,
          Where(line), name);
    }
    for (const Block& block : calendar.events) ReadEvent(block);
    for (const auto& [id, event] : events_) {
      if (event.replaces.has_value()) replaced_[event.uid].insert(*event.replaces);
    }
    for (const auto& [id, event] : events_) TakeEvent(event);
  }

  std::vector<v1::Window>& windows() { return windows_; }
  bool too_many() const { return too_many_; }

 private:
  // UID and the occurrence that is replaced.
  using Id = std::pair<std::string, absl::optional<absl::Time>>;

  std::string Where(uint64_t line) const { return absl::StrCat(source_, ": line ", line); }

  void ReadEvent(const Block& block) {
    report_.AddRead(kEvents);
    EventReader reader(options_, block);
    Event event = reader.Read();
    if (!reader.fault().empty()) {
      report_.AddMalformed(kEvents, Where(block.line),
                           event.uid.empty()
                               ? reader.fault()
                               : absl::StrCat("`", Shown(event.uid), "`: ", reader.fault()));
      return;
    }
    const auto [found, is_new] = events_.emplace(Id(event.uid, event.replaces), event);
    if (is_new) return;
    Event& held = found->second;
    if (held.text == event.text) {
      report_.AddLeftOut(kEvents, LeftOutReason::kRepeated, Where(event.line), event.uid);
    } else if (held.sequence == event.sequence) {
      report_.AddMalformed(kEvents, Where(event.line),
                           absl::StrCat("`", Shown(event.uid), "` is another event than at line ",
                                        held.line, ", of the same SEQUENCE"));
    } else {
      if (held.sequence < event.sequence) std::swap(held, event);
      report_.AddLeftOut(kEvents, LeftOutReason::kSuperseded, Where(event.line), event.uid);
    }
  }

  void TakeEvent(const Event& event) {
    const std::string where = Where(event.line);
    const std::string what = absl::StrCat(event.uid, " ", event.summary);
    const auto leave_out = [&](LeftOutReason reason) {
      report_.AddLeftOut(kEvents, reason, where, what);
    };
    if (event.is_cancelled) return leave_out(LeftOutReason::kCancelled);
    if (event.is_transparent && options_.transparent == TransparentEvents::kLeaveOut) {
      return leave_out(LeftOutReason::kTransparent);
    }
    if (!event.length.has_value() && event.dates.empty()) {
      return leave_out(LeftOutReason::kNoLength);
    }
    const absl::btree_set<absl::Time> none;
    const auto replaced = replaced_.find(event.uid);
    const bool is_series = !event.replaces.has_value();
    const Expansion expansion =
        Expand(event, options_, is_series && replaced != replaced_.end() ? replaced->second : none);
    if (!expansion.fault.empty()) {
      report_.AddMalformed(kEvents, where,
                           absl::StrCat("`", Shown(event.uid), "`: ", expansion.fault));
      return;
    }
    if (expansion.goes_on) report_.AddLeftOutPart(LeftOutReason::kGoesOn, where, what);
    if (expansion.occurrences.empty()) return leave_out(LeftOutReason::kOutsideHorizon);
    if (event.is_transparent) report_.AddLeftOutPart(LeftOutReason::kTransparent, where, what);
    report_.AddTaken(kEvents);
    for (const Occurrence& occurrence : expansion.occurrences) {
      if (windows_.size() >= options_.max_windows) {
        too_many_ = true;
        return;
      }
      v1::Window window;
      window.set_description(event.summary);
      *window.mutable_absolute()->mutable_start() = WriteTime(occurrence.start);
      *window.mutable_absolute()->mutable_end() = WriteTime(occurrence.end);
      windows_.push_back(std::move(window));
    }
  }

  const absl::string_view source_;
  const IcalendarOptions& options_;
  ImportReport& report_;
  absl::btree_map<Id, Event> events_;
  absl::btree_map<std::string, absl::btree_set<absl::Time>> replaced_;
  std::vector<v1::Window> windows_;
  bool too_many_ = false;
};

bool IsYear(absl::Time time) {
  return time != absl::InfiniteFuture() && time != absl::InfinitePast() &&
         ReadTime(WriteTime(time)).has_value();
}

auto KeyOf(const v1::Window& window) {
  return std::make_tuple(window.absolute().start().seconds(), window.absolute().start().nanos(),
                         window.absolute().end().seconds(), window.absolute().end().nanos(),
                         window.description(), window.kind_case());
}

}  // namespace

absl::Status ImportIcalendar(absl::string_view source, absl::string_view bytes,
                             const IcalendarOptions& options, std::vector<v1::Window>* windows,
                             ImportReport& report) {
  if (!IsYear(options.from) || !IsYear(options.until) || options.until <= options.from) {
    return absl::InvalidArgumentError("`until` must be after `from`, both in the years 1 to 9999");
  }
  const auto refused = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(Shown(source), ": ", what));
  };
  bytes = absl::StripPrefix(bytes, "\xef\xbb\xbf");
  if (!IsValidUtf8(bytes) || absl::StrContains(bytes, '\0')) return refused("is no text in UTF-8");
  const absl::StatusOr<Calendar> calendar = Divide(bytes);
  if (!calendar.ok()) return refused(calendar.status().message());
  CalendarReader reader(source, options, report);
  reader.Read(*calendar);
  const absl::Status status = report.ToStatus(options.import);
  if (!status.ok()) return status;
  if (reader.too_many()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(Shown(source), ": has more than ", options.max_windows, " windows"));
  }
  std::vector<v1::Window> all = *windows;
  for (v1::Window& window : reader.windows()) all.push_back(std::move(window));
  std::stable_sort(all.begin(), all.end(),
                   [](const v1::Window& a, const v1::Window& b) { return KeyOf(a) < KeyOf(b); });
  all.erase(std::unique(all.begin(), all.end(),
                        [](const v1::Window& a, const v1::Window& b) {
                          return a.has_absolute() && KeyOf(a) == KeyOf(b);
                        }),
            all.end());
  *windows = std::move(all);
  return absl::OkStatus();
}

v1::Calendar CalendarOf(const std::vector<v1::Window>& windows) {
  std::vector<std::pair<int64_t, int64_t>> intervals;
  for (const v1::Window& window : windows) {
    intervals.emplace_back(window.absolute().start().seconds(), window.absolute().end().seconds());
  }
  std::sort(intervals.begin(), intervals.end());
  v1::Calendar calendar;
  for (const auto& [start, end] : intervals) {
    const int last = calendar.ends_s_size() - 1;
    if (last >= 0 && start <= calendar.ends_s(last)) {
      calendar.set_ends_s(last, std::max(end, calendar.ends_s(last)));
    } else {
      calendar.add_starts_s(start);
      calendar.add_ends_s(end);
    }
  }
  return calendar;
}

}  // namespace sluice
