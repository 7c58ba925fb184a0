#include "sluice/snapshot.h"

#include <cstdint>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/internal/limits.h"
#include "sluice/known_bad.h"
#include "sluice/load/record_count.h"
#include "sluice/organisation.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/dump.h"
#include "tests/load/faults_after.h"
#include "tests/load/message_sites.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

FaultTexts FaultsOf(const v1::PipelineState& state) {
  return Faults(Snapshot::Load(state, Organisation()).data());
}

std::string DumpOf(const v1::PipelineState& state) {
  return Dump(Snapshot::Load(state, Organisation()).data());
}

TEST(SnapshotTest, ValidStateHasNoFault) { EXPECT_THAT(FaultsOf(ValidState()), IsEmpty()); }

TEST(SnapshotTest, ReadsTheHeader) {
  const v1::PipelineState state = ValidState();
  const Snapshot snapshot = Snapshot::Load(state, Organisation());
  EXPECT_EQ(snapshot.data().pipeline, "shop");
  EXPECT_EQ(snapshot.data().revision, 40u);
  EXPECT_EQ(snapshot.data().written_at, absl::FromUnixSeconds(10000) + absl::Nanoseconds(1));
  ASSERT_NE(snapshot.data().organisation, nullptr);
  EXPECT_FALSE(snapshot.data().organisation->present);
}

TEST(SnapshotTest, EmptyStateIsInvalid) {
  const v1::PipelineState state;
  const Snapshot snapshot = Snapshot::Load(state, Organisation());
  EXPECT_EQ(snapshot.data().fault, v1::INVALID_DATA);
  EXPECT_EQ(snapshot.data().refusal, v1::ALL_CLEAR);
  EXPECT_EQ(snapshot.data().written_at, absl::InfiniteFuture());
}

TEST(SnapshotTest, SchemaVersions) {
  EXPECT_THAT(FaultsAfter([](auto& state) { state.set_schema_version(1); }), IsEmpty());
  EXPECT_THAT(FaultsAfter([](auto& state) { state.set_schema_version(2); }),
              ElementsAre("SCHEMA_TOO_NEW refusal"));
  EXPECT_THAT(FaultsAfter([](auto& state) { state.set_schema_version(0); }),
              ElementsAre("INVALID_DATA pipeline schema_version"));
}

TEST(SnapshotTest, ARevisionBelowTheHighestSeenIsRefused) {
  const v1::PipelineState state = ValidState();
  for (const auto& [min_revision, refusal] : std::vector<std::pair<uint64_t, Reason>>{
           {0, v1::ALL_CLEAR}, {40, v1::ALL_CLEAR}, {41, v1::STATE_WENT_BACK}}) {
    LoadOptions options;
    options.min_revision = min_revision;
    EXPECT_EQ(Snapshot::Load(state, Organisation(), options).data().refusal, refusal)
        << min_revision;
  }
}

TEST(SnapshotTest, TooNewGoesBeforeWentBack) {
  v1::PipelineState state = ValidState();
  state.set_schema_version(2);
  LoadOptions options;
  options.min_revision = 41;
  EXPECT_EQ(Snapshot::Load(state, Organisation(), options).data().refusal, v1::SCHEMA_TOO_NEW);
}

TEST(SnapshotTest, RecordCountNoticesACut) {
  v1::PipelineState state = ValidState();
  state.set_record_count(RecordCount(state));
  EXPECT_THAT(FaultsOf(state), IsEmpty());
  state.mutable_holds()->RemoveLast();
  EXPECT_THAT(FaultsOf(state), ElementsAre("STATE_CUT pipeline record_count"));
  state.clear_record_count();
  EXPECT_THAT(FaultsOf(state), IsEmpty());
  v1::PipelineState empty;
  empty.set_schema_version(1);
  empty.set_pipeline("shop");
  empty.mutable_written_at()->set_seconds(1);
  empty.set_record_count(0);
  EXPECT_THAT(FaultsOf(empty), IsEmpty());
  empty.set_record_count(1);
  EXPECT_THAT(FaultsOf(empty), ElementsAre("STATE_CUT pipeline record_count"));
}

