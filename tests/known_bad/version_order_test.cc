#include "sluice/known_bad/version_order.h"

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

using Until = VersionRange::Until;

constexpr VersionOrder kOrders[] = {VersionOrder::kSemver, VersionOrder::kPep440,
                                    VersionOrder::kMaven,  VersionOrder::kDebian,
                                    VersionOrder::kRpm,    VersionOrder::kGem};

InRange InSemver(const VersionRange& range, absl::string_view version) {
  return Contains(VersionOrder::kSemver, range, version);
}

TEST(VersionOrder, OfPackageUrlTypes) {
  EXPECT_EQ(OrderOfPackageUrlType("cargo"), VersionOrder::kSemver);
  EXPECT_EQ(OrderOfPackageUrlType("golang"), VersionOrder::kSemver);
  EXPECT_EQ(OrderOfPackageUrlType("npm"), VersionOrder::kSemver);
  EXPECT_EQ(OrderOfPackageUrlType("pypi"), VersionOrder::kPep440);
  EXPECT_EQ(OrderOfPackageUrlType("maven"), VersionOrder::kMaven);
  EXPECT_EQ(OrderOfPackageUrlType("deb"), VersionOrder::kDebian);
  EXPECT_EQ(OrderOfPackageUrlType("rpm"), VersionOrder::kRpm);
  EXPECT_EQ(OrderOfPackageUrlType("gem"), VersionOrder::kGem);
  for (absl::string_view type : {"", "NPM", "generic", "nuget", "composer", "apk", "np", "npmx"}) {
    EXPECT_EQ(OrderOfPackageUrlType(type), VersionOrder::kNone) << type;
  }
}

// Texts on which the orders differ tell which one was asked.
TEST(VersionOrder, AsksTheRightOrder) {
  EXPECT_EQ(CompareVersions(VersionOrder::kSemver, "1.0.0-r100", "1.0.0-r2"), -1);
  EXPECT_EQ(CompareVersions(VersionOrder::kPep440, "1.0-r100", "1.0-r2"), 1);
  EXPECT_EQ(CompareVersions(VersionOrder::kMaven, "1.0.Final", "1"), 0);
  EXPECT_EQ(CompareVersions(VersionOrder::kDebian, "1.0~rc", "1.0"), -1);
  EXPECT_EQ(CompareVersions(VersionOrder::kRpm, "1.0^git", "1.0"), 1);
  EXPECT_EQ(CompareVersions(VersionOrder::kGem, "1.0-1", "1.0"), -1);
}

TEST(VersionOrder, ComparesWhatIsOrderable) {
  for (const VersionOrder order : kOrders) {
    for (absl::string_view version : {"", "1.0", "1.0-", "latest", "1 0", "1.0~1", "1.0.post1"}) {
      EXPECT_EQ(CompareVersions(order, version, version).has_value(), IsOrderable(order, version))
          << version;
      EXPECT_EQ(CompareVersions(order, version, "1.0").has_value(), IsOrderable(order, version))
          << version;
    }
    EXPECT_FALSE(IsOrderable(order, ""));
    EXPECT_TRUE(IsOrderable(order, "1.0"));
  }
}

TEST(VersionOrder, NoneOrdersNothing) {
  EXPECT_FALSE(IsOrderable(VersionOrder::kNone, "1.0"));
  EXPECT_EQ(CompareVersions(VersionOrder::kNone, "1.0", "1.0"), absl::nullopt);
  EXPECT_EQ(Contains(VersionOrder::kNone, {"0", Until::kNever, ""}, "1.0"), InRange::kUnknown);
}

TEST(VersionRange, IntroducedIsIncluded) {
  const VersionRange range = {"1.0.0", Until::kNever, ""};
  EXPECT_EQ(InSemver(range, "0.9.9"), InRange::kNo);
  EXPECT_EQ(InSemver(range, "1.0.0-rc.1"), InRange::kNo);
  EXPECT_EQ(InSemver(range, "1.0.0"), InRange::kYes);
  EXPECT_EQ(InSemver(range, "999.0.0"), InRange::kYes);
}

