#ifndef SLUICE_EXAMPLES_REGION_WAVES_DRIVER_H_
#define SLUICE_EXAMPLES_REGION_WAVES_DRIVER_H_

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sluice/decision.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {

// What happens in the example, read from its files.
struct Example {
  v1::PipelinePolicy policy;
  v1::OrganisationFacts organisation;
  v1::PipelineState state;
  // Copies of one list, oldest first; each is the publisher's from its `verified_at` on.
  std::vector<v1::KnownBadList> lists;
  // What the monitoring says and repeats every ten minutes.
  v1::TestCase monitoring;
  // What else happens, at the moments of these.
  std::vector<v1::TestCase> stories;
};

// The example, from its files as they were when the program was built.
absl::StatusOr<Example> ReadExample();

// A host of the library: from the first moment to the last it decides, does what the decision says,
// writes that down, and sleeps until `valid_until` or the next event. Deployments take ten minutes
// and serve one minute later. Gives `see` each decision, before it is acted upon. It has no rule of
// releasing of its own.
absl::Status RunExample(const Example& example, const std::function<void(const Decision&)>& see);

}  // namespace sluice

#endif  // SLUICE_EXAMPLES_REGION_WAVES_DRIVER_H_
