#include "sluice/load/calendars.h"

#include <cstdint>
#include <limits>

#include "gtest/gtest.h"
#include "sluice/finding.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

template <typename Change>
Reason After(const Change& change) {
  v1::OrganisationFacts facts = ValidOrganisationFacts();
  change(*facts.mutable_calendars(0));
  return CheckCalendars(facts.calendars());
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
}

TEST(CalendarsTest, IdsAreUnique) {
  v1::OrganisationFacts facts = ValidOrganisationFacts();
  *facts.add_calendars() = facts.calendars(0);
  EXPECT_EQ(CheckCalendars(facts.calendars()), v1::ALL_CLEAR);
  facts.mutable_calendars(1)->set_ends_s(1, 401);
  EXPECT_EQ(CheckCalendars(facts.calendars()), v1::DUPLICATE_ID);
}

}  // namespace
}  // namespace sluice
