#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sluice/compile/compile_parts.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

// Faults where `own` allows what `pipeline_default` does not [O2].
void RequireTighter(const OverrideRule& own, const v1::OverridePolicy& pipeline_default,
                    const FieldPath& path, CompileScope& scope) {
  FieldErrors ignored;
  const OverrideRule most = CompileOverridePolicy(pipeline_default, FieldPath(), ignored);
  if (!ignored.empty()) return;  // The default has faults of its own, which are reported there.
  const auto looser = [&](const char* field) {
    scope.errors.Add(path.Field(field), v1::Fault::INVALID_VALUE,
                     "is looser than the pipeline's override_policy");
  };
  if (!std::includes(most.roles.begin(), most.roles.end(), own.roles.begin(), own.roles.end())) {
    looser("roles");
  }
  if (own.quorum < most.quorum) looser("quorum");
  if (own.max_validity > most.max_validity) looser("max_validity");
  if (own.author_may && !most.author_may) looser("author");
}

// The kind of a blocker that is part of combinations nested `depth` deep.
void CompileKind(const v1::Blocker& proto, int depth, const FieldPath& path, CompileScope& scope,
                 Blocker* blocker) {
  FieldErrors& errors = scope.errors;
  switch (proto.kind_case()) {
    case v1::Blocker::kMetricAlarm:
      blocker->kind = ParseMetricAlarm(proto.metric_alarm(), path.Field("metric_alarm"), errors);
      return;
    case v1::Blocker::kTimeWindow:
      blocker->kind = ParseTimeWindow(proto.time_window(), path.Field("time_window"), errors);
      return;
    case v1::Blocker::kKnownBad:
      blocker->kind = ParseKnownBadArtifact(proto.known_bad(), path.Field("known_bad"), errors);
      return;
    case v1::Blocker::kCheck:
      blocker->kind = ParseCheckRequirement(proto.check(), path.Field("check"), errors);
      return;
    case v1::Blocker::kSyntheticTraffic:
      blocker->kind =
          ParseSyntheticTraffic(proto.synthetic_traffic(), path.Field("synthetic_traffic"), errors);
      return;
    case v1::Blocker::kEnvironmentParity:
      blocker->kind = ParseEnvironmentParity(proto.environment_parity(),
                                             path.Field("environment_parity"), errors);
      return;
    case v1::Blocker::kTrafficIsolation:
      blocker->kind =
          ParseTrafficIsolation(proto.traffic_isolation(), path.Field("traffic_isolation"), errors);
      return;
    case v1::Blocker::kApproval: {
      Approval approval = ParseApproval(proto.approval(), path.Field("approval"), errors);
      approval.id = proto.id();
      blocker->kind = std::move(approval);
      return;
    }
    case v1::Blocker::kAnyOf:
      blocker->kind = CompileCombination(proto.any_of(), CombinationKind::kAnyOf, depth + 1,
                                         path.Field("any_of"), scope);
      return;
    case v1::Blocker::kAllOf:
      blocker->kind = CompileCombination(proto.all_of(), CombinationKind::kAllOf, depth + 1,
                                         path.Field("all_of"), scope);
      return;
    case v1::Blocker::kAtLeast:
      blocker->kind = CompileCombination(proto.at_least(), CombinationKind::kAtLeast, depth + 1,
                                         path.Field("at_least"), scope);
      return;
    case v1::Blocker::kHost:
      blocker->kind =
          ParseHostCondition(proto.host(), scope.host_kinds, path.Field("host"), errors);
      return;
    case v1::Blocker::KIND_NOT_SET:
      errors.Add(path, v1::Fault::MISSING, "needs a kind, such as `time_window`");
      return;
  }
}

// Takes the id, and counts the blocker.
void TakeBlocker(const v1::Blocker& proto, const FieldPath& path, CompileScope& scope) {
  scope.TakeId(proto.id(), path.Field("id"));
  if (++scope.blockers == kMaxBlockers + 1) {
    scope.errors.Add(path, v1::Fault::TOO_LARGE,
                     absl::StrCat("is one more than the ", kMaxBlockers, " blockers of a policy"));
  }
}

}  // namespace

Blocker CompileChild(const v1::Blocker& proto, int depth, const FieldPath& path,
                     CompileScope& scope) {
  Blocker child;
  child.id = proto.id();
  TakeBlocker(proto, path, scope);
  CompileKind(proto, depth, path, scope, &child);
  return child;
}

Blocker CompileBlocker(const v1::Blocker& proto, bool is_criterion, const FieldPath& path,
                       CompileScope& scope) {
  Blocker blocker;
  blocker.id = proto.id();
  TakeBlocker(proto, path, scope);
  RequireChoice(proto.enforcement(), v1::Blocker::Enforcement_IsValid(proto.enforcement()),
                path.Field("enforcement"), scope.errors);
  blocker.enforced = proto.enforcement() != v1::Blocker::OBSERVED;
  if (proto.has_override_policy()) {
    const FieldPath own = path.Field("override_policy");
    if (proto.not_overridable()) {
      scope.errors.Add(path.Field("not_overridable"), v1::Fault::INVALID_VALUE,
                       "contradicts `override_policy`");
    }
    if (is_criterion) {
      scope.errors.Add(own, v1::Fault::INVALID_VALUE, "pass criteria are never overridden");
    }
    blocker.override_rule = CompileOverridePolicy(proto.override_policy(), own, scope.errors);
    if (scope.default_override != nullptr) {
      RequireTighter(*blocker.override_rule, *scope.default_override, own, scope);
    }
  } else if (scope.default_override != nullptr && !is_criterion && !proto.not_overridable()) {
    FieldErrors reported_at_the_default;
    blocker.override_rule =
        CompileOverridePolicy(*scope.default_override, FieldPath(), reported_at_the_default);
  }
  CompileKind(proto, 0, path, scope, &blocker);
  return blocker;
}

std::vector<Blocker> CompileBlockers(const google::protobuf::RepeatedPtrField<v1::Blocker>& protos,
                                     bool are_criteria, const FieldPath& parent, const char* field,
                                     CompileScope& scope) {
  std::vector<Blocker> blockers;
  for (int i = 0; i < protos.size(); ++i) {
    blockers.push_back(
        CompileBlocker(protos.Get(i), are_criteria, parent.Element(field, i), scope));
  }
  return blockers;
}

}  // namespace sluice
