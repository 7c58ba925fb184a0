#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/list_header.h"
#include "sluice/cli/progress.h"
#include "sluice/cli/read_input.h"
#include "sluice/cli/write_message.h"
#include "sluice/interchange/alertmanager.h"
#include "sluice/interchange/cloudwatch.h"
#include "sluice/interchange/cyclonedx.h"
#include "sluice/interchange/digest_csv.h"
#include "sluice/interchange/icalendar.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/interchange/osv.h"
#include "sluice/interchange/source_files.h"
#include "sluice/interchange/spdx.h"
#include "sluice/internal/checked_time.h"
#include "sluice/v1/artifact.pb.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

// What every import needs: somewhere to write to, and something to read.
absl::Status CheckArguments(const Arguments& arguments) {
  if (!arguments.Has("output")) return absl::InvalidArgumentError("import needs --output FILE");
  if (arguments.positional().empty()) {
    return absl::InvalidArgumentError("import needs at least one INPUT");
  }
  return absl::OkStatus();
}

ImportOptions OptionsOf(const Arguments& arguments) {
  ImportOptions options;
  options.keep_going = arguments.Has("keep-going");
  return options;
}

int Finish(int written, const ImportReport& report, const Environment& environment) {
  if (written != kExitOk) return written;
  for (const std::string& line : RenderImportReport(report)) environment.out << line << "\n";
  return kExitOk;
}

// How much of all inputs is done when `fraction` of input `i` is.
double Overall(size_t i, double fraction, size_t count) {
  return (static_cast<double>(i) + fraction) / static_cast<double>(count);
}

absl::StatusOr<absl::Time> RequiredInstant(const Arguments& arguments, absl::string_view flag,
                                           absl::string_view what) {
  const absl::optional<std::string> text = arguments.Value(flag);
  if (!text.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("needs --", flag, " INSTANT: ", what));
  }
  return ParseInstant(*text);
}

absl::Status ReadOsv(const Arguments& arguments, const Environment& environment,
                     v1::KnownBadList* list, ImportReport& report) {
  OsvImporter importer(OptionsOf(arguments), report);
  Progress progress("reading", environment);
  const std::vector<std::string>& paths = arguments.positional();
  for (size_t i = 0; i < paths.size(); ++i) {
    const absl::Status read =
        ReadSourceDocuments(paths[i], SourceLimits(), report, [&](const SourceDocument& document) {
          importer.Add(document.name, document.bytes);
          progress.Show(Overall(i, document.progress, paths.size()));
          return absl::OkStatus();
        });
    if (!read.ok()) return read;
  }
  return importer.Finish(list);
}

absl::Status ReadCsv(const Arguments& arguments, const Environment& environment,
                     v1::KnownBadList* list, ImportReport& report) {
  Progress progress("reading", environment);
  const std::vector<std::string>& paths = arguments.positional();
  for (size_t i = 0; i < paths.size(); ++i) {
    DigestCsvImporter importer(paths[i], OptionsOf(arguments), report);
    const absl::Status read =
        ReadSourceInPieces(paths[i], [&](absl::string_view piece, double fraction) {
          importer.Add(piece);
          progress.Show(Overall(i, fraction, paths.size()));
          return absl::OkStatus();
        });
    if (!read.ok()) return read;
    const absl::Status finished = importer.Finish(list);
    if (!finished.ok()) return finished;
  }
  return absl::OkStatus();
}

using ReadEntries = absl::Status (*)(const Arguments&, const Environment&, v1::KnownBadList*,
                                     ImportReport&);

int ImportList(const Arguments& arguments, const Environment& environment, ReadEntries read) {
  v1::KnownBadList list;
  ImportReport report;
  absl::Status status = CheckArguments(arguments);
  // A header that is not complete is told before hours of reading.
  v1::KnownBadList header;
  if (status.ok()) status = ReadListHeader(arguments, &header);
  if (status.ok()) status = read(arguments, environment, &list, report);
  if (status.ok()) status = ReadListHeader(arguments, &list);
  if (!status.ok()) return BadInput(environment, status.message());
  return Finish(WriteList(std::move(list), arguments, environment), report, environment);
}

