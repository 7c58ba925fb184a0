#ifndef SLUICE_SNAPSHOT_H_
#define SLUICE_SNAPSHOT_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

struct SnapshotData;

struct LoadOptions {
  // Every list that the policy may name. They must outlive the snapshot.
  std::vector<const KnownBadList*> known_bad;
  // The highest revision the caller has seen; a state below it gives no action (STATE_WENT_BACK).
  uint64_t min_revision = 0;
};

// One state of a pipeline, with the organisation's facts and lists, ready to be decided over.
// Immutable, cheap to copy, safe to share between threads.
//
//   const sluice::Snapshot snapshot = sluice::Snapshot::Load(state, organisation, {{&list}});
//   const sluice::Decision decision = policy.Decide(snapshot, now);
class Snapshot {
 public:
  // Never fails: a record that can't be used is INVALID in the smallest scope it names. `state` and
  // the message behind `organisation` must outlive the snapshot. Linear in the state, but for
  // sorting.
  static Snapshot Load(const v1::PipelineState& state, const Organisation& organisation,
                       const LoadOptions& options = {});
  static Snapshot Load(v1::PipelineState&& state, const Organisation& organisation,
                       const LoadOptions& options = {}) = delete;

  const SnapshotData& data() const { return *data_; }

 private:
  explicit Snapshot(std::shared_ptr<const SnapshotData> data) : data_(std::move(data)) {}

  std::shared_ptr<const SnapshotData> data_;
};

}  // namespace sluice

#endif  // SLUICE_SNAPSHOT_H_
