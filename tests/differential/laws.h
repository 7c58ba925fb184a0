#ifndef SLUICE_TESTS_DIFFERENTIAL_LAWS_H_
#define SLUICE_TESTS_DIFFERENTIAL_LAWS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/v1/decision.pb.h"
#include "sluice/v1/testing.pb.h"
#include "tests/rollout/draw.h"

// Section 8 of docs/semantics.md as functions: each is given inputs, changes them in a way that
// must not matter, or must matter in one direction only, and asks again.
namespace sluice {

// Answers what `inputs` decide at `now`; nothing can be asked if the policy does not compile, which
// gives a decision without stages.
using Decider = std::function<v1::PipelineDecision(const v1::Inputs& inputs, absl::Time now)>;

// The library.
v1::PipelineDecision DecideByLibrary(const v1::Inputs& inputs, absl::Time now);

struct Law {
  std::string name;  // An identifier in C++.
  // How the law is broken; empty: it holds, or says nothing of these inputs.
  std::function<std::vector<std::string>(const Decider& decide, const v1::Inputs& inputs,
                                         absl::Time now, Draw* draw)>
      violations;
};

// All of them.
const std::vector<Law>& Laws();

}  // namespace sluice

#endif  // SLUICE_TESTS_DIFFERENTIAL_LAWS_H_
