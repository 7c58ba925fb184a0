#include "sluice/interchange/import_report.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

constexpr size_t kWidth = 80;
constexpr size_t kMaxShown = 200;

struct Wording {
  absl::string_view name;
  absl::string_view text;
};

Wording WordingOf(LeftOutReason reason) {
  switch (reason) {
    case LeftOutReason::kUnspecified:
      return {"UNSPECIFIED", "no reason is given"};
    case LeftOutReason::kNotJson:
      return {"NOT_JSON", "the name does not end in .json"};
    case LeftOutReason::kNotAFile:
      return {"NOT_A_FILE", "it is no regular file"};
    case LeftOutReason::kRepeated:
      return {"REPEATED", "the same was read before"};
    case LeftOutReason::kNothingToMatch:
      return {"NOTHING_TO_MATCH", "the advisory names no package that could be matched"};
    case LeftOutReason::kNoPackage:
      return {"NO_PACKAGE", "it names no package, only commits of a repository"};
    case LeftOutReason::kUnknownEcosystem:
      return {"UNKNOWN_ECOSYSTEM", "the ecosystem has no package URLs and none is given"};
    case LeftOutReason::kGitRange:
      return {"GIT_RANGE", "a range of commits, beside versions of the same package"};
    case LeftOutReason::kReleaseWidened:
      return {"RELEASE_WIDENED",
              "one release of a distribution is meant; the entry matches all of them"};
    case LeftOutReason::kRepositoryWidened:
      return {"REPOSITORY_WIDENED",
              "one package repository is meant; the entry matches all of them"};
    case LeftOutReason::kSourcePackage:
      return {"SOURCE_PACKAGE",
              "the distribution names a source package; binary packages with other names do not "
              "match"};
    case LeftOutReason::kQualifiersDropped:
      return {"QUALIFIERS_DROPPED",
              "the package URL has a version, qualifiers or a subpath; the entry matches any"};
    case LeftOutReason::kUnreadablePackageUrl:
      return {"UNREADABLE_PACKAGE_URL",
              "the package URL can't be read; ecosystem and name are used instead"};
    case LeftOutReason::kAllVersionsAssumed:
      return {"ALL_VERSIONS_ASSUMED", "no version is named; the entry matches all of them"};
    case LeftOutReason::kMixedEvents:
      return {"MIXED_EVENTS",
              "a range has both `fixed` and `last_affected`; the wider reading is taken"};
    case LeftOutReason::kUnordered:
      return {"UNORDERED",
              "versions of a range can't be put in order; they are paired as they are written"};
    case LeftOutReason::kNotRated:
      return {"NOT_RATED", "the database states no severity in words"};
    case LeftOutReason::kAliasNotIdentifier:
      return {"ALIAS_NOT_IDENTIFIER", "the alias is no identifier"};
    case LeftOutReason::kUncheckable:
      return {"UNCHECKABLE", "it has neither a package URL nor a SHA-256 digest"};
    case LeftOutReason::kArtifactItself:
      return {"ARTIFACT_ITSELF",
              "it is the artifact itself, with neither a package URL nor a SHA-256 digest"};
    case LeftOutReason::kUnreadableUrlHolds:
      return {"UNREADABLE_URL_HOLDS",
              "the package URL can't be read; the component is taken and holds releases"};
    case LeftOutReason::kOtherHash:
      return {"OTHER_HASH", "a hash other than SHA-256"};
    case LeftOutReason::kService:
      return {"SERVICE", "a service is no part of the artifact"};
    case LeftOutReason::kLinkedBom:
      return {"LINKED_BOM", "a further bill of materials is linked and not read"};
    case LeftOutReason::kIncompleteInventory:
      return {"INCOMPLETE_INVENTORY", "the bill of materials says that it lacks components"};
    case LeftOutReason::kCompletenessUnknown:
      return {"COMPLETENESS_UNKNOWN",
              "the bill of materials does not say whether it lacks components"};
    case LeftOutReason::kNameNotIdentifier:
      return {"NAME_NOT_IDENTIFIER", "the alarm's name is no identifier and no other is given"};
    case LeftOutReason::kEvaluationImpaired:
      return {"EVALUATION_IMPAIRED",
              "the alarm is OK by its own word but not evaluated in full; INSUFFICIENT_DATA"};
    case LeftOutReason::kSilenced:
      return {"SILENCED", "the alert is silenced or inhibited; it counts as firing"};
    case LeftOutReason::kResolved:
      return {"RESOLVED", "the alert has ended"};
    case LeftOutReason::kScopeUnreadable:
      return {"SCOPE_UNREADABLE",
              "the label of the cell or region holds no identifier; it counts for everything"};
    case LeftOutReason::kOtherAlarmKind:
      return {"OTHER_ALARM_KIND", "neither a metric alarm nor a composite alarm"};
    case LeftOutReason::kNotAnEvent:
      return {"NOT_AN_EVENT", "only events become windows"};
    case LeftOutReason::kCancelled:
      return {"CANCELLED", "the event is cancelled"};
    case LeftOutReason::kTransparent:
      return {"TRANSPARENT", "the event does not block time"};
    case LeftOutReason::kNoLength:
      return {"NO_LENGTH", "the event has neither an end nor a duration"};
    case LeftOutReason::kSuperseded:
      return {"SUPERSEDED", "a later revision of the event is in the input"};
    case LeftOutReason::kOutsideHorizon:
      return {"OUTSIDE_HORIZON", "no part of it lies in the time asked for"};
    case LeftOutReason::kGoesOn:
      return {"GOES_ON", "the event recurs after the time asked for"};
    case LeftOutReason::kTimeZoneDefinition:
      return {"TIME_ZONE_DEFINITION",
              "the input's own definition of a time zone; the IANA zone of that name is used"};
  }
  return {"UNKNOWN", "the reason is unknown"};
}

