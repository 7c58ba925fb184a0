#include "sluice/interchange/json_document.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

JsonDocument Parsed(absl::string_view text) {
  absl::StatusOr<JsonDocument> document = JsonDocument::Parse(text);
  EXPECT_TRUE(document.ok()) << text << ": " << document.status();
  return document.ok() ? *std::move(document) : JsonDocument();
}

std::string Nested(int depth) {
  return absl::StrCat(std::string(static_cast<size_t>(depth), '['),
                      std::string(static_cast<size_t>(depth), ']'));
}

TEST(JsonDocument, Values) {
  const JsonDocument document =
      Parsed(R"({"a": [1, -2.5, "x\u00e4", true, null, {}], "b c": {"d": false}})");
  const JsonValue& root = document.root();
  ASSERT_EQ(root.kind, JsonKind::kObject);
  const JsonValue* a = root.Find("a");
  ASSERT_NE(a, nullptr);
  ASSERT_EQ(a->elements.size(), 6);
  EXPECT_EQ(a->elements[0].text, "1");
  EXPECT_EQ(a->elements[1].text, "-2.5");
  EXPECT_EQ(a->elements[2].text, "x\xc3\xa4");
  EXPECT_TRUE(a->elements[3].is_true);
  EXPECT_EQ(a->elements[4].kind, JsonKind::kNull);
  EXPECT_EQ(a->elements[5].kind, JsonKind::kObject);
  EXPECT_EQ(root.Find("e"), nullptr);
  EXPECT_EQ(a->Find("a"), nullptr);

  EXPECT_EQ(root.Path(), "");
  EXPECT_EQ(a->elements[2].Path(), "a[2]");
  EXPECT_EQ(root.Find("b c")->Find("d")->Path(), "[\"b c\"].d");
}

TEST(JsonDocument, ValuesStayWhereTheyAreWhenTheDocumentMoves) {
  JsonDocument document = Parsed(R"({"a": {"b": 1}})");
  const JsonValue* b = document.root().Find("a")->Find("b");
  const JsonDocument moved = std::move(document);
  EXPECT_EQ(b->Path(), "a.b");
  EXPECT_EQ(moved.root().Find("a")->Find("b"), b);
}

struct Refused {
  std::string text;
  absl::string_view what;
};

TEST(JsonDocument, HostileTextsAreRefused) {
  const Refused cases[] = {
      {"", "line 1:1: is not JSON"},
      {" ", "is not JSON"},
      {"{", "is not JSON"},
      {"{} {}", "is not JSON"},
      {"{'a': 1}", "is not JSON"},
      {"{\"a\": 01}", "is not JSON"},
      {"[1,]", "is not JSON"},
      {"// comment\n{}", "is not JSON"},
      {"[NaN]", "is not JSON"},
      {"{\n\"a\": \"\xff\"}", "line 2:"},
      {"[\"\xed\xa0\x80\"]", "is not JSON"},
      {"[\"\\ud800\"]", "is not JSON"},
      {std::string("[\"\0\"]", 5), "is not JSON"},
      {"\xff\xfe{}", "is not JSON"},
      {"[1e999]", "out of range"},
      {Nested(101), "nested too deeply"},
      {absl::StrCat(std::string(1'000'000, '['), "1"), "nested too deeply"},
      {R"({"a": 1, "a": 1})", "has a member twice"},
      {R"({"a": {"b": [{}, {"c": 1, "d": 2, "c": 3}]}})", "a.b[1]: has a member twice"},
      {R"({"a": 1, "\u0061": 2})", "has a member twice"},
  };
  for (const Refused& refused : cases) {
    const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(refused.text);
    EXPECT_TRUE(absl::IsInvalidArgument(document.status())) << refused.text.substr(0, 80);
    EXPECT_TRUE(absl::StrContains(document.status().message(), refused.what))
        << document.status() << " should say " << refused.what;
  }
}

TEST(JsonDocument, ManyMembersAreComparedToo) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&text, "\"m", i, "\":1,");
  EXPECT_EQ(Parsed(absl::StrCat(text, "\"m1000\":1}")).root().names.size(), 1001);
  EXPECT_FALSE(JsonDocument::Parse(absl::StrCat(text, "\"m500\":1}")).ok());
}

TEST(JsonDocument, AtTheLimits) {
  EXPECT_EQ(Parsed(Nested(100)).root().kind, JsonKind::kArray);
  // Numbers are not cut to what a machine word holds.
  EXPECT_EQ(Parsed("[123456789012345678901234567890]").root().elements[0].text,
            "123456789012345678901234567890");
  EXPECT_EQ(Parsed("[18446744073709551615]").root().elements[0].text, "18446744073709551615");
  EXPECT_EQ(Parsed("\xef\xbb\xbf{}").root().kind, JsonKind::kObject);
}

TEST(JsonReader, AbsentMembers) {
  const JsonDocument document = Parsed(R"({"null": null, "empty": "", "list": ["a", "b"]})");
  JsonReader json;
  for (const char* name : {"null", "nothing"}) {
    EXPECT_EQ(json.Member(document.root(), name, JsonKind::kObject), nullptr);
    EXPECT_EQ(json.Text(document.root(), name), "");
    EXPECT_TRUE(json.Elements(document.root(), name, JsonKind::kText).empty());
    EXPECT_FALSE(json.Instant(document.root(), name).has_value());
  }
  EXPECT_EQ(json.Elements(document.root(), "list", JsonKind::kText).size(), 2);
  EXPECT_TRUE(json.ok());
  EXPECT_EQ(json.RequiredText(document.root(), "empty"), "");
  EXPECT_EQ(json.Faults(), "needs the member `empty`");
}

TEST(JsonReader, FaultsNameTheFirstPathAndCountTheOthers) {
  const JsonDocument document = Parsed(R"({"a": {"b": [1, "x"], "t": "noon"}})");
  const JsonValue& a = *document.root().Find("a");
  JsonReader json;
  EXPECT_EQ(json.Elements(a, "b", JsonKind::kText).size(), 1);
  EXPECT_EQ(json.Faults(), "a.b[0]: must be a text");
  EXPECT_FALSE(json.Instant(a, "t").has_value());
  EXPECT_EQ(json.Member(a, "b", JsonKind::kObject), nullptr);
  EXPECT_FALSE(json.ok());
  EXPECT_EQ(json.Faults(), "a.b[0]: must be a text (and 2 more)");
}

TEST(ParseInstantText, Rfc3339) {
  EXPECT_EQ(ParseInstantText("1970-01-01T00:00:01Z"), absl::FromUnixSeconds(1));
  EXPECT_EQ(ParseInstantText("1970-01-01t01:00:01.5+01:00"),
            absl::FromUnixSeconds(1) + absl::Milliseconds(500));
  EXPECT_EQ(ParseInstantText("1970-01-01T00:00:00z"), absl::UnixEpoch());
  EXPECT_TRUE(ParseInstantText("0001-01-01T00:00:00Z").has_value());
  EXPECT_TRUE(ParseInstantText("9999-12-31T23:59:59.999999999Z").has_value());
  for (const char* text :
       {"", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z", " 1970-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z ", "0000-12-31T23:59:59Z", "9999-12-31T23:59:59-01:00",
        "10000-01-01T00:00:00Z", "1970-02-30T00:00:00Z", "1970-01-01T25:00:00Z",
        "infinite-future-for-ever", "1970-01-01T00:00:00+1", "70-01-01T00:00:00Z000000"}) {
    EXPECT_FALSE(ParseInstantText(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace sluice
