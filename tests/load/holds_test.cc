#include "sluice/load/holds.h"

#include <vector>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/load/cells.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/faults_after.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Faults after a change to the hold of cell `eu`.
template <typename Change>
FaultTexts OfCell(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_holds(0)); });
}

template <typename Change>
FaultTexts RollBack(const Change& change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_roll_back_holds(0)); });
}

constexpr char kInvalid[] = "INVALID_DATA hold h1";
constexpr char kInvalidRollBack[] = "INVALID_DATA roll_back_hold rh1";

SnapshotData Load(const v1::PipelineState& state) {
  SnapshotData data;
  LoadCells(state, data);
  LoadHolds(state, data);
  LoadRollBackHolds(state, data);
  return data;
}

TEST(HoldsTest, ReadsEveryField) {
  const v1::PipelineState state = ValidState();
  const SnapshotData data = Load(state);
  ASSERT_EQ(data.holds.size(), 2u);
  const HoldFacts& hold = data.holds[0];
  EXPECT_EQ(hold.id, "h1");
  EXPECT_EQ(hold.finding_id, "@hold:h1");
  EXPECT_EQ(hold.scope, v1::Hold::CELL);
  EXPECT_EQ(hold.stage, "prod");
  EXPECT_EQ(hold.cell, "eu");
  EXPECT_EQ(hold.who, "ann");
  EXPECT_EQ(hold.placed_at, absl::FromUnixSeconds(4000));
  EXPECT_EQ(hold.ends_at, absl::FromUnixSeconds(8000));
  EXPECT_EQ(data.holds[1].ends_at, absl::InfiniteFuture());
  ASSERT_EQ(data.roll_back_holds.size(), 1u);
  const RollBackHoldFacts& roll_back = data.roll_back_holds[0];
  EXPECT_EQ(roll_back.finding_id, "@roll_back_hold:rh1");
  EXPECT_EQ(roll_back.stage, "prod");
  EXPECT_EQ(roll_back.who, "ann");
  EXPECT_EQ(roll_back.placed_at, absl::FromUnixSeconds(4000));
  EXPECT_EQ(roll_back.expires_at, absl::FromUnixSeconds(9000));
  EXPECT_EQ(roll_back.ends_at, absl::FromUnixSeconds(8000));
}

TEST(HoldsTest, AnInvalidHoldCarriesTheFault) {
  EXPECT_THAT(OfCell([](auto& h) { h.clear_id(); }), ElementsAre("INVALID_DATA hold "));
  EXPECT_THAT(OfCell([](auto& h) { h.clear_who(); }), ElementsAre(kInvalid));
  EXPECT_THAT(OfCell([](auto& h) { h.clear_why(); }), ElementsAre(kInvalid));
  EXPECT_THAT(OfCell([](auto& h) { h.clear_placed_at(); }), ElementsAre(kInvalid));
  EXPECT_THAT(OfCell([](auto& h) { h.mutable_expires_at()->set_nanos(-1); }),
              ElementsAre(kInvalid));
  EXPECT_THAT(OfCell([](auto& h) { h.mutable_released_at()->set_nanos(-1); }),
              ElementsAre(kInvalid));
}

TEST(HoldsTest, AnInvalidHoldHoldsForEver) {
  v1::PipelineState state = ValidState();
  state.mutable_holds(0)->clear_who();
  const SnapshotData data = Load(state);
  EXPECT_EQ(data.holds[0].placed_at, absl::InfinitePast());
  EXPECT_EQ(data.holds[0].ends_at, absl::InfiniteFuture());
}

TEST(HoldsTest, AHoldExpiresAfterItIsPlaced) {
  const auto expires = [](int nanos) {
    return OfCell([&](v1::Hold& h) {
      h.mutable_expires_at()->set_seconds(4000);
      h.mutable_expires_at()->set_nanos(nanos);
    });
  };
  EXPECT_THAT(expires(0), ElementsAre(kInvalid));
  EXPECT_THAT(expires(1), IsEmpty());
}

TEST(HoldsTest, AHoldMayBeReleasedBeforeItIsInForce) {
  EXPECT_THAT(OfCell([](auto& h) { h.mutable_released_at()->set_seconds(3000); }), IsEmpty());
}

TEST(HoldsTest, WhatItNamesMustBeReadable) {
  constexpr char kPipeline[] = "INVALID_DATA pipeline holds[h1]";
  EXPECT_THAT(OfCell([](auto& h) { h.clear_scope(); }), ElementsAre(kPipeline));
  EXPECT_THAT(OfCell([](auto& h) { h.set_scope(static_cast<v1::Hold::Scope>(5)); }),
              ElementsAre(kPipeline));
  EXPECT_THAT(OfCell([](auto& h) { h.set_scope(v1::Hold::ORGANISATION); }), ElementsAre(kPipeline));
  EXPECT_THAT(OfCell([](auto& h) { h.clear_cell(); }), ElementsAre(kPipeline));
  EXPECT_THAT(OfCell([](auto& h) { h.clear_stage(); }), ElementsAre(kPipeline));
  EXPECT_THAT(OfCell([](auto& h) { h.set_cell("a b"); }), ElementsAre(kPipeline));
}

TEST(HoldsTest, ACellIsNamedWithItsStage) {
  EXPECT_THAT(OfCell([](auto& h) { h.set_stage("test"); }),
              ElementsAre(kInvalid, "INVALID_DATA pipeline holds[h1]"));
  EXPECT_THAT(OfCell([](auto& h) { h.set_cell("nowhere"); }), IsEmpty());
}

