#include "sluice/load/deployments.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/load/cells.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

v1::Deployment::Direction ReadDirection(const v1::Deployment& deployment, RecordReader& reader) {
  const bool is_known = v1::Deployment::Direction_IsValid(deployment.direction()) &&
                        deployment.direction() != v1::Deployment::DIRECTION_UNSPECIFIED;
  reader.Require(is_known);
  return is_known ? deployment.direction() : v1::Deployment::DIRECTION_UNSPECIFIED;
}

// Start, end and outcome, which go together. What a cell was adopted with has succeeded.
void ReadCourse(const v1::Deployment& deployment, RecordReader& reader, DeploymentFacts& facts) {
  const bool adopted = facts.direction == v1::Deployment::ADOPTED;
  facts.started_at =
      reader.Instant(deployment.has_started_at(), deployment.started_at(), absl::InfiniteFuture());
  facts.ended_at = reader.OptionalInstant(deployment.has_ended_at(), deployment.ended_at(),
                                          absl::InfiniteFuture());
  reader.Require(facts.ended_at >= facts.started_at);
  reader.Require(v1::Deployment::Outcome_IsValid(deployment.outcome()));
  const bool has_outcome = deployment.outcome() != v1::Deployment::OUTCOME_UNSPECIFIED;
  reader.Require(deployment.has_ended_at() == has_outcome);
  facts.outcome = deployment.outcome();
  if (!adopted) return;
  if (has_outcome) {
    reader.Require(facts.outcome == v1::Deployment::SUCCEEDED);
  } else {
    facts.ended_at = facts.started_at;
    facts.outcome = v1::Deployment::SUCCEEDED;
  }
}

// Whether the cell counts as proven on it: recorded, accepted or adopted.
void ReadProof(const v1::Deployment& deployment, RecordReader& reader, DeploymentFacts& facts) {
  if (deployment.has_proven()) {
    reader.Instant(deployment.proven().has_at(), deployment.proven().at(), absl::InfinitePast());
    reader.DigestText(deployment.proven().policy_fingerprint());
    reader.Require(facts.outcome == v1::Deployment::SUCCEEDED);
  }
  if (deployment.has_accepted()) {
    const v1::Acceptance& accepted = deployment.accepted();
    reader.Text(accepted.who());
    reader.Require(accepted.roles_size() > 0);
    reader.Identifiers(accepted.roles());
    reader.Text(accepted.why());
    reader.Instant(accepted.has_at(), accepted.at(), absl::InfinitePast());
  }
  facts.accepted = deployment.has_accepted();
  facts.proven = deployment.has_proven() || deployment.has_accepted() ||
                 facts.direction == v1::Deployment::ADOPTED;
}

// An unusable deployment is listed for the sake of its number, cell and artifact only.
void WithdrawClaims(DeploymentFacts& facts) {
  facts.ended_at = absl::InfiniteFuture();
  facts.outcome = v1::Deployment::OUTCOME_UNSPECIFIED;
  facts.proven = false;
  facts.accepted = false;
}

DeploymentFacts ReadDeployment(const v1::Deployment& deployment, const SnapshotData& data,
                               RecordReader& reader) {
  DeploymentFacts facts;
  reader.Require(deployment.number() > 0);
  facts.number = deployment.number();
  facts.cell = reader.Identifier(deployment.cell());
  facts.artifact = reader.DigestText(deployment.artifact());
  if (!facts.artifact.empty() && data.Artifact(facts.artifact) == nullptr) {
    reader.Note(v1::ARTIFACT_ABSENT);
  }
  facts.direction = ReadDirection(deployment, reader);
  if (facts.direction != v1::Deployment::ADOPTED) {
    reader.Require(deployment.attempt() > 0);
    reader.Require(deployment.rollout() > 0);
  }
  facts.attempt = deployment.attempt();
  facts.rollout = deployment.rollout();
  ReadCourse(deployment, reader, facts);
  ReadProof(deployment, reader, facts);
  reader.OptionalText(deployment.who());
  return facts;
}

}  // namespace

void LoadDeployments(const v1::StageRecord& record, SnapshotData& data, StageFacts& stage) {
  stage.deployments.reserve(static_cast<size_t>(record.deployments_size()));
  for (const auto& [deployment, conflict] :
       DistinctRecords(record.deployments(), [](const v1::Deployment& d) { return d.number(); })) {
    RecordReader reader(*deployment);
    DeploymentFacts facts = ReadDeployment(*deployment, data, reader);
    CellFacts* cell = MutableCell(data, facts.cell);
    reader.Require(cell != nullptr && cell->stage == stage.id);
    const bool shares_number = conflict && facts.number > 0;
    if (shares_number) reader.Note(v1::DUPLICATE_ID);
    facts.fault = reader.fault();
    if (!reader.ok()) WithdrawClaims(facts);
    if (cell != nullptr) NoteFault(cell->fault, facts.fault);
    if (cell == nullptr || shares_number) {
      FaultPipeline(data, facts.fault,
                    absl::StrCat("stages[", stage.id, "].deployments[", facts.number, "]"));
    }
    stage.deployments.push_back(facts);
  }
  // Stable: those that share a number are sorted by content already.
  std::stable_sort(stage.deployments.begin(), stage.deployments.end(),
                   [](const DeploymentFacts& a, const DeploymentFacts& b) {
                     return std::tie(a.cell, a.number) < std::tie(b.cell, b.number);
                   });
}

}  // namespace sluice
