#ifndef SLUICE_TESTS_DIFFERENTIAL_ASK_H_
#define SLUICE_TESTS_DIFFERENTIAL_ASK_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/decision.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/snapshot.h"
#include "sluice/v1/decision.pb.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/testing.pb.h"
#include "tests/reference/decide.h"

namespace sluice {

// One set of inputs, ready to be asked of the library and of the model.
class Ask {
 public:
  // `policy` is the compiled `inputs.policy()`; both must outlive this.
  Ask(const Policy& policy, const v1::Inputs& inputs);

  // Whether a list could not be built, so that nothing can be asked.
  bool broken() const { return broken_; }
  const v1::PipelinePolicy& policy() const { return policy_.effective(); }

  v1::PipelineDecision Library(absl::Time now) const;
  v1::PipelineDecision Model(absl::Time now) const;

 private:
  const Policy& policy_;
  bool broken_ = false;
  std::vector<KnownBadList> lists_;
  Organisation organisation_;
  std::unique_ptr<Snapshot> snapshot_;
  std::unique_ptr<reference::Model> model_;
};

// What is wrong with the answers at `now`: where library and model differ, and where the library's
// horizon is not exact: the outcome one nanosecond before `valid_until` must be that of `now`, and
// at `valid_until` another one, unless it is one of a combination's that may be too early [X1]; so
// for each finding and its `changes_at`, but for windows that follow a plan [T4]. Adds to `*asked`
// how many answers of the two were compared. Empty: nothing.
std::vector<std::string> Wrong(const Ask& ask, absl::Time now, int* asked);

}  // namespace sluice

#endif  // SLUICE_TESTS_DIFFERENTIAL_ASK_H_
