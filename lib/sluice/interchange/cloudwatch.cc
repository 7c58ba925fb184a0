#include "sluice/interchange/cloudwatch.h"

#include <cmath>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "sluice/interchange/alarm_reports.h"
#include "sluice/interchange/json_document.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/identifier.h"

namespace sluice {
namespace {

constexpr absl::string_view kAlarms = "alarms";

absl::optional<v1::AlarmReport::State> StateOf(absl::string_view text) {
  if (text == "OK") return v1::AlarmReport::OK;
  if (text == "ALARM") return v1::AlarmReport::ALARM;
  if (text == "INSUFFICIENT_DATA") return v1::AlarmReport::INSUFFICIENT_DATA;
  return absl::nullopt;
}

// Seconds since 1970, to the millisecond.
absl::optional<absl::Time> InstantOfSeconds(absl::string_view number) {
  double seconds = 0;
  if (!absl::SimpleAtod(number, &seconds) || !std::isfinite(seconds)) return absl::nullopt;
  if (std::fabs(seconds) > 1e12) return absl::nullopt;
  const absl::Time instant = absl::FromUnixMillis(std::llround(seconds * 1000));
  return ReadTime(WriteTime(instant));
}

class OutputReader {
 public:
  OutputReader(absl::string_view source, const CloudWatchOptions& options, ImportReport& report,
               AlarmReports& reports)
      : source_(source), options_(options), report_(report), reports_(reports) {}

