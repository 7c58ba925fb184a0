#include "sluice/explain/smallest_changes.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "sluice/decision.h"
#include "sluice/explain/list_remedies.h"
#include "sluice/explain/remedies.h"
#include "sluice/explain/remedy.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/checked_time.h"
#include "sluice/load/record_count.h"
#include "sluice/policy_data.h"

namespace sluice {
namespace {

// Sets up to this size have all their subsets tried.
constexpr size_t kAllSubsetsUpTo = 6;

// Rounds of records that are written before a decision counts: cells, then waves, then the rollout,
// then its pass.
constexpr int kRounds = 6;

// Entries that a list in its own form is made up to at most.
constexpr uint64_t kMostStandInEntries = 20'000;

// Findings about waves and cells that are looked at together. The others' turn comes once these
// have ended.
constexpr size_t kMostNarrowObstacles = 48;

// How often the instant of one set is put off.
constexpr int kMostPutOffs = 64;

// Remedies by their numbers, sorted; at most one is of kTime.
using Set = std::vector<int>;

// What a set comes to.
struct Outcome {
  bool moves = false;
  bool can_be_made = false;
  std::vector<int> next;  // Remedies of which one may help next; in the order of their kinds.
  std::vector<std::string> obstacles;       // Sentences.
  std::vector<std::string> without_remedy;  // Of these.
  bool has_dead_end = false;                // Something necessary has no remedy.
};

// A word that no id of what the state has begins with.
std::string NewPrefix(const v1::PipelineState& state) {
  std::string prefix = "explain";
  const auto is_taken = [&](const auto& records, auto id_of) {
    return std::any_of(records.begin(), records.end(),
                       [&](const auto& record) { return absl::StartsWith(id_of(record), prefix); });
  };
  const auto id = [](const auto& record) -> absl::string_view { return record.id(); };
  const auto run = [](const auto& record) -> absl::string_view { return record.run(); };
  const auto any = [&] {
    if (is_taken(state.applied_events(), id) || is_taken(state.approvals(), id) ||
        is_taken(state.overrides(), id) || is_taken(state.checks(), run) ||
        is_taken(state.measurements(), run)) {
      return true;
    }
    return std::any_of(
        state.stages().begin(), state.stages().end(), [&](const v1::StageRecord& stage) {
          return is_taken(stage.start_requests(), id) || is_taken(stage.preempt_requests(), id) ||
                 is_taken(stage.retry_requests(), id);
        });
  };
  while (any()) prefix.push_back('x');
  return prefix;
}

class Search {
 public:
  Search(const Situation& situation, const HeldArtifact& held, const SearchLimits& limits)
      : base_(situation), held_(held), limits_(limits), prefix_(NewPrefix(*situation.state)) {
    for (ListInput& input : base_.known_bad) {
      if (input.message != nullptr) continue;
      stand_ins_.push_back(std::make_unique<v1::KnownBadList>(
          StandInFor(*input.list, *base_.state, base_.now, kMostStandInEntries)));
      input.message = stand_ins_.back().get();
    }
    const PolicyData& policy = base_.policy->data();
    for (const StageRule& stage : policy.stages) {
      if (stage.id == held_.stage) rule_ = &stage;
    }
  }

  SmallestChangesResult Run() {
    SmallestChangesResult result;
    const Outcome& now = Try({});
    result.without_remedy = now.without_remedy;
    if (now.moves) {
      found_.insert(Set());
    } else if (!now.has_dead_end && !held_.artifact.empty()) {
      Dive();
      budget_ = decisions_ + Decisions();
      result.has_more = !Widen() || was_cut_;
    }
    if (found_.empty() && result.without_remedy.empty()) result.without_remedy = LastObstacles();
    for (const Set& set : found_) {
      if (!IsNeedless(set)) result.sets.push_back({ChangesOf(set), InstantOf(set)});
    }
    Sort(&result.sets);
    if (result.sets.size() > static_cast<size_t>(limits_.sets)) {
      result.sets.resize(static_cast<size_t>(limits_.sets));
      result.has_more = true;
    }
    result.decisions = decisions_;
    return result;
  }

