#include "sluice/organisation.h"

#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/internal/limits.h"
#include "sluice/load/record_count.h"
#include "sluice/snapshot.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/dump.h"
#include "tests/load/faults_after.h"
#include "tests/load/message_sites.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

template <typename Change>
FaultTexts After(const Change& change) {
  v1::OrganisationFacts facts = ValidOrganisationFacts();
  change(facts);
  return Faults(*Organisation::Load(facts).data());
}

constexpr char kInvalid[] = "INVALID_DATA organisation";

TEST(OrganisationTest, NoneIsNotPresent) {
  const Organisation none;
  ASSERT_NE(none.data(), nullptr);
  EXPECT_FALSE(none.data()->present);
  EXPECT_EQ(none.data()->emergency, v1::EmergencyStop::STATE_UNSPECIFIED);
  EXPECT_EQ(none.data()->emergency_observed_at, absl::InfinitePast());
}

TEST(OrganisationTest, ReadsEveryField) {
  const v1::OrganisationFacts facts = ValidOrganisationFacts();
  const Organisation organisation = Organisation::Load(facts);
  const OrganisationData& data = *organisation.data();
  EXPECT_TRUE(data.present);
  EXPECT_EQ(data.fault, v1::ALL_CLEAR);
  EXPECT_EQ(data.id, "acme");
  EXPECT_EQ(data.epoch, 3u);
  EXPECT_EQ(data.observed_at, absl::FromUnixSeconds(9000));
  EXPECT_EQ(data.emergency, v1::EmergencyStop::CLEAR);
  EXPECT_EQ(data.emergency_observed_at, absl::FromUnixSeconds(9000));
  EXPECT_EQ(data.holds.size(), 2u);
  ASSERT_EQ(data.alarms.size(), 1u);
  EXPECT_EQ(data.alarms.at(SignalKey{"backbone", "", "eu-1"}).state, v1::AlarmReport::OK);
}

TEST(OrganisationTest, RequiredFields) {
  EXPECT_THAT(After([](auto&) {}), IsEmpty());
  EXPECT_THAT(After([](auto& f) { f.clear_schema_version(); }), ElementsAre(kInvalid));
  EXPECT_THAT(After([](auto& f) { f.clear_id(); }), ElementsAre(kInvalid));
  EXPECT_THAT(After([](auto& f) { f.clear_epoch(); }), ElementsAre(kInvalid));
  EXPECT_THAT(After([](auto& f) { f.clear_observed_at(); }), ElementsAre(kInvalid));
  EXPECT_THAT(After([](auto& f) { f.clear_calendars(); }), IsEmpty());
  EXPECT_THAT(After([](auto& f) { f.clear_holds(); }), IsEmpty());
}

TEST(OrganisationTest, ANewerSchemaGoesBeforeEverything) {
  EXPECT_THAT(After([](auto& f) {
                f.set_schema_version(2);
                f.clear_id();
              }),
              ElementsAre("SCHEMA_TOO_NEW organisation"));
}

TEST(OrganisationTest, RecordCountNoticesACut) {
  EXPECT_THAT(After([](auto& f) { f.set_record_count(RecordCount(f)); }), IsEmpty());
  EXPECT_THAT(After([](auto& f) {
                f.set_record_count(RecordCount(f));
                f.mutable_holds()->RemoveLast();
              }),
              ElementsAre("STATE_CUT organisation"));
}

TEST(OrganisationTest, TooManyRecordsExceedTheLimit) {
  v1::OrganisationFacts facts = ValidOrganisationFacts();
  while (facts.holds_size() <= kMaxRecords) *facts.add_holds() = facts.holds(0);
  EXPECT_THAT(Faults(*Organisation::Load(facts).data()),
              ElementsAre("LIMIT_EXCEEDED organisation"));
}

TEST(OrganisationTest, WithoutAnEmergencyStopNothingIsClear) {
  v1::OrganisationFacts facts = ValidOrganisationFacts();
  facts.clear_emergency_stop();
  const Organisation organisation = Organisation::Load(facts);
  EXPECT_EQ(organisation.data()->emergency, v1::EmergencyStop::STATE_UNSPECIFIED);
  EXPECT_EQ(organisation.data()->fault, v1::ALL_CLEAR);
}