using ReadComponents = absl::Status (*)(absl::string_view, absl::string_view,
                                        const InventoryOptions&, v1::ComponentList*, ImportReport&);

int ImportComponents(const Arguments& arguments, const Environment& environment,
                     ReadComponents import) {
  absl::Status status = CheckArguments(arguments);
  InventoryOptions options;
  options.import = OptionsOf(arguments);
  if (arguments.Has("leave-out-uncheckable")) options.uncheckable = Uncheckable::kLeaveOut;
  if (arguments.Has("accept-incomplete")) options.incomplete = IncompleteInventory::kAccept;
  v1::ComponentList components;
  ImportReport report;
  for (const std::string& path : arguments.positional()) {
    if (!status.ok()) break;
    const absl::StatusOr<std::string> bytes = ReadFile(path, environment.in);
    status = bytes.ok() ? import(path, *bytes, options, &components, report) : bytes.status();
  }
  if (!status.ok()) return BadInput(environment, status.message());
  return Finish(WriteMessage(components, arguments, environment), report, environment);
}

// Reads each input with `import` into `reports`.
template <typename Import>
int ImportAlarms(const Arguments& arguments, const Environment& environment, Import import) {
  absl::Status status = CheckArguments(arguments);
  const absl::StatusOr<absl::Time> observed_at =
      RequiredInstant(arguments, "observed-at", "when the other system was asked");
  if (status.ok()) status = observed_at.status();
  std::vector<v1::AlarmReport> reports;
  ImportReport report;
  for (const std::string& path : arguments.positional()) {
    if (!status.ok()) break;
    const absl::StatusOr<std::string> bytes = ReadFile(path, environment.in);
    status = bytes.ok() ? import(path, *bytes, *observed_at, &reports, report) : bytes.status();
  }
  if (!status.ok()) return BadInput(environment, status.message());
  v1::AlarmReports message;
  for (v1::AlarmReport& alarm : reports) *message.add_alarms() = std::move(alarm);
  return Finish(WriteMessage(message, arguments, environment), report, environment);
}

// `NAME=VALUE`, into two.
absl::StatusOr<std::pair<std::string, std::string>> ReadPair(absl::string_view flag,
                                                             const std::string& text) {
  const size_t at = text.rfind('=');
  if (at == std::string::npos || at == 0 || at + 1 == text.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("`--", flag, "` is NAME=VALUE, got `", text, "`"));
  }
  return std::make_pair(text.substr(0, at), text.substr(at + 1));
}

absl::StatusOr<absl::btree_map<std::string, std::string>> ReadPairs(const Arguments& arguments,
                                                                    absl::string_view flag) {
  absl::btree_map<std::string, std::string> pairs;
  for (const std::string& text : arguments.Values(flag)) {
    absl::StatusOr<std::pair<std::string, std::string>> pair = ReadPair(flag, text);
    if (!pair.ok()) return pair.status();
    if (!pairs.insert(*std::move(pair)).second) {
      return absl::InvalidArgumentError(absl::StrCat("`--", flag, " ", text, "`: twice"));
    }
  }
  return pairs;
}

// `ALARM`, `ALARM,cell=ID` or `ALARM,region=ID`.
absl::StatusOr<AlertmanagerOptions::Expected> ReadExpected(const std::string& text) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(',', 1));
  AlertmanagerOptions::Expected expected;
  expected.alarm = std::string(parts.first);
  absl::string_view place = parts.second;
  if (absl::ConsumePrefix(&place, "cell=")) {
    expected.cell = std::string(place);
  } else if (absl::ConsumePrefix(&place, "region=")) {
    expected.region = std::string(place);
  } else if (!place.empty() || text.find(',') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("`--expect` is ALARM, ALARM,cell=ID or ALARM,region=ID, got `", text, "`"));
  }
  return expected;
}

}  // namespace

int RunImportOsv(const Arguments& arguments, const Environment& environment) {
  return ImportList(arguments, environment, &ReadOsv);
}

int RunImportCsv(const Arguments& arguments, const Environment& environment) {
  return ImportList(arguments, environment, &ReadCsv);
}

int RunImportCycloneDx(const Arguments& arguments, const Environment& environment) {
  return ImportComponents(arguments, environment, &ImportCycloneDx);
}

