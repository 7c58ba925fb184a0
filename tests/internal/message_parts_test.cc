#include "sluice/internal/message_parts.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "sluice/internal/map_entries.h"
#include "tests/internal/wire_test.pb.h"

namespace sluice {
namespace {

using ::sluice::internal_test::Everything;
using ::sluice::internal_test::Leaf;

Everything Sample() {
  Everything m;
  (*m.mutable_by_number())[10].set_id("ten");
  (*m.mutable_by_number())[-2].set_id("minus two");
  (*m.mutable_annotations())["no"] = "message";
  m.add_strings("no message");
  m.add_leaves()->set_id("first");
  m.add_leaves()->set_id("second");
  m.mutable_leaf()->set_id("single");
  m.mutable_chosen()->set_id("member");
  return m;
}

TEST(MessageParts, EachInOrder) {
  std::vector<std::string> seen;
  ForEachPart(Sample(), [&seen](const MessagePart& part) {
    seen.push_back(absl::StrCat(part.field.name(), " ", part.index, " ",
                                part.entry == nullptr ? "-" : MapKeyText(*part.entry), " ",
                                static_cast<const Leaf&>(part.message).id()));
  });
  EXPECT_EQ(seen, (std::vector<std::string>{"leaf -1 - single", "leaves 0 - first",
                                            "leaves 1 - second", "chosen -1 - member",
                                            "by_number -1 -2 minus two", "by_number -1 10 ten"}));
}

TEST(MessageParts, AllMessages) {
  Everything m = Sample();
  *m.add_children()->add_children() = Sample();
  int count = 0;
  EXPECT_TRUE(
      ForAllMessages(m, [&count](const google::protobuf::Message&) { return ++count > 0; }));
  EXPECT_EQ(count, 15);
  count = 0;
  EXPECT_FALSE(
      ForAllMessages(m, [&count](const google::protobuf::Message&) { return ++count < 5; }));
  EXPECT_EQ(count, 5);
}

}  // namespace
}  // namespace sluice