TEST(HoldsTest, NamesBeyondTheScopeAreRefused) {
  EXPECT_THAT(OfCell([](auto& h) { h.set_scope(v1::Hold::STAGE); }), ElementsAre(kInvalid));
  EXPECT_THAT(OfCell([](auto& h) { h.set_scope(v1::Hold::PIPELINE); }), ElementsAre(kInvalid));
  EXPECT_THAT(OfCell([](auto& h) { h.set_pipeline("shop"); }), ElementsAre(kInvalid));
  EXPECT_THAT(OfCell([](auto& h) {
                h.set_scope(v1::Hold::STAGE);
                h.clear_cell();
              }),
              IsEmpty());
}

TEST(HoldsTest, ContradictingHoldsHoldWhatAnyOfThemNames) {
  const auto add = [](v1::PipelineState& s) {
    *s.add_holds() = s.holds(0);
    s.mutable_holds(2)->set_cell("us");
  };
  EXPECT_THAT(FaultsAfter(add), ElementsAre("DUPLICATE_ID hold h1", "DUPLICATE_ID hold h1"));
  v1::PipelineState state = ValidState();
  add(state);
  const SnapshotData data = Load(state);
  ASSERT_EQ(data.holds.size(), 3u);
  EXPECT_EQ(data.holds[0].cell, "eu");
  EXPECT_EQ(data.holds[1].cell, "us");
}

TEST(HoldsTest, ContradictingHoldsOfOneThingAreOne) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_holds() = s.holds(0);
                s.mutable_holds(2)->set_why("other");
              }),
              ElementsAre("DUPLICATE_ID hold h1"));
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) { *s.add_holds() = s.holds(0); }), IsEmpty());
}

TEST(OrganisationHoldsTest, NameAPipelineUnlessTheyHoldAll) {
  const v1::OrganisationFacts valid = ValidOrganisationFacts();
  const auto load = [&](auto change, std::vector<HoldFacts>* holds) {
    static v1::OrganisationFacts facts;
    facts = valid;
    change(*facts.mutable_holds(0));
    return LoadOrganisationHolds(facts.holds(), *holds);
  };
  std::vector<HoldFacts> holds;
  EXPECT_EQ(load([](auto&) {}, &holds), v1::ALL_CLEAR);
  ASSERT_EQ(holds.size(), 2u);
  EXPECT_EQ(holds[0].pipeline, "shop");
  EXPECT_EQ(holds[1].scope, v1::Hold::ORGANISATION);
  EXPECT_EQ(holds[1].pipeline, "");

  holds.clear();
  EXPECT_EQ(load([](auto& h) { h.clear_pipeline(); }, &holds), v1::INVALID_DATA);
  EXPECT_EQ(holds.size(), 1u);

  holds.clear();
  EXPECT_EQ(load([](auto& h) { h.set_scope(v1::Hold::PIPELINE); }, &holds), v1::ALL_CLEAR);
  EXPECT_EQ(holds[0].fault, v1::INVALID_DATA);

  holds.clear();
  EXPECT_EQ(load([](auto& h) { h.set_scope(v1::Hold::ORGANISATION); }, &holds), v1::ALL_CLEAR);
  EXPECT_EQ(holds[0].fault, v1::INVALID_DATA);
}

TEST(OrganisationHoldsTest, ContradictingHoldsOfOneThingAreOne) {
  v1::OrganisationFacts facts = ValidOrganisationFacts();
  *facts.add_holds() = facts.holds(0);
  std::vector<HoldFacts> holds;
  EXPECT_EQ(LoadOrganisationHolds(facts.holds(), holds), v1::ALL_CLEAR);
  ASSERT_EQ(holds.size(), 2u);
  EXPECT_EQ(holds[0].fault, v1::ALL_CLEAR);

  facts.mutable_holds(2)->set_why("other");
  holds.clear();
  EXPECT_EQ(LoadOrganisationHolds(facts.holds(), holds), v1::ALL_CLEAR);
  ASSERT_EQ(holds.size(), 2u);
  EXPECT_EQ(holds[0].fault, v1::DUPLICATE_ID);
}

TEST(RollBackHoldsTest, AnInvalidOneIsItsOwnAffair) {
  EXPECT_THAT(RollBack([](auto& h) { h.clear_id(); }), ElementsAre("INVALID_DATA roll_back_hold "));
  EXPECT_THAT(RollBack([](auto& h) { h.clear_stage(); }), ElementsAre(kInvalidRollBack));
  EXPECT_THAT(RollBack([](auto& h) { h.clear_who(); }), ElementsAre(kInvalidRollBack));
  EXPECT_THAT(RollBack([](auto& h) { h.clear_why(); }), ElementsAre(kInvalidRollBack));
  EXPECT_THAT(RollBack([](auto& h) { h.clear_placed_at(); }), ElementsAre(kInvalidRollBack));
  EXPECT_THAT(RollBack([](auto& h) { h.clear_expires_at(); }), ElementsAre(kInvalidRollBack));
  EXPECT_THAT(RollBack([](auto& h) { h.mutable_expires_at()->set_seconds(4000); }),
              ElementsAre(kInvalidRollBack));
}

TEST(RollBackHoldsTest, AnInvalidOneIsNeverInForce) {
  v1::PipelineState state = ValidState();
  state.mutable_roll_back_holds(0)->clear_who();
  const SnapshotData data = Load(state);
  EXPECT_EQ(data.roll_back_holds[0].placed_at, absl::InfiniteFuture());
  EXPECT_EQ(data.roll_back_holds[0].ends_at, absl::InfinitePast());
}

TEST(RollBackHoldsTest, IdsAreUnique) {
  EXPECT_THAT(FaultsAfter([](v1::PipelineState& s) {
                *s.add_roll_back_holds() = s.roll_back_holds(0);
                s.mutable_roll_back_holds(1)->set_stage("test");
              }),
              ElementsAre("DUPLICATE_ID roll_back_hold rh1"));
}

}  // namespace
}  // namespace sluice
