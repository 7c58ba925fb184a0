#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/inventory_input.h"
#include "sluice/cli/known_bad_input.h"
#include "sluice/cli/list_header.h"
#include "sluice/cli/read_input.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/internal/strict_json.h"
#include "sluice/known_bad.h"
#include "sluice/known_bad/known_bad_match.h"

namespace sluice {
namespace {

using ::google::protobuf::Struct;

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
};

std::string NameOf(const Asked& asked, uint32_t component) {
  if (component == kNoComponent) return absl::StrJoin(asked.question.digests, " ");
  const v1::Component& about = asked.question.components.components(static_cast<int>(component));
  return about.package_url().empty() ? absl::StrJoin(about.digests(), " ") : about.package_url();
}

absl::Status ReadInventory(const std::string& path, const Arguments& arguments, std::istream& in,
                           v1::ComponentList* components, ImportReport& report) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, in);
  if (!bytes.ok()) return bytes.status();
  InventoryOptions options;
  if (arguments.Has("leave-out-uncheckable")) options.uncheckable = Uncheckable::kLeaveOut;
  return ImportInventory(path, *bytes, options, components, report);
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
        ReadInventory(path, arguments, environment.in, &asked.question.components, report);
    if (!read.ok()) return read;
    const uint64_t left_out = report.LeftOutFor(LeftOutReason::kUncheckable);
    if (left_out > 0) {
      environment.err << "sluice: " << path << ": " << left_out
                      << " components without package URL and SHA-256 were not asked about\n";
    }
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
  environment.out << *text << "\n";
  return kExitOk;
}

