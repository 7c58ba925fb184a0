#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/render_eta.h"
#include "sluice/cli/render_explanation.h"
#include "sluice/cli/render_text.h"
#include "sluice/decision.h"
#include "sluice/explain/held_artifact.h"
#include "sluice/explain/smallest_changes.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/strict_json.h"
#include "sluice/simulate/healthy_future.h"
#include "sluice/snapshot.h"

namespace sluice {
namespace {

// The stages of the decision, or the one asked for, each with what is held there.
std::vector<ExplainedStage> Explain(const Situation& situation, const Snapshot& snapshot,
                                    const Decision& decision, const std::string& stage) {
  const std::vector<HeldArtifact> all = FindHeld(*situation.policy, snapshot, decision);
  std::vector<ExplainedStage> explained;
  for (const StageDecision& decided : decision.stages) {
    if (!stage.empty() && decided.stage != stage) continue;
    ExplainedStage& added = explained.emplace_back();
    added.decision = &decided;
    for (const HeldArtifact& held : all) {
      if (held.stage != decided.stage) continue;
      added.artifacts.push_back({held, SmallestChanges(situation, held)});
    }
  }
  return explained;
}

// What would come of it if all signals stayed healthy.
HealthyFuture PlayFuture(const Situation& situation) {
  PresentFacts facts{*situation.state, situation.organisation};
  for (const ListInput& list : situation.known_bad) facts.known_bad.push_back(list.list);
  return PlayHealthyFuture(*situation.policy, facts, situation.now);
}

int PrintJson(const Decision& decision, const std::vector<ExplainedStage>& stages,
              const HealthyFuture& future, const Environment& environment) {
  google::protobuf::Struct all;
  auto& fields = *all.mutable_fields();
  fields["pipeline"].set_string_value(std::string(decision.pipeline));
  fields["now"].set_string_value(Instant(decision.now));
  fields["stages"].mutable_list_value();
  for (const ExplainedStage& stage : stages) {
    *fields["stages"].mutable_list_value()->add_values() = ExplanationValue(stage);
  }
  google::protobuf::Value eta;
  if (!google::protobuf::util::JsonStringToMessage(EtaToJson(future), &eta).ok()) {
    environment.err << "sluice: the instants can't be written as JSON\n";
    return kExitInternal;
  }
  fields["eta"] = std::move(eta);
  const absl::StatusOr<std::string> json = WriteJson(all, JsonStyle::kIndented);
  if (!json.ok()) {
    environment.err << "sluice: " << json.status().message() << "\n";
    return kExitInternal;
  }
  environment.out << *json << "\n";
  return kExitOk;
}

}  // namespace

int RunExplain(const Arguments& arguments, const Environment& environment) {
  const absl::StatusOr<std::string> format = FormatOf(arguments, {"text", "json"});
  if (!format.ok()) return BadInput(environment, format.status().message());
  const absl::StatusOr<Question> question = ReadQuestion("explain", arguments, environment);
  if (!question.ok()) return BadInput(environment, question.status().message());

  const Snapshot snapshot = question->inputs.Load();
  const Decision decision = question->policy.Decide(snapshot, question->now);
  const std::string stage = arguments.Value("stage").value_or("");
  if (!stage.empty() && decision.Stage(stage) == nullptr) {
    return BadInput(environment, absl::StrCat("the policy has no stage `", stage, "`"));
  }
  const Situation situation = question->inputs.ToExplain(question->policy, question->now);
  const std::vector<ExplainedStage> stages = Explain(situation, snapshot, decision, stage);
  const HealthyFuture future = PlayFuture(situation);
  if (*format == "json") return PrintJson(decision, stages, future, environment);
  environment.out << RenderHeading(decision);
  for (const ExplainedStage& explained : stages) {
    environment.out << RenderExplanation(explained, environment.colour);
  }
  environment.out << "\n" << RenderEta(future, stage);
  return kExitOk;
}

}  // namespace sluice
