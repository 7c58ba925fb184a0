#include "narrator.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "sluice/cli/render_text.h"
#include "sluice/explain/sentence.h"
#include "sluice/explain/stage_sentence.h"

namespace sluice {
namespace {

constexpr size_t kShownOfDigest = 19;  // In a sentence: `sha256:` and 12 digits.
constexpr absl::string_view kGreen = "\x1b[32m";
constexpr absl::string_view kRed = "\x1b[31m";
constexpr absl::string_view kYellow = "\x1b[33m";

bool IsWorthTelling(const WantedRecord& wanted) {
  return wanted.kind == v1::WantedRecord::PASSED || wanted.kind == v1::WantedRecord::COMPLETE ||
         wanted.kind == v1::WantedRecord::ROLLED_BACK;
}

// Whether a finding belongs to the reasons for a stage's action.
bool IsWhy(const StageDecision& stage, const Finding& finding) {
  if (!Holds(finding)) return false;
  if (stage.action != Action::kRollBack) return true;
  return finding.verdict == Verdict::kBlocking && finding.artifact == stage.artifact &&
         finding.id[0] != '@';
}

// What makes a step a new one: what is done and why not, not until when.
std::string Gist(const StageDecision& stage) {
  std::string gist = absl::StrCat(ActionName(stage.action), stage.artifact);
  for (const CellAction& action : stage.actions) absl::StrAppend(&gist, " ", action.cell);
  for (const WantedRecord& wanted : stage.wanted) {
    if (IsWorthTelling(wanted)) absl::StrAppend(&gist, " ", wanted.kind, wanted.artifact);
  }
  for (const Finding& finding : stage.findings) {
    if (Holds(finding)) absl::StrAppend(&gist, " ", finding.id, finding.reason);
  }
  return gist;
}

}  // namespace

void Narrator::Begin() {
  out_ << Wrap(
      "Version 41 of `checkout` runs in all cells. Versions 42, 43 and 44 follow it through build, "
      "test, pre-production and four waves of production. Each step is a decision of the policy in "
      "docs/examples/region-waves. Times are UTC.",
      "", "");
}

void Narrator::Tell(const Decision& decision) {
  for (const StageDecision& stage : decision.stages) TellStage(stage, decision.now);
}

void Narrator::End() {
  out_ << "\n"
       << Wrap(
              "42 reached every cell. 43 failed in the third wave, and was rolled back there and "
              "wherever else it ran. 44 stands still where it is: a component of it became known "
              "to be bad. No step was polled for: each decision said until when it holds.",
              "", "");
}

void Narrator::TellStage(const StageDecision& stage, absl::Time now) {
  const std::string gist = Gist(stage);
  std::string& told = told_[std::string(stage.stage)];
  if (gist == told) return;
  told = gist;
  for (const WantedRecord& wanted : stage.wanted) {
    if (!IsWorthTelling(wanted)) continue;
    Say(now, kGreen, absl::StrCat(stage.stage, ": ", WantedSentence(wanted)));
  }
  const bool stands = stage.action == Action::kHold || stage.action == Action::kRollBack;
  const bool moves = stage.action == Action::kDeploy && !stage.actions.front().cell.empty();
  if (!stands && !moves) return;
  const absl::string_view colour = stage.action == Action::kHold ? kYellow : kRed;
  Say(now, moves ? kGreen : colour, ActionSentence(stage));
  if (!stands) return;
  for (const Finding& finding : stage.findings) {
    if (IsWhy(stage, finding)) out_ << Named(Wrap(Sentence(finding), "        ! ", "          "));
  }
}

void Narrator::Say(absl::Time now, absl::string_view sgr, absl::string_view what) {
  const std::string day = absl::FormatTime("%A %d %B %Y", now, absl::UTCTimeZone());
  if (day != day_) out_ << "\n" << day << "\n";
  day_ = day;
  const std::string time = absl::FormatTime("  %H:%M ", now, absl::UTCTimeZone());
  const std::string text = Wrap(Named(std::string(what)), time, "        ");
  out_ << (colour_ ? absl::StrCat(sgr, text, "\x1b[0m") : text);
}

std::string Narrator::Named(std::string text) const {
  const auto name = [&text](const v1::Artifact& artifact) {
    text = absl::StrReplaceAll(text,
                               {{artifact.digest().substr(0, kShownOfDigest), artifact.version()}});
  };
  for (const v1::Artifact& artifact : example_.state.artifacts()) name(artifact);
  for (const v1::TestCase& story : example_.stories) {
    for (const v1::Moment& moment : story.moments()) {
      for (const v1::Event& event : moment.events()) {
        if (event.has_artifact_built()) name(event.artifact_built().artifact());
      }
    }
  }
  return text;
}

}  // namespace sluice
