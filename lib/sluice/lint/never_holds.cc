#include "sluice/lint/never_holds.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/variant.h"
#include "sluice/blockers/metric_alarm.h"
#include "sluice/blockers/time_window.h"
#include "sluice/blockers/traffic_isolation.h"
#include "sluice/calendar/window_set.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/limits.h"
#include "sluice/lint/alarm_states.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/policy_data.h"

namespace sluice {
namespace {

// Whether the window is open from `t` on for as long as can be said. One that needs a calendar
// holds without it.
bool NeverCloses(const TimeWindow& window, absl::Time t) {
  if (!window.calendars.empty()) return false;
  const WindowState state = window.windows->StateAt(t, absl::ZeroDuration());
  return state.reason == WindowReason::kOpen && state.closes_at == absl::InfiniteFuture();
}

void FindNeverHolds(const LintContext& context, LintReport report) {
  context.VisitBlockers(
      [&](const v1::Blocker&, const Blocker& blocker, const FieldPath& path, const BlockerPlace&) {
        const auto* window = absl::get_if<TimeWindow>(&blocker.kind);
        if (window != nullptr && NeverCloses(*window, context.now())) {
          report(path.Field("time_window"),
                 absl::StrCat("never closes after ", Instant(context.now())));
        }
        const auto* alarm = absl::get_if<MetricAlarm>(&blocker.kind);
        if (alarm != nullptr && !StatesOf(*alarm).alarm) {
          report(path.Field("metric_alarm"), "is in ALARM whatever is reported at no instant");
        }
        const auto* isolation = absl::get_if<TrafficIsolation>(&blocker.kind);
        if (isolation != nullptr && isolation->max_other_ppm >= kMaxRatePpm) {
          const FieldPath kind = path.Field("traffic_isolation");
          report(kind.Field("max_other_ppm"), "permits all traffic to be somebody else's");
        }
      });
}

bool AnyEnforced(const std::vector<Blocker>& blockers) {
  return std::any_of(blockers.begin(), blockers.end(),
                     [](const Blocker& blocker) { return blocker.enforced; });
}

void FindEnforcesNothing(const LintContext& context, LintReport report) {
  const FieldPath root;
  const std::vector<Blocker>& common = context.data().blockers;
  for (size_t s = 0; s < context.data().stages.size(); ++s) {
    const StageRule& stage = context.data().stages[s];
    size_t count = common.size() + stage.blockers.size();
    bool enforced = AnyEnforced(common) || AnyEnforced(stage.blockers);
    for (const WaveRule& wave : stage.rollout.waves) {
      count += wave.blockers.size();
      enforced = enforced || AnyEnforced(wave.blockers);
    }
    if (count == 0 || enforced) continue;
    report(root.Element("stages", static_cast<int>(s)),
           absl::StrCat("has ", Counted(count, "blocker"), ", all OBSERVED: nothing holds it"));
  }
}

// Why no data can make the criterion a failure; empty: some can.
std::string WhyNeverFails(const CriterionKind& kind) {
  if (const auto* rate = absl::get_if<ErrorRateCriterion>(&kind)) {
    if (ExceedsSignificantly(kMaxCount, kMaxCount, rate->bound_ppm, rate->confidence)) return "";
    return "permits every request to fail";
  }
  if (const auto* bound = absl::get_if<SeriesBoundCriterion>(&kind)) {
    return SomeBreach(bound->rule, kFiniteNumbers) ? "" : "has a threshold that no point breaches";
  }
  if (const auto* measurement = absl::get_if<MeasurementCriterion>(&kind)) {
    const MeasurementLimits& limits = measurement->limits;
    const bool in_a_row =
        limits.consecutive_failures > 0 && limits.consecutive_failures <= limits.count;
    if (in_a_row || limits.failures <= limits.count) return "";
    return absl::StrCat("is CLEAR once ", limits.count, " were made, before ", limits.failures,
                        " can have failed");
  }
  return "";
}

void FindNeverFails(const LintContext& context, LintReport report) {
  context.VisitRollouts([&](const StageRule& stage, const v1::RolloutPolicy&, const FieldPath&,
                            const FieldPath& rollout) {
    const FieldPath health = rollout.Field("health");
    for (size_t i = 0; i < stage.rollout.criteria.size(); ++i) {
      std::string why = WhyNeverFails(stage.rollout.criteria[i].kind);
      if (!why.empty()) report(health.Element("criteria", static_cast<int>(i)), std::move(why));
    }
    for (size_t i = 0; i < stage.rollout.watched.size(); ++i) {
      if (SomeBreach(stage.rollout.watched[i].alarm)) continue;
      const FieldPath watched = health.Element("watched_alarms", static_cast<int>(i));
      report(watched.Field("alarm"), "has a threshold that no data point breaches");
    }
  });
}

}  // namespace

const LintCheck kBlockerNeverHolds = {
    {"blocker-never-holds", "A blocker that nothing can make BLOCKING",
     R"(It looks like a safeguard and is none. Found are windows that never close again
(`allow_always` without a `deny` that is still to come); alarms that are in
ALARM at no value that a data point can have, such as a ratio above 5, meant as
5 %, which a ratio of at most 1 never is [A3], [A4]; and a traffic isolation
that permits everything [C5]. They still hold while they have no data.)",
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
        threshold: 5
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
        threshold: 0.05
        evaluation_periods: 5
        datapoints_to_alarm: 3
      }
    }
    max_age { seconds: 300 }
  }
}
)"},
    &FindNeverHolds};

const LintCheck kStageEnforcesNothing = {
    {"stage-enforces-nothing", "A stage whose blockers are all OBSERVED",
     R"(An OBSERVED blocker is reported and holds nothing. A stage without a single
ENFORCED one of its own, its waves or the pipeline goes forward whatever they
say. A stage that is meant to have no blockers says `without_blockers` [G8].)",
     R"(# in: policy
blockers {
  id: "known-bad"
  enforcement: OBSERVED
  known_bad { lists: "advisories" max_age { seconds: 86400 } min_entries: 3 }
}
)",
     R"(# in: policy
blockers {
  id: "known-bad"
  enforcement: ENFORCED
  known_bad { lists: "advisories" max_age { seconds: 86400 } min_entries: 3 }
}
)"},
    &FindEnforcesNothing};

const LintCheck kHealthNeverFails = {
    {"health-never-fails", "A health criterion or watched alarm that never fails",
     R"(It triggers no roll back, whatever is measured [R5], [R6]. Found are watched
alarms and series with a threshold that no data point breaches, an error rate
that permits every request to fail, and a measurement that is CLEAR once `count`
were made, which is before `failure_limit` of them can have failed.)",
     R"(# in: rollout
health {
  criteria {
    id: "probe"
    per: CELL
    measurement_count {
      measurement: "probe"
      failure_limit: 11
      inconclusive_limit: 3
      consecutive_error_limit: 4
      count: 10
      early_end: UNKNOWN
    }
  }
}
)",
     R"(# in: rollout
health {
  criteria {
    id: "probe"
    per: CELL
    measurement_count {
      measurement: "probe"
      failure_limit: 2
      inconclusive_limit: 3
      consecutive_error_limit: 4
      count: 10
      early_end: UNKNOWN
    }
  }
}
)"},
    &FindNeverFails};

}  // namespace sluice
