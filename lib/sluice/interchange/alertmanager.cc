#include "sluice/interchange/alertmanager.h"

#include <algorithm>
#include <tuple>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "sluice/interchange/alarm_reports.h"
#include "sluice/interchange/json_document.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/identifier.h"

namespace sluice {
namespace {

constexpr absl::string_view kAlerts = "alerts";

class AnswerReader {
 public:
  AnswerReader(absl::string_view source, const AlertmanagerOptions& options, ImportReport& report)
      : source_(source), options_(options), report_(report) {}

  void Read(const JsonValue& root) {
    for (const JsonValue& alert : root.elements) ReadAlert(alert);
  }

  // The alerts that fire, and what can be said of the alarms that are expected.
  std::vector<v1::AlarmReport> Reports() const {
    std::vector<v1::AlarmReport> reports;
    for (const auto& [place, since] : firing_) {
      const auto& [alarm, cell, region] = place;
      reports.push_back(Make(alarm, cell, region, v1::AlarmReport::ALARM, since));
    }
    absl::btree_set<Place> seen;
    for (const AlertmanagerOptions::Expected& expected : options_.expected) {
      const Place place(expected.alarm, expected.cell, expected.region);
      if (firing_.count(place) > 0 || !seen.insert(place).second) continue;
      const absl::optional<absl::Time> since = FiringFor(expected);
      if (since.has_value()) {
        reports.push_back(
            Make(expected.alarm, expected.cell, expected.region, v1::AlarmReport::ALARM, *since));
      } else {
        const bool is_sure = !unsure_of_all_ && unsure_.count(expected.alarm) == 0;
        reports.push_back(Make(expected.alarm, expected.cell, expected.region,
                               is_sure ? v1::AlarmReport::OK : v1::AlarmReport::INSUFFICIENT_DATA,
                               options_.observed_at));
      }
    }
    return reports;
  }

 private:
  using Place = std::tuple<std::string, std::string, std::string>;  // Alarm, cell, region.

  std::string Where(const JsonValue& at) const { return absl::StrCat(source_, ": ", at.Path()); }

  v1::AlarmReport Make(const std::string& alarm, const std::string& cell, const std::string& region,
                       v1::AlarmReport::State state, absl::Time since) const {
    v1::AlarmReport made;
    made.set_alarm(alarm);
    made.set_cell(cell);
    made.set_region(region);
    made.set_state(state);
    *made.mutable_since() = WriteTime(since);
    *made.mutable_observed_at() = WriteTime(options_.observed_at);
    return made;
  }

  // Since when alerts about another place fire that are about `expected` as well.
  absl::optional<absl::Time> FiringFor(const AlertmanagerOptions::Expected& expected) const {
    absl::optional<absl::Time> since;
    const bool everything = expected.cell.empty() && expected.region.empty();
    for (auto it = firing_.lower_bound(Place(expected.alarm, "", ""));
         it != firing_.end() && std::get<0>(it->first) == expected.alarm; ++it) {
      const bool is_about_all = std::get<1>(it->first).empty() && std::get<2>(it->first).empty();
      if (!everything && !is_about_all) continue;
      since = since.has_value() ? std::min(*since, it->second) : it->second;
    }
    return since;
  }

  void AddMalformed(const JsonValue& alert, absl::string_view name, absl::string_view what) {
    report_.AddMalformed(
        kAlerts, Where(alert),
        name.empty() ? std::string(what) : absl::StrCat("`", Shown(name), "`: ", what));
    if (name.empty()) {
      unsure_of_all_ = true;
    } else {
      unsure_.insert(std::string(name));
    }
  }

