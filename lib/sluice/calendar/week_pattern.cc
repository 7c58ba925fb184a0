#include "sluice/calendar/week_pattern.h"

#include <algorithm>
#include <iterator>

namespace sluice {
namespace {

using Step = WeekPattern::Step;
using Piece = WeekPattern::Piece;

// `value` modulo the week, never negative.
int64_t InWeek(int64_t nanos) {
  const int64_t rest = nanos % WeekPattern::kWeekNanos;
  return rest < 0 ? rest + WeekPattern::kWeekNanos : rest;
}

Length LongestAllowed(const std::vector<Step>& steps) {
  if (steps.size() == 1) return steps[0].coverage == Coverage::kAllowed ? kEndless : Length{};
  int64_t longest = 0;
  int64_t run = 0;
  // Twice round, so that a stretch across the end of the week is seen whole.
  for (size_t i = 0; i < 2 * steps.size(); ++i) {
    const size_t at = i % steps.size();
    const int64_t end = at + 1 < steps.size() ? steps[at + 1].nano : WeekPattern::kWeekNanos;
    run = steps[at].coverage == Coverage::kAllowed ? run + (end - steps[at].nano) : 0;
    longest = std::max(longest, run);
  }
  return Nanos(longest);
}

}  // namespace

WeekPattern::WeekPattern(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (steps_.empty() || steps_.back().coverage != step.coverage) steps_.push_back(step);
  }
  longest_allowed_ = LongestAllowed(steps_);
}

WeekPattern WeekPattern::Constant(Coverage coverage) { return WeekPattern({Step{0, coverage}}); }

WeekPattern WeekPattern::Of(const std::vector<Piece>& pieces, Coverage coverage) {
  std::vector<Piece> within;  // Parts of the pieces, each inside the week.
  for (const Piece& piece : pieces) {
    if (piece.end - piece.begin >= kWeekNanos) return Constant(coverage);
    const int64_t begin = InWeek(piece.begin);
    const int64_t end = begin + (piece.end - piece.begin);
    within.push_back(Piece{begin, std::min(end, kWeekNanos)});
    if (end > kWeekNanos) within.push_back(Piece{0, end - kWeekNanos});
  }
  std::sort(within.begin(), within.end(),
            [](const Piece& a, const Piece& b) { return a.begin < b.begin; });

  std::vector<Step> steps;
  int64_t covered_to = 0;
  for (const Piece& piece : within) {
    if (piece.begin > covered_to) steps.push_back(Step{covered_to, Coverage::kOutside});
    if (piece.end > covered_to) {
      steps.push_back(Step{std::max(piece.begin, covered_to), coverage});
      covered_to = piece.end;
    }
  }
  if (covered_to < kWeekNanos) steps.push_back(Step{covered_to, Coverage::kOutside});
  return WeekPattern(steps);
}

WeekPattern WeekPattern::Max(const WeekPattern& a, const WeekPattern& b) {
  std::vector<Step> steps;
  size_t i = 0;
  size_t j = 0;
  int64_t at = 0;
  while (true) {
    steps.push_back(Step{at, std::max(a.steps_[i].coverage, b.steps_[j].coverage)});
    const int64_t next_a = i + 1 < a.steps_.size() ? a.steps_[i + 1].nano : kWeekNanos;
    const int64_t next_b = j + 1 < b.steps_.size() ? b.steps_[j + 1].nano : kWeekNanos;
    at = std::min(next_a, next_b);
    if (at == kWeekNanos) return WeekPattern(steps);
    if (next_a == at) ++i;
    if (next_b == at) ++j;
  }
}

WeekPattern WeekPattern::Later(int64_t seconds) const {
  if (constant()) return *this;
  const int64_t shift = InWeek(seconds % kWeekSeconds * kNanosPerSecond);
  // The steps from the one that comes to stand first, that is at or after 0, to the one before it.
  const auto first = std::find_if(steps_.begin(), steps_.end(), [&](const Step& step) {
    return step.nano + shift >= kWeekNanos;
  });
  std::vector<Step> steps;
  for (auto step = first; step != steps_.end(); ++step) {
    steps.push_back(Step{step->nano + shift - kWeekNanos, step->coverage});
  }
  for (auto step = steps_.begin(); step != first; ++step) {
    steps.push_back(Step{step->nano + shift, step->coverage});
  }
  if (steps.front().nano > 0) steps.insert(steps.begin(), Step{0, steps.back().coverage});
  return WeekPattern(steps);
}

size_t WeekPattern::StepAt(int64_t nano) const {
  const auto after =
      std::upper_bound(steps_.begin(), steps_.end(), nano,
                       [](int64_t value, const Step& step) { return value < step.nano; });
  return static_cast<size_t>(std::distance(steps_.begin(), after)) - 1;
}

bool operator<(const WeekPattern& a, const WeekPattern& b) {
  return std::lexicographical_compare(a.steps().begin(), a.steps().end(), b.steps().begin(),
                                      b.steps().end(), [](const Step& x, const Step& y) {
                                        return x.nano != y.nano ? x.nano < y.nano
                                                                : x.coverage < y.coverage;
                                      });
}

}  // namespace sluice