TEST(SnapshotTest, PipelineAndWrittenAtAreRequired) {
  EXPECT_THAT(FaultsAfter([](auto& state) { state.clear_pipeline(); }),
              ElementsAre("INVALID_DATA pipeline pipeline"));
  EXPECT_THAT(FaultsAfter([](auto& state) { state.set_pipeline("a b"); }),
              ElementsAre("INVALID_DATA pipeline pipeline"));
  EXPECT_THAT(FaultsAfter([](auto& state) { state.set_pipeline(std::string(128, 'a')); }),
              IsEmpty());
  EXPECT_THAT(FaultsAfter([](auto& state) { state.set_pipeline(std::string(129, 'a')); }),
              ElementsAre("LIMIT_EXCEEDED pipeline pipeline"));
  EXPECT_THAT(FaultsAfter([](auto& state) { state.clear_written_at(); }),
              ElementsAre("INVALID_DATA pipeline written_at"));
  EXPECT_THAT(FaultsAfter([](auto& state) { state.mutable_written_at()->set_nanos(-1); }),
              ElementsAre("INVALID_DATA pipeline written_at"));
}

TEST(SnapshotTest, TooManyRecordsExceedTheLimit) {
  v1::PipelineState state = ValidState();
  for (int i = state.lists_seen_size(); i < kMaxRecords; ++i) {
    *state.add_lists_seen() = state.lists_seen(0);
  }
  EXPECT_THAT(FaultsOf(state), IsEmpty());
  *state.add_lists_seen() = state.lists_seen(0);
  EXPECT_THAT(FaultsOf(state), ElementsAre("LIMIT_EXCEEDED pipeline lists_seen"));
}

v1::KnownBadList KnownBad(const char* id, uint64_t epoch) {
  v1::KnownBadList list;
  list.set_id(id);
  list.set_epoch(epoch);
  list.mutable_verified_at()->set_seconds(1);
  list.set_entry_count(1);
  list.add_entries()->set_id("advisory");
  list.mutable_entries(0)->add_digests(DigestOf('9'));
  return list;
}

TEST(SnapshotTest, ListsAreSortedById) {
  const v1::PipelineState state = ValidState();
  const absl::StatusOr<KnownBadList> a = KnownBadList::Build(KnownBad("a", 1));
  const absl::StatusOr<KnownBadList> b = KnownBadList::Build(KnownBad("b", 1));
  ASSERT_TRUE(a.ok() && b.ok());
  LoadOptions options;
  options.known_bad = {&*b, nullptr, &*a, &*b};
  const Snapshot snapshot = Snapshot::Load(state, Organisation(), options);
  EXPECT_THAT(snapshot.data().known_bad, ElementsAre(&*a, &*b));
  EXPECT_EQ(snapshot.data().List("b"), &*b);
  EXPECT_EQ(snapshot.data().List("c"), nullptr);
  EXPECT_EQ(snapshot.data().fault, v1::ALL_CLEAR);
}

TEST(SnapshotTest, TwoListsOfOneIdContradictEachOther) {
  const v1::PipelineState state = ValidState();
  const absl::StatusOr<KnownBadList> older = KnownBadList::Build(KnownBad("a", 1));
  const absl::StatusOr<KnownBadList> newer = KnownBadList::Build(KnownBad("a", 2));
  ASSERT_TRUE(older.ok() && newer.ok());
  for (const std::vector<const KnownBadList*>& lists :
       {std::vector<const KnownBadList*>{&*older, &*newer}, {&*newer, &*older}}) {
    LoadOptions options;
    options.known_bad = lists;
    const Snapshot snapshot = Snapshot::Load(state, Organisation(), options);
    EXPECT_EQ(snapshot.data().fault, v1::DUPLICATE_ID);
    EXPECT_EQ(snapshot.data().fault_subject, "known_bad[a]");
    EXPECT_EQ(snapshot.data().List("a"), &*older);
  }
}

