#include "sluice/load/measurements.h"

#include <algorithm>
#include <cstddef>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

void LoadMeasurements(const v1::PipelineState& state, SnapshotData& data) {
  data.measurements.reserve(static_cast<size_t>(state.measurements_size()));
  for (const auto& [measurement, conflict] :
       DistinctRecords(state.measurements(), [](const v1::Measurement& record) {
         return std::make_tuple(absl::string_view(record.artifact()),
                                absl::string_view(record.measurement()),
                                absl::string_view(record.cell()), absl::string_view(record.run()));
       })) {
    RecordReader reader(*measurement);
    MeasurementFacts facts;
    facts.measurement = reader.Identifier(measurement->measurement());
    facts.artifact = reader.DigestText(measurement->artifact());
    facts.cell = reader.Identifier(measurement->cell());
    if (!reader.ok() &&
        (facts.measurement.empty() || facts.artifact.empty() || facts.cell.empty())) {
      FaultPipeline(data, reader.fault(), absl::StrCat("measurements[", facts.measurement, "]"));
    }
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    facts.run = reader.Identifier(measurement->run());
    facts.measured_at = reader.Instant(measurement->has_measured_at(), measurement->measured_at(),
                                       absl::InfiniteFuture());
    reader.Require(v1::Measurement::Outcome_IsValid(measurement->outcome()) &&
                   measurement->outcome() != v1::Measurement::OUTCOME_UNSPECIFIED);
    facts.fault = reader.fault();
    if (reader.ok()) {
      facts.outcome = measurement->outcome();
      facts.last = measurement->last();
    }
    data.measurements.push_back(facts);
  }
  // Stable: they are sorted by content already.
  std::stable_sort(data.measurements.begin(), data.measurements.end(),
                   [](const MeasurementFacts& a, const MeasurementFacts& b) {
                     return std::tie(a.artifact, a.measurement, a.cell, a.measured_at, a.run) <
                            std::tie(b.artifact, b.measurement, b.cell, b.measured_at, b.run);
                   });
}

}  // namespace sluice
