#include "sluice/lint/window_rules.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "absl/types/variant.h"
#include "sluice/blockers/time_window.h"
#include "sluice/calendar/instant.h"
#include "sluice/calendar/layered_schedule.h"
#include "sluice/calendar/stretch.h"
#include "sluice/calendar/window_set.h"
#include "sluice/explain/wording.h"
#include "sluice/policy_data.h"

namespace sluice {
namespace {

constexpr Stretch kAlways = {kFirstInstant, kEndOfTime};

// The first instant from `t` on at which the window is open for as long as `runway`.
absl::Time OpensAt(const TimeWindow& window, absl::Duration runway, absl::Time t) {
  Overlay overlay;
  for (const CalendarReference& calendar : window.calendars) {
    if (!calendar.denies) overlay.allow.push_back(absl::MakeConstSpan(&kAlways, 1));
  }
  return window.windows->StateAt(t, runway, overlay).opens_at;
}

absl::Time HorizonOf(const LintContext& context) {
  return context.now() + context.options().window_horizon;
}

std::string SayHorizon(const LintContext& context) {
  return absl::StrCat("between ", Instant(context.now()), " and ", Instant(HorizonOf(context)));
}

bool NeverOpens(const LintContext& context, const TimeWindow& window) {
  return OpensAt(window, absl::ZeroDuration(), context.now()) >= HorizonOf(context);
}

// What a rollout of the stage needs from its wave `first` on, at the least: how many waves are
// generated is known of a state's cells alone.
absl::Duration NeededFrom(const LintContext& context, const StageRule& stage, size_t first) {
  const RolloutRule& rollout = stage.rollout;
  absl::Duration needed;
  for (size_t w = first; w < rollout.waves.size(); ++w) {
    needed += rollout.deploy_expected_time + rollout.waves[w].bake.min_time;
  }
  if (!rollout.generation.has_value()) return needed;
  int waves = 1;
  if (context.options().snapshot != nullptr) {
    const absl::optional<v1::StagePlan> plan =
        context.policy().PlanOf(*context.options().snapshot, stage.id, context.now());
    if (plan->fault() == v1::ALL_CLEAR) waves = std::max(waves, plan->waves_size());
  }
  return waves * (rollout.deploy_expected_time + rollout.bake.min_time);
}

// What the window asks to remain where it applies to the stage's wave `wave`.
absl::Duration RunwayIn(const LintContext& context, const TimeWindow& window,
                        const StageRule& stage, size_t wave) {
  switch (window.runway) {
    case Runway::kDuration:
      return window.min_remaining;
    case Runway::kExpectedDuration:
      return NeededFrom(context, stage, wave);
    case Runway::kNone:
    case Runway::kUnset:
      return absl::ZeroDuration();
  }
  return absl::ZeroDuration();
}

// ---------------------------------------------------------------- One window

void FindNeverOpens(const LintContext& context, LintReport report) {
  context.VisitBlockers([&](const v1::Blocker&, const Blocker& blocker, const FieldPath& path,
                            const BlockerPlace&) {
    const auto* window = absl::get_if<TimeWindow>(&blocker.kind);
    if (window == nullptr || !NeverOpens(context, *window)) return;
    report(path.Field("time_window"), absl::StrCat("is open at no instant ", SayHorizon(context)));
  });
}

void FindTooShort(const LintContext& context, LintReport report) {
  context.VisitBlockers([&](const v1::Blocker&, const Blocker& blocker, const FieldPath& path,
                            const BlockerPlace& place) {
    const auto* window = absl::get_if<TimeWindow>(&blocker.kind);
    if (window == nullptr || NeverOpens(context, *window)) return;
    const FieldPath kind = path.Field("time_window");
    const auto is_too_short = [&](absl::Duration runway) {
      return OpensAt(*window, runway, context.now()) >= HorizonOf(context);
    };
    if (window->runway == Runway::kDuration && is_too_short(window->min_remaining)) {
      report(kind.Field("min_remaining"),
             absl::StrCat("is ", absl::FormatDuration(window->min_remaining), ", and no opening ",
                          SayHorizon(context), " is as long"));
    }
    if (window->runway != Runway::kExpectedDuration) return;
    const size_t wave = static_cast<size_t>(std::max(place.wave, 0));
    for (size_t s = 0; s < context.data().stages.size(); ++s) {
      if (place.stage >= 0 && static_cast<size_t>(place.stage) != s) continue;
      const StageRule& stage = context.data().stages[s];
      const absl::Duration needed = NeededFrom(context, stage, wave);
      if (!is_too_short(needed)) continue;
      report(kind.Field("expected_duration"),
             absl::StrCat("is ", absl::FormatDuration(needed), " in stage ", Quote(stage.id),
                          ", and no opening ", SayHorizon(context), " is as long"));
    }
  });
}

// ---------------------------------------------------------------- Several windows

// A window that has to be open, and for how long.
struct Part {
  absl::string_view id;
  const TimeWindow* window;
  absl::Duration runway;
};

// Collects the enforced windows that must all be open, those within combinations included of which
// every child is needed.
class PartCollector {
 public:
  PartCollector(const LintContext& context, const StageRule& stage, size_t wave)
      : context_(context), stage_(stage), wave_(wave) {}

  void Add(const std::vector<Blocker>& blockers) {
    for (const Blocker& blocker : blockers) {
      if (!blocker.enforced) continue;
      if (const auto* window = absl::get_if<TimeWindow>(&blocker.kind)) {
        parts_.push_back({blocker.id, window, RunwayIn(context_, *window, stage_, wave_)});
      }
      const auto* combination = absl::get_if<Combination>(&blocker.kind);
      if (combination != nullptr && combination->needed == combination->children.size()) {
        Add(combination->children);
      }
    }
  }

