#include "sluice/interchange/alarm_reports.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

v1::AlarmReport Report(const std::string& alarm, v1::AlarmReport::State state, int since,
                       const std::string& cell = "") {
  v1::AlarmReport report;
  report.set_alarm(alarm);
  report.set_cell(cell);
  report.set_state(state);
  report.mutable_since()->set_seconds(since);
  return report;
}

TEST(AlarmReports, OneForEachAlarmAndPlaceTheWorseOfTwo) {
  AlarmReports reports({Report("b", v1::AlarmReport::OK, 1)});
  using Added = AlarmReports::Added;
  EXPECT_EQ(reports.Add(Report("a", v1::AlarmReport::OK, 1)), Added::kNew);
  EXPECT_EQ(reports.Add(Report("b", v1::AlarmReport::OK, 1)), Added::kSame);
  EXPECT_EQ(reports.Add(Report("b", v1::AlarmReport::OK, 1, "cell")), Added::kNew);
  EXPECT_EQ(reports.Add(Report("b", v1::AlarmReport::OK, 2)), Added::kContradiction);
  EXPECT_EQ(reports.Find("b", "", "")->since().seconds(), 2);
  EXPECT_EQ(reports.Add(Report("b", v1::AlarmReport::INSUFFICIENT_DATA, 1)), Added::kContradiction);
  EXPECT_EQ(reports.Add(Report("b", v1::AlarmReport::ALARM, 1)), Added::kContradiction);
  EXPECT_EQ(reports.Add(Report("b", v1::AlarmReport::OK, 9)), Added::kContradiction);
  EXPECT_EQ(reports.Find("b", "", "")->state(), v1::AlarmReport::ALARM);
  EXPECT_EQ(reports.Find("c", "", ""), nullptr);
  const std::vector<v1::AlarmReport> all = reports.ToVector();
  ASSERT_EQ(all.size(), 3);
  EXPECT_EQ(all[0].alarm(), "a");
  EXPECT_EQ(all[2].cell(), "cell");
}

TEST(CheckAlarmScope, Faults) {
  const absl::Time now = absl::FromUnixSeconds(0);
  EXPECT_TRUE(CheckAlarmScope(now, "", "").ok());
  EXPECT_TRUE(CheckAlarmScope(now, "a", "").ok());
  EXPECT_TRUE(CheckAlarmScope(now, "", "a").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(CheckAlarmScope(now, "a", "b")));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckAlarmScope(now, "a b", "")));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckAlarmScope(now, "", "a b")));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckAlarmScope(absl::InfiniteFuture(), "", "")));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckAlarmScope(absl::InfinitePast(), "", "")));
}

}  // namespace
}  // namespace sluice
