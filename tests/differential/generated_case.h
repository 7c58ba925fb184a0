#ifndef SLUICE_TESTS_DIFFERENTIAL_GENERATED_CASE_H_
#define SLUICE_TESTS_DIFFERENTIAL_GENERATED_CASE_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/policy.h"
#include "sluice/v1/testing.pb.h"
#include "tests/rollout/draw.h"

namespace sluice {

// A policy that compiles, what is known around `middle`, and instants at which to decide.
struct GeneratedCase {
  v1::Inputs inputs;             // The policy has its profile's choices made.
  std::vector<absl::Time> nows;  // Ascending, distinct.
};

struct GeneratedPolicy {
  v1::PipelinePolicy message;
  Policy policy;
  absl::Time middle;
};

// A policy from `draw`, or nothing if the one drawn does not compile.
absl::optional<GeneratedPolicy> GeneratePolicy(Draw* draw);

// A state of it, damaged now and then, and `instants` instants that are often those of its facts
// and limits.
GeneratedCase GenerateCase(const GeneratedPolicy& policy, int instants, Draw* draw);

// The case at one of its instants, with a second override beside each, often by the same person,
// known-bad ranges that end with a component's version, and half the time a choice that is no
// enumerator.
GeneratedCase Varied(const GeneratedCase& generated, Draw* draw);

}  // namespace sluice

#endif  // SLUICE_TESTS_DIFFERENTIAL_GENERATED_CASE_H_
