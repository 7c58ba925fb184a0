#include "sluice/record/content.h"

#include "sluice/internal/canonical.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/sha256.h"

namespace sluice {
namespace {

const CanonicalOptions& Options() {
  static const CanonicalOptions* const options = new CanonicalOptions{
      {
          "sluice.v1.Acceptance.roles",
          "sluice.v1.Approval.roles",
          "sluice.v1.Artifact.authors",
          "sluice.v1.CellAccepted.roles",
          "sluice.v1.Component.digests",
          "sluice.v1.ComponentList.components",
          "sluice.v1.DeploymentStarted.roll_back_cells",
          "sluice.v1.Override.blockers",
          "sluice.v1.Override.keep_despite",
          "sluice.v1.Override.roles",
          "sluice.v1.Override.stages",
          "sluice.v1.RollBackRequest.cells",
          "sluice.v1.Rollout.roll_back_cells",
      },
      {"sluice.v1.RolloutPlan.waves"},
  };
  return *options;
}

}  // namespace

std::string Content(const google::protobuf::Message& message) {
  return CanonicalBytes(message, Options());
}

std::string ContentDigest(const google::protobuf::Message& message) {
  return FormatDigest(Digest{Sha256::Hash(Content(message))});
}

}  // namespace sluice
