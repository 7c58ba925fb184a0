#include "tests/differential/laws.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "sluice/policy.h"
#include "tests/differential/ask.h"
#include "tests/differential/draw_policy.h"
#include "tests/differential/outcome_lines.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Violations = std::vector<std::string>;

// ---------------------------------------------------------------- Walking over messages

// Visits `message` and every message in it.
void ForEachMessage(Message* message, const std::function<void(Message*)>& visit) {
  visit(message);
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      ForEachMessage(reflection.MutableMessage(message, field), visit);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      ForEachMessage(reflection.MutableRepeatedMessage(message, field, i), visit);
    }
  }
}

// One of the messages in `message` or itself that `is_wanted`; null if there is none.
Message* PickMessage(Message* message, Draw* draw,
                     const std::function<bool(const Message&)>& is_wanted) {
  std::vector<Message*> found;
  ForEachMessage(message, [&](Message* candidate) {
    if (is_wanted(*candidate)) found.push_back(candidate);
  });
  return found.empty() ? nullptr : draw->Pick(found);
}

// Removes one element; false if there is none.
template <typename T>
bool RemoveAny(google::protobuf::RepeatedPtrField<T>* elements, Draw* draw) {
  if (elements->empty()) return false;
  elements->DeleteSubrange(static_cast<int>(draw->Below(static_cast<uint64_t>(elements->size()))),
                           1);
  return true;
}

// ---------------------------------------------------------------- What is compared

// Stage, cell and artifact of each action of a kind; of a stage that deploys nothing the cell is
// empty.
std::set<std::string> ActionsOf(const v1::PipelineDecision& decision,
                                v1::StageDecision::Action action) {
  std::set<std::string> actions;
  for (const v1::StageDecision& stage : decision.stages()) {
    if (stage.action() != action) continue;
    for (const v1::CellAction& cell : stage.actions()) {
      actions.insert(absl::StrCat(stage.stage(), " ", cell.cell(), " ", cell.artifact()));
    }
  }
  return actions;
}

std::map<std::string, std::string> ArtifactsOf(const v1::PipelineDecision& decision) {
  std::map<std::string, std::string> artifacts;
  for (const v1::StageDecision& stage : decision.stages()) {
    artifacts[stage.stage()] = stage.artifact();
  }
  return artifacts;
}

// DEPLOYs of `after` that are not in `before`, in stages that have the same artifact in both.
Violations AddedDeploys(const v1::PipelineDecision& before, const v1::PipelineDecision& after) {
  Violations added;
  const std::set<std::string> allowed = ActionsOf(before, v1::StageDecision::DEPLOY);
  std::map<std::string, std::string> artifacts = ArtifactsOf(before);
  for (const v1::StageDecision& stage : after.stages()) {
    if (stage.action() != v1::StageDecision::DEPLOY) continue;
    if (artifacts[stage.stage()] != stage.artifact()) continue;
    for (const v1::CellAction& cell : stage.actions()) {
      const std::string action =
          absl::StrCat(stage.stage(), " ", cell.cell(), " ", cell.artifact());
      if (allowed.count(action) == 0) added.push_back(absl::StrCat("added DEPLOY ", action));
    }
  }
  return added;
}

bool HasInvalid(const v1::PipelineDecision& decision) {
  for (const v1::StageDecision& stage : decision.stages()) {
    for (const v1::Finding& finding : stage.findings()) {
      if (finding.verdict() == v1::INVALID) return true;
    }
  }
  return false;
}

Violations AddedRollBacks(const v1::PipelineDecision& before, const v1::PipelineDecision& after) {
  Violations added;
  std::set<std::string> allowed;
  for (const v1::StageDecision& stage : before.stages()) {
    if (stage.action() == v1::StageDecision::ROLL_BACK) allowed.insert(stage.stage());
  }
  for (const v1::StageDecision& stage : after.stages()) {
    if (stage.action() == v1::StageDecision::ROLL_BACK && allowed.count(stage.stage()) == 0) {
      added.push_back(absl::StrCat("added ROLL_BACK in ", stage.stage()));
    }
  }
  return added;
}

Violations DifferentAnswers(const v1::PipelineDecision& before, const v1::PipelineDecision& after) {
  Violations different = Differences(AnswerLines(before), AnswerLines(after));
  if (before.has_valid_until() != after.has_valid_until() ||
      (before.has_valid_until() && ToTime(before.valid_until()) != ToTime(after.valid_until()))) {
    different.push_back("another valid_until");
  }
  return different;
}

