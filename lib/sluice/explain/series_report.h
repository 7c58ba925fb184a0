#ifndef SLUICE_EXPLAIN_SERIES_REPORT_H_
#define SLUICE_EXPLAIN_SERIES_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/metrics/alarm_rule.h"
#include "sluice/metrics/series.h"
#include "sluice/v1/state.pb.h"

// Reports of series that go on from what is known.
namespace sluice {

// The series of that key; null: none.
const v1::Series* FindSeriesRecord(const google::protobuf::RepeatedPtrField<v1::Series>& all,
                                   absl::string_view id, absl::string_view cell,
                                   absl::string_view region);

// `known` reported through `through` with `value` in every period after what it was reported
// through. Without `known`, a series with `value` in each period since `from`, of a minute, unless
// `key` has a start and a period. As it is, if it is reported that far. Drops the oldest points of
// one that would get too long.
v1::Series Extended(const v1::Series* known, const v1::Series& key, absl::Time from,
                    absl::Time through, double value);

// A view of a series that can be read; it must outlive the view.
SeriesView ViewOf(const v1::Series& series);

// A value that does not breach (or, if `breaches`, does) and lies in [low, high]; nullopt: there is
// none.
absl::optional<double> ValueThat(bool breaches, const AlarmRule& rule, double low, double high);

// `time` rounded down to a whole number of periods since 1970, and up.
absl::Time AlignedDown(absl::Time time, absl::Duration period);
absl::Time AlignedUp(absl::Time time, absl::Duration period);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_SERIES_REPORT_H_