// Appends `text`, broken at spaces, the first line after `first` and the others after `next`.
void AppendWrapped(absl::string_view first, absl::string_view next, absl::string_view text,
                   std::vector<std::string>& lines) {
  std::string line(first);
  bool empty = true;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (!empty && line.size() + 1 + word.size() > kWidth) {
      lines.push_back(std::move(line));
      line = std::string(next);
      empty = true;
    }
    absl::StrAppend(&line, empty ? "" : " ", word);
    empty = false;
  }
  lines.push_back(std::move(line));
}

// Of each reason why parts of entries are not as they were written.
constexpr size_t kNotesShown = 3;

void AddPlace(absl::string_view where, absl::string_view what, ImportReport::Group& group) {
  ++group.total;
  if (group.places.size() >= ImportReport::kMaxPlaces) return;
  group.places.push_back({Shown(absl::StripSuffix(where, ": ")), Shown(what)});
}

// The first `most` places of the group, and how many more there are.
void AppendGroup(const ImportReport::Group& group, size_t most, std::vector<std::string>& lines) {
  const size_t shown = std::min(most, group.places.size());
  for (size_t i = 0; i < shown; ++i) {
    const ImportReport::Place& place = group.places[i];
    AppendWrapped("    ", "      ",
                  absl::StrCat(place.where, place.what.empty() ? "" : ": ", place.what), lines);
  }
  if (group.total > shown) lines.push_back(absl::StrCat("    and ", group.total - shown, " more"));
}

}  // namespace

absl::string_view LeftOutReasonName(LeftOutReason reason) { return WordingOf(reason).name; }

absl::string_view LeftOutReasonText(LeftOutReason reason) { return WordingOf(reason).text; }

ImportCounts& ImportReport::Counts(absl::string_view kind) {
  const auto found = counts_.find(kind);
  if (found != counts_.end()) return found->second;
  return counts_[std::string(kind)];
}

