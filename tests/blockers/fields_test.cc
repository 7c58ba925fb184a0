#include "sluice/blockers/fields.h"

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/repeated_field.h"
#include "gtest/gtest.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/policy.pb.h"
#include "tests/blockers/expectations.h"

namespace sluice {
namespace {

using google::protobuf::RepeatedPtrField;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ReadIdentifierTest, Faults) {
  const FieldPath root;
  FieldErrors errors;
  EXPECT_EQ(ReadIdentifier("a", root.Field("good"), errors), "a");
  ReadIdentifier("", root.Field("empty"), errors);
  ReadIdentifier("a b", root.Field("space"), errors);
  ReadIdentifier("@a", root.Field("at"), errors);
  EXPECT_THAT(FaultsIn(errors),
              ElementsAre("empty MISSING", "space INVALID_VALUE", "at INVALID_VALUE"));
}

TEST(ReadIdentifiersTest, SortsAndReportsEveryFault) {
  RepeatedPtrField<std::string> texts;
  for (const char* text : {"b", "a", "", "b", "!"}) *texts.Add() = text;
  const FieldPath root;
  FieldErrors errors;
  ReadIdentifiers(texts, root, "x", errors);
  EXPECT_THAT(FaultsIn(errors),
              ElementsAre("x[2] MISSING", "x[3] DUPLICATE", "x[4] INVALID_VALUE"));

  RepeatedPtrField<std::string> good;
  for (const char* text : {"b", "a", "B"}) *good.Add() = text;
  FieldErrors none;
  EXPECT_THAT(ReadIdentifiers(good, root, "x", none), ElementsAre("B", "a", "b"));
  EXPECT_THAT(FaultsIn(none), IsEmpty());
}

TEST(ReadIdentifiersTest, NoneAndTooManyFail) {
  const FieldPath root;
  FieldErrors errors;
  RepeatedPtrField<std::string> texts;
  ReadIdentifiers(texts, root, "x", errors);
  for (int i = 0; i <= kMaxElementsInPolicy; ++i) *texts.Add() = "a";
  ReadIdentifiers(texts, root, "y", errors);
  EXPECT_THAT(FaultsIn(errors), ElementsAre("x MISSING", "y TOO_LARGE"));
}

TEST(ReadNamesTest, TakesAnyTextButTheEmptyAndTheHuge) {
  RepeatedPtrField<std::string> texts;
  *texts.Add() = "GET /orders";
  *texts.Add() = std::string(kMaxText, 'a');
  *texts.Add() = "";
  *texts.Add() = std::string(kMaxText + 1, 'a');
  *texts.Add() = "GET /orders";
  const FieldPath root;
  FieldErrors errors;
  ReadNames(texts, root, "x", errors);
  EXPECT_THAT(FaultsIn(errors), ElementsAre("x[2] MISSING", "x[3] TOO_LARGE", "x[4] DUPLICATE"));
}

google::protobuf::Duration Duration(int64_t seconds, int nanos) {
  google::protobuf::Duration duration;
  duration.set_seconds(seconds);
  duration.set_nanos(nanos);
  return duration;
}

TEST(ReadPositiveTest, TheLeastIsANanosecond) {
  const FieldPath root;
  FieldErrors errors;
  EXPECT_EQ(ReadPositive(Duration(0, 1), root.Field("least"), errors), absl::Nanoseconds(1));
  EXPECT_EQ(ReadPositive(Duration(315'576'000'000, 0), root.Field("most"), errors),
            absl::Seconds(315'576'000'000));
  EXPECT_THAT(FaultsIn(errors), IsEmpty());
  ReadPositive(Duration(0, 0), root.Field("zero"), errors);
  ReadPositive(Duration(0, -1), root.Field("negative"), errors);
  ReadPositive(Duration(1, -1), root.Field("signs"), errors);
  ReadPositive(Duration(315'576'000'001, 0), root.Field("long"), errors);
  ReadPositive(Duration(0, 1'000'000'000), root.Field("nanos"), errors);
  ReadRequiredPositive(false, Duration(1, 0), root.Field("unset"), errors);
  EXPECT_EQ(ReadRequiredPositive(true, Duration(1, 0), root.Field("set"), errors),
            absl::Seconds(1));
  EXPECT_THAT(FaultsIn(errors),
              ElementsAre("zero INVALID_VALUE", "negative INVALID_VALUE", "signs INVALID_VALUE",
                          "long INVALID_VALUE", "nanos INVALID_VALUE", "unset MISSING"));
}

TEST(ReadCountTest, FromOneToMax) {
  const FieldPath root;
  FieldErrors errors;
  EXPECT_EQ(ReadCount(1, 3, root.Field("one"), errors), 1u);
  EXPECT_EQ(ReadCount(3, 3, root.Field("max"), errors), 3u);
  ReadCount(0, 3, root.Field("zero"), errors);
  ReadCount(4, 3, root.Field("more"), errors);
  EXPECT_THAT(FaultsIn(errors), ElementsAre("zero MISSING", "more INVALID_VALUE"));
}

TEST(ReadChoiceTest, UnsetAndUnknownFail) {
  const FieldPath root;
  FieldErrors errors;
  EXPECT_TRUE(ReadChoice(v1::MONDAY, v1::Weekday_IsValid, root.Field("set"), errors));
  EXPECT_FALSE(ReadChoice(0, v1::Weekday_IsValid, root.Field("unset"), errors));
  EXPECT_FALSE(ReadChoice(8, v1::Weekday_IsValid, root.Field("unknown"), errors));
  EXPECT_FALSE(ReadChoice(-1, v1::Weekday_IsValid, root.Field("negative"), errors));
  EXPECT_THAT(FaultsIn(errors),
              ElementsAre("unset MISSING", "unknown INVALID_VALUE", "negative INVALID_VALUE"));
}

}  // namespace
}  // namespace sluice
