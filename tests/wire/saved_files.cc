#include "tests/wire/saved_files.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.pb.h"
#include "sluice/v1/baseline.pb.h"
#include "sluice/v1/stream.pb.h"

namespace sluice {
namespace {

absl::StatusOr<std::string> Contents(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream contents;
  contents << stream.rdbuf();
  if (!stream) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  return contents.str();
}

}  // namespace

absl::StatusOr<SavedFiles> ReadSavedFiles(int argc, char** argv) {
  if (argc < 2) return absl::InvalidArgumentError("no descriptors");
  // Between them these two need every file, so that all are part of the program.
  v1::StreamRequest::descriptor();
  v1::BaselinePolicy::descriptor();
  const absl::StatusOr<std::string> descriptors = Contents(argv[1]);
  if (!descriptors.ok()) return descriptors.status();
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromString(*descriptors) || set.file_size() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(argv[1], " is no descriptor set"));
  }
  SavedFiles saved;
  for (const google::protobuf::FileDescriptorProto& file : set.file()) {
    const auto* found =
        google::protobuf::DescriptorPool::generated_pool()->FindFileByName(file.name());
    if (found == nullptr) {
      return absl::NotFoundError(absl::StrCat(file.name(), " is not part of this program"));
    }
    saved.files.push_back(found);
  }
  for (int i = 2; i < argc; ++i) {
    const absl::StatusOr<std::string> text = Contents(argv[i]);
    if (!text.ok()) return text.status();
    absl::StatusOr<WireRecord> record = ParseWireRecord(*text);
    if (!record.ok()) {
      return absl::Status(record.status().code(),
                          absl::StrCat(argv[i], ": ", record.status().message()));
    }
    saved.records.push_back(*std::move(record));
  }
  return saved;
}

std::string SavedName(const google::protobuf::FileDescriptor& file) {
  const absl::string_view path = file.name();
  const absl::string_view name = path.substr(path.rfind('/') + 1);
  return absl::StrCat(name.substr(0, name.rfind('.')), ".samples");
}

}  // namespace sluice
