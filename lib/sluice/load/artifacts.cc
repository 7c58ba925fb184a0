#include "sluice/load/artifacts.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/component.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/load/sort_distinct.h"
#include "sluice/v1/artifact.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using DigestTexts = absl::flat_hash_set<absl::string_view>;

// The artifacts that `state` says were withdrawn.
DigestTexts LoadWithdrawals(const v1::PipelineState& state, SnapshotData& data) {
  DigestTexts withdrawn;
  for (const v1::Withdrawal& withdrawal : state.withdrawals()) {
    RecordReader reader(withdrawal);
    const absl::string_view artifact = reader.DigestText(withdrawal.artifact());
    reader.Text(withdrawal.who());
    reader.Text(withdrawal.why());
    reader.Instant(withdrawal.has_at(), withdrawal.at(), absl::InfinitePast());
    if (!artifact.empty()) withdrawn.insert(artifact);
    if (!reader.ok()) {
      FaultPipeline(data, reader.fault(), absl::StrCat("withdrawals[", artifact, "]"));
    }
  }
  return withdrawn;
}

Component ReadComponent(const v1::Component& component, RecordReader& reader) {
  reader.LimitElements(component.digests_size());
  reader.Require(!component.package_url().empty() || component.digests_size() > 0);
  std::vector<Digest> digests;
  digests.reserve(static_cast<size_t>(component.digests_size()));
  for (const std::string& text : component.digests()) {
    const absl::optional<Digest> digest = ParseDigest(text);
    reader.Require(digest.has_value());
    if (digest.has_value()) digests.push_back(*digest);
  }
  SortDistinct(digests);
  return MakeComponent(component.package_url(), std::move(digests));
}

std::vector<Component> ReadComponents(const v1::ComponentList& list, RecordReader& reader) {
  reader.LimitElements(list.components_size());
  if (list.count() != static_cast<uint32_t>(list.components_size())) reader.Note(v1::STATE_CUT);
  std::vector<Component> components;
  components.reserve(static_cast<size_t>(list.components_size()));
  for (const v1::Component& component : list.components()) {
    components.push_back(ReadComponent(component, reader));
  }
  SortDistinct(components, [](const Component& c) { return std::tie(c.url_is, c.url, c.digests); });
  return components;
}

ArtifactFacts ReadArtifact(const v1::Artifact& artifact, bool conflict) {
  RecordReader reader(artifact);
  if (conflict) reader.Note(v1::DUPLICATE_ID);
  ArtifactFacts facts;
  facts.digest_text = artifact.digest();
  facts.digest = ParseDigest(artifact.digest()).value_or(Digest());
  reader.OptionalText(artifact.name());
  reader.OptionalText(artifact.version());
  reader.OptionalText(artifact.source_revision());
  reader.Require(artifact.sequence() > 0);
  // Records that contradict each other tell no place in the order.
  facts.sequence = conflict ? 0 : artifact.sequence();
  facts.authors = reader.Identifiers(artifact.authors());
  reader.OptionalInstant(artifact.has_checked_in_at(), artifact.checked_in_at(),
                         absl::InfinitePast());
  facts.built_at =
      reader.OptionalInstant(artifact.has_built_at(), artifact.built_at(), absl::InfinitePast());
  facts.rollback_floor = artifact.rollback_floor();
  facts.has_components = artifact.has_components();
  if (artifact.has_components()) facts.components = ReadComponents(artifact.components(), reader);
  facts.fault = reader.fault();
  return facts;
}

// A build order that two artifacts share orders neither.
void FaultSharedSequences(std::vector<ArtifactFacts>& sorted) {
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i].sequence != sorted[i - 1].sequence) continue;
    NoteFault(sorted[i - 1].fault, v1::DUPLICATE_ID);
    NoteFault(sorted[i].fault, v1::DUPLICATE_ID);
  }
}

}  // namespace

void LoadArtifacts(const v1::PipelineState& state, SnapshotData& data) {
  const DigestTexts withdrawn = LoadWithdrawals(state, data);
  data.artifacts.reserve(static_cast<size_t>(state.artifacts_size()));
  for (const auto& [artifact, conflict] : OneRecordPerKey(
           state.artifacts(),
           [](const v1::Artifact& record) { return absl::string_view(record.digest()); })) {
    if (!ParseDigest(artifact->digest()).has_value()) {
      FaultPipeline(data, v1::INVALID_DATA, "artifacts");
      continue;
    }
    data.artifacts.push_back(ReadArtifact(*artifact, conflict));
    data.artifacts.back().withdrawn = withdrawn.contains(artifact->digest());
  }
  std::sort(data.artifacts.begin(), data.artifacts.end(),
            [](const ArtifactFacts& a, const ArtifactFacts& b) {
              return std::tie(a.sequence, a.digest) < std::tie(b.sequence, b.digest);
            });
  FaultSharedSequences(data.artifacts);
  data.artifact_by_digest.reserve(data.artifacts.size());
  for (const ArtifactFacts& artifact : data.artifacts) {
    data.artifact_by_digest.emplace(artifact.digest_text, &artifact);
  }
}

}  // namespace sluice
