#include "sluice/internal/canonical.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "tests/internal/wire_test.pb.h"

namespace sluice {
namespace {

using ::sluice::internal_test::Everything;
using ::sluice::internal_test::Leaf;

Everything Parse(const std::string& text) {
  Everything m;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &m)) << text;
  return m;
}

std::string Canonical(const Everything& m) { return CanonicalBytes(m, CanonicalOptions()); }

std::string Canonical(const std::string& text) { return Canonical(Parse(text)); }

std::string HexOf(const std::string& text) { return absl::BytesToHexString(Canonical(text)); }

// Pins the bytes: fingerprints that people have recorded depend on them.
TEST(Canonical, Bytes) {
  EXPECT_EQ(HexOf(""), "");
  EXPECT_EQ(HexOf("double_value: 1"), "09000000000000f03f");
  EXPECT_EQ(HexOf("float_value: 1"), "150000803f");
  EXPECT_EQ(HexOf("int32_value: -1"), "18ffffffffffffffffff01");
  EXPECT_EQ(HexOf("int64_value: 300"), "20ac02");
  EXPECT_EQ(HexOf("uint32_value: 4294967295"), "28ffffffff0f");
  EXPECT_EQ(HexOf("uint64_value: 18446744073709551615"), "30ffffffffffffffffff01");
  EXPECT_EQ(HexOf("sint32_value: -2147483648"), "38ffffffff0f");
  EXPECT_EQ(HexOf("sint32_value: 2147483647"), "38feffffff0f");
  EXPECT_EQ(HexOf("sint64_value: -9223372036854775808"), "40ffffffffffffffffff01");
  EXPECT_EQ(HexOf("sint64_value: 1"), "4002");
  EXPECT_EQ(HexOf("fixed32_value: 1"), "4d01000000");
  EXPECT_EQ(HexOf("fixed64_value: 258"), "510201000000000000");
  EXPECT_EQ(HexOf("sfixed32_value: -2"), "5dfeffffff");
  EXPECT_EQ(HexOf("sfixed64_value: -2"), "61feffffffffffffff");
  EXPECT_EQ(HexOf("bool_value: true"), "6801");
  EXPECT_EQ(HexOf("string_value: 'ab'"), "72026162");
  EXPECT_EQ(HexOf("bytes_value: '\\377'"), "7a01ff");
  EXPECT_EQ(HexOf("colour: COLOUR_NEGATIVE"), "8001ffffffffffffffffff01");
  EXPECT_EQ(HexOf("leaf {}"), "8a0100");
  EXPECT_EQ(HexOf("leaf { id: 'a' rank: 1 }"), "8a01050a01611001");
  EXPECT_EQ(HexOf("int32s: [1, 300]"), "b2010301ac02");
  EXPECT_EQ(HexOf("unpacked: [1, 2]"), "fa01020102");
  EXPECT_EQ(HexOf("strings: ['b', 'a', 'b']"),
            "d20101"
            "62d2010161d2010162");
  EXPECT_EQ(HexOf("by_bool { key: false }"), "a2030408001200");
}

TEST(Canonical, DefaultsAndPresence) {
  EXPECT_EQ(Canonical("int32_value: 0 string_value: '' colour: COLOUR_UNSPECIFIED"), "");
  EXPECT_EQ(HexOf("maybe: 0"), "900100");
  EXPECT_EQ(HexOf("number: 0"), "c80200");
  EXPECT_EQ(HexOf("name: ''"), "c20200");
}

TEST(Canonical, SetsById) {
  const std::string sorted = Canonical("leaves { id: 'a' } leaves { id: 'b' } leaves { id: 'c' }");
  EXPECT_EQ(Canonical("leaves { id: 'c' } leaves { id: 'a' } leaves { id: 'b' }"), sorted);
  EXPECT_EQ(
      Canonical("leaves { id: 'c' } leaves { id: 'a' } leaves { id: 'b' } leaves { id: 'a' }"),
      sorted);
  // The id decides first, whatever its length, then all of the content.
  EXPECT_EQ(Canonical("leaves { id: 'b' } leaves { id: 'aa' }"),
            Canonical("leaves { id: 'aa' } leaves { id: 'b' }"));
  const Everything ordered = Parse("leaves { id: 'b' } leaves { id: 'aa' }");
  Everything parsed;
  ASSERT_TRUE(parsed.ParseFromString(Canonical(ordered)));
  EXPECT_EQ(parsed.leaves(0).id(), "aa");
  // Same id, other content: both stay.
  EXPECT_EQ(Canonical("leaves { id: 'a' rank: 2 } leaves { id: 'a' rank: 1 }"),
            Canonical("leaves { id: 'a' rank: 1 } leaves { id: 'a' rank: 2 }"));
  EXPECT_NE(Canonical("leaves { id: 'a' rank: 1 } leaves { id: 'a' rank: 2 }"),
            Canonical("leaves { id: 'a' rank: 1 }"));
}

