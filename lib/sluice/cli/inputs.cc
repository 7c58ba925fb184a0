#include "sluice/cli/inputs.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "sluice/internal/field_errors.h"

namespace sluice {
namespace {

absl::Status BadInput(const std::string& path, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", what));
}

// Puts the path in front of each line of an error.
absl::Status AtPath(const std::string& path, const absl::Status& status) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    lines.push_back(absl::StrCat(path, ":", absl::StartsWith(line, " ") ? "" : " ", line));
  }
  return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

// The faults of Compile, one a line, each with its place in the file.
absl::Status WithPlaces(const absl::Status& status, const std::string& path, const SourceMap& map) {
  std::vector<std::string> lines;
  const v1::Faults faults = FaultsOf(status);
  for (const v1::Fault& fault : faults.faults()) {
    const absl::optional<int> line = map.LineOf(fault.path());
    lines.push_back(absl::StrCat(path, line.has_value() ? absl::StrCat(":", *line) : "", ": ",
                                 fault.path(), fault.path().empty() ? "" : ": ", fault.message()));
  }
  return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, std::istream& in) {
  std::string bytes;
  if (path == "-") {
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  } else {
    struct stat info;
    if (stat(path.c_str(), &info) != 0) return BadInput(path, std::strerror(errno));
    if (S_ISDIR(info.st_mode)) return BadInput(path, "is a directory");
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return BadInput(path, "can't be opened");
    bytes.assign(std::istreambuf_iterator<char>(stream), {});
  }
  if (bytes.empty()) return BadInput(path, "is empty");
  return bytes;
}

absl::StatusOr<Format> FormatFor(const std::string& path, const Arguments& arguments) {
  const absl::optional<std::string> named = arguments.Value("input-format");
  if (named.has_value()) {
    if (*named == "text" || *named == "textproto") return Format::kTextproto;
    if (*named == "json") return Format::kJson;
    if (*named == "binary") return Format::kBinary;
    return absl::InvalidArgumentError(
        absl::StrCat("`--input-format` is textproto, json or binary, got `", *named, "`"));
  }
  const absl::optional<Format> told = FormatOfName(path);
  if (told.has_value()) return *told;
  if (path == "-") return Format::kTextproto;
  return BadInput(path, "its name tells no format; give --input-format textproto, json or binary");
}

absl::Status ReadInput(const std::string& path, const Arguments& arguments, std::istream& in,
                       google::protobuf::Message* message, SourceMap* map) {
  const absl::StatusOr<Format> format = FormatFor(path, arguments);
  if (!format.ok()) return format.status();
  const absl::StatusOr<std::string> bytes = ReadFile(path, in);
  if (!bytes.ok()) return bytes.status();
  const absl::Status status = ReadMessage(*bytes, *format, message, map);
  return status.ok() ? status : AtPath(path, status);
}

absl::StatusOr<Policy> CompileFile(const std::string& path, const Arguments& arguments,
                                   std::istream& in) {
  v1::PipelinePolicy message;
  SourceMap map;
  const absl::Status read = ReadInput(path, arguments, in, &message, &map);
  if (!read.ok()) return read;
  const absl::optional<std::string> baseline_path = arguments.Value("baseline");
  if (!baseline_path.has_value()) {
    absl::StatusOr<Policy> policy = Policy::Compile(message);
    if (policy.ok()) return policy;
    return WithPlaces(policy.status(), path, map);
  }
  v1::BaselinePolicy baseline;
  const absl::Status read_baseline = ReadInput(*baseline_path, arguments, in, &baseline);
  if (!read_baseline.ok()) return read_baseline;
  absl::StatusOr<Policy> policy = Policy::Compile(baseline, message);
  if (policy.ok()) return policy;
  return WithPlaces(policy.status(), path, map);
}

absl::Status DecisionInputs::Read(const Arguments& arguments, std::istream& in) {
  const absl::optional<std::string> state_path = arguments.Value("state");
  if (!state_path.has_value()) return absl::InvalidArgumentError("needs --state FILE");
  v1::PipelineState state;
  absl::Status status = ReadInput(*state_path, arguments, in, &state);
  if (!status.ok()) return status;
  SetState(std::move(state));
  if (const absl::optional<std::string> path = arguments.Value("organisation")) {
    v1::OrganisationFacts facts;
    status = ReadInput(*path, arguments, in, &facts);
    if (!status.ok()) return status;
    SetOrganisation(std::move(facts));
  }
  std::vector<v1::KnownBadList> lists;
  for (const std::string& path : arguments.Values("known-bad")) {
    v1::KnownBadList list;
    status = ReadInput(path, arguments, in, &list);
    if (!status.ok()) return status;
    const absl::StatusOr<KnownBadList> built = KnownBadList::Build(list);
    if (!built.ok()) return BadInput(path, built.status().message());
    lists.push_back(std::move(list));
  }
  return SetKnownBad(lists);
}

void DecisionInputs::SetState(v1::PipelineState state) {
  state_ = std::make_unique<v1::PipelineState>(std::move(state));
}

void DecisionInputs::SetOrganisation(v1::OrganisationFacts facts) {
  facts_ = std::make_unique<v1::OrganisationFacts>(std::move(facts));
  organisation_ = Organisation::Load(*facts_);
}

absl::Status DecisionInputs::SetKnownBad(const std::vector<v1::KnownBadList>& lists) {
  std::vector<std::unique_ptr<KnownBadList>> built;
  for (const v1::KnownBadList& list : lists) {
    absl::StatusOr<KnownBadList> one = KnownBadList::Build(list);
    if (!one.ok()) return one.status();
    built.push_back(std::make_unique<KnownBadList>(*std::move(one)));
  }
  known_bad_ = std::move(built);
  lists_ = lists;
  return absl::OkStatus();
}

Snapshot DecisionInputs::Load() const {
  LoadOptions options;
  for (const auto& list : known_bad_) options.known_bad.push_back(list.get());
  return Snapshot::Load(*state_, organisation_, options);
}

CertificateInputs DecisionInputs::ToCertify() const {
  CertificateInputs inputs;
  inputs.state = state_.get();
  inputs.organisation = facts_.get();
  for (const v1::KnownBadList& list : lists_) inputs.known_bad.push_back(&list);
  return inputs;
}

absl::StatusOr<absl::Time> ParseInstant(const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error) || time == absl::InfiniteFuture() ||
      time == absl::InfinitePast()) {
    return absl::InvalidArgumentError(
        absl::StrCat("`", text, "` is not an instant such as 2026-11-23T10:00:00Z"));
  }
  return time;
}

absl::StatusOr<absl::Time> NowOf(const Arguments& arguments, const Environment& environment) {
  const absl::optional<std::string> text = arguments.Value("now");
  if (!text.has_value()) return environment.clock();
  return ParseInstant(*text);
}

}  // namespace sluice
