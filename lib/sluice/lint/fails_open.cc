#include "sluice/lint/fails_open.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/variant.h"
#include "sluice/explain/wording.h"
#include "sluice/policy_data.h"

namespace sluice {
namespace {

using Treatment = v1::AlarmRule::TreatMissing;

// The rule of an alarm that has one, else null; sets the path's field to that of its kind.
const v1::AlarmRule* RuleOf(const v1::MetricAlarm& alarm, absl::string_view* field) {
  *field = alarm.has_computed() ? "computed" : "ratio";
  return alarm.has_computed() ? &alarm.computed().rule()
         : alarm.has_ratio()  ? &alarm.ratio().rule()
                              : nullptr;
}

// What silence makes of an alarm that counts as good while it is not in ALARM or, `negated`, while
// it is; empty: it does not count as good then.
std::string SilenceAsGood(Treatment treat_missing, bool negated) {
  if (treat_missing == v1::AlarmRule::IGNORE) return "what a metric said last stays good";
  if (!negated && treat_missing == v1::AlarmRule::NOT_BREACHING) {
    return "a metric without any data point is OK";
  }
  if (negated && treat_missing == v1::AlarmRule::BREACHING) {
    return "a metric without any data point is in ALARM, of which the opposite is OK";
  }
  return "";
}

// ---------------------------------------------------------------- Blockers

void FindInAlarm(const v1::MetricAlarm& alarm, bool negated, const FieldPath& path,
                 LintReport report) {
  absl::string_view field;
  if (const v1::AlarmRule* rule = RuleOf(alarm, &field)) {
    std::string silence = SilenceAsGood(rule->treat_missing(), negated);
    if (silence.empty()) return;
    const FieldPath kind = path.Field(field);
    const FieldPath rule_path = kind.Field("rule");
    report(rule_path.Field("treat_missing"),
           absl::StrCat("is ", v1::AlarmRule::TreatMissing_Name(rule->treat_missing()), ": ",
                        silence, ", so that an outage of monitoring goes forward"));
    return;
  }
  const v1::CompositeAlarm& composite = alarm.composite();
  const FieldPath kind = path.Field("composite");
  const auto find_in = [&](const v1::MetricAlarmList& list, absl::string_view name) {
    const FieldPath parent = kind.Field(name);
    for (int i = 0; i < list.alarms_size(); ++i) {
      FindInAlarm(list.alarms(i), negated, parent.Element("alarms", i), report);
    }
  };
  find_in(composite.all(), "all");
  find_in(composite.any(), "any");
  if (composite.has_negation()) {
    FindInAlarm(composite.negation(), !negated, kind.Field("negation"), report);
  }
}

void FindInBlockers(const LintContext& context, LintReport report) {
  context.VisitBlockers([&](const v1::Blocker& proto, const Blocker&, const FieldPath& path,
                            const BlockerPlace&) {
    if (proto.has_metric_alarm()) {
      FindInAlarm(proto.metric_alarm(), false, path.Field("metric_alarm"), report);
    }
    if (proto.known_bad().components() == v1::KnownBad::OPTIONAL) {
      const FieldPath kind = path.Field("known_bad");
      report(kind.Field("components"),
             "is OPTIONAL: an artifact without a component list goes forward with any component");
    }
  });
}

// ---------------------------------------------------------------- Health

// Whether a cell that reports nothing leaves the watched alarm good.
bool ToleratesSilence(const v1::WatchedAlarm& watched) {
  absl::string_view field;
  const v1::AlarmRule* rule = RuleOf(watched.alarm(), &field);
  return rule != nullptr && !SilenceAsGood(rule->treat_missing(), false).empty();
}

// Whether something is watched that needs data of each cell, region or stage that `watched` is
// about, so that its silence proves nothing.
bool OtherNeedsData(const v1::Health& health, v1::WatchedAlarm::Each each) {
  const bool criterion_needs = std::any_of(health.criteria().begin(), health.criteria().end(),
                                           [&](const v1::HealthCriterion& criterion) {
                                             return criterion.per() == v1::HealthCriterion::CELL ||
                                                    each == v1::WatchedAlarm::STAGE;
                                           });
  // Each cell is narrower than each region, and that than the stage.
  return criterion_needs ||
         std::any_of(health.watched_alarms().begin(), health.watched_alarms().end(),
                     [&](const v1::WatchedAlarm& other) {
                       return other.each() <= each && !ToleratesSilence(other);
                     });
}

void FindInMeasurement(const v1::MeasurementCount& count, const FieldPath& path,
                       LintReport report) {
  if (count.early_end() == v1::MeasurementCount::CLEAR) {
    report(path.Field("early_end"),
           "is CLEAR: a measurement that ends after one success has proven a cell");
  }
  if (count.inconclusive_limit() > count.count()) {
    report(path.Field("inconclusive_limit"),
           absl::StrCat("is more than `count`: ", Counted(count.count(), "measurement"),
                        " without a single success prove a cell"));
  }
}

void FindInHealth(const LintContext& context, LintReport report) {
  context.VisitRollouts([&](const StageRule&, const v1::RolloutPolicy& proto, const FieldPath&,
                            const FieldPath& rollout) {
    const FieldPath path = rollout.Field("health");
    for (int i = 0; i < proto.health().criteria_size(); ++i) {
      const FieldPath criterion = path.Element("criteria", i);
      FindInMeasurement(proto.health().criteria(i).measurement_count(),
                        criterion.Field("measurement_count"), report);
    }
    for (int i = 0; i < proto.health().watched_alarms_size(); ++i) {
      const v1::WatchedAlarm& watched = proto.health().watched_alarms(i);
      if (!ToleratesSilence(watched) || OtherNeedsData(proto.health(), watched.each())) continue;
      absl::string_view field;
      const Treatment treat_missing = RuleOf(watched.alarm(), &field)->treat_missing();
      const FieldPath alarm = path.Element("watched_alarms", i);
      const FieldPath source = alarm.Field("alarm");
      const FieldPath kind = source.Field(field);
      const FieldPath rule = kind.Field("rule");
      report(rule.Field("treat_missing"),
             absl::StrCat("is ", v1::AlarmRule::TreatMissing_Name(treat_missing), ": ",
                          SilenceAsGood(treat_missing, false),
                          ", and nothing else that is watched needs data to prove a cell"));
    }
  });
}

void FindFailsOpen(const LintContext& context, LintReport report) {
  FindInBlockers(context, report);
  FindInHealth(context, report);
}

void FindMissingRollsBack(const LintContext& context, LintReport report) {
  context.VisitRollouts([&](const StageRule& stage, const v1::RolloutPolicy&, const FieldPath&,
                            const FieldPath& rollout) {
    if (!stage.rollout.hygiene.missing_is_failure) return;
    const FieldPath hygiene = rollout.Field("hygiene");
    report(hygiene.Field("missing_is_failure"),
           "is true: cells whose checks are not reported in time are rolled back");
  });
}

}  // namespace

const LintCheck kFailsOpen = {
    {"fails-open", "A missing fact that lets something through",
     R"(What is not known holds, unless a policy says otherwise for one signal [G2]. It
says so with `treat_missing` NOT_BREACHING or IGNORE (BREACHING, under a
`negation`) [A3]; `components: OPTIONAL` [K3]; `early_end: CLEAR` and an
`inconclusive_limit` above `count` [R5]. Each message says what goes through. A
watched alarm is found only if nothing else that is watched needs data of the
same cells: where something does, a silent cell is not proven.)",
     R"(# in: stage
blockers {
  id: "slow"
  metric_alarm {
    computed {
      series: "latency-p99"
      rule {
        comparison: GREATER_THAN
        threshold: 250
        evaluation_periods: 3
        datapoints_to_alarm: 2
        treat_missing: NOT_BREACHING
      }
    }
    max_age { seconds: 300 }
  }
}
)",
     R"(# in: stage
blockers {
  id: "slow"
  metric_alarm {
    computed {
      series: "latency-p99"
      rule {
        comparison: GREATER_THAN
        threshold: 250
        evaluation_periods: 3
        datapoints_to_alarm: 2
        treat_missing: MISSING
      }
    }
    max_age { seconds: 300 }
  }
}
)"},
    &FindFailsOpen};

const LintCheck kMissingReportRollsBack = {
    {"missing-report-rolls-back", "A missing report that rolls back",
     R"(No data is not bad news [G3]: with `missing_is_failure`, an outage of what
reports the checks rolls cells back that are well [C2]. Without it, the stage
holds, and people look.)",
     R"(# in: rollout
hygiene {
  checks: "serving"
  deadline { seconds: 600 }
  missing_is_failure: true
}
)",
     R"(# in: rollout
hygiene {
  checks: "serving"
  deadline { seconds: 600 }
}
)"},
    &FindMissingRollsBack};

}  // namespace sluice
