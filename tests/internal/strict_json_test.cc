#include "sluice/internal/strict_json.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "sluice/internal/canonical.h"
#include "sluice/internal/limits.h"
#include "tests/internal/wire_test.pb.h"

namespace sluice {
namespace {

using ::sluice::internal_test::Everything;
using ::sluice::internal_test::Leaf;

std::string Repeat(absl::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) absl::StrAppend(&out, text);
  return out;
}

absl::Status Read(absl::string_view text) {
  Everything m;
  return ReadJson(text, &m);
}

// Expects `json` to say the same as `textproto`.
void ExpectReads(absl::string_view json, const std::string& textproto) {
  Everything expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(textproto, &expected)) << textproto;
  Everything m;
  m.set_int32_value(77);  // Must not survive.
  const absl::Status status = ReadJson(json, &m);
  EXPECT_TRUE(status.ok()) << json << " " << status;
  EXPECT_EQ(DeterministicBytes(m), DeterministicBytes(expected)) << json << m.DebugString();
}

// Expects `json` to be refused at this line and column, for the field of this path.
void ExpectRefused(absl::string_view json, absl::string_view place, absl::string_view path = "") {
  Everything m;
  m.set_int32_value(77);
  const absl::Status status = ReadJson(json, &m);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << json;
  EXPECT_EQ(m.ByteSizeLong(), 0u) << json;
  const std::string start = absl::StrCat(place, ": ", path, path.empty() ? "" : ": ");
  EXPECT_EQ(status.message().substr(0, start.size()), start) << json << " " << status;
  if (path.empty()) {
    EXPECT_EQ(status.message().substr(start.size()).find(": "), absl::string_view::npos)
        << json << " " << status;
  }
}

TEST(StrictJson, Scalars) {
  ExpectReads("{}", "");
  ExpectReads(" {\n} ", "");
  ExpectReads(R"({"int32Value": -1, "int32s": [1, "2"]})", "int32_value: -1 int32s: [1, 2]");
  ExpectReads(R"({"int32_value": 2147483647})", "int32_value: 2147483647");
  ExpectReads(R"({"int64_value": "-9223372036854775808"})", "int64_value: -9223372036854775808");
  ExpectReads(R"({"int64_value": 9007199254740993})", "int64_value: 9007199254740993");
  ExpectReads(R"({"uint64_value": 18446744073709551615})", "uint64_value: 18446744073709551615");
  ExpectReads(R"({"fixed64_value": "18446744073709551615"})",
              "fixed64_value: 18446744073709551615");
  ExpectReads(R"({"bool_value": true, "bools": [false, true]})",
              "bool_value: true bools: [false, true]");
  ExpectReads(R"({"string_value": "a\u0000\n\ud83d\ude00"})",
              "string_value: 'a\\000\\n\\360\\237\\230\\200'");
  ExpectReads(R"({"double_value": 1e-3, "float_value": -2.5})",
              "double_value: 0.001 float_value: -2.5");
  ExpectReads(R"({"double_value": "1.5", "doubles": [1, "-Infinity", "Infinity", "NaN"]})",
              "double_value: 1.5 doubles: [1, -inf, inf, nan]");
  ExpectReads(R"({"double_value": -0.0})", "double_value: -0.0");
  ExpectReads(R"({"bytes_value": "/+8="})", "bytes_value: '\\377\\357'");
  ExpectReads(R"({"bytes_value": "_-8"})", "bytes_value: '\\377\\357'");
  ExpectReads(R"({"blobs": ["", "AA==", "AA", "AAAA", "AAE="]})",
              "blobs: ['', '\\000', '\\000', '\\000\\000\\000', '\\000\\001']");
  ExpectReads(R"({"colour": "COLOUR_RED", "colours": ["COLOUR_BLUE", -1, 1]})",
              "colour: COLOUR_RED colours: [COLOUR_BLUE, COLOUR_NEGATIVE, COLOUR_RED]");
  ExpectReads(R"({"maybe": 0})", "maybe: 0");
  ExpectReads(R"({"leaf": {"id": "a"}, "leaves": [{}, {"rank": 1}]})",
              "leaf { id: 'a' } leaves {} leaves { rank: 1 }");
  ExpectReads(R"({"number": "0"})", "number: 0");
}