TEST(Canonical, OrderedFieldsKeepOrderAndDuplicates) {
  CanonicalOptions options;
  options.ordered_fields = {"sluice.internal_test.Everything.leaves"};
  const Everything ab = Parse("leaves { id: 'a' } leaves { id: 'b' }");
  const Everything ba = Parse("leaves { id: 'b' } leaves { id: 'a' }");
  const Everything aab = Parse("leaves { id: 'a' } leaves { id: 'a' } leaves { id: 'b' }");
  EXPECT_NE(CanonicalBytes(ab, options), CanonicalBytes(ba, options));
  EXPECT_NE(CanonicalBytes(ab, options), CanonicalBytes(aab, options));
  EXPECT_EQ(CanonicalBytes(ab, options), DeterministicBytes(ab));
}

TEST(Canonical, OnlyASingularStringIsAnId) {
  for (const std::string text :
       {"numbered { id: 2 } numbered { id: 1 } numbered { id: 1 }",
        "tagged { id: 'b' } tagged { id: 'a' } tagged { id: 'a' } tagged {}"}) {
    EXPECT_EQ(Canonical(text), DeterministicBytes(Parse(text))) << text;
  }
}

TEST(Canonical, SetFields) {
  CanonicalOptions options;
  options.set_fields = {
      "sluice.internal_test.Everything.strings", "sluice.internal_test.Everything.colours",
      "sluice.internal_test.Everything.int32s", "sluice.internal_test.Everything.children"};
  const auto bytes = [&options](const std::string& text) {
    return CanonicalBytes(Parse(text), options);
  };
  EXPECT_EQ(bytes("strings: ['b', 'a', 'b']"), bytes("strings: ['a', 'b']"));
  EXPECT_EQ(bytes("colours: [COLOUR_BLUE, COLOUR_RED]"),
            bytes("colours: [COLOUR_RED, COLOUR_BLUE, COLOUR_RED]"));
  EXPECT_EQ(bytes("int32s: [-1, 300, 2]"), bytes("int32s: [2, -1, 300, 300]"));
  EXPECT_EQ(bytes("children { maybe: 1 } children {}"),
            bytes("children {} children { maybe: 1 } children {}"));
  EXPECT_NE(bytes("children { maybe: 1 }"), bytes("children {} children { maybe: 1 }"));
  // Sets inside the elements of a set are sorted before the elements are.
  EXPECT_EQ(bytes("children { strings: ['a', 'b'] } children { strings: ['b', 'a'] }"),
            bytes("children { strings: ['b', 'a', 'a'] }"));
  // Not named: a list.
  EXPECT_NE(bytes("blobs: ['a', 'b']"), bytes("blobs: ['b', 'a']"));
  EXPECT_NE(bytes("blobs: ['a', 'a']"), bytes("blobs: ['a']"));
  EXPECT_NE(Canonical("strings: ['a', 'b']"), Canonical("strings: ['b', 'a']"));
}

TEST(Canonical, MapsIgnoreInsertionOrder) {
  std::mt19937 random(7);
  std::vector<int> keys;
  for (int i = -50; i < 50; ++i) keys.push_back(i);
  std::string first;
  for (int round = 0; round < 20; ++round) {
    Everything m;
    for (int key : keys) {
      (*m.mutable_by_number())[key].set_rank(key);
      (*m.mutable_annotations())[std::string(1, static_cast<char>(key))] = "v";
    }
    if (round == 0) first = Canonical(m);
    EXPECT_EQ(Canonical(m), first);
    std::shuffle(keys.begin(), keys.end(), random);
  }
}

