#include "sluice/load/signals.h"

#include <cstdint>
#include <limits>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/faults_after.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Faults after a change to the alarm of cell `eu`.
template <typename Change>
FaultTexts Alarm(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_alarms(0)); });
}

// Faults after a change to the series of cell `eu`.
template <typename Change>
FaultTexts Series(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_series(0)); });
}

constexpr char kInvalidAlarm[] = "INVALID_DATA alarm latency/eu/";
constexpr char kInvalidSeries[] = "INVALID_DATA series errors/eu/";

TEST(AlarmsTest, ReadsEveryField) {
  const v1::PipelineState state = ValidState();
  absl::flat_hash_map<SignalKey, AlarmFacts> alarms;
  EXPECT_EQ(LoadAlarms(state.alarms(), alarms), v1::ALL_CLEAR);
  ASSERT_EQ(alarms.size(), 2u);
  const AlarmFacts& eu = alarms.at(SignalKey{"latency", "eu", ""});
  EXPECT_EQ(eu.state, v1::AlarmReport::OK);
  EXPECT_EQ(eu.since, absl::FromUnixSeconds(5000));
  EXPECT_EQ(eu.observed_at, absl::FromUnixSeconds(9000));
  EXPECT_EQ(eu.last_alarm_at, absl::FromUnixSeconds(4900));
  EXPECT_EQ(eu.history_from, absl::FromUnixSeconds(100));
}

TEST(AlarmsTest, UnsetHistoryIsSinceTheStateBegan) {
  const v1::PipelineState state = ValidState();
  absl::flat_hash_map<SignalKey, AlarmFacts> alarms;
  LoadAlarms(state.alarms(), alarms);
  const AlarmFacts& us = alarms.at(SignalKey{"latency", "", "us-1"});
  EXPECT_EQ(us.state, v1::AlarmReport::ALARM);
  EXPECT_EQ(us.last_alarm_at, absl::InfinitePast());
  EXPECT_EQ(us.history_from, us.since);
}

TEST(AlarmsTest, AnInvalidReportCarriesTheFault) {
  EXPECT_THAT(Alarm([](auto& a) { a.clear_state(); }), ElementsAre(kInvalidAlarm));
  EXPECT_THAT(Alarm([](auto& a) { a.set_state(static_cast<v1::AlarmReport::State>(4)); }),
              ElementsAre(kInvalidAlarm));
  EXPECT_THAT(Alarm([](auto& a) { a.clear_since(); }), ElementsAre(kInvalidAlarm));
  EXPECT_THAT(Alarm([](auto& a) { a.clear_observed_at(); }), ElementsAre(kInvalidAlarm));
}

TEST(AlarmsTest, NothingIsLaterThanTheObservation) {
  const auto at = [](auto* timestamp, int nanos) {
    timestamp->set_seconds(9000);
    timestamp->set_nanos(nanos);
  };
  EXPECT_THAT(Alarm([&](auto& a) { at(a.mutable_since(), 0); }), IsEmpty());
  EXPECT_THAT(Alarm([&](auto& a) { at(a.mutable_since(), 1); }), ElementsAre(kInvalidAlarm));
  EXPECT_THAT(Alarm([&](auto& a) { at(a.mutable_last_alarm_at(), 0); }), IsEmpty());
  EXPECT_THAT(Alarm([&](auto& a) { at(a.mutable_last_alarm_at(), 1); }),
              ElementsAre(kInvalidAlarm));
  EXPECT_THAT(Alarm([&](auto& a) { at(a.mutable_history_from(), 0); }), IsEmpty());
  EXPECT_THAT(Alarm([&](auto& a) { at(a.mutable_history_from(), 1); }), ElementsAre(kInvalidAlarm));
}

TEST(AlarmsTest, AnInvalidReportSaysNeitherOkNorAlarm) {
  v1::PipelineState state = ValidState();
  state.mutable_alarms(1)->clear_since();
  absl::flat_hash_map<SignalKey, AlarmFacts> alarms;
  EXPECT_EQ(LoadAlarms(state.alarms(), alarms), v1::ALL_CLEAR);
  const AlarmFacts& us = alarms.at(SignalKey{"latency", "", "us-1"});
  EXPECT_EQ(us.fault, v1::INVALID_DATA);
  EXPECT_EQ(us.state, v1::AlarmReport::STATE_UNSPECIFIED);
  EXPECT_EQ(us.observed_at, absl::InfinitePast());
  EXPECT_EQ(us.last_alarm_at, absl::InfinitePast());
  EXPECT_EQ(us.history_from, absl::InfiniteFuture());
}

