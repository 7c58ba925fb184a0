#include "sluice/compile/profile.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

// Walks over all choices of a policy, filling those that are unset.
class ChoiceFiller {
 public:
  int made() const { return made_; }
  std::vector<FilledChoice> TakeFilled() { return std::move(filled_); }

  void Fill(v1::PipelinePolicy* policy) {
    const FieldPath path;
    Choose(policy->has_max_clock_skew(), path.Field("max_clock_skew"), "{ seconds: 60 }",
           [&] { policy->mutable_max_clock_skew()->set_seconds(60); });
    Choose(policy->pipeline_cap_case() != v1::PipelinePolicy::PIPELINE_CAP_NOT_SET,
           path.Field("no_pipeline_cap"), "{}", [&] { policy->mutable_no_pipeline_cap(); });
    FillBlockers(policy->mutable_blockers(), path, "blockers");
    for (int i = 0; i < policy->stages_size(); ++i) {
      FillStage(policy->mutable_stages(i), path.Element("stages", i));
    }
  }

 private:
  template <typename Set>
  void Choose(bool is_made, const FieldPath& path, absl::string_view value, const Set& set) {
    if (is_made) {
      ++made_;
      return;
    }
    set();
    filled_.push_back({path.ToString(), std::string(value)});
  }

  void FillStage(v1::Stage* stage, const FieldPath& path) {
    Choose(stage->order() != v1::Stage::ORDER_UNSPECIFIED, path.Field("order"), "SUPERSEDE",
           [&] { stage->set_order(v1::Stage::SUPERSEDE); });
    FillBlockers(stage->mutable_blockers(), path, "blockers");
    FillBlockers(stage->mutable_pass_criteria(), path, "pass_criteria");
    if (stage->has_rollout()) FillRollout(stage->mutable_rollout(), path.Field("rollout"));
  }

  void FillRollout(v1::RolloutPolicy* rollout, const FieldPath& path) {
    Choose(rollout->preempt() != v1::RolloutPolicy::PREEMPT_UNSPECIFIED, path.Field("preempt"),
           "WHEN_HELD", [&] { rollout->set_preempt(v1::RolloutPolicy::WHEN_HELD); });
    Choose(rollout->new_cell() != v1::RolloutPolicy::NEW_CELL_UNSPECIFIED, path.Field("new_cell"),
           "HOLD", [&] { rollout->set_new_cell(v1::RolloutPolicy::HOLD); });
    if (rollout->has_blast_radius()) {
      v1::BlastRadius* radius = rollout->mutable_blast_radius();
      const FieldPath radius_path = path.Field("blast_radius");
      Choose(radius->group_cap_case() != v1::BlastRadius::GROUP_CAP_NOT_SET,
             radius_path.Field("no_group_cap"), "{}", [&] { radius->mutable_no_group_cap(); });
    }
    if (rollout->has_roll_back()) {
      v1::RollBackPolicy* roll_back = rollout->mutable_roll_back();
      const FieldPath roll_back_path = path.Field("roll_back");
      Choose(roll_back->scope() != v1::RollBackPolicy::SCOPE_UNSPECIFIED,
             roll_back_path.Field("scope"), "STAGE",
             [&] { roll_back->set_scope(v1::RollBackPolicy::STAGE); });
    }
    if (rollout->has_health()) {
      const FieldPath health_path = path.Field("health");
      for (int i = 0; i < rollout->health().watched_alarms_size(); ++i) {
        v1::WatchedAlarm* watched = rollout->mutable_health()->mutable_watched_alarms(i);
        const FieldPath watched_path = health_path.Element("watched_alarms", i);
        if (watched->has_alarm()) FillAlarm(watched->mutable_alarm(), watched_path.Field("alarm"));
      }
    }
    for (int i = 0; i < rollout->waves_size(); ++i) {
      FillBlockers(rollout->mutable_waves(i)->mutable_blockers(), path.Element("waves", i),
                   "blockers");
    }
  }

  void FillBlockers(google::protobuf::RepeatedPtrField<v1::Blocker>* blockers,
                    const FieldPath& path, absl::string_view field) {
    for (int i = 0; i < blockers->size(); ++i) {
      FillBlocker(blockers->Mutable(i), path.Element(field, i));
    }
  }

  void FillBlocker(v1::Blocker* blocker, const FieldPath& path) {
    Choose(blocker->enforcement() != v1::Blocker::ENFORCEMENT_UNSPECIFIED,
           path.Field("enforcement"), "ENFORCED",
           [&] { blocker->set_enforcement(v1::Blocker::ENFORCED); });
    FillKind(blocker, path, 0);
  }

