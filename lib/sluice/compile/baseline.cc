#include "sluice/compile/baseline.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/compile/compile_parts.h"
#include "sluice/compile/tightness.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

using BlockerList = google::protobuf::RepeatedPtrField<v1::Blocker>;

// Faults at `own`, naming the part of the baseline that it goes beyond.
void GoesBeyond(const FieldPath& own, const FieldPath& baseline, FieldErrors& errors) {
  errors.Add(own, v1::Fault::INVALID_VALUE,
             absl::StrCat("permits more than `", baseline.ToString(), "`"));
}

// A length that is unset or can't be read is zero: such a fault is reported elsewhere.
absl::Duration LengthOf(const google::protobuf::Duration& duration) {
  return ReadDuration(duration).value_or(absl::ZeroDuration());
}

// ---------------------------------------------------------------- The baseline's own faults

void CheckBlockers(const BlockerList& blockers, const FieldPath& path, CompileScope& scope) {
  CompileBlockers(blockers, false, path, "blockers", scope);
}

void CheckBasisPoints(uint32_t value, const FieldPath& path, FieldErrors& errors) {
  if (value <= kMaxBasisPoints) return;
  errors.Add(path, v1::Fault::TOO_LARGE, absl::StrCat("is at most ", kMaxBasisPoints));
}

void CheckStage(const v1::StageBaseline& stage, const FieldPath& path, CompileScope& scope) {
  FieldErrors& errors = scope.errors;
  RequireChoice(stage.kind(), v1::Stage::Kind_IsValid(stage.kind()), path.Field("kind"), errors);
  CheckBlockers(stage.blockers(), path, scope);
  if (stage.bake().has_min_time()) {
    const FieldPath bake = path.Field("bake");
    RequirePositive(true, stage.bake().min_time(), bake.Field("min_time"), errors);
  }
  if (stage.has_stage_cap_basis_points()) {
    CheckBasisPoints(stage.stage_cap_basis_points(), path.Field("stage_cap_basis_points"), errors);
  }
  if (stage.has_group()) {
    const FieldPath group = path.Field("group");
    RequireChoice(stage.group().disjoint_by(),
                  v1::GroupCap::DisjointBy_IsValid(stage.group().disjoint_by()),
                  group.Field("disjoint_by"), errors);
    CheckBasisPoints(stage.group().cap_basis_points(), group.Field("cap_basis_points"), errors);
  }
  if (stage.has_min_watch_for()) {
    RequirePositive(true, stage.min_watch_for(), path.Field("min_watch_for"), errors);
  }
}

void CheckOverrideLimit(const v1::OverrideLimit& limit, const FieldPath& path,
                        FieldErrors& errors) {
  for (int i = 0; i < limit.roles_size(); ++i) {
    RequireIdentifier(limit.roles(i), path.Element("roles", i), errors);
  }
  if (limit.min_quorum() > static_cast<uint32_t>(kMaxQuorum)) {
    errors.Add(path.Field("min_quorum"), v1::Fault::TOO_LARGE,
               absl::StrCat("is at most ", kMaxQuorum));
  }
  if (limit.has_max_validity()) {
    RequirePositive(true, limit.max_validity(), path.Field("max_validity"), errors);
  }
  const bool says_more = limit.roles_size() > 0 || limit.min_quorum() > 0 ||
                         limit.has_max_validity() || limit.author_may_not();
  if (limit.none() && says_more) {
    errors.Add(path.Field("none"), v1::Fault::INVALID_VALUE, "contradicts the other limits");
  }
}

void CheckBaseline(const v1::BaselinePolicy& baseline, const HostKinds& host_kinds,
                   const FieldPath& path, FieldErrors& errors) {
  CompileScope scope{errors, {}, nullptr, 0, host_kinds};
  RequireIdentifier(baseline.id(), path.Field("id"), errors);
  CheckBlockers(baseline.blockers(), path, scope);
  absl::flat_hash_set<int> kinds;
  for (int i = 0; i < baseline.stages_size(); ++i) {
    const FieldPath stage = path.Element("stages", i);
    CheckStage(baseline.stages(i), stage, scope);
    if (!kinds.insert(baseline.stages(i).kind()).second) {
      errors.Add(stage.Field("kind"), v1::Fault::DUPLICATE, "is there twice");
    }
  }
  CheckOverrideLimit(baseline.override_limit(), path.Field("override_limit"), errors);
  if (baseline.has_max_emergency_stop_age()) {
    RequirePositive(true, baseline.max_emergency_stop_age(), path.Field("max_emergency_stop_age"),
                    errors);
  }
  if (baseline.has_max_clock_skew()) {
    const absl::optional<absl::Duration> skew = ReadDuration(baseline.max_clock_skew());
    if (!skew.has_value() || *skew < absl::ZeroDuration() || *skew > kMaxClockSkew) {
      errors.Add(path.Field("max_clock_skew"), v1::Fault::INVALID_VALUE,
                 "must be a duration from 0 s to 1 h");
    }
  }
  if (baseline.has_pipeline_cap_basis_points()) {
    CheckBasisPoints(baseline.pipeline_cap_basis_points(), path.Field("pipeline_cap_basis_points"),
                     errors);
  }
}