// The policy without limits on how many cells move at once: with them, what holds one cell makes
// room for another [R2].
v1::Inputs Uncapped(v1::Inputs inputs) {
  v1::PipelinePolicy* policy = inputs.mutable_policy();
  policy->mutable_no_pipeline_cap();
  for (v1::Stage& stage : *policy->mutable_stages()) {
    if (!stage.has_rollout()) continue;
    v1::BlastRadius* radius = stage.mutable_rollout()->mutable_blast_radius();
    radius->mutable_no_stage_cap();
    radius->mutable_no_group_cap();
    radius->set_max_parallel(1000);
  }
  return inputs;
}

// ---------------------------------------------------------------- Changes

// Other orders, and each element once more now and then.
void ShuffleSets(Message* message, Draw* draw) {
  static const auto* const ordered = new std::set<std::string>{
      // Positions mean something, or columns belong together.
      "waves",     "values",   "requests", "errors",     "cells",  "weights",   "finished_at_ms",
      "succeeded", "starts_s", "ends_s",   "principals", "stages", "components"};
  ForEachMessage(message, [&](Message* inner) {
    const Reflection& reflection = *inner->GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(*inner, &fields);
    for (const FieldDescriptor* field : fields) {
      if (!field->is_repeated() || field->is_map() || ordered->count(field->name()) > 0) continue;
      const int size = reflection.FieldSize(*inner, field);
      for (int i = size - 1; i > 0; --i) {
        reflection.SwapElements(inner, field, i,
                                static_cast<int>(draw->Below(static_cast<uint64_t>(i + 1))));
      }
    }
  });
}

// One exact duplicate of a record of the state.
void AddDuplicate(v1::PipelineState* state, Draw* draw) {
  const Reflection& reflection = *state->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*state, &fields);
  std::vector<const FieldDescriptor*> sets;
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated() && !field->is_map() &&
        field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      sets.push_back(field);
    }
  }
  if (sets.empty()) return;
  const FieldDescriptor* field = draw->Pick(sets);
  const int index =
      static_cast<int>(draw->Below(static_cast<uint64_t>(reflection.FieldSize(*state, field))));
  Message* copy = reflection.AddMessage(state, field);
  copy->CopyFrom(reflection.GetRepeatedMessage(*state, field, index));
}

// Takes away one fact that lets something through; false if there is none.
bool RemoveEnablingFact(v1::Inputs* inputs, Draw* draw) {
  v1::PipelineState* state = inputs->mutable_state();
  switch (draw->Below(13)) {
    case 0:
      return RemoveAny(state->mutable_alarms(), draw);
    case 1:
      return RemoveAny(state->mutable_series(), draw);
    case 2:
      return RemoveAny(state->mutable_counts(), draw);
    case 3: {
      std::vector<int> passed;
      for (int i = 0; i < state->checks_size(); ++i) {
        if (state->checks(i).outcome() == v1::Check::PASSED) passed.push_back(i);
      }
      if (passed.empty()) return false;
      state->mutable_checks()->DeleteSubrange(draw->Pick(passed), 1);
      return true;
    }
    case 4:
      return RemoveAny(state->mutable_approvals(), draw);
    case 5:
      return RemoveAny(state->mutable_overrides(), draw);
    case 6:
      return RemoveAny(state->mutable_environments(), draw);
    case 7:
      return RemoveAny(state->mutable_traffic_samples(), draw);
    case 8:
      return RemoveAny(state->mutable_synthetic_runs(), draw);
    case 9:
      return RemoveAny(inputs->mutable_known_bad(), draw);
    case 10: {
      if (state->stages().empty()) return false;
      v1::StageRecord* record = state->mutable_stages(
          static_cast<int>(draw->Below(static_cast<uint64_t>(state->stages_size()))));
      return RemoveAny(record->mutable_passes(), draw);
    }
    case 11:
      for (v1::StageRecord& record : *state->mutable_stages()) {
        if (RemoveAny(record.mutable_start_requests(), draw)) return true;
      }
      return false;
    default:
      // An emergency stop is no enabling fact, and holds only go with it where they are.
      if (!inputs->has_organisation() || !inputs->policy().has_emergency_stop()) return false;
      inputs->clear_organisation();
      return true;
  }
}

// Entries taken from a list whose count stays: the list was cut.
bool CutList(v1::Inputs* inputs, Draw* draw) {
  if (inputs->known_bad().empty()) return false;
  v1::KnownBadList* list = inputs->mutable_known_bad(
      static_cast<int>(draw->Below(static_cast<uint64_t>(inputs->known_bad_size()))));
  return RemoveAny(list->mutable_entries(), draw);
}

