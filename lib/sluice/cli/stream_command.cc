#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "google/protobuf/struct.pb.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/strict_json.h"
#include "sluice/v1/stream.pb.h"

namespace sluice {
namespace {

// What the lines so far have set.
struct Stream {
  absl::optional<Policy> policy;
  DecisionInputs inputs;
};

// Takes a line's parts all or none, and decides.
absl::StatusOr<v1::PipelineDecision> DecideLine(const std::string& line, Stream* stream) {
  v1::StreamRequest request;
  absl::Status status = ReadJson(line, &request);
  if (!status.ok()) return status;
  absl::optional<Policy> policy = stream->policy;
  if (request.has_policy()) {
    absl::StatusOr<Policy> compiled = Policy::Compile(request.policy());
    if (!compiled.ok()) return compiled.status();
    policy = *std::move(compiled);
  }
  if (!policy.has_value()) return absl::InvalidArgumentError("no line has given a policy yet");
  if (!request.has_state() && !stream->inputs.has_state()) {
    return absl::InvalidArgumentError("no line has given a state yet");
  }
  if (request.now().empty()) return absl::InvalidArgumentError("now: is required");
  const absl::StatusOr<absl::Time> now = ParseInstant(request.now());
  if (!now.ok()) return now.status();
  if (request.known_bad_size() > 0) {
    status = stream->inputs.SetKnownBad({request.known_bad().begin(), request.known_bad().end()});
    if (!status.ok()) return status;
  }
  stream->policy = policy;
  if (request.has_state()) stream->inputs.SetState(std::move(*request.mutable_state()));
  if (request.has_organisation()) {
    stream->inputs.SetOrganisation(std::move(*request.mutable_organisation()));
  }
  const Snapshot snapshot = stream->inputs.Load();
  return ToProto(stream->policy->Decide(snapshot, *now));
}

// {"error": {...}} on one line.
std::string ErrorLine(const absl::Status& status) {
  v1::StreamError error;
  error.mutable_error()->set_code(absl::StatusCodeToString(status.code()));
  error.mutable_error()->set_message(std::string(status.message()));
  const v1::Faults faults = FaultsOf(status);
  *error.mutable_error()->mutable_faults() = faults.faults();
  return WriteJson(error, JsonStyle::kOneLine)
      .value_or(R"({"error": {"code": "INTERNAL", "message": "the error can't be written"}})");
}

}  // namespace

int RunStream(const Arguments& arguments, const Environment& environment) {
  const absl::Status flags = TakesFlagsAlone("decide", arguments);
  if (!flags.ok()) return BadInput(environment, flags.message());
  Stream stream;
  std::string line;
  while (std::getline(environment.in, line)) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const absl::StatusOr<v1::PipelineDecision> decision = DecideLine(line, &stream);
    absl::StatusOr<std::string> json =
        decision.ok() ? WriteJson(*decision, JsonStyle::kOneLine) : decision.status();
    environment.out << (json.ok() ? *json : ErrorLine(json.status())) << "\n" << std::flush;
  }
  return kExitOk;
}

}  // namespace sluice
