// Every import on any bytes; the first byte chooses which.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/interchange/alertmanager.h"
#include "sluice/interchange/cloudwatch.h"
#include "sluice/interchange/cyclonedx.h"
#include "sluice/interchange/digest_csv.h"
#include "sluice/interchange/icalendar.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/osv.h"
#include "sluice/interchange/spdx.h"
#include "sluice/known_bad.h"
#include "sluice/v1/artifact.pb.h"
#include "sluice/v1/state.pb.h"
#include "tests/fuzz/check.h"

namespace sluice {
namespace {

constexpr absl::Time kObserved = absl::FromUnixSeconds(1795512600);

// A list of imported entries can be built.
void CheckList(const absl::Status& status, v1::KnownBadList list) {
  if (!status.ok() || list.entries().empty()) return;
  list.set_id("imported");
  list.set_epoch(1);
  list.mutable_verified_at()->set_seconds(1795512600);
  Check(KnownBadList::Build(list).ok(), "an imported list can be built");
}

void Import(int which, absl::string_view bytes, bool keep_going) {
  ImportReport report;
  ImportOptions options;
  options.keep_going = keep_going;
  v1::KnownBadList list;
  v1::ComponentList components;
  InventoryOptions inventory;
  inventory.import = options;
  std::vector<v1::AlarmReport> alarms;
  std::vector<v1::Window> windows;
  switch (which) {
    case 0: {
      OsvImporter importer(options, report);
      importer.Add("a.json", bytes);
      const absl::Status status = importer.Finish(&list);
      return CheckList(status, list);
    }
    case 1: {
      DigestCsvImporter importer("a.csv", options, report);
      importer.Add(bytes.substr(0, bytes.size() / 2));
      importer.Add(bytes.substr(bytes.size() / 2));
      const absl::Status status = importer.Finish(&list);
      return CheckList(status, list);
    }
    case 2:
      return ImportCycloneDx("a.json", bytes, inventory, &components, report).IgnoreError();
    case 3:
      return ImportSpdx("a.json", bytes, inventory, &components, report).IgnoreError();
    case 4: {
      CloudWatchOptions cloudwatch;
      cloudwatch.import = options;
      cloudwatch.observed_at = kObserved;
      return ImportCloudWatchAlarms("a.json", bytes, cloudwatch, &alarms, report).IgnoreError();
    }
    case 5: {
      AlertmanagerOptions alertmanager;
      alertmanager.import = options;
      alertmanager.observed_at = kObserved;
      return ImportAlertmanagerAlerts("a.json", bytes, alertmanager, &alarms, report).IgnoreError();
    }
    default: {
      IcalendarOptions icalendar;
      icalendar.import = options;
      icalendar.from = kObserved;
      icalendar.until = kObserved + absl::Hours(24 * 400);
      return ImportIcalendar("a.ics", bytes, icalendar, &windows, report).IgnoreError();
    }
  }
}

}  // namespace
}  // namespace sluice

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  sluice::Import(data[0] % 7, {reinterpret_cast<const char*>(data) + 1, size - 1},
                 data[0] / 7 % 2 == 1);
  return 0;
}
