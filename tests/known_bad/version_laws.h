#ifndef SLUICE_TESTS_KNOWN_BAD_VERSION_LAWS_H_
#define SLUICE_TESTS_KNOWN_BAD_VERSION_LAWS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// The functions of the order under test.
struct OrderUnderTest {
  bool (*is_version)(absl::string_view);
  absl::optional<int> (*compare)(absl::string_view, absl::string_view);
};

// Expects that each of `ascending` is before all that follow it, in both directions.
void ExpectAscending(const OrderUnderTest& order, const std::vector<std::string>& ascending);

// Expects that all of `same` have the same place.
void ExpectSamePlace(const OrderUnderTest& order, const std::vector<std::string>& same);

// Expects that none of `texts` is a version and that none is compared.
void ExpectNoVersions(const OrderUnderTest& order, const std::vector<std::string>& texts);

// Expects of random texts joined from `pieces`, and of such texts damaged, that `order` is
// reflexive, antisymmetric and transitive on versions and silent on all else, and that the random
// texts reach both. The same texts every time.
void ExpectLawsOnTextsOf(const OrderUnderTest& order, const std::vector<std::string>& pieces);

// Expects the laws of long texts, of 1 MiB each and repeating any one of `pieces`. An order that
// takes time quadratic in their length does not come to an end.
void ExpectLawsOnLongTexts(const OrderUnderTest& order, const std::vector<std::string>& pieces);

}  // namespace sluice

#endif  // SLUICE_TESTS_KNOWN_BAD_VERSION_LAWS_H_