TEST(StrictJson, NullLeavesUnset) {
  ExpectReads(R"({"int32Value": null, "leaf": null, "leaves": null, "annotations": null,
                  "at": null, "wrappedInt64": null, "freeForm": null, "list": null, "any": null,
                  "colour": null, "maybe": null, "name": null})",
              "");
  ExpectReads(R"({"anyValue": null, "values": [null]})",
              "any_value { null_value: NULL_VALUE } values { null_value: NULL_VALUE }");
  // Parsing drops these from their lists and reads these map values as empty.
  ExpectRefused(R"({"strings": ["a", null]})", "1:19", "strings[1]");
  ExpectRefused(R"({"int32s": [null]})", "1:13", "int32s[0]");
  ExpectRefused(R"({"colours": [null]})", "1:14", "colours[0]");
  ExpectRefused(R"({"leaves": [{}, null]})", "1:17", "leaves[1]");
  ExpectRefused(R"({"instants": [null]})", "1:15", "instants[0]");
  ExpectRefused(R"({"annotations": {"a": null}})", "1:23", "annotations[\"a\"]");
  ExpectRefused(R"({"byNumber": {"1": null}})", "1:20", "by_number[\"1\"]");
}

TEST(StrictJson, Maps) {
  ExpectReads(R"({"annotations": {"": "", "k": "dg=="}})",
              "annotations { key: '' } annotations { key: 'k' value: 'v' }");
  ExpectReads(R"({"by_number": {"-1": {}, "0": {"id": "a"}}})",
              "by_number { key: -1 value {} } by_number { key: 0 value { id: 'a' } }");
  ExpectReads(R"({"by_bool": {"true": "t", "false": "f"}})",
              "by_bool { key: true value: 't' } by_bool { key: false value: 'f' }");
  ExpectReads(R"({"by_fixed32": {"4294967295": "COLOUR_BLUE"}})",
              "by_fixed32 { key: 4294967295 value: COLOUR_BLUE }");
  ExpectReads(R"({"periods": {"a": "1s"}})", "periods { key: 'a' value { seconds: 1 } }");
  ExpectRefused(R"({"annotations": {"a": "", "b": "", "a": ""}})", "1:36", "annotations[\"a\"]");
  ExpectRefused(R"({"annotations": {"a": "", "\u0061": ""}})", "1:27", "annotations[\"a\"]");
  for (absl::string_view key : {"01", "+1", "-0", "1.0", "1e0", "", " 1", "2147483648", "0x1"}) {
    ExpectRefused(absl::StrCat("{\"byNumber\": {\"", key, "\": {}}}"), "1:15",
                  absl::StrCat("by_number[\"", key, "\"]"));
  }
  ExpectRefused(R"({"byUint64": {"-1": ""}})", "1:15", "by_uint64[\"-1\"]");
  ExpectRefused(R"({"byBool": {"1": ""}})", "1:13", "by_bool[\"1\"]");
  ExpectRefused(R"({"byBool": {"True": ""}})", "1:13", "by_bool[\"True\"]");
  ExpectRefused(R"({"annotations": []})", "1:17", "annotations");
}

TEST(StrictJson, Duplicates) {
  ExpectRefused(R"({"int32Value": 1, "int32Value": 1})", "1:19", "int32_value");
  ExpectRefused("{\"int32Value\": 1,\n \"int32_value\": 1}", "2:2", "int32_value");
  ExpectRefused(R"({"int32Value": null, "int32_value": 1})", "1:22", "int32_value");
  ExpectRefused(R"({"int32Value": 1, "int32_value": null})", "1:19", "int32_value");
  ExpectRefused(R"({"leaf": {}, "l\u0065af": {}})", "1:14", "leaf");
  ExpectRefused(R"({"leaves": [], "leaves": []})", "1:16", "leaves");
  ExpectRefused(R"({"annotations": {}, "annotations": {}})", "1:21", "annotations");
  ExpectRefused(R"({"leaves": [{}, {"id": "a", "id": "a"}]})", "1:29", "leaves[1].id");
  ExpectRefused(R"({"name": "a", "number": 1})", "1:15", "number");
  ExpectRefused(R"({"name": null, "number": 1})", "1:16", "number");
  ExpectReads(R"({"leaves": [{"id": "a"}, {"id": "a"}]})", "leaves { id: 'a' } leaves { id: 'a' }");
}

