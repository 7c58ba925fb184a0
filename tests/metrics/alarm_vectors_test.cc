// Runs the alarm judgements recorded from other systems that lie in the folder named by the
// environment variable SLUICE_SHARED_VECTORS: alarm_m_of_n.jsonl and cloudwatch_missing_data.csv.
// Skipped where the variable is not set. The same facts, in our own form, are in alarm_test.cc.

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "sluice/metrics/alarm.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/series.h"
#include "tests/metrics/reference_alarm.h"

namespace sluice {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

constexpr char kNotAtHand[] = "SLUICE_SHARED_VECTORS is not set";

std::vector<std::string> ReadLines(const std::string& name) {
  const char* const folder = std::getenv("SLUICE_SHARED_VECTORS");
  if (folder == nullptr || *folder == '\0') return {};
  std::ifstream file(absl::StrCat(folder, "/", name));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  EXPECT_FALSE(lines.empty()) << name;
  return lines;
}

absl::optional<TreatMissing> ParseTreatment(const std::string& name) {
  if (name == "missing") return TreatMissing::kMissing;
  if (name == "ignore") return TreatMissing::kIgnore;
  if (name == "breaching") return TreatMissing::kBreaching;
  if (name == "notBreaching") return TreatMissing::kNotBreaching;
  return absl::nullopt;
}

absl::optional<Comparison> ParseComparison(const std::string& name) {
  if (name == "GreaterThanThreshold") return Comparison::kGreater;
  if (name == "GreaterThanOrEqualToThreshold") return Comparison::kGreaterOrEqual;
  if (name == "LessThanThreshold") return Comparison::kLess;
  if (name == "LessThanOrEqualToThreshold") return Comparison::kLessOrEqual;
  return absl::nullopt;
}

std::vector<AlarmState> Fold(const AlarmRule& rule, const std::vector<double>& values) {
  SeriesView series;
  series.start = absl::UnixEpoch();
  series.period = absl::Minutes(1);
  series.values = values;
  series.reported_through = series.start + static_cast<int64_t>(values.size()) * series.period;
  EXPECT_EQ(Validate(series), SeriesProblem::kNone);
  std::vector<AlarmState> states;
  FoldAlarm(rule, series, series.reported_through, &states);
  EXPECT_EQ(states.size(), values.size());
  EXPECT_EQ(EvaluateAlarm(rule, series, series.reported_through), states.back());
  return states;
}

// Points to put before a row, outside the range of its last period, so that the state before that
// period is `previous`. nullopt if none of those tried leads there.
absl::optional<std::vector<double>> FindHistory(const AlarmRule& rule,
                                                const std::vector<double>& row, double breaching,
                                                double healthy, AlarmState previous) {
  const size_t range = rule.evaluation_periods + kExtraEvaluationPeriods;
  const size_t least_silence = row.size() < range ? range - row.size() : 0;
  for (const double point : {kNaN, healthy, breaching}) {
    for (size_t silence = least_silence; silence <= least_silence + range; ++silence) {
      std::vector<double> history(rule.evaluation_periods, point);
      history.insert(history.end(), silence, kNaN);
      std::vector<double> values = history;
      values.insert(values.end(), row.begin(), row.end());
      const std::vector<AlarmState> states = Fold(rule, values);
      if (states[states.size() - 2] == previous) return history;
    }
  }
  return absl::nullopt;
}

TEST(SharedVectors, MOfN) {
  int run = 0;
  int without_history = 0;
  for (const std::string& line : ReadLines("alarm_m_of_n.jsonl")) {
    Struct row;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(line, &row).ok()) << line;
    const auto& fields = row.fields();
    const std::string id = fields.at("id").string_value();
    const auto& input = fields.at("input").struct_value().fields();
    const auto& expected = fields.at("expected").struct_value().fields();
    const std::string kind = fields.at("kind").string_value();
    if (kind == "comparison") {
      AlarmRule rule;
      rule.comparison = ParseComparison(input.at("operator").string_value()).value();
      rule.threshold = input.at("threshold").number_value();
      EXPECT_EQ(Breaches(rule, input.at("value").number_value()),
                expected.at("breaching").bool_value())
          << id;
      ++run;
      continue;
    }
    if (kind != "m_of_n") continue;

    AlarmRule rule;
    rule.comparison = ParseComparison(input.at("comparison").string_value()).value();
    rule.threshold = input.at("threshold").number_value();
    rule.evaluation_periods = static_cast<int>(input.at("evaluation_periods").number_value());
    const Value& m = input.at("datapoints_to_alarm");
    rule.datapoints_to_alarm = m.kind_case() == Value::kNullValue
                                   ? rule.evaluation_periods
                                   : static_cast<int>(m.number_value());
    rule.treat_missing = ParseTreatment(input.at("treat_missing_data").string_value()).value();
    ASSERT_EQ(Validate(rule), AlarmRuleProblem::kNone) << id;
    std::vector<double> points;
    for (const Value& point : input.at("datapoints_oldest_first").list_value().values()) {
      points.push_back(point.kind_case() == Value::kNullValue ? kNaN : point.number_value());
    }
    // One above and one below any threshold: which breaches, the rule says.
    double breaching = rule.threshold + 1;
    double healthy = rule.threshold - 1;
    if (!Breaches(rule, breaching)) std::swap(breaching, healthy);
    const std::string previous = input.at("previous_state").string_value();
    const AlarmState previous_state = previous == "OK"      ? AlarmState::kOk
                                      : previous == "ALARM" ? AlarmState::kAlarm
                                                            : AlarmState::kInsufficientData;

    const absl::optional<std::vector<double>> history =
        FindHistory(rule, points, breaching, healthy, previous_state);
    std::vector<double> values = history.value_or(std::vector<double>());
    values.insert(values.end(), points.begin(), points.end());
    const AlarmState state = Fold(rule, values).back();
    EXPECT_EQ(testing::PrintToString(state), expected.at("state").string_value()) << id;
    EXPECT_EQ(state != previous_state, expected.at("state_changed").bool_value()) << id;
    if (!history.has_value()) {
      // The row's own older points decide what the previous state was, and it is another one. That
      // must not matter to the outcome.
      EXPECT_FALSE(expected.at("retained").bool_value()) << id;
      ++without_history;
    }
    ++run;
  }
  if (run == 0) GTEST_SKIP() << kNotAtHand;
  RecordProperty("rows", run);
  RecordProperty("rows_whose_previous_state_no_series_gives", without_history);
}

