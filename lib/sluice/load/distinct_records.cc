#include "sluice/load/distinct_records.h"

#include <string>

#include "google/protobuf/message.h"
#include "sluice/internal/canonical.h"

namespace sluice {
namespace {

CanonicalOptions MakeStateSets() {
  CanonicalOptions options;
  options.set_fields = {
      "sluice.v1.Acceptance.roles",
      "sluice.v1.AffectedPackage.versions",
      "sluice.v1.Approval.roles",
      "sluice.v1.Artifact.authors",
      "sluice.v1.Component.digests",
      "sluice.v1.ComponentList.components",
      "sluice.v1.KnownBadEntry.aliases",
      "sluice.v1.KnownBadEntry.digests",
      "sluice.v1.KnownBadEntry.package_urls",
      "sluice.v1.KnownBadEntry.packages",
      "sluice.v1.OrganisationFacts.alarms",
      "sluice.v1.Override.blockers",
      "sluice.v1.Override.keep_despite",
      "sluice.v1.Override.roles",
      "sluice.v1.Override.stages",
      "sluice.v1.PipelineState.alarms",
      "sluice.v1.PipelineState.applied_events",
      "sluice.v1.PipelineState.artifacts",
      "sluice.v1.PipelineState.baselines",
      "sluice.v1.PipelineState.checks",
      "sluice.v1.PipelineState.counts",
      "sluice.v1.PipelineState.environments",
      "sluice.v1.PipelineState.lists_seen",
      "sluice.v1.PipelineState.measurements",
      "sluice.v1.PipelineState.series",
      "sluice.v1.PipelineState.stages",
      "sluice.v1.PipelineState.synthetic_runs",
      "sluice.v1.PipelineState.traffic_samples",
      "sluice.v1.PipelineState.withdrawals",
      "sluice.v1.RollBackRequest.cells",
      "sluice.v1.Rollout.roll_back_cells",
      "sluice.v1.StageRecord.deployments",
      "sluice.v1.StageRecord.entries",
      "sluice.v1.StageRecord.latches",
      "sluice.v1.StageRecord.passes",
      "sluice.v1.StageRecord.preempt_requests",
      "sluice.v1.StageRecord.retry_requests",
      "sluice.v1.StageRecord.roll_back_requests",
      "sluice.v1.StageRecord.rollouts",
      "sluice.v1.StageRecord.start_requests",
  };
  options.ordered_fields = {"sluice.v1.RolloutPlan.waves"};
  return options;
}

}  // namespace

std::string RecordContent(const google::protobuf::Message& record) {
  static const CanonicalOptions* const kStateSets = new CanonicalOptions(MakeStateSets());
  return CanonicalBytes(record, *kStateSets);
}

}  // namespace sluice
