#include "tests/differential/outcome_lines.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace sluice {
namespace {

template <typename List>
std::string Sorted(const List& list) {
  std::vector<std::string> names(list.begin(), list.end());
  std::sort(names.begin(), names.end());
  return absl::StrJoin(names, ",");
}

void AddOutcome(const v1::StageDecision& stage, std::vector<std::string>* lines) {
  lines->push_back(absl::StrCat(stage.stage(), " action ",
                                v1::StageDecision::Action_Name(stage.action()), " ",
                                stage.artifact(), stage.halts_running() ? " halts" : ""));
  for (const v1::CellAction& action : stage.actions()) {
    lines->push_back(absl::StrCat(stage.stage(), " cell ", action.cell(), " ", action.artifact(),
                                  action.roll_back() ? " back" : " forward", " wave ",
                                  action.wave(), " attempt ", action.attempt(),
                                  action.target_unchecked() ? " unchecked" : ""));
  }
  for (const v1::Finding& finding : stage.findings()) {
    lines->push_back(absl::StrCat(
        stage.stage(), " finding ", finding.id(), " artifact=", finding.artifact(), " wave=",
        finding.wave(), " cell=", finding.cell(), " ", v1::Verdict_Name(finding.verdict()), " ",
        v1::Reason_Name(finding.reason()), " ", v1::Effect_Name(finding.effect())));
  }
}

void AddRest(const v1::StageDecision& stage, std::vector<std::string>* lines) {
  for (const v1::WantedRecord& wanted : stage.wanted()) {
    lines->push_back(absl::StrCat(stage.stage(), " wanted ",
                                  v1::WantedRecord::Kind_Name(wanted.kind()), " ",
                                  wanted.artifact(), " ", wanted.wave(), " ", wanted.cell(), " ",
                                  v1::Reason_Name(wanted.reason())));
  }
  for (const v1::PassedOver& passed_over : stage.passed_over()) {
    lines->push_back(absl::StrCat(stage.stage(), " passed over ", passed_over.artifact(), " ",
                                  v1::Reason_Name(passed_over.reason())));
  }
  for (const v1::Finding& finding : stage.findings()) {
    if (finding.overrides().empty()) continue;
    lines->push_back(absl::StrCat(stage.stage(), " overrides of ", finding.id(), " ",
                                  finding.artifact(), " ", finding.wave(), " ", finding.cell(), " ",
                                  Sorted(finding.overrides())));
  }
  for (const v1::PlannedCells& wave : stage.plan()) {
    lines->push_back(absl::StrCat(stage.stage(), " plans wave ", wave.wave(), " of ",
                                  absl::StrJoin(wave.cells(), ","), " weights ",
                                  absl::StrJoin(wave.weights(), ",")));
  }
  if (!stage.roll_back_cells().empty()) {
    lines->push_back(
        absl::StrCat(stage.stage(), " rolls back cells ", Sorted(stage.roll_back_cells())));
  }
  if (!stage.cells_without_room().empty()) {
    lines->push_back(
        absl::StrCat(stage.stage(), " without room ", Sorted(stage.cells_without_room())));
  }
}

}  // namespace

std::vector<std::string> OutcomeLines(const v1::PipelineDecision& decision) {
  std::vector<std::string> lines;
  for (const v1::StageDecision& stage : decision.stages()) AddOutcome(stage, &lines);
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> AnswerLines(const v1::PipelineDecision& decision) {
  std::vector<std::string> lines;
  for (const v1::StageDecision& stage : decision.stages()) {
    AddOutcome(stage, &lines);
    AddRest(stage, &lines);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

std::vector<std::string> Differences(const std::vector<std::string>& a,
                                     const std::vector<std::string>& b) {
  std::vector<std::string> only_a;
  std::vector<std::string> only_b;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_a));
  std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only_b));
  std::vector<std::string> differences;
  for (const std::string& line : only_a) differences.push_back("- " + line);
  for (const std::string& line : only_b) differences.push_back("+ " + line);
  return differences;
}

}  // namespace sluice
