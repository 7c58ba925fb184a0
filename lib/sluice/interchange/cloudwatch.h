#ifndef SLUICE_INTERCHANGE_CLOUDWATCH_H_
#define SLUICE_INTERCHANGE_CLOUDWATCH_H_

#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/interchange/import_report.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

struct CloudWatchOptions {
  ImportOptions import;
  // When CloudWatch was asked. Required, in the years 1 to 9999.
  absl::Time observed_at = absl::InfinitePast();
  // The one cell or the one region that all alarms of the input are about; both empty: everything.
  std::string cell;
  std::string region;
  // What alarms are called in policies, by their names in CloudWatch. Names that are identifiers
  // need no entry.
  absl::btree_map<std::string, std::string> names;
};

// Adds what `aws cloudwatch describe-alarms --output json` says of metric and composite alarms to
// `reports`, sorted by alarm.
//
// - The state began at `StateTransitionedTimestamp`, else, which may be too late, at
//   `StateUpdatedTimestamp`; both as RFC 3339 or as a number of seconds since 1970. One after
//   `observed_at` is malformed.
// - An alarm counts whether its actions are enabled or suppressed or not: the state is what is
// asked
//   for.
// - An alarm that is OK while its `EvaluationState` tells of partial data or of errors becomes
//   INSUFFICIENT_DATA.
// - An alarm whose name is no identifier and has no other in `names` is left out: a policy can't
//   name it.
// - Of two contradictory reports of one alarm, one is malformed: the less bad one.
// Entries are of kind `alarms`.
//
// InvalidArgument, and `reports` as they were, if the document is no such output or only a part of
// it
// (`NextToken`), whatever the options; if the options are not valid; if an entry is malformed and
// the options do not let it pass.
absl::Status ImportCloudWatchAlarms(absl::string_view source, absl::string_view bytes,
                                    const CloudWatchOptions& options,
                                    std::vector<v1::AlarmReport>* reports, ImportReport& report);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_CLOUDWATCH_H_
