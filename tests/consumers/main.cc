// A host's program: includes what a host would and links what it would get.

#include <iostream>

#include "absl/time/time.h"
#include "sluice/policy.h"
#include "sluice/record.h"
#include "sluice/snapshot.h"

int main() {
  sluice::v1::PipelinePolicy message;
  message.set_id("checkout");
  message.set_profile(sluice::v1::PipelinePolicy::STANDARD_1);
  message.set_without_emergency_stop(true);
  sluice::v1::Stage* stage = message.add_stages();
  stage->set_id("build");
  stage->set_kind(sluice::v1::Stage::BUILD);
  stage->set_deploys(sluice::v1::Stage::NOTHING);
  stage->set_passes(sluice::v1::Stage::ON_COMPLETION);
  stage->set_start(sluice::v1::Stage::AUTOMATIC);
  stage->set_without_blockers(true);
  const absl::StatusOr<sluice::Policy> policy = sluice::Policy::Compile(message);
  if (!policy.ok()) {
    std::cerr << policy.status() << "\n";
    return 1;
  }
  sluice::v1::PipelineState state;
  state.set_schema_version(1);
  state.set_pipeline("checkout");
  state.mutable_written_at()->set_seconds(1);
  const sluice::Snapshot snapshot = sluice::Snapshot::Load(state, sluice::Organisation());
  const sluice::Decision decision = policy->Decide(snapshot, absl::FromUnixSeconds(1));
  const bool idle =
      decision.stages.size() == 1 && decision.stages[0].action == sluice::Action::kIdle;
  std::cout << sluice::ActionName(decision.stages[0].action) << "\n";
  return idle && !sluice::Apply(sluice::v1::Event(), &state).ok() ? 0 : 1;
}
