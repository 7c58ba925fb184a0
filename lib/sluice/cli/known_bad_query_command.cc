#include <algorithm>
#include <cstdint>
#include <istream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/inventory_input.h"
#include "sluice/cli/known_bad_input.h"
#include "sluice/cli/read_input.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/internal/strict_json.h"
#include "sluice/known_bad.h"
#include "sluice/known_bad/known_bad_match.h"
#include "sluice/v1/artifact.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

// How a match is called in output.
absl::string_view NameOf(const KnownBadAnswer& answer) {
  if (answer.version_unknown) return "version-unknown";
  switch (answer.kind) {
    case KnownBadMatchKind::kUnspecified:
      return "unspecified";
    case KnownBadMatchKind::kArtifactDigest:
    case KnownBadMatchKind::kComponentDigest:
      return "digest";
    case KnownBadMatchKind::kExactUrl:
      return "package-url";
    case KnownBadMatchKind::kPackage:
      return "version";
  }
  return "unspecified";
}

// What the lists are asked about, and what it is called.
struct Asked {
  std::string artifact;
  KnownBadQuestion question;
  bool whole = true;  // Nothing of the artifact is left out but what the flags allow.
};

std::string NameOf(const Asked& asked, uint32_t component) {
  if (component == kNoComponent) return absl::StrJoin(asked.question.digests, " ");
  const v1::Component& about = asked.question.components.components(static_cast<int>(component));
  return about.package_url().empty() ? absl::StrJoin(about.digests(), " ") : about.package_url();
}

// Takes of a bill of materials what can be asked about.
absl::Status ReadInventory(const std::string& path, std::istream& in, v1::ComponentList* components,
                           ImportReport& report) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, in);
  if (!bytes.ok()) return bytes.status();
  InventoryOptions options;
  options.uncheckable = Uncheckable::kLeaveOut;
  options.incomplete = IncompleteInventory::kAccept;
  return ImportInventory(path, *bytes, options, components, report);
}

// Says what of a bill of materials can't be asked about. Returns whether the flags allow all of it.
bool SayGaps(const std::string& path, const ImportReport& report, const Arguments& arguments,
             const Environment& environment) {
  bool allowed = true;
  if (const uint64_t count = report.LeftOutFor(LeftOutReason::kUncheckable); count > 0) {
    environment.err << "sluice: " << path << ": " << count
                    << " components without package URL and SHA-256 were not asked about\n";
    allowed = arguments.Has("leave-out-uncheckable");
  }
  const auto incomplete =
      report.left_out().find({LeftOutReason::kIncompleteInventory, /*whole=*/false});
  if (incomplete != report.left_out().end()) {
    const ImportReport::Group& said = incomplete->second;
    environment.err << "sluice: " << said.places[0].where << ": `" << said.places[0].what
                    << "` says that components are missing, which were not asked about"
                    << (said.total > 1 ? absl::StrCat(" (and ", said.total - 1, " more)") : "")
                    << "\n";
    allowed = allowed && arguments.Has("accept-incomplete");
  }
  return allowed;
}

// One artifact for each bill of materials, and one of what is named by hand.
absl::StatusOr<std::vector<Asked>> ReadQuestions(const Arguments& arguments,
                                                 const Environment& environment) {
  std::vector<Asked> all;
  for (const std::string& path : arguments.Values("sbom")) {
    Asked& asked = all.emplace_back();
    asked.artifact = path;
    ImportReport report;
    const absl::Status read =
        ReadInventory(path, environment.in, &asked.question.components, report);
    if (!read.ok()) return read;
    asked.whole = SayGaps(path, report, arguments, environment);
  }
  Asked by_hand;
  by_hand.artifact = "-";
  by_hand.question.digests = arguments.Values("digest");
  for (const std::string& url : arguments.Values("component")) {
    by_hand.question.components.add_components()->set_package_url(url);
  }
  if (!by_hand.question.digests.empty() || by_hand.question.components.components_size() > 0) {
    all.push_back(std::move(by_hand));
  }
  return all;
}

// One line of the answer.
struct Row {
  std::string artifact;
  std::string component;
  std::string list;
  KnownBadAnswer answer;
};

