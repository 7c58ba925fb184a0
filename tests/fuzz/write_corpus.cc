// Writes first inputs for the fuzz targets below a folder: `write_corpus FOLDER SUITE...`, where
// the suites are conformance cases.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/json_util.h"
#include "sluice/known_bad.h"
#include "sluice/v1/testing.pb.h"
#include "tests/differential/generated_case.h"
#include "tests/rollout/draw.h"

namespace sluice {
namespace {

constexpr int kSeeds = 12;

class CorpusWriter {
 public:
  explicit CorpusWriter(std::string folder) : folder_(std::move(folder)) {}

  void Write(absl::string_view target, absl::string_view bytes) const {
    const std::string folder = absl::StrCat(folder_, "/", target);
    std::filesystem::create_directories(folder);
    int number = 0;
    std::string path;
    do {
      path = absl::StrCat(folder, "/first-", ++number);
    } while (std::filesystem::exists(path));
    std::ofstream(path, std::ios::binary) << bytes;
  }

  // In each format of the strict readers, whose targets begin with a byte that chooses.
  void WriteForReaders(int prototype, const google::protobuf::Message& message) const {
    std::string text;
    google::protobuf::TextFormat::PrintToString(message, &text);
    std::string json;
    google::protobuf::util::MessageToJsonString(message, &json).ok();
    const auto chosen = [prototype](int format) {
      return std::string(1, static_cast<char>(prototype * 3 + format));
    };
    Write("read_message", chosen(0) + message.SerializeAsString());
    Write("read_message", chosen(1) + json);
    Write("read_message", chosen(2) + text);
  }

 private:
  std::string folder_;
};

void WriteGenerated(const CorpusWriter& writer) {
  int written = 0;
  for (uint64_t seed = 1; written < kSeeds; ++seed) {
    Draw draw(seed);
    const absl::optional<GeneratedPolicy> policy = GeneratePolicy(&draw);
    if (!policy.has_value()) continue;
    const v1::Inputs inputs = GenerateCase(*policy, 1, &draw).inputs;
    if (inputs.ByteSizeLong() > 20000) continue;
    ++written;
    writer.Write("decide", inputs.SerializeAsString());
    writer.Write("compile", inputs.policy().SerializeAsString());
    for (const v1::KnownBadList& list : inputs.known_bad()) {
      if (list.entries_size() < 2) continue;
      writer.Write("known_bad", list.SerializeAsString());
      if (written < 4) writer.Write("open_list", KnownBadList::Build(list)->file_form());
    }
    if (written > 2) continue;
    writer.WriteForReaders(0, inputs.policy());
    writer.WriteForReaders(1, inputs.state());
    if (inputs.has_organisation()) writer.WriteForReaders(2, inputs.organisation());
  }
}

// A suite of its own for cases with events.
void WriteEvents(const CorpusWriter& writer, const std::string& path) {
  std::ifstream file(path);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  v1::TestSuite suite;
  if (!google::protobuf::TextFormat::ParseFromString(text, &suite)) return;
  int written = 0;
  for (const v1::TestCase& test : suite.cases()) {
    bool has_events = false;
    for (const v1::Moment& moment : test.moments()) {
      has_events = has_events || !moment.events().empty();
    }
    if (!has_events || ++written > 4) continue;
    v1::TestSuite alone;
    *alone.mutable_base() = suite.base();
    *alone.add_cases() = test;
    writer.Write("apply", alone.SerializeAsString());
  }
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "write_corpus FOLDER SUITE...\n";
    return 2;
  }
  const sluice::CorpusWriter writer(argv[1]);
  sluice::WriteGenerated(writer);
  for (int i = 2; i < argc; ++i) sluice::WriteEvents(writer, argv[i]);
  return 0;
}