  // The error says why the document is no complete output.
  absl::Status Read(const JsonValue& root) {
    JsonReader json;
    const JsonValue* metric = json.Member(root, "MetricAlarms", JsonKind::kArray);
    const JsonValue* composite = json.Member(root, "CompositeAlarms", JsonKind::kArray);
    const JsonValue* next = root.Find("NextToken");
    if (!json.ok()) return Refused(json.Faults());
    if (metric == nullptr && composite == nullptr) {
      return Refused("should have `MetricAlarms` or `CompositeAlarms`");
    }
    if (next != nullptr && next->kind != JsonKind::kNull) {
      return Refused("is only a part of the alarms (`NextToken`); ask for all of them");
    }
    for (const JsonValue* alarms : {metric, composite}) {
      if (alarms == nullptr) continue;
      for (const JsonValue& alarm : alarms->elements) ReadAlarm(alarm);
    }
    for (size_t i = 0; i < root.names.size(); ++i) {
      const JsonValue& other = root.elements[i];
      if (&other == metric || &other == composite || other.kind != JsonKind::kArray) continue;
      if (!absl::EndsWith(root.names[i], "Alarms")) continue;
      for (const JsonValue& alarm : other.elements) {
        report_.AddRead(kAlarms);
        report_.AddLeftOut(kAlarms, LeftOutReason::kOtherAlarmKind, Where(alarm), NameOf(alarm));
      }
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Refused(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(Shown(source_), ": ", what));
  }

  std::string Where(const JsonValue& at) const { return absl::StrCat(source_, ": ", at.Path()); }

  static absl::string_view NameOf(const JsonValue& alarm) {
    const JsonValue* name = alarm.Find("AlarmName");
    return name == nullptr ? absl::string_view() : absl::string_view(name->text);
  }

  // The instant of a member, absent if the member is.
  static absl::optional<absl::Time> ReadInstant(const JsonValue& alarm, absl::string_view name,
                                                JsonReader& json) {
    const JsonValue* member = alarm.Find(name);
    if (member == nullptr || member->kind == JsonKind::kNull) return absl::nullopt;
    if (member->kind != JsonKind::kNumber) return json.Instant(alarm, name);
    const absl::optional<absl::Time> instant = InstantOfSeconds(member->text);
    if (!instant.has_value()) json.AddFault(*member, "must be seconds since 1970");
    return instant;
  }

  void ReadAlarm(const JsonValue& alarm) {
    report_.AddRead(kAlarms);
    if (alarm.kind != JsonKind::kObject) {
      report_.AddMalformed(kAlarms, Where(alarm), "must be an object");
      return;
    }
    JsonReader json;
    v1::AlarmReport read;
    bool is_impaired = false;
    ReadState(alarm, json, read, is_impaired);
    const std::string name(json.RequiredText(alarm, "AlarmName"));
    if (!json.ok()) {
      report_.AddMalformed(kAlarms, Where(alarm),
                           absl::StrCat("`", Shown(name), "`: ", json.Faults()));
      return;
    }
    const auto renamed = options_.names.find(name);
    read.set_alarm(renamed == options_.names.end() ? name : renamed->second);
    if (!IsIdentifier(read.alarm())) {
      report_.AddLeftOut(kAlarms, LeftOutReason::kNameNotIdentifier, Where(alarm), name);
      return;
    }
    read.set_cell(options_.cell);
    read.set_region(options_.region);
    switch (reports_.Add(read)) {
      case AlarmReports::Added::kNew:
        report_.AddTaken(kAlarms);
        if (is_impaired) {
          report_.AddLeftOutPart(LeftOutReason::kEvaluationImpaired, Where(alarm), name);
        }
        break;
      case AlarmReports::Added::kSame:
        report_.AddLeftOut(kAlarms, LeftOutReason::kRepeated, Where(alarm), name);
        break;
      case AlarmReports::Added::kContradiction:
        report_.AddMalformed(kAlarms, Where(alarm),
                             absl::StrCat("`", Shown(name), "` has another state before"));
        break;
    }
  }

  void ReadState(const JsonValue& alarm, JsonReader& json, v1::AlarmReport& read,
                 bool& is_impaired) {
    const absl::string_view text = json.RequiredText(alarm, "StateValue");
    const absl::optional<v1::AlarmReport::State> state = StateOf(text);
    if (state.has_value()) {
      read.set_state(*state);
    } else if (!text.empty()) {
      json.AddFault(alarm, absl::StrCat("`StateValue` is unknown: `", Shown(text), "`"));
    }
    is_impaired =
        !json.Text(alarm, "EvaluationState").empty() && read.state() == v1::AlarmReport::OK;
    if (is_impaired) read.set_state(v1::AlarmReport::INSUFFICIENT_DATA);
    absl::optional<absl::Time> since = ReadInstant(alarm, "StateTransitionedTimestamp", json);
    const absl::optional<absl::Time> updated = ReadInstant(alarm, "StateUpdatedTimestamp", json);
    if (!since.has_value()) since = updated;
    if (!since.has_value()) {
      if (json.ok()) {
        json.AddFault(alarm, "needs `StateTransitionedTimestamp` or `StateUpdatedTimestamp`");
      }
      return;
    }
    if (*since > options_.observed_at) {
      json.AddFault(alarm, "is in its state since after it was asked for");
      return;
    }
    *read.mutable_since() = WriteTime(*since);
    *read.mutable_observed_at() = WriteTime(options_.observed_at);
  }

  const absl::string_view source_;
  const CloudWatchOptions& options_;
  ImportReport& report_;
  AlarmReports& reports_;
};

}  // namespace

absl::Status ImportCloudWatchAlarms(absl::string_view source, absl::string_view bytes,
                                    const CloudWatchOptions& options,
                                    std::vector<v1::AlarmReport>* reports, ImportReport& report) {
  absl::Status status = CheckAlarmScope(options.observed_at, options.cell, options.region);
  if (!status.ok()) return status;
  for (const auto& [name, alarm] : options.names) {
    if (IsIdentifier(alarm)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("the other name of `", Shown(name), "` must be an identifier"));
  }
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(bytes);
  if (!document.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(Shown(source), ": ", document.status().message()));
  }
  AlarmReports all(*reports);
  OutputReader reader(source, options, report, all);
  status = reader.Read(document->root());
  if (status.ok()) status = report.ToStatus(options.import);
  if (!status.ok()) return status;
  *reports = all.ToVector();
  return absl::OkStatus();
}

}  // namespace sluice