TEST(StrictJson, UnknownNames) {
  ExpectRefused(R"({"int32_valu": 1})", "1:2");
  ExpectRefused(R"({"Int32Value": 1})", "1:2");
  ExpectRefused(R"({"int32Value ": 1})", "1:2");
  ExpectRefused(R"({"int32-value": 1})", "1:2");
  ExpectRefused(R"({"": 1})", "1:2");
  ExpectRefused(R"({"3": 1})", "1:2");
  ExpectRefused(R"({"@type": "x"})", "1:2");
  ExpectRefused(R"({"[x.y]": 1})", "1:2");
  ExpectRefused(R"({"leaf": {"retired": 1}})", "1:11", "leaf");
  for (absl::string_view value : {"\"colour_red\"", "\"RED\"", "\"\"", "\"1\"", "77", "1.0", "1e0",
                                  "4294967297", "-2", "true", "[]"}) {
    ExpectRefused(absl::StrCat("{\"colour\": ", value, "}"), "1:12", "colour");
  }
}

TEST(StrictJson, WrongKinds) {
  const struct {
    absl::string_view field;
    absl::string_view path;
    std::vector<absl::string_view> values;
  } kCases[] = {
      {"int32Value",
       "int32_value",
       {"2147483648", "-2147483649", "\"2147483648\"", "1.0", "1.5", "1e2", "\"1e2\"", "\"\"",
        "\" 1\"", "\"1 \"", "\"0x1\"", "\"01\"", "\"+1\"", "true", "{}", "[1]", "\"NaN\""}},
      {"int64Value",
       "int64_value",
       {"9223372036854775808", "-9223372036854775809", "9007199254740993.0"}},
      {"uint32Value", "uint32_value", {"-1", "4294967296", "\"-1\""}},
      {"uint64Value", "uint64_value", {"-1", "18446744073709551616"}},
      {"boolValue", "bool_value", {"\"true\"", "1", "0", "\"\"", "True"}},
      {"stringValue", "string_value", {"1", "true", "{}", "[\"a\"]", "'a'"}},
      {"bytesValue",
       "bytes_value",
       {"1", "\"A\"", "\"AB\"", "\"AA=\"", "\"AAA==\"", "\"AA===\"", "\"=\"", "\"AA==AA==\"",
        "\"A A=\"", "\"AAA\\n\"", "\"+-AA\"", "\"AAB\"", "\"AAB=\"", "\"AAAA====\""}},
      {"doubleValue",
       "double_value",
       {"\"inf\"", "\"nan\"", "\"+Infinity\"", "\"\"", "\"0x1p3\"", "\" 1\"", "1e400", "-1e400",
        "\"1e400\"", "true", "[1.0]", "NaN", "Infinity", "-Infinity", ".5", "+1"}},
      {"floatValue", "float_value", {"1e39", "-1e39", "3.4028236e38", "1e400"}},
      {"leaf", "leaf", {"\"x\"", "[]", "[{}]", "1", "true"}},
      {"leaves", "leaves", {"{}", "\"x\"", "1"}},
      {"strings", "strings", {"\"a\"", "{}"}},
      {"int32s", "int32s", {"1"}},
      {"colours", "colours", {"1", "\"COLOUR_RED\""}},
      {"wrappedInt64", "wrapped_int64", {"{\"value\": 5}", "1.5", "{}"}},
      {"wrappedBool", "wrapped_bool", {"\"true\"", "1"}},
      {"wrappedString", "wrapped_string", {"1"}},
      {"list", "list", {"{}", "1"}},
      {"freeForm", "free_form", {"[]", "1"}},
      {"mask", "mask", {"[]", "1"}},
  };
  for (const auto& c : kCases) {
    const std::string place = absl::StrCat("1:", c.field.size() + 6);
    for (absl::string_view value : c.values) {
      ExpectRefused(absl::StrCat("{\"", c.field, "\": ", value, "}"), place, c.path);
    }
  }
}