TEST(VersionRange, ZeroIsBeforeEverything) {
  const VersionRange range = {"0", Until::kFixed, "1"};
  EXPECT_EQ(InSemver(range, "0.0.0-0"), InRange::kYes);
  EXPECT_EQ(InSemver({"0.0.0", Until::kFixed, "1"}, "0.0.0-0"), InRange::kNo);
  EXPECT_EQ(Contains(VersionOrder::kPep440, range, "0.dev0"), InRange::kYes);
  EXPECT_EQ(Contains(VersionOrder::kMaven, range, "Finchley.RELEASE"), InRange::kYes);
  EXPECT_EQ(Contains(VersionOrder::kDebian, range, "0~~"), InRange::kYes);
  EXPECT_EQ(Contains(VersionOrder::kRpm, range, "~~"), InRange::kYes);
  EXPECT_EQ(Contains(VersionOrder::kGem, range, "0.a"), InRange::kYes);
}

TEST(VersionRange, FixedIsExcluded) {
  const VersionRange range = {"0", Until::kFixed, "1.2.3"};
  EXPECT_EQ(InSemver(range, "1.2.3-rc.1"), InRange::kYes);
  EXPECT_EQ(InSemver(range, "1.2.3"), InRange::kNo);
  EXPECT_EQ(InSemver(range, "1.2.3+build"), InRange::kNo);
}

TEST(VersionRange, LastAffectedIsIncluded) {
  const VersionRange range = {"0", Until::kLastAffected, "1.2.3"};
  EXPECT_EQ(InSemver(range, "1.2.3"), InRange::kYes);
  EXPECT_EQ(InSemver(range, "1.2.3+build"), InRange::kYes);
  EXPECT_EQ(InSemver(range, "1.2.4-0"), InRange::kNo);
}

TEST(VersionRange, LimitIsExcluded) {
  const VersionRange range = {"1", Until::kLimit, "2"};
  EXPECT_EQ(InSemver(range, "1.9.9"), InRange::kYes);
  EXPECT_EQ(InSemver(range, "2.0.0"), InRange::kNo);
}

TEST(VersionRange, LimitStarIsNone) {
  EXPECT_EQ(InSemver({"1", Until::kLimit, "*"}, "999.0.0"), InRange::kYes);
  EXPECT_EQ(InSemver({"1", Until::kLimit, "*"}, "0.9.0"), InRange::kNo);
  EXPECT_EQ(InSemver({"1", Until::kFixed, "*"}, "2.0.0"), InRange::kUnknown);
  EXPECT_EQ(InSemver({"1", Until::kLastAffected, "*"}, "2.0.0"), InRange::kUnknown);
}

TEST(VersionRange, EmptyRangesContainNothing) {
  for (absl::string_view version : {"0.9.0", "1.0.0", "1.5.0", "2.0.0", "2.1.0"}) {
    EXPECT_EQ(InSemver({"2.0.0", Until::kFixed, "1.0.0"}, version), InRange::kNo) << version;
    EXPECT_EQ(InSemver({"2.0.0", Until::kFixed, "2.0.0"}, version), InRange::kNo) << version;
    EXPECT_EQ(InSemver({"2.0.0", Until::kLimit, "2.0.0"}, version), InRange::kNo) << version;
    EXPECT_EQ(InSemver({"2.0.0", Until::kLastAffected, "1.0.0"}, version), InRange::kNo);
  }
  EXPECT_EQ(InSemver({"2.0.0", Until::kLastAffected, "2.0.0"}, "2.0.0"), InRange::kYes);
}

TEST(VersionRange, BoundOfNeverMeansNothing) {
  EXPECT_EQ(InSemver({"1", Until::kNever, "1.0.0"}, "2.0.0"), InRange::kYes);
  EXPECT_EQ(InSemver({"1", Until::kNever, "nonsense"}, "2.0.0"), InRange::kYes);
}