// ---------------------------------------------------------------- Blockers

// The blocker with what is meant by an unset `override_policy` spelled out.
v1::Blocker SpellOut(v1::Blocker blocker, const v1::OverridePolicy* pipeline_default) {
  if (blocker.has_override_policy() || blocker.not_overridable()) return blocker;
  if (pipeline_default == nullptr) {
    blocker.set_not_overridable(true);
  } else {
    *blocker.mutable_override_policy() = *pipeline_default;
  }
  return blocker;
}

// Whether `a` allows nothing that `b` does not.
bool IsAtLeastAsTight(const v1::OverridePolicy& a, const v1::OverridePolicy& b) {
  FieldErrors ignored;  // Reported where the policies are compiled.
  const FieldPath nowhere;
  const OverrideRule tight = CompileOverridePolicy(a, nowhere, ignored);
  const OverrideRule loose = CompileOverridePolicy(b, nowhere, ignored);
  return std::includes(loose.roles.begin(), loose.roles.end(), tight.roles.begin(),
                       tight.roles.end()) &&
         tight.quorum >= loose.quorum && tight.max_validity <= loose.max_validity &&
         (loose.author_may || !tight.author_may);
}

// Of the baseline's override policy for a blocker and the pipeline's default the tighter one
// counts; neither may be, and then the default is a fault.
void TightenOverrides(const v1::OverridePolicy& pipeline_default, const FieldPath& baseline_path,
                      v1::Blocker* blocker, FieldErrors& errors) {
  if (IsAtLeastAsTight(pipeline_default, blocker->override_policy())) {
    blocker->clear_override_policy();
  } else if (!IsAtLeastAsTight(blocker->override_policy(), pipeline_default)) {
    const FieldPath root;
    GoesBeyond(root.Field("override_policy"), baseline_path.Field("override_policy"), errors);
    blocker->clear_override_policy();
  }
}

// Adds the baseline's blockers to `own`, or compares those that `own` has by the same id. `suffix`
// is added to the baseline's ids.
void AddBlockers(const BlockerList& baseline, const FieldPath& baseline_path,
                 absl::string_view suffix, const v1::OverridePolicy* pipeline_default,
                 const FieldPath& own_path, BlockerList* own, FieldErrors& errors) {
  const int own_size = own->size();
  for (int b = 0; b < baseline.size(); ++b) {
    v1::Blocker required = SpellOut(baseline.Get(b), nullptr);
    absl::StrAppend(required.mutable_id(), suffix);
    int i = 0;
    while (i < own_size && own->Get(i).id() != required.id()) ++i;
    if (i == own_size) {
      if (required.has_override_policy() && pipeline_default != nullptr) {
        TightenOverrides(*pipeline_default, baseline_path.Element("blockers", b), &required,
                         errors);
      }
      *own->Add() = required;
      continue;
    }
    const v1::Blocker stated = SpellOut(own->Get(i), pipeline_default);
    if (stated.not_overridable()) {
      required.clear_override_policy();
      required.set_not_overridable(true);
    }
    RequireAtLeastAsTight(stated, own_path.Element("blockers", i), required,
                          baseline_path.Element("blockers", b), errors);
  }
}

// ---------------------------------------------------------------- Limits

void LimitOverrides(const v1::OverrideLimit& limit, const FieldPath& limit_path,
                    const v1::OverridePolicy& own, const FieldPath& path, FieldErrors& errors) {
  if (limit.none()) {
    GoesBeyond(path, limit_path.Field("none"), errors);
    return;
  }
  const auto allowed = [&](const std::string& role) {
    return limit.roles().empty() ||
           std::find(limit.roles().begin(), limit.roles().end(), role) != limit.roles().end();
  };
  if (!std::all_of(own.roles().begin(), own.roles().end(), allowed)) {
    GoesBeyond(path.Field("roles"), limit_path.Field("roles"), errors);
  }
  if (own.quorum() < limit.min_quorum()) {
    GoesBeyond(path.Field("quorum"), limit_path.Field("min_quorum"), errors);
  }
  if (limit.has_max_validity() && LengthOf(own.max_validity()) > LengthOf(limit.max_validity())) {
    GoesBeyond(path.Field("max_validity"), limit_path.Field("max_validity"), errors);
  }
  if (limit.author_may_not() && own.author() != v1::OverridePolicy::AUTHOR_MAY_NOT) {
    GoesBeyond(path.Field("author"), limit_path.Field("author_may_not"), errors);
  }
}

