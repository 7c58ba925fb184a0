#include "sluice/internal/strict_wire.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/internal/limits.h"
#include "tests/internal/wire_test.pb.h"

namespace sluice {
namespace {

using ::sluice::internal_test::Everything;
using ::sluice::internal_test::Leaf;

constexpr int kVarintType = 0;
constexpr int kFixed64Type = 1;
constexpr int kLengthType = 2;
constexpr int kFixed32Type = 5;

std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

std::string Tag(int number, int wire_type) {
  return Varint(static_cast<uint64_t>(number) << 3 | static_cast<uint64_t>(wire_type));
}

std::string VarintField(int number, uint64_t value) {
  return Tag(number, kVarintType) + Varint(value);
}

std::string Bytes(int number, absl::string_view content) {
  return absl::StrCat(Tag(number, kLengthType), Varint(content.size()), content);
}

std::string Deterministic(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

absl::Status Check(absl::string_view bytes) { return CheckWire(bytes, *Everything::descriptor()); }

// Expects the bytes to be refused with this path at this offset.
void ExpectRefused(absl::string_view bytes, absl::string_view path, size_t offset) {
  const absl::Status status = Check(bytes);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << path;
  const std::string message(status.message());
  const size_t colon = message.find(": ");
  EXPECT_EQ(colon == std::string::npos ? "" : message.substr(0, colon), path) << message;
  const size_t at = message.rfind(" at byte ");
  ASSERT_NE(at, std::string::npos) << message;
  EXPECT_EQ(message.substr(at + 9), absl::StrCat(offset)) << message;
  Everything parsed;
  parsed.set_int32_value(7);
  EXPECT_FALSE(ReadBinary(bytes, &parsed).ok());
  EXPECT_EQ(Deterministic(parsed), "") << "must be cleared";
}

void ExpectAccepted(absl::string_view bytes) {
  const absl::Status status = Check(bytes);
  EXPECT_TRUE(status.ok()) << status;
  Everything parsed;
  EXPECT_TRUE(ReadBinary(bytes, &parsed).ok());
}

Everything Sample() {
  Everything m;
  const bool ok = google::protobuf::TextFormat::ParseFromString(
      R"pb(
        double_value: 1.5
        float_value: -2.5
        int32_value: -3
        int64_value: -4
        uint32_value: 4294967295
        uint64_value: 18446744073709551615
        sint32_value: -2147483648
        sint64_value: -9223372036854775808
        fixed32_value: 9
        fixed64_value: 10
        sfixed32_value: -11
        sfixed64_value: -12
        bool_value: true
        string_value: "caf\303\251"
        bytes_value: "\377\000"
        colour: COLOUR_NEGATIVE
        leaf { id: "a" rank: -1 note: "n" }
        maybe: 0
        doubles: [ 0, 1e300 ]
        floats: [ 1, 2 ]
        int32s: [ -1, 0, 300 ]
        sint64s: [ -1, 64 ]
        fixed32s: [ 1, 2 ]
        bools: [ true, false ]
        strings: [ "", "x" ]
        blobs: [ "", "y" ]
        colours: [ COLOUR_RED, COLOUR_NEGATIVE ]
        leaves { id: "b" }
        leaves {}
        children { children { int32_value: 1 } }
        children { string_value: "z" }
        unpacked: [ 1, -1 ]
        chosen { id: "c" }
        annotations { key: "k" value: "v" }
        annotations { key: "" value: "" }
        by_number {
          key: -1
          value { id: "d" }
        }
        by_number {
          key: 0
          value {}
        }
        by_bool { key: true value: "t" }
        by_bool { key: false value: "f" }
        by_sint64 { key: -5 value: 5 }
        by_fixed32 { key: 7 value: COLOUR_BLUE }
        by_uint64 { key: 18446744073709551615 value: "m" }
        at { seconds: 1700000000 nanos: 5 }
        period { seconds: -1 nanos: -1 }
        free_form {
          fields {
            key: "l"
            value {
              list_value {
                values { number_value: 1 }
                values { null_value: NULL_VALUE }
              }
            }
          }
        }
        any { type_url: "type.googleapis.com/x" value: "\377" }
        wrapped_int64 { value: -9 }
      )pb",
      &m);
  EXPECT_TRUE(ok);
  return m;
}

TEST(StrictWire, AcceptsWhatIsSerialised) {
  ExpectAccepted("");
  ExpectAccepted(Sample().SerializeAsString());
  Everything parsed;
  ASSERT_TRUE(ReadBinary(Sample().SerializeAsString(), &parsed).ok());
  EXPECT_EQ(Deterministic(parsed), Deterministic(Sample()));
  google::protobuf::FileDescriptorProto file;
  Everything::descriptor()->file()->CopyTo(&file);
  google::protobuf::FileDescriptorProto again;
  EXPECT_TRUE(ReadBinary(file.SerializeAsString(), &again).ok());
  EXPECT_EQ(Deterministic(file), Deterministic(again));
}

TEST(StrictWire, ReplacesWhatTheMessageHeld) {
  Everything parsed = Sample();
  ASSERT_TRUE(ReadBinary(VarintField(3, 1), &parsed).ok());
  EXPECT_EQ(Deterministic(parsed), VarintField(3, 1));
}

TEST(StrictWire, FieldOrderPackingAndExplicitDefaultsAreFree) {
  ExpectAccepted(VarintField(13, 1) + VarintField(3, 1));
  ExpectAccepted(VarintField(3, 0) + Bytes(14, "") + Bytes(17, ""));
  ExpectAccepted(VarintField(22, 1) + VarintField(22, 2));           // Packed by declaration.
  ExpectAccepted(Bytes(22, Varint(1)) + VarintField(22, 2));         // Mixed.
  ExpectAccepted(Bytes(31, Varint(1) + Varint(2)) + Bytes(31, ""));  // Unpacked by declaration.
  ExpectAccepted(Bytes(29, "") + VarintField(3, 1) + Bytes(29, ""));
}

TEST(StrictWire, OverlongVarints) {
  const std::string two_byte_zero("\x80\x00", 2);
  ExpectRefused(Tag(3, 0) + two_byte_zero, "int32_value", 1);
  ExpectRefused(Tag(3, 0) + "\x81" + std::string(1, '\0'), "int32_value", 1);
  ExpectRefused(std::string("\x98\x00\x01", 3), "", 0);                 // Tag 3 in two bytes.
  ExpectRefused(Tag(14, 2) + two_byte_zero, "string_value", 1);         // Length.
  ExpectRefused(Tag(99, 0) + two_byte_zero, "", 2);                     // Unknown field's value.
  ExpectRefused(Tag(99, 2) + two_byte_zero, "", 2);                     // Unknown field's length.
  ExpectRefused(Bytes(22, Varint(1) + two_byte_zero), "int32s[1]", 4);  // Packed.
  // Ten bytes hold 64 bits: the tenth may be 1 only.
  const std::string nine(9, '\xff');
  ExpectAccepted(Tag(6, 0) + nine + '\x01');
  ExpectRefused(Tag(6, 0) + nine + std::string(1, '\0'), "uint64_value", 1);
  ExpectRefused(Tag(6, 0) + nine + '\x02', "uint64_value", 1);
  ExpectRefused(Tag(6, 0) + nine + '\x7f', "uint64_value", 1);
  ExpectRefused(Tag(6, 0) + nine + '\xff' + '\x01', "uint64_value", 1);
}

TEST(StrictWire, VarintsOutOfTheFieldsRange) {
  const uint64_t kMin32 = static_cast<uint64_t>(int64_t{std::numeric_limits<int32_t>::min()});
  for (const int number : {3, 18}) {
    const absl::string_view path = number == 3 ? "int32_value" : "maybe";
    const size_t at = number == 3 ? 1 : 2;
    ExpectAccepted(VarintField(number, 0x7fffffff));
    ExpectRefused(VarintField(number, 0x80000000), path, at);
    ExpectRefused(VarintField(number, 0xffffffff), path, at);  // -1 in five bytes.
    ExpectAccepted(VarintField(number, kMin32));
    ExpectRefused(VarintField(number, kMin32 - 1), path, at);
    ExpectAccepted(VarintField(number, ~uint64_t{0}));
  }
  ExpectAccepted(VarintField(16, 77));  // An unknown value is for the caller to judge.
  ExpectRefused(VarintField(16, (uint64_t{1} << 32) + 1), "colour", 2);
  ExpectRefused(Bytes(28, Varint(1) + Varint((uint64_t{1} << 32) + 1)), "colours[1]", 4);
  ExpectAccepted(VarintField(5, 0xffffffff));
  ExpectRefused(VarintField(5, 0x100000000), "uint32_value", 1);
  ExpectAccepted(VarintField(7, 0xffffffff));
  ExpectRefused(VarintField(7, 0x100000000), "sint32_value", 1);
  ExpectAccepted(VarintField(13, 0) + VarintField(3, 1));
  ExpectAccepted(VarintField(13, 1));
  ExpectRefused(VarintField(13, 2), "bool_value", 1);
  ExpectRefused(Bytes(25, std::string("\x00\x01\x02", 3)), "bools[2]", 5);
  ExpectRefused(Bytes(25, std::string("\x00\x01", 2)) + VarintField(25, 2), "bools[2]", 7);
  ExpectAccepted(VarintField(4, ~uint64_t{0}));
  ExpectAccepted(VarintField(8, ~uint64_t{0}));
}

TEST(StrictWire, RepeatedSingularFields) {
  ExpectRefused(VarintField(3, 1) + VarintField(3, 1), "int32_value", 2);
  ExpectRefused(VarintField(3, 0) + VarintField(3, 1), "int32_value", 2);  // After a default too.
  ExpectRefused(VarintField(18, 0) + VarintField(18, 0), "maybe", 3);
  ExpectRefused(Bytes(14, "") + Bytes(14, "x"), "string_value", 2);
  // Two halves of a message, which parsing would merge into one.
  ExpectRefused(Bytes(17, Bytes(1, "a")) + Bytes(17, VarintField(2, 1)), "leaf", 6);
  ExpectRefused(Bytes(30, "") + Bytes(30, Bytes(17, Bytes(1, "a") + Bytes(1, "b"))),
                "children[1].leaf.id", 12);
}

TEST(StrictWire, MembersOfAOneof) {
  ExpectAccepted(Bytes(40, "x"));
  ExpectRefused(Bytes(40, "x") + VarintField(41, 1), "number", 4);
  ExpectRefused(VarintField(41, 1) + Bytes(42, ""), "chosen", 3);
  ExpectRefused(Bytes(40, "x") + Bytes(40, "x"), "name", 4);
  // `maybe` alone is in a oneof of the implementation's making.
  ExpectAccepted(Bytes(40, "x") + VarintField(18, 1));
}

TEST(StrictWire, MapKeys) {
  const auto entry = [](const std::string& key, const std::string& value) { return key + value; };
  const std::string a = Bytes(50, entry(Bytes(1, "a"), Bytes(2, "1")));
  const std::string b = Bytes(50, entry(Bytes(1, "b"), Bytes(2, "1")));
  ExpectAccepted(a + b);
  ExpectAccepted(b + VarintField(3, 1) + a);
  ExpectRefused(a + b + a, "annotations[2]", a.size() + b.size());
  // The value first; the key left out and spelled out; both left out.
  ExpectRefused(a + Bytes(50, entry(Bytes(2, "2"), Bytes(1, "a"))), "annotations[1]", a.size());
  ExpectAccepted(a + Bytes(50, ""));
  ExpectRefused(Bytes(50, "") + Bytes(50, Bytes(1, "")), "annotations[1]", 3);
  ExpectRefused(Bytes(51, Bytes(2, "")) + Bytes(51, VarintField(1, 0)), "by_number[1]", 5);
  ExpectRefused(Bytes(52, "") + Bytes(52, VarintField(1, 0)), "by_bool[1]", 3);
  ExpectRefused(Bytes(54, "") + Bytes(54, Tag(1, kFixed32Type) + std::string(4, '\0')),
                "by_fixed32[1]", 3);
  // A key of NUL bytes is not the empty key; fixed keys differ in any byte.
  ExpectAccepted(Bytes(50, "") + Bytes(50, Bytes(1, std::string(1, '\0'))) +
                 Bytes(50, Bytes(1, std::string(2, '\0'))));
  ExpectAccepted(Bytes(54, Tag(1, kFixed32Type) + std::string("\0\0\0\1", 4)) + Bytes(54, ""));
  // Keys of different maps have nothing to do with each other, nor have those of other messages.
  ExpectAccepted(Bytes(51, VarintField(1, 1)) + Bytes(53, VarintField(1, 1)));
  ExpectAccepted(Bytes(30, a) + Bytes(30, a));
}

TEST(StrictWire, MapEntries) {
  ExpectRefused(Bytes(50, Bytes(1, "a") + Bytes(1, "a")), "annotations[0].key", 6);
  ExpectRefused(Bytes(50, Bytes(2, "a") + Bytes(2, "a")), "annotations[0].value", 6);
  // Parsing would drop these from the entry.
  ExpectRefused(Bytes(50, VarintField(3, 1)), "annotations[0]", 3);
  ExpectRefused(Bytes(50, VarintField(1, 1)), "annotations[0]", 3);
  ExpectRefused(Bytes(51, VarintField(2, 1)), "by_number[0]", 3);
  ExpectRefused(Bytes(51, VarintField(1, uint64_t{1} << 32)), "by_number[0].key", 4);
  ExpectRefused(Bytes(54, VarintField(2, uint64_t{1} << 32)), "by_fixed32[0].value", 4);
  ExpectAccepted(Bytes(51, Bytes(2, VarintField(99, 1))));  // Kept in the value.
}

TEST(StrictWire, Utf8) {
  ExpectAccepted(Bytes(14, "caf\xc3\xa9") + Bytes(15, "\xff\xfe"));
  ExpectRefused(Bytes(14, "ab\xff"), "string_value", 4);
  ExpectRefused(Bytes(26, "a") + Bytes(26, "\xc3"), "strings[1]", 7);
  ExpectRefused(Bytes(50, Bytes(1, "\xff")), "annotations[0].key", 5);
  ExpectAccepted(Bytes(50, Bytes(2, "\xff")));
  ExpectRefused(Bytes(40, "\xed\xa0\x80"), "name", 3);
  // A sequence must not be completed by the bytes after the string.
  ExpectRefused(Bytes(17, Bytes(1, "\xc3")) + "\xa9\x01", "leaf.id", 5);
}

TEST(StrictWire, CutAndTrailingData) {
  const std::string whole = Bytes(17, Bytes(1, "abc") + VarintField(2, 300));
  ExpectAccepted(whole);
  for (size_t length = 1; length < whole.size(); ++length) {
    EXPECT_FALSE(Check(absl::string_view(whole).substr(0, length)).ok()) << length;
  }
  ExpectRefused(Tag(1, kFixed64Type) + std::string(7, 'x'), "double_value", 1);
  ExpectRefused(Tag(2, kFixed32Type) + std::string(3, 'x'), "float_value", 1);
  ExpectRefused(Bytes(20, std::string(15, 'x')), "doubles[1]", 11);
  ExpectRefused(Bytes(24, std::string(5, 'x')), "fixed32s[1]", 7);
  ExpectRefused(Bytes(22, "\x80") + "\x01", "int32s[0]", 3);  // Not past the run's end.
  ExpectRefused(Bytes(17, "\x08") + "\x01", "leaf", 4);       // Not past the message's end.
  ExpectRefused(Bytes(17, Tag(1, 2) + "\x02x") + "y", "leaf.id", 4);
  ExpectRefused(Bytes(17, Tag(99, kFixed32Type) + "12") + "34", "leaf", 5);
  ExpectRefused(Bytes(17, Tag(99, kFixed64Type) + "1234") + "5678", "leaf", 5);
  ExpectRefused(Bytes(24, "12345") + "678", "fixed32s[1]", 7);
  ExpectRefused(Bytes(20, "123456789") + "1234567", "doubles[1]", 11);
  ExpectRefused(VarintField(3, 1) + "\x80", "", 2);
  ExpectRefused(Tag(14, 2) + Varint(~uint64_t{0}), "string_value", 1);
  ExpectRefused(Tag(99, 2) + "\x01", "", 2);
  ExpectRefused(Tag(99, 1) + "1234567", "", 2);
  ExpectRefused(Tag(99, 5) + "123", "", 2);
}

TEST(StrictWire, FieldNumbersAndWireTypes) {
  ExpectRefused(Varint(0) + Varint(0), "", 0);
  ExpectRefused(Varint(2), "", 0);
  const int largest = (1 << 29) - 1;
  ExpectAccepted(VarintField(largest, 1));
  ExpectRefused(Varint(uint64_t{1} << 32) + Varint(1), "", 0);
  ExpectRefused(Varint((uint64_t{1} << 32) + (3 << 3)) + Varint(1), "", 0);  // 3 if cut to 32 bits.
  for (const int wire_type : {3, 4, 6, 7}) {
    for (const int number : {3, 17, 99}) {
      ExpectRefused(VarintField(13, 1) + Tag(number, wire_type) + Varint(0), "", 2);
    }
  }
}

TEST(StrictWire, UnknownFieldsAreLeftToTheCaller) {
  ExpectAccepted(VarintField(99, 1) + VarintField(99, 2) + Bytes(99, "\xff"));
  ExpectAccepted(VarintField(14, 1) + Bytes(14, "x"));  // The wrong wire type once, the right once.
  ExpectAccepted(Bytes(3, "x") + VarintField(1, 1) + Tag(14, 5) + "1234");
  ExpectAccepted(Tag(22, 5) + "1234");
  Everything parsed;
  ASSERT_TRUE(ReadBinary(VarintField(14, 1), &parsed).ok());
  EXPECT_FALSE(Everything::GetReflection()->GetUnknownFields(parsed).empty());
}

TEST(StrictWire, ExtensionFields) {
  const google::protobuf::Descriptor& options = *google::protobuf::FieldOptions::descriptor();
  EXPECT_TRUE(CheckWire(VarintField(999, 1), options).ok());
  EXPECT_EQ(CheckWire(VarintField(1000, 1), options).code(), absl::StatusCode::kInvalidArgument);
}

TEST(StrictWire, RequiredFields) {
  google::protobuf::UninterpretedOption::NamePart part;
  EXPECT_TRUE(ReadBinary(Bytes(1, "a") + VarintField(2, 0), &part).ok());
  EXPECT_EQ(ReadBinary(Bytes(1, "a"), &part).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(part.name_part(), "");
}

TEST(StrictWire, Depth) {
  // One message inside the other; `levels` counts the outermost.
  const auto nested = [](int levels) {
    std::string bytes;
    for (int i = 1; i < levels; ++i) bytes = Bytes(30, bytes);
    return bytes;
  };
  ExpectAccepted(nested(64));
  EXPECT_EQ(Check(nested(65)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Check(nested(2000)).code(), absl::StatusCode::kResourceExhausted);
  // A map entry is a level.
  std::string entry = Bytes(51, Bytes(2, ""));
  for (int i = 1; i < 62; ++i) entry = Bytes(30, entry);
  ExpectAccepted(entry);
  EXPECT_EQ(Check(Bytes(30, entry)).code(), absl::StatusCode::kResourceExhausted);
}

TEST(StrictWire, Size) {
  const std::string large(kMaxInputBytes - 5, 'x');
  const std::string exact = Bytes(15, large);
  ASSERT_EQ(exact.size(), kMaxInputBytes);
  EXPECT_TRUE(Check(exact).ok());
  EXPECT_EQ(Check(exact + "x").code(), absl::StatusCode::kResourceExhausted);
}

// Each is a quadratic trap for a careless reader; all must end in about the time of parsing.
TEST(StrictWire, HostileBulk) {
  std::string keys;
  for (int i = 0; i < 200000; ++i) keys += Bytes(50, Bytes(1, absl::StrCat(i)));
  EXPECT_TRUE(Check(keys).ok());
  std::string empties;
  for (int i = 0; i < 200000; ++i) empties += Bytes(30, "");
  EXPECT_TRUE(Check(empties).ok());
  ExpectRefused(empties + Bytes(30, Bytes(14, "\xff")), "children[200000].string_value",
                empties.size() + 5);
}

// Bytes spoiled at random: no crash, and what is accepted says the same when written and read anew.
TEST(StrictWire, MutatedBytes) {
  std::mt19937_64 random(20240229);
  const std::string valid = Sample().SerializeAsString();
  const auto below = [&random](size_t n) { return static_cast<size_t>(random() % n); };
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = valid;
    for (size_t changes = 1 + below(3); changes > 0 && !bytes.empty(); --changes) {
      const size_t at = below(bytes.size());
      switch (below(6)) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
          break;
        case 2:
          bytes.erase(at, 1 + below(4));
          break;
        case 3:
          bytes.insert(at, 1 + below(3), static_cast<char>(random()));
          break;
        case 4:
          bytes.resize(at);
          break;
        case 5:
          bytes.insert(at, bytes.substr(below(bytes.size()), below(12)));
          break;
      }
    }
    Everything first;
    if (!ReadBinary(bytes, &first).ok()) {
      ASSERT_EQ(first.ByteSizeLong(), 0u);
      continue;
    }
    ++accepted;
    const std::string written = Deterministic(first);
    Everything second;
    const absl::Status again = ReadBinary(written, &second);
    ASSERT_TRUE(again.ok()) << again;
    ASSERT_EQ(Deterministic(second), written);
  }
  EXPECT_GT(accepted, 500);
  EXPECT_LT(accepted, 19500);
}

}  // namespace
}  // namespace sluice