// Takes away or thins out one report of the monitoring; false if there is none.
bool LoseMonitoring(v1::PipelineState* state, Draw* draw) {
  switch (draw->Below(5)) {
    case 0:
      return RemoveAny(state->mutable_alarms(), draw);
    case 1:
      return RemoveAny(state->mutable_series(), draw);
    case 2: {
      if (state->series().empty()) return false;
      v1::Series* series = state->mutable_series(
          static_cast<int>(draw->Below(static_cast<uint64_t>(state->series_size()))));
      for (double& value : *series->mutable_values()) {
        if (draw->Percent(40)) value = std::numeric_limits<double>::quiet_NaN();
      }
      return true;
    }
    case 3: {
      if (state->counts().empty()) return false;
      v1::CellCounts* counts = state->mutable_counts(
          static_cast<int>(draw->Below(static_cast<uint64_t>(state->counts_size()))));
      for (int i = 0; i < counts->requests_size() && i < counts->errors_size(); ++i) {
        if (!draw->Percent(30)) continue;
        counts->set_requests(i, -1);
        counts->set_errors(i, -1);
      }
      return true;
    }
    default:
      return RemoveAny(state->mutable_counts(), draw);
  }
}

// A time of a message that is moved. One at the end of what the field can hold is no instant, moved
// or not, and stays.
int64_t Moved(int64_t at, int64_t by) {
  int64_t sum = 0;
  return __builtin_add_overflow(at, by, &sum) ? at : sum;
}

// The times of all of `message` moved, seconds and milliseconds in columns included.
void Shift(absl::Duration by, Message* message) {
  ForEachMessage(message, [by](Message* inner) {
    if (inner->GetDescriptor()->full_name() == "google.protobuf.Timestamp") {
      auto* time = static_cast<google::protobuf::Timestamp*>(inner);
      time->set_seconds(Moved(time->seconds(), absl::ToInt64Seconds(by)));
    } else if (inner->GetDescriptor() == v1::SyntheticRuns::descriptor()) {
      for (int64_t& at : *static_cast<v1::SyntheticRuns*>(inner)->mutable_finished_at_ms()) {
        at = Moved(at, absl::ToInt64Milliseconds(by));
      }
    } else if (inner->GetDescriptor() == v1::Calendar::descriptor()) {
      auto* calendar = static_cast<v1::Calendar*>(inner);
      for (int64_t& at : *calendar->mutable_starts_s()) at = Moved(at, absl::ToInt64Seconds(by));
      for (int64_t& at : *calendar->mutable_ends_s()) at = Moved(at, absl::ToInt64Seconds(by));
    }
  });
}

bool HasCivilWindow(v1::PipelinePolicy policy) {
  bool has = false;
  ForEachMessage(&policy, [&](Message* inner) {
    const auto* window = inner->GetDescriptor() == v1::Window::descriptor()
                             ? static_cast<const v1::Window*>(inner)
                             : nullptr;
    has = has || (window != nullptr && !window->has_absolute() && !window->has_calendar());
  });
  return has;
}

// ---------------------------------------------------------------- The laws

Violations Determinism(const Decider& decide, const v1::Inputs& inputs, absl::Time now, Draw*) {
  if (decide(inputs, now).SerializeAsString() == decide(inputs, now).SerializeAsString()) {
    return {};
  }
  return {"two answers to one question"};
}

Violations OrderAndDuplicatesMeanNothing(const Decider& decide, const v1::Inputs& inputs,
                                         absl::Time now, Draw* draw) {
  v1::Inputs changed = inputs;
  changed.mutable_state()->clear_record_count();
  v1::Inputs base = changed;
  ShuffleSets(changed.mutable_state(), draw);
  if (changed.has_organisation()) ShuffleSets(changed.mutable_organisation(), draw);
  for (v1::KnownBadList& list : *changed.mutable_known_bad()) ShuffleSets(&list, draw);
  AddDuplicate(changed.mutable_state(), draw);
  return DifferentAnswers(decide(base, now), decide(changed, now));
}

Violations NothingIsKnownNothingDeploys(const Decider& decide, const v1::Inputs& inputs,
                                        absl::Time now, Draw*) {
  v1::Inputs empty;
  *empty.mutable_policy() = inputs.policy();
  empty.mutable_state();
  const std::set<std::string> deploys = ActionsOf(decide(empty, now), v1::StageDecision::DEPLOY);
  return {deploys.begin(), deploys.end()};
}

