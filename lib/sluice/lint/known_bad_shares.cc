#include "sluice/lint/known_bad_shares.h"

#include <cstdint>
#include <set>

#include "absl/status/statusor.h"

namespace sluice {

absl::Status KnownBadShares::Add(const KnownBadList& list, const KnownBadQuestion& artifact,
                                 absl::Time now) {
  const absl::StatusOr<KnownBadAnswers> answers = list.Query(artifact, now, SIZE_MAX);
  if (!answers.ok()) return answers.status();
  std::set<std::string> advisories;
  for (const KnownBadAnswer& answer : answers->answers) advisories.insert(answer.entry.id());
  ++artifacts_;
  for (const std::string& id : advisories) ++by_advisory_[id];
  return absl::OkStatus();
}

std::vector<KnownBadShares::Share> KnownBadShares::Above(double percent) const {
  std::vector<Share> above;
  for (const auto& [id, count] : by_advisory_) {
    const double share = 100 * static_cast<double>(count) / static_cast<double>(artifacts_);
    if (share > percent) above.push_back({id, count, share});
  }
  return above;
}

}  // namespace sluice