 private:
  // How many decisions may be made with a state as large as this.
  int Decisions() const {
    constexpr int64_t kFewest = 20;
    auto records = static_cast<int64_t>(RecordCount(*base_.state)) + 1;
    for (const v1::StageRecord& stage : base_.state->stages()) {
      records += stage.deployments_size();
    }
    return static_cast<int>(
        std::min<int64_t>(limits_.decisions, std::max(kFewest, limits_.records / records)));
  }

  absl::Time InstantOf(const Set& set) const {
    absl::Time now = base_.now;
    for (const int i : set) {
      if (remedies_[i].kind == ChangeKind::kTime) now = std::max(now, remedies_[i].until);
    }
    return now;
  }

  // The changes of a set, in the order in which they are made, their events numbered.
  std::vector<Change> ChangesOf(const Set& set) const {
    struct Placed {
      int phase;
      Change change;
    };
    std::vector<Placed> placed;
    const absl::Time now = InstantOf(set);
    for (const int i : set) {
      const Remedy& remedy = remedies_[i];
      Placed added{remedy.phase, {}};
      if (remedy.kind == ChangeKind::kTime) {
        added.change.now = remedy.until;
        added.change.sentence = absl::StrCat("at ", Instant(remedy.until));
      } else {
        added.change = remedy.make(now);
      }
      added.change.kind = remedy.kind;
      placed.push_back(std::move(added));
    }
    std::sort(placed.begin(), placed.end(), [](const Placed& a, const Placed& b) {
      if (a.change.kind != b.change.kind) return a.change.kind < b.change.kind;
      if (a.phase != b.phase) return a.phase < b.phase;
      return a.change.sentence < b.change.sentence;
    });
    std::vector<Change> changes;
    for (Placed& one : placed) changes.push_back(std::move(one.change));
    NumberEvents(base_, prefix_, &changes);
    return changes;
  }

  // What still stands in the way where remedies came to their end, or none helped.
  std::vector<std::string> LastObstacles() const {
    std::set<std::string> sentences;
    for (const auto& [set, outcome] : tried_) {
      sentences.insert(outcome->without_remedy.begin(), outcome->without_remedy.end());
      if (outcome->next.empty()) {
        sentences.insert(outcome->obstacles.begin(), outcome->obstacles.end());
      }
    }
    const auto now = tried_.find(Set());
    if (sentences.empty() && now != tried_.end()) {
      sentences.insert(now->second->obstacles.begin(), now->second->obstacles.end());
    }
    return {sentences.begin(), sentences.end()};
  }

  // The number of a remedy.
  int NumberOf(Remedy remedy) {
    const auto [found, is_new] =
        number_by_key_.try_emplace(remedy.key, static_cast<int>(remedies_.size()));
    if (is_new) remedies_.push_back(std::move(remedy));
    return found->second;
  }

  const Outcome& Try(const Set& set) {
    const auto found = tried_.find(set);
    if (found != tried_.end()) return *found->second;
    auto outcome = std::make_unique<Outcome>(TryAnew(set));
    return *tried_.emplace(set, std::move(outcome)).first->second;
  }

  Outcome TryAnew(const Set& set) {
    Outcome outcome;
    const std::vector<Change> changes = ChangesOf(set);
    const absl::StatusOr<std::unique_ptr<ChangedSituation>> changed =
        ChangedSituation::Make(base_, changes);
    ++decisions_;
    if (!changed.ok()) return outcome;
    outcome.can_be_made = true;
    for (int round = 1;; ++round) {
      const Snapshot snapshot = (*changed)->Load();
      const Decision decision = base_.policy->Decide(snapshot, (*changed)->now());
      if (round > 1) ++decisions_;
      outcome.moves = Moves(held_, decision);
      if (outcome.moves) return outcome;
      if (round < kRounds && RecordWanted(decision, changed->get())) continue;
      FindNext(set, **changed, snapshot, decision, &outcome);
      return outcome;
    }
  }

