#include "sluice/simulate/player.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "sluice/action_id.h"
#include "sluice/internal/checked_time.h"
#include "sluice/record.h"
#include "sluice/simulate/next_instant.h"
#include "sluice/simulate/waiting.h"

namespace sluice {
namespace {

// More rounds than anything takes at one instant: each writes at least one event of a cell, a wave
// or a stage down.
constexpr int kMaxRounds = 100'000;

// Reports may come this long in vain before a signal counts as one that never clears.
constexpr absl::Duration kShortestWait = absl::Hours(1);

// The newest deployment that a rollout brought to the stage and that succeeded.
absl::optional<absl::Duration> NewestDeployment(const v1::StageRecord* record) {
  absl::optional<absl::Duration> newest;
  uint64_t number = 0;
  if (record == nullptr) return newest;
  for (const v1::Deployment& deployment : record->deployments()) {
    if (deployment.direction() != v1::Deployment::FORWARD || deployment.number() < number ||
        deployment.outcome() != v1::Deployment::SUCCEEDED) {
      continue;
    }
    const absl::optional<absl::Time> start = ReadTime(deployment.started_at());
    const absl::optional<absl::Time> end = ReadTime(deployment.ended_at());
    if (!start.has_value() || !end.has_value() || *end <= *start) continue;
    number = deployment.number();
    newest = *end - *start;
  }
  return newest;
}

std::map<std::string, DeploymentTime> DeploymentTimesOf(const PolicyData& policy,
                                                        const v1::PipelineState& state) {
  std::map<std::string, DeploymentTime> times;
  for (const StageRule& stage : policy.stages) {
    if (!stage.deploys_cells) continue;
    DeploymentTime time;
    time.is_stated = stage.rollout.deploy_expected_time > absl::ZeroDuration();
    time.time =
        time.is_stated
            ? stage.rollout.deploy_expected_time
            : NewestDeployment(RecordOf(state, stage.id)).value_or(stage.rollout.deploy_max_time);
    times[stage.id] = time;
  }
  return times;
}

// The start of the first rollout whose cells are still judged or watched; `now` if there is none.
absl::Time OldestJudged(const PolicyData& policy, const v1::PipelineState& state, absl::Time now) {
  absl::Time oldest = now;
  for (const StageRule& stage : policy.stages) {
    const v1::StageRecord* record = RecordOf(state, stage.id);
    if (record == nullptr) continue;
    for (const v1::Rollout& rollout : record->rollouts()) {
      const absl::optional<absl::Time> end =
          rollout.has_ended_at() ? ReadTime(rollout.ended_at()) : absl::nullopt;
      const bool is_over = end.has_value() && Later(*end, stage.rollout.roll_back.watch_for) <= now;
      if (!is_over) oldest = std::min(oldest, ReadTime(rollout.started_at()).value_or(now));
    }
  }
  return oldest;
}

}  // namespace

Player::Player(const Policy& policy, HealthyFacts facts, absl::Time now)
    : policy_(policy),
      facts_(std::move(facts)),
      leaves_(policy.data()),
      evidence_(leaves_, facts_.needs()),
      begin_(now),
      now_(now),
      times_(DeploymentTimesOf(policy.data(), facts_.state())) {}

void Player::Look() {
  snapshot_ = std::make_unique<Snapshot>(facts_.Load());
  policy_.Decide(*snapshot_, now_, &decision_);
  ++decisions_;
}

bool Player::Write(v1::Event event) {
  v1::PipelineState* state = facts_.mutable_state();
  event.set_id(absl::StrCat("healthy-future-", ++events_));
  if (!event.has_at()) *event.mutable_at() = WriteTime(now_);
  event.set_expected_revision(state->revision());
  // No event comes twice.
  state->clear_applied_events();
  const bool written = Apply(event, state).ok();
  state->clear_applied_events();
  if (!facts_.is_cut()) state->clear_record_count();
  return written;
}

bool Player::DoAll() {
  bool acted = false;
  for (HostEvent& item : HostEventsOf(decision_)) {
    ++decisions_;
    if (!policy_.Admit(item.id, facts_.Load(), now_)) continue;
    acted = Write(std::move(item.event)) || acted;
  }
  return acted;
}

void Player::RollBack(const Decision& decision) {
  for (HostEvent& item : HostEventsOf(decision)) {
    if (item.event.deployment_started().action().roll_back()) Write(std::move(item.event));
  }
}

void Player::Report() {
  facts_.ReportAt(now_);
  Look();
  while (evidence_.Answer(decision_, now_, facts_.mutable_state())) Look();
}

void Player::Act() {
  for (int round = 0; round < kMaxRounds && DoAll(); ++round) Report();
}

// Deployments under way end their time after they started, or at the beginning if that was before.
std::vector<Player::Ending> Player::Endings() const {
  std::vector<Ending> endings;
  for (const v1::StageRecord& stage : state().stages()) {
    const auto time = times_.find(stage.stage());
    if (time == times_.end()) continue;
    for (const v1::Deployment& deployment : stage.deployments()) {
      const absl::optional<absl::Time> started = ReadTime(deployment.started_at());
      if (deployment.has_ended_at() || !started.has_value()) continue;
      const bool back = deployment.direction() == v1::Deployment::ROLL_BACK;
      Ending ending;
      ending.at = std::max({Later(*started, time->second.time), *started, begin_});
      v1::DeploymentEnded* ended = ending.event.mutable_deployment_ended();
      ended->set_stage(stage.stage());
      ended->set_cell(deployment.cell());
      ended->set_action_id(ActionId(
          state().pipeline(), stage.stage(), deployment.cell(), deployment.artifact(),
          back ? ActionDirection::kRollBack : ActionDirection::kForward, deployment.attempt()));
      ended->set_outcome(v1::Deployment::SUCCEEDED);
      endings.push_back(std::move(ending));
    }
  }
  return endings;
}

bool Player::HasDeploymentUnderWay() const { return !Endings().empty(); }

void Player::GoTo(absl::Time t) {
  now_ = t;
  for (Ending& ending : Endings()) {
    if (ending.at <= t) Write(std::move(ending.event));
  }
  Forget();
}

// Periods that no rollout and no alarm looks back on.
void Player::Forget() {
  const SignalNeeds& needs = facts_.needs();
  const absl::Duration memory =
      needs.longest_clear_for +
      facts_.longest_period() * (needs.most_periods + kExtraEvaluationPeriods + 2);
  facts_.ForgetBefore(OldestJudged(policy_.data(), state(), now_) - memory);
}

// The decision's findings, as far as they are part of the outcome.
std::string Player::Outcome() const {
  std::string outcome;
  for (const StageDecision& stage : decision_.stages) {
    for (const Finding& f : stage.findings) {
      absl::StrAppend(&outcome, f.id, "|", f.artifact, "|", f.wave, "|", f.cell, "|",
                      static_cast<int>(f.verdict), "|", static_cast<int>(f.reason), "|",
                      static_cast<int>(f.effect), "\n");
      for (const Finding& child : f.evidence.children) {
        absl::StrAppend(&outcome, child.id, "|", static_cast<int>(child.verdict), "\n");
      }
    }
    absl::StrAppend(&outcome, stage.stage, "|", static_cast<int>(stage.action), "|",
                    stage.actions.size(), "|", stage.wanted.size(), "\n");
  }
  return outcome;
}

bool Player::ChangesBy(absl::Time t, const std::string& outcome) {
  const absl::Time before = now_;
  facts_.ReportAt(t);
  now_ = t;
  Look();
  now_ = before;
  return Outcome() != outcome;
}

// The first end of a period after now and before `limit` at which another decision is made. Healthy
// reports make things better and never worse: once the outcome differs it goes on to, until a timer
// is due, and no timer is before `limit`.
absl::Time Player::FirstChange(absl::Time limit) {
  const int64_t period = absl::ToInt64Seconds(facts_.period());
  if (period == 0 || limit == absl::InfiniteFuture()) return absl::InfiniteFuture();
  const int64_t first = absl::ToUnixSeconds(now_) / period + 1;
  const auto end = [&](int64_t i) { return absl::FromUnixSeconds((first + i) * period); };
  int64_t last = absl::ToUnixSeconds(limit) / period - first;
  if (end(last) >= limit) --last;
  if (last < 0) return absl::InfiniteFuture();
  const std::string outcome = Outcome();
  // Steps that grow, then halves.
  int64_t same = -1;
  int64_t other = 0;
  while (!ChangesBy(end(other), outcome)) {
    if (other == last) {
      same = last;
      break;
    }
    same = other;
    other = std::min(2 * other + 1, last);
  }
  while (same < last && other - same > 1) {
    const int64_t middle = same + (other - same) / 2;
    (ChangesBy(end(middle), outcome) ? other : same) = middle;
  }
  facts_.ReportAt(now_);
  Look();
  return same == last ? absl::InfiniteFuture() : end(other);
}

absl::Time Player::Next(absl::Time limit) {
  const NextInstants next = NextInstantsOf(decision_, facts_, leaves_);
  absl::Time at = next.timer;
  for (const Ending& ending : Endings()) {
    if (ending.at > now_) at = std::min(at, ending.at);
  }
  if (!next.waits_for_periods) return at;
  const SignalNeeds& needs = facts_.needs();
  const absl::Duration in_vain =
      kShortestWait + needs.longest_bake + needs.longest_clear_for +
      facts_.longest_period() * (needs.most_periods + kExtraEvaluationPeriods + 2);
  const absl::Time until = std::min({at, limit, Later(now_, in_vain)});
  return std::min(at, FirstChange(until));
}

}  // namespace sluice
