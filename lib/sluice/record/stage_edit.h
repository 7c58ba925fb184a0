#ifndef SLUICE_RECORD_STAGE_EDIT_H_
#define SLUICE_RECORD_STAGE_EDIT_H_

#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/timestamp.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Which of a stage's records an event touches, and so which must be readable [I2]. Records beyond
// it are left as they are, readable or not: a broken record of one cell does not stop the roll back
// of another [G9].
struct StageScope {
  // The deployments of `cell` and what is recorded about every artifact; at most one rollout may be
  // under way. `cell` empty: no deployments.
  static StageScope Forward(absl::string_view cell) { return {true, cell, {}}; }
  // The deployments of `cell` and what is recorded about `artifact`; either may be empty: none.
  static StageScope Of(absl::string_view cell, absl::string_view artifact) {
    return {false, cell, artifact};
  }

  bool every_artifact = false;
  absl::string_view cell;
  absl::string_view artifact;
};

// A copy of one stage's record to change and then put back, so that a refused event changes
// nothing.
class StageEdit {
 public:
  // A new record if the stage has none. FailedPrecondition if a record in `scope` is malformed or
  // contradicts another; exact duplicates are dropped.
  static absl::StatusOr<StageEdit> Open(const v1::PipelineState& state, absl::string_view stage,
                                        const StageScope& scope);

  v1::StageRecord& record() { return record_; }

  // The rollout that is RUNNING or ROLLING_BACK, or null.
  v1::Rollout* ActiveRollout();
  // The newest rollout of the artifact, or null.
  v1::Rollout* NewestRollout(absl::string_view artifact);
  // The newest deployment of the cell, or null.
  v1::Deployment* NewestDeployment(absl::string_view cell);
  // The newest forward deployment of the artifact to the cell, or null.
  v1::Deployment* NewestForward(absl::string_view cell, absl::string_view artifact);
  // The attempt that the next deployment of that kind is: 1 and the ended ones [R9].
  uint32_t NextAttempt(absl::string_view cell, absl::string_view artifact,
                       v1::Deployment::Direction direction) const;
  // Whether a roll back of the artifact is remembered and not released [S1].
  bool IsLatched(absl::string_view artifact) const;
  bool HasEntered(absl::string_view artifact) const;
  bool HasUnrevokedPass(absl::string_view artifact) const;

  // Remembers that the artifact was rolled back, once, and revokes its pass [S1].
  void Latch(absl::string_view artifact, const google::protobuf::Timestamp& at);

  // Puts the record into `state`. ResourceExhausted, and nothing is changed, if a list is too long.
  absl::Status Commit(v1::PipelineState* state);

 private:
  explicit StageEdit(v1::StageRecord record) : record_(std::move(record)) {}

  v1::StageRecord record_;
};

inline bool IsUnderWay(const v1::Deployment& deployment) { return !deployment.has_ended_at(); }

// Whether the deployment makes its artifact one that the cell is known to run well: recorded as
// proven, or by a person's word as accepted or adopted [R7] [S7].
bool IsProven(const v1::Deployment& deployment);

// The later of the two; the other if one can't be read.
const google::protobuf::Timestamp& LaterOf(const google::protobuf::Timestamp& a,
                                           const google::protobuf::Timestamp& b);

// Ends the rollout in a terminal state; not before it started, whatever the host's clock says.
void EndRollout(v1::Rollout::State state, const google::protobuf::Timestamp& at,
                v1::Rollout* rollout);

}  // namespace sluice

#endif  // SLUICE_RECORD_STAGE_EDIT_H_
