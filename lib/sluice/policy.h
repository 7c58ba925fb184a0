#ifndef SLUICE_POLICY_H_
#define SLUICE_POLICY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/decision.h"
#include "sluice/filled_choice.h"
#include "sluice/host_kind.h"
#include "sluice/snapshot.h"
#include "sluice/v1/baseline.pb.h"
#include "sluice/v1/decision.pb.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

struct PolicyData;

// What Compile needs to know beside the policy.
struct CompileOptions {
  // The kinds of `HostCondition` that a policy may name; one of another kind is a fault.
  HostKinds host_kinds;
};

// A compiled release policy: what must be true before an artifact moves forward.
//
//   absl::StatusOr<sluice::Policy> policy = sluice::Policy::Compile(policy_message);
//   if (!policy.ok()) return policy.status();  // Every fault, by field path.
//   const sluice::Organisation organisation = sluice::Organisation::Load(facts_message);
//   const sluice::Snapshot snapshot = sluice::Snapshot::Load(state_message, organisation);
//   const sluice::Decision decision = policy->Decide(snapshot, absl::Now());
//   for (const sluice::StageDecision& stage : decision.stages) { ... }
//
// Immutable, cheap to copy, safe to share between threads.
class Policy {
 public:
  // Checks everything and loads the time zones; the only function of the library that reads
  // anything but its arguments. InvalidArgument with every fault at once (`FaultsOf` lists them by
  // field path).
  static absl::StatusOr<Policy> Compile(const v1::PipelinePolicy& policy,
                                        const CompileOptions& options = {});

  // The same under an organisation's baseline, which adds its blockers and bounds what the policy
  // may choose [L1]. Faults too wherever the policy permits more, naming both paths.
  static absl::StatusOr<Policy> Compile(const v1::BaselinePolicy& baseline,
                                        const v1::PipelinePolicy& policy,
                                        const CompileOptions& options = {});

  // What may happen at `now`, why, and until when that stays so. Total: any snapshot gets an
  // answer. The policy and the snapshot must outlive it. Linear in the stage records and findings,
  // except that a baseline ratio reads the counts of all baseline cells for each judged cell.
  Decision Decide(const Snapshot& snapshot, absl::Time now) const;

  // The same into an object that is used again, so that a warm call allocates little.
  void Decide(const Snapshot& snapshot, absl::Time now, Decision* decision) const;

  // Whether the action or wanted record with this id (`CellAction.id`, `WantedRecord.id`) still
  // stands at `now`: decides again over `snapshot`. Hosts ask just before acting.
  bool Admit(absl::string_view action_id, const Snapshot& snapshot, absl::Time now) const;

  // The waves of the running rollout of the stage as they were recorded or, if none runs, those
  // that a rollout started at `now` would record [R1]. Empty for a stage that deploys nothing;
  // nullopt if the policy has no such stage.
  absl::optional<v1::StagePlan> PlanOf(const Snapshot& snapshot, absl::string_view stage,
                                       absl::Time now) const;

  // Digest of the policy, profile choices filled in.
  absl::string_view fingerprint() const;

  // Digest of the transitions of the time zones that it names [T7].
  absl::string_view zone_hash() const;

  const PolicyData& data() const { return *data_; }

  // The policy with the choices of its profile filled in, and which those are.
  const v1::PipelinePolicy& effective() const;
  const std::vector<FilledChoice>& filled_choices() const;

 private:
  // `baseline` may be null.
  static absl::StatusOr<Policy> CompileUnder(const v1::BaselinePolicy* baseline,
                                             const v1::PipelinePolicy& policy,
                                             const CompileOptions& options);

  Policy(std::shared_ptr<const PolicyData> data,
         std::shared_ptr<const v1::PipelinePolicy> effective, std::vector<FilledChoice> filled)
      : data_(std::move(data)), effective_(std::move(effective)), filled_(std::move(filled)) {}

  std::shared_ptr<const PolicyData> data_;
  std::shared_ptr<const v1::PipelinePolicy> effective_;
  std::vector<FilledChoice> filled_;
};

}  // namespace sluice

#endif  // SLUICE_POLICY_H_