  void ReadAlert(const JsonValue& alert) {
    report_.AddRead(kAlerts);
    if (alert.kind != JsonKind::kObject) return AddMalformed(alert, "", "must be an object");
    JsonReader json;
    const JsonValue* labels = json.Member(alert, "labels", JsonKind::kObject);
    const std::string name(labels == nullptr ? "" : json.Text(*labels, "alertname"));
    const JsonValue* status = json.Member(alert, "status", JsonKind::kObject);
    const absl::string_view state = status == nullptr ? "" : json.Text(*status, "state");
    const absl::optional<absl::Time> starts = json.Instant(alert, "startsAt");
    const absl::optional<absl::Time> ends = json.Instant(alert, "endsAt");
    const absl::string_view cell = ReadPlace(labels, options_.cell_label, json);
    const absl::string_view region = ReadPlace(labels, options_.region_label, json);
    if (json.ok() && labels == nullptr) json.AddFault(alert, "needs the member `labels`");
    if (json.ok() && state != "active" && state != "suppressed" && state != "unprocessed") {
      json.AddFault(alert, absl::StrCat("`status.state` is unknown: `", Shown(state), "`"));
    }
    if (json.ok() && !starts.has_value()) json.AddFault(alert, "needs the member `startsAt`");
    if (json.ok() && *starts > options_.observed_at) {
      json.AddFault(alert, "starts after it was asked for");
    }
    if (!json.ok()) return AddMalformed(alert, name, json.Faults());
    if (ends.has_value() && *ends <= options_.observed_at && *ends >= *starts) {
      return report_.AddLeftOut(kAlerts, LeftOutReason::kResolved, Where(alert), name);
    }
    if (!IsIdentifier(name)) {
      return report_.AddLeftOut(kAlerts, LeftOutReason::kNameNotIdentifier, Where(alert), name);
    }
    Place place(name, "", "");
    if (IsIdentifier(cell)) {
      std::get<1>(place) = std::string(cell);
    } else if (IsIdentifier(region)) {
      std::get<2>(place) = std::string(region);
    } else if (!cell.empty() || !region.empty()) {
      report_.AddLeftOutPart(LeftOutReason::kScopeUnreadable, Where(alert), name);
    }
    if (state == "suppressed") {
      report_.AddLeftOutPart(LeftOutReason::kSilenced, Where(alert), name);
    }
    report_.AddTaken(kAlerts);
    const auto [found, is_new] = firing_.emplace(place, *starts);
    if (!is_new) found->second = std::min(found->second, *starts);
  }

  static absl::string_view ReadPlace(const JsonValue* labels, const std::string& label,
                                     JsonReader& json) {
    if (labels == nullptr || label.empty()) return {};
    return json.Text(*labels, label);
  }

  const absl::string_view source_;
  const AlertmanagerOptions& options_;
  ImportReport& report_;
  absl::btree_map<Place, absl::Time> firing_;
  absl::btree_set<std::string> unsure_;  // Names of malformed alerts.
  bool unsure_of_all_ = false;           // One has no name.
};

absl::Status CheckOptions(const AlertmanagerOptions& options) {
  if (!options.cell_label.empty() && !options.region_label.empty()) {
    return absl::InvalidArgumentError("name the label of cells or that of regions, not both");
  }
  for (const AlertmanagerOptions::Expected& expected : options.expected) {
    const absl::Status status =
        CheckAlarmScope(options.observed_at, expected.cell, expected.region);
    if (!status.ok()) return status;
    if (!IsIdentifier(expected.alarm)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "an expected alarm must be an identifier, got `", Shown(expected.alarm), "`"));
    }
    if ((!expected.cell.empty() && options.cell_label.empty()) ||
        (!expected.region.empty() && options.region_label.empty())) {
      return absl::InvalidArgumentError(
          "an expected alarm of a cell or region needs the label that names it");
    }
  }
  return CheckAlarmScope(options.observed_at, "", "");
}

}  // namespace

absl::Status ImportAlertmanagerAlerts(absl::string_view source, absl::string_view bytes,
                                      const AlertmanagerOptions& options,
                                      std::vector<v1::AlarmReport>* reports, ImportReport& report) {
  absl::Status status = CheckOptions(options);
  if (!status.ok()) return status;
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(bytes);
  if (!document.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(Shown(source), ": ", document.status().message()));
  }
  if (document->root().kind != JsonKind::kArray) {
    return absl::InvalidArgumentError(absl::StrCat(
        Shown(source), ": must be an array, the answer of Alertmanager's /api/v2/alerts"));
  }
  AnswerReader reader(source, options, report);
  reader.Read(document->root());
  status = report.ToStatus(options.import);
  if (!status.ok()) return status;
  AlarmReports all(*reports);
  for (const v1::AlarmReport& made : reader.Reports()) {
    if (all.Add(made) != AlarmReports::Added::kContradiction) continue;
    return absl::InvalidArgumentError(absl::StrCat(Shown(source), ": `", made.alarm(),
                                                   "` has another state in an earlier input"));
  }
  *reports = all.ToVector();
  return absl::OkStatus();
}

}  // namespace sluice
