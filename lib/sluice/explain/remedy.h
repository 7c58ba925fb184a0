#ifndef SLUICE_EXPLAIN_REMEDY_H_
#define SLUICE_EXPLAIN_REMEDY_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/message.h"
#include "sluice/explain/change.h"
#include "sluice/explain/held_artifact.h"
#include "sluice/explain/situation.h"
#include "sluice/facts.h"
#include "sluice/policy_data.h"
#include "sluice/v1/state.pb.h"

// What the proposers of remedies share. A remedy is a guess: whether it helps is for Decide to say.
namespace sluice {

// What remedies are proposed for: a situation, perhaps after some changes.
struct RemedyContext {
  // Without any change: what remedies write is made from it. Each list has a message.
  const Situation& base;
  const v1::PipelineState& state;  // With the changes made, as are `facts` and `now`.
  const SnapshotData& facts;
  absl::Time now;
  const HeldArtifact& held;
  const StageRule* rule;          // Of the held artifact's stage; null: the policy has no such.
  const ArtifactFacts* artifact;  // The held one; null: the state has no record of it.
  const std::string& prefix;      // Begins the ids of what does not exist yet.

  const PolicyData& policy() const { return base.policy->data(); }
};

// A change that may help.
struct Remedy {
  // Its identity: equal keys propose the same change.
  std::string key;
  ChangeKind kind = ChangeKind::kFact;
  // Before those of a higher one, among changes of one kind.
  int phase = 1;
  // Of kTime: the instant.
  absl::Time until;
  // Of all others: the change, as it is when the decision is made at `at`.
  std::function<Change(absl::Time at)> make;
};

using Remedies = std::vector<Remedy>;

// Adds that the decision is made at `until`, if that is a later instant at all.
void AddTime(const RemedyContext& context, absl::Time until, Remedies* remedies);

// Names of so many people who are neither in `taken` nor known to the state.
std::vector<std::string> NewPrincipals(const RemedyContext& context, int count,
                                       const std::vector<absl::string_view>& taken);

// " of cell `eu-1`", " of region `eu`", or nothing.
std::string OfPlace(absl::string_view cell, absl::string_view region);

// "with role `a`", "with role `a` or `b`".
std::string WithRoles(const std::vector<std::string>& roles);

// The cell's place in the state, as a short name: `c12`.
std::string ShortNameOfCell(const RemedyContext& context, absl::string_view cell);

// The newest deployment of the cell; null: none.
const DeploymentFacts* NewestDeployment(const RemedyContext& context, absl::string_view cell);

// When the first deployment of the held artifact in its stage started; InfiniteFuture: none did.
absl::Time FirstStart(const RemedyContext& context);

// An edit that sets `path` to `text`.
v1::Edit SetEdit(std::string path, std::string text);
v1::Edit AddEdit(std::string path, std::string text);

// A message between braces, and an instant, as edits spell them.
std::string EditText(const google::protobuf::Message& message);
std::string EditText(absl::Time time);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_REMEDY_H_
