#ifndef SLUICE_TESTS_ROLLOUT_HOST_H_
#define SLUICE_TESTS_ROLLOUT_HOST_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/decision.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/snapshot.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/state.pb.h"
#include "tests/rollout/checker.h"
#include "tests/rollout/outside.h"

namespace sluice {

// The stored state of a pipeline: every change is an event.
class Ledger {
 public:
  explicit Ledger(v1::PipelineState state) : state_(std::move(state)) {}

  // Applies the event, after giving it an instant and, where it has none, an id and a revision.
  absl::Status Write(v1::Event event, absl::Time at);
  const v1::PipelineState& state() const { return state_; }
  v1::PipelineState* mutable_state() { return &state_; }
  // Counts what was written.
  uint64_t version() const { return version_; }

  // Told every event as it was applied, and how that ended.
  std::function<void(const v1::Event&, const absl::Status&)> on_write;

 private:
  v1::PipelineState state_;
  uint64_t version_ = 0;
  uint64_t last_event_ = 0;
};

// The list and the facts, as a host last read them.
struct Knowledge {
  v1::KnownBadList list_message;
  v1::OrganisationFacts facts;
  std::shared_ptr<const KnownBadList> list;
  Organisation organisation;

  // `before`, if not null, is what was known before: an equal list is not built again.
  Knowledge(const v1::KnownBadList& list, const v1::OrganisationFacts& facts,
            const Knowledge* before = nullptr);
  Snapshot Load(const v1::PipelineState& state) const;
};

// What a stage's newest decision said.
struct StageView {
  std::string stage;
  Action action = Action::kHold;
  std::string artifact;
  std::string wave;             // Of READY.
  std::string holding;          // The findings that hold, for people.
  std::set<std::string> ended;  // Artifacts passed over because their rollout was ended.
};

// What all hosts of a pipeline share.
struct Shared {
  Ledger* ledger = nullptr;
  Outside* outside = nullptr;
  Checker* checker = nullptr;
  std::shared_ptr<const Policy> policy;
  std::function<void(const std::string&)> trace;  // May be empty.
};

// Follows the decisions about one pipeline, writing down each action before it has it done. It does
// one small step at a time, so that others can come between any two, and it can be killed there.
class Host {
 public:
  Host(Shared* shared, std::string name) : shared_(*shared), name_(std::move(name)) {}

  // One step at `clock`, the host's notion of the time `real`. False: a whole round did nothing.
  bool Step(absl::Time clock, absl::Time real);
  // Steps until a whole round does nothing.
  void Run(absl::Time clock, absl::Time real);
  // Loses what it was about to do.
  void Kill();

  // Of the newest decision.
  absl::Time valid_until() const { return valid_until_; }
  const std::vector<StageView>& stages() const { return stages_; }
  // Why it had to stop; empty: it need not.
  const std::string& failure() const { return failure_; }

 private:
  enum class Phase { kLook, kAsk, kWrite, kTell };
  struct ToDo {
    std::string id;
    v1::Event event;
    v1::StageDecision stage;  // Of an action.
  };

  void Look(absl::Time clock, absl::Time real);
  void Decide(absl::Time clock);
  void TakeEnds(absl::Time clock, absl::Time real);
  void Plan(const Decision& decision, const StageDecision& stage);
  void Ask(absl::Time clock);
  void Write(absl::Time clock);
  void Tell(absl::Time real);
  void Fail(const std::string& why);
  void Trace(const std::string& line);

  Shared& shared_;
  const std::string name_;
  Phase phase_ = Phase::kLook;
  bool acted_ = false;
  std::shared_ptr<const Policy> policy_;
  std::unique_ptr<Knowledge> knowledge_;
  std::deque<ToDo> to_do_;
  uint64_t asked_version_ = 0;
  absl::Time valid_until_ = absl::InfiniteFuture();
  std::vector<StageView> stages_;
  std::string failure_;
};

}  // namespace sluice

#endif  // SLUICE_TESTS_ROLLOUT_HOST_H_
