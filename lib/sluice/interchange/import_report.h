#ifndef SLUICE_INTERCHANGE_IMPORT_REPORT_H_
#define SLUICE_INTERCHANGE_IMPORT_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice {

// How every import treats what it can't read.
struct ImportOptions {
  // A malformed entry fails the import, unless this is set: then it is listed and the rest is
  // taken.
  bool keep_going = false;
};

// Why something of the input is not in the result, or not as it was written.
enum class LeftOutReason {
  kUnspecified = 0,
  // Files.
  kNotJson,
  kNotAFile,
  // Any format.
  kRepeated,
  // Advisories.
  kNothingToMatch,
  kNoPackage,
  kUnknownEcosystem,
  kGitRange,
  kReleaseWidened,
  kRepositoryWidened,
  kSourcePackage,
  kQualifiersDropped,
  kUnreadablePackageUrl,
  kAllVersionsAssumed,
  kMixedEvents,
  kUnordered,
  kNotRated,
  kAliasNotIdentifier,
  // Components.
  kUncheckable,
  kArtifactItself,
  kUnreadableUrlHolds,
  kOtherHash,
  kService,
  kLinkedBom,
  kIncompleteInventory,
  kCompletenessUnknown,
  // Alarms.
  kNameNotIdentifier,
  kEvaluationImpaired,
  kSilenced,
  kResolved,
  kScopeUnreadable,
  kOtherAlarmKind,
  // Calendars.
  kNotAnEvent,
  kCancelled,
  kTransparent,
  kNoLength,
  kSuperseded,
  kOutsideHorizon,
  kGoesOn,
  kTimeZoneDefinition,
};

// The reason in capitals, such as `GIT_RANGE`.
absl::string_view LeftOutReasonName(LeftOutReason reason);

// The reason as a sentence without capital and full stop.
absl::string_view LeftOutReasonText(LeftOutReason reason);

// How many entries of one kind there were and what became of them. A report is complete if `read`
// is the sum of the other three.
struct ImportCounts {
  uint64_t read = 0;
  uint64_t taken = 0;
  uint64_t left_out = 0;
  uint64_t malformed = 0;
};

// What an import took, what it left out and why.
//
// Entries (advisories, components, alarms, ...) are counted by kind. Parts of entries that were
// taken (one range, one hash) are only counted by reason. Totals are exact; the first places of
// each reason are kept with text, so memory does not grow with the input. Texts are for people,
// shortened and without control characters.
class ImportReport {
 public:
  // The places that are kept with text, of each reason and of malformed entries.
  static constexpr size_t kMaxPlaces = 100;

  struct Place {
    std::string where;  // The input's name and a path in it, such as `a.json: affected[0].package`.
    std::string what;   // The id or name it has there, or what is wrong with it.
  };
  struct Group {
    uint64_t total = 0;
    std::vector<Place> places;  // The first ones.
  };
  struct Reason {
    LeftOutReason reason = LeftOutReason::kUnspecified;
    bool whole = false;  // Entries were left out; else parts of entries.

    friend bool operator<(const Reason& a, const Reason& b) {
      return std::make_pair(!a.whole, a.reason) < std::make_pair(!b.whole, b.reason);
    }
  };

  // `kind` is a plural, such as `advisories`.
  void AddRead(absl::string_view kind, uint64_t count = 1) { Counts(kind).read += count; }
  void AddTaken(absl::string_view kind, uint64_t count = 1) { Counts(kind).taken += count; }
  void AddLeftOut(absl::string_view kind, LeftOutReason reason, absl::string_view where,
                  absl::string_view what);
  void AddLeftOutPart(LeftOutReason reason, absl::string_view where, absl::string_view what);
  void AddMalformed(absl::string_view kind, absl::string_view where, absl::string_view what);

  // By kind. A kind of which nothing was read is absent.
  const absl::btree_map<std::string, ImportCounts>& counts() const { return counts_; }
  ImportCounts CountsOf(absl::string_view kind) const;
  // Whole entries first.
  const absl::btree_map<Reason, Group>& left_out() const { return left_out_; }
  // How often `reason` was given, for entries and parts together.
  uint64_t LeftOutFor(LeftOutReason reason) const;
  const Group& malformed() const { return malformed_; }

  // Whether every entry read was taken, left out or malformed.
  bool IsComplete() const;

  // OK unless there is a malformed entry that `options` does not let pass. Else InvalidArgument:
  // one line for each malformed entry, by place, and how many more there are.
  absl::Status ToStatus(const ImportOptions& options) const;

 private:
  ImportCounts& Counts(absl::string_view kind);

  absl::btree_map<std::string, ImportCounts> counts_;
  absl::btree_map<Reason, Group> left_out_;
  Group malformed_;
};

// The report as lines of text for a terminal of 80 columns; only a word longer than that is longer.
std::vector<std::string> RenderImportReport(const ImportReport& report);

// `text` as it can be shown: control characters and bytes that are not UTF-8 escaped, at most about
// 200 bytes of it.
std::string Shown(absl::string_view text);

}  // namespace sluice

#endif  // SLUICE_INTERCHANGE_IMPORT_REPORT_H_
