#include "sluice/compile/compile_parts.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

bool HasTimeWindow(const v1::Blocker& blocker, int depth) {
  if (blocker.has_time_window()) return true;
  if (depth > kMaxCombinationDepth) return false;
  for (const v1::Combination* combination :
       {&blocker.any_of(), &blocker.all_of(), &blocker.at_least()}) {
    for (const v1::Blocker& child : combination->children()) {
      if (HasTimeWindow(child, depth + 1)) return true;
    }
  }
  return false;
}

void CompilePass(const v1::Stage& proto, const FieldPath& path, CompileScope& scope,
                 StageRule* rule) {
  FieldErrors& errors = scope.errors;
  RequireChoice(proto.passes(), v1::Stage::Passes_IsValid(proto.passes()), path.Field("passes"),
                errors);
  rule->passes_on_completion = proto.passes() == v1::Stage::ON_COMPLETION;
  rule->pass_criteria = CompileBlockers(proto.pass_criteria(), true, path, "pass_criteria", scope);
  if (proto.passes() == v1::Stage::CRITERIA && proto.pass_criteria().empty()) {
    errors.Missing(path.Field("pass_criteria"));
  }
  if (rule->passes_on_completion && !proto.pass_criteria().empty()) {
    errors.Add(path.Field("pass_criteria"), v1::Fault::INVALID_VALUE,
               "contradict `passes: ON_COMPLETION`");
  }
  for (int i = 0; i < proto.pass_criteria_size(); ++i) {
    if (!HasTimeWindow(proto.pass_criteria(i), 0)) continue;
    errors.Add(path.Element("pass_criteria", i), v1::Fault::INVALID_VALUE,
               "a time window says nothing about an artifact");
  }
}

void CompileStart(const v1::Stage& proto, const FieldPath& path, FieldErrors& errors,
                  StageRule* rule) {
  RequireChoice(proto.start(), v1::Stage::Start_IsValid(proto.start()), path.Field("start"),
                errors);
  rule->manual = proto.start() != v1::Stage::AUTOMATIC;
  const FieldPath unit = path.Field("start_unit");
  if (proto.start() == v1::Stage::MANUAL) {
    RequireChoice(proto.start_unit(), v1::Stage::StartUnit_IsValid(proto.start_unit()), unit,
                  errors);
  } else if (proto.start_unit() != v1::Stage::START_UNIT_UNSPECIFIED) {
    errors.Add(unit, v1::Fault::INVALID_VALUE, "is for `start: MANUAL` alone");
  }
  rule->start_per_wave = proto.start_unit() == v1::Stage::WAVE;
  if (rule->start_per_wave && proto.deploys() == v1::Stage::NOTHING) {
    errors.Add(unit, v1::Fault::INVALID_VALUE, "a stage that deploys nothing has no waves");
  }
}

}  // namespace

StageRule CompileStage(const v1::Stage& proto, bool pipeline_has_blockers, const FieldPath& path,
                       CompileScope& scope) {
  FieldErrors& errors = scope.errors;
  StageRule rule;
  rule.id = proto.id();
  RequireIdentifier(proto.id(), path.Field("id"), errors);
  RequireChoice(proto.kind(), v1::Stage::Kind_IsValid(proto.kind()), path.Field("kind"), errors);
  rule.kind = proto.kind();
  RequireChoice(proto.deploys(), v1::Stage::Deploys_IsValid(proto.deploys()), path.Field("deploys"),
                errors);
  rule.deploys_cells = proto.deploys() == v1::Stage::CELLS;
  rule.blockers = CompileBlockers(proto.blockers(), false, path, "blockers", scope);
  const bool has_blockers = pipeline_has_blockers || !proto.blockers().empty();
  if (!has_blockers && !proto.without_blockers()) {
    errors.Add(path.Field("blockers"), v1::Fault::MISSING,
               "is empty: list blockers, or set `without_blockers`");
  }
  if (has_blockers && proto.without_blockers()) {
    errors.Add(path.Field("without_blockers"), v1::Fault::INVALID_VALUE,
               "contradicts the blockers of the stage or the pipeline");
  }
  CompilePass(proto, path, scope, &rule);
  RequireChoice(proto.order(), v1::Stage::Order_IsValid(proto.order()), path.Field("order"),
                errors);
  rule.queue = proto.order() == v1::Stage::QUEUE;
  CompileStart(proto, path, errors, &rule);
  const FieldPath rollout = path.Field("rollout");
  if (proto.has_rollout()) {
    rule.rollout = CompileRollout(proto.rollout(), rollout, scope);
    if (proto.deploys() == v1::Stage::NOTHING) {
      errors.Add(rollout, v1::Fault::INVALID_VALUE, "contradicts `deploys: NOTHING`");
    }
  } else if (rule.deploys_cells) {
    errors.Missing(rollout);
  }
  return rule;
}

}  // namespace sluice
