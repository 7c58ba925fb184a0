#ifndef SLUICE_DECISION_H_
#define SLUICE_DECISION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/finding.h"
#include "sluice/v1/decision.pb.h"

namespace sluice {

// What a stage should do now. The first that applies, in this order but for kHold.
enum class Action : uint8_t { kHold = 0, kRollBack, kWait, kDeploy, kReady, kIdle };

// One deployment to make.
struct CellAction {
  absl::string_view cell;      // Empty in a stage that deploys nothing.
  absl::string_view artifact;  // What to deploy.
  absl::string_view wave;      // Of a forward action.
  uint32_t attempt = 0;
  bool roll_back = false;
  bool target_unchecked = false;  // Not compared with every known-bad list.
};

// What should be recorded, in the words of v1::WantedRecord.
struct WantedRecord {
  v1::WantedRecord::Kind kind = v1::WantedRecord::KIND_UNSPECIFIED;
  absl::string_view artifact;
  absl::string_view wave;
  absl::string_view cell;
  Reason reason = v1::REASON_UNSPECIFIED;  // Of HALTED.
};

// An artifact that was looked at and is not the one.
struct PassedOver {
  absl::string_view artifact;
  Reason reason = v1::REASON_UNSPECIFIED;
};

struct PlannedCells {
  absl::string_view wave;
  std::vector<absl::string_view> cells;
  std::vector<uint32_t> weights;
};

struct StageDecision {
  absl::string_view stage;
  Action action = Action::kHold;
  absl::string_view artifact;  // That moves forward or is rolled back; empty: none.
  std::vector<CellAction> actions;
  std::vector<Finding> findings;  // Sorted by (id, artifact, wave, cell).
  std::vector<WantedRecord> wanted;
  std::vector<PassedOver> passed_over;
  std::vector<PlannedCells> plan;
  std::vector<absl::string_view> roll_back_cells;  // Sorted.
  // Next and not held, but without room in the blast radius or beside the deployments under way.
  std::vector<absl::string_view> cells_without_room;
  bool halts_running = false;
};

struct ListEpoch {
  absl::string_view list;
  uint64_t epoch = 0;
};

// The answer for a pipeline at one instant. Text points into the policy and the snapshot it was
// made from, which must outlive it. Reuse one object for many calls of Decide to save allocations;
// do not share it between threads while it is written.
struct Decision {
  absl::string_view pipeline;
  absl::Time now;
  // The outcome is the same on [now, valid_until) and differs at valid_until, the state unchanged;
  // InfiniteFuture: never. A host sleeps until then or until a new fact.
  absl::Time valid_until;
  std::vector<StageDecision> stages;
  absl::string_view policy_fingerprint;
  absl::string_view zone_hash;
  uint64_t state_revision = 0;
  uint64_t organisation_epoch = 0;
  std::vector<ListEpoch> lists;

  // The decision of a stage, or null.
  const StageDecision* Stage(absl::string_view id) const;
};

// The names of an action and of a wanted record, for `Policy::Admit` and events.
std::string IdOf(const Decision& decision, const StageDecision& stage, const CellAction& action);
std::string IdOf(const Decision& decision, const StageDecision& stage, const WantedRecord& wanted);

// The decision as a message, ids of actions and a sentence for each finding included.
v1::PipelineDecision ToProto(const Decision& decision);

// Names of enumerators as in the messages: `ROLL_BACK`.
absl::string_view ActionName(Action action);

}  // namespace sluice

#endif  // SLUICE_DECISION_H_
