#include "sluice/internal/strict_text.h"

#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/internal/canonical.h"
#include "sluice/internal/limits.h"
#include "sluice/internal/source_map.h"
#include "tests/internal/wire_test.pb.h"

namespace sluice {
namespace {

using ::sluice::internal_test::Everything;

std::string Repeat(absl::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) absl::StrAppend(&out, text);
  return out;
}

absl::Status Read(absl::string_view text) {
  Everything m;
  return ReadTextproto(text, &m, nullptr);
}

// Expects `text` to be read as protobuf's own parser reads it.
void ExpectReads(absl::string_view text) {
  Everything expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(std::string(text), &expected)) << text;
  Everything m;
  m.set_int32_value(77);  // Must not survive.
  const absl::Status status = ReadTextproto(text, &m, nullptr);
  EXPECT_TRUE(status.ok()) << text << " " << status;
  EXPECT_EQ(DeterministicBytes(m), DeterministicBytes(expected)) << text;
}

// Expects exactly these errors, each given as `line:column` or `line:column: path`.
void ExpectRefused(absl::string_view text, const std::vector<std::string>& errors) {
  Everything m;
  m.set_int32_value(77);
  const absl::Status status = ReadTextproto(text, &m, nullptr);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
  EXPECT_EQ(m.ByteSizeLong(), 0u) << text;
  const std::vector<std::string> lines = absl::StrSplit(status.message(), '\n');
  ASSERT_EQ(lines.size(), errors.size()) << text << " " << status;
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].substr(0, errors[i].size() + 2), errors[i] + ": ") << text << " " << status;
  }
}

TEST(StrictText, Values) {
  ExpectReads("");
  ExpectReads("# nothing but a comment\n");
  ExpectReads("int32_value: -2147483648 int64_value: -9223372036854775808");
  ExpectReads("uint32_value: 4294967295, uint64_value: 0xffffffffffffffff; sint32_value: -0x1");
  ExpectReads("fixed32_value: 0 fixed64_value: 1 sfixed32_value: - 2 sfixed64_value: 2");
  ExpectReads("bool_value: true bools: [false, true] bools: true");
  ExpectReads("string_value: 'a' \"b\" bytes_value: '\\377\\x00\\n'");
  ExpectReads("strings: ['a', \"b\"] strings: 'c' 'd' blobs: ['\\377']");
  ExpectReads("double_value: -1.5e3 float_value: 2 doubles: [inf, -inf, nan, 1, .5, 1., 1f, -0.0]");
  ExpectReads("floats: [3.4028234e38, -3.4028234e38, Infinity, NaN]");
  ExpectReads("doubles: [18446744073709551616, 123456789012345678901234567890]");
  ExpectReads("colour: COLOUR_RED colours: [COLOUR_BLUE, 1, -1, 0]");
  ExpectReads("leaf { id: 'a' } chosen: < id: 'b' >");
  ExpectReads("leaves: [{ id: 'a' }, <>] leaves {} leaves: [] int32s: []");
  ExpectReads("annotations { key: 'a' value: 'b' } annotations: { value: 'c' }");
  ExpectReads("by_number: [{ key: 1 value { id: 'x' } }, { key: -1 value {} }, {}]");
  ExpectReads("by_bool { key: true value: 't' } by_bool { value: 'f' }");
  ExpectReads("children { children { leaf { rank: 1 } } } maybe: 0 name: ''");
  ExpectReads("free_form { fields { key: 'a' value { number_value: 1 } } }");
  ExpectReads("any { type_url: 'x' value: 'y' }");
  ExpectReads("any { [type.googleapis.com/sluice.internal_test.Leaf] { id: 'x' } }");
  ExpectReads("any: { [type.googleapis.com/google.protobuf.Any]: <type_url: 'x'> }");
}