// Fields that a state may lack without being invalid, within a message that it has.
bool MayBeUnset(const FieldDescriptor& field) {
  static const std::set<std::string>* const kOptional = new std::set<std::string>{
      // Whole lists: nothing refers to their elements.
      "PipelineState.alarms",
      "PipelineState.applied_events",
      "PipelineState.approvals",
      "PipelineState.baselines",
      "PipelineState.checks",
      "PipelineState.counts",
      "PipelineState.environments",
      "PipelineState.holds",
      "PipelineState.lists_seen",
      "PipelineState.measurements",
      "PipelineState.overrides",
      "PipelineState.roll_back_holds",
      "PipelineState.series",
      "PipelineState.stages",
      "PipelineState.synthetic_runs",
      "PipelineState.traffic_samples",
      "PipelineState.withdrawals",
      "StageRecord.deployments",
      "StageRecord.entries",
      "StageRecord.latches",
      "StageRecord.passes",
      "StageRecord.preempt_requests",
      "StageRecord.retry_requests",
      "StageRecord.roll_back_requests",
      "StageRecord.rollouts",
      "StageRecord.start_requests",
      // Single fields.
      "PipelineState.revision",
      "Artifact.name",
      "Artifact.version",
      "Artifact.source_revision",
      "Artifact.authors",
      "Artifact.checked_in_at",
      "Artifact.built_at",
      "Artifact.rollback_floor",
      "Artifact.components",
      "Component.package_url",
      "Component.digests",
      "Cell.region",
      "Cell.zone",
      "Cell.retired",
      "Rollout.roll_back_cells",
      "Rollout.ended_by",
      "Rollout.why",
      "Rollout.completed_at",
      "PlannedWave.proven_at",
      "Deployment.proven",
      "Deployment.accepted",
      "Deployment.who",
      "Pass.revoked_at",
      "Latch.released",
      "LatchRelease.number",
      "StartRequest.wave",
      "RollBackRequest.cells",
      "RollBackRequest.honoured_by",
      "RetryRequest.cell",
      "Check.stage",
      "Check.cell",
      "Check.numbers",
      "AlarmReport.cell",
      "AlarmReport.region",
      "AlarmReport.last_alarm_at",
      "AlarmReport.history_from",
      "Series.cell",
      "Series.region",
      "Series.values",
      "Baseline.errors",
      "Measurement.last",
      "Approval.expires_at",
      "Approval.policy_fingerprint",
      "Approval.revoked_at",
      "Override.blockers",
      "Override.revoked_at",
      "Override.keep_despite",
      "Hold.expires_at",
      "Hold.released_at",
      "RollBackHold.released_at",
      "Environment.aspects",
  };
  const std::string name = absl::StrCat(field.containing_type()->name(), ".", field.name());
  return field.name() == "annotations" || kOptional->count(name) > 0;
}

// Whether a message is one of protobuf's own, whose fields mean zero when they are unset.
bool IsWellKnown(const Message& message) {
  return absl::StartsWith(message.GetDescriptor()->full_name(), "google.");
}

bool IsSet(const Message& message, const FieldDescriptor& field) {
  return field.is_repeated() ? message.GetReflection()->FieldSize(message, &field) > 0
                             : message.GetReflection()->HasField(message, &field);
}

// Calls `visit(state, message, field, name)` for each field that is set anywhere in a valid state;
// `message` belongs to `state`, a copy for this call alone.
template <typename Visit>
void ForEachSetField(const Visit& visit) {
  const v1::PipelineState valid = ValidState();
  for (const MessageSite& site : MessageSites(valid)) {
    v1::PipelineState state = valid;
    const Message* at = &MessageAt(site, state);
    for (int i = 0; i < at->GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *at->GetDescriptor()->field(i);
      if (!IsSet(*at, field)) continue;
      visit(state, MessageAt(site, state), field, absl::StrCat(site.name, ".", field.name()));
      state = valid;
      at = &MessageAt(site, state);
    }
  }
}