void LimitBlockers(const v1::OverrideLimit& limit, const FieldPath& limit_path,
                   const BlockerList& blockers, const FieldPath& path, FieldErrors& errors) {
  for (int i = 0; i < blockers.size(); ++i) {
    if (!blockers.Get(i).has_override_policy()) continue;
    const FieldPath blocker = path.Element("blockers", i);
    LimitOverrides(limit, limit_path, blockers.Get(i).override_policy(),
                   blocker.Field("override_policy"), errors);
  }
}

void LimitAllOverrides(const v1::OverrideLimit& limit, const FieldPath& limit_path,
                       const v1::PipelinePolicy& policy, FieldErrors& errors) {
  const FieldPath root;
  if (policy.has_override_policy()) {
    LimitOverrides(limit, limit_path, policy.override_policy(), root.Field("override_policy"),
                   errors);
  }
  LimitBlockers(limit, limit_path, policy.blockers(), root, errors);
  for (int s = 0; s < policy.stages_size(); ++s) {
    const v1::Stage& stage = policy.stages(s);
    const FieldPath path = root.Element("stages", s);
    LimitBlockers(limit, limit_path, stage.blockers(), path, errors);
    const FieldPath rollout = path.Field("rollout");
    for (int w = 0; w < stage.rollout().waves_size(); ++w) {
      LimitBlockers(limit, limit_path, stage.rollout().waves(w).blockers(),
                    rollout.Element("waves", w), errors);
    }
    if (!stage.rollout().roll_back().has_keep_despite()) continue;
    const FieldPath roll_back = rollout.Field("roll_back");
    LimitOverrides(limit, limit_path, stage.rollout().roll_back().keep_despite(),
                   roll_back.Field("keep_despite"), errors);
  }
}

void LimitPipeline(const v1::BaselinePolicy& baseline, const FieldPath& baseline_path,
                   const v1::PipelinePolicy& policy, FieldErrors& errors) {
  const FieldPath root;
  if (baseline.has_max_emergency_stop_age()) {
    const FieldPath limit = baseline_path.Field("max_emergency_stop_age");
    const FieldPath stop = root.Field("emergency_stop");
    if (policy.without_emergency_stop()) {
      GoesBeyond(root.Field("without_emergency_stop"), limit, errors);
    } else if (LengthOf(policy.emergency_stop().max_age()) >
               LengthOf(baseline.max_emergency_stop_age())) {
      GoesBeyond(stop.Field("max_age"), limit, errors);
    }
  }
  if (baseline.has_max_clock_skew() &&
      LengthOf(policy.max_clock_skew()) > LengthOf(baseline.max_clock_skew())) {
    GoesBeyond(root.Field("max_clock_skew"), baseline_path.Field("max_clock_skew"), errors);
  }
  if (baseline.has_pipeline_cap_basis_points()) {
    const FieldPath limit = baseline_path.Field("pipeline_cap_basis_points");
    if (policy.has_no_pipeline_cap()) {
      GoesBeyond(root.Field("no_pipeline_cap"), limit, errors);
    } else if (policy.pipeline_cap_basis_points() > baseline.pipeline_cap_basis_points()) {
      GoesBeyond(root.Field("pipeline_cap_basis_points"), limit, errors);
    }
  }
}

void LimitBake(const v1::BakeFloor& floor, const FieldPath& floor_path, const v1::Bake& own,
               const FieldPath& path, FieldErrors& errors) {
  if (floor.has_min_time() &&
      (!own.has_min_time() || LengthOf(own.min_time()) < LengthOf(floor.min_time()))) {
    GoesBeyond(path.Field("min_time"), floor_path.Field("min_time"), errors);
  }
  if (own.min_requests() < floor.min_requests()) {
    GoesBeyond(path.Field("min_requests"), floor_path.Field("min_requests"), errors);
  }
  if (own.min_data_points() < floor.min_data_points()) {
    GoesBeyond(path.Field("min_data_points"), floor_path.Field("min_data_points"), errors);
  }
}

