#include "sluice/simulate/healthy_series.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "absl/container/flat_hash_set.h"
#include "absl/numeric/int128.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/limits.h"
#include "sluice/metrics/rate_sum.h"

namespace sluice {
namespace {

// The newest periods with data that a cell's rate is taken from.
constexpr int64_t kRatePeriods = 60;

// Fewer periods than this are not worth forgetting.
constexpr int64_t kFewPeriods = 4096;

constexpr double kNoPoint = std::numeric_limits<double>::quiet_NaN();

// How many of the periods from `start` on have ended by `t`.
int64_t EndedBy(absl::Time start, absl::Duration period, absl::Time t) {
  const absl::optional<PeriodGrid> grid = PeriodGrid::Make(start, period);
  return grid.has_value() ? grid->EndedBy(t) : 0;
}

// Requests a period with which every bake has seen enough by its `min_time`, the period in which it
// begins left out.
int64_t EnoughRequests(const CountsNeed& need, absl::Duration period) {
  int64_t enough = 1;
  for (const auto& [requests, min_time] : need.bakes) {
    const int64_t periods = std::max<int64_t>(min_time / period - 1, 1);
    enough = std::max(enough, (requests + periods - 1) / periods);
  }
  return std::min(enough, kMaxCount);
}

}  // namespace

HealthySeries::HealthySeries(v1::Series record, double value)
    : start_(*ReadTime(record.start())),
      period_(*ReadDuration(record.period())),
      known_through_(*ReadTime(record.reported_through())),
      recorded_(record.values_size()),
      healthy_from_(std::max(recorded_, EndedBy(start_, period_, known_through_))),
      value_(value) {}

void HealthySeries::ReportAt(absl::Time t, v1::Series* out) const {
  t = std::max(t, known_through_);
  const int64_t wanted = std::max(recorded_, EndedBy(start_, period_, t));
  google::protobuf::RepeatedField<double>* values = out->mutable_values();
  if (values->size() > wanted) values->Truncate(static_cast<int>(wanted));
  const int64_t limit = std::min<int64_t>(wanted, kMaxValues + 1);
  for (int64_t i = values->size(); i < limit; ++i)
    values->Add(i < healthy_from_ ? kNoPoint : value_);
  *out->mutable_reported_through() = WriteTime(t);
}

void HealthySeries::ForgetBefore(absl::Time t, v1::Series* out) {
  const int64_t forget = std::min<int64_t>(EndedBy(start_, period_, t), out->values_size());
  if (forget < kFewPeriods || forget < healthy_from_) return;
  out->mutable_values()->erase(out->values().begin(), out->values().begin() + forget);
  start_ += forget * period_;
  *out->mutable_start() = WriteTime(start_);
  recorded_ = healthy_from_ = 0;
}

HealthyCounts::HealthyCounts(v1::CellCounts record, const std::vector<std::string>& cells,
                             const CountsNeed& need)
    : start_(*ReadTime(record.start())),
      period_(*ReadDuration(record.period())),
      known_through_(*ReadTime(record.reported_through())),
      recorded_(record.cells().empty() ? 0 : record.requests_size() / record.cells_size()),
      healthy_from_(std::max(recorded_, EndedBy(start_, period_, known_through_))) {
  absl::flat_hash_set<std::string> known;
  for (int i = 0; i < record.cells_size(); ++i) {
    Row row;
    row.cell = record.cells(i);
    known.insert(row.cell);
    const int64_t first = i * recorded_;
    for (int64_t p = first; p < first + recorded_; ++p) {
      row.requests.push_back(record.requests(static_cast<int>(p)));
      row.errors.push_back(record.errors(static_cast<int>(p)));
    }
    rows_.push_back(std::move(row));
  }
  for (const std::string& cell : cells) {
    if (!known.insert(cell).second) continue;
    Row row;
    row.cell = cell;
    row.requests.assign(static_cast<size_t>(recorded_), kMissingCount);
    row.errors = row.requests;
    rows_.push_back(std::move(row));
  }
  const int64_t whole = std::min(recorded_, EndedBy(start_, period_, known_through_));
  for (Row& row : rows_) {
    int64_t seen = 0;
    for (int64_t p = whole - 1; p >= 0 && seen < kRatePeriods; --p) {
      const int64_t requests = row.requests[static_cast<size_t>(p)];
      if (requests == kMissingCount) continue;
      row.sum += requests;
      ++seen;
    }
    row.periods = std::max<int64_t>(seen, 1);
    if (seen == 0) row.sum = EnoughRequests(need, period_);
  }
  record.clear_cells();
  record.clear_requests();
  record.clear_errors();
  for (const Row& row : rows_) record.add_cells(row.cell);
  record_ = std::move(record);
}

int64_t HealthyCounts::RequestsIn(const Row& row, int64_t period) const {
  const auto total = [&](int64_t periods) {
    return static_cast<int64_t>(absl::int128(row.sum) * periods / row.periods);
  };
  return total(period - healthy_from_ + 1) - total(period - healthy_from_);
}

void HealthyCounts::ReportAt(absl::Time t, v1::CellCounts* out) const {
  t = std::max(t, known_through_);
  // More than a column may have is reported as just that: it counts for nothing.
  const int64_t most = forgotten_ + kMaxValues / static_cast<int64_t>(rows_.size()) + 1;
  const int64_t wanted = std::min(std::max(recorded_, EndedBy(start_, period_, t)), most);
  *out = record_;
  *out->mutable_start() = WriteTime(start_ + forgotten_ * period_);
  *out->mutable_reported_through() = WriteTime(t);
  for (const Row& row : rows_) {
    for (int64_t p = forgotten_; p < wanted; ++p) {
      const size_t index = static_cast<size_t>(p);
      if (p < recorded_) {
        out->add_requests(row.requests[index]);
        out->add_errors(row.errors[index]);
      } else if (p < healthy_from_) {
        out->add_requests(kMissingCount);
        out->add_errors(kMissingCount);
      } else {
        out->add_requests(RequestsIn(row, p));
        out->add_errors(0);
      }
    }
  }
}

void HealthyCounts::ForgetBefore(absl::Time t) {
  const int64_t forget = EndedBy(start_, period_, t);
  if (forget >= healthy_from_ && forget - forgotten_ >= kFewPeriods) forgotten_ = forget;
}

}  // namespace sluice