  // Of a blocker that is part of combinations nested `depth` deep.
  void FillKind(v1::Blocker* blocker, const FieldPath& path, int depth) {
    if (blocker->has_any_of()) {
      FillChildren(blocker->mutable_any_of(), path.Field("any_of"), depth + 1);
    }
    if (blocker->has_all_of()) {
      FillChildren(blocker->mutable_all_of(), path.Field("all_of"), depth + 1);
    }
    if (blocker->has_at_least()) {
      FillChildren(blocker->mutable_at_least(), path.Field("at_least"), depth + 1);
    }
    if (blocker->has_metric_alarm()) {
      FillAlarm(blocker->mutable_metric_alarm(), path.Field("metric_alarm"));
    }
    if (blocker->has_time_window()) {
      FillWindow(blocker->mutable_time_window(), path.Field("time_window"));
    }
    if (blocker->has_known_bad()) {
      FillKnownBad(blocker->mutable_known_bad(), path.Field("known_bad"));
    }
  }

  void FillChildren(v1::Combination* combination, const FieldPath& path, int depth) {
    if (depth > kMaxCombinationDepth) return;
    for (int i = 0; i < combination->children_size(); ++i) {
      FillKind(combination->mutable_children(i), path.Element("children", i), depth);
    }
  }

  void FillAlarms(v1::MetricAlarmList* alarms, const FieldPath& path, int depth) {
    for (int i = 0; i < alarms->alarms_size(); ++i) {
      FillAlarm(alarms->mutable_alarms(i), path.Element("alarms", i), depth);
    }
  }

  void FillComposite(v1::CompositeAlarm* composite, const FieldPath& path, int depth) {
    if (depth > kMaxAlarmDepth) return;
    if (composite->has_all()) FillAlarms(composite->mutable_all(), path.Field("all"), depth);
    if (composite->has_any()) FillAlarms(composite->mutable_any(), path.Field("any"), depth);
    if (composite->has_negation()) {
      FillAlarm(composite->mutable_negation(), path.Field("negation"), depth);
    }
  }

  // An alarm that is part of composites nested `depth` deep.
  void FillAlarm(v1::MetricAlarm* alarm, const FieldPath& path, int depth = 0) {
    if (alarm->has_composite()) {
      FillComposite(alarm->mutable_composite(), path.Field("composite"), depth + 1);
    }
    const auto fill = [&](v1::AlarmRule* rule, const FieldPath& rule_path) {
      Choose(rule->treat_missing() != v1::AlarmRule::TREAT_MISSING_UNSPECIFIED,
             rule_path.Field("treat_missing"), "MISSING",
             [&] { rule->set_treat_missing(v1::AlarmRule::MISSING); });
    };
    if (alarm->has_computed() && alarm->computed().has_rule()) {
      const FieldPath computed = path.Field("computed");
      fill(alarm->mutable_computed()->mutable_rule(), computed.Field("rule"));
    }
    if (alarm->has_ratio() && alarm->ratio().has_rule()) {
      const FieldPath ratio = path.Field("ratio");
      fill(alarm->mutable_ratio()->mutable_rule(), ratio.Field("rule"));
    }
  }

  void FillWindow(v1::TimeWindow* window, const FieldPath& path) {
    Choose(window->in_flight() != v1::TimeWindow::IN_FLIGHT_UNSPECIFIED, path.Field("in_flight"),
           "STOP", [&] { window->set_in_flight(v1::TimeWindow::STOP); });
    Choose(window->runway_case() != v1::TimeWindow::RUNWAY_NOT_SET, path.Field("no_min_remaining"),
           "{}", [&] { window->mutable_no_min_remaining(); });
  }

  void FillKnownBad(v1::KnownBad* known_bad, const FieldPath& path) {
    Choose(known_bad->on_match_in_flight() != v1::KnownBad::ON_MATCH_IN_FLIGHT_UNSPECIFIED,
           path.Field("on_match_in_flight"), "HALT",
           [&] { known_bad->set_on_match_in_flight(v1::KnownBad::HALT); });
    Choose(known_bad->components() != v1::KnownBad::COMPONENTS_UNSPECIFIED,
           path.Field("components"), "REQUIRED",
           [&] { known_bad->set_components(v1::KnownBad::REQUIRED); });
  }

  int made_ = 0;
  std::vector<FilledChoice> filled_;
};

}  // namespace

std::vector<FilledChoice> FillChoices(v1::PipelinePolicy* policy, FieldErrors& errors) {
  v1::PipelinePolicy with_profile = *policy;
  ChoiceFiller filler;
  filler.Fill(&with_profile);
  std::vector<FilledChoice> filled = filler.TakeFilled();
  if (policy->profile() == v1::PipelinePolicy::STANDARD_1) {
    *policy = std::move(with_profile);
    return filled;
  }
  const FieldPath root;
  if (policy->profile() != v1::PipelinePolicy::PROFILE_UNSPECIFIED) {
    errors.Add(root.Field("profile"), v1::Fault::INVALID_VALUE, "is not a known profile");
    *policy = std::move(with_profile);
  } else if (filler.made() == 0) {
    errors.Add(root.Field("profile"), v1::Fault::MISSING,
               absl::StrCat("is required, such as `STANDARD_1`, or else each of its ",
                            filled.size(), " choices, such as `", filled.front().path, "`"));
    *policy = std::move(with_profile);
  }
  return {};
}

}  // namespace sluice
