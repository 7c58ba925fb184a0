#include "sluice/facts.h"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "sluice/known_bad.h"

namespace sluice {
namespace {

using CheckKey = std::pair<absl::string_view, absl::string_view>;

CheckKey KeyOf(const CheckRun& run) { return {run.artifact, run.check}; }

using MeasurementKey = std::tuple<absl::string_view, absl::string_view, absl::string_view>;

MeasurementKey KeyOf(const MeasurementFacts& facts) {
  return {facts.artifact, facts.measurement, facts.cell};
}

// The part of the sorted `records` that has `key`.
template <typename Record, typename Key>
absl::Span<const Record> WithKey(const std::vector<Record>& records, const Key& key) {
  const auto first = std::lower_bound(records.begin(), records.end(), key,
                                      [](const Record& a, const Key& b) { return KeyOf(a) < b; });
  const auto last = std::upper_bound(first, records.end(), key,
                                     [](const Key& a, const Record& b) { return a < KeyOf(b); });
  return absl::MakeConstSpan(records).subspan(static_cast<size_t>(first - records.begin()),
                                              static_cast<size_t>(last - first));
}

}  // namespace

const ArtifactFacts* SnapshotData::Artifact(absl::string_view digest) const {
  const auto found = artifact_by_digest.find(digest);
  return found == artifact_by_digest.end() ? nullptr : found->second;
}

const CellFacts* SnapshotData::Cell(absl::string_view id) const {
  const auto found = cell_by_id.find(id);
  return found == cell_by_id.end() ? nullptr : found->second;
}

const StageFacts* SnapshotData::Stage(absl::string_view id) const {
  const auto found =
      std::lower_bound(stages.begin(), stages.end(), id,
                       [](const StageFacts& a, absl::string_view b) { return a.id < b; });
  return found == stages.end() || found->id != id ? nullptr : &*found;
}

const KnownBadList* SnapshotData::List(absl::string_view id) const {
  const auto found =
      std::lower_bound(known_bad.begin(), known_bad.end(), id,
                       [](const KnownBadList* a, absl::string_view b) { return a->id() < b; });
  return found == known_bad.end() || (*found)->id() != id ? nullptr : *found;
}

absl::Span<const CheckRun> SnapshotData::Checks(absl::string_view artifact,
                                                absl::string_view check) const {
  return WithKey(checks, CheckKey(artifact, check));
}

absl::Span<const MeasurementFacts> SnapshotData::Measurements(absl::string_view artifact,
                                                              absl::string_view measurement,
                                                              absl::string_view cell) const {
  return WithKey(measurements, MeasurementKey(artifact, measurement, cell));
}

}  // namespace sluice