Violations ABlockerNeverAddsADeploy(const Decider& decide, const v1::Inputs& inputs, absl::Time now,
                                    Draw* draw) {
  const v1::Inputs base = Uncapped(inputs);
  v1::Inputs changed = base;
  // Blockers of another policy, under names of their own.
  v1::PipelinePolicy other = DrawPolicy(now, draw);
  v1::Stage* stage = changed.mutable_policy()->mutable_stages(
      static_cast<int>(draw->Below(static_cast<uint64_t>(changed.policy().stages_size()))));
  int added = 0;
  for (const v1::Stage& donor : other.stages()) {
    for (v1::Blocker blocker : donor.blockers()) {
      if (blocker.has_any_of() || blocker.has_all_of() || blocker.has_at_least() ||
          blocker.has_environment_parity()) {
        continue;
      }
      blocker.set_id(absl::StrCat("added-", ++added));
      blocker.clear_override_policy();
      blocker.set_not_overridable(true);
      *stage->add_blockers() = blocker;
    }
  }
  if (added == 0) return {};
  stage->set_without_blockers(false);
  return AddedDeploys(decide(base, now), decide(changed, now));
}

Violations AWiderDenyNeverAddsADeploy(const Decider& decide, const v1::Inputs& inputs,
                                      absl::Time now, Draw* draw) {
  const v1::Inputs base = Uncapped(inputs);
  v1::Inputs changed = base;
  Message* window = PickMessage(changed.mutable_policy(), draw, [](const Message& message) {
    return message.GetDescriptor() == v1::TimeWindow::descriptor();
  });
  if (window == nullptr) return {};
  v1::AbsoluteWindow* deny = static_cast<v1::TimeWindow*>(window)->add_deny()->mutable_absolute();
  *deny->mutable_start() = ToTimestamp(now - absl::Minutes(draw->Between(-5, 5)));
  *deny->mutable_end() = ToTimestamp(ToTime(deny->start()) + absl::Minutes(draw->Between(1, 10)));
  return AddedDeploys(decide(base, now), decide(changed, now));
}

Violations AMissingFactNeverAddsADeploy(const Decider& decide, const v1::Inputs& inputs,
                                        absl::Time now, Draw* draw) {
  v1::Inputs base = Uncapped(inputs);
  base.mutable_state()->clear_record_count();
  const v1::PipelineDecision before = decide(base, now);
  // A record that can't be used holds; without it nothing does [I2].
  if (HasInvalid(before)) return {};
  v1::Inputs changed = base;
  if (!RemoveEnablingFact(&changed, draw)) return {};
  return AddedDeploys(before, decide(changed, now));
}

Violations ACutListNeverAddsADeploy(const Decider& decide, const v1::Inputs& inputs, absl::Time now,
                                    Draw* draw) {
  const v1::Inputs base = Uncapped(inputs);
  v1::Inputs changed = base;
  if (!CutList(&changed, draw)) return {};
  return AddedDeploys(decide(base, now), decide(changed, now));
}

Violations LostMonitoringNeverRollsBack(const Decider& decide, const v1::Inputs& inputs,
                                        absl::Time now, Draw* draw) {
  v1::Inputs base = inputs;
  base.mutable_state()->clear_record_count();
  v1::Inputs changed = base;
  if (!LoseMonitoring(changed.mutable_state(), draw)) return {};
  return AddedRollBacks(decide(base, now), decide(changed, now));
}

Violations WhatIsNotUnderstoodNeverAddsADeploy(const Decider& decide, const v1::Inputs& inputs,
                                               absl::Time now, Draw* draw) {
  const v1::Inputs base = Uncapped(inputs);
  v1::Inputs changed = base;
  if (draw->Percent(50)) {
    Message* message =
        PickMessage(changed.mutable_state(), draw, [](const Message&) { return true; });
    message->GetReflection()->MutableUnknownFields(message)->AddVarint(9999, 1);
  } else {
    const FieldDescriptor* field = nullptr;
    Message* message = PickMessage(changed.mutable_state(), draw, [](const Message& candidate) {
      const google::protobuf::Descriptor& type = *candidate.GetDescriptor();
      for (int i = 0; i < type.field_count(); ++i) {
        if (type.field(i)->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return true;
      }
      return false;
    });
    if (message == nullptr) return {};
    for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
      if (message->GetDescriptor()->field(i)->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        field = message->GetDescriptor()->field(i);
      }
    }
    message->GetReflection()->SetEnumValue(message, field, 99);
  }
  return AddedDeploys(decide(base, now), decide(changed, now));
}

