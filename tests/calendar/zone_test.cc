#include "sluice/calendar/zone.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/calendar/at.h"

namespace sluice {
namespace {

constexpr const char* kZones[] = {
    "UTC",
    "Etc/GMT+12",
    "Etc/GMT-14",
    "EST5EDT",
    "Africa/Abidjan",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "Africa/Johannesburg",
    "Africa/Juba",
    "Africa/Lagos",
    "Africa/Monrovia",
    "America/Anchorage",
    "America/Asuncion",
    "America/Bogota",
    "America/Caracas",
    "America/Chicago",
    "America/Havana",
    "America/Juneau",
    "America/Los_Angeles",
    "America/Mexico_City",
    "America/Metlakatla",
    "America/New_York",
    "America/Nuuk",
    "America/Port-au-Prince",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Scoresbysund",
    "America/St_Johns",
    "Antarctica/Casey",
    "Antarctica/Troll",
    "Antarctica/Vostok",
    "Asia/Amman",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Kabul",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Manila",
    "Asia/Pyongyang",
    "Asia/Shanghai",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Australia/Eucla",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Europe/Lisbon",
    "Europe/London",
    "Europe/Moscow",
    "Europe/Volgograd",
    "Pacific/Apia",
    "Pacific/Auckland",
    "Pacific/Bougainville",
    "Pacific/Chatham",
    "Pacific/Easter",
    "Pacific/Fakaofo",
    "Pacific/Fiji",
    "Pacific/Guam",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
    "Pacific/Marquesas",
    "Pacific/Norfolk",
    "Pacific/Tongatapu",
};

constexpr int64_t kYear1 = -62135596800;
constexpr int64_t kYear10400 = 265000000000;

TEST(Zone, AgreesWithAbslEverywhere) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int64_t> any(kYear1, kYear10400);
  for (const char* name : kZones) {
    const absl::StatusOr<Zone> zone = Zone::Load(name);
    ASSERT_TRUE(zone.ok()) << zone.status();
    EXPECT_EQ(zone->name(), name);
    absl::TimeZone source;
    ASSERT_TRUE(absl::LoadTimeZone(name, &source));
    const auto expect_same = [&](int64_t second) {
      ASSERT_EQ(zone->OffsetAt(second), source.At(absl::FromUnixSeconds(second)).offset)
          << name << " " << second;
    };
    for (int i = 0; i < 500; ++i) expect_same(any(random));
    int64_t end = kYear1;
    zone->VisitSegments(kYear1, kYear10400, [&](const Zone::Segment& segment) {
      EXPECT_EQ(segment.begin, end);
      EXPECT_LT(segment.begin, segment.end);
      end = segment.end;
      for (int64_t second : {segment.begin - 1, segment.begin, segment.begin + 1,
                             (segment.begin + segment.end) / 2, segment.end - 1}) {
        expect_same(second);
      }
    });
    EXPECT_EQ(end, kYear10400);
  }
}

TEST(Zone, IsConstantBeforeAndRepeatsAfter) {
  for (const char* name : kZones) {
    const Zone zone = *Zone::Load(name);
    for (int i = 0; i < 100; ++i) {
      const int64_t before = zone.constant_before() - 1 - i * int64_t{100000000};
      EXPECT_EQ(zone.OffsetAt(before), zone.OffsetAt(kYear1)) << name;
      const int64_t after = zone.repeats_from() + i * int64_t{7654321};
      EXPECT_EQ(zone.OffsetAt(after), zone.OffsetAt(after + kSecondsPerCycle)) << name;
      EXPECT_EQ(zone.OffsetAt(after), zone.OffsetAt(after + 7 * kSecondsPerCycle)) << name;
    }
  }
}

TEST(Zone, ChangesAtTheSecond) {
  const Zone zone = *Zone::Load("Europe/Berlin");
  const int64_t spring = absl::ToUnixSeconds(At("2026-03-29T01:00:00Z"));
  EXPECT_EQ(zone.OffsetAt(spring - 1), 3600);
  EXPECT_EQ(zone.OffsetAt(spring), 7200);
  EXPECT_EQ(zone.SegmentAt(spring - 1).end, spring);
  EXPECT_EQ(zone.SegmentAt(spring).begin, spring);
}

TEST(ZoneLoad, RefusesWhatIsNoIanaName) {
  for (const char* name : {"",
                           "/",
                           "/Europe/Berlin",
                           ":Europe/Berlin",
                           "Europe/Berlin/",
                           "Europe//Berlin",
                           "localtime",
                           "posixrules",
                           "Factory",
                           "Fixed/UTC+05:00:00",
                           "posix/Europe/Berlin",
                           "right/Europe/Berlin",
                           "../Europe/Berlin",
                           "Europe/../Europe/Berlin",
                           "./UTC",
                           "UTC ",
                           " UTC",
                           "UTC\n",
                           "Europe/B\xc3",
                           "zone.tab",
                           "tzdata.zi",
                           "+01:00",
                           "GMT+01:00",
                           "<+01>-1",
                           "file:UTC"}) {
    EXPECT_EQ(Zone::Load(name).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(Zone::Load(absl::string_view("UTC\0", 4)).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Zone::Load(std::string(65, 'A')).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ZoneLoad, NeverFallsBackToUtc) {
  for (const char* name : {"Europe/Atlantis", "utc", "Europe", "Nowhere", "europe/berlin"}) {
    EXPECT_EQ(Zone::Load(name).status().code(), absl::StatusCode::kNotFound) << name;
  }
}

std::string Fingerprint(const char* name) {
  std::string bytes;
  Zone::Load(name)->AppendFingerprint(&bytes);
  return bytes;
}

TEST(ZoneFingerprint, IsTheOffsetsFrom1970To2100) {
  EXPECT_EQ(Fingerprint("Europe/Berlin"), Fingerprint("Europe/Berlin"));
  EXPECT_NE(Fingerprint("Europe/Berlin"), Fingerprint("Europe/Paris"));
  EXPECT_NE(Fingerprint("Asia/Tokyo"), Fingerprint("Asia/Seoul"));
  std::string utc("\0\0\0\0\0\0\0\x03UTC", 11);
  utc.append("\0\0\0\0\0\0\0\x01", 8);
  utc.append(16, '\0');
  EXPECT_EQ(Fingerprint("UTC"), utc);
  // Tokyo has not changed its clocks since 1951: one entry, +9 h.
  std::string tokyo(
      "\0\0\0\0\0\0\0\x0a"
      "Asia/Tokyo",
      18);
  tokyo.append("\0\0\0\0\0\0\0\x01", 8);
  tokyo.append(8, '\0');
  tokyo.append("\0\0\0\0\0\0\x7e\x90", 8);
  EXPECT_EQ(Fingerprint("Asia/Tokyo"), tokyo);
}

TEST(ZoneFingerprint, Appends) {
  std::string bytes = "before";
  Zone::Load("UTC")->AppendFingerprint(&bytes);
  EXPECT_EQ(bytes, "before" + Fingerprint("UTC"));
}

}  // namespace
}  // namespace sluice
