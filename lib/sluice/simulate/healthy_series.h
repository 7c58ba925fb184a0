#ifndef SLUICE_SIMULATE_HEALTHY_SERIES_H_
#define SLUICE_SIMULATE_HEALTHY_SERIES_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "sluice/metrics/period_grid.h"
#include "sluice/simulate/signal_needs.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// The period of a series or of counts that nobody has reported yet.
inline constexpr absl::Duration kAssumedPeriod = absl::Seconds(60);

// One series of which every later period has the same value.
class HealthySeries {
 public:
  // Goes on after `record`, a series without fault: what it lacks up to its `reported_through`
  // stays missing, each later period has `value`.
  HealthySeries(v1::Series record, double value);

  // Reports it through `t` into `*out`, which is this object's last report or the record. Until the
  // record's own `reported_through` that is the record as it is. Cost: linear in what is added or,
  // where `t` is earlier than before, taken away again.
  void ReportAt(absl::Time t, v1::Series* out) const;

  // Forgets periods that start before `t`, if they are many and none of them was recorded.
  void ForgetBefore(absl::Time t, v1::Series* out);

  absl::Duration period() const { return period_; }

 private:
  absl::Time start_;
  absl::Duration period_;
  absl::Time known_through_;
  int64_t recorded_;      // Periods that the record has a value or NaN for.
  int64_t healthy_from_;  // The first period of which `value_` is reported.
  double value_;
};

// Counts of one stage that go on at the rate that each cell was last seen at, without errors.
class HealthyCounts {
 public:
  // Goes on after `record`, counts without fault. `cells` are those that are to be in it.
  HealthyCounts(v1::CellCounts record, const std::vector<std::string>& cells,
                const CountsNeed& need);

  // As HealthySeries::ReportAt. Linear in the counts.
  void ReportAt(absl::Time t, v1::CellCounts* out) const;
  void ForgetBefore(absl::Time t);

  absl::Duration period() const { return period_; }

 private:
  // Requests of a cell: `sum` over `periods` periods, spread evenly.
  struct Row {
    std::string cell;
    int64_t sum = 0;
    int64_t periods = 1;
    std::vector<int64_t> requests;  // Recorded.
    std::vector<int64_t> errors;
  };

  int64_t RequestsIn(const Row& row, int64_t period) const;

  v1::CellCounts record_;
  absl::Time start_;
  absl::Duration period_;
  absl::Time known_through_;
  int64_t recorded_;
  int64_t healthy_from_;
  int64_t forgotten_ = 0;  // Periods from `start_` on that are no longer reported.
  std::vector<Row> rows_;
};

}  // namespace sluice

#endif  // SLUICE_SIMULATE_HEALTHY_SERIES_H_
