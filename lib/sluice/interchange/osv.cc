#include "sluice/interchange/osv.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "google/protobuf/util/message_differencer.h"
#include "sluice/interchange/json_document.h"
#include "sluice/interchange/osv_package.h"
#include "sluice/interchange/osv_ranges.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/identifier.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/utf8.h"
#include "sluice/known_bad/package_url.h"
#include "sluice/known_bad/package_url_type.h"
#include "sluice/known_bad/version_order.h"

namespace sluice {
namespace {

constexpr absl::string_view kAdvisories = "advisories";
constexpr size_t kMaxReason = 1000;  // Bytes of a summary.

// What Go's encoder writes for an instant that is not set.
absl::Time UnsetInstant() { return absl::FromUnixSeconds(-62'135'596'800); }

absl::string_view FirstLine(absl::string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  return absl::StripTrailingAsciiWhitespace(text.substr(0, text.find('\n')));
}

std::string Shortened(absl::string_view text) {
  if (text.size() <= kMaxReason) return std::string(text);
  text = text.substr(0, kMaxReason);
  return absl::StrCat(text.substr(0, ValidUtf8Prefix(text)), "...");
}

v1::KnownBadEntry::Severity SeverityOf(absl::string_view text) {
  const std::string word = absl::AsciiStrToUpper(text);
  if (word == "LOW") return v1::KnownBadEntry::LOW;
  if (word == "MODERATE" || word == "MEDIUM") return v1::KnownBadEntry::MEDIUM;
  if (word == "HIGH") return v1::KnownBadEntry::HIGH;
  if (word == "CRITICAL") return v1::KnownBadEntry::CRITICAL;
  return v1::KnownBadEntry::SEVERITY_UNSPECIFIED;
}

absl::optional<OsvEvent::Kind> EventKindOf(absl::string_view member) {
  if (member == "introduced") return OsvEvent::Kind::kIntroduced;
  if (member == "fixed") return OsvEvent::Kind::kFixed;
  if (member == "last_affected") return OsvEvent::Kind::kLastAffected;
  if (member == "limit") return OsvEvent::Kind::kLimit;
  return absl::nullopt;
}

// What is read of one advisory.
class AdvisoryReader {
 public:
  AdvisoryReader(absl::string_view source, ImportReport& report)
      : source_(source), report_(report) {}

  // The entry of `root`; it has no targets if everything it names is left out.
  v1::KnownBadEntry Read(const JsonValue& root, absl::Time& modified) {
    CheckVersion(root);
    ReadIds(root);
    ReadTimes(root, modified);
    ReadTexts(root);
    for (const JsonValue* affected : json_.Elements(root, "affected", JsonKind::kObject)) {
      ReadAffected(*affected);
    }
    for (v1::AffectedPackage& package : *entry_.mutable_packages()) Tidy(package);
    return std::move(entry_);
  }

  const JsonReader& json() const { return json_; }
  // The parts left out, to be reported once the advisory is known to be taken.
  void Report() const {
    for (const Part& part : parts_) {
      report_.AddLeftOutPart(part.reason, part.where, part.what);
    }
  }

 private:
  // One range as it is written.
  struct Range {
    bool is_git = false;
    std::vector<OsvEvent> events;
  };
  struct Part {
    LeftOutReason reason;
    std::string where;
    std::string what;
  };

  void Note(LeftOutReason reason, const JsonValue& at, absl::string_view what) {
    parts_.push_back({reason, absl::StrCat(source_, ": ", at.Path()), std::string(what)});
  }

  void CheckVersion(const JsonValue& root) {
    const absl::string_view version = json_.Text(root, "schema_version");
    if (version.empty() || absl::StartsWith(version, "1.")) return;
    json_.AddFault(root, absl::StrCat("`schema_version` should be 1, got `", Shown(version), "`"));
  }

  void ReadIds(const JsonValue& root) {
    const absl::string_view id = json_.RequiredText(root, "id");
    entry_.set_id(std::string(id));
    if (!id.empty() && !IsIdentifier(id)) {
      json_.AddFault(root, absl::StrCat("`id` must be an identifier, got `", Shown(id), "`"));
    }
    for (const JsonValue* alias : json_.Elements(root, "aliases", JsonKind::kText)) {
      if (IsIdentifier(alias->text)) {
        entry_.add_aliases(alias->text);
      } else {
        Note(LeftOutReason::kAliasNotIdentifier, *alias, alias->text);
      }
    }
  }

  void ReadTimes(const JsonValue& root, absl::Time& modified) {
    const absl::optional<absl::Time> changed = json_.Instant(root, "modified");
    if (changed.has_value()) {
      modified = *changed;
    } else if (root.Find("modified") == nullptr) {
      json_.AddFault(root, "needs the member `modified`");
    }
    const absl::optional<absl::Time> published = json_.Instant(root, "published");
    if (published.has_value() && *published != UnsetInstant()) {
      *entry_.mutable_added_at() = WriteTime(*published);
    }
    const absl::optional<absl::Time> withdrawn = json_.Instant(root, "withdrawn");
    if (!withdrawn.has_value()) return;
    if (*withdrawn == UnsetInstant()) {
      json_.AddFault(root, "`withdrawn` is an instant that stands for none");
      return;
    }
    *entry_.mutable_withdrawn_at() = WriteTime(*withdrawn);
  }

  void ReadTexts(const JsonValue& root) {
    const absl::string_view summary = json_.Text(root, "summary");
    const absl::string_view details = json_.Text(root, "details");
    entry_.set_reason(Shortened(summary.empty() ? FirstLine(details) : summary));
    absl::string_view url;
    for (const absl::string_view wanted : {"ADVISORY", "WEB"}) {
      for (const JsonValue* reference : json_.Elements(root, "references", JsonKind::kObject)) {
        if (url.empty() && json_.Text(*reference, "type") == wanted) {
          url = json_.Text(*reference, "url");
        }
      }
    }
    if (url.size() > kMaxText) json_.AddFault(root, "`references` has a URL that is too long");
    entry_.set_url(std::string(url));
    const JsonValue* specific = json_.Member(root, "database_specific", JsonKind::kObject);
    const JsonValue* severity = specific == nullptr ? nullptr : specific->Find("severity");
    if (severity != nullptr && severity->kind == JsonKind::kText) {
      entry_.set_severity(SeverityOf(severity->text));
    }
    if (entry_.severity() == v1::KnownBadEntry::SEVERITY_UNSPECIFIED) {
      Note(LeftOutReason::kNotRated, root, entry_.id());
    }
  }

  void ReadAffected(const JsonValue& affected) {
    const std::vector<const JsonValue*> versions =
        json_.Elements(affected, "versions", JsonKind::kText);
    const std::vector<Range> ranges = ReadRanges(affected);
    const JsonValue* package = json_.Member(affected, "package", JsonKind::kObject);
    if (package == nullptr) {
      Note(LeftOutReason::kNoPackage, affected, entry_.id());
      return;
    }
    const std::vector<PackageUrl> urls = ReadPackage(*package);
    if (!json_.ok() || urls.empty()) return;
    if (versions.empty() && ranges.empty()) {
      Note(LeftOutReason::kAllVersionsAssumed, affected, entry_.id());
    }
    const bool has_other = !versions.empty() ||
                           absl::c_any_of(ranges, [](const Range& range) { return !range.is_git; });
    for (const Range& range : ranges) {
      if (range.is_git && has_other) Note(LeftOutReason::kGitRange, affected, entry_.id());
    }
    bool first = true;
    for (const PackageUrl& url : urls) {
      v1::AffectedPackage& target = PackageFor(url);
      for (const JsonValue* version : versions) AddVersion(url, *version, target);
      for (const Range& range : ranges) {
        if (range.is_git && has_other) continue;
        AddRange(url, range, affected, first, target);
      }
      if (versions.empty() && ranges.empty()) target.add_ranges()->set_introduced("0");
      first = false;
    }
  }

  std::vector<Range> ReadRanges(const JsonValue& affected) {
    std::vector<Range> ranges;
    for (const JsonValue* value : json_.Elements(affected, "ranges", JsonKind::kObject)) {
      Range range;
      const absl::string_view type = json_.RequiredText(*value, "type");
      range.is_git = type == "GIT";
      if (!type.empty() && !range.is_git && type != "SEMVER" && type != "ECOSYSTEM") {
        json_.AddFault(*value, absl::StrCat("`type` is unknown: `", Shown(type), "`"));
      }
      for (const JsonValue* event : json_.Elements(*value, "events", JsonKind::kObject)) {
        ReadEvent(*event, range.events);
      }
      if (absl::c_none_of(range.events, [](const OsvEvent& event) {
            return event.kind == OsvEvent::Kind::kIntroduced;
          })) {
        json_.AddFault(*value, "`events` must have an `introduced`");
      }
      ranges.push_back(std::move(range));
    }
    return ranges;
  }

  void ReadEvent(const JsonValue& value, std::vector<OsvEvent>& events) {
    if (value.names.size() != 1) {
      json_.AddFault(value, "an event must have one member");
      return;
    }
    const absl::optional<OsvEvent::Kind> kind = EventKindOf(value.names.front());
    if (!kind.has_value()) {
      json_.AddFault(value.elements.front(), "is an unknown kind of event");
      return;
    }
    const absl::string_view version = json_.RequiredText(value, value.names.front());
    if (version.size() > kMaxPackageUrlBytes) {
      json_.AddFault(value, "has a version that is too long");
    }
    events.push_back({*kind, std::string(version)});
  }

  // The package's URLs. None, and a note or a fault, if there are none.
  std::vector<PackageUrl> ReadPackage(const JsonValue& value) {
    const absl::string_view ecosystem = json_.RequiredText(value, "ecosystem");
    const absl::string_view name = json_.RequiredText(value, "name");
    const absl::string_view purl = json_.Text(value, "purl");
    if (ecosystem.empty() || name.empty()) return {};
    absl::StatusOr<OsvPackage> package = OsvPackageOf(ecosystem, name);
    if (!package.ok()) {
      json_.AddFault(value, package.status().message());
      return {};
    }
    std::vector<PackageUrl> urls = std::move(package->urls);
    const bool known = !urls.empty();
    if (!purl.empty()) AddStatedUrl(value, purl, urls);
    if (urls.empty()) {
      if (json_.ok()) Note(LeftOutReason::kUnknownEcosystem, value, ecosystem);
      return {};
    }
    if (known && package->release_widened) Note(LeftOutReason::kReleaseWidened, value, ecosystem);
    if (known && package->repository_widened) {
      Note(LeftOutReason::kRepositoryWidened, value, ecosystem);
    }
    if (known && package->is_source) Note(LeftOutReason::kSourcePackage, value, name);
    return urls;
  }

  // Adds the package that `purl` names, if `urls` do not name it yet.
  void AddStatedUrl(const JsonValue& at, absl::string_view purl, std::vector<PackageUrl>& urls) {
    absl::StatusOr<PackageUrl> stated = ParsePackageUrl(purl);
    if (!stated.ok()) {
      if (urls.empty()) {
        json_.AddFault(at, stated.status().message());
      } else {
        Note(LeftOutReason::kUnreadablePackageUrl, at, purl);
      }
      return;
    }
    const absl::string_view required = RulesOfPackageUrlType(stated->type).required_qualifier;
    PackageUrl shorter;
    shorter.type = stated->type;
    shorter.namespace_ = stated->namespace_;
    shorter.name = stated->name;
    for (const auto& qualifier : stated->qualifiers) {
      if (qualifier.first == required) shorter.qualifiers.push_back(qualifier);
    }
    if (shorter != *stated) Note(LeftOutReason::kQualifiersDropped, at, purl);
    const bool is_new =
        absl::c_none_of(urls, [&](const PackageUrl& url) { return SamePackage(url, shorter); });
    if (is_new) urls.push_back(std::move(shorter));
  }

  v1::AffectedPackage& PackageFor(const PackageUrl& url) {
    const std::string text = url.Canonical();
    const auto inserted = packages_.emplace(text, entry_.packages_size());
    if (!inserted.second) return *entry_.mutable_packages(inserted.first->second);
    v1::AffectedPackage& package = *entry_.add_packages();
    package.set_package_url(text);
    return package;
  }

  void AddVersion(const PackageUrl& url, const JsonValue& version, v1::AffectedPackage& target) {
    PackageUrl exact = url;
    exact.version = version.text;
    const absl::StatusOr<PackageUrl> normal = MakePackageUrl(std::move(exact));
    if (!normal.ok() || normal->version.empty()) {
      json_.AddFault(version, "is no version of a package");
      return;
    }
    target.add_versions(normal->version);
  }

  // `first`: of several URLs of the same package, so that a note is made once.
  void AddRange(const PackageUrl& url, const Range& range, const JsonValue& at, bool first,
                v1::AffectedPackage& target) {
    const VersionOrder order = OrderOfPackageUrlType(url.type);
    const auto compare = [order](absl::string_view a, absl::string_view b) {
      return CompareVersions(order, a, b);
    };
    if (range.is_git && CanCompareAnyText(range, compare)) {
      if (first) Note(LeftOutReason::kAllVersionsAssumed, at, entry_.id());
      target.add_ranges()->set_introduced("0");
      return;
    }
    const OsvRanges paired = PairOsvEvents(range.events, compare);
    if (first && paired.mixed) Note(LeftOutReason::kMixedEvents, at, entry_.id());
    if (first && paired.unordered) Note(LeftOutReason::kUnordered, at, entry_.id());
    for (const v1::VersionRange& pair : paired.ranges) *target.add_ranges() = pair;
  }

  // Whether a commit would be compared with a version as if it were one.
  static bool CanCompareAnyText(const Range& range, VersionComparison compare) {
    return absl::c_any_of(range.events, [&](const OsvEvent& event) {
      return event.version != "0" && event.version != "*" &&
             compare(event.version, "1.0").has_value();
    });
  }

  // Each version and range once; releases of a distribution often say the same.
  static void Tidy(v1::AffectedPackage& package) {
    auto& versions = *package.mutable_versions();
    std::sort(versions.begin(), versions.end());
    versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
    absl::btree_set<std::string> seen;
    auto& ranges = *package.mutable_ranges();
    ranges.erase(std::remove_if(ranges.begin(), ranges.end(),
                                [&](const v1::VersionRange& range) {
                                  return !seen.insert(range.SerializeAsString()).second;
                                }),
                 ranges.end());
  }

  const absl::string_view source_;
  ImportReport& report_;
  JsonReader json_;
  v1::KnownBadEntry entry_;
  absl::btree_map<std::string, int> packages_;  // Canonical URL to index.
  std::vector<Part> parts_;
};

bool Same(const v1::KnownBadEntry& a, const v1::KnownBadEntry& b) {
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

}  // namespace

OsvImporter::OsvImporter(const ImportOptions& options, ImportReport& report)
    : options_(options), report_(report) {}

void OsvImporter::Add(absl::string_view source, absl::string_view bytes) {
  report_.AddRead(kAdvisories);
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(bytes);
  if (!document.ok()) {
    report_.AddMalformed(kAdvisories, source, document.status().message());
    return;
  }
  if (document->root().kind != JsonKind::kObject) {
    report_.AddMalformed(kAdvisories, source, "must be an object, one advisory");
    return;
  }
  Advisory advisory;
  advisory.source = std::string(source);
  AdvisoryReader reader(source, report_);
  advisory.entry = reader.Read(document->root(), advisory.modified);
  if (!reader.json().ok()) {
    report_.AddMalformed(kAdvisories, source, reader.json().Faults());
    return;
  }
  // A package of which no version is left, by limits or commits, is no target.
  auto& packages = *advisory.entry.mutable_packages();
  packages.erase(std::remove_if(packages.begin(), packages.end(),
                                [](const v1::AffectedPackage& package) {
                                  return package.versions().empty() && package.ranges().empty();
                                }),
                 packages.end());
  reader.Report();
  if (packages.empty()) {
    report_.AddLeftOut(kAdvisories, LeftOutReason::kNothingToMatch, source, advisory.entry.id());
    return;
  }
  Keep(std::move(advisory));
}

void OsvImporter::Keep(Advisory advisory) {
  const std::string id = advisory.entry.id();
  const auto found = advisories_.find(id);
  if (found == advisories_.end()) {
    report_.AddTaken(kAdvisories);
    advisories_.emplace(id, std::move(advisory));
    return;
  }
  Advisory& held = found->second;
  if (Same(held.entry, advisory.entry)) {
    report_.AddLeftOut(kAdvisories, LeftOutReason::kRepeated, advisory.source, id);
    return;
  }
  if (held.modified < advisory.modified) std::swap(held, advisory);
  report_.AddMalformed(
      kAdvisories, advisory.source,
      absl::StrCat("is another `", Shown(id), "` than that of ", Shown(held.source)));
}

absl::Status OsvImporter::Finish(v1::KnownBadList* list) {
  const absl::Status status = report_.ToStatus(options_);
  if (!status.ok()) return status;
  for (auto& [id, advisory] : advisories_) *list->add_entries() = std::move(advisory.entry);
  advisories_.clear();
  list->set_entry_count(static_cast<uint64_t>(list->entries_size()));
  return absl::OkStatus();
}

}  // namespace sluice