TEST(AlarmsTest, WhatItIsAboutMustBeReadable) {
  EXPECT_THAT(Alarm([](auto& a) { a.clear_alarm(); }), ElementsAre("INVALID_DATA pipeline alarms"));
  EXPECT_THAT(Alarm([](auto& a) { a.set_cell("a b"); }),
              ElementsAre("INVALID_DATA pipeline alarms"));
  EXPECT_THAT(Alarm([](auto& a) { a.set_region("eu-1"); }),
              ElementsAre("INVALID_DATA pipeline alarms"));
  EXPECT_THAT(Alarm([](auto& a) { a.clear_cell(); }), IsEmpty());
}

TEST(AlarmsTest, KeysAreUnique) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) { *s.add_alarms() = s.alarms(0); }), IsEmpty());
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_alarms() = s.alarms(0);
                s.mutable_alarms(2)->mutable_observed_at()->set_seconds(9001);
              }),
              ElementsAre("DUPLICATE_ID alarm latency/eu/"));
}

TEST(SeriesTest, PointsIntoTheMessage) {
  const v1::PipelineState state = ValidState();
  absl::flat_hash_map<SignalKey, SeriesFacts> series;
  EXPECT_EQ(LoadSeries(state.series(), series), v1::ALL_CLEAR);
  const SeriesFacts& eu = series.at(SignalKey{"errors", "eu", ""});
  EXPECT_EQ(eu.view.start, absl::FromUnixSeconds(600));
  EXPECT_EQ(eu.view.period, absl::Minutes(1));
  EXPECT_EQ(eu.view.reported_through, absl::FromUnixSeconds(780));
  EXPECT_EQ(eu.view.values.data(), state.series(0).values().data());
  EXPECT_EQ(eu.view.values.size(), 3u);
  EXPECT_TRUE(series.at(SignalKey{"errors", "", "eu-1"}).view.values.empty());
}

TEST(SeriesTest, AnInvalidSeriesCarriesTheFault) {
  EXPECT_THAT(Series([](auto& s) { s.clear_start(); }), ElementsAre(kInvalidSeries));
  EXPECT_THAT(Series([](auto& s) { s.clear_period(); }), ElementsAre(kInvalidSeries));
  EXPECT_THAT(Series([](auto& s) { s.clear_reported_through(); }), ElementsAre(kInvalidSeries));
  EXPECT_THAT(Series([](auto& s) { s.mutable_period()->set_seconds(61); }),
              ElementsAre(kInvalidSeries));
  EXPECT_THAT(Series([](auto& s) { s.mutable_period()->set_nanos(-1); }),
              ElementsAre(kInvalidSeries));
  EXPECT_THAT(Series([](auto& s) { s.mutable_start()->set_seconds(601); }),
              ElementsAre(kInvalidSeries));
  EXPECT_THAT(Series([](auto& s) { s.set_values(0, std::numeric_limits<double>::infinity()); }),
              ElementsAre(kInvalidSeries));
  EXPECT_THAT(Series([](auto& s) { s.set_values(0, -std::numeric_limits<double>::infinity()); }),
              ElementsAre(kInvalidSeries));
}

TEST(SeriesTest, ValuesEndByWhatWasReported) {
  EXPECT_THAT(Series([](auto& s) { s.mutable_reported_through()->set_seconds(721); }), IsEmpty());
  EXPECT_THAT(Series([](auto& s) { s.mutable_reported_through()->set_seconds(720); }),
              ElementsAre(kInvalidSeries));
}

TEST(SeriesTest, AnInvalidSeriesHasNoPeriods) {
  v1::PipelineState state = ValidState();
  state.mutable_series(0)->set_values(0, std::numeric_limits<double>::infinity());
  absl::flat_hash_map<SignalKey, SeriesFacts> series;
  LoadSeries(state.series(), series);
  const SeriesFacts& eu = series.at(SignalKey{"errors", "eu", ""});
  EXPECT_TRUE(eu.view.values.empty());
  EXPECT_EQ(eu.view.period, absl::ZeroDuration());
}

TEST(SeriesTest, Limits) {
  const auto with = [](int values) {
    return Series([&](v1::Series& s) {
      s.mutable_values()->Resize(values, 1);
      s.mutable_reported_through()->set_seconds(600 + 60 * int64_t{values});
    });
  };
  EXPECT_THAT(with(kMaxValues), IsEmpty());
  EXPECT_THAT(with(kMaxValues + 1), ElementsAre("LIMIT_EXCEEDED series errors/eu/"));
}

TEST(SeriesTest, WhatItIsAboutMustBeReadable) {
  EXPECT_THAT(Series([](auto& s) { s.clear_series(); }),
              ElementsAre("INVALID_DATA pipeline series"));
  EXPECT_THAT(Series([](auto& s) { s.set_region("eu-1"); }),
              ElementsAre("INVALID_DATA pipeline series"));
}

TEST(SeriesTest, KeysAreUnique) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) { *s.add_series() = s.series(0); }), IsEmpty());
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_series() = s.series(0);
                s.mutable_series(2)->set_values(0, 2);
              }),
              ElementsAre("DUPLICATE_ID series errors/eu/"));
}

}  // namespace
}  // namespace sluice
