#include "tests/differential/ask.h"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/v1/policy.pb.h"
#include "tests/differential/outcome_lines.h"
#include "tests/rollout/times.h"

namespace sluice {
namespace {

using Key = std::tuple<std::string, std::string, std::string, std::string, std::string>;
using Triple = std::tuple<int, int, int>;

std::map<Key, Triple> TriplesOf(const v1::PipelineDecision& decision) {
  std::map<Key, Triple> triples;
  for (const v1::StageDecision& stage : decision.stages()) {
    for (const v1::Finding& finding : stage.findings()) {
      triples[{finding.id(), stage.stage(), finding.artifact(), finding.wave(), finding.cell()}] = {
          finding.verdict(), finding.reason(), finding.effect()};
    }
  }
  return triples;
}

void AddDifferences(absl::string_view what, absl::Time at, std::vector<std::string> differences,
                    std::vector<std::string>* wrong) {
  if (differences.empty()) return;
  wrong->push_back(absl::StrCat(what, " at ", absl::FormatTime(at, absl::UTCTimeZone())));
  for (std::string& line : differences) wrong->push_back(std::move(line));
}

// The library's answer, held against the model's.
v1::PipelineDecision Compared(const Ask& ask, absl::Time now, int* asked,
                              std::vector<std::string>* wrong) {
  ++*asked;
  v1::PipelineDecision decision = ask.Library(now);
  AddDifferences("library (-) and model (+)", now,
                 Differences(AnswerLines(decision), AnswerLines(ask.Model(now))), wrong);
  return decision;
}

// Whether the finding's instant is one of a combination that may be too early [X1]: the last of the
// 4,096 instants of its children that were looked at, which are far apart in all that is drawn.
bool MayBeEarly(const v1::Finding& finding, absl::Time now) {
  return finding.evidence().children_size() > 0 &&
         ToTime(finding.changes_at()) - now >= absl::Hours(24);
}

// Whether what the blocker says of a window follows from the plan, which other leaves may change
// first [T4] [G5].
bool FollowsThePlan(const v1::Blocker& blocker) {
  if (blocker.time_window().has_expected_duration()) return true;
  for (const v1::Combination* combination :
       {&blocker.any_of(), &blocker.all_of(), &blocker.at_least()}) {
    for (const v1::Blocker& child : combination->children()) {
      if (FollowsThePlan(child)) return true;
    }
  }
  return false;
}

// The ids of those of a policy.
std::set<std::string> FollowingThePlan(const v1::PipelinePolicy& policy) {
  std::set<std::string> ids;
  const auto add = [&ids](const google::protobuf::RepeatedPtrField<v1::Blocker>& blockers) {
    for (const v1::Blocker& blocker : blockers) {
      if (FollowsThePlan(blocker)) ids.insert(blocker.id());
    }
  };
  add(policy.blockers());
  for (const v1::Stage& stage : policy.stages()) {
    add(stage.blockers());
    for (const v1::Wave& wave : stage.rollout().waves()) add(wave.blockers());
  }
  return ids;
}

bool MayBeEarly(const v1::PipelineDecision& decision, absl::Time now) {
  for (const v1::StageDecision& stage : decision.stages()) {
    for (const v1::Finding& finding : stage.findings()) {
      if (ToTime(finding.changes_at()) == ToTime(decision.valid_until()) &&
          MayBeEarly(finding, now)) {
        return true;
      }
    }
  }
  return false;
}

void CheckHorizon(const Ask& ask, const v1::PipelineDecision& decision, absl::Time now, int* asked,
                  std::vector<std::string>* wrong) {
  if (!decision.has_valid_until()) return;
  const absl::Time until = ToTime(decision.valid_until());
  const std::vector<std::string> outcome = OutcomeLines(decision);
  if (until <= now) {
    wrong->push_back("valid_until is not after now");
    return;
  }
  const absl::Time last = until - absl::Nanoseconds(1);
  AddDifferences("outcome changed before valid_until", last,
                 Differences(outcome, OutcomeLines(Compared(ask, last, asked, wrong))), wrong);
  if (outcome == OutcomeLines(Compared(ask, until, asked, wrong)) && !MayBeEarly(decision, now)) {
    wrong->push_back(absl::StrCat("outcome is the same at valid_until ",
                                  absl::FormatTime(until, absl::UTCTimeZone())));
  }
}

// Each finding's own horizon, by the library's answers alone.
void CheckFindings(const Ask& ask, const v1::PipelineDecision& decision, absl::Time now,
                   std::vector<std::string>* wrong) {
  const std::map<Key, Triple> triples = TriplesOf(decision);
  std::map<absl::Time, std::set<Key>> by_instant;
  std::set<Key> may_be_early;
  for (const v1::StageDecision& stage : decision.stages()) {
    for (const v1::Finding& finding : stage.findings()) {
      if (!finding.has_changes_at()) continue;
      const Key key = {finding.id(), stage.stage(), finding.artifact(), finding.wave(),
                       finding.cell()};
      by_instant[ToTime(finding.changes_at())].insert(key);
      if (MayBeEarly(finding, now)) may_be_early.insert(key);
    }
  }
  const std::set<std::string> following_the_plan = FollowingThePlan(ask.policy());
  for (const auto& [at, keys] : by_instant) {
    if (at <= now) {
      wrong->push_back("changes_at is not after now");
      return;
    }
    const std::map<Key, Triple> before = TriplesOf(ask.Library(at - absl::Nanoseconds(1)));
    const std::map<Key, Triple> then = TriplesOf(ask.Library(at));
    for (const Key& key : keys) {
      const Triple& triple = triples.at(key);
      if (at > ToTime(decision.valid_until()) && following_the_plan.count(std::get<0>(key)) > 0) {
        continue;
      }
      // A finding may be gone by then: that another one changed first takes it away.
      const auto found_before = before.find(key);
      if (found_before != before.end() && found_before->second != triple) {
        wrong->push_back(absl::StrCat("finding ", std::get<0>(key), " of ", std::get<1>(key), " ",
                                      std::get<4>(key), " changed before its changes_at ",
                                      absl::FormatTime(at, absl::UTCTimeZone())));
      }
      const auto found_then = then.find(key);
      if (found_then != then.end() && found_then->second == triple &&
          may_be_early.count(key) == 0) {
        wrong->push_back(absl::StrCat("finding ", std::get<0>(key), " of ", std::get<1>(key), " ",
                                      std::get<4>(key), " is the same at its changes_at ",
                                      absl::FormatTime(at, absl::UTCTimeZone())));
      }
    }
  }
}

}  // namespace

Ask::Ask(const Policy& policy, const v1::Inputs& inputs) : policy_(policy) {
  for (const v1::KnownBadList& message : inputs.known_bad()) {
    absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
    if (!list.ok()) {
      broken_ = true;
      return;
    }
    lists_.push_back(*std::move(list));
  }
  if (inputs.has_organisation()) organisation_ = Organisation::Load(inputs.organisation());
  LoadOptions options;
  for (const KnownBadList& list : lists_) options.known_bad.push_back(&list);
  snapshot_ = std::make_unique<Snapshot>(Snapshot::Load(inputs.state(), organisation_, options));
  reference::World world{policy.effective(),
                         inputs.state(),
                         inputs.has_organisation() ? &inputs.organisation() : nullptr,
                         {},
                         std::string(policy.fingerprint())};
  for (const v1::KnownBadList& list : inputs.known_bad()) world.lists.push_back(&list);
  model_ = std::make_unique<reference::Model>(world);
}

v1::PipelineDecision Ask::Library(absl::Time now) const {
  return ToProto(policy_.Decide(*snapshot_, now));
}

v1::PipelineDecision Ask::Model(absl::Time now) const { return model_->Decide(now); }

std::vector<std::string> Wrong(const Ask& ask, absl::Time now, int* asked) {
  std::vector<std::string> wrong;
  const v1::PipelineDecision decision = Compared(ask, now, asked, &wrong);
  CheckHorizon(ask, decision, now, asked, &wrong);
  CheckFindings(ask, decision, now, &wrong);
  return wrong;
}

}  // namespace sluice
