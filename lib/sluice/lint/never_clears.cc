#include "sluice/lint/never_clears.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/variant.h"
#include "sluice/blockers/known_bad_artifact.h"
#include "sluice/blockers/metric_alarm.h"
#include "sluice/blockers/synthetic_traffic.h"
#include "sluice/blockers/time_window.h"
#include "sluice/calendar/window_set.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/limits.h"
#include "sluice/lint/alarm_states.h"
#include "sluice/policy_data.h"

namespace sluice {
namespace {

// Whether the blocker can be CLEAR at some instant with some state.
bool CanClear(const Blocker& blocker, const LintContext& context);

size_t CountThatCanClear(const Combination& combination, const LintContext& context) {
  return static_cast<size_t>(
      std::count_if(combination.children.begin(), combination.children.end(),
                    [&](const Blocker& child) { return CanClear(child, context); }));
}

bool CanClear(const Blocker& blocker, const LintContext& context) {
  if (const auto* alarm = absl::get_if<MetricAlarm>(&blocker.kind)) return StatesOf(*alarm).ok;
  if (const auto* traffic = absl::get_if<SyntheticTraffic>(&blocker.kind)) {
    return traffic->min_runs <= static_cast<uint32_t>(kMaxValues);
  }
  if (const auto* combination = absl::get_if<Combination>(&blocker.kind)) {
    return CountThatCanClear(*combination, context) >= combination->needed;
  }
  if (const auto* window = absl::get_if<TimeWindow>(&blocker.kind)) {
    return !window->calendars.empty() ||
           window->windows->StateAt(context.now(), absl::ZeroDuration()).reason !=
               WindowReason::kNeverOpens;
  }
  return true;
}

const char* FieldOf(const v1::Blocker& proto) {
  return proto.has_any_of() ? "any_of" : proto.has_all_of() ? "all_of" : "at_least";
}

void FindShortList(const KnownBadArtifact& known_bad, const LintContext& context,
                   const FieldPath& path, LintReport report) {
  const FieldPath kind = path.Field("known_bad");
  const FieldPath field = kind.Field("min_entries");
  if (known_bad.min_entries > kMaxKnownBadEntries) {
    report(field, absl::StrCat("is ", known_bad.min_entries, ", and no list has more than ",
                               kMaxKnownBadEntries));
    return;
  }
  for (const LintedList& linted : context.options().known_bad) {
    const bool is_named = std::binary_search(known_bad.lists.begin(), known_bad.lists.end(),
                                             std::string(linted.list->id()));
    if (!is_named || linted.list->entry_count() >= known_bad.min_entries) continue;
    report(field, absl::StrCat("is ", known_bad.min_entries, ", and list ",
                               Quote(linted.list->id()), " has ", linted.list->entry_count()));
  }
}

void FindNeverClears(const LintContext& context, LintReport report) {
  context.VisitBlockers([&](const v1::Blocker& proto, const Blocker& blocker, const FieldPath& path,
                            const BlockerPlace&) {
    if (const auto* known_bad = absl::get_if<KnownBadArtifact>(&blocker.kind)) {
      FindShortList(*known_bad, context, path, report);
      return;
    }
    // Windows that never open are found by themselves.
    if (absl::holds_alternative<TimeWindow>(blocker.kind) || CanClear(blocker, context)) return;
    if (absl::holds_alternative<MetricAlarm>(blocker.kind)) {
      report(path.Field("metric_alarm"), "is OK whatever is reported at no instant");
    } else if (const auto* combination = absl::get_if<Combination>(&blocker.kind)) {
      report(path.Field(FieldOf(proto)),
             absl::StrCat("needs ", combination->needed, " CLEAR, and ",
                          CountThatCanClear(*combination, context), " of its children can be"));
    } else {
      const FieldPath kind = path.Field("synthetic_traffic");
      report(kind.Field("min_runs"),
             absl::StrCat("is more than the ", kMaxValues, " runs that a state holds"));
    }
  });
}

void FindHealthNeverClears(const LintContext& context, LintReport report) {
  context.VisitRollouts([&](const StageRule& stage, const v1::RolloutPolicy&, const FieldPath&,
                            const FieldPath& rollout) {
    const FieldPath health = rollout.Field("health");
    for (size_t i = 0; i < stage.rollout.criteria.size(); ++i) {
      const auto* bound = absl::get_if<SeriesBoundCriterion>(&stage.rollout.criteria[i].kind);
      if (bound == nullptr || SomeAreGood(bound->rule, kFiniteNumbers)) continue;
      const FieldPath criterion = health.Element("criteria", static_cast<int>(i));
      report(criterion.Field("series_bound"), "has a threshold that every point breaches");
    }
    for (size_t i = 0; i < stage.rollout.watched.size(); ++i) {
      if (StatesOf(stage.rollout.watched[i].alarm).ok) continue;
      const FieldPath watched = health.Element("watched_alarms", static_cast<int>(i));
      report(watched.Field("alarm"), "is OK whatever is reported at no instant");
    }
  });
}

// ---------------------------------------------------------------- Bakes

// The longest of the periods that the stage's rates count in.
absl::Duration LongestPeriod(const LintContext& context, const StageRule& stage) {
  absl::Duration longest = kShortestPeriod;
  for (const HealthCriterion& criterion : stage.rollout.criteria) {
    const ErrorRateCriterion* rate = RateOf(criterion);
    if (rate == nullptr) continue;
    longest =
        std::max(longest, context.PeriodOfCounts(rate->counts, stage.id).value_or(kShortestPeriod));
  }
  return longest;
}

void FindAlwaysTimesOut(const LintContext& context, LintReport report) {
  context.VisitBakes([&](const StageRule& stage, const Bake& bake, const FieldPath& path) {
    const absl::Duration period = LongestPeriod(context, stage);
    if (bake.min_data_points * period <= bake.max_time) return;
    report(path.Field("min_data_points"),
           absl::StrCat("is ", bake.min_data_points, " periods of ", absl::FormatDuration(period),
                        ", longer than `max_time`, ", absl::FormatDuration(bake.max_time)));
  });
}

}  // namespace

const LintCheck kBlockerNeverClears = {
    {"blocker-never-clears", "A blocker or pass criterion that nothing can make CLEAR",
     R"(It holds for ever. Found are alarms that are OK at no value that a data point
can have, such as a ratio of at least 0 (silence is no help, unless
`treat_missing` is NOT_BREACHING) [A3]; a `min_entries` that no list reaches or,
with `--known-bad`, that the list does not reach [K1]; a `min_runs` that no
state can hold [C3]; and combinations that need more children than can be CLEAR
[X1].)",
     R"(# in: stage
blockers {
  id: "error-ratio"
  metric_alarm {
    ratio {
      errors_series: "errors"
      requests_series: "requests"
      min_samples: 100
      rule {
        comparison: GREATER_THAN_OR_EQUAL
        threshold: 0
        evaluation_periods: 5
        datapoints_to_alarm: 3
      }
    }
    max_age { seconds: 300 }
  }
}
)",
     R"(# in: stage
blockers {
  id: "error-ratio"
  metric_alarm {
    ratio {
      errors_series: "errors"
      requests_series: "requests"
      min_samples: 100
      rule {
        comparison: GREATER_THAN
        threshold: 0
        evaluation_periods: 5
        datapoints_to_alarm: 3
      }
    }
    max_age { seconds: 300 }
  }
}
)"},
    &FindNeverClears};

