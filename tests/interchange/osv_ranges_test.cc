#include "sluice/interchange/osv_ranges.h"

#include <algorithm>
#include <ostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "sluice/known_bad/version_order.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

std::ostream& operator<<(std::ostream& out, const OsvEvent& event) {
  return out << "ifla"[static_cast<int>(event.kind)] << event.version;
}

namespace {

using Kind = OsvEvent::Kind;

absl::optional<int> CompareSemver(absl::string_view a, absl::string_view b) {
  return CompareVersions(VersionOrder::kSemver, a, b);
}

// `i0 f1 l2 m3` are events introduced, fixed, last_affected and limit.
std::vector<OsvEvent> Events(const std::vector<std::string>& texts) {
  std::vector<OsvEvent> events;
  for (const std::string& text : texts) {
    const Kind kind = text[0] == 'i'   ? Kind::kIntroduced
                      : text[0] == 'f' ? Kind::kFixed
                      : text[0] == 'l' ? Kind::kLastAffected
                                       : Kind::kLimit;
    events.push_back({kind, text.substr(1)});
  }
  return events;
}

std::string Written(const OsvRanges& paired) {
  std::vector<std::string> texts;
  for (const v1::VersionRange& range : paired.ranges) {
    std::string until;
    if (range.has_fixed()) until = absl::StrCat("f", range.fixed());
    if (range.has_last_affected()) until = absl::StrCat("l", range.last_affected());
    if (range.has_limit()) until = absl::StrCat("m", range.limit());
    texts.push_back(absl::StrCat(range.introduced(), "..", until));
  }
  return absl::StrJoin(texts, " ");
}

struct Case {
  std::vector<std::string> events;
  std::string pairs;
  bool unordered = false;
  bool mixed = false;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << absl::StrJoin(c.events, " ");
}

class OsvRangesCase : public ::testing::TestWithParam<Case> {};

TEST_P(OsvRangesCase, Pairs) {
  const OsvRanges paired = PairOsvEvents(Events(GetParam().events), CompareSemver);
  EXPECT_EQ(Written(paired), GetParam().pairs);
  EXPECT_EQ(paired.unordered, GetParam().unordered);
  EXPECT_EQ(paired.mixed, GetParam().mixed);
}

INSTANTIATE_TEST_SUITE_P(
    All, OsvRangesCase,
    ::testing::Values(Case{{"i0"}, "0.."}, Case{{"i0", "f1"}, "0..f1"}, Case{{"f1", "i0"}, "0..f1"},
                      Case{{"i0", "l1"}, "0..l1"}, Case{{"i3", "f4", "i0", "f2"}, "0..f2 3..f4"},
                      Case{{"i10", "f11", "i9", "f9.5"}, "9..f9.5 10..f11"},
                      // Introduced again while affected, fixed again while free.
                      Case{{"i0", "i1", "f2", "f3"}, "0..f2"},
                      // Introduced after the fix: for ever.
                      Case{{"i2", "f1"}, "2.."},
                      // One version alone, and two stretches that meet.
                      Case{{"i1", "l1"}, "1..l1"}, Case{{"i0", "l1", "i1", "l2"}, "0..l1 1..l2"},
                      Case{{"i0", "f1", "i1", "f2"}, "0..f1 1..f2"},
                      // Limits.
                      Case{{"i0", "m2"}, "0..m2"}, Case{{"i0", "m2", "m3"}, "0..m3"},
                      Case{{"i0", "m2", "m*"}, "0.."}, Case{{"i0", "f1", "m2"}, "0..f1"},
                      Case{{"i0", "f3", "m2"}, "0..m2"}, Case{{"i0", "l2", "m2"}, "0..m2"},
                      Case{{"i0", "f1", "i3", "m2"}, "0..f1"}, Case{{"i3", "m2"}, ""},
                      // The schema rules these out; the wider reading.
                      Case{{"i0", "l1", "f2"}, "0..f2", false, true},
                      Case{{"i0", "f1", "l2"}, "0..l2", false, true},
                      Case{{"i0", "l1", "f2", "i3", "f4"}, "0..f2 3..f4", false, true},
                      // One version that can't be compared with the others.
                      Case{{"i0", "fabc"}, "0..fabc"}, Case{{"i1", "fabc"}, "1..fabc", true},
                      Case{{"iabc", "fdef"}, "abc..fdef", true},
                      Case{{"fdef", "iabc"}, "abc..", true},
                      Case{{"iabc", "m1", "m2"}, "abc..m1 abc..m2", true},
                      Case{{"i0", "mabc"}, "0..mabc"},
                      Case{{"i0", "m1", "mabc"}, "0..m1 0..mabc", true}));

// The evaluation of the OSV schema, as it is written there.
bool IsVulnerable(const std::string& version, std::vector<OsvEvent> events) {
  const auto order = [](const std::string& a, const std::string& b) {
    return *CompareSemver(a, b);
  };
  bool has_limit = false;
  bool before_limit = false;
  for (const OsvEvent& event : events) {
    if (event.kind != Kind::kLimit) continue;
    has_limit = true;
    if (event.version == "*" || order(version, event.version) < 0) before_limit = true;
  }
  if (has_limit && !before_limit) return false;
  std::stable_sort(events.begin(), events.end(), [&](const OsvEvent& a, const OsvEvent& b) {
    if (a.version == "*" || b.version == "*") return a.version != "*" && b.version == "*";
    return order(a.version, b.version) < 0;
  });
  bool vulnerable = false;
  for (const OsvEvent& event : events) {
    if (event.kind == Kind::kLimit) continue;
    const int relation = order(version, event.version);
    if (event.kind == Kind::kIntroduced && relation >= 0) vulnerable = true;
    if (event.kind == Kind::kFixed && relation >= 0) vulnerable = false;
    if (event.kind == Kind::kLastAffected && relation > 0) vulnerable = false;
  }
  return vulnerable;
}

bool IsIn(const std::string& version, const OsvRanges& paired) {
  const auto order = [](const std::string& a, const std::string& b) {
    return *CompareSemver(a, b);
  };
  return std::any_of(paired.ranges.begin(), paired.ranges.end(),
                     [&](const v1::VersionRange& range) {
                       if (order(version, range.introduced()) < 0) return false;
                       if (range.has_fixed()) return order(version, range.fixed()) < 0;
                       if (range.has_last_affected())
                         return order(version, range.last_affected()) <= 0;
                       if (range.has_limit()) return order(version, range.limit()) < 0;
                       return true;
                     });
}

TEST(OsvRanges, AgreeWithTheEvaluationOfTheSchema) {
  std::mt19937 random(7);
  int vulnerable = 0;
  int mixed = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<OsvEvent> events = {{Kind::kIntroduced, absl::StrCat(random() % 4)}};
    for (int i = 0, more = static_cast<int>(random() % 6); i < more; ++i) {
      const uint32_t kind = random() % 10;
      events.push_back({kind < 4   ? Kind::kIntroduced
                        : kind < 7 ? Kind::kFixed
                        : kind < 9 ? Kind::kLastAffected
                                   : Kind::kLimit,
                        absl::StrCat(random() % 12)});
    }
    if (random() % 8 == 0) events.push_back({Kind::kLimit, "*"});
    std::shuffle(events.begin(), events.end(), random);
    const OsvRanges paired = PairOsvEvents(events, CompareSemver);
    ASSERT_FALSE(paired.unordered);
    mixed += paired.mixed;
    for (int half = 0; half < 28; ++half) {
      const std::string version = absl::StrCat(half / 2, ".", half % 2);
      const bool expected = IsVulnerable(version, events);
      const bool actual = IsIn(version, paired);
      vulnerable += expected;
      // Never less; more only where two kinds of end are mixed.
      if (expected || !paired.mixed) {
        ASSERT_EQ(actual, expected) << version << " in " << ::testing::PrintToString(events);
      }
    }
  }
  EXPECT_GT(vulnerable, 50000);
  EXPECT_GT(mixed, 500);
}

}  // namespace
}  // namespace sluice
