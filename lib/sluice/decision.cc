#include "sluice/decision.h"

#include "sluice/action_id.h"
#include "sluice/explain/sentence.h"
#include "sluice/internal/checked_time.h"
#include "sluice/version.h"

namespace sluice {
namespace {

std::string Text(absl::string_view text) { return std::string(text); }

v1::StageDecision::Action ToProto(Action action) {
  switch (action) {
    case Action::kHold:
      return v1::StageDecision::HOLD;
    case Action::kRollBack:
      return v1::StageDecision::ROLL_BACK;
    case Action::kWait:
      return v1::StageDecision::WAIT;
    case Action::kDeploy:
      return v1::StageDecision::DEPLOY;
    case Action::kReady:
      return v1::StageDecision::READY;
    case Action::kIdle:
      return v1::StageDecision::IDLE;
  }
  return v1::StageDecision::HOLD;
}

v1::Verdict ToProto(Verdict verdict) {
  switch (verdict) {
    case Verdict::kUnknown:
      return v1::UNKNOWN;
    case Verdict::kInvalid:
      return v1::INVALID;
    case Verdict::kBlocking:
      return v1::BLOCKING;
    case Verdict::kClear:
      return v1::CLEAR;
  }
  return v1::UNKNOWN;
}

v1::Effect ToProto(Effect effect) {
  switch (effect) {
    case Effect::kHolds:
      return v1::HOLDS;
    case Effect::kLifted:
      return v1::LIFTED;
    case Effect::kObserved:
      return v1::OBSERVED;
    case Effect::kNone:
      return v1::NONE;
  }
  return v1::HOLDS;
}

// Infinite instants mean never, or from ever, and stay unset.
bool IsFinite(absl::Time time) {
  return time > absl::InfinitePast() && time < absl::InfiniteFuture();
}

void ToProto(const Finding& finding, v1::Finding* proto);

void ToProto(const Evidence& evidence, v1::Evidence* proto) {
  if (evidence.value.has_value()) proto->set_value(*evidence.value);
  if (evidence.threshold.has_value()) proto->set_threshold(*evidence.threshold);
  if (evidence.count.has_value()) proto->set_count(*evidence.count);
  if (evidence.needed.has_value()) proto->set_needed(*evidence.needed);
  if (evidence.at.has_value() && IsFinite(*evidence.at)) {
    *proto->mutable_at() = WriteTime(*evidence.at);
  }
  if (evidence.until.has_value() && IsFinite(*evidence.until)) {
    *proto->mutable_until() = WriteTime(*evidence.until);
  }
  proto->set_subject(Text(evidence.subject));
  for (const absl::string_view subject : evidence.subjects) proto->add_subjects(Text(subject));
  proto->set_total(evidence.total);
  for (const Finding& child : evidence.children) {
    v1::Finding* out = proto->add_children();
    ToProto(child, out);
    out->set_sentence(ChildSentence(child));
  }
  if (evidence.host == nullptr) return;
  proto->set_host_reason(evidence.host->reason);
  for (const std::string& note : evidence.host->notes) proto->add_notes(note);
}

void ToProto(const Finding& finding, v1::Finding* proto) {
  proto->set_id(Text(finding.id));
  proto->set_artifact(Text(finding.artifact));
  proto->set_wave(Text(finding.wave));
  proto->set_cell(Text(finding.cell));
  proto->set_verdict(ToProto(finding.verdict));
  proto->set_reason(finding.reason);
  proto->set_effect(ToProto(finding.effect));
  if (IsFinite(finding.changes_at)) *proto->mutable_changes_at() = WriteTime(finding.changes_at);
  ToProto(finding.evidence, proto->mutable_evidence());
  if (proto->evidence().ByteSizeLong() == 0) proto->clear_evidence();
  for (const absl::string_view id : finding.overrides) proto->add_overrides(Text(id));
  proto->set_still_needed(finding.still_needed);
  proto->set_sentence(Sentence(finding));
}

void ToProto(const Decision& decision, const StageDecision& stage, v1::StageDecision* proto) {
  proto->set_stage(Text(stage.stage));
  proto->set_action(ToProto(stage.action));
  proto->set_artifact(Text(stage.artifact));
  for (const CellAction& action : stage.actions) {
    v1::CellAction* out = proto->add_actions();
    out->set_id(IdOf(decision, stage, action));
    out->set_cell(Text(action.cell));
    out->set_artifact(Text(action.artifact));
    out->set_roll_back(action.roll_back);
    out->set_attempt(action.attempt);
    out->set_wave(Text(action.wave));
    out->set_target_unchecked(action.target_unchecked);
  }
  for (const Finding& finding : stage.findings) ToProto(finding, proto->add_findings());
  for (const WantedRecord& wanted : stage.wanted) {
    v1::WantedRecord* out = proto->add_wanted();
    out->set_kind(wanted.kind);
    out->set_artifact(Text(wanted.artifact));
    out->set_wave(Text(wanted.wave));
    out->set_cell(Text(wanted.cell));
    out->set_reason(wanted.reason);
    out->set_id(IdOf(decision, stage, wanted));
  }
  for (const PassedOver& passed_over : stage.passed_over) {
    v1::PassedOver* out = proto->add_passed_over();
    out->set_artifact(Text(passed_over.artifact));
    out->set_reason(passed_over.reason);
  }
  for (const PlannedCells& planned : stage.plan) {
    v1::PlannedCells* out = proto->add_plan();
    out->set_wave(Text(planned.wave));
    for (const absl::string_view cell : planned.cells) out->add_cells(Text(cell));
    for (const uint32_t weight : planned.weights) out->add_weights(weight);
  }
  for (const absl::string_view cell : stage.cells_without_room) {
    proto->add_cells_without_room(Text(cell));
  }
  for (const absl::string_view cell : stage.roll_back_cells) {
    proto->add_roll_back_cells(Text(cell));
  }
  proto->set_halts_running(stage.halts_running);
}

}  // namespace

const StageDecision* Decision::Stage(absl::string_view id) const {
  for (const StageDecision& stage : stages) {
    if (stage.stage == id) return &stage;
  }
  return nullptr;
}

std::string IdOf(const Decision& decision, const StageDecision& stage, const CellAction& action) {
  const ActionDirection direction = action.roll_back      ? ActionDirection::kRollBack
                                    : action.cell.empty() ? ActionDirection::kEnter
                                                          : ActionDirection::kForward;
  return ActionId(decision.pipeline, stage.stage, action.cell, action.artifact, direction,
                  action.attempt);
}

std::string IdOf(const Decision& decision, const StageDecision& stage, const WantedRecord& wanted) {
  return RecordId(decision.pipeline, stage.stage, wanted.cell, wanted.artifact, wanted.kind,
                  wanted.wave);
}

v1::PipelineDecision ToProto(const Decision& decision) {
  v1::PipelineDecision proto;
  proto.set_pipeline(Text(decision.pipeline));
  if (IsFinite(decision.now)) *proto.mutable_now() = WriteTime(decision.now);
  if (IsFinite(decision.valid_until))
    *proto.mutable_valid_until() = WriteTime(decision.valid_until);
  for (const StageDecision& stage : decision.stages) ToProto(decision, stage, proto.add_stages());
  v1::Provenance* provenance = proto.mutable_provenance();
  provenance->set_policy_fingerprint(Text(decision.policy_fingerprint));
  provenance->set_state_revision(decision.state_revision);
  for (const ListEpoch& list : decision.lists) {
    v1::ListEpoch* out = provenance->add_lists();
    out->set_list(Text(list.list));
    out->set_epoch(list.epoch);
  }
  provenance->set_organisation_epoch(decision.organisation_epoch);
  provenance->set_zone_hash(Text(decision.zone_hash));
  provenance->set_library_version(kLibraryVersion);
  provenance->set_semantics_version(kSemanticsVersion);
  return proto;
}

absl::string_view ActionName(Action action) {
  return v1::StageDecision::Action_Name(ToProto(action));
}

}  // namespace sluice
