#include "sluice/load/permissions.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/record_reader.h"
#include "sluice/load/sort_distinct.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

ApprovalFacts ReadApproval(const v1::Approval& approval, bool conflict) {
  RecordReader reader(approval);
  if (conflict) reader.Note(v1::DUPLICATE_ID);
  ApprovalFacts facts;
  facts.id = reader.Identifier(approval.id());
  facts.finding_id = absl::StrCat("@approval:", facts.id);
  facts.blocker = reader.Identifier(approval.blocker());
  facts.artifact = reader.DigestText(approval.artifact());
  facts.stage = reader.Identifier(approval.stage());
  facts.principal = reader.Identifier(approval.principal());
  facts.roles = reader.Identifiers(approval.roles());
  reader.Require(!facts.roles.empty());
  facts.granted_at =
      reader.Instant(approval.has_granted_at(), approval.granted_at(), absl::InfiniteFuture());
  const absl::Time expires_at = reader.OptionalInstant(
      approval.has_expires_at(), approval.expires_at(), absl::InfiniteFuture());
  if (approval.has_expires_at()) reader.Require(expires_at > facts.granted_at);
  facts.expires_at =
      std::min(expires_at, reader.OptionalInstant(approval.has_revoked_at(), approval.revoked_at(),
                                                  absl::InfiniteFuture()));
  facts.policy_fingerprint = reader.OptionalDigestText(approval.policy_fingerprint());
  facts.fault = reader.fault();
  if (!reader.ok()) {
    facts.granted_at = absl::InfiniteFuture();
    facts.expires_at = absl::InfinitePast();
  }
  return facts;
}

// Ids of triggers, sorted, each once.
std::vector<absl::string_view> ReadTriggers(
    const google::protobuf::RepeatedPtrField<std::string>& texts, RecordReader& reader) {
  reader.LimitElements(texts.size());
  std::vector<absl::string_view> triggers;
  triggers.reserve(static_cast<size_t>(texts.size()));
  for (const std::string& text : texts) {
    triggers.push_back(text == "@deployment" ? absl::string_view(text) : reader.Identifier(text));
  }
  SortDistinct(triggers);
  return triggers;
}

// Which blockers and triggers: at least one, or all blockers of a stated policy.
void ReadWhat(const v1::Override& override, RecordReader& reader, OverrideFacts& facts) {
  facts.blockers = reader.Identifiers(override.blockers());
  facts.keep_despite = ReadTriggers(override.keep_despite(), reader);
  facts.all_blockers = override.all_blockers();
  facts.policy_fingerprint = facts.all_blockers
                                 ? reader.DigestText(override.policy_fingerprint())
                                 : reader.OptionalDigestText(override.policy_fingerprint());
  reader.Require(facts.all_blockers || override.blockers_size() > 0 ||
                 override.keep_despite_size() > 0);
}

OverrideFacts ReadOverride(const v1::Override& override, bool conflict) {
  RecordReader reader(override);
  if (conflict) reader.Note(v1::DUPLICATE_ID);
  OverrideFacts facts;
  facts.id = reader.Identifier(override.id());
  facts.finding_id = absl::StrCat("@override:", facts.id);
  ReadWhat(override, reader, facts);
  facts.artifact = reader.DigestText(override.artifact());
  facts.stages = reader.Identifiers(override.stages());
  reader.Require(!facts.stages.empty());
  facts.principal = reader.Identifier(override.principal());
  facts.roles = reader.Identifiers(override.roles());
  reader.Require(!facts.roles.empty());
  reader.Text(override.reason());
  facts.granted_at =
      reader.Instant(override.has_granted_at(), override.granted_at(), absl::InfiniteFuture());
  facts.expires_at =
      reader.Instant(override.has_expires_at(), override.expires_at(), absl::InfinitePast());
  reader.Require(facts.expires_at > facts.granted_at);
  facts.ends_at = std::min(facts.expires_at,
                           reader.OptionalInstant(override.has_revoked_at(), override.revoked_at(),
                                                  absl::InfiniteFuture()));
  facts.fault = reader.fault();
  if (!reader.ok()) {
    facts.granted_at = absl::InfiniteFuture();
    facts.expires_at = absl::InfinitePast();
    facts.ends_at = absl::InfinitePast();
  }
  return facts;
}

}  // namespace

void LoadPermissions(const v1::PipelineState& state, SnapshotData& data) {
  data.approvals.reserve(static_cast<size_t>(state.approvals_size()));
  for (const auto& [approval, conflict] :
       OneRecordPerKey(state.approvals(),
                       [](const v1::Approval& record) { return absl::string_view(record.id()); })) {
    data.approvals.push_back(ReadApproval(*approval, conflict));
  }
  data.overrides.reserve(static_cast<size_t>(state.overrides_size()));
  for (const auto& [override, conflict] :
       OneRecordPerKey(state.overrides(),
                       [](const v1::Override& record) { return absl::string_view(record.id()); })) {
    data.overrides.push_back(ReadOverride(*override, conflict));
  }
  // Stable: both are sorted by what their ids say, readable or not.
  std::stable_sort(data.approvals.begin(), data.approvals.end(),
                   [](const ApprovalFacts& a, const ApprovalFacts& b) {
                     return std::tie(a.artifact, a.stage, a.blocker, a.id) <
                            std::tie(b.artifact, b.stage, b.blocker, b.id);
                   });
  std::stable_sort(data.overrides.begin(), data.overrides.end(),
                   [](const OverrideFacts& a, const OverrideFacts& b) {
                     return std::tie(a.artifact, a.id) < std::tie(b.artifact, b.id);
                   });
}

}  // namespace sluice
