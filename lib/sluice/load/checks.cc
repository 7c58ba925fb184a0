#include "sluice/load/checks.h"

#include <algorithm>
#include <cmath>
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
namespace {

void ReadNumbers(const v1::Check& check, RecordReader& reader) {
  reader.LimitElements(static_cast<int>(check.numbers().size()));
  for (const auto& [name, value] : check.numbers()) {
    reader.Text(name);
    reader.Require(std::isfinite(value));
  }
}

// When the run ended; InfiniteFuture unless that is known.
absl::Time ReadEnd(const v1::Check& check, absl::Time started_at, absl::Time built_at,
                   RecordReader& reader) {
  if (check.outcome() == v1::Check::RUNNING) {
    reader.Require(!check.has_finished_at());
    return absl::InfiniteFuture();
  }
  const absl::Time finished_at =
      reader.Instant(check.has_finished_at(), check.finished_at(), absl::InfiniteFuture());
  reader.Require(finished_at >= started_at);
  reader.Require(finished_at >= built_at);
  return finished_at;
}

}  // namespace

void LoadChecks(const v1::PipelineState& state, SnapshotData& data) {
  data.checks.reserve(static_cast<size_t>(state.checks_size()));
  for (const auto& [check, conflict] : DistinctRecords(state.checks(), [](const v1::Check& record) {
         return std::make_tuple(absl::string_view(record.artifact()),
                                absl::string_view(record.check()), absl::string_view(record.run()));
       })) {
    RecordReader reader(*check);
    CheckRun run;
    run.record = check;
    run.check = reader.Identifier(check->check());
    run.artifact = reader.DigestText(check->artifact());
    run.stage = reader.OptionalIdentifier(check->stage());
    run.cell = reader.OptionalIdentifier(check->cell());
    if (run.check.empty() || run.artifact.empty() || run.stage != check->stage() ||
        run.cell != check->cell()) {
      FaultPipeline(data, reader.fault(), absl::StrCat("checks[", run.check, "]"));
    }
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    run.run = reader.Identifier(check->run());
    run.started_at =
        reader.Instant(check->has_started_at(), check->started_at(), absl::InfiniteFuture());
    const ArtifactFacts* artifact = data.Artifact(run.artifact);
    const absl::Time built_at = artifact == nullptr ? absl::InfinitePast() : artifact->built_at;
    run.finished_at = ReadEnd(*check, run.started_at, built_at, reader);
    const bool has_outcome = v1::Check::Outcome_IsValid(check->outcome()) &&
                             check->outcome() != v1::Check::OUTCOME_UNSPECIFIED;
    reader.Require(has_outcome);
    ReadNumbers(*check, reader);
    run.fault = reader.fault();
    if (reader.ok()) run.outcome = check->outcome();
    data.checks.push_back(run);
  }
  // Stable: the runs are sorted by content already.
  std::stable_sort(data.checks.begin(), data.checks.end(),
                   [](const CheckRun& a, const CheckRun& b) {
                     return std::tie(a.artifact, a.check, a.started_at, a.run) <
                            std::tie(b.artifact, b.check, b.started_at, b.run);
                   });
}

}  // namespace sluice
