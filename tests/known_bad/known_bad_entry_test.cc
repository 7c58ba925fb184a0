#include "sluice/known_bad/known_bad_entry.h"

#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/package_url.h"
#include "sluice/known_bad/version_order.h"

namespace sluice {
namespace {

const absl::Time kFrom = absl::FromUnixSeconds(1'700'000'000);

TEST(KnownBadEntry, EveryFieldCountsInComparison) {
  KnownBadEntry base;
  base.advisory_id = "A-1";
  std::vector<KnownBadEntry> others(12, base);
  others[0].advisory_id = "A-2";
  others[1].url = "u";
  others[2].reason = "r";
  others[3].severity = Severity::kLow;
  others[4].added_at = kFrom;
  others[5].effective_from = kFrom;
  others[6].withdrawn_at = kFrom;
  others[7].aliases = {"x"};
  others[8].digests = {Digest()};
  others[9].exact = {PackageUrl()};
  others[10].packages = {KnownBadPackage{PackageUrl(), {"1"}, {}}};
  others[11].packages = {
      KnownBadPackage{PackageUrl(), {}, {{"1", VersionRange::Until::kFixed, "2"}}}};
  EXPECT_TRUE(base == base);
  EXPECT_FALSE(base < base);
  for (const KnownBadEntry& other : others) {
    EXPECT_FALSE(base == other);
    EXPECT_NE(base < other, other < base);
  }
  EXPECT_TRUE(base < others[0]);
}

}  // namespace
}  // namespace sluice
