#include "sluice/explain/series_report.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "sluice/internal/checked_time.h"

namespace sluice {
namespace {

constexpr absl::Duration kPeriodOfNew = absl::Minutes(1);

// Longer than what any rule looks at, short enough to be made many times.
constexpr int64_t kMostPoints = 20'000;

// How many whole periods there are in `length`.
int64_t WholePeriods(absl::Duration length, absl::Duration period) {
  absl::Duration rest;
  return std::max<int64_t>(absl::IDivDuration(length, period, &rest), 0);
}

}  // namespace

const v1::Series* FindSeriesRecord(const google::protobuf::RepeatedPtrField<v1::Series>& all,
                                   absl::string_view id, absl::string_view cell,
                                   absl::string_view region) {
  for (const v1::Series& series : all) {
    if (series.series() == id && series.cell() == cell && series.region() == region) return &series;
  }
  return nullptr;
}

absl::Time AlignedDown(absl::Time time, absl::Duration period) {
  return absl::UnixEpoch() + absl::Floor(time - absl::UnixEpoch(), period);
}

absl::Time AlignedUp(absl::Time time, absl::Duration period) {
  return absl::UnixEpoch() + absl::Ceil(time - absl::UnixEpoch(), period);
}

v1::Series Extended(const v1::Series* known, const v1::Series& key, absl::Time from,
                    absl::Time through, double value) {
  v1::Series series = known != nullptr ? *known : key;
  if (known == nullptr && !key.has_start()) {
    series.mutable_period()->set_seconds(absl::ToInt64Seconds(kPeriodOfNew));
    *series.mutable_start() = WriteTime(AlignedDown(from, kPeriodOfNew));
  }
  if (known == nullptr) *series.mutable_reported_through() = series.start();
  const absl::Duration period = *ReadDuration(series.period());
  absl::Time start = *ReadTime(series.start());
  const absl::Time reported = *ReadTime(series.reported_through());
  if (through <= reported) return series;
  // Periods that were reported without a point stay so; one that was reported in part is whole now.
  const int64_t known_periods = WholePeriods(reported - start, period);
  const int64_t periods = WholePeriods(through - start, period);
  while (series.values_size() < known_periods && series.values_size() < kMostPoints) {
    series.add_values(std::numeric_limits<double>::quiet_NaN());
  }
  series.mutable_values()->Truncate(
      static_cast<int>(std::min<int64_t>(known_periods, series.values_size())));
  if (periods - series.values_size() > kMostPoints) {
    start += (periods - kMostPoints) * period;
    series.clear_values();
    *series.mutable_start() = WriteTime(start);
  }
  const int64_t wanted = WholePeriods(through - start, period);
  while (series.values_size() < wanted) series.add_values(value);
  *series.mutable_reported_through() = WriteTime(through);
  return series;
}

SeriesView ViewOf(const v1::Series& series) {
  return {*ReadTime(series.start()), *ReadDuration(series.period()),
          absl::MakeConstSpan(series.values().data(), static_cast<size_t>(series.values_size())),
          *ReadTime(series.reported_through())};
}

absl::optional<double> ValueThat(bool breaches, const AlarmRule& rule, double low, double high) {
  const auto beside = [](double bound, double direction) {
    return bound + direction * std::max(1.0, std::abs(bound) / 10);
  };
  for (const double bound : {rule.threshold, rule.low, rule.high, 0.0}) {
    for (const double value :
         {bound, beside(bound, -1), beside(bound, 1), std::nextafter(bound, low),
          std::nextafter(bound, high), (rule.low + rule.high) / 2, low, high}) {
      if (!std::isfinite(value) || value < low || value > high) continue;
      if (Breaches(rule, value) == breaches) return value;
    }
  }
  return absl::nullopt;
}

}  // namespace sluice
