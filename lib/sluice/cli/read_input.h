#ifndef SLUICE_CLI_READ_INPUT_H_
#define SLUICE_CLI_READ_INPUT_H_

#include <istream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "sluice/cli/arguments.h"
#include "sluice/reader.h"

namespace sluice {

// The bytes of a file, or of `in` for `-`. InvalidArgument, naming the path, for what is missing, a
// directory, empty, or can't be read.
absl::StatusOr<std::string> ReadFile(const std::string& path, std::istream& in);

// The format that `--input-format` or else the path's ending names.
absl::StatusOr<Format> FormatFor(const std::string& path, const Arguments& arguments);

// Reads one message; the error names the path and, of a textproto, the line.
absl::Status ReadInput(const std::string& path, const Arguments& arguments, std::istream& in,
                       google::protobuf::Message* message, SourceMap* map = nullptr);

}  // namespace sluice

#endif  // SLUICE_CLI_READ_INPUT_H_
