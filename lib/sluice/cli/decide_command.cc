#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/render_text.h"
#include "sluice/internal/strict_json.h"

namespace sluice {
namespace {

struct ExitOf {
  Action action;
  int code;
};

// In the order in which one decides over the others.
constexpr std::array<ExitOf, 6> kExits = {{{Action::kRollBack, kExitRollBack},
                                           {Action::kHold, kExitHold},
                                           {Action::kWait, kExitWait},
                                           {Action::kReady, kExitReady},
                                           {Action::kDeploy, kExitOk},
                                           {Action::kIdle, kExitIdle}}};

int ExitCode(const Decision& decision, absl::string_view stage) {
  for (const ExitOf& exit : kExits) {
    for (const StageDecision& decided : decision.stages) {
      if (!stage.empty() && decided.stage != stage) continue;
      if (decided.action == exit.action) return exit.code;
    }
  }
  return kExitInternal;
}

// Prints the decision as a message, its stages cut to the one asked for.
int PrintMessage(const Decision& decision, const std::string& stage, bool as_json,
                 const Environment& environment) {
  v1::PipelineDecision message = ToProto(decision);
  if (!stage.empty()) {
    auto* stages = message.mutable_stages();
    stages->erase(std::remove_if(stages->begin(), stages->end(),
                                 [&](const v1::StageDecision& s) { return s.stage() != stage; }),
                  stages->end());
  }
  if (!as_json) {
    std::string text;
    google::protobuf::TextFormat::PrintToString(message, &text);
    environment.out << text;
    return kExitOk;
  }
  const absl::StatusOr<std::string> json = WriteJson(message, JsonStyle::kIndented);
  if (!json.ok()) {
    environment.err << "sluice: " << json.status().message() << "\n";
    return kExitInternal;
  }
  environment.out << *json;
  return kExitOk;
}

}  // namespace

int RunDecide(const Arguments& arguments, const Environment& environment) {
  if (arguments.Has("stream")) return RunStream(arguments, environment);
  const absl::StatusOr<std::string> format = FormatOf(arguments, {"text", "json", "textproto"});
  if (!format.ok()) return BadInput(environment, format.status().message());
  const absl::StatusOr<Question> question = ReadQuestion("decide", arguments, environment);
  if (!question.ok()) return BadInput(environment, question.status().message());

  const Snapshot snapshot = question->inputs.Load();
  const Decision decision = question->policy.Decide(snapshot, question->now);
  const std::string stage = arguments.Value("stage").value_or("");
  if (!stage.empty() && decision.Stage(stage) == nullptr) {
    return BadInput(environment, absl::StrCat("the policy has no stage `", stage, "`"));
  }
  int code = kExitOk;
  if (*format == "text") {
    RenderOptions options;
    options.colour = environment.colour;
    options.all = arguments.Has("all");
    options.stage = stage;
    environment.out << RenderText(decision, options);
  } else {
    code = PrintMessage(decision, stage, *format == "json", environment);
  }
  if (code != kExitOk || arguments.Has("exit-zero")) return code;
  return ExitCode(decision, stage);
}

}  // namespace sluice
