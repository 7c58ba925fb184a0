#include "sluice/load/calendars.h"

#include <cstdint>
#include <limits>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using Calendars = absl::flat_hash_map<absl::string_view, CalendarFacts>;

Reason Check(const v1::OrganisationFacts& facts) {
  Calendars calendars;
  return LoadCalendars(facts.calendars(), calendars);
}

template <typename Change>
Reason After(const Change& change) {
  v1::OrganisationFacts facts = ValidOrganisationFacts();
  change(*facts.mutable_calendars(0));
  return Check(facts);
}

TEST(CalendarsTest, RequiredFields) {
  EXPECT_EQ(After([](auto&) {}), v1::ALL_CLEAR);
  EXPECT_EQ(After([](auto& c) { c.clear_id(); }), v1::INVALID_DATA);
  EXPECT_EQ(After([](auto& c) { c.clear_observed_at(); }), v1::INVALID_DATA);
  EXPECT_EQ(After([](auto& c) { c.clear_starts_s(); }), v1::INVALID_DATA);
  EXPECT_EQ(After([](auto& c) { c.clear_ends_s(); }), v1::INVALID_DATA);
  EXPECT_EQ(After([](auto& c) {
              c.clear_starts_s();
              c.clear_ends_s();
            }),
            v1::ALL_CLEAR);
}

TEST(CalendarsTest, IntervalsAscend) {
  EXPECT_EQ(After([](auto& c) { c.set_ends_s(0, 101); }), v1::ALL_CLEAR);
  EXPECT_EQ(After([](auto& c) { c.set_ends_s(0, 100); }), v1::INVALID_DATA);
  EXPECT_EQ(After([](auto& c) { c.set_starts_s(1, 100); }), v1::ALL_CLEAR);
  EXPECT_EQ(After([](auto& c) { c.set_starts_s(1, 99); }), v1::INVALID_DATA);
  EXPECT_EQ(After([](auto& c) { c.set_ends_s(1, std::numeric_limits<int64_t>::max()); }),
            v1::INVALID_DATA);
  EXPECT_EQ(After([](auto& c) { c.set_starts_s(1, std::numeric_limits<int64_t>::max()); }),
            v1::INVALID_DATA);
}

TEST(CalendarsTest, Limits) {
  EXPECT_EQ(After([](auto& c) { c.mutable_starts_s()->Resize(kMaxValues + 1, 0); }),
            v1::LIMIT_EXCEEDED);
  EXPECT_EQ(After([](auto& c) { c.mutable_ends_s()->Resize(kMaxValues + 1, 0); }),
            v1::LIMIT_EXCEEDED);
}

TEST(CalendarsTest, IdsAreUnique) {
  v1::OrganisationFacts facts = ValidOrganisationFacts();
  *facts.add_calendars() = facts.calendars(0);
  EXPECT_EQ(Check(facts), v1::ALL_CLEAR);
  facts.mutable_calendars(1)->set_ends_s(1, 401);
  EXPECT_EQ(Check(facts), v1::DUPLICATE_ID);
}

TEST(CalendarsTest, IntervalsAreJoined) {
  v1::OrganisationFacts facts = ValidOrganisationFacts();
  v1::Calendar& calendar = *facts.mutable_calendars(0);
  calendar.clear_starts_s();
  calendar.clear_ends_s();
  for (const int64_t start : {10, 20, 25, 40}) calendar.add_starts_s(start);
  for (const int64_t end : {20, 30, 26, 50}) calendar.add_ends_s(end);
  Calendars calendars;
  ASSERT_EQ(LoadCalendars(facts.calendars(), calendars), v1::ALL_CLEAR);
  ASSERT_EQ(calendars.count(calendar.id()), 1u);
  const CalendarFacts& loaded = calendars[calendar.id()];
  EXPECT_EQ(loaded.observed_at, absl::FromUnixSeconds(calendar.observed_at().seconds()));
  ASSERT_EQ(loaded.stretches.size(), 2u);
  EXPECT_EQ(loaded.stretches[0].begin.second, 10);
  EXPECT_EQ(loaded.stretches[0].end.second, 30);
  EXPECT_EQ(loaded.stretches[1].begin.second, 40);
  EXPECT_EQ(loaded.stretches[1].end.second, 50);
}

}  // namespace
}  // namespace sluice