TEST(SnapshotLawTest, EveryRequiredFieldIsMissed) {
  int required = 0;
  ForEachSetField([&](v1::PipelineState& state, Message& message, const FieldDescriptor& field,
                      const std::string& name) {
    if (IsWellKnown(message)) return;
    message.GetReflection()->ClearField(&message, &field);
    // What one says of a run, an adopted cell or a fingerprint depends on the rest of the record.
    const std::set<std::string> depends = {
        "checks[0].outcome",
        "overrides[0].policy_fingerprint",
        "stages[0].rollouts[0].halt_reason",
    };
    if (depends.count(name) > 0) return;
    if (MayBeUnset(field)) {
      EXPECT_THAT(FaultsOf(state), IsEmpty()) << name;
    } else {
      EXPECT_THAT(FaultsOf(state), Not(IsEmpty())) << name;
      ++required;
    }
  });
  EXPECT_GT(required, 150);
}

TEST(SnapshotLawTest, EveryUnknownEnumValueIsNoticed) {
  int enums = 0;
  ForEachSetField([&](v1::PipelineState& state, Message& message, const FieldDescriptor& field,
                      const std::string& name) {
    if (field.enum_type() == nullptr) return;
    ++enums;
    message.GetReflection()->SetEnumValue(&message, &field, 99);
    EXPECT_THAT(FaultsOf(state), Contains(HasSubstr("INVALID_DATA"))) << name;
    message.GetReflection()->SetEnumValue(&message, &field, 0);
    EXPECT_THAT(FaultsOf(state), Not(IsEmpty())) << name;
  });
  EXPECT_GT(enums, 10);
}

TEST(SnapshotLawTest, EveryUnknownFieldIsNoticed) {
  const v1::PipelineState valid = ValidState();
  for (const MessageSite& site : MessageSites(valid)) {
    v1::PipelineState state = valid;
    Message& message = MessageAt(site, state);
    message.GetReflection()->MutableUnknownFields(&message)->AddVarint(1000, 1);
    EXPECT_THAT(FaultsOf(state), Contains(HasSubstr("UNKNOWN_FIELD"))) << site.name;
  }
}

