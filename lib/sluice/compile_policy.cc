#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "absl/types/variant.h"
#include "google/protobuf/message.h"
#include "sluice/calendar/zone.h"
#include "sluice/compile/baseline.h"
#include "sluice/compile/compile_parts.h"
#include "sluice/compile/profile.h"
#include "sluice/compile/visit_blockers.h"
#include "sluice/internal/canonical.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/sha256.h"
#include "sluice/internal/unknown_fields.h"
#include "sluice/policy.h"

namespace sluice {
namespace {

std::string DigestOf(absl::string_view bytes) { return FormatDigest(Digest{Sha256::Hash(bytes)}); }

// `root` is the path of the message.
void FaultUnknownFields(const google::protobuf::Message& message, const FieldPath& root,
                        FieldErrors& errors) {
  ListUnknownFields(message, [&](absl::string_view path, int number) {
    errors.Add(path.empty() ? root : root.Field(path), v1::Fault::UNKNOWN_FIELD,
               absl::StrCat("has field number ", number, ", which this version does not know"));
  });
}

void CompileCommon(const v1::PipelinePolicy& proto, FieldErrors& errors, PolicyData* data) {
  const FieldPath root;
  data->id = proto.id();
  RequireIdentifier(proto.id(), root.Field("id"), errors);
  const FieldPath emergency = root.Field("emergency_stop");
  if (proto.has_emergency_stop()) {
    data->emergency_stop_max_age =
        RequirePositive(proto.emergency_stop().has_max_age(), proto.emergency_stop().max_age(),
                        emergency.Field("max_age"), errors);
    if (proto.without_emergency_stop()) {
      errors.Add(root.Field("without_emergency_stop"), v1::Fault::INVALID_VALUE,
                 "contradicts `emergency_stop`");
    }
  } else if (!proto.without_emergency_stop()) {
    errors.Add(emergency, v1::Fault::MISSING,
               "is required, or else `without_emergency_stop: true`");
  }
  const FieldPath skew = root.Field("max_clock_skew");
  if (!proto.has_max_clock_skew()) {
    errors.Missing(skew);
  } else {
    const absl::optional<absl::Duration> value = ReadDuration(proto.max_clock_skew());
    if (!value.has_value() || *value < absl::ZeroDuration() || *value > kMaxClockSkew) {
      errors.Add(skew, v1::Fault::INVALID_VALUE, "must be a duration from 0 s to 1 h");
    } else {
      data->max_clock_skew = *value;
    }
  }
  switch (proto.pipeline_cap_case()) {
    case v1::PipelinePolicy::kNoPipelineCap:
      break;
    case v1::PipelinePolicy::kPipelineCapBasisPoints:
      LimitBasisPoints(proto.pipeline_cap_basis_points(), root.Field("pipeline_cap_basis_points"),
                       errors);
      data->pipeline_cap_basis_points = proto.pipeline_cap_basis_points();
      break;
    case v1::PipelinePolicy::PIPELINE_CAP_NOT_SET:
      errors.Missing(root.Field("no_pipeline_cap"));
      break;
  }
  if (proto.has_override_policy()) {
    CompileOverridePolicy(proto.override_policy(), root.Field("override_policy"), errors);
  }
}

void CompileStages(const v1::PipelinePolicy& proto, CompileScope& scope, PolicyData* data) {
  const FieldPath root;
  FieldErrors& errors = scope.errors;
  if (proto.stages().empty()) errors.Missing(root.Field("stages"));
  if (proto.stages_size() > kMaxStages) {
    errors.Add(root.Field("stages"), v1::Fault::TOO_LARGE,
               absl::StrCat("are at most ", kMaxStages, ", got ", proto.stages_size()));
    return;
  }
  std::set<std::string> ids;
  for (int i = 0; i < proto.stages_size(); ++i) {
    const FieldPath path = root.Element("stages", i);
    if (!proto.stages(i).id().empty() && !ids.insert(proto.stages(i).id()).second) {
      errors.Add(path.Field("id"), v1::Fault::DUPLICATE,
                 absl::StrCat("`", proto.stages(i).id(), "` is used twice"));
    }
    data->stages.push_back(CompileStage(proto.stages(i), !proto.blockers().empty(), path, scope));
  }
}

// Faults for what a blocker says of other parts of the policy.
void CheckReferences(const v1::PipelinePolicy& proto, FieldErrors& errors) {
  std::set<std::string> stages;
  for (const v1::Stage& stage : proto.stages()) stages.insert(stage.id());
  std::set<int> needing_expected_time;
  const auto check = [&](const v1::Blocker& blocker, const FieldPath& path,
                         const BlockerPlace& place) {
    const FieldPath parity = path.Field("environment_parity");
    for (int i = 0; i < blocker.environment_parity().stages_size(); ++i) {
      const std::string& id = blocker.environment_parity().stages(i);
      if (!id.empty() && stages.count(id) == 0) {
        errors.Add(parity.Element("stages", i), v1::Fault::INVALID_VALUE,
                   absl::StrCat("the policy has no stage `", id, "`"));
      }
    }
    if (!blocker.time_window().has_expected_duration()) return;
    if (place.stage >= 0) {
      needing_expected_time.insert(place.stage);
    } else {
      for (int s = 0; s < proto.stages_size(); ++s) needing_expected_time.insert(s);
    }
  };
  VisitBlockers(proto, check);
  const FieldPath root;
  for (const int s : needing_expected_time) {
    const v1::Stage& stage = proto.stages(s);
    if (!stage.has_rollout() || !stage.rollout().has_deploy()) continue;
    if (stage.rollout().deploy().has_expected_time()) continue;
    const FieldPath stage_path = root.Element("stages", s);
    const FieldPath rollout = stage_path.Field("rollout");
    const FieldPath deploy = rollout.Field("deploy");
    errors.Add(deploy.Field("expected_time"), v1::Fault::MISSING,
               "is required by a window's `expected_duration`");
  }
}

void AddZone(const v1::Window& window, std::set<std::string>* zones) {
  for (const std::string* zone :
       {&window.weekly().time_zone(), &window.yearly().time_zone(), &window.dates().time_zone(),
        &window.nth_weekday().time_zone(), &window.cron().time_zone()}) {
    if (!zone->empty()) zones->insert(*zone);
  }
}

// Digest of the transitions of every zone that the policy names [T7].
std::string ZoneHashOf(const v1::PipelinePolicy& proto) {
  std::set<std::string> names;
  VisitBlockers(proto, [&](const v1::Blocker& blocker, const FieldPath&, const BlockerPlace&) {
    for (const v1::Window& window : blocker.time_window().allow().windows()) {
      AddZone(window, &names);
    }
    for (const v1::Window& window : blocker.time_window().deny()) AddZone(window, &names);
  });
  std::string bytes;
  for (const std::string& name : names) {
    const absl::StatusOr<Zone> zone = Zone::Load(name);
    if (zone.ok()) zone->AppendFingerprint(&bytes);
  }
  return DigestOf(bytes);
}

// Digest of the policy. What people write for each other is part of it, as are annotations.
std::string FingerprintOf(const v1::PipelinePolicy& effective) {
  CanonicalOptions options;
  options.ordered_fields = {"sluice.v1.PipelinePolicy.stages", "sluice.v1.RolloutPolicy.waves"};
  options.set_fields = {
      "sluice.v1.OverridePolicy.roles",      "sluice.v1.KnownBad.lists",
      "sluice.v1.SyntheticTraffic.apis",     "sluice.v1.EnvironmentParity.aspects",
      "sluice.v1.EnvironmentParity.stages",  "sluice.v1.TrafficIsolation.principals",
      "sluice.v1.ApprovalRequirement.roles", "sluice.v1.WeeklyWindow.days",
      "sluice.v1.DatesWindow.dates",         "sluice.v1.Hygiene.checks",
      "sluice.v1.TimeWindow.deny",           "sluice.v1.WindowList.windows",
      "sluice.v1.NthWeekdayWindow.months",   "sluice.v1.MetricAlarmList.alarms"};
  return DigestOf(CanonicalBytes(effective, options));
}

void IndexIds(PolicyData* data) {
  const auto index = [&](const std::vector<Blocker>& blockers) {
    for (const Blocker& blocker : blockers) {
      data->blocker_by_id.emplace(blocker.id, &blocker);
      const auto* known_bad = absl::get_if<KnownBadArtifact>(&blocker.kind);
      if (known_bad != nullptr) data->trigger_ids.insert(blocker.id);
    }
  };
  index(data->blockers);
  for (const StageRule& stage : data->stages) {
    index(stage.blockers);
    if (!stage.deploys_cells) continue;
    data->trigger_ids.insert("@deployment");
    for (const WaveRule& wave : stage.rollout.waves) index(wave.blockers);
    for (const HygieneCheck& check : stage.rollout.hygiene.checks) {
      data->trigger_ids.insert(check.check);
    }
    for (const HealthCriterion& criterion : stage.rollout.criteria) {
      data->trigger_ids.insert(criterion.id);
    }
    for (const WatchedAlarm& watched : stage.rollout.watched) {
      data->trigger_ids.insert(watched.id);
    }
  }
}

}  // namespace

absl::StatusOr<Policy> Policy::CompileUnder(const v1::BaselinePolicy* baseline,
                                            const v1::PipelinePolicy& policy,
                                            const CompileOptions& options) {
  FieldErrors errors;
  const FieldPath root;
  FaultUnknownFields(policy, root, errors);
  auto effective = std::make_shared<v1::PipelinePolicy>(policy);
  std::vector<FilledChoice> filled = FillChoices(effective.get(), errors);
  if (baseline != nullptr) {
    FaultUnknownFields(*baseline, root.Field("baseline"), errors);
    ApplyBaseline(*baseline, options.host_kinds, effective.get(), errors);
  }
  auto data = std::make_shared<PolicyData>();
  CompileScope scope{errors, {}, nullptr, 0, options.host_kinds};
  if (effective->has_override_policy()) scope.default_override = &effective->override_policy();
  CompileCommon(*effective, errors, data.get());
  data->blockers = CompileBlockers(effective->blockers(), false, FieldPath(), "blockers", scope);
  CompileStages(*effective, scope, data.get());
  CheckReferences(*effective, errors);
  if (!errors.empty()) return errors.ToStatus();
  data->fingerprint = FingerprintOf(*effective);
  data->zone_hash = ZoneHashOf(*effective);
  IndexIds(data.get());
  return Policy(std::move(data), std::move(effective), std::move(filled));
}

absl::StatusOr<Policy> Policy::Compile(const v1::PipelinePolicy& policy,
                                       const CompileOptions& options) {
  return CompileUnder(nullptr, policy, options);
}

absl::StatusOr<Policy> Policy::Compile(const v1::BaselinePolicy& baseline,
                                       const v1::PipelinePolicy& policy,
                                       const CompileOptions& options) {
  return CompileUnder(&baseline, policy, options);
}

}  // namespace sluice
