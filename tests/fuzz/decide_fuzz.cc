// Compile, Load, Decide, Admit and Compact on a v1::Inputs: any policy, state, facts and lists.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "sluice/compact.h"
#include "sluice/decision.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/snapshot.h"
#include "sluice/v1/testing.pb.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/message_mutator.h"

namespace sluice {
namespace {

// Decides around the instant at which the state was written.
void DecideAt(const Policy& policy, const Snapshot& snapshot, absl::Time now) {
  const Decision decision = policy.Decide(snapshot, now);
  Check(decision.valid_until > now, "valid_until is after now");
  Decision again;
  policy.Decide(snapshot, now, &again);
  Check(ToProto(decision).SerializeAsString() == ToProto(again).SerializeAsString(),
        "one question has one answer");
  for (const StageDecision& stage : decision.stages) {
    const bool acts = stage.action == Action::kDeploy || stage.action == Action::kRollBack;
    for (const CellAction& action : stage.actions) {
      Check(policy.Admit(IdOf(decision, stage, action), snapshot, now) == acts,
            "what is decided is admitted");
    }
  }
}

}  // namespace
}  // namespace sluice

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return sluice::MutateMessage<sluice::v1::Inputs>(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sluice::v1::Inputs inputs;
  if (!inputs.ParseFromArray(data, static_cast<int>(size))) return 0;
  const absl::StatusOr<sluice::Policy> policy = sluice::Policy::Compile(inputs.policy());
  if (!policy.ok()) return 0;
  std::vector<sluice::KnownBadList> lists;
  sluice::LoadOptions options;
  for (const sluice::v1::KnownBadList& message : inputs.known_bad()) {
    absl::StatusOr<sluice::KnownBadList> list = sluice::KnownBadList::Build(message);
    if (list.ok()) lists.push_back(*std::move(list));
  }
  for (const sluice::KnownBadList& list : lists) options.known_bad.push_back(&list);
  const sluice::Organisation organisation = inputs.has_organisation()
                                                ? sluice::Organisation::Load(inputs.organisation())
                                                : sluice::Organisation();
  const sluice::Snapshot snapshot = sluice::Snapshot::Load(inputs.state(), organisation, options);
  const absl::Time written =
      absl::FromUnixSeconds(inputs.state().written_at().seconds() % 4000000000);
  for (const absl::Duration after : {absl::Seconds(30), absl::Minutes(10)}) {
    sluice::DecideAt(*policy, snapshot, written + after);
  }
  sluice::v1::PipelineState state = inputs.state();
  sluice::Compact(*policy, written, &state).IgnoreError();
  return 0;
}
