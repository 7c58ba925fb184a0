#include "sluice/cli/suite_file.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "sluice/cli/read_input.h"
#include "sluice/internal/field_errors.h"
#include "sluice/testing/read_yaml.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

bool IsSuiteName(absl::string_view name) {
  return absl::EndsWith(name, "_test.textproto") || absl::EndsWith(name, "_test.json") ||
         absl::EndsWith(name, "_test.yaml");
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SuitesBelow(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code unknown;
    if (IsSuiteName(entry->path().filename().string()) && !entry->is_directory(unknown)) {
      paths.push_back(entry->path().string());
    }
  }
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder, ": can't be read as a folder: ", error.message()));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

SuiteFile::SuiteFile(const std::string& path, bool coverage, const Arguments& arguments,
                     std::istream& in)
    : path_(path) {
  const absl::Status status = ReadSuite(arguments, in);
  if (!status.ok()) {
    faults_ = absl::StrSplit(status.message(), '\n');
    return;
  }
  ReadParts(arguments);
  Prepare(coverage);
}

absl::Status SuiteFile::ReadSuite(const Arguments& arguments, std::istream& in) {
  const bool is_yaml = absl::EndsWith(path_, ".yaml") || absl::EndsWith(path_, ".yml");
  if (!is_yaml || arguments.Has("input-format")) {
    return ReadInput(path_, arguments, in, &suite_, &map_);
  }
  const absl::StatusOr<std::string> text = ReadFile(path_, in);
  if (!text.ok()) return text.status();
  const absl::Status status = ReadYaml(*text, &suite_);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat(path_, ": ", status.message()));
}

std::string SuiteFile::AtPlace(absl::string_view field_path, absl::string_view what) const {
  absl::string_view file = path_;
  const SourceMap* map = &map_;
  absl::string_view field = field_path;
  for (const ReadFrom* part : {&policy_, &baseline_}) {
    if (part->path.empty() || !absl::ConsumePrefix(&field, part->field)) continue;
    absl::ConsumePrefix(&field, ".");
    file = part->path;
    map = &part->map;
    break;
  }
  const absl::optional<int> line = map->LineOf(field);
  return absl::StrCat(file, line.has_value() ? absl::StrCat(":", *line) : "", ": ", field,
                      field.empty() ? "" : ": ", what);
}

const std::string& SuiteFile::PolicyPath(const std::string& base) const {
  return base.empty() && !policy_.path.empty() ? policy_.path : path_;
}

absl::optional<int> SuiteFile::PolicyLine(const std::string& base,
                                          const std::string& field_path) const {
  if (base.empty()) {
    if (!policy_.path.empty()) return policy_.map.LineOf(field_path);
    return map_.LineOf(absl::StrCat("base.policy.", field_path));
  }
  for (int i = 0; i < suite_.bases_size(); ++i) {
    if (suite_.bases(i).name() != base) continue;
    return map_.LineOf(absl::StrCat("bases[", i, "].inputs.policy.", field_path));
  }
  return absl::nullopt;
}

void SuiteFile::AddFault(absl::string_view field_path, const absl::Status& status) {
  for (const absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    faults_.push_back(AtPlace(field_path, line));
  }
}

std::string SuiteFile::Beside(const std::string& file) const {
  if (file == "-") return "./-";  // Not standard input.
  return (fs::path(path_).parent_path() / file).string();
}

void SuiteFile::ReadPart(absl::string_view name, const std::string& file, bool is_set,
                         const Arguments& arguments, google::protobuf::Message* part,
                         SourceMap* map) {
  if (file.empty()) return;
  if (is_set) {
    faults_.push_back(AtPlace(name, "is given, and the part is in `base` too"));
    return;
  }
  std::istringstream no_input;
  const absl::Status status = ReadInput(Beside(file), arguments, no_input, part, map);
  if (!status.ok()) AddFault(name, status);
}

void SuiteFile::ReadParts(const Arguments& arguments) {
  v1::Inputs& base = *suite_.mutable_base();
  const bool has_policy = base.has_policy();
  const bool has_baseline = base.has_baseline();
  const bool has_state = base.has_state();
  const bool has_organisation = base.has_organisation();
  if (!suite_.policy_file().empty()) {
    ReadPart("policy_file", suite_.policy_file(), has_policy, arguments, base.mutable_policy(),
             &policy_.map);
    policy_.path = Beside(suite_.policy_file());
  }
  if (!suite_.baseline_file().empty()) {
    ReadPart("baseline_file", suite_.baseline_file(), has_baseline, arguments,
             base.mutable_baseline(), &baseline_.map);
    baseline_.path = Beside(suite_.baseline_file());
  }
  if (!suite_.state_file().empty()) {
    ReadPart("state_file", suite_.state_file(), has_state, arguments, base.mutable_state(),
             nullptr);
  }
  if (!suite_.organisation_file().empty()) {
    ReadPart("organisation_file", suite_.organisation_file(), has_organisation, arguments,
             base.mutable_organisation(), nullptr);
  }
  ReadKnownBad(arguments);
  suite_.clear_policy_file();
  suite_.clear_baseline_file();
  suite_.clear_state_file();
  suite_.clear_organisation_file();
  suite_.clear_known_bad_files();
}

void SuiteFile::ReadKnownBad(const Arguments& arguments) {
  if (suite_.known_bad_files().empty()) return;
  if (!suite_.base().known_bad().empty()) {
    faults_.push_back(AtPlace("known_bad_files", "are given, and lists are in `base` too"));
    return;
  }
  for (int i = 0; i < suite_.known_bad_files_size(); ++i) {
    const std::string field = absl::StrCat("known_bad_files[", i, "]");
    if (suite_.known_bad_files(i).empty()) {
      faults_.push_back(AtPlace(field, "names no file"));
      continue;
    }
    std::istringstream no_input;
    absl::StatusOr<KnownBadInput> list =
        KnownBadInput::Read(Beside(suite_.known_bad_files(i)), arguments, no_input);
    if (!list.ok()) {
      AddFault(field, list.status());
    } else if (list->message() != nullptr) {
      *suite_.mutable_base()->add_known_bad() = *list->message();
    } else {
      lists_.push_back(*std::move(list));
    }
  }
}

void SuiteFile::Prepare(bool coverage) {
  SuiteOptions options;
  options.coverage = coverage;
  for (const KnownBadInput& list : lists_) options.known_bad.push_back(&list.list());
  absl::StatusOr<SuiteRunner> runner = SuiteRunner::Prepare(suite_, std::move(options));
  if (runner.ok()) {
    if (faults_.empty()) runner_ = *std::move(runner);
    return;
  }
  const v1::Faults faults = FaultsOf(runner.status());
  for (const v1::Fault& fault : faults.faults()) {
    faults_.push_back(AtPlace(fault.path(), fault.message()));
  }
}

}  // namespace sluice