TEST(Canonical, NanAndZero) {
  const auto of_double = [](uint64_t bits) {
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    Everything m;
    m.set_double_value(value);
    m.add_doubles(value);
    return Canonical(m);
  };
  EXPECT_EQ(of_double(0x7ff8000000000000), of_double(0xfff8000000000000));
  EXPECT_EQ(of_double(0x7ff8000000000000), of_double(0x7ff0000000000001));
  EXPECT_EQ(of_double(0x7ff8000000000000), of_double(0xffffffffffffffff));
  EXPECT_NE(of_double(0x7ff8000000000000), of_double(0x7ff0000000000000));  // Infinity.
  EXPECT_NE(of_double(0x8000000000000000), of_double(0));
  EXPECT_EQ(HexOf("double_value: -0.0"), "090000000000000080");
  const auto of_float = [](uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    Everything m;
    m.set_float_value(value);
    return absl::BytesToHexString(Canonical(m));
  };
  EXPECT_EQ(of_float(0xffc00001), "150000c07f");
  EXPECT_EQ(of_float(0x80000000), "1500000080");
}

TEST(Canonical, UnknownFieldsCount) {
  Everything m = Parse("string_value: 'a'");
  google::protobuf::UnknownFieldSet& unknown =
      *Everything::GetReflection()->MutableUnknownFields(&m);
  unknown.AddVarint(901, 5);
  unknown.AddFixed32(900, 1);
  unknown.AddFixed64(2, 1);
  unknown.AddLengthDelimited(901, "x");
  unknown.AddGroup(902)->AddVarint(1, 1);
  EXPECT_EQ(absl::BytesToHexString(Canonical(m)),
            "720161"
            "110100000000000000"
            "a53801000000"
            "a83805"
            "aa380178"
            "b3380801b438");
}

// Equal messages by another implementation of Message.
TEST(Canonical, DynamicMessagesAgree) {
  const Everything m = Parse(R"pb(
    by_number {
      key: 3
      value { id: "x" }
    }
    by_number {
      key: -3
      value {}
    }
    annotations { key: "k" value: "v" }
    leaves { id: "b" }
    leaves { id: "a" }
    doubles: [ 1, nan ]
    number: 0
  )pb");
  google::protobuf::DynamicMessageFactory factory;
  std::unique_ptr<google::protobuf::Message> dynamic(
      factory.GetPrototype(Everything::descriptor())->New());
  ASSERT_TRUE(dynamic->ParseFromString(m.SerializeAsString()));
  EXPECT_EQ(CanonicalBytes(*dynamic, CanonicalOptions()), Canonical(m));
}

// What is written says what the message says, for random messages.
TEST(Canonical, DeterministicBytesParseBack) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    Everything m;
    const google::protobuf::Descriptor& type = *Everything::descriptor();
    std::string noise;
    for (int i = 0; i < 40; ++i) {
      // Random fields by their wire form; parsing sorts out what they mean.
      const google::protobuf::FieldDescriptor* field =
          type.field(static_cast<int>(random() % static_cast<uint64_t>(type.field_count())));
      Everything one;
      const uint64_t bits = random() >> (random() % 64);
      switch (field->cpp_type()) {
        case google::protobuf::FieldDescriptor::CPPTYPE_INT32:
          if (field->is_repeated()) {
            one.GetReflection()->AddInt32(&one, field, static_cast<int32_t>(bits));
          } else {
            one.GetReflection()->SetInt32(&one, field, static_cast<int32_t>(bits));
          }
          break;
        case google::protobuf::FieldDescriptor::CPPTYPE_INT64:
          if (field->is_repeated()) {
            one.GetReflection()->AddInt64(&one, field, static_cast<int64_t>(bits));
          } else {
            one.GetReflection()->SetInt64(&one, field, static_cast<int64_t>(bits));
          }
          break;
        case google::protobuf::FieldDescriptor::CPPTYPE_STRING:
          if (field->is_repeated()) {
            one.GetReflection()->AddString(&one, field, std::string(bits % 5, 'x'));
          } else {
            one.GetReflection()->SetString(&one, field, std::string(bits % 5, 'x'));
          }
          break;
        default:
          one.add_children()->add_leaves()->set_rank(static_cast<int32_t>(bits));
          (*one.mutable_by_sint64())[static_cast<int64_t>(bits)] = 1;
          break;
      }
      m.MergeFrom(one);
    }
    Everything again;
    const std::string bytes = DeterministicBytes(m);
    ASSERT_TRUE(again.ParseFromString(bytes));
    ASSERT_EQ(again.DebugString(), m.DebugString());
    ASSERT_EQ(DeterministicBytes(again), bytes);
  }
}

}  // namespace
}  // namespace sluice
