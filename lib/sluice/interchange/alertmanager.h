#ifndef SLUICE_INTERCHANGE_ALERTMANAGER_H_
#define SLUICE_INTERCHANGE_ALERTMANAGER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/interchange/import_report.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

struct AlertmanagerOptions {
  // An alarm that is OK if no alert of its name fires.
  struct Expected {
    std::string alarm;
    // The one cell or the one region; both empty: everything.
    std::string cell;
    std::string region;
  };

  ImportOptions import;
  // When Alertmanager was asked. Required, in the years 1 to 9999.
  absl::Time observed_at = absl::InfinitePast();
  // The label that names the cell, or the region, that an alert is about; at most one of the two.
  // Both empty: every alert is about everything.
  std::string cell_label;
  std::string region_label;
  // Alertmanager tells of alerts that fire and not of others, so what else there is has to be said.
  // Only true of an input that was not filtered.
  std::vector<Expected> expected;
};

// Adds what Alertmanager's `GET /api/v2/alerts` says to `reports`, sorted by alarm, cell and
// region.
//
// - An alert is in state ALARM from `startsAt` on, whether it is active, silenced or inhibited: who
//   is told of it is not the question. The alarm is its label `alertname`. Alerts of one alarm and
//   place are one report, from the earliest start.
// - An alert that ended (`endsAt` at or before `observed_at`) is left out.
// - An expected alarm that is not among the alerts is OK since `observed_at`. It is not expected to
//   be OK while an alert of its name is about everything, or, if it is about everything itself,
//   about any place; and it is INSUFFICIENT_DATA if a malformed alert might be of its name.
// - A place that is no identifier counts as everything; a name that is none is left out.
// Entries are of kind `alerts`.
//
// InvalidArgument, and `reports` as they were, if the document is no such answer, whatever the
// options; if the options are not valid; if an entry is malformed and the options do not let it
// pass.
absl::Status ImportAlertmanagerAlerts(absl::string_view source, absl::string_view bytes,
                                      const AlertmanagerOptions& options,
                                      std::vector<v1::AlarmReport>* reports, ImportReport& report);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_ALERTMANAGER_H_
