#include "sluice/explain/stage_sentence.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/decision.h"
#include "sluice/explain/sentence.h"
#include "sluice/explain/wording.h"
#include "sluice/finding.h"
#include "sluice/v1/decision.pb.h"

namespace sluice {
namespace {

std::string Artifact(absl::string_view digest) {
  return digest.empty() ? "the artifact" : absl::StrCat("artifact ", ShortDigest(digest));
}

// What is done with which artifact.
std::string Do(absl::string_view verb, absl::string_view digest) {
  return digest.empty() ? std::string(verb) : absl::StrCat(verb, " ", ShortDigest(digest));
}

// ": `eu-1` and `eu-2`", or nothing if there is none.
std::string ListCells(const std::vector<CellAction>& actions) {
  if (actions.empty()) return "";
  std::vector<absl::string_view> cells;
  for (const CellAction& action : actions) cells.push_back(action.cell);
  return absl::StrCat(": ", QuoteList(cells));
}

// The wave of all actions; empty if they are not of one.
absl::string_view WaveOf(const std::vector<CellAction>& actions) {
  const bool is_one = std::all_of(actions.begin(), actions.end(), [&](const CellAction& action) {
    return action.wave == actions.front().wave;
  });
  return is_one && !actions.empty() ? actions.front().wave : absl::string_view();
}

// " to sha256:0123456789ab": the target of all actions.
std::string TargetOf(const std::vector<CellAction>& actions) {
  const bool is_one = std::all_of(actions.begin(), actions.end(), [&](const CellAction& action) {
    return action.artifact == actions.front().artifact;
  });
  if (actions.empty() || !is_one) return " to older artifacts";
  return absl::StrCat(" to ", ShortDigest(actions.front().artifact));
}

// "; 2 cells wait for room (`c1`, `c2`)", or nothing.
std::string Waiting(const StageDecision& stage) {
  const size_t count = stage.cells_without_room.size();
  if (count == 0) return "";
  return absl::StrCat("; ", Counted(count, "cell"), count == 1 ? " waits" : " wait",
                      " for room: ", QuoteList(stage.cells_without_room));
}

std::string RollsBack(const StageDecision& stage) {
  const bool unchecked =
      std::any_of(stage.actions.begin(), stage.actions.end(),
                  [](const CellAction& action) { return action.target_unchecked; });
  return absl::StrCat(Do("ROLL_BACK", stage.artifact), TargetOf(stage.actions), " in ",
                      Counted(stage.actions.size(), "cell"), ListCells(stage.actions),
                      unchecked ? "; not compared with every known-bad list" : "");
}

std::string Deploys(absl::string_view verb, const StageDecision& stage) {
  const std::string deploy = Do(verb, stage.artifact);
  if (stage.actions.size() == 1 && stage.actions.front().cell.empty()) {
    return absl::StrCat(deploy, ", which enters stage ", Quote(stage.stage));
  }
  const absl::string_view wave = WaveOf(stage.actions);
  return absl::StrCat(deploy, " to ", Counted(stage.actions.size(), "cell"),
                      wave.empty() ? "" : absl::StrCat(" of wave ", Quote(wave)),
                      ListCells(stage.actions), Waiting(stage),
                      stage.halts_running ? "; the running rollout ends HALTED" : "");
}

std::string Stands(absl::string_view action, const StageDecision& stage) {
  std::vector<absl::string_view> ids;
  for (const Finding& finding : stage.findings) {
    const bool about_another =
        !finding.artifact.empty() && !stage.artifact.empty() && finding.artifact != stage.artifact;
    if (Holds(finding) && !about_another) ids.push_back(finding.id);
  }
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return absl::StrCat(Do(action, stage.artifact), " in stage ", Quote(stage.stage),
                      ids.empty() ? "" : absl::StrCat("; not clear: ", QuoteList(ids)),
                      Waiting(stage));
}

std::string WantedBody(const WantedRecord& wanted) {
  const std::string artifact = Artifact(wanted.artifact);
  switch (wanted.kind) {
    case v1::WantedRecord::CELL_PROVEN:
      return absl::StrCat("cell ", Quote(wanted.cell), " of wave ", Quote(wanted.wave),
                          " is proven with ", artifact);
    case v1::WantedRecord::WAVE_PROVEN:
      return absl::StrCat("wave ", Quote(wanted.wave), " is proven with ", artifact);
    case v1::WantedRecord::COMPLETE:
      return absl::StrCat("the rollout of ", artifact, " is complete");
    case v1::WantedRecord::PASSED:
      return absl::StrCat(artifact, " has passed the stage");
    case v1::WantedRecord::HALTED:
      return absl::StrCat("the rollout of ", artifact, " is halted (",
                          v1::Reason_IsValid(wanted.reason) ? v1::Reason_Name(wanted.reason) : "?",
                          ")");
    case v1::WantedRecord::ROLLED_BACK:
      return absl::StrCat("the rollout of ", artifact, " has been rolled back");
    case v1::WantedRecord::KIND_UNSPECIFIED:
    case v1::WantedRecord_Kind_WantedRecord_Kind_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::WantedRecord_Kind_WantedRecord_Kind_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return absl::StrCat("something of an unknown kind is true of ", artifact);
}

}  // namespace

std::string PassedOverSentence(const PassedOver& passed_over) {
  Finding finding;
  finding.artifact = passed_over.artifact;
  finding.reason = passed_over.reason;
  return Sentence(finding);
}

std::string WantedSentence(const WantedRecord& wanted) {
  return MakeSentence(absl::StrCat("record that ", WantedBody(wanted)));
}

std::string ActionSentence(const StageDecision& stage) {
  switch (stage.action) {
    case Action::kRollBack:
      return MakeSentence(RollsBack(stage));
    case Action::kHold:
      return MakeSentence(Stands("HOLD", stage));
    case Action::kWait:
      return MakeSentence(Stands("WAIT", stage));
    case Action::kDeploy:
      return MakeSentence(Deploys("DEPLOY", stage));
    case Action::kReady:
      return MakeSentence(
          absl::StrCat(Deploys("READY to deploy", stage), "; this awaits a person's request"));
    case Action::kIdle:
      return MakeSentence(absl::StrCat("IDLE in stage ", Quote(stage.stage)));
  }
  return MakeSentence(Stands("HOLD", stage));
}

}  // namespace sluice
