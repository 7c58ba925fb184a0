#include "sluice/lint/watching_rules.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/variant.h"
#include "sluice/blockers/metric_alarm.h"
#include "sluice/explain/wording.h"
#include "sluice/policy_data.h"

namespace sluice {
namespace {

void FindUnwatched(const LintContext& context, LintReport report) {
  context.VisitRollouts([&](const StageRule& stage, const v1::RolloutPolicy&, const FieldPath&,
                            const FieldPath& rollout) {
    if (stage.kind != v1::Stage::PRODUCTION) return;
    if (!stage.rollout.criteria.empty() || !stage.rollout.watched.empty()) return;
    report(rollout.Field("health"),
           "is missing: no alarm and no criterion rolls this production stage back");
  });
}

// How long an alarm may take to tell of a failure that begins with a bake; zero: nobody knows but
// the host's monitoring.
//
// A period that began before the bake is no evidence, so that M whole ones are needed. A bake of
// `min_time` is covered by the reports of periods up to its end, the one under way then included:
// however they are aligned, it has min_time / period whole ones, rounded down.
absl::Duration DelayOf(const LintContext& context, const MetricAlarm& alarm) {
  const auto delay = [&](absl::string_view series, const AlarmRule& rule) {
    return rule.datapoints_to_alarm * context.PeriodOfSeries(series).value_or(kShortestPeriod);
  };
  if (const auto* computed = absl::get_if<ComputedAlarm>(&alarm.source)) {
    return delay(computed->series, computed->rule);
  }
  if (const auto* ratio = absl::get_if<RatioAlarm>(&alarm.source)) {
    return delay(ratio->errors_series, ratio->rule);
  }
  return absl::ZeroDuration();
}

void FindShorterThanDetection(const LintContext& context, LintReport report) {
  context.VisitBakes([&](const StageRule& stage, const Bake& bake, const FieldPath& path) {
    const WatchedAlarm* slowest = nullptr;
    absl::Duration delay;
    for (const WatchedAlarm& watched : stage.rollout.watched) {
      const absl::Duration its = DelayOf(context, watched.alarm);
      if (its <= delay) continue;
      slowest = &watched;
      delay = its;
    }
    if (slowest == nullptr || bake.min_time >= delay) return;
    const FieldPath min_time = path.Field("min_time");
    report(min_time, absl::StrCat(bake.min_time == absl::ZeroDuration()
                                      ? "is not set"
                                      : absl::StrCat("is ", absl::FormatDuration(bake.min_time)),
                                  ", and watched alarm ", Quote(slowest->id), " may take ",
                                  absl::FormatDuration(delay), " to tell of a failure"));
  });
}

}  // namespace

const LintCheck kProductionUnwatched = {
    {"production-unwatched", "A production stage that watches nothing",
     R"(Every bake is `time_only`: time alone proves a cell, and customers are the first
to notice a failure, which nothing rolls back [R3], [R6].)",
     R"(# in: policy
stages {
  id: "more-production"
  kind: PRODUCTION
  deploys: CELLS
  passes: ON_COMPLETION
  start: AUTOMATIC
  rollout {
    waves { id: "all" cells: "elsewhere" }
    blast_radius { no_stage_cap {} max_parallel: 1 }
    deploy { max_time { seconds: 1800 } }
    bake {
      min_time { seconds: 3600 }
      max_time { seconds: 86400 }
      time_only: true
    }
    hygiene { checks: "serving" deadline { seconds: 600 } }
    roll_back { watch_for { seconds: 3600 } max_parallel: 1 attempts: 2 }
  }
}
)",
     R"(# in: policy
stages {
  id: "more-production"
  kind: PRODUCTION
  deploys: CELLS
  passes: ON_COMPLETION
  start: AUTOMATIC
  rollout {
    waves { id: "all" cells: "elsewhere" }
    blast_radius { no_stage_cap {} max_parallel: 1 }
    deploy { max_time { seconds: 1800 } }
    bake { min_time { seconds: 3600 } max_time { seconds: 86400 } }
    hygiene { checks: "serving" deadline { seconds: 600 } }
    health {
      watched_alarms {
        id: "more-failed-orders"
        alarm {
          observed { alarm: "failed-orders" }
          max_age { seconds: 900 }
        }
        each: CELL
      }
    }
    roll_back { watch_for { seconds: 3600 } max_parallel: 1 attempts: 2 }
  }
}
)"},
    &FindUnwatched};

const LintCheck kBakeShorterThanDetection = {
    {"bake-shorter-than-detection",
     "A bake that can end before a watched alarm can tell of a failure",
     R"(A cell is proven and the next wave begins, although every data point since the
deployment may be a breach. An alarm of M points needs M whole periods that
begin after the deployment's end [R6], so that `min_time` must be M periods or
more. A period is as long as `--state` says or, if it does not, the shortest
there is, 10 s. How fast an observed alarm is, only your monitoring knows.)",
     R"(# in: rollout
bake { min_time { seconds: 20 } max_time { seconds: 3600 } }
health {
  watched_alarms {
    id: "slow"
    each: CELL
    alarm {
      computed {
        series: "latency-p99"
        rule {
          comparison: GREATER_THAN
          threshold: 250
          evaluation_periods: 3
          datapoints_to_alarm: 3
        }
      }
      max_age { seconds: 300 }
    }
  }
}
)",
     R"(# in: rollout
bake { min_time { seconds: 1800 } max_time { seconds: 3600 } }
health {
  watched_alarms {
    id: "slow"
    each: CELL
    alarm {
      computed {
        series: "latency-p99"
        rule {
          comparison: GREATER_THAN
          threshold: 250
          evaluation_periods: 3
          datapoints_to_alarm: 3
        }
      }
      max_age { seconds: 300 }
    }
  }
}
)"},
    &FindShorterThanDetection};

}  // namespace sluice