auto Order(const Row& row) {
  return std::tie(row.artifact, row.component, row.answer.entry.id(), row.list);
}

void PrintText(const std::vector<Row>& rows, const Environment& environment) {
  for (const Row& row : rows) {
    environment.out << absl::StrJoin(
                           {absl::string_view(row.artifact), absl::string_view(row.component),
                            absl::string_view(row.answer.entry.id()), NameOf(row.answer),
                            absl::string_view(row.list)},
                           "\t")
                    << "\n";
  }
}

int PrintJson(const std::vector<Row>& rows, const Environment& environment) {
  google::protobuf::ListValue all;
  for (const Row& row : rows) {
    auto& fields = *all.add_values()->mutable_struct_value()->mutable_fields();
    fields["artifact"].set_string_value(row.artifact);
    fields["component"].set_string_value(row.component);
    fields["advisory"].set_string_value(row.answer.entry.id());
    fields["match"].set_string_value(std::string(NameOf(row.answer)));
    fields["list"].set_string_value(row.list);
    fields["url"].set_string_value(row.answer.entry.url());
    fields["reason"].set_string_value(row.answer.entry.reason());
    fields["severity"].set_string_value(
        v1::KnownBadEntry::Severity_Name(row.answer.entry.severity()));
    auto& aliases = *fields["aliases"].mutable_list_value();
    for (const std::string& alias : row.answer.entry.aliases()) {
      aliases.add_values()->set_string_value(alias);
    }
  }
  const absl::StatusOr<std::string> text = WriteJson(all, JsonStyle::kIndented);
  if (!text.ok()) {
    environment.err << "sluice: " << text.status().message() << "\n";
    return kExitInternal;
  }
  environment.out << *text;
  return kExitOk;
}

}  // namespace

int RunKnownBadQuery(const Arguments& arguments, const Environment& environment) {
  const std::vector<std::string> paths = arguments.Values("list");
  if (paths.empty()) return BadInput(environment, "known-bad query needs --list FILE");
  const absl::StatusOr<std::string> format = FormatOf(arguments, {"text", "json"});
  if (!format.ok()) return BadInput(environment, format.status().message());
  const absl::StatusOr<absl::Time> now = NowOf(arguments, environment);
  if (!now.ok()) return BadInput(environment, now.status().message());
  const absl::StatusOr<std::vector<Asked>> questions = ReadQuestions(arguments, environment);
  if (!questions.ok()) return BadInput(environment, questions.status().message());
  if (questions->empty()) {
    return BadInput(environment,
                    "known-bad query needs --sbom FILE, --component URL or --digest DIGEST");
  }
  std::vector<Row> rows;
  uint64_t unchecked = 0;
  for (const std::string& path : paths) {
    const absl::StatusOr<KnownBadInput> input =
        KnownBadInput::Read(path, arguments, environment.in);
    if (!input.ok()) return BadInput(environment, input.status().message());
    unchecked = 0;  // The same for each list.
    for (const Asked& asked : *questions) {
      absl::StatusOr<KnownBadAnswers> answers =
          input->list().Query(asked.question, *now, /*limit=*/SIZE_MAX);
      if (!answers.ok()) {
        return BadInput(environment, absl::StrCat(path, ": ", answers.status().message()));
      }
      unchecked += answers->unchecked;
      for (KnownBadAnswer& answer : answers->answers) {
        std::string component = NameOf(asked, answer.component);
        rows.push_back({asked.artifact, std::move(component), std::string(input->list().id()),
                        std::move(answer)});
      }
    }
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return Order(a) < Order(b); });
  if (unchecked > 0) {
    environment.err << "sluice: " << unchecked
                    << " components have a package URL that can't be read; they hold\n";
  }
  if (*format == "json") {
    const int printed = PrintJson(rows, environment);
    if (printed != kExitOk) return printed;
  } else {
    PrintText(rows, environment);
  }
  const bool asked_all = std::all_of(questions->begin(), questions->end(),
                                     [](const Asked& asked) { return asked.whole; });
  return rows.empty() && unchecked == 0 && asked_all ? kExitOk : kExitHold;
}

}  // namespace sluice