TEST(OrganisationTest, AnInvalidEmergencyStopIsNeverClear) {
  const auto change = [](auto alter) {
    v1::OrganisationFacts facts = ValidOrganisationFacts();
    alter(*facts.mutable_emergency_stop());
    const Organisation organisation = Organisation::Load(facts);
    EXPECT_NE(organisation.data()->emergency, v1::EmergencyStop::CLEAR);
    return organisation.data()->fault;
  };
  using Stop = v1::EmergencyStop;
  EXPECT_EQ(change([](Stop& s) { s.clear_state(); }), v1::INVALID_DATA);
  EXPECT_EQ(change([](Stop& s) { s.set_state(static_cast<Stop::State>(3)); }), v1::INVALID_DATA);
  EXPECT_EQ(change([](Stop& s) { s.clear_observed_at(); }), v1::INVALID_DATA);
  EXPECT_EQ(change([](Stop& s) { s.mutable_observed_at()->set_nanos(-1); }), v1::INVALID_DATA);
  EXPECT_EQ(change([](Stop& s) { s.GetReflection()->MutableUnknownFields(&s)->AddVarint(9, 1); }),
            v1::UNKNOWN_FIELD);
  EXPECT_EQ(change([](Stop& s) { s.set_state(Stop::STOPPED); }), v1::ALL_CLEAR);
}

TEST(OrganisationTest, AnInvalidRecordIsNamedWhereItCanBe) {
  EXPECT_THAT(After([](auto& f) { f.mutable_alarms(0)->clear_since(); }),
              ElementsAre("INVALID_DATA alarm backbone//eu-1"));
  EXPECT_THAT(After([](auto& f) { f.mutable_alarms(0)->clear_alarm(); }), ElementsAre(kInvalid));
  EXPECT_THAT(After([](auto& f) { f.mutable_holds(0)->clear_who(); }),
              ElementsAre("INVALID_DATA hold h1"));
  EXPECT_THAT(After([](auto& f) { f.mutable_holds(0)->clear_pipeline(); }), ElementsAre(kInvalid));
  EXPECT_THAT(After([](auto& f) { f.mutable_calendars(0)->clear_id(); }), ElementsAre(kInvalid));
}

TEST(OrganisationTest, EveryUnknownFieldIsNoticed) {
  const v1::OrganisationFacts valid = ValidOrganisationFacts();
  for (const MessageSite& site : MessageSites(valid)) {
    EXPECT_THAT(After([&](auto& facts) {
                  google::protobuf::Message& message = MessageAt(site, facts);
                  message.GetReflection()->MutableUnknownFields(&message)->AddVarint(1000, 1);
                }),
                Contains(HasSubstr("UNKNOWN_FIELD")))
        << site.name;
  }
}

TEST(OrganisationTest, OrderAndExactDuplicatesMeanNothing) {
  std::mt19937_64 random(1);
  const v1::OrganisationFacts valid = ValidOrganisationFacts();
  const std::string expected = Dump(*Organisation::Load(valid).data());
  for (int i = 0; i < 20; ++i) {
    v1::OrganisationFacts facts = valid;
    RepeatElements(facts, random);
    ShuffleSets(facts, random);
    ASSERT_EQ(Dump(*Organisation::Load(facts).data()), expected);
  }
}

TEST(OrganisationTest, LoadsWhateverParses) {
  const google::protobuf::LogSilencer silencer;  // Says of every text that it is not UTF-8.
  std::mt19937_64 random(2);
  const std::string valid = ValidOrganisationFacts().SerializeAsString();
  for (int i = 0; i < 5000; ++i) {
    std::string bytes = valid;
    for (uint64_t changes = 1 + random() % 3; changes > 0; --changes) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    v1::OrganisationFacts facts;
    (void)facts.ParseFromString(bytes);
    EXPECT_FALSE(Dump(*Organisation::Load(facts).data()).empty());
  }
}

TEST(OrganisationTest, ASnapshotSharesItsFacts) {
  const v1::OrganisationFacts facts = ValidOrganisationFacts();
  const v1::PipelineState state = ValidState();
  Organisation organisation = Organisation::Load(facts);
  EXPECT_EQ(Snapshot::Load(state, organisation).data().organisation, organisation.data());
  // One that was moved from has no facts.
  const Organisation moved = std::move(organisation);
  const Snapshot snapshot = Snapshot::Load(state, organisation);
  ASSERT_NE(snapshot.data().organisation, nullptr);
  EXPECT_FALSE(snapshot.data().organisation->present);
}

}  // namespace
}  // namespace sluice