  const std::vector<Part>& parts() const { return parts_; }

  // Whether each window has an opening that is long enough, and none of all of them together.
  bool NeverOpenTogether() const {
    const absl::Time end = HorizonOf(context_);
    for (const Part& part : parts_) {
      if (OpensAt(*part.window, part.runway, context_.now()) >= end) return false;
    }
    // All are open at `open` once it is moved by none of them.
    absl::Time open = context_.now();
    for (size_t unmoved = 0; unmoved < parts_.size();) {
      for (const Part& part : parts_) {
        const absl::Time opens_at = OpensAt(*part.window, part.runway, open);
        if (opens_at >= end) return true;
        unmoved = opens_at == open ? unmoved + 1 : 0;
        open = opens_at;
      }
    }
    return false;
  }

  std::string Say() const {
    std::vector<absl::string_view> ids;
    for (const Part& part : parts_) ids.push_back(part.id);
    return absl::StrCat(QuoteList(ids),
                        " are open together, for as long as they ask, at no instant ",
                        SayHorizon(context_));
  }

 private:
  const LintContext& context_;
  const StageRule& stage_;
  size_t wave_;
  std::vector<Part> parts_;
};

void FindNeverTogether(const LintContext& context, LintReport report) {
  const FieldPath root;
  for (size_t s = 0; s < context.data().stages.size(); ++s) {
    const StageRule& stage = context.data().stages[s];
    const FieldPath path = root.Element("stages", static_cast<int>(s));
    // Of the last wave, which needs the least.
    const size_t waves = stage.rollout.waves.size();
    PartCollector of_stage(context, stage, waves == 0 ? 0 : waves - 1);
    of_stage.Add(context.data().blockers);
    of_stage.Add(stage.blockers);
    if (of_stage.NeverOpenTogether()) {
      report(path, of_stage.Say());
      continue;
    }
    const FieldPath rollout = path.Field("rollout");
    for (size_t w = 0; w < waves; ++w) {
      PartCollector of_wave(context, stage, w);
      of_wave.Add(context.data().blockers);
      of_wave.Add(stage.blockers);
      of_wave.Add(stage.rollout.waves[w].blockers);
      if (of_wave.NeverOpenTogether()) {
        report(rollout.Element("waves", static_cast<int>(w)), of_wave.Say());
      }
    }
  }
}

}  // namespace

const LintCheck kWindowNeverOpens = {
    {"window-never-opens", "A time window that never opens",
     R"(Nothing goes forward in its scope, and every finding says NEVER_OPENS or names
an instant that is years ahead [T6]. Mostly its dates are past, or what it
denies contains what it allows. Looked at is the year from `--now` on; calendars
of the organisation are taken to allow everything and to deny nothing.)",
     R"(# in: stage
blockers {
  id: "weekend-work"
  time_window {
    allow {
      windows {
        weekly {
          time_zone: "Europe/Berlin"
          days: SATURDAY
          hours { start: "09:00" end: "12:00" }
        }
      }
    }
    deny {
      weekly {
        time_zone: "Europe/Berlin"
        days: [ SATURDAY, SUNDAY ]
        hours { start: "00:00" end: "24:00" }
      }
    }
  }
}
)",
     R"(# in: stage
blockers {
  id: "tuesdays"
  time_window {
    allow {
      windows {
        weekly {
          time_zone: "Europe/Berlin"
          days: TUESDAY
          hours { start: "09:00" end: "12:00" }
        }
      }
    }
  }
}
)"},
    &FindNeverOpens};

const LintCheck kWindowTooShort = {
    {"window-too-short", "A time window that asks for more time than it has",
     R"(It is RUNWAY_SHORT whenever it is open, so that nothing goes forward [T4].
Adjacent windows count as one opening. Of `expected_duration`, the expected time
of the deployments and the `min_time` of the bake of every wave are summed up,
which is what a rollout needs when it starts; of generated waves, as many as
there are for the cells of `--state`, else one.)",
     R"(# in: stage
blockers {
  id: "mornings"
  time_window {
    allow {
      windows {
        weekly {
          time_zone: "Europe/Berlin"
          days: [ TUESDAY, WEDNESDAY ]
          hours { start: "09:00" end: "12:00" }
        }
      }
    }
    min_remaining { seconds: 10801 }
  }
}
)",
     R"(# in: stage
blockers {
  id: "mornings"
  time_window {
    allow {
      windows {
        weekly {
          time_zone: "Europe/Berlin"
          days: [ TUESDAY, WEDNESDAY ]
          hours { start: "09:00" end: "12:00" }
        }
      }
    }
    min_remaining { seconds: 7200 }
  }
}
)"},
    &FindTooShort};

const LintCheck kWindowsNeverOpenTogether = {
    {"windows-never-open-together", "Time windows of which one is always closed",
     R"(Every blocker of the pipeline, the stage and the wave must be CLEAR at one
instant [G2], [G6]. Windows that are each sound may leave no such instant: say,
one of the stage on weekdays and one of a wave at the weekend. Children of
combinations count where all children are needed.)",
     R"(# in: stage
blockers {
  id: "saturdays"
  time_window {
    allow {
      windows {
        weekly {
          time_zone: "Europe/Berlin"
          days: SATURDAY
          hours { start: "09:00" end: "17:00" }
        }
      }
    }
  }
}
)",
     R"(# in: stage
blockers {
  id: "mondays"
  time_window {
    allow {
      windows {
        weekly {
          time_zone: "Europe/Berlin"
          days: MONDAY
          hours { start: "08:00" end: "10:00" }
        }
      }
    }
  }
}
)"},
    &FindNeverTogether};

}  // namespace sluice
