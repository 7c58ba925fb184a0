#include "tests/conformance/outcome.h"

#include "absl/strings/str_cat.h"

namespace sluice {

std::string KeyOf(const StageDecision& stage, const Finding& finding) {
  return absl::StrCat(stage.stage, "|", finding.id, "|", finding.artifact, "|", finding.wave, "|",
                      finding.cell);
}

std::string TripleOf(const Finding& finding) {
  return absl::StrCat(static_cast<int>(finding.verdict), "/", v1::Reason_Name(finding.reason), "/",
                      static_cast<int>(finding.effect));
}

std::string TripleAt(const Decision& decision, absl::string_view key) {
  for (const StageDecision& stage : decision.stages) {
    for (const Finding& finding : stage.findings) {
      if (KeyOf(stage, finding) == key) return TripleOf(finding);
    }
  }
  return "";
}

std::string OutcomeOf(const Decision& decision) {
  std::string text;
  for (const StageDecision& stage : decision.stages) {
    absl::StrAppend(&text, "stage ", stage.stage, " ", ActionName(stage.action), " ",
                    stage.artifact, "\n");
    for (const CellAction& action : stage.actions) {
      absl::StrAppend(&text, "  act ", IdOf(decision, stage, action), "\n");
    }
    for (const WantedRecord& wanted : stage.wanted) {
      absl::StrAppend(&text, "  want ", IdOf(decision, stage, wanted), " ",
                      v1::Reason_Name(wanted.reason), "\n");
    }
    for (const Finding& finding : stage.findings) {
      absl::StrAppend(&text, "  leaf ", KeyOf(stage, finding), " ", TripleOf(finding), "\n");
    }
  }
  return text;
}

}  // namespace sluice
