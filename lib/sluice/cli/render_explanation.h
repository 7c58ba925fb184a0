#ifndef SLUICE_CLI_RENDER_EXPLANATION_H_
#define SLUICE_CLI_RENDER_EXPLANATION_H_

#include <string>
#include <vector>

#include "google/protobuf/struct.pb.h"
#include "sluice/decision.h"
#include "sluice/explain/held_artifact.h"
#include "sluice/explain/smallest_changes.h"

namespace sluice {

// One artifact that does not move, and what would let it.
struct ExplainedArtifact {
  HeldArtifact held;
  SmallestChangesResult changes;
};

// A stage's decision, which must outlive it, and the artifacts that do not move there.
struct ExplainedStage {
  const StageDecision* decision = nullptr;
  std::vector<ExplainedArtifact> artifacts;
};

// An explained stage for people: at most 80 columns, unless a single word is longer.
std::string RenderExplanation(const ExplainedStage& stage, bool colour);

// The same for programs: `stage`, `action`, `sentence`, `holds` and `artifacts`, with the sets of
// changes of each, and the events and edits that make them.
google::protobuf::Value ExplanationValue(const ExplainedStage& stage);

}  // namespace sluice

#endif  // SLUICE_CLI_RENDER_EXPLANATION_H_
