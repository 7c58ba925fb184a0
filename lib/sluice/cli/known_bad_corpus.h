#ifndef SLUICE_CLI_KNOWN_BAD_CORPUS_H_
#define SLUICE_CLI_KNOWN_BAD_CORPUS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/cli/environment.h"
#include "sluice/known_bad.h"
#include "sluice/lint/known_bad_shares.h"

namespace sluice {

// Asks `list` about each artifact of a corpus of bills of materials: files, directories or
// archives. What can't be checked or is missing is not matched, so that it makes no share larger.
absl::Status AskCorpus(const KnownBadList& list, const std::vector<std::string>& corpus,
                       absl::Time now, const Environment& environment, KnownBadShares& shares);

// A share of a corpus, from 0 to below 100 percent: `30` and `30%` are 30, `0.5` is half of one.
absl::optional<double> ReadPercent(absl::string_view text);

}  // namespace sluice

#endif  // SLUICE_CLI_KNOWN_BAD_CORPUS_H_