TEST(SnapshotLawTest, EveryInstantIsChecked) {
  const v1::PipelineState valid = ValidState();
  int instants = 0;
  for (const MessageSite& site : MessageSites(valid)) {
    for (const auto& [seconds, nanos] : std::vector<std::pair<int64_t, int>>{
             {100, -1}, {100, 1'000'000'000}, {253402300800, 0}, {-62135596801, 0}}) {
      v1::PipelineState state = valid;
      auto* timestamp = dynamic_cast<google::protobuf::Timestamp*>(&MessageAt(site, state));
      if (timestamp == nullptr) break;
      ++instants;
      timestamp->set_seconds(seconds);
      timestamp->set_nanos(nanos);
      EXPECT_THAT(FaultsOf(state), Contains(HasSubstr("INVALID_DATA"))) << site.name;
    }
  }
  EXPECT_GT(instants, 200);
}

TEST(SnapshotLawTest, EveryTextIsLimited) {
  ForEachSetField([&](v1::PipelineState& state, Message& message, const FieldDescriptor& field,
                      const std::string& name) {
    if (field.type() != FieldDescriptor::TYPE_STRING) return;
    // A package URL that can't be read is no fault of the artifact.
    if (field.name() == "package_url") return;
    const std::string text(kMaxText + 1, 'a');
    if (field.is_repeated()) {
      message.GetReflection()->SetRepeatedString(&message, &field, 0, text);
    } else {
      message.GetReflection()->SetString(&message, &field, text);
    }
    EXPECT_THAT(FaultsOf(state), Not(IsEmpty())) << name;
  });
}

TEST(SnapshotLawTest, NoTextButUtf8) {
  ForEachSetField([&](v1::PipelineState& state, Message& message, const FieldDescriptor& field,
                      const std::string& name) {
    if (field.type() != FieldDescriptor::TYPE_STRING || field.name() == "package_url") return;
    if (field.is_repeated()) {
      message.GetReflection()->SetRepeatedString(&message, &field, 0, "\xff");
    } else {
      message.GetReflection()->SetString(&message, &field, "\xff");
    }
    EXPECT_THAT(FaultsOf(state), Not(IsEmpty())) << name;
  });
}

TEST(SnapshotLawTest, OrderAndExactDuplicatesMeanNothing) {
  std::mt19937_64 random(1);
  const v1::PipelineState valid = ValidState();
  const std::string expected = DumpOf(valid);
  for (int i = 0; i < 50; ++i) {
    v1::PipelineState state = valid;
    if (i % 2 == 1) RepeatElements(state, random);
    ShuffleSets(state, random);
    ASSERT_EQ(DumpOf(state), expected);
  }
}

// Repeats elements and then changes a field of some, so that ids are shared by different content
// and much else is wrong.
void Damage(v1::PipelineState& state, std::mt19937_64& random) {
  RepeatElements(state, random);
  RepeatElements(state, random);
  const std::vector<MessageSite> sites = MessageSites(state);
  for (int i = 0; i < 20; ++i) {
    Message& message = MessageAt(sites[random() % sites.size()], state);
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    if (fields.empty()) continue;
    const FieldDescriptor* field = fields[random() % fields.size()];
    if (field->is_repeated()) continue;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        message.GetReflection()->SetString(&message, field, random() % 2 == 0 ? "" : "other");
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        message.GetReflection()->SetEnumValue(&message, field, static_cast<int>(random() % 6));
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        message.GetReflection()->SetInt64(&message, field, static_cast<int64_t>(random() % 9000));
        break;
      case FieldDescriptor::CPPTYPE_UINT64:
        message.GetReflection()->SetUInt64(&message, field, random() % 3 * 10);
        break;
      default:
        break;
    }
  }
}

TEST(SnapshotLawTest, OrderMeansNothingInADamagedState) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) {
    v1::PipelineState state = ValidState();
    Damage(state, random);
    const std::string expected = DumpOf(state);
    ShuffleSets(state, random);
    ASSERT_EQ(DumpOf(state), expected) << i;
  }
}

TEST(SnapshotLawTest, LoadsWhateverParses) {
  const google::protobuf::LogSilencer silencer;  // Says of every text that it is not UTF-8.
  std::mt19937_64 random(3);
  const std::string valid = ValidState().SerializeAsString();
  int parsed = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string bytes = valid;
    for (uint64_t changes = 1 + random() % 4; changes > 0; --changes) {
      const size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
          break;
        case 2:
          bytes.insert(at, 1, static_cast<char>(random()));
          break;
        default:
          bytes.erase(at, 1 + random() % 3);
          break;
      }
    }
    v1::PipelineState state;
    if (state.ParseFromString(bytes)) ++parsed;
    // Also what a failed parse leaves behind.
    EXPECT_FALSE(DumpOf(state).empty());
  }
  EXPECT_GT(parsed, 500);
}

template <typename Record>
void Fill(google::protobuf::RepeatedPtrField<Record>* records, int count) {
  const Record first = records->Get(0);
  while (records->size() < count) *records->Add() = first;
}

