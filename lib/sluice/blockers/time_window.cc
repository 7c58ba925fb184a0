#include "sluice/blockers/time_window.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/blockers/fields.h"
#include "sluice/blockers/horizon.h"
#include "sluice/blockers/judgement.h"
#include "sluice/blockers/parse_window.h"
#include "sluice/calendar/layered_schedule.h"
#include "sluice/calendar/window.h"
#include "sluice/calendar/window_set.h"
#include "sluice/calendar/zone.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {
namespace {

// Longer than anything that opens.
constexpr absl::Duration kEndlessRunway = absl::Hours(24 * 366 * 1000);

// Of windows of the field `name`: those that are not calendars.
std::vector<Window> ParseWindows(const google::protobuf::RepeatedPtrField<v1::Window>& protos,
                                 const FieldPath& parent, absl::string_view name, bool denies,
                                 TimeWindow& out, FieldErrors& errors) {
  std::vector<Window> windows;
  if (static_cast<size_t>(protos.size()) > kMaxWindows) {
    errors.Add(parent.Field(name), v1::Fault::TOO_LARGE,
               absl::StrCat("must have at most ", kMaxWindows, " elements"));
    return windows;
  }
  for (int i = 0; i < protos.size(); ++i) {
    const FieldPath path = parent.Element(name, i);
    if (protos[i].has_calendar()) {
      const FieldPath calendar = path.Field("calendar");
      const v1::CalendarWindow& proto = protos[i].calendar();
      out.calendars.push_back({ReadIdentifier(proto.calendar(), calendar.Field("calendar"), errors),
                               ReadRequiredPositive(proto.has_max_age(), proto.max_age(),
                                                    calendar.Field("max_age"), errors),
                               denies});
      continue;
    }
    absl::optional<Window> window = ParseWindow(protos[i], path, out.zones, errors);
    if (window.has_value()) windows.push_back(*std::move(window));
  }
  return windows;
}

absl::optional<WindowSet> ParseRules(const v1::TimeWindow& proto, const FieldPath& path,
                                     TimeWindow& out, FieldErrors& errors) {
  const size_t faults_before = errors.size();
  WindowRules rules;
  switch (proto.allowed_case()) {
    case v1::TimeWindow::kAllowAlways:
      rules.allow = AllowAlways();
      break;
    case v1::TimeWindow::kAllow:
      if (proto.allow().windows().empty()) errors.Missing(path.Field("allow").Field("windows"));
      rules.allow =
          ParseWindows(proto.allow().windows(), path.Field("allow"), "windows", false, out, errors);
      rules.overlay_allows = !out.calendars.empty();
      break;
    case v1::TimeWindow::ALLOWED_NOT_SET:
      errors.Add(path, v1::Fault::MISSING, "needs `allow_always` or `allow`");
      break;
  }
  rules.deny = ParseWindows(proto.deny(), path, "deny", true, out, errors);
  const size_t all = static_cast<size_t>(proto.allow().windows_size() + proto.deny_size());
  if (all > kMaxWindows && errors.size() == faults_before) {
    errors.Add(path, v1::Fault::TOO_LARGE,
               absl::StrCat("must have at most ", kMaxWindows, " windows"));
  }
  if (errors.size() > faults_before) return absl::nullopt;

  absl::StatusOr<WindowSet> windows = WindowSet::Compile(rules);
  if (windows.ok()) return *std::move(windows);
  // All that is wrong with windows one by one has been said: together they take too much.
  errors.Add(path, v1::Fault::TOO_LARGE, windows.status().message());
  return absl::nullopt;
}

void ParseRunway(const v1::TimeWindow& proto, const FieldPath& path, TimeWindow& window,
                 FieldErrors& errors) {
  switch (proto.runway_case()) {
    case v1::TimeWindow::kNoMinRemaining:
      window.runway = Runway::kNone;
      break;
    case v1::TimeWindow::kMinRemaining:
      window.runway = Runway::kDuration;
      window.min_remaining =
          ReadPositive(proto.min_remaining(), path.Field("min_remaining"), errors);
      break;
    case v1::TimeWindow::kExpectedDuration:
      window.runway = Runway::kExpectedDuration;
      break;
    case v1::TimeWindow::RUNWAY_NOT_SET:
      errors.Add(path.Field("no_min_remaining"), v1::Fault::MISSING,
                 "is required, or else `min_remaining` or `expected_duration`");
      break;
  }
}

// What must remain; nothing where that is not known.
absl::optional<absl::Duration> RunwayOf(const TimeWindow& window,
                                        absl::Duration expected_duration) {
  switch (window.runway) {
    case Runway::kUnset:
      break;
    case Runway::kNone:
      return absl::ZeroDuration();
    case Runway::kDuration:
      return window.min_remaining;
    case Runway::kExpectedDuration:
      return std::min(expected_duration, kEndlessRunway);
  }
  return absl::nullopt;
}

Judgement ToJudgement(WindowReason reason) {
  switch (reason) {
    case WindowReason::kInDeny:
      return Judged(Verdict::kBlocking, v1::IN_DENY);
    case WindowReason::kOutsideAllow:
      return Judged(Verdict::kBlocking, v1::OUTSIDE_ALLOW);
    case WindowReason::kRunwayShort:
      return Judged(Verdict::kBlocking, v1::RUNWAY_SHORT);
    case WindowReason::kOpen:
      return Judged(Verdict::kClear, v1::ALL_CLEAR);
    case WindowReason::kNeverOpens:
      break;
  }
  return Judged(Verdict::kBlocking, v1::NEVER_OPENS);
}

// What stands in the way of using the organisation's facts at all, or ALL_CLEAR with kClear.
Judgement JudgeOrganisation(const Subject& subject) {
  const OrganisationData* organisation = subject.snapshot.organisation.get();
  if (organisation == nullptr || !organisation->present) {
    return Judged(Verdict::kUnknown, v1::CALENDAR_ABSENT);
  }
  if (organisation->fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, organisation->fault);
  const auto seen = subject.snapshot.lists_seen.find(organisation->id);
  if (seen != subject.snapshot.lists_seen.end() && organisation->epoch < seen->second) {
    return Judged(Verdict::kUnknown, v1::ORGANISATION_WENT_BACK);
  }
  return Judged(Verdict::kClear, v1::ALL_CLEAR);
}

// What one calendar's presence and age say.
Judgement JudgeCalendar(const CalendarReference& reference, const Subject& subject, absl::Time t) {
  Judgement judgement = Judged(Verdict::kUnknown, v1::CALENDAR_ABSENT);
  const auto& calendars = subject.snapshot.organisation->calendars;
  const auto found = calendars.find(reference.calendar);
  if (found != calendars.end()) {
    const absl::Time observed_at = found->second.observed_at;
    judgement = JudgeAge(subject, observed_at, observed_at, reference.max_age, t);
  }
  judgement.evidence.subject = reference.calendar;
  return judgement;
}

// INVALID before absent before stale, so that the answer does not depend on the calendars' order.
int Rank(const Judgement& judgement) {
  if (judgement.verdict == Verdict::kInvalid) return 0;
  if (judgement.verdict == Verdict::kClear) return 3;
  return judgement.reason == v1::CALENDAR_ABSENT ? 1 : 2;
}

// CLEAR if all calendars can be used; else what stands in the way.
Judgement JudgeCalendars(const TimeWindow& window, const Subject& subject, absl::Time now) {
  const Judgement organisation = JudgeOrganisation(subject);
  if (organisation.verdict != Verdict::kClear) return organisation;
  Instants instants(now);
  for (const CalendarReference& reference : window.calendars) {
    const auto& calendars = subject.snapshot.organisation->calendars;
    const auto found = calendars.find(reference.calendar);
    if (found == calendars.end()) continue;
    instants.Add(subject.VisibleFrom(found->second.observed_at));
    instants.Add(Later(found->second.observed_at, reference.max_age));
  }
  return JudgeWithHorizon(instants, [&](absl::Time t) {
    Judgement worst = Judged(Verdict::kClear, v1::ALL_CLEAR);
    for (const CalendarReference& reference : window.calendars) {
      const Judgement judgement = JudgeCalendar(reference, subject, t);
      if (Rank(judgement) < Rank(worst)) worst = judgement;
    }
    return worst;
  });
}

// Requires that all calendars are there.
Overlay OverlayOf(const TimeWindow& window, const Subject& subject) {
  Overlay overlay;
  for (const CalendarReference& reference : window.calendars) {
    const auto& calendars = subject.snapshot.organisation->calendars;
    const Overlay::List list = calendars.find(reference.calendar)->second.stretches;
    (reference.denies ? overlay.deny : overlay.allow).push_back(list);
  }
  return overlay;
}

}  // namespace