TEST(StrictText, Duplicates) {
  // The format's own parser lets the second pass after a default.
  ExpectRefused("int32_value: 0\nint32_value: 5", {"2:1: int32_value"});
  ExpectRefused("int32_value: 1 int32_value: 1", {"1:16: int32_value"});
  ExpectRefused("string_value: '' string_value: 'a'", {"1:18: string_value"});
  ExpectRefused("colour: COLOUR_UNSPECIFIED colour: COLOUR_RED", {"1:28: colour"});
  ExpectRefused("bool_value: false bool_value: true bool_value: true",
                {"1:19: bool_value", "1:36: bool_value"});
  ExpectRefused("maybe: 0 maybe: 0", {"1:10: maybe"});
  ExpectRefused("leaf {} leaf { id: 'a' }", {"1:9: leaf"});
  ExpectRefused("leaves { rank: 0 } leaves { rank: 0 rank: 1 }", {"1:37: leaves[1].rank"});
  ExpectRefused("name: '' number: 0", {"1:10: number"});
  ExpectRefused("number: 0 chosen {} name: 'a'", {"1:11: chosen", "1:21: name"});
  ExpectRefused("name: 'a' name: 'a'", {"1:11: name"});
  ExpectRefused("any { type_url: '' type_url: 'x' }", {"1:20: any.type_url"});
}

TEST(StrictText, MapKeys) {
  ExpectRefused("annotations { key: 'a' } annotations { key: 'b' } annotations { key: 'a' }",
                {"1:51: annotations[2]"});
  ExpectRefused("annotations { key: 'a' } annotations { value: 'v' key: '\\141' }",
                {"1:26: annotations[1]"});
  ExpectRefused("annotations {} annotations { key: '' }", {"1:16: annotations[1]"});
  ExpectRefused("annotations: [{ key: 'a' }, { key: 'a' }]", {"1:29: annotations[1]"});
  ExpectRefused("by_number { key: 1 } by_number { key: 0x1 }", {"1:22: by_number[1]"});
  ExpectRefused("by_number {} by_number { key: -0 }", {"1:14: by_number[1]"});
  ExpectRefused("by_bool {} by_bool { key: false }", {"1:12: by_bool[1]"});
  ExpectRefused("annotations { key: 'a' key: 'b' }", {"1:24: annotations[0].key"});
  ExpectReads("by_number { key: 1 } by_sint64 { key: 1 } by_number { key: -1 }");
  ExpectReads("children { annotations { key: 'a' } } children { annotations { key: 'a' } }");
}

TEST(StrictText, UnknownNames) {
  ExpectRefused("int32_valu: 1", {"1:1"});
  ExpectRefused("Int32_value: 1 int32Value: 1", {"1:1", "1:16"});
  ExpectRefused("3: 1", {"1:1"});
  ExpectRefused("'int32_value': 1", {"1:1"});
  // The format's own parser passes over a reserved name in silence.
  ExpectRefused("leaf { retired: 1 id: 'a' }", {"1:8: leaf"});
  ExpectRefused("[x.y]: 1", {"1:1"});
  ExpectRefused("[type.googleapis.com/sluice.internal_test.Leaf] {}", {"1:1"});
  ExpectRefused("leaf { [x.y] { a: [1, '}'] } id: 'a' }", {"1:8: leaf"});
  ExpectRefused("any { [type.googleapis.com/x.y] {} }", {"1:7: any"});
  ExpectRefused("any { [example.com/sluice.internal_test.Leaf] {} }", {"1:7: any"});
  ExpectRefused("colour: RED", {"1:9: colour"});
  ExpectRefused("colour: colour_red", {"1:9: colour"});
  ExpectRefused("colours: [COLOUR_RED, 77, -2, 4294967297, 1.0]",
                {"1:23: colours[1]", "1:27: colours[2]", "1:31: colours[3]", "1:43: colours[4]"});
  ExpectRefused("colour: 'COLOUR_RED'", {"1:9: colour"});
}

