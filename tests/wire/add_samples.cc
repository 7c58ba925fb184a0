// Adds what the saved samples lack, and leaves alone what is there:
//   bazel run //tests/wire:add_samples

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "sluice/schema_version.h"
#include "tests/wire/saved_files.h"
#include "tests/wire/wire_record.h"

namespace sluice {
namespace {

constexpr char kHead[] =
    "# What was declared and written at this schema version. Never changed, only added to, by\n"
    "# `bazel run //tests/wire:add_samples`.\n";

int Run(const std::string& folder, int argc, char** argv) {
  absl::StatusOr<SavedFiles> saved = ReadSavedFiles(argc, argv);
  if (!saved.ok()) {
    std::cerr << saved.status() << "\n";
    return 1;
  }
  auto* const factory = google::protobuf::MessageFactory::generated_factory();
  for (const google::protobuf::FileDescriptor* file : saved->files) {
    const WireRecord additions = Additions(saved->records, *file, factory);
    if (additions.declarations.empty() && additions.samples.empty()) continue;
    const std::string path =
        absl::StrCat(folder, "/tests/wire/", kSchemaVersion, "/", SavedName(*file));
    const bool is_new = !std::ifstream(path).good();
    std::ofstream stream(path, std::ios::app | std::ios::binary);
    if (is_new) stream << kHead;
    stream << FormatWireRecord(additions);
    stream.close();
    if (!stream) {
      std::cerr << "cannot write " << path << "\n";
      return 1;
    }
    std::cout << path << ": " << additions.declarations.size() << " declarations and "
              << additions.samples.size() << " samples more\n";
  }
  return 0;
}

}  // namespace
}  // namespace sluice

// Arguments: the descriptors of the contract, then the saved files.
int main(int argc, char** argv) {
  const char* folder = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (folder == nullptr) {
    std::cerr << "run me by `bazel run`\n";
    return 1;
  }
  return sluice::Run(folder, argc, argv);
}
