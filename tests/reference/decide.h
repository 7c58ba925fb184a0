// An executable model of sections 0 to 7 of docs/semantics.md: slow, and written as directly as
// possible from the text, with nothing of the library's but the messages.
//
// It recomputes everything from the messages for each instant and has no horizon: ask it again at
// another one. It leaves out kinds of the host's own, versions in orders other than semver and
// Debian's, limits on sizes [G10], `min_revision` [I1] and what a parsed message no longer shows
// [I4].
#ifndef TESTS_REFERENCE_DECIDE_H_
#define TESTS_REFERENCE_DECIDE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/v1/decision.pb.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"
#include "tests/reference/facts.h"

namespace sluice {
namespace reference {

struct World {
  const v1::PipelinePolicy& policy;  // That compiles, with no choice left to a profile.
  const v1::PipelineState& state;
  const v1::OrganisationFacts* organisation;  // Null: none.
  std::vector<const v1::KnownBadList*> lists;
  // Of the policy. Empty: no approval or override that names one is of this policy.
  std::string policy_fingerprint = "";
};

class Model {
 public:
  // Copies what it needs.
  explicit Model(const World& world);

  // Everything of the outcome: actions, findings, wanted records and passed-over artifacts; without
  // instants, evidence, sentences and provenance.
  v1::PipelineDecision Decide(absl::Time now);

 private:
  Facts facts_;
};

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_DECIDE_H_