TimeWindow ParseTimeWindow(const v1::TimeWindow& proto, const FieldPath& path,
                           FieldErrors& errors) {
  TimeWindow window;
  window.windows = ParseRules(proto, path, window, errors);
  ParseRunway(proto, path, window, errors);
  ReadChoice(proto.in_flight(), v1::TimeWindow::InFlight_IsValid, path.Field("in_flight"), errors);
  window.finish_wave = proto.in_flight() == v1::TimeWindow::FINISH_WAVE;
  return window;
}

Judgement Check(const TimeWindow& window, const Subject& subject, absl::Duration expected_duration,
                absl::Time now) {
  const absl::optional<absl::Duration> runway = RunwayOf(window, expected_duration);
  if (!window.windows.has_value() || !runway.has_value()) {
    return Judged(Verdict::kBlocking, v1::NEVER_OPENS);
  }
  Overlay overlay;
  Judgement calendars = Judged(Verdict::kClear, v1::ALL_CLEAR);
  if (!window.calendars.empty()) {
    calendars = JudgeCalendars(window, subject, now);
    if (calendars.verdict != Verdict::kClear) return calendars;
    overlay = OverlayOf(window, subject);
  }
  const WindowState state = window.windows->StateAt(now, *runway, overlay);
  Judgement judgement = ToJudgement(state.reason);
  judgement.changes_at = std::min(state.changes_at, calendars.changes_at);
  const absl::Time until = judgement.verdict == Verdict::kClear ? state.closes_at : state.opens_at;
  if (until != absl::InfiniteFuture()) judgement.evidence.until = until;
  return judgement;
}

}  // namespace sluice
