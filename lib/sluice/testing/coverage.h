#ifndef SLUICE_TESTING_COVERAGE_H_
#define SLUICE_TESTING_COVERAGE_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "sluice/decision.h"
#include "sluice/testing/coverage_points.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {

// What a policy does, and which of it a moment of a test shows.
//
// A moment shows a verdict if a test would notice another one: the expectation names the finding
// with its verdict, reason or effect; or it states the action, and the finding decides it. Clear
// blockers decide a DEPLOY or READY, clear pass criteria and bakes a wanted record, the only
// finding that holds a HOLD or WAIT, and the only trigger a ROLL_BACK. Actions, records, waves and
// artifacts that were passed over are shown where an expectation states them.
//
// Immutable; safe to share between threads.
class PolicyCoverage {
 public:
  // `policy` compiles, its profile's choices filled in. Keeps nothing of it.
  explicit PolicyCoverage(const v1::PipelinePolicy& policy);

  const std::vector<CoveragePoint>& points() const { return points_; }

  // Indexes of the points that `moment` shows, ascending. `decision` is that of this policy in
  // `state`, and agrees with the moment.
  std::vector<int> ShownBy(const v1::Moment& moment, const Decision& decision,
                           const v1::PipelineState& state) const;

 private:
  std::vector<CoveragePoint> points_;
  absl::flat_hash_map<std::string, std::vector<int>> by_key_;
};

}  // namespace sluice

#endif  // SLUICE_TESTING_COVERAGE_H_