void ImportReport::AddLeftOut(absl::string_view kind, LeftOutReason reason, absl::string_view where,
                              absl::string_view what) {
  ++Counts(kind).left_out;
  AddPlace(where, what, left_out_[Reason{reason, true}]);
}

void ImportReport::AddLeftOutPart(LeftOutReason reason, absl::string_view where,
                                  absl::string_view what) {
  AddPlace(where, what, left_out_[Reason{reason, false}]);
}

void ImportReport::AddMalformed(absl::string_view kind, absl::string_view where,
                                absl::string_view what) {
  ++Counts(kind).malformed;
  AddPlace(where, what, malformed_);
}

ImportCounts ImportReport::CountsOf(absl::string_view kind) const {
  const auto found = counts_.find(kind);
  return found == counts_.end() ? ImportCounts() : found->second;
}

uint64_t ImportReport::LeftOutFor(LeftOutReason reason) const {
  uint64_t total = 0;
  for (const bool whole : {true, false}) {
    const auto found = left_out_.find(Reason{reason, whole});
    if (found != left_out_.end()) total += found->second.total;
  }
  return total;
}

bool ImportReport::IsComplete() const {
  return std::all_of(counts_.begin(), counts_.end(), [](const auto& kind) {
    const ImportCounts& counts = kind.second;
    return counts.read == counts.taken + counts.left_out + counts.malformed;
  });
}

absl::Status ImportReport::ToStatus(const ImportOptions& options) const {
  if (options.keep_going || malformed_.total == 0) return absl::OkStatus();
  std::vector<std::string> lines;
  for (const Place& place : malformed_.places) {
    lines.push_back(absl::StrCat(place.where, ": ", place.what));
  }
  if (malformed_.total > lines.size()) {
    lines.push_back(absl::StrCat("and ", malformed_.total - lines.size(), " more"));
  }
  return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

std::vector<std::string> RenderImportReport(const ImportReport& report) {
  std::vector<std::string> lines;
  for (const auto& [kind, counts] : report.counts()) {
    lines.push_back(absl::StrFormat("%s: %d read, %d taken, %d left out, %d malformed", kind,
                                    counts.read, counts.taken, counts.left_out, counts.malformed));
  }
  if (report.malformed().total > 0) {
    lines.push_back(absl::StrCat("malformed: ", report.malformed().total));
    AppendGroup(report.malformed(), ImportReport::kMaxPlaces, lines);
  }
  for (const auto& [reason, group] : report.left_out()) {
    AppendWrapped("", "  ",
                  absl::StrCat(LeftOutReasonName(reason.reason), ": ", group.total, " ",
                               reason.whole ? "left out" : "noted", ", because ",
                               LeftOutReasonText(reason.reason)),
                  lines);
    AppendGroup(group, reason.whole ? ImportReport::kMaxPlaces : kNotesShown, lines);
  }
  return lines;
}

std::string Shown(absl::string_view text) {
  absl::string_view kept = text.substr(0, kMaxShown);
  if (kept.size() < text.size()) {
    // Not in the middle of a character.
    const size_t valid = ValidUtf8Prefix(kept);
    if (kept.size() - valid < 4) kept = kept.substr(0, valid);
  }
  std::string shown;
  while (!kept.empty()) {
    const size_t valid = ValidUtf8Prefix(kept);
    for (const char c : kept.substr(0, valid)) {
      if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
        absl::StrAppendFormat(&shown, "\\x%02x", static_cast<unsigned char>(c));
      } else {
        shown.push_back(c);
      }
    }
    kept.remove_prefix(valid);
    if (kept.empty()) break;
    absl::StrAppendFormat(&shown, "\\x%02x", static_cast<unsigned char>(kept.front()));
    kept.remove_prefix(1);
  }
  if (text.size() > kMaxShown) shown.append("...");
  return shown;
}

}  // namespace sluice