TEST(VersionRange, UnorderableVersionIsUnknown) {
  for (absl::string_view version : {"", "latest", "^1.0", "1.0.0 "}) {
    EXPECT_EQ(InSemver({"0", Until::kNever, ""}, version), InRange::kUnknown) << version;
    EXPECT_EQ(InSemver({"0", Until::kLimit, "*"}, version), InRange::kUnknown) << version;
    EXPECT_EQ(InSemver({"1", Until::kFixed, "2"}, version), InRange::kUnknown) << version;
    EXPECT_EQ(InSemver({"2", Until::kFixed, "1"}, version), InRange::kUnknown) << version;
  }
}

TEST(VersionRange, UnorderableBoundIsUnknownWhateverTheOtherSays) {
  for (absl::string_view version : {"0.1.0", "1.0.0", "9.0.0"}) {
    EXPECT_EQ(InSemver({"", Until::kNever, ""}, version), InRange::kUnknown) << version;
    EXPECT_EQ(InSemver({"x", Until::kFixed, "1"}, version), InRange::kUnknown) << version;
    EXPECT_EQ(InSemver({"1", Until::kFixed, ""}, version), InRange::kUnknown) << version;
    EXPECT_EQ(InSemver({"1", Until::kFixed, "x"}, version), InRange::kUnknown) << version;
    EXPECT_EQ(InSemver({"1", Until::kLastAffected, "x"}, version), InRange::kUnknown) << version;
    EXPECT_EQ(InSemver({"0", Until::kLimit, "x"}, version), InRange::kUnknown) << version;
  }
}

TEST(VersionRange, RpmVersionWithoutReleaseMayBeAnyRelease) {
  const VersionOrder rpm = VersionOrder::kRpm;
  EXPECT_EQ(Contains(rpm, {"1-2", Until::kNever, ""}, "1"), InRange::kUnknown);
  EXPECT_EQ(Contains(rpm, {"0", Until::kFixed, "1-2"}, "1"), InRange::kUnknown);
  EXPECT_EQ(Contains(rpm, {"0", Until::kLastAffected, "1-2"}, "1"), InRange::kUnknown);
  EXPECT_EQ(Contains(rpm, {"0", Until::kFixed, "1-2"}, "0.9"), InRange::kYes);
  EXPECT_EQ(Contains(rpm, {"0", Until::kFixed, "1-2"}, "1.1"), InRange::kNo);
  EXPECT_EQ(Contains(rpm, {"0", Until::kFixed, "1-2"}, "1:1"), InRange::kNo);
}

TEST(VersionRange, RpmBoundWithoutReleaseMeansAllReleases) {
  const VersionOrder rpm = VersionOrder::kRpm;
  EXPECT_EQ(Contains(rpm, {"1", Until::kNever, ""}, "1-0"), InRange::kYes);
  EXPECT_EQ(Contains(rpm, {"0", Until::kLastAffected, "1"}, "1-9"), InRange::kYes);
  EXPECT_EQ(Contains(rpm, {"0", Until::kFixed, "1"}, "1-0"), InRange::kNo);
  EXPECT_EQ(Contains(rpm, {"0", Until::kLastAffected, "1"}, "1.1-1"), InRange::kNo);
}

// Every range and version: known exactly if all three texts are orderable, and then as the
// definition says.
TEST(VersionRange, AgreesWithItsDefinition) {
  const std::string texts[] = {"0", "0.1", "1-1", "1-2", "2-1", "10-1", "", "^1"};
  for (const VersionOrder order : kOrders) {
    for (const std::string& from : texts) {
      for (const std::string& to : texts) {
        for (absl::string_view version : {"0.1", "1-1", "1-2", "2-1"}) {
          const auto from_order = CompareVersions(order, version, from);
          const auto to_order = CompareVersions(order, version, to);
          const InRange got = Contains(order, {from, Until::kFixed, to}, version);
          if (!IsOrderable(order, version) || !to_order.has_value() ||
              (from != "0" && !from_order.has_value())) {
            EXPECT_EQ(got, InRange::kUnknown) << from << " " << to << " " << version;
          } else {
            const bool in = (from == "0" || *from_order >= 0) && *to_order < 0;
            EXPECT_EQ(got, in ? InRange::kYes : InRange::kNo)
                << from << " " << to << " " << version;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace sluice