int RunImportSpdx(const Arguments& arguments, const Environment& environment) {
  return ImportComponents(arguments, environment, &ImportSpdx);
}

int RunImportCloudWatch(const Arguments& arguments, const Environment& environment) {
  CloudWatchOptions options;
  options.import = OptionsOf(arguments);
  options.cell = arguments.Value("cell").value_or("");
  options.region = arguments.Value("region").value_or("");
  absl::StatusOr<absl::btree_map<std::string, std::string>> names = ReadPairs(arguments, "name");
  if (!names.ok()) return BadInput(environment, names.status().message());
  options.names = *std::move(names);
  return ImportAlarms(
      arguments, environment,
      [&options](const std::string& path, const std::string& bytes, absl::Time observed_at,
                 std::vector<v1::AlarmReport>* reports, ImportReport& report) {
        options.observed_at = observed_at;
        return ImportCloudWatchAlarms(path, bytes, options, reports, report);
      });
}

int RunImportAlertmanager(const Arguments& arguments, const Environment& environment) {
  AlertmanagerOptions options;
  options.import = OptionsOf(arguments);
  options.cell_label = arguments.Value("cell-label").value_or("");
  options.region_label = arguments.Value("region-label").value_or("");
  for (const std::string& text : arguments.Values("expect")) {
    absl::StatusOr<AlertmanagerOptions::Expected> expected = ReadExpected(text);
    if (!expected.ok()) return BadInput(environment, expected.status().message());
    options.expected.push_back(*std::move(expected));
  }
  // What is expected is about all alerts there are.
  if (arguments.positional().size() > 1) {
    return BadInput(environment, "import alertmanager takes one INPUT");
  }
  return ImportAlarms(
      arguments, environment,
      [&options](const std::string& path, const std::string& bytes, absl::Time observed_at,
                 std::vector<v1::AlarmReport>* reports, ImportReport& report) {
        options.observed_at = observed_at;
        return ImportAlertmanagerAlerts(path, bytes, options, reports, report);
      });
}

int RunImportIcs(const Arguments& arguments, const Environment& environment) {
  absl::Status status = CheckArguments(arguments);
  const absl::StatusOr<absl::Time> from =
      RequiredInstant(arguments, "from", "occurrences are taken from then");
  const absl::StatusOr<absl::Time> until =
      RequiredInstant(arguments, "until", "occurrences are taken up to then");
  absl::StatusOr<absl::btree_map<std::string, std::string>> zones =
      ReadPairs(arguments, "zone-name");
  for (const absl::Status& other : {from.status(), until.status(), zones.status()}) {
    if (status.ok()) status = other;
  }
  if (!status.ok()) return BadInput(environment, status.message());
  IcalendarOptions options;
  options.import = OptionsOf(arguments);
  options.from = *from;
  options.until = *until;
  options.zone = arguments.Value("zone").value_or("");
  options.zones = *std::move(zones);
  if (arguments.Has("leave-out-transparent")) options.transparent = TransparentEvents::kLeaveOut;
  std::vector<v1::Window> windows;
  ImportReport report;
  for (const std::string& path : arguments.positional()) {
    const absl::StatusOr<std::string> bytes = ReadFile(path, environment.in);
    status = bytes.ok() ? ImportIcalendar(path, *bytes, options, &windows, report) : bytes.status();
    if (!status.ok()) return BadInput(environment, status.message());
  }
  const absl::optional<std::string> calendar_id = arguments.Value("calendar");
  if (!calendar_id.has_value()) {
    v1::WindowList message;
    for (v1::Window& window : windows) *message.add_windows() = std::move(window);
    return Finish(WriteMessage(message, arguments, environment), report, environment);
  }
  const absl::StatusOr<absl::Time> observed_at =
      RequiredInstant(arguments, "observed-at", "when the calendar was asked for");
  if (!observed_at.ok()) return BadInput(environment, observed_at.status().message());
  v1::Calendar calendar = CalendarOf(windows);
  calendar.set_id(*calendar_id);
  *calendar.mutable_observed_at() = WriteTime(*observed_at);
  return Finish(WriteMessage(calendar, arguments, environment), report, environment);
}

}  // namespace sluice
