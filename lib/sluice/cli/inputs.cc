#include "sluice/cli/inputs.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "sluice/internal/field_errors.h"

namespace sluice {
namespace {

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
  for (const std::string& path : arguments.Values("known-bad")) {
    absl::StatusOr<KnownBadInput> list = KnownBadInput::Read(path, arguments, in);
    if (!list.ok()) return list.status();
    known_bad_.push_back(*std::move(list));
  }
  return absl::OkStatus();
}

void DecisionInputs::SetState(v1::PipelineState state) {
  state_ = std::make_unique<v1::PipelineState>(std::move(state));
}

void DecisionInputs::SetOrganisation(v1::OrganisationFacts facts) {
  facts_ = std::make_unique<v1::OrganisationFacts>(std::move(facts));
  organisation_ = Organisation::Load(*facts_);
}

absl::Status DecisionInputs::SetKnownBad(const std::vector<v1::KnownBadList>& lists) {
  std::vector<KnownBadInput> built;
  for (const v1::KnownBadList& list : lists) {
    absl::StatusOr<KnownBadInput> one = KnownBadInput::Build(list);
    if (!one.ok()) return one.status();
    built.push_back(*std::move(one));
  }
  known_bad_ = std::move(built);
  return absl::OkStatus();
}

Snapshot DecisionInputs::Load() const {
  LoadOptions options;
  for (const KnownBadInput& input : known_bad_) options.known_bad.push_back(&input.list());
  return Snapshot::Load(*state_, organisation_, options);
}

Situation DecisionInputs::ToExplain(const Policy& policy, absl::Time now) const {
  Situation situation;
  situation.policy = &policy;
  situation.state = state_.get();
  situation.organisation = facts_.get();
  for (const KnownBadInput& input : known_bad_) {
    situation.known_bad.push_back({&input.list(), input.message()});
  }
  situation.now = now;
  return situation;
}

absl::StatusOr<CertificateInputs> DecisionInputs::ToCertify() const {
  CertificateInputs inputs;
  inputs.state = state_.get();
  inputs.organisation = facts_.get();
  for (const KnownBadInput& input : known_bad_) {
    if (input.message() == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("list `", input.list().id(),
                       "` is in its file form; a certificate is over the message it was built of"));
    }
    inputs.known_bad.push_back(input.message());
  }
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

absl::Status TakesFlagsAlone(absl::string_view command, const Arguments& arguments) {
  if (arguments.positional().empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(command, " takes flags alone, got `", arguments.positional()[0], "`"));
}

absl::StatusOr<Question> ReadQuestion(absl::string_view command, const Arguments& arguments,
                                      const Environment& environment) {
  const absl::Status flags = TakesFlagsAlone(command, arguments);
  if (!flags.ok()) return flags;
  const absl::optional<std::string> path = arguments.Value("policy");
  if (!path.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(command, " needs --policy FILE"));
  }
  absl::StatusOr<Policy> policy = CompileFile(*path, arguments, environment.in);
  if (!policy.ok()) return policy.status();
  Question question{*std::move(policy), DecisionInputs(), absl::Time()};
  const absl::Status read = question.inputs.Read(arguments, environment.in);
  if (!read.ok()) return read;
  const absl::StatusOr<absl::Time> now = NowOf(arguments, environment);
  if (!now.ok()) return now.status();
  question.now = *now;
  return question;
}

absl::StatusOr<std::string> FormatOf(const Arguments& arguments,
                                     const std::vector<std::string>& formats) {
  const std::string format = arguments.Value("format").value_or(formats.front());
  if (absl::c_linear_search(formats, format)) return format;
  const std::vector<std::string> others(formats.begin(), formats.end() - 1);
  return absl::InvalidArgumentError(absl::StrCat("`--format` is ", absl::StrJoin(others, ", "),
                                                 " or ", formats.back(), ", got `", format, "`"));
}

absl::StatusOr<absl::Time> NowOf(const Arguments& arguments, const Environment& environment) {
  const absl::optional<std::string> text = arguments.Value("now");
  if (!text.has_value()) return environment.clock();
  return ParseInstant(*text);
}

}  // namespace sluice
