#include "sluice/load/stage_log.h"

#include <cstddef>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/load/sort_distinct.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

void LoadEntries(const v1::StageRecord& record, SnapshotData& data, StageFacts& stage) {
  for (const v1::Entry& entry : record.entries()) {
    RecordReader reader(entry);
    const absl::string_view artifact = reader.DigestText(entry.artifact());
    reader.Instant(entry.has_at(), entry.at(), absl::InfinitePast());
    if (!artifact.empty()) stage.entries.push_back(artifact);
    if (!reader.ok()) {
      FaultPipeline(data, reader.fault(),
                    absl::StrCat("stages[", stage.id, "].entries[", artifact, "]"));
    }
  }
  SortDistinct(stage.entries);
}

// An artifact that both has and has not passed has not.
void FaultContradictingPasses(SnapshotData& data, StageFacts& stage) {
  for (size_t i = 1; i < stage.passes.size(); ++i) {
    const absl::string_view artifact = stage.passes[i].artifact;
    if (artifact != stage.passes[i - 1].artifact) continue;
    stage.passes[i - 1].revoked = true;
    FaultPipeline(data, v1::DUPLICATE_ID,
                  absl::StrCat("stages[", stage.id, "].passes[", artifact, "]"));
  }
}

void LoadPasses(const v1::StageRecord& record, SnapshotData& data, StageFacts& stage) {
  for (const v1::Pass& pass : record.passes()) {
    RecordReader reader(pass);
    PassFacts facts;
    facts.artifact = reader.DigestText(pass.artifact());
    reader.Instant(pass.has_at(), pass.at(), absl::InfinitePast());
    reader.DigestText(pass.policy_fingerprint());
    facts.revoked_at =
        reader.OptionalInstant(pass.has_revoked_at(), pass.revoked_at(), absl::InfiniteFuture());
    facts.revoked = pass.has_revoked_at() || !reader.ok();
    if (!facts.artifact.empty()) stage.passes.push_back(facts);
    if (!reader.ok()) {
      FaultPipeline(data, reader.fault(),
                    absl::StrCat("stages[", stage.id, "].passes[", facts.artifact, "]"));
    }
  }
  SortDistinct(stage.passes, [](const PassFacts& pass) {
    return std::tie(pass.artifact, pass.revoked, pass.revoked_at);
  });
  FaultContradictingPasses(data, stage);
}

void LoadLatches(const v1::StageRecord& record, SnapshotData& data, StageFacts& stage) {
  for (const v1::Latch& latch : record.latches()) {
    RecordReader reader(latch);
    LatchFacts facts;
    facts.artifact = reader.DigestText(latch.artifact());
    reader.Instant(latch.has_at(), latch.at(), absl::InfinitePast());
    if (latch.has_released()) {
      const v1::LatchRelease& released = latch.released();
      reader.Text(released.who());
      reader.Text(released.why());
      facts.released_at = reader.Instant(released.has_at(), released.at(), absl::InfinitePast());
    }
    facts.released = latch.has_released() && reader.ok();
    facts.released_number = facts.released ? latch.released().number() : 0;
    if (!facts.artifact.empty()) stage.latches.push_back(facts);
    if (!reader.ok()) {
      FaultPipeline(data, reader.fault(),
                    absl::StrCat("stages[", stage.id, "].latches[", facts.artifact, "]"));
    }
  }
  SortDistinct(stage.latches, [](const LatchFacts& latch) {
    return std::tie(latch.artifact, latch.released, latch.released_number, latch.released_at);
  });
}

}  // namespace

void LoadStageLog(const v1::StageRecord& record, SnapshotData& data, StageFacts& stage) {
  LoadEntries(record, data, stage);
  LoadPasses(record, data, stage);
  LoadLatches(record, data, stage);
}

}  // namespace sluice
