#include "sluice/load/observations.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/limits.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/metrics/period_grid.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

SyntheticFacts ReadSynthetic(const v1::SyntheticRuns& runs, RecordReader& reader) {
  SyntheticFacts facts;
  reader.Require(runs.finished_at_ms_size() == runs.succeeded_size());
  if (runs.finished_at_ms_size() > kMaxValues) reader.Note(v1::LIMIT_EXCEEDED);
  if (!reader.ok()) return facts;
  facts.finished_at.reserve(static_cast<size_t>(runs.finished_at_ms_size()));
  facts.succeeded.reserve(static_cast<size_t>(runs.succeeded_size()));
  for (int i = 0; i < runs.finished_at_ms_size(); ++i) {
    const absl::Time finished_at = absl::FromUnixMillis(runs.finished_at_ms(i));
    reader.Require(IsCivilTime(finished_at));
    reader.Require(i == 0 || facts.finished_at.back() <= finished_at);
    facts.finished_at.push_back(finished_at);
    facts.succeeded.push_back(runs.succeeded(i) ? 1 : 0);
  }
  return facts;
}

void LoadSynthetic(const v1::PipelineState& state, SnapshotData& data) {
  for (const auto& [runs, conflict] :
       OneRecordPerKey(state.synthetic_runs(), [](const v1::SyntheticRuns& record) {
         return std::make_pair(absl::string_view(record.stage()), absl::string_view(record.api()));
       })) {
    RecordReader reader(*runs);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    const absl::string_view stage = reader.Identifier(runs->stage());
    const absl::string_view api = reader.Text(runs->api());
    SyntheticFacts facts = ReadSynthetic(*runs, reader);
    if (stage.empty() || api.empty()) {
      FaultPipeline(data, reader.fault(), absl::StrCat("synthetic_runs[", stage, "]"));
      continue;
    }
    if (!reader.ok()) facts = SyntheticFacts();
    facts.fault = reader.fault();
    data.synthetic.emplace(std::make_pair(stage, api), std::move(facts));
  }
}

void LoadEnvironments(const v1::PipelineState& state, SnapshotData& data) {
  for (const auto& [environment, conflict] : OneRecordPerKey(
           state.environments(),
           [](const v1::Environment& record) { return absl::string_view(record.stage()); })) {
    RecordReader reader(*environment);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    const absl::string_view stage = reader.Identifier(environment->stage());
    EnvironmentFacts facts;
    facts.record = environment;
    facts.observed_at = reader.Instant(environment->has_observed_at(), environment->observed_at(),
                                       absl::InfinitePast());
    reader.LimitElements(static_cast<int>(environment->aspects().size()));
    for (const auto& [name, value] : environment->aspects()) {
      reader.Text(name);
      reader.Text(value);
    }
    facts.fault = reader.fault();
    if (stage.empty()) {
      FaultPipeline(data, reader.fault(), "environments");
    } else {
      data.environments.emplace(stage, facts);
    }
  }
}

void ReadTraffic(const v1::TrafficSample& sample, RecordReader& reader) {
  reader.LimitElements(sample.principals_size());
  reader.Require(sample.principals_size() == sample.requests_size());
  absl::flat_hash_set<absl::string_view> principals;
  principals.reserve(static_cast<size_t>(sample.principals_size()));
  for (const std::string& principal : sample.principals()) {
    reader.Require(principals.insert(reader.Text(principal)).second);
  }
  for (const int64_t requests : sample.requests()) {
    reader.Require(requests >= 0 && requests <= kMaxCount);
  }
}

void LoadTraffic(const v1::PipelineState& state, SnapshotData& data) {
  for (const auto& [sample, conflict] : OneRecordPerKey(
           state.traffic_samples(),
           [](const v1::TrafficSample& record) { return absl::string_view(record.stage()); })) {
    RecordReader reader(*sample);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    const absl::string_view stage = reader.Identifier(sample->stage());
    TrafficFacts facts;
    facts.record = sample;
    facts.observed_at =
        reader.Instant(sample->has_observed_at(), sample->observed_at(), absl::InfinitePast());
    ReadTraffic(*sample, reader);
    facts.fault = reader.fault();
    if (stage.empty()) {
      FaultPipeline(data, reader.fault(), "traffic_samples");
    } else {
      data.traffic.emplace(stage, facts);
    }
  }
}

}  // namespace

void LoadObservations(const v1::PipelineState& state, SnapshotData& data) {
  LoadSynthetic(state, data);
  LoadEnvironments(state, data);
  LoadTraffic(state, data);
}

}  // namespace sluice