TEST(SnapshotLawTest, ManyRecordsOfOneIdAreNotSlow) {
  v1::PipelineState state = ValidState();
  constexpr int kMany = 100'000;
  Fill(state.mutable_cells(), kMany);
  Fill(state.mutable_checks(), kMany);
  Fill(state.mutable_overrides(), kMany);
  Fill(state.mutable_stages(0)->mutable_deployments(), kMany);
  for (int i = 0; i < kMany; ++i) {
    state.mutable_overrides(i)->set_reason(absl::StrCat(i));
    state.mutable_checks(i)->mutable_finished_at()->set_nanos(i);
  }
  const Snapshot snapshot = Snapshot::Load(state, Organisation());
  ASSERT_EQ(snapshot.data().overrides.size(), 2u);
  EXPECT_EQ(snapshot.data().overrides[0].fault, v1::DUPLICATE_ID);
  EXPECT_EQ(snapshot.data().checks.size(), static_cast<size_t>(kMany));
}

TEST(SnapshotLawTest, FaultsPermitNothing) {
  std::mt19937_64 random(4);
  for (int i = 0; i < 300; ++i) {
    v1::PipelineState state = ValidState();
    Damage(state, random);
    const Snapshot snapshot = Snapshot::Load(state, Organisation());
    const SnapshotData& data = snapshot.data();
    for (const ApprovalFacts& a : data.approvals) {
      if (a.fault != v1::ALL_CLEAR) {
        EXPECT_GE(a.granted_at, a.expires_at);
      }
    }
    for (const OverrideFacts& o : data.overrides) {
      if (o.fault != v1::ALL_CLEAR) {
        EXPECT_GE(o.granted_at, o.ends_at);
      }
    }
    for (const RollBackHoldFacts& h : data.roll_back_holds) {
      if (h.fault != v1::ALL_CLEAR) {
        EXPECT_GE(h.placed_at, h.ends_at);
      }
    }
    for (const HoldFacts& h : data.holds) {
      if (h.fault == v1::ALL_CLEAR) continue;
      EXPECT_EQ(h.placed_at, absl::InfinitePast());
      EXPECT_EQ(h.ends_at, absl::InfiniteFuture());
    }
    for (const StageFacts& stage : data.stages) {
      for (const DeploymentFacts& d : stage.deployments) {
        if (d.fault == v1::ALL_CLEAR) continue;
        EXPECT_FALSE(d.proven);
        EXPECT_EQ(d.outcome, v1::Deployment::OUTCOME_UNSPECIFIED);
        const CellFacts* cell = data.Cell(d.cell);
        EXPECT_NE(cell == nullptr ? data.fault : cell->fault, v1::ALL_CLEAR);
      }
    }
  }
}

TEST(SnapshotDataTest, LooksUp) {
  const v1::PipelineState state = ValidState();
  const Snapshot snapshot = Snapshot::Load(state, Organisation());
  const SnapshotData& data = snapshot.data();
  ASSERT_NE(data.Artifact(DigestOf('b')), nullptr);
  EXPECT_EQ(data.Artifact(DigestOf('b'))->sequence, 20u);
  EXPECT_EQ(data.Artifact(DigestOf('d')), nullptr);
  ASSERT_NE(data.Cell("us"), nullptr);
  EXPECT_EQ(data.Cell("us")->weight, 20u);
  EXPECT_EQ(data.Cell("u"), nullptr);
  EXPECT_EQ(data.Cell(""), nullptr);
  ASSERT_NE(data.Stage("prod"), nullptr);
  ASSERT_NE(data.Stage("test"), nullptr);
  EXPECT_EQ(data.Stage("test")->id, "test");
  EXPECT_EQ(data.Stage("pro"), nullptr);
  EXPECT_EQ(data.Stage("zzz"), nullptr);
  EXPECT_EQ(data.List("cves"), nullptr);
  EXPECT_EQ(data.Checks(DigestOf('a'), "unit").size(), 2u);
  EXPECT_EQ(data.Checks(DigestOf('a'), "unit")[1].run, "2");
  EXPECT_TRUE(data.Checks(DigestOf('a'), "uni").empty());
  EXPECT_TRUE(data.Checks(DigestOf('b'), "unit").empty());
}

}  // namespace
}  // namespace sluice