// A number for people: 1,234,567.
std::string WithCommas(uint64_t number) {
  std::string digits = absl::StrCat(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

// An entry of a list, with what tells its digests apart.
struct ListedEntry {
  v1::KnownBadEntry entry;
  uint64_t digest_count = 0;
  uint64_t digest_hash = 0;
};

// Entry `i` of the list; damage is a fault of the input.
absl::StatusOr<ListedEntry> EvidenceAt(const KnownBadList& list, uint32_t i) {
  ListedEntry evidence;
  if (list.index().ReadEvidence(i, &evidence.entry, &evidence.digest_count,
                                &evidence.digest_hash)) {
    return evidence;
  }
  return absl::DataLossError(absl::StrCat("list `", list.id(), "` is damaged"));
}

bool Equal(const ListedEntry& a, const ListedEntry& b) {
  return a.digest_count == b.digest_count && a.digest_hash == b.digest_hash &&
         a.entry.SerializeAsString() == b.entry.SerializeAsString();
}

void PrintChange(absl::string_view sign, const v1::KnownBadEntry& entry,
                 const Environment& environment) {
  environment.out << sign << " " << entry.id()
                  << (entry.reason().empty() ? "" : absl::StrCat("  ", entry.reason())) << "\n";
}

}  // namespace

int RunKnownBadBuild(const Arguments& arguments, const Environment& environment) {
  const absl::optional<std::string> output = arguments.Value("output");
  if (!output.has_value()) return BadInput(environment, "known-bad build needs --output FILE");
  if (arguments.positional().empty()) {
    return BadInput(environment, "known-bad build needs at least one INPUT");
  }
  v1::KnownBadList all;
  for (const std::string& path : arguments.positional()) {
    v1::KnownBadList list;
    const absl::Status read = ReadInput(path, arguments, environment.in, &list);
    if (!read.ok()) return BadInput(environment, read.message());
    // Each by itself, so that a list that was cut is not hidden by the others.
    const absl::StatusOr<KnownBadList> alone = KnownBadList::Build(list);
    if (!alone.ok()) {
      return BadInput(environment, absl::StrCat(path, ": ", alone.status().message()));
    }
    if (arguments.positional().size() == 1) {
      all = std::move(list);
    } else {
      all.mutable_entries()->MergeFrom(list.entries());
    }
  }
  const absl::Status header = ReadListHeader(arguments, &all);
  if (!header.ok()) return BadInput(environment, header.message());
  return WriteList(std::move(all), arguments, environment);
}

int RunKnownBadInfo(const Arguments& arguments, const Environment& environment) {
  if (arguments.positional().size() != 1) {
    return BadInput(environment, "known-bad info takes one LIST");
  }
  const std::string& path = arguments.positional()[0];
  const absl::StatusOr<KnownBadInput> input = KnownBadInput::Read(path, arguments, environment.in);
  if (!input.ok()) return BadInput(environment, input.status().message());
  const KnownBadList& list = input->list();
  environment.out << "list         " << list.id() << "\n"
                  << "epoch        " << list.epoch() << "\n"
                  << "verified at  "
                  << absl::FormatTime(absl::RFC3339_full, list.verified_at(), absl::UTCTimeZone())
                  << "\n"
                  << "overridable  " << (list.overridable() ? "yes" : "no") << "\n"
                  << "entries      " << WithCommas(list.entry_count()) << "\n"
                  << "digests      " << WithCommas(list.index().digest_count()) << "\n"
                  << "packages     " << WithCommas(list.index().package_count()) << "\n"
                  << "bytes        " << WithCommas(list.file_form().size()) << "\n";
  const absl::Status verified = list.Verify();
  if (!verified.ok()) return BadInput(environment, absl::StrCat(path, ": ", verified.message()));
  environment.out << "verified     every byte is as it was written\n";
  return kExitOk;
}

int RunKnownBadQuery(const Arguments& arguments, const Environment& environment) {
  const std::vector<std::string> paths = arguments.Values("list");
  if (paths.empty()) return BadInput(environment, "known-bad query needs --list FILE");
  const std::string format = arguments.Value("format").value_or("text");
  if (format != "text" && format != "json") {
    return BadInput(environment, absl::StrCat("`--format` is text or json, got `", format, "`"));
  }
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
  if (format == "json") {
    const int printed = PrintJson(rows, environment);
    if (printed != kExitOk) return printed;
  } else {
    PrintText(rows, environment);
  }
  return rows.empty() && unchecked == 0 ? kExitOk : kExitHold;
}

int RunKnownBadDiff(const Arguments& arguments, const Environment& environment) {
  if (arguments.positional().size() != 2) {
    return BadInput(environment, "known-bad diff takes two lists, OLD and NEW");
  }
  std::vector<KnownBadInput> inputs;
  for (const std::string& path : arguments.positional()) {
    absl::StatusOr<KnownBadInput> input = KnownBadInput::Read(path, arguments, environment.in);
    if (!input.ok()) return BadInput(environment, input.status().message());
    inputs.push_back(*std::move(input));
  }
  const KnownBadList& before = inputs[0].list();
  const KnownBadList& after = inputs[1].list();
  uint64_t added = 0;
  uint64_t removed = 0;
  uint64_t changed = 0;
  // Both in ascending order of ids.
  for (uint32_t i = 0, j = 0; i < before.entry_count() || j < after.entry_count();) {
    absl::StatusOr<ListedEntry> was = ListedEntry();
    absl::StatusOr<ListedEntry> is = ListedEntry();
    if (i < before.entry_count()) was = EvidenceAt(before, i);
    if (j < after.entry_count()) is = EvidenceAt(after, j);
    if (!was.ok()) return BadInput(environment, was.status().message());
    if (!is.ok()) return BadInput(environment, is.status().message());
    const bool only_before =
        j == after.entry_count() || (i < before.entry_count() && was->entry.id() < is->entry.id());
    const bool only_after =
        i == before.entry_count() || (j < after.entry_count() && is->entry.id() < was->entry.id());
    if (only_before) {
      PrintChange("-", was->entry, environment);
      ++removed;
    } else if (only_after) {
      PrintChange("+", is->entry, environment);
      ++added;
    } else if (!Equal(*was, *is)) {
      PrintChange("~", is->entry, environment);
      ++changed;
    }
    if (!only_after) ++i;
    if (!only_before) ++j;
  }
  environment.out << before.id() << " epoch " << before.epoch() << " to " << after.id() << " epoch "
                  << after.epoch() << ": " << added << " added, " << removed << " removed, "
                  << changed << " changed\n";
  return added + removed + changed == 0 ? kExitOk : kExitHold;
}

}  // namespace sluice