TEST(StrictText, Any) {
  const std::string leaf = "[type.googleapis.com/sluice.internal_test.Leaf]";
  ExpectRefused(absl::StrCat("any { ", leaf, " { rank: 0 rank: 1 } }"), {"1:65: any.rank"});
  ExpectRefused(absl::StrCat("any { ", leaf, " { ranks: 0 } }"), {"1:57: any"});
  const absl::Status twice = Read(absl::StrCat("any { ", leaf, " {} ", leaf, " {} }"));
  EXPECT_EQ(twice.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(Read(absl::StrCat("any { ", leaf, " {} type_url: 'x' }")).ok());
  EXPECT_FALSE(Read(absl::StrCat("any { value: '' ", leaf, " {} }")).ok());
}

TEST(StrictText, WrongKinds) {
  const struct {
    absl::string_view field;
    std::vector<absl::string_view> values;
  } kCases[] = {
      {"int32_value",
       {"2147483648", "-2147483649", "010", "00", "1.0", "1e2", "'1'", "true", "{}", "[1]", "0x",
        "99999999999999999999"}},
      {"int64_value", {"9223372036854775808", "-9223372036854775809"}},
      {"uint32_value", {"-1", "4294967296"}},
      {"uint64_value", {"-1", "18446744073709551616", "-0"}},
      {"bool_value", {"1", "0", "True", "t", "'true'", "TRUE", "[true]"}},
      {"string_value", {"1", "a", "true", "{}", "['a']", "-'a'"}},
      {"bytes_value", {"1", "a"}},
      {"double_value", {"1e400", "-1e400", "0x10", "010", "'1'", "true", "infinite", "1e400f"}},
      {"float_value", {"1e39", "-1e39", "3.4028236e38", "340282366920938463463374607431768211456"}},
      {"leaf", {"1", "'x'", "[{}]", "null"}},
      {"leaves", {"1", "[1]", "[{} {}]"}},
  };
  for (const auto& c : kCases) {
    for (absl::string_view value : c.values) {
      const absl::Status status = Read(absl::StrCat(c.field, ": ", value));
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.field << " " << value;
      EXPECT_EQ(status.message().substr(0, 2), "1:") << status;
    }
  }
}

TEST(StrictText, CommasInLists) {
  // Two strings side by side become one, which is no element of anything.
  ExpectRefused("strings: ['a' 'b']", {"1:15: strings[0]"});
  ExpectRefused("strings: ['a',\n  'b'\n  'c']", {"3:3: strings[1]"});
  ExpectRefused("int32s: [1 2]", {"1:12: int32s"});
  ExpectRefused("int32s: [1,]", {"1:12: int32s[1]"});
  ExpectRefused("int32s: [,1]", {"1:10: int32s[0]", "1:11: int32s"});
}

TEST(StrictText, Utf8AndEscapes) {
  ExpectReads("string_value: 'caf\xc3\xa9' bytes_value: '\\377'");
  ExpectReads("string_value: 'caf\\303\\251 \\u00e9 \\U0001f600'");
  ExpectRefused("string_value: 'caf\\351'", {"1:15: string_value"});
  ExpectRefused("string_value: 'a' '\\303'", {"1:15: string_value"});
  ExpectRefused("strings: 'a' strings: '\\xff'", {"1:23: strings[1]"});
  ExpectRefused("annotations { key: '\\xff' value: '\\xff' }", {"1:20: annotations[0].key"});
  EXPECT_FALSE(Read("string_value: '\\ud800'").ok());
  ExpectRefused("bytes_value: '\\400'", {"1:14: bytes_value"});
  ExpectRefused("bytes_value: '\\777'", {"1:14: bytes_value"});
  ExpectReads("bytes_value: '\\\\400 \\377 \\47x'");
  ExpectRefused("string_value: '\xff'", {"1:16"});
  ExpectRefused("# \xff\n", {"1:3"});
  EXPECT_FALSE(Read("string_value: '\\q'").ok());
  EXPECT_FALSE(Read("string_value: 'a").ok());
  EXPECT_FALSE(Read("string_value: 'a\nb'").ok());
  EXPECT_FALSE(Read(absl::string_view("int32_value: 1\0", 15)).ok());
}

TEST(StrictText, Structure) {
  ExpectRefused("leaf { id: 'a'", {"1:15: leaf"});
  ExpectRefused("leaf { id: 'a' >", {"1:16: leaf"});
  ExpectRefused("leaf < id: 'a' }", {"1:16: leaf"});
  ExpectRefused("}", {"1:1"});
  ExpectRefused("int32_value 1", {"1:13: int32_value"});
  ExpectRefused("int32_value:", {"1:13: int32_value"});
  ExpectRefused("int32_value: -", {"1:15: int32_value"});
  ExpectRefused("int32_value: 1;; bool_value: true", {"1:16"});
  ExpectRefused("int32_value: 1 // no", {"1:16"});
  ExpectRefused("leaf: [", {"1:7: leaf", "1:8: leaf"});
  ExpectRefused("absent: { a: 1 b { c: [1, 2] } } int32_value: 'x' leaf { rank: y }",
                {"1:1", "1:47: int32_value", "1:64: leaf.rank"});
  ExpectRefused("absent { a: 1", {"1:1", "1:14"});
  ExpectRefused("absent: 'a' 'b' absent: -1 absent: x absent <>", {"1:1", "1:17", "1:28", "1:38"});
  ExpectRefused("absent:", {"1:1", "1:8"});
}

TEST(StrictText, AllErrorsUpToAHundred) {
  const absl::Status status = Read(Repeat("absent: 1\n", 250));
  EXPECT_EQ(std::vector<std::string>(absl::StrSplit(status.message(), '\n')).size(), 100u);
}

TEST(StrictText, Groups) {
  google::protobuf::FileDescriptorProto file;
  EXPECT_TRUE(ReadTextproto("name: 'a' message_type { name: 'B' }", &file, nullptr).ok());
  google::protobuf::UninterpretedOption::NamePart part;
  EXPECT_FALSE(ReadTextproto("name_part: 'a'", &part, nullptr).ok());  // Lacks a required field.
  EXPECT_EQ(part.name_part(), "");
}

TEST(StrictText, Depth) {
  const auto children = [](int levels) {
    return absl::StrCat(Repeat("children {", levels - 1), Repeat("}", levels - 1));
  };
  EXPECT_TRUE(Read(children(64)).ok());
  EXPECT_EQ(Read(children(65)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read(children(65)).message().substr(0, 2), "1:");  // Found with its place.
  EXPECT_EQ(Read(Repeat("children {", 1000000)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read(Repeat("children: [<", 1000000)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read("any {" + Repeat("[type.googleapis.com/google.protobuf.Any] {", 1000)).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read("absent " + Repeat("{a", 1000000)).code(), absl::StatusCode::kInvalidArgument);
  // A map entry is a level.
  const std::string entry = "by_number { value {} }";
  EXPECT_TRUE(Read(absl::StrCat(Repeat("children {", 61), entry, Repeat("}", 61))).ok());
  EXPECT_EQ(Read(absl::StrCat(Repeat("children {", 62), entry, Repeat("}", 62))).code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(StrictText, Size) {
  EXPECT_TRUE(Read(std::string(kMaxTextInputBytes, ' ')).ok());
  EXPECT_EQ(Read(std::string(kMaxTextInputBytes + 1, ' ')).code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(StrictText, TellsWhereFieldsStand) {
  Everything m;
  SourceMap map;
  ASSERT_TRUE(ReadTextproto("# a comment\n"     // 1
                            "leaf {\n"          // 2
                            "  id:\n"           // 3
                            "    'a'\n"         // 4
                            "}\n"               // 5
                            "leaves: [\n"       // 6
                            "  { id: 'b' },\n"  // 7
                            "  {\n"             // 8
                            "    id: 'c'\n"     // 9
                            "  }\n"             // 10
                            "]\n"               // 11
                            "leaves {}\n"       // 12
                            "annotations {\n"   // 13
                            "  key: 'k'\n"      // 14
                            "}\n"               // 15
                            "any {\n"           // 16
                            "  [type.googleapis.com/sluice.internal_test.Leaf] {\n"
                            "    rank: 1\n"  // 18
                            "  }\n"
                            "}\n",
                            &m, &map)
                  .ok());
  EXPECT_EQ(map.LineOf("leaf"), 2);
  EXPECT_EQ(map.LineOf("leaf.id"), 3);
  EXPECT_EQ(map.LineOf("leaf.rank"), 2);
  EXPECT_EQ(map.LineOf("leaves[0].id"), 7);
  EXPECT_EQ(map.LineOf("leaves[1]"), 8);
  EXPECT_EQ(map.LineOf("leaves[1].id"), 9);
  EXPECT_EQ(map.LineOf("leaves[1].rank"), 8);
  EXPECT_EQ(map.LineOf("leaves[2]"), 12);
  EXPECT_EQ(map.LineOf("leaves[3]"), 1);
  EXPECT_EQ(map.LineOf("annotations[0].key"), 14);
  EXPECT_EQ(map.LineOf("annotations[\"k\"].key"), 14);
  EXPECT_EQ(map.LineOf("any.rank"), 18);
  EXPECT_EQ(map.LineOf("period.seconds"), 1);
}

TEST(StrictText, TellsWhereFieldsStandDespiteErrors) {
  Everything m;
  SourceMap map;
  EXPECT_FALSE(ReadTextproto("absent: 1\nleaf {\nrank: 'x'\n}", &m, &map).ok());
  EXPECT_EQ(map.LineOf("leaf.rank"), 3);
  EXPECT_FALSE(ReadTextproto("\xff", &m, &map).ok());
  EXPECT_EQ(map.LineOf("leaf.rank"), 1);
}

// Text spoiled at random: no crash; what is accepted, protobuf's own parser reads alike, and it
// says the same when printed and read anew.
TEST(StrictText, MutatedText) {
  const std::string valid = R"(
    double_value: 1.5
    int32_value: -3
    uint64_value: 0xff
    bool_value: true
    string_value: "caf\303\251"
    bytes_value: "\377"
    colour: COLOUR_NEGATIVE
    leaf { id: "a" rank: 10 }
    maybe: 0
    int32s: [ 1, 20, -300 ]
    leaves { id: "b" }
    leaves: [ { id: "d" }, {} ]
    children { children: < int64_value: 0 > }
    chosen { id: "c" }
    annotations { key: "k" value: "v" }
    by_number { key: -1 value {} }
    by_number { key: 0 }
    by_bool { key: true value: "t" }
    at { seconds: 1 nanos: 5 }
    any { [type.googleapis.com/sluice.internal_test.Leaf] { id: "x" } }
    wrapped_int64 { value: -9 }
  )";
  ASSERT_TRUE(Read(valid).ok()) << Read(valid);
  std::mt19937_64 random(20240302);
  const auto below = [&random](size_t n) { return static_cast<size_t>(random() % n); };
  constexpr absl::string_view kBytes = "\"'\\{}[]<>:,;#0123456789-.exf tru_\n\xc3\xff";
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = valid;
    for (size_t changes = 1 + below(2); changes > 0 && !text.empty(); --changes) {
      const size_t at = below(text.size());
      switch (below(5)) {
        case 0:
          text[at] = kBytes[below(kBytes.size())];
          break;
        case 1:
          text.erase(at, 1 + below(4));
          break;
        case 2:
          text.insert(at, 1, kBytes[below(kBytes.size())]);
          break;
        case 3:
          text.insert(at, text.substr(below(text.size()), below(24)));
          break;
        case 4:
          if (below(4) == 0) text.resize(at);
          break;
      }
    }
    Everything first;
    const absl::Status status = ReadTextproto(text, &first, nullptr);
    if (!status.ok()) {
      ASSERT_EQ(first.ByteSizeLong(), 0u);
      ASSERT_TRUE(status.message()[0] >= '1' && status.message()[0] <= '9') << status << text;
      continue;
    }
    ++accepted;
    Everything lenient;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &lenient));
    ASSERT_EQ(DeterministicBytes(lenient), DeterministicBytes(first)) << text;
    std::string printed;
    ASSERT_TRUE(google::protobuf::TextFormat::PrintToString(first, &printed));
    Everything second;
    const absl::Status again = ReadTextproto(printed, &second, nullptr);
    ASSERT_TRUE(again.ok()) << again << printed;
    ASSERT_EQ(DeterministicBytes(second), DeterministicBytes(first)) << text;
  }
  EXPECT_GT(accepted, 2000);
  EXPECT_LT(accepted, 18000);
}

}  // namespace
}  // namespace sluice
