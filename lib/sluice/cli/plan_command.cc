#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/render_plan.h"
#include "sluice/internal/strict_json.h"

namespace sluice {

int RunPlan(const Arguments& arguments, const Environment& environment) {
  const absl::StatusOr<std::string> format = FormatOf(arguments, {"text", "json"});
  if (!format.ok()) return BadInput(environment, format.status().message());
  const absl::StatusOr<Question> question = ReadQuestion("plan", arguments, environment);
  if (!question.ok()) return BadInput(environment, question.status().message());
  const Policy& policy = question->policy;

  std::vector<std::string> stages;
  const absl::optional<std::string> asked = arguments.Value("stage");
  if (asked.has_value()) {
    stages.push_back(*asked);
  } else {
    for (const v1::Stage& stage : policy.effective().stages()) stages.push_back(stage.id());
  }
  const Snapshot snapshot = question->inputs.Load();
  int code = kExitOk;
  for (const std::string& stage : stages) {
    const absl::optional<v1::StagePlan> plan = policy.PlanOf(snapshot, stage, question->now);
    if (!plan.has_value()) {
      return BadInput(environment, absl::StrCat("the policy has no stage `", stage, "`"));
    }
    if (plan->fault() != v1::ALL_CLEAR) code = kExitHold;
    if (*format == "text") {
      environment.out << RenderPlan(*plan);
      continue;
    }
    const absl::StatusOr<std::string> json = WriteJson(*plan, JsonStyle::kIndented);
    if (!json.ok()) {
      environment.err << "sluice: " << json.status().message() << "\n";
      return kExitInternal;
    }
    environment.out << *json;
  }
  return code;
}

}  // namespace sluice
