#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/known_bad_input.h"
#include "sluice/known_bad.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

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
