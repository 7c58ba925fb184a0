#include "tests/metrics/reference_alarm.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <ostream>
#include <vector>

#include "absl/time/time.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/series.h"

namespace sluice {
namespace {

AlarmState JudgeRange(const AlarmRule& rule, const std::vector<double>& range,
                      AlarmState previous) {
  std::vector<bool> breaches;  // Of the real points, oldest first.
  for (const double point : range) {
    if (!std::isnan(point)) breaches.push_back(Breaches(rule, point));
  }
  const size_t n = rule.evaluation_periods;
  const auto m = static_cast<std::ptrdiff_t>(rule.datapoints_to_alarm);
  const auto count_true = [](std::vector<bool> flags) {
    return std::count(flags.begin(), flags.end(), true);
  };
  if (breaches.size() >= n) {
    const std::vector<bool> newest(breaches.end() - n, breaches.end());
    return count_true(newest) >= m ? AlarmState::kAlarm : AlarmState::kOk;
  }
  const TreatMissing treat = rule.treat_missing;
  if (breaches.empty()) {
    if (treat == TreatMissing::kMissing) return AlarmState::kInsufficientData;
    if (treat == TreatMissing::kIgnore) return previous;
    return treat == TreatMissing::kBreaching ? AlarmState::kAlarm : AlarmState::kOk;
  }
  if (treat == TreatMissing::kBreaching || treat == TreatMissing::kNotBreaching) {
    while (breaches.size() < n) breaches.push_back(treat == TreatMissing::kBreaching);
    return count_true(breaches) >= m ? AlarmState::kAlarm : AlarmState::kOk;
  }
  if (count_true(breaches) >= m) return AlarmState::kAlarm;
  if (std::count(breaches.begin(), breaches.end(), false) > 0) return AlarmState::kOk;
  return treat == TreatMissing::kMissing ? AlarmState::kAlarm : previous;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, AlarmState state) {
  switch (state) {
    case AlarmState::kInsufficientData:
      return out << "INSUFFICIENT_DATA";
    case AlarmState::kOk:
      return out << "OK";
    case AlarmState::kAlarm:
      return out << "ALARM";
  }
  return out << static_cast<int>(state);
}

std::vector<AlarmState> ReferenceFold(const AlarmRule& rule, const SeriesView& series,
                                      absl::Time now) {
  std::vector<AlarmState> states;
  AlarmState previous = AlarmState::kInsufficientData;
  std::vector<double> points;
  for (absl::Time end = series.start + series.period; end <= now && end <= series.reported_through;
       end += series.period) {
    points.push_back(points.size() < series.values.size()
                         ? series.values[points.size()]
                         : std::numeric_limits<double>::quiet_NaN());
    const size_t range = rule.evaluation_periods + 2;
    const std::vector<double> in_range(points.end() - std::min(points.size(), range), points.end());
    previous = JudgeRange(rule, in_range, previous);
    states.push_back(previous);
  }
  return states;
}

int64_t TestRandom::Below(int64_t bound) {
  state_ = state_ * 6364136223846793005u + 1442695040888963407u;
  return static_cast<int64_t>((state_ >> 33) % static_cast<uint64_t>(bound));
}

AlarmRule RandomRule(TestRandom* random) {
  AlarmRule rule;
  rule.comparison = Comparison::kGreaterOrEqual;
  rule.threshold = 1;
  rule.evaluation_periods = 1 + static_cast<int>(random->Below(5));
  rule.datapoints_to_alarm = 1 + static_cast<int>(random->Below(rule.evaluation_periods));
  constexpr TreatMissing kTreatments[] = {TreatMissing::kMissing, TreatMissing::kIgnore,
                                          TreatMissing::kBreaching, TreatMissing::kNotBreaching};
  rule.treat_missing = kTreatments[random->Below(4)];
  return rule;
}

std::vector<double> RandomValues(TestRandom* random, int64_t most) {
  const int64_t missing = random->Below(11);  // Of ten.
  const int64_t breaching = random->Below(11);
  std::vector<double> values;
  for (int64_t left = random->Below(most + 1); left > 0; --left) {
    if (random->Below(10) < missing) {
      values.push_back(std::numeric_limits<double>::quiet_NaN());
    } else {
      values.push_back(random->Below(10) < breaching ? 1 : 0);
    }
  }
  return values;
}

}  // namespace sluice