void LimitBakes(const v1::StageBaseline& baseline, const FieldPath& baseline_path,
                const v1::RolloutPolicy& rollout, const FieldPath& path, FieldErrors& errors) {
  const FieldPath floor = baseline_path.Field("bake");
  const auto limit = [&](const v1::Bake& own, const FieldPath& own_path) {
    LimitBake(baseline.bake(), floor, own, own_path, errors);
    if (baseline.requires_health() && own.time_only()) {
      GoesBeyond(own_path.Field("time_only"), baseline_path.Field("requires_health"), errors);
    }
  };
  if (rollout.has_bake()) limit(rollout.bake(), path.Field("bake"));
  for (int w = 0; w < rollout.waves_size(); ++w) {
    const FieldPath wave = path.Element("waves", w);
    if (rollout.waves(w).has_bake()) limit(rollout.waves(w).bake(), wave.Field("bake"));
  }
}

void LimitBlastRadius(const v1::StageBaseline& baseline, const FieldPath& baseline_path,
                      const v1::BlastRadius& own, const FieldPath& path, FieldErrors& errors) {
  if (baseline.has_stage_cap_basis_points()) {
    const FieldPath limit = baseline_path.Field("stage_cap_basis_points");
    if (own.has_no_stage_cap()) {
      GoesBeyond(path.Field("no_stage_cap"), limit, errors);
    } else if (own.stage_cap_basis_points() > baseline.stage_cap_basis_points()) {
      GoesBeyond(path.Field("stage_cap_basis_points"), limit, errors);
    }
  }
  if (baseline.has_group()) {
    const FieldPath limit = baseline_path.Field("group");
    if (own.has_no_group_cap()) {
      GoesBeyond(path.Field("no_group_cap"), limit, errors);
    } else if (own.group().disjoint_by() != baseline.group().disjoint_by() ||
               own.group().cap_basis_points() > baseline.group().cap_basis_points()) {
      GoesBeyond(path.Field("group"), limit, errors);
    }
  }
  if (baseline.max_parallel() > 0 && own.max_parallel() > baseline.max_parallel()) {
    GoesBeyond(path.Field("max_parallel"), baseline_path.Field("max_parallel"), errors);
  }
}

void LimitRollout(const v1::StageBaseline& baseline, const FieldPath& baseline_path,
                  const v1::RolloutPolicy& rollout, const FieldPath& path, FieldErrors& errors) {
  LimitBakes(baseline, baseline_path, rollout, path, errors);
  LimitBlastRadius(baseline, baseline_path, rollout.blast_radius(), path.Field("blast_radius"),
                   errors);
  if (baseline.requires_hygiene() && !rollout.has_hygiene()) {
    GoesBeyond(path.Field("no_hygiene"), baseline_path.Field("requires_hygiene"), errors);
  }
  if (baseline.has_min_watch_for() &&
      LengthOf(rollout.roll_back().watch_for()) < LengthOf(baseline.min_watch_for())) {
    const FieldPath roll_back = path.Field("roll_back");
    GoesBeyond(roll_back.Field("watch_for"), baseline_path.Field("min_watch_for"), errors);
  }
}

}  // namespace

void ApplyBaseline(const v1::BaselinePolicy& baseline, const HostKinds& host_kinds,
                   v1::PipelinePolicy* policy, FieldErrors& errors) {
  const FieldPath root;
  const FieldPath path = root.Field("baseline");
  const size_t before = errors.size();
  CheckBaseline(baseline, host_kinds, path, errors);
  if (errors.size() > before) return;

  const v1::OverridePolicy* pipeline_default =
      policy->has_override_policy() ? &policy->override_policy() : nullptr;
  LimitPipeline(baseline, path, *policy, errors);
  if (baseline.has_override_limit()) {
    LimitAllOverrides(baseline.override_limit(), path.Field("override_limit"), *policy, errors);
  }
  AddBlockers(baseline.blockers(), path, "", pipeline_default, root, policy->mutable_blockers(),
              errors);
  for (int s = 0; s < policy->stages_size(); ++s) {
    v1::Stage* stage = policy->mutable_stages(s);
    const FieldPath stage_path = root.Element("stages", s);
    if (!baseline.blockers().empty()) stage->clear_without_blockers();
    for (int b = 0; b < baseline.stages_size(); ++b) {
      const v1::StageBaseline& of_kind = baseline.stages(b);
      if (of_kind.kind() != stage->kind()) continue;
      const FieldPath of_kind_path = path.Element("stages", b);
      AddBlockers(of_kind.blockers(), of_kind_path, absl::StrCat(".", stage->id()),
                  pipeline_default, stage_path, stage->mutable_blockers(), errors);
      if (!of_kind.blockers().empty()) stage->clear_without_blockers();
      if (!stage->has_rollout()) continue;
      LimitRollout(of_kind, of_kind_path, stage->rollout(), stage_path.Field("rollout"), errors);
    }
  }
}

}  // namespace sluice
