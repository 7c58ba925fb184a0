#include "sluice/load/baselines.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

void LoadBaselines(const v1::PipelineState& state, SnapshotData& data) {
  data.baselines.reserve(static_cast<size_t>(state.baselines_size()));
  for (const auto& [baseline, conflict] :
       OneRecordPerKey(state.baselines(), [](const v1::Baseline& record) {
         return std::make_pair(absl::string_view(record.counts()),
                               absl::string_view(record.stage()));
       })) {
    RecordReader reader(*baseline);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    const absl::string_view counts = reader.Identifier(baseline->counts());
    const absl::string_view stage = reader.Identifier(baseline->stage());
    BaselineFacts facts;
    facts.artifact = reader.DigestText(baseline->artifact());
    facts.requests = baseline->requests();
    facts.errors = baseline->errors();
    reader.Require(facts.requests >= 1 && AreCounts(facts.requests, facts.errors));
    facts.observed_at =
        reader.Instant(baseline->has_observed_at(), baseline->observed_at(), absl::InfinitePast());
    if (counts.empty() || stage.empty()) {
      FaultPipeline(data, reader.fault(), absl::StrCat("baselines[", counts, "]"));
      continue;
    }
    if (!reader.ok()) facts = BaselineFacts();
    facts.fault = reader.fault();
    data.baselines.emplace(std::make_pair(counts, stage), facts);
  }
}

}  // namespace sluice
