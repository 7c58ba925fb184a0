#include "sluice/action_id.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

std::string D() { return absl::StrCat("sha256:", std::string(64, 'a')); }

TEST(ActionIdTest, IsMadeOfItsParts) {
  EXPECT_EQ(ActionId("shop", "prod", "eu-1", D(), ActionDirection::kForward, 1),
            absl::StrCat("shop|prod|eu-1|", D(), "|forward|1"));
  EXPECT_EQ(ActionId("shop", "prod", "eu-1", D(), ActionDirection::kRollBack, 12),
            absl::StrCat("shop|prod|eu-1|", D(), "|roll_back|12"));
  EXPECT_EQ(ActionId("shop", "build", "", D(), ActionDirection::kEnter, 1),
            absl::StrCat("shop|build||", D(), "|enter|1"));
}

TEST(ActionIdTest, OfNoDirectionIsNoAction) {
  const std::string id = ActionId("shop", "prod", "eu-1", D(), ActionDirection::kUnknown, 1);
  EXPECT_EQ(id, absl::StrCat("shop|prod|eu-1|", D(), "|unknown|1"));
  EXPECT_FALSE(ParseActionId(id).has_value());
}

TEST(RecordIdTest, IsMadeOfItsParts) {
  EXPECT_EQ(RecordId("shop", "prod", "eu-1", D(), v1::WantedRecord::CELL_PROVEN, ""),
            absl::StrCat("shop|prod|eu-1|", D(), "|record|CELL_PROVEN|"));
  EXPECT_EQ(RecordId("shop", "prod", "", D(), v1::WantedRecord::WAVE_PROVEN, "@added"),
            absl::StrCat("shop|prod||", D(), "|record|WAVE_PROVEN|@added"));
}

TEST(ParseActionIdTest, ReadsWhatIsWritten) {
  for (const ActionDirection direction :
       {ActionDirection::kForward, ActionDirection::kRollBack, ActionDirection::kEnter}) {
    const bool enters = direction == ActionDirection::kEnter;
    const std::string id =
        ActionId("shop", "prod", enters ? "" : "eu-1", D(), direction, enters ? 1 : 4294967295u);
    const absl::optional<ActionIdParts> parts = ParseActionId(id);
    ASSERT_TRUE(parts.has_value()) << id;
    EXPECT_EQ(parts->pipeline, "shop");
    EXPECT_EQ(parts->stage, "prod");
    EXPECT_EQ(parts->cell, enters ? "" : "eu-1");
    EXPECT_EQ(parts->artifact, D());
    EXPECT_EQ(parts->direction, direction);
    EXPECT_EQ(parts->attempt, enters ? 1 : 4294967295u);
    EXPECT_EQ(ActionId(parts->pipeline, parts->stage, parts->cell, parts->artifact,
                       parts->direction, parts->attempt),
              id);
  }
}

TEST(ParseActionIdTest, RefusesAnythingElse) {
  const auto with = [](absl::string_view cell, absl::string_view direction,
                       absl::string_view attempt) {
    return absl::StrCat("shop|prod|", cell, "|", D(), "|", direction, "|", attempt);
  };
  ASSERT_TRUE(ParseActionId(with("c", "forward", "1")).has_value());
  for (const std::string& id : {
           std::string(),
           std::string("|||||"),
           with("", "forward", "1"),
           with("", "roll_back", "1"),
           with("c", "enter", "1"),
           with("", "enter", "2"),
           with("c", "unknown", "1"),
           with("c", "", "1"),
           with("c", "Forward", "1"),
           with("c", "forward", ""),
           with("c", "forward", "0"),
           with("c", "forward", "01"),
           with("c", "forward", "+1"),
           with("c", "forward", "-1"),
           with("c", "forward", " 1"),
           with("c", "forward", "1 "),
           with("c", "forward", "1x"),
           with("c", "forward", "4294967296"),
           with("c", "forward", "1|"),
           with("a|b", "forward", "1"),
           with("a b", "forward", "1"),
           absl::StrCat("shop|prod|c|sha256:aa|forward|1"),
           absl::StrCat("|prod|c|", D(), "|forward|1"),
           absl::StrCat("shop||c|", D(), "|forward|1"),
           RecordId("shop", "prod", "c", D(), v1::WantedRecord::CELL_PROVEN, ""),
       }) {
    EXPECT_FALSE(ParseActionId(id).has_value()) << id;
  }
}

}  // namespace
}  // namespace sluice
