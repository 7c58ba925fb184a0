#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "driver.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

std::string Digest(int version) { return absl::StrCat("sha256:", version, std::string(62, '0')); }

absl::Time At(int month, int day, int hour, int minute) {
  return absl::FromCivil(absl::CivilMinute(2024, month, day, hour, minute), absl::UTCTimeZone());
}

// What the production stage was told to do in one run of the example.
class RegionWavesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const absl::StatusOr<Example> example = ReadExample();
    ASSERT_TRUE(example.ok()) << example.status();
    const absl::Status status =
        RunExample(*example, [](const Decision& decision) { See(decision); });
    ASSERT_TRUE(status.ok()) << status;
  }

  static void See(const Decision& decision) {
    EXPECT_GT(decision.valid_until, decision.now);
    const StageDecision* production = decision.Stage("production");
    ASSERT_NE(production, nullptr);
    for (const CellAction& action : production->actions) {
      const std::string artifact(action.artifact);
      if (action.roll_back) {
        targets_[std::string(action.cell)] = artifact;
        first_roll_back_ = std::min(first_roll_back_, decision.now);
        rolled_back_.insert(std::string(production->artifact));
      } else {
        deployed_[artifact].emplace(action.cell, decision.now);
      }
    }
    for (const absl::string_view cell : production->roll_back_cells) {
      roll_back_cells_.insert(std::string(cell));
    }
    for (const WantedRecord& wanted : production->wanted) {
      if (wanted.kind == v1::WantedRecord::COMPLETE) {
        complete_.emplace(wanted.artifact, decision.now);
      }
    }
    for (const Finding& finding : production->findings) {
      if (finding.id == "known-bad" && finding.reason == v1::KNOWN_BAD_MATCH) {
        first_match_ = std::min(first_match_, decision.now);
        EXPECT_EQ(finding.artifact, Digest(44));
        EXPECT_EQ(finding.evidence.subject, "CVE-2024-3094");
        EXPECT_EQ(production->action, Action::kHold);
        EXPECT_TRUE(production->actions.empty());
      }
    }
    last_action_ = production->action;
  }

  static std::map<std::string, std::map<std::string, absl::Time>> deployed_;
  static std::map<std::string, absl::Time> complete_;
  static std::map<std::string, std::string> targets_;
  static std::set<std::string> roll_back_cells_;
  static std::set<std::string> rolled_back_;
  static absl::Time first_roll_back_;
  static absl::Time first_match_;
  static Action last_action_;
};

std::map<std::string, std::map<std::string, absl::Time>> RegionWavesTest::deployed_;
std::map<std::string, absl::Time> RegionWavesTest::complete_;
std::map<std::string, std::string> RegionWavesTest::targets_;
std::set<std::string> RegionWavesTest::roll_back_cells_;
std::set<std::string> RegionWavesTest::rolled_back_;
absl::Time RegionWavesTest::first_roll_back_ = absl::InfiniteFuture();
absl::Time RegionWavesTest::first_match_ = absl::InfiniteFuture();
Action RegionWavesTest::last_action_ = Action::kIdle;

TEST_F(RegionWavesTest, FirstReachesEveryCellWaveByWave) {
  const std::map<std::string, absl::Time> expected = {
      {"one-box", At(3, 18, 11, 0)},   {"eu-west", At(3, 18, 12, 10)},
      {"eu-north", At(3, 19, 8, 40)},  {"us-east", At(3, 19, 8, 40)},
      {"ap-south", At(3, 19, 10, 50)}, {"us-west", At(3, 19, 10, 50)},
  };
  EXPECT_EQ(deployed_[Digest(42)], expected);
  EXPECT_EQ(complete_[Digest(42)], At(3, 19, 15, 0));
}

TEST_F(RegionWavesTest, SecondIsRolledBackWhereverItRuns) {
  EXPECT_EQ(rolled_back_, std::set<std::string>{Digest(43)});
  EXPECT_EQ(first_roll_back_, At(3, 22, 9, 40));
  const std::set<std::string> cells = {"one-box", "eu-west", "eu-north", "us-east"};
  EXPECT_EQ(roll_back_cells_, cells);
  std::set<std::string> aimed;
  for (const auto& [cell, target] : targets_) {
    aimed.insert(cell);
    EXPECT_EQ(target, Digest(42)) << cell;
  }
  EXPECT_EQ(aimed, cells);
  EXPECT_EQ(complete_.count(Digest(43)), 0);
}

TEST_F(RegionWavesTest, OverrideOpensTheClosedWindowForTheSecond) {
  EXPECT_EQ(deployed_[Digest(43)]["us-east"], At(3, 22, 9, 0));  // A Friday.
}

TEST_F(RegionWavesTest, ThirdStandsStillOnceItIsKnownToBeBad) {
  EXPECT_EQ(first_match_, At(3, 29, 16, 0));
  const std::map<std::string, absl::Time> expected = {{"one-box", At(3, 28, 8, 10)},
                                                      {"eu-west", At(3, 28, 9, 20)}};
  EXPECT_EQ(deployed_[Digest(44)], expected);
  EXPECT_EQ(last_action_, Action::kHold);
  EXPECT_EQ(complete_.count(Digest(44)), 0);
}

}  // namespace
}  // namespace sluice
