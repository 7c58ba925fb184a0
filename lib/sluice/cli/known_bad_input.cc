#include "sluice/cli/known_bad_input.h"

#include <fstream>
#include <istream>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "sluice/cli/arguments.h"
#include "sluice/cli/read_input.h"
#include "sluice/interchange/list_file.h"
#include "sluice/known_bad.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

bool IsInListForm(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::string first(8, '\0');
  stream.read(&first[0], static_cast<std::streamsize>(first.size()));
  return stream && IsListFile(first);
}

}  // namespace

absl::StatusOr<KnownBadInput> KnownBadInput::Read(const std::string& path,
                                                  const Arguments& arguments, std::istream& in) {
  if (path != "-" && IsInListForm(path)) {
    absl::StatusOr<ListFile> file = ListFile::Map(path);
    if (!file.ok()) return file.status();
    KnownBadInput input;
    input.file_ = absl::make_unique<ListFile>(*std::move(file));
    return input;
  }
  v1::KnownBadList message;
  const absl::Status read = ReadInput(path, arguments, in, &message);
  if (!read.ok()) return read;
  absl::StatusOr<KnownBadInput> built = Build(std::move(message));
  if (built.ok()) return built;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", built.status().message()));
}

absl::StatusOr<KnownBadInput> KnownBadInput::Build(v1::KnownBadList message) {
  absl::StatusOr<KnownBadList> built = KnownBadList::Build(message);
  if (!built.ok()) return built.status();
  KnownBadInput input;
  input.message_ = absl::make_unique<v1::KnownBadList>(std::move(message));
  input.built_ = absl::make_unique<KnownBadList>(*std::move(built));
  return input;
}

}  // namespace sluice
