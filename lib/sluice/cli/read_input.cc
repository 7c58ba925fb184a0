#include "sluice/cli/read_input.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/message.h"
#include "sluice/cli/arguments.h"
#include "sluice/reader.h"

namespace sluice {
namespace {

absl::Status BadInput(const std::string& path, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", what));
}

// Puts the path in front of each line of an error.
absl::Status AtPath(const std::string& path, const absl::Status& status) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    lines.push_back(absl::StrCat(path, ":", absl::StartsWith(line, " ") ? "" : " ", line));
  }
  return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path, std::istream& in) {
  std::string bytes;
  if (path == "-") {
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  } else {
    struct stat info;
    if (stat(path.c_str(), &info) != 0) return BadInput(path, std::strerror(errno));
    if (S_ISDIR(info.st_mode)) return BadInput(path, "is a directory");
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return BadInput(path, "can't be opened");
    bytes.assign(std::istreambuf_iterator<char>(stream), {});
  }
  if (bytes.empty()) return BadInput(path, "is empty");
  return bytes;
}

absl::StatusOr<Format> FormatFor(const std::string& path, const Arguments& arguments) {
  const absl::optional<std::string> named = arguments.Value("input-format");
  if (named.has_value()) {
    if (*named == "text" || *named == "textproto") return Format::kTextproto;
    if (*named == "json") return Format::kJson;
    if (*named == "binary") return Format::kBinary;
    return absl::InvalidArgumentError(
        absl::StrCat("`--input-format` is textproto, json or binary, got `", *named, "`"));
  }
  const absl::optional<Format> told = FormatOfName(path);
  if (told.has_value()) return *told;
  if (path == "-") return Format::kTextproto;
  return BadInput(path, "its name tells no format; give --input-format textproto, json or binary");
}

absl::Status ReadInput(const std::string& path, const Arguments& arguments, std::istream& in,
                       google::protobuf::Message* message, SourceMap* map) {
  // First, so that of a file that isn't there nothing is said but that.
  const absl::StatusOr<std::string> bytes = ReadFile(path, in);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<Format> format = FormatFor(path, arguments);
  if (!format.ok()) return format.status();
  const absl::Status status = ReadMessage(*bytes, *format, message, map);
  return status.ok() ? status : AtPath(path, status);
}

}  // namespace sluice
