#include "sluice/known_bad/version_order.h"

#include <iterator>

#include "absl/algorithm/container.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "sluice/known_bad/debian_order.h"
#include "sluice/known_bad/gem_order.h"
#include "sluice/known_bad/maven_order.h"
#include "sluice/known_bad/pep440_order.h"
#include "sluice/known_bad/rpm_order.h"
#include "sluice/known_bad/semver_order.h"

namespace sluice {
namespace {

struct TypeOrder {
  absl::string_view type;
  VersionOrder order;
};

constexpr TypeOrder kTypes[] = {
    {"cargo", VersionOrder::kSemver}, {"deb", VersionOrder::kDebian},
    {"gem", VersionOrder::kGem},      {"golang", VersionOrder::kSemver},
    {"maven", VersionOrder::kMaven},  {"npm", VersionOrder::kSemver},
    {"pypi", VersionOrder::kPep440},  {"rpm", VersionOrder::kRpm},
};

// Where a version is, seen from a bound.
enum class Place { kUnknown = 0, kBefore, kAt, kAfter };

Place PlaceAt(VersionOrder order, absl::string_view version, absl::string_view bound) {
  const absl::optional<int> compared = CompareVersions(order, version, bound);
  if (!compared.has_value()) return Place::kUnknown;
  if (order == VersionOrder::kRpm) {
    if (OnlyFirstLacksRpmRelease(version, bound)) return Place::kUnknown;
    if (OnlyFirstLacksRpmRelease(bound, version)) return Place::kAt;
  }
  if (*compared == 0) return Place::kAt;
  return *compared < 0 ? Place::kBefore : Place::kAfter;
}

Place PlaceAtStart(VersionOrder order, const VersionRange& range, absl::string_view version) {
  return range.introduced == "0" ? Place::kAfter : PlaceAt(order, version, range.introduced);
}

Place PlaceAtEnd(VersionOrder order, const VersionRange& range, absl::string_view version) {
  using Until = VersionRange::Until;
  const bool endless =
      range.until == Until::kNever || (range.until == Until::kLimit && range.until_version == "*");
  return endless ? Place::kBefore : PlaceAt(order, version, range.until_version);
}

}  // namespace

VersionOrder OrderOfPackageUrlType(absl::string_view type) {
  const auto* found =
      absl::c_find_if(kTypes, [type](const TypeOrder& known) { return known.type == type; });
  return found == std::end(kTypes) ? VersionOrder::kNone : found->order;
}

bool IsOrderable(VersionOrder order, absl::string_view version) {
  switch (order) {
    case VersionOrder::kNone:
      return false;
    case VersionOrder::kSemver:
      return IsSemverVersion(version);
    case VersionOrder::kPep440:
      return IsPep440Version(version);
    case VersionOrder::kMaven:
      return IsMavenVersion(version);
    case VersionOrder::kDebian:
      return IsDebianVersion(version);
    case VersionOrder::kRpm:
      return IsRpmVersion(version);
    case VersionOrder::kGem:
      return IsGemVersion(version);
  }
  return false;
}

absl::optional<int> CompareVersions(VersionOrder order, absl::string_view a, absl::string_view b) {
  switch (order) {
    case VersionOrder::kNone:
      return absl::nullopt;
    case VersionOrder::kSemver:
      return CompareSemverVersions(a, b);
    case VersionOrder::kPep440:
      return ComparePep440Versions(a, b);
    case VersionOrder::kMaven:
      return CompareMavenVersions(a, b);
    case VersionOrder::kDebian:
      return CompareDebianVersions(a, b);
    case VersionOrder::kRpm:
      return CompareRpmVersions(a, b);
    case VersionOrder::kGem:
      return CompareGemVersions(a, b);
  }
  return absl::nullopt;
}

InRange Contains(VersionOrder order, const VersionRange& range, absl::string_view version) {
  if (!IsOrderable(order, version)) return InRange::kUnknown;
  const Place start = PlaceAtStart(order, range, version);
  const Place end = PlaceAtEnd(order, range, version);
  if (start == Place::kUnknown || end == Place::kUnknown) return InRange::kUnknown;
  const bool until_included = range.until == VersionRange::Until::kLastAffected;
  const bool before_end = end == Place::kBefore || (end == Place::kAt && until_included);
  return start != Place::kBefore && before_end ? InRange::kYes : InRange::kNo;
}

}  // namespace sluice