TEST(StrictJson, Timestamps) {
  ExpectReads(R"({"at": "1970-01-01T00:00:01.5Z"})", "at { seconds: 1 nanos: 500000000 }");
  ExpectReads(R"({"at": "1970-01-01T01:00:01.000000001+01:00"})", "at { seconds: 1 nanos: 1 }");
  ExpectReads(R"({"at": "0001-01-01T00:00:00Z"})", "at { seconds: -62135596800 }");
  ExpectReads(R"({"at": "9999-12-31T23:59:59.999999999Z"})",
              "at { seconds: 253402300799 nanos: 999999999 }");
  ExpectReads(R"({"at": "2024-02-29T00:00:00Z"})", "at { seconds: 1709164800 }");
  for (absl::string_view value : {"",
                                  "2023-02-29T00:00:00Z",
                                  "2023-02-28T24:00:00Z",
                                  "2023-02-28T23:59:60Z",
                                  "2023-02-28t23:59:00Z",
                                  "2023-02-28T23:59:00z",
                                  "2023-02-28 23:59:00Z",
                                  "2023-02-28T23:59:00",
                                  "2023-2-28T23:59:00Z",
                                  "2023-02-28T23:59:00.Z",
                                  "2023-02-28T23:59:00.1234567891Z",
                                  "2023-02-28T23:59Z",
                                  "2023-02-28T23:59:00+24:00",
                                  "2023-02-28T23:59:00+0100",
                                  "2023-13-01T00:00:00Z",
                                  "2023-00-01T00:00:00Z",
                                  "0000-12-31T23:59:59Z",
                                  "10000-01-01T00:00:00Z",
                                  "0001-01-01T00:00:00+00:01",
                                  "9999-12-31T23:59:59-00:01",
                                  " 2023-02-28T23:59:00Z",
                                  "2023-02-28T23:59:00Z "}) {
    ExpectRefused(absl::StrCat("{\"at\": \"", value, "\"}"), "1:8", "at");
  }
  ExpectRefused(R"({"at": 1})", "1:8", "at");
  ExpectRefused(R"({"at": {"seconds": 1}})", "1:8", "at");
}

TEST(StrictJson, Durations) {
  ExpectReads(R"({"period": "1s"})", "period { seconds: 1 }");
  ExpectReads(R"({"period": "-0.000000001s"})", "period { nanos: -1 }");
  ExpectReads(R"({"period": "-1.5s"})", "period { seconds: -1 nanos: -500000000 }");
  ExpectReads(R"({"period": "315576000000s"})", "period { seconds: 315576000000 }");
  for (absl::string_view value :
       {"", "s", "1", "1.s", ".5s", "+1s", " 1s", "1s ", "1 s", "0x1s", "1e3s", "1.0000000001s",
        "315576000001s", "-315576000001s", "9999999999999999999999s", "--1s", "1m", "1ms"}) {
    ExpectRefused(absl::StrCat("{\"period\": \"", value, "\"}"), "1:12", "period");
  }
}

TEST(StrictJson, FreeForm) {
  ExpectReads(R"({"freeForm": {"a": 1, "b": [null, {"c": "d"}]}, "anyValue": true})",
              R"pb(
                free_form {
                  fields {
                    key: "a"
                    value { number_value: 1 }
                  }
                  fields {
                    key: "b"
                    value {
                      list_value {
                        values { null_value: NULL_VALUE }
                        values {
                          struct_value {
                            fields {
                              key: "c"
                              value { string_value: "d" }
                            }
                          }
                        }
                      }
                    }
                  }
                }
                any_value { bool_value: true }
              )pb");
  ExpectRefused(R"({"freeForm": {"a": 1, "a": 2}})", "1:23", "free_form");
  ExpectRefused(R"({"anyValue": {"b": {"a": 1, "\u0061": 2}}})", "1:29", "any_value");
  ExpectRefused(R"({"anyValue": 1e999})", "1:14", "any_value");
  ExpectRefused(R"({"anyValue": NaN})", "1:14", "any_value");
  ExpectRefused(R"({"list": [1, ]})", "1:14", "list");
}