  // Writes what the decision wants recorded in the stage. False if there is nothing to write.
  bool RecordWanted(const Decision& decision, ChangedSituation* changed) {
    const StageDecision* stage = decision.Stage(held_.stage);
    bool any = false;
    for (size_t i = 0; stage != nullptr && i < stage->wanted.size(); ++i) {
      const WantedRecord& wanted = stage->wanted[i];
      v1::Event event;
      const std::string id = IdOf(decision, *stage, wanted);
      event.set_id(absl::StrCat(prefix_, "-record-", ++records_));
      *event.mutable_at() = WriteTime(changed->now());
      event.set_expected_revision(changed->state().revision());
      v1::Recorded* recorded = event.mutable_recorded();
      recorded->set_stage(held_.stage);
      recorded->set_policy_fingerprint(std::string(base_.policy->fingerprint()));
      recorded->mutable_record()->set_kind(wanted.kind);
      recorded->mutable_record()->set_artifact(std::string(wanted.artifact));
      recorded->mutable_record()->set_wave(std::string(wanted.wave));
      recorded->mutable_record()->set_cell(std::string(wanted.cell));
      recorded->mutable_record()->set_reason(wanted.reason);
      recorded->mutable_record()->set_id(id);
      any = changed->Record(event).ok() || any;
    }
    return any;
  }

  void FindNext(const Set& set, const ChangedSituation& changed, const Snapshot& snapshot,
                const Decision& decision, Outcome* outcome) {
    const SnapshotData& facts = snapshot.data();
    const RemedyContext context{
        base_,  changed.state(), facts, changed.now(), held_, rule_, facts.Artifact(held_.artifact),
        prefix_};
    const std::vector<Obstacle> obstacles =
        ObstaclesOf(context, decision, kMostNarrowObstacles, &was_cut_);
    std::vector<int> around;  // Of all that are not necessary.
    bool is_chosen = false;
    for (const Obstacle& obstacle : obstacles) {
      outcome->obstacles.push_back(obstacle.sentence);
      if (obstacle.remedies.empty()) outcome->without_remedy.push_back(obstacle.sentence);
      if (obstacle.remedies.empty() && obstacle.is_necessary) outcome->has_dead_end = true;
      std::vector<int> numbers;
      for (const Remedy& remedy : obstacle.remedies) {
        const int number = NumberOf(remedy);
        if (!std::binary_search(set.begin(), set.end(), number)) numbers.push_back(number);
      }
      if (obstacle.is_necessary && !numbers.empty() && !is_chosen) {
        outcome->next = numbers;
        is_chosen = true;
      }
      around.insert(around.end(), numbers.begin(), numbers.end());
    }
    if (!is_chosen) outcome->next = around;
    std::stable_sort(outcome->next.begin(), outcome->next.end(),
                     [&](int a, int b) { return remedies_[a].kind < remedies_[b].kind; });
    Set seen;
    outcome->next.erase(std::remove_if(outcome->next.begin(), outcome->next.end(),
                                       [&](int number) {
                                         const bool is_known = std::find(seen.begin(), seen.end(),
                                                                         number) != seen.end();
                                         seen.push_back(number);
                                         return is_known;
                                       }),
                        outcome->next.end());
    // Nothing below a dead end moves.
    if (outcome->has_dead_end) outcome->next.clear();
  }

  // `set` and one more remedy; an instant takes the place of an earlier one.
  Set With(const Set& set, int number) const {
    Set more;
    const bool is_time = remedies_[number].kind == ChangeKind::kTime;
    for (const int i : set) {
      if (!is_time || remedies_[i].kind != ChangeKind::kTime) more.push_back(i);
    }
    more.insert(std::lower_bound(more.begin(), more.end(), number), number);
    return more;
  }

  // Takes the first remedy of what stands in the way until the artifact moves, so that there is a
  // set however many changes it takes.
  void Dive() {
    Set set;
    for (int step = 0; step < limits_.size + kMostPutOffs; ++step) {
      const Outcome& outcome = Try(set);
      if (outcome.moves) {
        Keep(set);
        return;
      }
      if (outcome.next.empty() || set.size() > static_cast<size_t>(limits_.size)) return;
      // The first that can be made.
      const std::vector<int> next = outcome.next;
      const auto chosen = std::find_if(
          next.begin(), next.end(), [&](int number) { return Try(With(set, number)).can_be_made; });
      if (chosen == next.end()) return;
      set = With(set, *chosen);
    }
  }

