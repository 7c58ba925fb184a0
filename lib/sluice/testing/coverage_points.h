#ifndef SLUICE_TESTING_COVERAGE_POINTS_H_
#define SLUICE_TESTING_COVERAGE_POINTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// What kind of thing of a policy a test can show.
enum class CoverageKind : uint8_t { kVerdict, kOverride, kWave, kTrigger, kTransition };

// In the order of the enumerators.
inline constexpr CoverageKind kCoverageKinds[] = {CoverageKind::kVerdict, CoverageKind::kOverride,
                                                  CoverageKind::kWave, CoverageKind::kTrigger,
                                                  CoverageKind::kTransition};

// The kind for people, in the plural: `verdicts`.
absl::string_view NameOf(CoverageKind kind);

// One thing that a policy does and that a test can show.
struct CoveragePoint {
  CoverageKind kind = CoverageKind::kVerdict;
  std::string path;     // The field of the policy that says it: `stages[3].blockers[0]`.
  std::string subject;  // What it is about: `business-hours`, `production`.
  std::string what;     // What a test shows: `BLOCKING, IN_DENY`.
  // The keys of sluice/testing/coverage_keys.h any of which shows it. Not empty.
  std::vector<std::string> shown_by;
};

// Everything that the policy does and that a change of the policy would change, in the order of
// its fields: each verdict and reason that a blocker, criterion or watched alarm can have by the
// fields that it sets; what may and may not override; waves, with their bakes; what rolls back; and
// how an artifact gets into a stage, through it and out of it.
//
// Not among them is what the library does whatever the policy says: INVALID records, artifacts that
// were withdrawn, runs that are not over. `policy` compiles, its profile's choices filled in.
std::vector<CoveragePoint> CoveragePointsOf(const v1::PipelinePolicy& policy);

}  // namespace sluice

#endif  // SLUICE_TESTING_COVERAGE_POINTS_H_
