#include "sluice/facts.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "sluice/known_bad.h"

namespace sluice {
namespace {

using CheckKey = std::pair<absl::string_view, absl::string_view>;

CheckKey KeyOf(const CheckRun& run) { return {run.artifact, run.check}; }

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
  const CheckKey key(artifact, check);
  const auto first =
      std::lower_bound(checks.begin(), checks.end(), key,
                       [](const CheckRun& a, const CheckKey& b) { return KeyOf(a) < b; });
  const auto last = std::upper_bound(
      first, checks.end(), key, [](const CheckKey& a, const CheckRun& b) { return a < KeyOf(b); });
  return absl::MakeConstSpan(checks).subspan(static_cast<size_t>(first - checks.begin()),
                                             static_cast<size_t>(last - first));
}

}  // namespace sluice
