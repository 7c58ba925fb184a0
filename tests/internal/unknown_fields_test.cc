#include "sluice/internal/unknown_fields.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "tests/internal/wire_test.pb.h"

namespace sluice {
namespace {

using ::sluice::internal_test::Everything;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

google::protobuf::UnknownFieldSet& Unknown(google::protobuf::Message* message) {
  return *message->GetReflection()->MutableUnknownFields(message);
}

std::vector<std::string> List(const google::protobuf::Message& message) {
  std::vector<std::string> found;
  ListUnknownFields(message, [&found](absl::string_view path, int number) {
    found.push_back(absl::StrCat(path, "#", number));
  });
  EXPECT_EQ(HasUnknownFields(message), !found.empty());
  return found;
}

Everything Full() {
  Everything m;
  m.mutable_leaf()->set_id("a");
  m.add_leaves();
  m.add_leaves();
  m.add_children()->add_children()->mutable_chosen();
  (*m.mutable_by_number())[10];
  (*m.mutable_by_number())[-2];
  (*m.mutable_periods())["p"];
  (*m.mutable_annotations())["x"] = "y";
  m.mutable_any()->set_value("\xff");
  return m;
}

TEST(UnknownFields, None) {
  EXPECT_THAT(List(Everything()), IsEmpty());
  EXPECT_THAT(List(Full()), IsEmpty());
}

TEST(UnknownFields, AnyKindAtAnyPlace) {
  Everything m = Full();
  Unknown(&m).AddVarint(900, 1);
  EXPECT_THAT(List(m), ElementsAre("#900"));
  m = Full();
  Unknown(m.mutable_leaf()).AddFixed32(901, 1);
  EXPECT_THAT(List(m), ElementsAre("leaf#901"));
  m = Full();
  Unknown(m.mutable_leaves(1)).AddFixed64(902, 1);
  EXPECT_THAT(List(m), ElementsAre("leaves[1]#902"));
  m = Full();
  Unknown(m.mutable_children(0)->mutable_children(0)->mutable_chosen()).AddLengthDelimited(903, "");
  EXPECT_THAT(List(m), ElementsAre("children[0].children[0].chosen#903"));
  m = Full();
  Unknown(&(*m.mutable_by_number())[10]).AddGroup(904);
  EXPECT_THAT(List(m), ElementsAre("by_number[\"10\"]#904"));
  m = Full();
  Unknown(&(*m.mutable_periods())["p"]).AddVarint(905, 0);
  EXPECT_THAT(List(m), ElementsAre("periods[\"p\"]#905"));
}

TEST(UnknownFields, InOrder) {
  Everything m = Full();
  Unknown(&(*m.mutable_by_number())[10]).AddVarint(7, 1);
  Unknown(&(*m.mutable_by_number())[-2]).AddVarint(6, 1);
  Unknown(m.mutable_children(0)).AddVarint(5, 1);
  Unknown(m.mutable_children(0)->mutable_children(0)).AddVarint(4, 1);
  Unknown(m.mutable_leaves(0)).AddVarint(3, 1);
  Unknown(m.mutable_leaves(1)).AddVarint(3, 1);
  Unknown(&m).AddVarint(200, 1);
  Unknown(&m).AddVarint(100, 1);
  Unknown(&m).AddVarint(200, 2);
  EXPECT_THAT(List(m), ElementsAre("#200", "#100", "#200", "leaves[0]#3", "leaves[1]#3",
                                   "children[0]#5", "children[0].children[0]#4",
                                   "by_number[\"-2\"]#6", "by_number[\"10\"]#7"));
}

TEST(UnknownFields, DeepNestingNeedsNoStack) {
  Everything m;
  Everything* inner = &m;
  for (int i = 0; i < 10000; ++i) inner = inner->add_children();
  EXPECT_FALSE(HasUnknownFields(m));
  Unknown(inner).AddVarint(1000, 1);
  EXPECT_TRUE(HasUnknownFields(m));
}

}  // namespace
}  // namespace sluice