  // Looks through the sets in the order of their size. False if the budget ended.
  bool Widen() {
    std::set<Set> known = {Set()};
    std::vector<Set> level = {Set()};
    for (int size = 0; size <= limits_.size && !level.empty(); ++size) {
      std::vector<Set> next_level;
      // Those that put an instant off join the level they are of.
      for (size_t i = 0; i < level.size(); ++i) {
        if (decisions_ >= budget_) return false;
        const Set set = level[i];
        if (HasFoundSubset(set)) continue;
        const Outcome& outcome = Try(set);
        if (outcome.moves) {
          Keep(set);
          // One more than is reported tells that there are more.
          if (CountFoundUpTo(static_cast<size_t>(size)) > static_cast<size_t>(limits_.sets)) {
            return false;
          }
          continue;
        }
        for (const int number : outcome.next) {
          Set more = With(set, number);
          if (!known.insert(more).second) continue;
          if (more.size() == set.size()) {
            level.push_back(std::move(more));
          } else if (static_cast<int>(more.size()) <= limits_.size) {
            next_level.push_back(std::move(more));
          }
        }
      }
      level = std::move(next_level);
    }
    return true;
  }

  // Whether a part of it was found too, or the same at an earlier instant.
  bool IsNeedless(const Set& set) const {
    if (HasFoundSubset(set)) return true;
    const Set others = WithoutTime(set);
    return std::any_of(found_.begin(), found_.end(), [&](const Set& found) {
      return found.size() == set.size() && InstantOf(found) < InstantOf(set) &&
             WithoutTime(found) == others;
    });
  }

  Set WithoutTime(const Set& set) const {
    Set others;
    for (const int i : set) {
      if (remedies_[i].kind != ChangeKind::kTime) others.push_back(i);
    }
    return others;
  }

  size_t CountFoundUpTo(size_t size) const {
    return static_cast<size_t>(std::count_if(found_.begin(), found_.end(),
                                             [&](const Set& set) { return set.size() <= size; }));
  }

  bool HasFoundSubset(const Set& set) const {
    return std::any_of(found_.begin(), found_.end(), [&](const Set& found) {
      return found.size() < set.size() &&
             std::includes(set.begin(), set.end(), found.begin(), found.end());
    });
  }

  // Keeps a set that moves or, of its subsets that do, a smallest one.
  void Keep(const Set& set) { found_.insert(SmallestOf(set)); }

  Set SmallestOf(Set set) {
    while (set.size() > kAllSubsetsUpTo) {
      bool is_smaller = false;
      for (size_t i = 0; i < set.size() && !is_smaller; ++i) {
        Set less = set;
        less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
        if (!Try(less).moves) continue;
        set = std::move(less);
        is_smaller = true;
      }
      if (!is_smaller) return set;
    }
    // By size, so that the first that moves has no part that does.
    const size_t all = size_t{1} << set.size();
    std::vector<std::pair<size_t, Set>> subsets;
    for (size_t bits = 0; bits + 1 < all; ++bits) {
      Set subset;
      for (size_t i = 0; i < set.size(); ++i) {
        if ((bits >> i & 1) != 0) subset.push_back(set[i]);
      }
      subsets.emplace_back(subset.size(), std::move(subset));
    }
    std::stable_sort(subsets.begin(), subsets.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& subset : subsets) {
      if (Try(subset.second).moves) return subset.second;
    }
    return set;
  }

  static void Sort(std::vector<ChangeSet>* sets) {
    const auto key = [](const ChangeSet& set) {
      std::vector<ChangeKind> kinds;
      std::vector<std::string> sentences;
      for (const Change& change : set.changes) {
        kinds.push_back(change.kind);
        sentences.push_back(change.sentence);
      }
      return std::make_tuple(set.changes.size(), kinds, sentences);
    };
    std::sort(sets->begin(), sets->end(),
              [&](const ChangeSet& a, const ChangeSet& b) { return key(a) < key(b); });
  }

  Situation base_;
  const HeldArtifact& held_;
  const SearchLimits& limits_;
  const std::string prefix_;
  const StageRule* rule_ = nullptr;
  std::vector<std::unique_ptr<v1::KnownBadList>> stand_ins_;

  std::deque<Remedy> remedies_;
  absl::flat_hash_map<std::string, int> number_by_key_;
  absl::flat_hash_map<Set, std::unique_ptr<Outcome>> tried_;
  std::set<Set> found_;
  int decisions_ = 0;
  int budget_ = 0;
  int records_ = 0;
  bool was_cut_ = false;  // Not all that stands in the way was looked at.
};

}  // namespace

SmallestChangesResult SmallestChanges(const Situation& situation, const HeldArtifact& held,
                                      const SearchLimits& limits) {
  return Search(situation, held, limits).Run();
}

}  // namespace sluice
