#include "sluice/testing/matchers.h"

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gmock/gmock.h"
#include "sluice/explain/sentence.h"
#include "sluice/explain/stage_sentence.h"

namespace sluice {
namespace {

// Matches by a predicate; what is matched is explained by PrintTo.
template <typename T>
class Where : public ::testing::MatcherInterface<const T&> {
 public:
  Where(std::string description, std::function<bool(const T&)> holds)
      : description_(std::move(description)), holds_(std::move(holds)) {}

  bool MatchAndExplain(const T& value, ::testing::MatchResultListener*) const override {
    return holds_(value);
  }
  void DescribeTo(std::ostream* out) const override { *out << description_; }
  void DescribeNegationTo(std::ostream* out) const override { *out << "not: " << description_; }

 private:
  std::string description_;
  std::function<bool(const T&)> holds_;
};

StageMatcher StageWhere(std::string description, std::function<bool(const StageDecision&)> holds) {
  return ::testing::MakeMatcher(new Where<StageDecision>(std::move(description), std::move(holds)));
}

DecisionMatcher DecisionWhere(std::string description, std::function<bool(const Decision&)> holds) {
  return ::testing::MakeMatcher(new Where<Decision>(std::move(description), std::move(holds)));
}

std::vector<std::string> CellsOf(const StageDecision& stage) {
  std::vector<std::string> cells;
  for (const CellAction& action : stage.actions) cells.emplace_back(action.cell);
  std::sort(cells.begin(), cells.end());
  return cells;
}

StageMatcher Acts(Action action, std::vector<std::string> cells) {
  std::sort(cells.begin(), cells.end());
  std::string description(ActionName(action));
  if (!cells.empty()) absl::StrAppend(&description, " with exactly ", absl::StrJoin(cells, ", "));
  return StageWhere(std::move(description), [action, cells](const StageDecision& stage) {
    return stage.action == action && (cells.empty() || CellsOf(stage) == cells);
  });
}

StageMatcher Rests(Action action) {
  return StageWhere(absl::StrCat(ActionName(action), " without an action"),
                    [action](const StageDecision& stage) {
                      return stage.action == action && stage.actions.empty();
                    });
}

StageMatcher HeldBy(absl::string_view finding_id, absl::optional<Reason> reason) {
  std::string description = absl::StrCat("is held by `", finding_id, "`");
  if (reason.has_value()) absl::StrAppend(&description, " for ", v1::Reason_Name(*reason));
  return StageWhere(
      std::move(description), [id = std::string(finding_id), reason](const StageDecision& stage) {
        if (stage.action == Action::kDeploy || stage.action == Action::kReady) return false;
        return std::any_of(stage.findings.begin(), stage.findings.end(), [&](const Finding& f) {
          return f.id == id && ::sluice::Holds(f) && (!reason.has_value() || f.reason == *reason);
        });
      });
}

}  // namespace

DecisionMatcher InStage(absl::string_view stage, const StageMatcher& matcher) {
  std::string description = absl::StrCat("stage `", stage, "` ");
  absl::StrAppend(&description, ::testing::DescribeMatcher<const StageDecision&>(matcher));
  return DecisionWhere(std::move(description),
                       [id = std::string(stage), matcher](const Decision& decision) {
                         const StageDecision* found = decision.Stage(id);
                         return found != nullptr && matcher.Matches(*found);
                       });
}

DecisionMatcher ValidUntil(absl::Time time) {
  return DecisionWhere(absl::StrCat("is valid until ", absl::FormatTime(time, absl::UTCTimeZone())),
                       [time](const Decision& decision) { return decision.valid_until == time; });
}

StageMatcher Deploys(std::vector<std::string> cells) {
  return Acts(Action::kDeploy, std::move(cells));
}
StageMatcher RollsBack(std::vector<std::string> cells) {
  return Acts(Action::kRollBack, std::move(cells));
}
StageMatcher IsReady(std::vector<std::string> cells) {
  return Acts(Action::kReady, std::move(cells));
}

StageMatcher Holds() { return Rests(Action::kHold); }
StageMatcher Waits() { return Rests(Action::kWait); }
StageMatcher IsIdle() { return Rests(Action::kIdle); }

StageMatcher IsHeldBy(absl::string_view finding_id) { return HeldBy(finding_id, absl::nullopt); }
StageMatcher IsHeldBy(absl::string_view finding_id, Reason reason) {
  return HeldBy(finding_id, reason);
}

StageMatcher IsClearOf(absl::string_view finding_id) {
  return StageWhere(absl::StrCat("is clear of `", finding_id, "`"),
                    [id = std::string(finding_id)](const StageDecision& stage) {
                      bool any = false;
                      for (const Finding& finding : stage.findings) {
                        if (finding.id != id) continue;
                        if (finding.verdict != Verdict::kClear && finding.effect != Effect::kLifted)
                          return false;
                        any = true;
                      }
                      return any;
                    });
}

void PrintTo(const StageDecision& stage, std::ostream* out) {
  *out << stage.stage << ": " << ActionSentence(stage) << "\n";
  for (const Finding& finding : stage.findings) {
    *out << (Holds(finding) ? "  ! " : "  - ") << Sentence(finding) << "\n";
  }
  for (const PassedOver& passed_over : stage.passed_over) {
    *out << "  . " << PassedOverSentence(passed_over) << "\n";
  }
}

void PrintTo(const Decision& decision, std::ostream* out) {
  *out << decision.pipeline << " at " << absl::FormatTime(decision.now, absl::UTCTimeZone())
       << ", the same until " << absl::FormatTime(decision.valid_until, absl::UTCTimeZone())
       << "\n";
  for (const StageDecision& stage : decision.stages) PrintTo(stage, out);
}

}  // namespace sluice