TEST(StrictJson, Any) {
  Everything m;
  const absl::Status status = ReadJson(
      R"({"any": {"@type": "type.googleapis.com/sluice.internal_test.Leaf", "id": "x"}})", &m);
  ASSERT_TRUE(status.ok()) << status;
  Leaf leaf;
  ASSERT_TRUE(m.any().UnpackTo(&leaf));
  EXPECT_EQ(leaf.id(), "x");
  ExpectReads(R"({"any": {}})", "any {}");
  const std::string leaf_type = R"("@type": "type.googleapis.com/sluice.internal_test.Leaf")";
  const std::string duration = R"("@type": "type.googleapis.com/google.protobuf.Duration")";
  EXPECT_TRUE(Read(absl::StrCat("{\"any\": {", duration, ", \"value\": \"1s\"}}")).ok());
  for (const std::string& content :
       {absl::StrCat("\"id\": \"x\", ", leaf_type), absl::StrCat(leaf_type, ", \"ID\": \"x\""),
        absl::StrCat(leaf_type, ", ", leaf_type), absl::StrCat(leaf_type, ", \"id\": 1"),
        absl::StrCat(leaf_type, ", \"id\": \"x\", \"id\": \"y\""),
        absl::StrCat(leaf_type, ", \"value\": {}"), absl::StrCat(duration, ", \"value\": \"1\""),
        absl::StrCat(duration, ", \"seconds\": 1"), duration,
        absl::StrCat(duration, ", \"value\": \"1s\", \"value\": \"1s\""),
        absl::StrCat(duration, ", \"value\": null"),
        std::string(R"("@type": "example.com/sluice.internal_test.Leaf")"),
        std::string(R"("@type": "sluice.internal_test.Leaf")"),
        std::string(R"("@type": "type.googleapis.com/sluice.internal_test.Lea")"),
        std::string(R"("@type": "type.googleapis.com/")"), std::string(R"("@type": 1)")}) {
    EXPECT_EQ(Read(absl::StrCat("{\"any\": {", content, "}}")).code(),
              absl::StatusCode::kInvalidArgument)
        << content;
  }
}

TEST(StrictJson, OnlyRfc8259) {
  ExpectRefused("", "1:1");
  ExpectRefused("  ", "1:3");
  ExpectRefused("[]", "1:1");
  ExpectRefused("null", "1:1");
  ExpectRefused("{} {}", "1:4");
  ExpectRefused("{}x", "1:3");
  ExpectRefused("{", "1:2");
  ExpectRefused("{,}", "1:2");
  ExpectRefused("{\"int32Value\": 1,}", "1:18");
  ExpectRefused("{'int32Value': 1}", "1:2");
  ExpectRefused("{int32Value: 1}", "1:2");
  ExpectRefused("{\"int32Value\" 1}", "1:15");
  ExpectRefused("{\"int32Value\"= 1}", "1:14");
  ExpectRefused("{\"int32Value\": 1 \"boolValue\": true}", "1:18");
  ExpectRefused("{\"int32Value\": 01}", "1:17");
  ExpectRefused("{\"int32Value\": 0x1}", "1:17");
  ExpectRefused("{\"int32s\": [1,]}", "1:15", "int32s[1]");
  ExpectRefused("{\"int32s\": [1 2]}", "1:15", "int32s");
  ExpectRefused("{\"int32s\": [1}", "1:14", "int32s");
  ExpectRefused("{} // x", "1:4");
  ExpectRefused("/**/ {}", "1:1");
  ExpectRefused("{\"stringValue\": \"a\tb\"}", "1:19", "string_value");
  ExpectRefused("{\"stringValue\": \"\\x41\"}", "1:18", "string_value");
  ExpectRefused("{\"stringValue\": \"\\ud800\"}", "1:18", "string_value");
  ExpectRefused("{\"stringValue\": \"a", "1:19", "string_value");
  ExpectRefused("\xef\xbb\xbf{}", "1:1");
  ExpectRefused("{\n\"stringValue\": \"\xff\"}", "2:17");
  ExpectRefused("{\"stringValue\": \"\xed\xa0\x80\"}", "1:18");
  ExpectRefused(absl::string_view("{}\0", 3), "1:3");
}

