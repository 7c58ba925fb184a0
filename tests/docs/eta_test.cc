// What docs/eta.md shows is what is rendered.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/cli/render_eta.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/simulate/healthy_future.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

template <typename Message>
Message ReadText(const std::string& path) {
  Message message;
  const absl::Status status = ReadMessage(ReadFile(path), Format::kTextproto, &message);
  EXPECT_TRUE(status.ok()) << status << "\n" << path;
  return message;
}

TEST(EtaTest, TheExampleIsRendered) {
  const std::string folder = "docs/examples/single-service/";
  const absl::StatusOr<Policy> policy =
      Policy::Compile(ReadText<v1::PipelinePolicy>(folder + "policy.textproto"));
  ASSERT_TRUE(policy.ok()) << policy.status();
  const auto state = ReadText<v1::PipelineState>(folder + "state.textproto");
  const absl::Time now = absl::FromUnixSeconds(1'795'514'460);  // 2026-11-24T10:01:00Z
  const std::vector<std::string> parts = absl::StrSplit(ReadFile("docs/eta.md"), "```text\n");
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(RenderEta(PlayHealthyFuture(*policy, {state}, now)),
            parts[1].substr(0, parts[1].find("```")));
}

}  // namespace
}  // namespace sluice
