#ifndef SLUICE_LINT_KNOWN_BAD_SHARES_H_
#define SLUICE_LINT_KNOWN_BAD_SHARES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "sluice/known_bad.h"

namespace sluice {

// How many artifacts of a corpus each advisory of a list concerns.
class KnownBadShares {
 public:
  struct Share {
    std::string advisory;
    uint64_t artifacts = 0;
    double percent = 0;  // Of the corpus.
  };

  // Asks `list` about one more artifact, with the entries in force at `now`. Errors as
  // KnownBadList::Query; nothing is counted then.
  absl::Status Add(const KnownBadList& list, const KnownBadQuestion& artifact, absl::Time now);

  // How many artifacts were asked about.
  uint64_t artifacts() const { return artifacts_; }

  // The advisories that concern more than that share of the artifacts, by id.
  std::vector<Share> Above(double percent) const;

 private:
  uint64_t artifacts_ = 0;
  std::map<std::string, uint64_t> by_advisory_;
};

}  // namespace sluice

#endif  // SLUICE_LINT_KNOWN_BAD_SHARES_H_
