// [K1] to [K5]: is the artifact on a list? Ranges are compared in the orders of semver (npm, cargo,
// golang) and Debian alone; of other ecosystems this model knows no order and says VERSION_UNKNOWN,
// so don't ask it about ranges, or listed versions that are equal and not the same, of those.
#ifndef TESTS_REFERENCE_KNOWN_BAD_H_
#define TESTS_REFERENCE_KNOWN_BAD_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/reference/facts.h"

namespace sluice {
namespace reference {

struct KnownBadAnswer {
  Judgement judgement;
  // An entry of a list matches, however old the list is.
  bool match = false;
  // Every list with a match may be overridden [K5].
  bool overridable = false;
};

KnownBadAnswer JudgeKnownBad(const Facts& facts, const v1::KnownBad& blocker,
                             absl::string_view artifact);

// [K4] By its builders.
bool IsWithdrawn(const Facts& facts, absl::string_view artifact);

// Below 0, 0 or above 0; nothing where one of the two has no place in the order.
absl::optional<int> CompareSemver(absl::string_view left, absl::string_view right);
absl::optional<int> CompareDebian(absl::string_view left, absl::string_view right);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_KNOWN_BAD_H_
