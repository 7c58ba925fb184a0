#include "sluice/load/requests.h"

#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/load/distinct_records.h"
#include "sluice/load/pipeline_fault.h"
#include "sluice/load/record_reader.h"
#include "sluice/load/sort_distinct.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

auto Order(const RequestFacts& request) {
  return std::tie(request.artifact, request.wave, request.requested_at, request.expires_at,
                  request.who);
}

auto Order(const RollBackRequestFacts& request) { return std::tie(request.id); }

auto Order(const RetryFacts& retry) {
  return std::tie(retry.number, retry.artifact, retry.cell, retry.attempt, retry.requested_at);
}

// Start and preemption requests differ in the wave only.
absl::string_view WaveOf(const v1::StartRequest& request) { return request.wave(); }
absl::string_view WaveOf(const v1::PreemptRequest&) { return ""; }

template <typename Request>
RequestFacts ReadRequest(const Request& request, RecordReader& reader) {
  RequestFacts facts;
  facts.artifact = reader.DigestText(request.artifact());
  const absl::string_view wave = WaveOf(request);
  if (!wave.empty()) facts.wave = reader.WaveId(wave);
  facts.who = reader.Text(request.who());
  facts.requested_at =
      reader.Instant(request.has_requested_at(), request.requested_at(), absl::InfiniteFuture());
  facts.expires_at =
      reader.Instant(request.has_expires_at(), request.expires_at(), absl::InfinitePast());
  reader.Require(facts.expires_at > facts.requested_at);
  return facts;
}

RequestFacts Read(const v1::StartRequest& request, RecordReader& reader) {
  return ReadRequest(request, reader);
}

RequestFacts Read(const v1::PreemptRequest& request, RecordReader& reader) {
  return ReadRequest(request, reader);
}

RollBackRequestFacts Read(const v1::RollBackRequest& request, RecordReader& reader) {
  RollBackRequestFacts facts;
  facts.id = request.id();
  facts.finding_id = absl::StrCat("@roll_back_request:", request.id());
  facts.artifact = reader.DigestText(request.artifact());
  facts.cells = reader.Identifiers(request.cells());
  reader.Text(request.who());
  reader.Text(request.why());
  facts.requested_at =
      reader.Instant(request.has_requested_at(), request.requested_at(), absl::InfiniteFuture());
  facts.honoured_by = request.honoured_by();
  return facts;
}

RetryFacts Read(const v1::RetryRequest& request, RecordReader& reader) {
  RetryFacts facts;
  facts.artifact = reader.DigestText(request.artifact());
  facts.cell = reader.OptionalIdentifier(request.cell());
  if (!request.cell().empty()) reader.Require(request.attempt() > 0);
  facts.attempt = request.attempt();
  reader.Text(request.who());
  reader.Text(request.why());
  facts.requested_at =
      reader.Instant(request.has_requested_at(), request.requested_at(), absl::InfiniteFuture());
  reader.Require(request.number() > 0);
  facts.number = request.number();
  return facts;
}

template <typename Request, typename Facts>
void LoadList(const google::protobuf::RepeatedPtrField<Request>& requests, absl::string_view kind,
              SnapshotData& data, absl::string_view stage, std::vector<Facts>& list) {
  for (const auto& [request, conflict] :
       OneRecordPerKey(requests, [](const Request& r) { return absl::string_view(r.id()); })) {
    RecordReader reader(*request);
    if (conflict) reader.Note(v1::DUPLICATE_ID);
    const absl::string_view id = reader.Identifier(request->id());
    const Facts facts = Read(*request, reader);
    if (reader.ok()) {
      list.push_back(facts);
    } else {
      FaultPipeline(data, reader.fault(), absl::StrCat("stages[", stage, "].", kind, "[", id, "]"));
    }
  }
  SortDistinct(list, [](const Facts& facts) { return Order(facts); });
}

}  // namespace

void LoadRequests(const v1::StageRecord& record, SnapshotData& data, StageFacts& stage) {
  LoadList(record.start_requests(), "start_requests", data, stage.id, stage.start_requests);
  LoadList(record.preempt_requests(), "preempt_requests", data, stage.id, stage.preempt_requests);
  LoadList(record.roll_back_requests(), "roll_back_requests", data, stage.id,
           stage.roll_back_requests);
  LoadList(record.retry_requests(), "retry_requests", data, stage.id, stage.retry_requests);
}

}  // namespace sluice