TEST(SharedVectors, MissingDataTables) {
  const std::vector<std::string> lines = ReadLines("cloudwatch_missing_data.csv");
  if (lines.empty()) GTEST_SKIP() << kNotAtHand;
  const struct {
    double point;
    AlarmState previous;
  } histories[] = {
      {kNaN, AlarmState::kInsufficientData}, {0, AlarmState::kOk}, {1, AlarmState::kAlarm}};
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> cells = absl::StrSplit(lines[i], ',');
    ASSERT_EQ(cells.size(), 9) << lines[i];
    AlarmRule rule;
    rule.comparison = Comparison::kGreater;
    rule.datapoints_to_alarm = std::atoi(cells[3].c_str());
    rule.evaluation_periods = std::atoi(cells[4].c_str());
    ASSERT_EQ(rule.evaluation_periods + kExtraEvaluationPeriods, std::atoi(cells[5].c_str()));
    rule.treat_missing = ParseTreatment(cells[7]).value();
    ASSERT_EQ(Validate(rule), AlarmRuleProblem::kNone) << lines[i];
    for (const auto& history : histories) {
      std::vector<double> values(rule.evaluation_periods, history.point);
      for (const char c : cells[2]) values.push_back(c == 'X' ? 1 : c == '0' ? 0 : kNaN);
      const std::string expected =
          cells[8] == "RETAIN" ? testing::PrintToString(history.previous) : cells[8];
      EXPECT_EQ(testing::PrintToString(Fold(rule, values).back()), expected) << lines[i];
    }
  }
}

}  // namespace
}  // namespace sluice
