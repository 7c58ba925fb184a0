#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/render_plan.h"
#include "sluice/internal/strict_json.h"

namespace sluice {

int RunPlan(const Arguments& arguments, const Environment& environment) {
  if (!arguments.positional().empty()) {
    return BadInput(environment,
                    absl::StrCat("plan takes flags alone, got `", arguments.positional()[0], "`"));
  }
  const std::string format = arguments.Value("format").value_or("text");
  if (format != "text" && format != "json") {
    return BadInput(environment, absl::StrCat("`--format` is text or json, got `", format, "`"));
  }
  const absl::optional<std::string> policy_path = arguments.Value("policy");
  if (!policy_path.has_value()) return BadInput(environment, "plan needs --policy FILE");
  const absl::StatusOr<Policy> policy = CompileFile(*policy_path, arguments, environment.in);
  if (!policy.ok()) return BadInput(environment, policy.status().message());
  DecisionInputs inputs;
  const absl::Status read = inputs.Read(arguments, environment.in);
  if (!read.ok()) return BadInput(environment, read.message());
  const absl::StatusOr<absl::Time> now = NowOf(arguments, environment);
  if (!now.ok()) return BadInput(environment, now.status().message());

  std::vector<std::string> stages;
  const absl::optional<std::string> asked = arguments.Value("stage");
  if (asked.has_value()) {
    stages.push_back(*asked);
  } else {
    for (const v1::Stage& stage : policy->effective().stages()) stages.push_back(stage.id());
  }
  const Snapshot snapshot = inputs.Load();
  int code = kExitOk;
  for (const std::string& stage : stages) {
    const absl::optional<v1::StagePlan> plan = policy->PlanOf(snapshot, stage, *now);
    if (!plan.has_value()) {
      return BadInput(environment, absl::StrCat("the policy has no stage `", stage, "`"));
    }
    if (plan->fault() != v1::ALL_CLEAR) code = kExitHold;
    if (format == "text") {
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
