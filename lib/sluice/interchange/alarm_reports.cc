#include "sluice/interchange/alarm_reports.h"

#include <utility>

#include "google/protobuf/util/message_differencer.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/identifier.h"

namespace sluice {
namespace {

// How bad a state is for a release that waits for OK.
int BadnessOf(v1::AlarmReport::State state) {
  switch (state) {
    case v1::AlarmReport::OK:
      return 0;
    case v1::AlarmReport::INSUFFICIENT_DATA:
      return 1;
    case v1::AlarmReport::ALARM:
      return 2;
    default:
      return 3;
  }
}

// The worse of two reports; of two equally bad ones the one whose state began later.
bool IsWorse(const v1::AlarmReport& a, const v1::AlarmReport& b) {
  if (a.state() != b.state()) return BadnessOf(a.state()) > BadnessOf(b.state());
  return std::make_pair(a.since().seconds(), a.since().nanos()) >
         std::make_pair(b.since().seconds(), b.since().nanos());
}

}  // namespace

AlarmReports::AlarmReports(const std::vector<v1::AlarmReport>& reports) {
  for (const v1::AlarmReport& report : reports) Add(report);
}

AlarmReports::Added AlarmReports::Add(const v1::AlarmReport& report) {
  const auto [place, is_new] =
      reports_.emplace(Key(report.alarm(), report.cell(), report.region()), report);
  if (is_new) return Added::kNew;
  if (google::protobuf::util::MessageDifferencer::Equals(place->second, report)) {
    return Added::kSame;
  }
  if (IsWorse(report, place->second)) place->second = report;
  return Added::kContradiction;
}

const v1::AlarmReport* AlarmReports::Find(const std::string& alarm, const std::string& cell,
                                          const std::string& region) const {
  const auto found = reports_.find(Key(alarm, cell, region));
  return found == reports_.end() ? nullptr : &found->second;
}

std::vector<v1::AlarmReport> AlarmReports::ToVector() const {
  std::vector<v1::AlarmReport> reports;
  reports.reserve(reports_.size());
  for (const auto& [key, report] : reports_) reports.push_back(report);
  return reports;
}

absl::Status CheckAlarmScope(absl::Time observed_at, absl::string_view cell,
                             absl::string_view region) {
  if (observed_at == absl::InfinitePast() || observed_at == absl::InfiniteFuture() ||
      !ReadTime(WriteTime(observed_at)).has_value()) {
    return absl::InvalidArgumentError("`observed_at` must be an instant in the years 1 to 9999");
  }
  if (!cell.empty() && !region.empty()) {
    return absl::InvalidArgumentError("an alarm is about a cell or about a region, not both");
  }
  if ((!cell.empty() && !IsIdentifier(cell)) || (!region.empty() && !IsIdentifier(region))) {
    return absl::InvalidArgumentError("a cell or region must be an identifier");
  }
  return absl::OkStatus();
}

}  // namespace sluice