const LintCheck kHealthNeverClears = {
    {"health-never-clears", "A health criterion or watched alarm that never clears",
     R"(No cell is ever proven, and whatever is deployed is rolled back or times out
[R3], [R6]. Found are watched alarms that are never OK, and series of which
every data point breaches.)",
     R"(# in: rollout
health {
  watched_alarms {
    id: "error-ratio"
    each: CELL
    alarm {
      ratio {
        errors_series: "errors"
        requests_series: "requests"
        min_samples: 100
        rule {
          comparison: LESS_THAN_OR_EQUAL
          threshold: 1
          evaluation_periods: 5
          datapoints_to_alarm: 3
        }
      }
      max_age { seconds: 300 }
    }
  }
}
)",
     R"(# in: rollout
health {
  watched_alarms {
    id: "error-ratio"
    each: CELL
    alarm {
      ratio {
        errors_series: "errors"
        requests_series: "requests"
        min_samples: 100
        rule {
          comparison: GREATER_THAN
          threshold: 0.01
          evaluation_periods: 5
          datapoints_to_alarm: 3
        }
      }
      max_age { seconds: 300 }
    }
  }
}
)"},
    &FindHealthNeverClears};

const LintCheck kBakeAlwaysTimesOut = {
    {"bake-always-times-out", "A bake that times out before it can be met",
     R"(The stage holds (BAKE_TIMED_OUT) at every cell [R4]: `min_data_points` periods
take longer than `max_time`. A period is as long as `--state` says or, if it
does not, the shortest there is, 10 s.)",
     R"(# in: rollout
bake {
  min_time { seconds: 600 }
  min_data_points: 361
  max_time { seconds: 3600 }
}
health {
  criteria {
    id: "error-rate"
    per: CELL
    error_rate {
      counts: "orders"
      bound_ppm: 1000
      min_requests: 10000
      min_requests_to_fail: 500
      confidence: PERCENT_99
      max_age { seconds: 900 }
    }
  }
}
)",
     R"(# in: rollout
bake {
  min_time { seconds: 600 }
  min_data_points: 60
  max_time { seconds: 86400 }
}
health {
  criteria {
    id: "error-rate"
    per: CELL
    error_rate {
      counts: "orders"
      bound_ppm: 1000
      min_requests: 10000
      min_requests_to_fail: 500
      confidence: PERCENT_99
      max_age { seconds: 900 }
    }
  }
}
)"},
    &FindAlwaysTimesOut};

}  // namespace sluice