TEST(StrictJson, Depth) {
  const auto children = [](int levels) {
    return absl::StrCat(Repeat("{\"children\":[", levels - 1), "{}", Repeat("]}", levels - 1));
  };
  EXPECT_TRUE(Read(children(64)).ok());
  EXPECT_EQ(Read(children(65)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read(Repeat("{\"children\":[", 1000000)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read("{\"anyValue\":" + Repeat("[", 1000000)).code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read("{\"freeForm\":" + Repeat("{\"a\":", 1000000)).code(),
            absl::StatusCode::kResourceExhausted);
  const std::string any = R"({"@type": "type.googleapis.com/google.protobuf.Any", "value": )";
  EXPECT_EQ(Read("{\"any\":" + Repeat(any, 1000)).code(), absl::StatusCode::kResourceExhausted);
  // The level counted here is the one the binary form has: the limits meet exactly.
  for (int n = 1; n < 70; ++n) {
    for (const std::string& text :
         {absl::StrCat("{\"freeForm\":", Repeat("{\"a\":", n), "1", Repeat("}", n), "}"),
          absl::StrCat("{\"anyValue\":", Repeat("[", n), Repeat("]", n), "}"),
          absl::StrCat("{\"anyValue\":", Repeat("[", n), "{}", Repeat("]", n), "}"),
          absl::StrCat(Repeat("{\"children\":[", n), "{\"annotations\":{\"a\":\"\"}}",
                       Repeat("]}", n)),
          absl::StrCat("{\"anyValue\":", Repeat("[{\"a\":", n), "1", Repeat("}]", n), "}"),
          absl::StrCat(Repeat("{\"children\":[", n), "{\"byNumber\":{\"1\":{}}}",
                       Repeat("]}", n))}) {
      const absl::Status status = Read(text);
      if (status.ok()) continue;
      EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << text;
      EXPECT_EQ(status.message().substr(0, 2), "1:") << "found by the wire reader only: " << text;
    }
  }
}

TEST(StrictJson, Size) {
  EXPECT_EQ(Read(std::string(kMaxInputBytes + 1, ' ')).code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(StrictJson, OtherMessagesAtTheTop) {
  google::protobuf::Struct free_form;
  EXPECT_TRUE(ReadJson(R"({"a": [1]})", &free_form).ok());
  EXPECT_EQ(free_form.fields().at("a").list_value().values(0).number_value(), 1);
  google::protobuf::Int64Value wrapped;
  EXPECT_FALSE(ReadJson(R"("x")", &wrapped).ok());
}

TEST(WriteJson, OneSpelling) {
  Everything m;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(R"pb(
                                                              int64_value: 5
                                                              string_value: "a\"b"
                                                              leaf { id: "x" }
                                                              unpacked: [ 1, 2 ]
                                                              by_number {
                                                                key: 2
                                                                value {}
                                                              }
                                                              by_number {
                                                                key: -1
                                                                value {}
                                                              }
                                                              at { seconds: 1 }
                                                            )pb",
                                                            &m));
  const absl::StatusOr<std::string> line = WriteJson(m, JsonStyle::kOneLine);
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(*line,
            R"({"int64_value":"5","string_value":"a\"b","leaf":{"id":"x"},"unpacked":["1","2"],)"
            R"("by_number":{"-1":{},"2":{}},"at":"1970-01-01T00:00:01Z"})");
  const absl::StatusOr<std::string> indented = WriteJson(m, JsonStyle::kIndented);
  ASSERT_TRUE(indented.ok());
  EXPECT_NE(
      indented->find("\n  \"") == std::string::npos && indented->find("\n \"") == std::string::npos,
      true);
  Everything again;
  ASSERT_TRUE(ReadJson(*indented, &again).ok());
  EXPECT_EQ(DeterministicBytes(again), DeterministicBytes(m));
  EXPECT_EQ(*WriteJson(Everything(), JsonStyle::kOneLine), "{}");
}

TEST(WriteJson, RefusesWhatJsonCannotSay) {
  ::testing::internal::CaptureStderr();
  Everything unknown;
  Everything::GetReflection()->MutableUnknownFields(unknown.add_leaves())->AddVarint(99, 1);
  EXPECT_EQ(WriteJson(unknown, JsonStyle::kOneLine).status().code(),
            absl::StatusCode::kInvalidArgument);
  Everything text;
  text.set_string_value("\xff");
  EXPECT_EQ(WriteJson(text, JsonStyle::kOneLine).status().code(),
            absl::StatusCode::kInvalidArgument);
  Everything time;
  time.mutable_at()->set_seconds(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(WriteJson(time, JsonStyle::kOneLine).status().code(),
            absl::StatusCode::kInvalidArgument);
  time.mutable_at()->set_seconds(0);
  time.mutable_period()->set_nanos(-2000000000);
  EXPECT_EQ(WriteJson(time, JsonStyle::kOneLine).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");  // Protobuf's own converter logs.
}

// The deepest message that can be read can be written, and read again.
TEST(WriteJson, Depth) {
  Everything m;
  Everything* inner = &m;
  for (int level = 1; level < 64; ++level) inner = inner->add_children();
  const absl::StatusOr<std::string> text = WriteJson(m, JsonStyle::kOneLine);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_TRUE(Read(*text).ok());
  inner->add_children();
  EXPECT_EQ(WriteJson(m, JsonStyle::kOneLine).status().code(),
            absl::StatusCode::kResourceExhausted);
}

// Text spoiled at random: no crash, and what is accepted says the same when written and read anew.
TEST(StrictJson, MutatedText) {
  const std::string valid = R"({
    "doubleValue": 1.5, "int32Value": -3, "uint64_value": "18446744073709551615",
    "boolValue": true, "stringValue": "caf\u00e9 \ud83d\ude00", "bytesValue": "/+8=",
    "colour": "COLOUR_NEGATIVE", "leaf": {"id": "a", "rank": 1, "note": null}, "maybe": 0,
    "int32s": [1, 2, 300], "leaves": [{"id": "b"}, {}], "children": [{"children": [{}]}],
    "chosen": {"id": "c"}, "annotations": {"k": "dg==", "": ""}, "byNumber": {"-1": {}, "0": {}},
    "byBool": {"true": "t"}, "at": "2024-02-29T00:00:00.5Z", "period": "-1.5s",
    "freeForm": {"l": [1, null, "x", {"y": false}]}, "wrappedInt64": "-9",
    "any": {"@type": "type.googleapis.com/sluice.internal_test.Leaf", "id": "x"}})";
  ASSERT_TRUE(Read(valid).ok()) << Read(valid);
  std::mt19937_64 random(20240301);
  const auto below = [&random](size_t n) { return static_cast<size_t>(random() % n); };
  constexpr absl::string_view kBytes = "\"\\{}[]:,0123456789-+.eEtruefalsn _\n\xc3\xff";
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
          text.insert(at, text.substr(below(text.size()), below(12)));
          break;
        case 4:
          if (below(4) == 0) text.resize(at);
          break;
      }
    }
    Everything first;
    const absl::Status status = ReadJson(text, &first);
    if (!status.ok()) {
      ASSERT_EQ(first.ByteSizeLong(), 0u);
      // Every fault is found with its place, before the converter sees the text.
      ASSERT_NE(status.message().find(':'), absl::string_view::npos);
      ASSERT_TRUE(status.message()[0] >= '1' && status.message()[0] <= '9') << status << text;
      continue;
    }
    ++accepted;
    const absl::StatusOr<std::string> written = WriteJson(first, JsonStyle::kOneLine);
    ASSERT_TRUE(written.ok()) << written.status() << text;
    Everything second;
    const absl::Status again = ReadJson(*written, &second);
    ASSERT_TRUE(again.ok()) << again << *written;
    ASSERT_EQ(DeterministicBytes(second), DeterministicBytes(first)) << text;
  }
  EXPECT_GT(accepted, 2000);
  EXPECT_LT(accepted, 18000);
}

}  // namespace
}  // namespace sluice
