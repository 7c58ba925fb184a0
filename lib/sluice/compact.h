#ifndef SLUICE_COMPACT_H_
#define SLUICE_COMPACT_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "sluice/policy.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

struct CompactOptions {
  // How many distinct artifacts proven on a cell are kept as its roll back targets, at least 2: the
  // only thing that is dropped although a decision could come to need it. A roll back that finds
  // all of them refused has no safe target, and holds.
  int roll_back_targets = 5;
  // How long events stay known. Reports (alarms, series, counts and other observations) are
  // forgotten after the first: an older report never takes the place of a newer one. Other events
  // after the second: `Apply` then refuses facts from before, and the revision guards the rest.
  absl::Duration remember_reports_for = absl::Hours(1);
  absl::Duration remember_events_for = absl::Hours(7 * 24);
};

// Drops what no decision of `policy` at `now` or later can need [D3]: deployments, rollouts,
// artifacts and what belongs to them, runs of checks, requests, holds that have ended, cells that
// are retired, events long applied. No decision changes, at `now` or later, whatever is applied
// afterwards.
//
// FailedPrecondition, and nothing is dropped, if anything in the state can't be read: what that
// means is for people to decide. Leaves the revision as it is; the host stores the result with
// compare-and-set like any other write. Cost: that of one decision, and n log n in the records.
absl::Status Compact(const Policy& policy, absl::Time now, v1::PipelineState* state,
                     const CompactOptions& options = {});

}  // namespace sluice

#endif  // SLUICE_COMPACT_H_
