#include "sluice/cli/render_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "sluice/explain/sentence.h"
#include "sluice/explain/stage_sentence.h"

namespace sluice {
namespace {

constexpr size_t kColumns = 80;

std::string Instant(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

absl::string_view ColourOf(Action action) {
  switch (action) {
    case Action::kDeploy:
    case Action::kReady:
      return "\x1b[32m";
    case Action::kRollBack:
    case Action::kHold:
      return "\x1b[31m";
    case Action::kWait:
      return "\x1b[33m";
    case Action::kIdle:
      return "\x1b[2m";
  }
  return "";
}

std::string Headline(const StageDecision& stage, const RenderOptions& options) {
  const absl::string_view name = ActionName(stage.action);
  const std::string action =
      options.colour ? absl::StrCat(ColourOf(stage.action), name, "\x1b[0m") : std::string(name);
  return absl::StrCat("\n", stage.stage, ": ", action, "\n");
}

// The children of a combination that are in its way, each on a line further in.
void AppendChildren(const Finding& finding, const std::string& indent, std::string* text) {
  for (const Finding& child : finding.evidence.children) {
    if (child.verdict == Verdict::kClear) continue;
    absl::StrAppend(text, Wrap(ChildSentence(child), absl::StrCat(indent, "* "), indent + "  "));
    AppendChildren(child, indent + "  ", text);
  }
}

// The findings with one effect, each a line under a mark.
void AppendFindings(const StageDecision& stage, Effect effect, absl::string_view mark,
                    std::string* text) {
  for (const Finding& finding : stage.findings) {
    if (finding.effect != effect) continue;
    absl::StrAppend(text, Wrap(Sentence(finding), mark, "    "));
    AppendChildren(finding, "    ", text);
  }
}

}  // namespace

std::string RenderStage(const StageDecision& stage, const RenderOptions& options) {
  std::string text = Headline(stage, options);
  absl::StrAppend(&text, Wrap(ActionSentence(stage), "  ", "  "));
  AppendFindings(stage, Effect::kHolds, "  ! ", &text);
  AppendFindings(stage, Effect::kLifted, "  ~ ", &text);
  AppendFindings(stage, Effect::kObserved, "  ? ", &text);
  if (options.all) {
    AppendFindings(stage, Effect::kNone, "  - ", &text);
  } else if (options.count_others) {
    size_t others = 0;
    for (const Finding& finding : stage.findings) others += finding.effect == Effect::kNone;
    if (others > 0) {
      absl::StrAppend(&text, "  - ", others, others == 1 ? " finding" : " findings",
                      " that hold nothing (--all shows them)\n");
    }
  }
  for (const WantedRecord& wanted : stage.wanted) {
    absl::StrAppend(&text, Wrap(WantedSentence(wanted), "  > ", "    "));
  }
  for (const PassedOver& passed_over : stage.passed_over) {
    absl::StrAppend(&text, Wrap(PassedOverSentence(passed_over), "  . ", "    "));
  }
  return text;
}

std::string Wrap(absl::string_view text, absl::string_view first, absl::string_view rest) {
  std::string wrapped(first);
  size_t column = first.size();
  bool at_start = true;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (!at_start && column + 1 + word.size() > kColumns) {
      absl::StrAppend(&wrapped, "\n", rest);
      column = rest.size();
      at_start = true;
    }
    if (!at_start) {
      wrapped.push_back(' ');
      ++column;
    }
    absl::StrAppend(&wrapped, word);
    column += word.size();
    at_start = false;
  }
  wrapped.push_back('\n');
  return wrapped;
}

std::string RenderHeading(const Decision& decision) {
  std::string until = "whatever the time";
  if (decision.valid_until != absl::InfiniteFuture()) {
    const absl::Duration left = decision.valid_until - decision.now;
    until = absl::StrCat(
        "until ", Instant(decision.valid_until), " (",
        absl::FormatDuration(left > absl::Seconds(1) ? absl::Floor(left, absl::Seconds(1)) : left),
        ")");
  }
  return Wrap(absl::StrCat(decision.pipeline, " at ", Instant(decision.now), ", the same ", until,
                           " unless a fact changes."),
              "", "  ");
}

std::string RenderText(const Decision& decision, const RenderOptions& options) {
  std::string text = RenderHeading(decision);
  for (const StageDecision& stage : decision.stages) {
    if (options.stage.empty() || options.stage == stage.stage) {
      absl::StrAppend(&text, RenderStage(stage, options));
    }
  }
  return text;
}

}  // namespace sluice
