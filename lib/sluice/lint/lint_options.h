#ifndef SLUICE_LINT_LINT_OPTIONS_H_
#define SLUICE_LINT_LINT_OPTIONS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/known_bad.h"
#include "sluice/lint/known_bad_shares.h"
#include "sluice/snapshot.h"

namespace sluice {

// A known-bad list, and what was counted of it over a corpus.
struct LintedList {
  const KnownBadList* list = nullptr;
  const KnownBadShares* shares = nullptr;  // Null: not counted.
};

struct LintOptions {
  // Ids of rules that find nothing. One that no rule has changes nothing.
  std::vector<std::string> disabled;
  // How far ahead windows have to open. Positive, finite.
  absl::Duration window_horizon = absl::Hours(24 * 366);
  // A state whose cells, series and counts are looked at; null: caps are not compared with cells,
  // and periods are taken for the shortest there are.
  const Snapshot* snapshot = nullptr;
  // Lists that the policy's blockers name; others are not looked at.
  std::vector<LintedList> known_bad;
  // The largest share of a corpus, in percent, that one advisory may concern.
  double max_share_percent = 100;
};

}  // namespace sluice

#endif  // SLUICE_LINT_LINT_OPTIONS_H_
