#ifndef SLUICE_INTERCHANGE_ALARM_REPORTS_H_
#define SLUICE_INTERCHANGE_ALARM_REPORTS_H_

#include <string>
#include <tuple>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Reports of observed alarms, one for each alarm and place.
class AlarmReports {
 public:
  enum class Added {
    kNew = 0,
    kSame,           // The very same report was there.
    kContradiction,  // Another one was; the worse of the two is kept.
  };

  AlarmReports() = default;
  explicit AlarmReports(const std::vector<v1::AlarmReport>& reports);

  Added Add(const v1::AlarmReport& report);

  // The report of that alarm at that place, or null.
  const v1::AlarmReport* Find(const std::string& alarm, const std::string& cell,
                              const std::string& region) const;

  // Sorted by alarm, cell and region.
  std::vector<v1::AlarmReport> ToVector() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;

  absl::btree_map<Key, v1::AlarmReport> reports_;
};

// OK if alarms can be observed at `observed_at` about `cell` or `region`: an instant in the years 1
// to 9999, identifiers or empty, not both.
absl::Status CheckAlarmScope(absl::Time observed_at, absl::string_view cell,
                             absl::string_view region);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_ALARM_REPORTS_H_
