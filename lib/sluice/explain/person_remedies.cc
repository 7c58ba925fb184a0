#include "sluice/explain/person_remedies.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/variant.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/checked_time.h"

namespace sluice {
namespace {

constexpr char kWhy[] = "to let the artifact move";

// How long a request stands.
constexpr absl::Duration kRequestFor = absl::Hours(1);

std::string Who(const RemedyContext& context) { return absl::StrCat(context.prefix, "-person"); }

// A remedy of one event, which `fill` writes.
template <typename Fill>
Remedy OneEvent(std::string key, ChangeKind kind, std::string sentence, Fill fill) {
  Remedy remedy;
  remedy.key = std::move(key);
  remedy.kind = kind;
  remedy.make = [sentence = std::move(sentence), fill = std::move(fill)](absl::Time at) {
    Change change;
    change.sentence = sentence;
    v1::Event& event = change.events.emplace_back();
    *event.mutable_at() = WriteTime(at);
    fill(at, &event);
    return change;
  };
  return remedy;
}

template <typename Fill>
Remedy ByPerson(std::string key, std::string sentence, Fill fill) {
  Remedy remedy = OneEvent(std::move(key), ChangeKind::kPerson,
                           absl::StrCat(sentence, " by a person"), std::move(fill));
  return remedy;
}

// The principals of those who already count, and the artifact's authors.
std::vector<absl::string_view> Taken(const RemedyContext& context) {
  if (context.artifact == nullptr) return {};
  return context.artifact->authors;
}

// "2 principals with role `sre`" or, if there are `some` already, "1 more principal ...".
std::string People(int count, bool some, const std::vector<std::string>& roles) {
  return absl::StrCat(Counted(static_cast<uint64_t>(count), some ? "more principal" : "principal"),
                      " ", WithRoles(roles));
}

// What one override is for.
struct Permission {
  std::string sentence;
  std::string key;
  std::vector<std::string> blockers;
  std::vector<std::string> keep_despite;
  std::vector<std::string> roles;
  absl::Duration validity;
  int count = 0;
};

void AddPermission(const RemedyContext& context, const Permission& permission, Remedies* remedies) {
  Remedy remedy;
  remedy.key = permission.key;
  remedy.kind = ChangeKind::kOverride;
  const std::vector<std::string> principals =
      NewPrincipals(context, permission.count, Taken(context));
  remedy.make = [=, artifact = context.held.artifact, stage = context.held.stage,
                 prefix = context.prefix](absl::Time at) {
    Change change;
    change.sentence = permission.sentence;
    for (size_t i = 0; i < principals.size(); ++i) {
      v1::Event& event = change.events.emplace_back();
      *event.mutable_at() = WriteTime(at);
      v1::Override* given = event.mutable_override_granted()->mutable_override();
      const std::string& what =
          permission.blockers.empty() ? permission.keep_despite[0] : permission.blockers[0];
      // Blockers' ids may be as long as an id can be.
      given->set_id(absl::StrCat(prefix, "-override-", what.substr(0, 64), "-", i + 1));
      given->mutable_blockers()->Assign(permission.blockers.begin(), permission.blockers.end());
      given->mutable_keep_despite()->Assign(permission.keep_despite.begin(),
                                            permission.keep_despite.end());
      given->set_artifact(artifact);
      given->add_stages(stage);
      given->set_principal(principals[i]);
      given->mutable_roles()->Assign(permission.roles.begin(), permission.roles.end());
      given->set_reason(kWhy);
      *given->mutable_granted_at() = WriteTime(at);
      const absl::Time expires = Later(at, permission.validity);
      const absl::Time last = absl::FromUnixSeconds(253402300799);
      *given->mutable_expires_at() = WriteTime(std::min(expires, last));
    }
    return change;
  };
  remedies->push_back(std::move(remedy));
}

// The newest artifact that the state has before the held one; empty: none.
std::string ArtifactBefore(const RemedyContext& context) {
  const ArtifactFacts* before = nullptr;
  if (context.artifact == nullptr) return "";
  for (const ArtifactFacts& artifact : context.facts.artifacts) {
    if (artifact.fault != v1::ALL_CLEAR || artifact.withdrawn) continue;
    if (artifact.sequence < context.artifact->sequence) before = &artifact;
  }
  return before == nullptr ? "" : std::string(before->digest_text);
}

}  // namespace

void AddApprovalRemedies(const RemedyContext& context, const Approval& approval,
                         const Finding& finding, Remedies* remedies) {
  if (finding.reason != v1::APPROVALS_MISSING) return;
  const int count = approval.quorum - static_cast<int>(finding.evidence.count.value_or(0));
  Remedy remedy;
  remedy.key = absl::StrCat("approval|", approval.id, "|", count);
  remedy.kind = ChangeKind::kPerson;
  const bool some = finding.evidence.count.value_or(0) > 0;
  const std::string sentence =
      absl::StrCat("approval of ", Quote(approval.id), " by ", People(count, some, approval.roles));
  const std::vector<std::string> principals = NewPrincipals(context, count, Taken(context));
  remedy.make = [=, id = approval.id, role = approval.roles.front(),
                 bind_policy = approval.bind_policy, artifact = context.held.artifact,
                 stage = context.held.stage, prefix = context.prefix,
                 fingerprint = std::string(context.base.policy->fingerprint())](absl::Time at) {
    Change change;
    change.sentence = sentence;
    for (size_t i = 0; i < principals.size(); ++i) {
      v1::Event& event = change.events.emplace_back();
      *event.mutable_at() = WriteTime(at);
      v1::Approval* given = event.mutable_approval_granted()->mutable_approval();
      given->set_id(absl::StrCat(prefix, "-approval-", id.substr(0, 64), "-", i + 1));
      given->set_blocker(id);
      given->set_artifact(artifact);
      given->set_stage(stage);
      given->set_principal(principals[i]);
      given->add_roles(role);
      *given->mutable_granted_at() = WriteTime(at);
      if (bind_policy) given->set_policy_fingerprint(fingerprint);
    }
    return change;
  };
  remedies->push_back(std::move(remedy));
}

void AddOverrideRemedies(const RemedyContext& context, const Blocker& blocker,
                         const Finding& finding, Remedies* remedies) {
  if (!blocker.override_rule.has_value() || finding.still_needed == 0) return;
  const OverrideRule& rule = *blocker.override_rule;
  Permission permission;
  permission.blockers = {blocker.id};
  permission.count = static_cast<int>(finding.still_needed);
  permission.roles = {rule.roles.front()};
  permission.validity = rule.max_validity;
  const auto* known_bad = absl::get_if<KnownBadArtifact>(&blocker.kind);
  const bool keeps = known_bad != nullptr && known_bad->roll_back_on_match;
  if (keeps) {
    if (context.rule == nullptr) return;
    const absl::optional<OverrideRule>& keep = context.rule->rollout.roll_back.keep_despite;
    if (!keep.has_value()) return;
    permission.keep_despite = {blocker.id};
    permission.roles.push_back(keep->roles.front());
    permission.validity = std::min(permission.validity, keep->max_validity);
  }
  permission.key = absl::StrCat("override|", blocker.id, "|", permission.count);
  permission.sentence = absl::StrCat(
      "override of ", Quote(blocker.id), keeps ? ", keeping the artifact despite it," : "", " by ",
      People(permission.count, !finding.overrides.empty(), rule.roles));
  AddPermission(context, permission, remedies);
}

void AddKeepRemedies(const RemedyContext& context, const Finding& finding, Remedies* remedies) {
  if (context.rule == nullptr || finding.still_needed == 0) return;
  const absl::optional<OverrideRule>& keep = context.rule->rollout.roll_back.keep_despite;
  absl::string_view trigger = finding.id;
  absl::ConsumePrefix(&trigger, "@hygiene:");
  if (!keep.has_value()) return;
  Permission permission;
  permission.keep_despite = {std::string(trigger)};
  permission.count = static_cast<int>(finding.still_needed);
  permission.roles = {keep->roles.front()};
  permission.validity = keep->max_validity;
  permission.key = absl::StrCat("keep|", trigger, "|", permission.count);
  permission.sentence =
      absl::StrCat("the artifact is kept despite ", Quote(trigger), " by ",
                   People(permission.count, !finding.overrides.empty(), keep->roles));
  AddPermission(context, permission, remedies);
}

void AddHoldRemedies(const RemedyContext& context, absl::string_view id, Remedies* remedies) {
  const auto& holds = context.base.state->holds();
  if (std::none_of(holds.begin(), holds.end(), [&](const v1::Hold& h) { return h.id() == id; })) {
    return;
  }
  remedies->push_back(ByPerson(absl::StrCat("hold|", id),
                               absl::StrCat("hold ", Quote(id), " is released"),
                               [id = std::string(id)](absl::Time, v1::Event* event) {
                                 event->mutable_hold_released()->set_hold(id);
                               }));
}

void AddAcceptRemedies(const RemedyContext& context, absl::string_view cell, Remedies* remedies) {
  const CellFacts* facts = context.facts.Cell(cell);
  if (context.rule == nullptr || facts == nullptr) return;
  const absl::optional<OverrideRule>& keep = context.rule->rollout.roll_back.keep_despite;
  const std::string role = keep.has_value() ? keep->roles.front() : "operator";
  Remedy remedy = ByPerson(absl::StrCat("accept|", cell),
                           absl::StrCat("cell ", Quote(cell), " is accepted as it is"),
                           [=, stage = std::string(facts->stage), cell = std::string(cell),
                            who = Who(context)](absl::Time, v1::Event* event) {
                             v1::CellAccepted* accepted = event->mutable_cell_accepted();
                             accepted->set_stage(stage);
                             accepted->set_cell(cell);
                             accepted->set_who(who);
                             accepted->add_roles(role);
                             accepted->set_why(kWhy);
                           });
  remedies->push_back(std::move(remedy));
}

void AddRetryRemedies(const RemedyContext& context, absl::string_view cell, Remedies* remedies) {
  const StageFacts* records = context.facts.Stage(context.held.stage);
  if (records == nullptr) return;
  uint32_t attempt = 1;
  for (const DeploymentFacts& deployment : records->deployments) {
    if (deployment.cell == cell && deployment.artifact == context.held.artifact &&
        deployment.direction == v1::Deployment::FORWARD &&
        deployment.outcome != v1::Deployment::OUTCOME_UNSPECIFIED) {
      ++attempt;
    }
  }
  remedies->push_back(
      ByPerson(absl::StrCat("retry|", cell, "|", attempt),
               absl::StrCat("another deployment to cell ", Quote(cell), " is asked for"),
               [=, held = context.held, cell = std::string(cell), who = Who(context),
                id = absl::StrCat(context.prefix, "-retry-", ShortNameOfCell(context, cell))](
                   absl::Time at, v1::Event* event) {
                 event->mutable_retry_requested()->set_stage(held.stage);
                 v1::RetryRequest* request = event->mutable_retry_requested()->mutable_request();
                 request->set_id(id);
                 request->set_artifact(held.artifact);
                 request->set_cell(cell);
                 request->set_attempt(attempt);
                 request->set_who(who);
                 request->set_why(kWhy);
                 *request->mutable_requested_at() = WriteTime(at);
               }));
}

void AddAdoptRemedies(const RemedyContext& context, absl::string_view cell, Remedies* remedies) {
  const std::string artifact = ArtifactBefore(context);
  if (artifact.empty()) return;
  remedies->push_back(
      ByPerson(absl::StrCat("adopt|", cell),
               absl::StrCat("cell ", Quote(cell), " is recorded as running artifact ",
                            ShortDigest(artifact)),
               [=, stage = context.held.stage, cell = std::string(cell), who = Who(context)](
                   absl::Time, v1::Event* event) {
                 v1::CellAdopted* adopted = event->mutable_cell_adopted();
                 adopted->set_stage(stage);
                 adopted->set_cell(cell);
                 adopted->set_artifact(artifact);
                 adopted->set_who(who);
               }));
}

void AddRetireRemedies(const RemedyContext& context, absl::string_view cell, Remedies* remedies) {
  remedies->push_back(
      ByPerson(absl::StrCat("retire|", cell), absl::StrCat("cell ", Quote(cell), " is retired"),
               [cell = std::string(cell), who = Who(context)](absl::Time, v1::Event* event) {
                 v1::CellRetired* retired = event->mutable_cell_retired();
                 retired->set_cell(cell);
                 retired->set_who(who);
                 retired->set_why(kWhy);
               }));
}

void AddPresenceRemedies(const RemedyContext& context, absl::string_view cell, Remedies* remedies) {
  remedies->push_back(OneEvent(
      absl::StrCat("present|", cell), ChangeKind::kFact,
      absl::StrCat("cell ", Quote(cell), " is there, with weight 1"),
      [stage = context.held.stage, cell = std::string(cell)](absl::Time, v1::Event* event) {
        v1::Cell* added = event->mutable_cell_added()->mutable_cell();
        added->set_id(cell);
        added->set_stage(stage);
        added->set_weight(1);
      }));
}

void AddLatchRemedies(const RemedyContext& context, Remedies* remedies) {
  for (const StageRule& stage : context.policy().stages) {
    const StageFacts* records = context.facts.Stage(stage.id);
    const bool is_latched =
        records != nullptr &&
        std::any_of(records->latches.begin(), records->latches.end(), [&](const LatchFacts& latch) {
          return latch.artifact == context.held.artifact && !latch.released;
        });
    if (is_latched) {
      remedies->push_back(
          ByPerson(absl::StrCat("latch|", stage.id),
                   absl::StrCat("the artifact's latch in stage ", Quote(stage.id), " is released"),
                   [id = stage.id, artifact = context.held.artifact, who = Who(context)](
                       absl::Time, v1::Event* event) {
                     v1::LatchReleased* released = event->mutable_latch_released();
                     released->set_stage(id);
                     released->set_artifact(artifact);
                     released->set_who(who);
                     released->set_why(kWhy);
                   }));
    }
    if (stage.id == context.held.stage) break;
  }
}

void AddRetryOfArtifact(const RemedyContext& context, Remedies* remedies) {
  remedies->push_back(
      ByPerson("retry-artifact", "the artifact, whose rollout has ended, is asked for again",
               [held = context.held, who = Who(context),
                id = absl::StrCat(context.prefix, "-retry")](absl::Time at, v1::Event* event) {
                 event->mutable_retry_requested()->set_stage(held.stage);
                 v1::RetryRequest* request = event->mutable_retry_requested()->mutable_request();
                 request->set_id(id);
                 request->set_artifact(held.artifact);
                 request->set_who(who);
                 request->set_why(kWhy);
                 *request->mutable_requested_at() = WriteTime(at);
               }));
}

void AddStartRemedies(const RemedyContext& context, absl::string_view wave, Remedies* remedies) {
  remedies->push_back(ByPerson(
      absl::StrCat("start|", wave),
      absl::StrCat(wave.empty() ? "the start" : absl::StrCat("the start of wave ", Quote(wave)),
                   " is asked for"),
      [held = context.held, wave = std::string(wave), who = Who(context),
       id = absl::StrCat(context.prefix, "-start")](absl::Time at, v1::Event* event) {
        event->mutable_start_requested()->set_stage(held.stage);
        v1::StartRequest* request = event->mutable_start_requested()->mutable_request();
        request->set_id(id);
        request->set_artifact(held.artifact);
        request->set_wave(wave);
        request->set_who(who);
        *request->mutable_requested_at() = WriteTime(at);
        *request->mutable_expires_at() = WriteTime(at + kRequestFor);
      }));
}

void AddPreemptRemedies(const RemedyContext& context, Remedies* remedies) {
  const StageFacts* records = context.facts.Stage(context.held.stage);
  if (records == nullptr || context.rule == nullptr) return;
  if (context.rule->rollout.preempt == Preempt::kByRequest) {
    remedies->push_back(ByPerson(
        "preempt", "the end of the running rollout for it is asked for",
        [held = context.held, who = Who(context), id = absl::StrCat(context.prefix, "-preempt")](
            absl::Time at, v1::Event* event) {
          event->mutable_preempt_requested()->set_stage(held.stage);
          v1::PreemptRequest* request = event->mutable_preempt_requested()->mutable_request();
          request->set_id(id);
          request->set_artifact(held.artifact);
          request->set_who(who);
          *request->mutable_requested_at() = WriteTime(at);
          *request->mutable_expires_at() = WriteTime(at + kRequestFor);
        }));
  }
  for (const RolloutFacts& rollout : records->rollouts) {
    if (rollout.state != v1::Rollout::RUNNING) continue;
    remedies->push_back(
        ByPerson("abandon",
                 absl::StrCat("the running rollout of artifact ", ShortDigest(rollout.artifact),
                              " is abandoned"),
                 [stage = context.held.stage, artifact = std::string(rollout.artifact),
                  who = Who(context)](absl::Time, v1::Event* event) {
                   v1::RolloutAbandoned* abandoned = event->mutable_rollout_abandoned();
                   abandoned->set_stage(stage);
                   abandoned->set_artifact(artifact);
                   abandoned->set_who(who);
                   abandoned->set_why(kWhy);
                 }));
  }
}

}  // namespace sluice
