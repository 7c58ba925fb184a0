#include "sluice/load/record_reader.h"

#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "sluice/finding.h"
#include "sluice/internal/limits.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/valid_state.h"

namespace sluice {
namespace {

using testing::ElementsAre;

TEST(NoteFaultTest, TheLowestReasonStays) {
  Reason fault = v1::ALL_CLEAR;
  NoteFault(fault, v1::ALL_CLEAR);
  EXPECT_EQ(fault, v1::ALL_CLEAR);
  NoteFault(fault, v1::DUPLICATE_ID);
  EXPECT_EQ(fault, v1::DUPLICATE_ID);
  NoteFault(fault, v1::ALL_CLEAR);
  EXPECT_EQ(fault, v1::DUPLICATE_ID);
  NoteFault(fault, v1::INVALID_DATA);
  EXPECT_EQ(fault, v1::INVALID_DATA);
  NoteFault(fault, v1::DUPLICATE_ID);
  EXPECT_EQ(fault, v1::INVALID_DATA);
}

TEST(RecordReaderTest, FindsUnknownFieldsAtAnyDepth) {
  v1::Cell cell;
  EXPECT_TRUE(RecordReader(cell).ok());
  google::protobuf::Timestamp* at = cell.mutable_retired()->mutable_at();
  at->GetReflection()->MutableUnknownFields(at)->AddVarint(9, 1);
  EXPECT_EQ(RecordReader(cell).fault(), v1::UNKNOWN_FIELD);
  EXPECT_FALSE(HasOwnUnknownFields(cell));
  EXPECT_TRUE(HasOwnUnknownFields(*at));
}

TEST(RecordReaderTest, Identifiers) {
  RecordReader reader;
  EXPECT_EQ(reader.Identifier("eu-1"), "eu-1");
  EXPECT_EQ(reader.Identifier(std::string(kMaxIdentifier, 'a')).size(), kMaxIdentifier);
  EXPECT_EQ(reader.OptionalIdentifier(""), "");
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.Identifier(std::string(kMaxIdentifier + 1, 'a')), "");
  EXPECT_EQ(reader.fault(), v1::LIMIT_EXCEEDED);
  for (const char* text : {"", " ", "a b", "-a", "\xc3\xa9", "@unproven"}) {
    RecordReader other;
    EXPECT_EQ(other.Identifier(text), "") << text;
    EXPECT_EQ(other.fault(), v1::INVALID_DATA) << text;
  }
}

TEST(RecordReaderTest, WaveIds) {
  RecordReader reader;
  for (const char* text : {"first", "@unproven", "@added", "@catch_up"}) {
    EXPECT_EQ(reader.WaveId(text), text);
  }
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.WaveId("@"), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(RecordReader().WaveId(""), "");
}

TEST(RecordReaderTest, Digests) {
  RecordReader reader;
  EXPECT_EQ(reader.DigestText(DigestOf('a')), DigestOf('a'));
  EXPECT_EQ(reader.OptionalDigestText(""), "");
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.DigestText(""), "");
  EXPECT_EQ(reader.fault(), v1::INVALID_DATA);
  RecordReader other;
  EXPECT_EQ(other.OptionalDigestText(DigestOf('A')), "");
  EXPECT_EQ(other.fault(), v1::INVALID_DATA);
}

TEST(RecordReaderTest, Texts) {
  RecordReader reader;
  EXPECT_EQ(reader.Text("a b \xc3\xa9"), "a b \xc3\xa9");
  EXPECT_EQ(reader.OptionalText(""), "");
  EXPECT_EQ(reader.Text(std::string(kMaxText, 'a')).size(), kMaxText);
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.OptionalText(std::string(kMaxText + 1, 'a')), "");
  EXPECT_EQ(reader.fault(), v1::LIMIT_EXCEEDED);
  RecordReader empty;
  EXPECT_EQ(empty.Text(""), "");
  EXPECT_EQ(empty.fault(), v1::INVALID_DATA);
  RecordReader bytes;
  EXPECT_EQ(bytes.OptionalText("\xff"), "");
  EXPECT_EQ(bytes.fault(), v1::INVALID_DATA);
}

TEST(RecordReaderTest, Instants) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(5);
  RecordReader reader;
  EXPECT_EQ(reader.Instant(true, timestamp, absl::InfinitePast()), absl::FromUnixSeconds(5));
  EXPECT_EQ(reader.OptionalInstant(false, timestamp, absl::InfinitePast()), absl::InfinitePast());
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.Instant(false, timestamp, absl::InfinitePast()), absl::InfinitePast());
  EXPECT_EQ(reader.fault(), v1::INVALID_DATA);
  timestamp.set_nanos(-1);
  RecordReader other;
  EXPECT_EQ(other.OptionalInstant(true, timestamp, absl::InfiniteFuture()), absl::InfiniteFuture());
  EXPECT_EQ(other.fault(), v1::INVALID_DATA);
}

TEST(RecordReaderTest, SetsOfIdentifiers) {
  v1::Approval approval;
  for (const char* role : {"sre", "dev", "sre"}) approval.add_roles(role);
  RecordReader reader;
  EXPECT_THAT(reader.Identifiers(approval.roles()), ElementsAre("dev", "sre"));
  EXPECT_TRUE(reader.ok());
  approval.add_roles("");
  EXPECT_THAT(reader.Identifiers(approval.roles()), ElementsAre("dev", "sre"));
  EXPECT_EQ(reader.fault(), v1::INVALID_DATA);
}

TEST(RecordReaderTest, Elements) {
  RecordReader reader;
  reader.LimitElements(kMaxRecords);
  EXPECT_TRUE(reader.ok());
  reader.LimitElements(kMaxRecords + 1);
  EXPECT_EQ(reader.fault(), v1::LIMIT_EXCEEDED);
}

}  // namespace
}  // namespace sluice
