#include "sluice/reader.h"

#include <string>

#include "absl/status/status.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

TEST(FormatOfNameTest, TheEndingTells) {
  EXPECT_EQ(FormatOfName("a.pb"), Format::kBinary);
  EXPECT_EQ(FormatOfName("a.binpb"), Format::kBinary);
  EXPECT_EQ(FormatOfName("a.pb.json"), Format::kJson);
  EXPECT_EQ(FormatOfName("a.textproto"), Format::kTextproto);
  EXPECT_EQ(FormatOfName("a.txtpb"), Format::kTextproto);
  EXPECT_EQ(FormatOfName("a.pbtxt"), Format::kTextproto);
  EXPECT_EQ(FormatOfName("a.yaml"), absl::nullopt);
  EXPECT_EQ(FormatOfName("json"), absl::nullopt);
  EXPECT_EQ(FormatOfName(""), absl::nullopt);
}

// One cell, written in three ways: each is read in its own format alone.
TEST(ReadMessageTest, ReadsWhatWasWrittenInTheFormat) {
  const struct {
    Format format;
    std::string bytes;
  } forms[] = {
      {Format::kBinary,
       "\n\x02"
       "c1"},
      {Format::kJson, R"({"id": "c1"})"},
      {Format::kTextproto, R"(id: "c1")"},
  };
  for (const auto& written : forms) {
    for (const auto& [format, bytes] : forms) {
      v1::Cell cell;
      cell.set_region("eu");
      const absl::Status status = ReadMessage(written.bytes, format, &cell);
      EXPECT_EQ(status.ok(), format == written.format) << status;
      EXPECT_EQ(cell.id(), status.ok() ? "c1" : "");
      EXPECT_EQ(cell.region(), "");
    }
  }
}

TEST(ReadMessageTest, AFormatThatIsNoneIsAnError) {
  v1::Cell cell;
  cell.set_id("c1");
  EXPECT_EQ(ReadMessage("", static_cast<Format>(9), &cell).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(cell.id(), "");
}

}  // namespace
}  // namespace sluice
