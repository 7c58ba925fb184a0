#include "sluice/record/stage_checks.h"

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/record/field_checks.h"

namespace sluice {
namespace {

void CheckPlan(const FieldPath& path, const v1::RolloutPlan& plan, FieldErrors& errors) {
  if (plan.waves().empty()) errors.Missing(path.Field("waves"));
  for (int i = 0; i < plan.waves_size(); ++i) {
    const v1::PlannedWave& wave = plan.waves(i);
    const FieldPath element = path.Element("waves", i);
    CheckWaveId(element.Field("id"), wave.id(), Presence::kRequired, errors);
    CheckIdentifiers(element, "cells", wave.cells(), Presence::kRequired, Repeats::kFault, errors);
    if (wave.weights_size() != wave.cells_size()) {
      errors.Add(element.Field("weights"), v1::Fault::INVALID_VALUE,
                 "must have as many elements as `cells`");
    }
    CheckTime(element.Field("proven_at"), wave.has_proven_at(), wave.proven_at(),
              Presence::kOptional, errors);
  }
  CheckDigest(path.Field("policy_fingerprint"), plan.policy_fingerprint(), Presence::kRequired,
              errors);
}

bool IsTerminal(v1::Rollout::State state) {
  return state != v1::Rollout::RUNNING && state != v1::Rollout::ROLLING_BACK;
}

void CheckOutcome(const FieldPath& path, const v1::Deployment& deployment, FieldErrors& errors) {
  if (deployment.has_ended_at() && deployment.outcome() == v1::Deployment::OUTCOME_UNSPECIFIED) {
    errors.Missing(path);
  } else if (!v1::Deployment::Outcome_IsValid(deployment.outcome())) {
    errors.Add(path, v1::Fault::INVALID_VALUE, "is not a known outcome");
  } else if (!deployment.has_ended_at()) {
    CheckEmpty(path, deployment.outcome() == v1::Deployment::OUTCOME_UNSPECIFIED, errors);
  }
}

}  // namespace

void CheckRollout(const FieldPath& path, const v1::Rollout& rollout, FieldErrors& errors) {
  if (rollout.number() == 0) errors.Missing(path.Field("number"));
  CheckDigest(path.Field("artifact"), rollout.artifact(), Presence::kRequired, errors);
  const FieldPath state = path.Field("state");
  if (rollout.state() == v1::Rollout::STATE_UNSPECIFIED) {
    errors.Missing(state);
  } else if (!v1::Rollout::State_IsValid(rollout.state())) {
    errors.Add(state, v1::Fault::INVALID_VALUE, "is not a known state");
  }
  CheckPlan(path.Field("plan"), rollout.plan(), errors);
  CheckTime(path.Field("started_at"), rollout.has_started_at(), rollout.started_at(),
            Presence::kRequired, errors);
  CheckTime(path.Field("ended_at"), rollout.has_ended_at(), rollout.ended_at(),
            IsTerminal(rollout.state()) ? Presence::kRequired : Presence::kOptional, errors);
  CheckTime(path.Field("completed_at"), rollout.has_completed_at(), rollout.completed_at(),
            Presence::kOptional, errors);
  CheckIdentifiers(path, "roll_back_cells", rollout.roll_back_cells(), Presence::kOptional,
                   Repeats::kFree, errors);
  const FieldPath reason = path.Field("halt_reason");
  if (rollout.state() == v1::Rollout::HALTED &&
      rollout.halt_reason() == v1::Rollout::HALT_REASON_UNSPECIFIED) {
    errors.Missing(reason);
  } else if (!v1::Rollout::HaltReason_IsValid(rollout.halt_reason())) {
    errors.Add(reason, v1::Fault::INVALID_VALUE, "is not a known reason");
  }
}

void CheckDeployment(const FieldPath& path, const v1::Deployment& deployment, FieldErrors& errors) {
  if (deployment.number() == 0) errors.Missing(path.Field("number"));
  CheckIdentifier(path.Field("cell"), deployment.cell(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), deployment.artifact(), Presence::kRequired, errors);
  const FieldPath direction = path.Field("direction");
  if (deployment.direction() == v1::Deployment::DIRECTION_UNSPECIFIED) {
    errors.Missing(direction);
  } else if (!v1::Deployment::Direction_IsValid(deployment.direction())) {
    errors.Add(direction, v1::Fault::INVALID_VALUE, "is not a known direction");
  }
  if (deployment.direction() != v1::Deployment::ADOPTED) {
    if (deployment.attempt() == 0) errors.Missing(path.Field("attempt"));
    if (deployment.rollout() == 0) errors.Missing(path.Field("rollout"));
  }
  const absl::optional<absl::Time> started =
      CheckTime(path.Field("started_at"), deployment.has_started_at(), deployment.started_at(),
                Presence::kRequired, errors);
  const absl::optional<absl::Time> ended =
      CheckTime(path.Field("ended_at"), deployment.has_ended_at(), deployment.ended_at(),
                Presence::kOptional, errors);
  CheckNotBefore(path.Field("ended_at"), ended, started, errors);
  CheckOutcome(path.Field("outcome"), deployment, errors);
  if (deployment.has_proven()) {
    const FieldPath proven = path.Field("proven");
    CheckTime(proven.Field("at"), deployment.proven().has_at(), deployment.proven().at(),
              Presence::kRequired, errors);
    CheckDigest(proven.Field("policy_fingerprint"), deployment.proven().policy_fingerprint(),
                Presence::kRequired, errors);
  }
  if (deployment.has_accepted()) {
    const v1::Acceptance& acceptance = deployment.accepted();
    const FieldPath accepted = path.Field("accepted");
    CheckText(accepted.Field("who"), acceptance.who(), Presence::kRequired, errors);
    CheckIdentifiers(accepted, "roles", acceptance.roles(), Presence::kRequired, Repeats::kFree,
                     errors);
    CheckText(accepted.Field("why"), acceptance.why(), Presence::kRequired, errors);
    CheckTime(accepted.Field("at"), acceptance.has_at(), acceptance.at(), Presence::kRequired,
              errors);
  }
}

void CheckEntry(const FieldPath& path, const v1::Entry& entry, FieldErrors& errors) {
  CheckDigest(path.Field("artifact"), entry.artifact(), Presence::kRequired, errors);
  CheckTime(path.Field("at"), entry.has_at(), entry.at(), Presence::kRequired, errors);
}

void CheckPass(const FieldPath& path, const v1::Pass& pass, FieldErrors& errors) {
  CheckDigest(path.Field("artifact"), pass.artifact(), Presence::kRequired, errors);
  CheckTime(path.Field("at"), pass.has_at(), pass.at(), Presence::kRequired, errors);
  CheckDigest(path.Field("policy_fingerprint"), pass.policy_fingerprint(), Presence::kRequired,
              errors);
  CheckTime(path.Field("revoked_at"), pass.has_revoked_at(), pass.revoked_at(), Presence::kOptional,
            errors);
}

void CheckLatch(const FieldPath& path, const v1::Latch& latch, FieldErrors& errors) {
  CheckDigest(path.Field("artifact"), latch.artifact(), Presence::kRequired, errors);
  CheckTime(path.Field("at"), latch.has_at(), latch.at(), Presence::kRequired, errors);
  if (!latch.has_released()) return;
  const FieldPath released = path.Field("released");
  CheckText(released.Field("who"), latch.released().who(), Presence::kRequired, errors);
  CheckText(released.Field("why"), latch.released().why(), Presence::kRequired, errors);
  CheckTime(released.Field("at"), latch.released().has_at(), latch.released().at(),
            Presence::kRequired, errors);
}

void CheckStartRequest(const FieldPath& path, const v1::StartRequest& request,
                       FieldErrors& errors) {
  CheckIdentifier(path.Field("id"), request.id(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), request.artifact(), Presence::kRequired, errors);
  CheckWaveId(path.Field("wave"), request.wave(), Presence::kOptional, errors);
  CheckText(path.Field("who"), request.who(), Presence::kRequired, errors);
  const absl::optional<absl::Time> requested =
      CheckTime(path.Field("requested_at"), request.has_requested_at(), request.requested_at(),
                Presence::kRequired, errors);
  const absl::optional<absl::Time> expires =
      CheckTime(path.Field("expires_at"), request.has_expires_at(), request.expires_at(),
                Presence::kRequired, errors);
  CheckAfter(path.Field("expires_at"), expires, requested, errors);
}

void CheckPreemptRequest(const FieldPath& path, const v1::PreemptRequest& request,
                         FieldErrors& errors) {
  CheckIdentifier(path.Field("id"), request.id(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), request.artifact(), Presence::kRequired, errors);
  CheckText(path.Field("who"), request.who(), Presence::kRequired, errors);
  const absl::optional<absl::Time> requested =
      CheckTime(path.Field("requested_at"), request.has_requested_at(), request.requested_at(),
                Presence::kRequired, errors);
  const absl::optional<absl::Time> expires =
      CheckTime(path.Field("expires_at"), request.has_expires_at(), request.expires_at(),
                Presence::kRequired, errors);
  CheckAfter(path.Field("expires_at"), expires, requested, errors);
}

void CheckRollBackRequest(const FieldPath& path, const v1::RollBackRequest& request,
                          FieldErrors& errors) {
  CheckIdentifier(path.Field("id"), request.id(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), request.artifact(), Presence::kRequired, errors);
  CheckIdentifiers(path, "cells", request.cells(), Presence::kOptional, Repeats::kFree, errors);
  CheckText(path.Field("who"), request.who(), Presence::kRequired, errors);
  CheckText(path.Field("why"), request.why(), Presence::kRequired, errors);
  CheckTime(path.Field("requested_at"), request.has_requested_at(), request.requested_at(),
            Presence::kRequired, errors);
}

void CheckRetryRequest(const FieldPath& path, const v1::RetryRequest& request,
                       FieldErrors& errors) {
  CheckIdentifier(path.Field("id"), request.id(), Presence::kRequired, errors);
  CheckDigest(path.Field("artifact"), request.artifact(), Presence::kRequired, errors);
  CheckIdentifier(path.Field("cell"), request.cell(), Presence::kOptional, errors);
  if (request.cell().empty()) {
    CheckEmpty(path.Field("attempt"), request.attempt() == 0, errors);
  } else if (request.attempt() == 0) {
    errors.Missing(path.Field("attempt"));
  }
  CheckText(path.Field("who"), request.who(), Presence::kRequired, errors);
  CheckText(path.Field("why"), request.why(), Presence::kRequired, errors);
  CheckTime(path.Field("requested_at"), request.has_requested_at(), request.requested_at(),
            Presence::kRequired, errors);
}

}  // namespace sluice