Violations TheSameShiftOfEverythingChangesNothing(const Decider& decide, const v1::Inputs& inputs,
                                                  absl::Time now, Draw* draw) {
  if (HasCivilWindow(inputs.policy())) return {};
  // A multiple of every period of a series.
  const absl::Duration by = absl::Hours(draw->Between(-2000, 2000));
  v1::Inputs changed = inputs;
  Shift(by, &changed);
  // The fingerprint is of the policy, whose absolute windows moved.
  for (v1::Override& o : *changed.mutable_state()->mutable_overrides()) {
    if (o.all_blockers()) return {};
  }
  for (const v1::Approval& approval : inputs.state().approvals()) {
    if (!approval.policy_fingerprint().empty()) return {};
  }
  return Differences(AnswerLines(decide(inputs, now)), AnswerLines(decide(changed, now + by)));
}

Violations TheSamePersonTwiceIsOnePerson(const Decider& decide, const v1::Inputs& inputs,
                                         absl::Time now, Draw*) {
  v1::Inputs base = Uncapped(inputs);
  base.mutable_state()->clear_record_count();
  v1::Inputs changed = base;
  v1::PipelineState* state = changed.mutable_state();
  for (int i = base.state().overrides_size() - 1; i >= 0; --i) {
    v1::Override again = state->overrides(i);
    again.set_id(again.id() + "-again");
    *state->add_overrides() = again;
  }
  for (int i = base.state().approvals_size() - 1; i >= 0; --i) {
    v1::Approval again = state->approvals(i);
    again.set_id(again.id() + "-again");
    *state->add_approvals() = again;
  }
  return AddedDeploys(decide(base, now), decide(changed, now));
}

// What the records forbid, whatever else is known: an artifact that is withdrawn, or latched in the
// stage or an earlier one, is not deployed.
Violations ForbiddenArtifactsAreNotDeployed(const Decider& decide, const v1::Inputs& inputs,
                                            absl::Time now, Draw*) {
  Violations violations;
  std::set<std::string> forbidden;
  for (const v1::Withdrawal& withdrawal : inputs.state().withdrawals()) {
    forbidden.insert(withdrawal.artifact());
  }
  const v1::PipelineDecision decision = decide(inputs, now);
  for (const v1::StageDecision& stage : decision.stages()) {
    for (const v1::StageRecord& record : inputs.state().stages()) {
      if (record.stage() != stage.stage()) continue;
      for (const v1::Latch& latch : record.latches()) {
        if (!latch.has_released()) forbidden.insert(latch.artifact());
      }
    }
    if (stage.action() == v1::StageDecision::DEPLOY && forbidden.count(stage.artifact()) > 0) {
      violations.push_back(absl::StrCat("DEPLOY of ", stage.artifact(), " in ", stage.stage()));
    }
  }
  return violations;
}

}  // namespace

v1::PipelineDecision DecideByLibrary(const v1::Inputs& inputs, absl::Time now) {
  const absl::StatusOr<Policy> policy = Policy::Compile(inputs.policy());
  if (!policy.ok()) return {};
  const Ask ask(*policy, inputs);
  return ask.broken() ? v1::PipelineDecision() : ask.Library(now);
}

const std::vector<Law>& Laws() {
  static const auto* const laws = new std::vector<Law>{
      {"Determinism", &Determinism},
      {"OrderAndDuplicatesMeanNothing", &OrderAndDuplicatesMeanNothing},
      {"NothingIsKnownNothingDeploys", &NothingIsKnownNothingDeploys},
      {"ABlockerNeverAddsADeploy", &ABlockerNeverAddsADeploy},
      {"AWiderDenyNeverAddsADeploy", &AWiderDenyNeverAddsADeploy},
      {"AMissingFactNeverAddsADeploy", &AMissingFactNeverAddsADeploy},
      {"ACutListNeverAddsADeploy", &ACutListNeverAddsADeploy},
      {"LostMonitoringNeverRollsBack", &LostMonitoringNeverRollsBack},
      {"WhatIsNotUnderstoodNeverAddsADeploy", &WhatIsNotUnderstoodNeverAddsADeploy},
      {"TheSameShiftOfEverythingChangesNothing", &TheSameShiftOfEverythingChangesNothing},
      {"TheSamePersonTwiceIsOnePerson", &TheSamePersonTwiceIsOnePerson},
      {"ForbiddenArtifactsAreNotDeployed", &ForbiddenArtifactsAreNotDeployed},
  };
  return *laws;
}

}  // namespace sluice
