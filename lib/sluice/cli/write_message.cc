#include "sluice/cli/write_message.h"

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "sluice/cli/commands.h"
#include "sluice/internal/strict_json.h"
#include "sluice/reader.h"

namespace sluice {
namespace {

absl::StatusOr<std::string> Write(const google::protobuf::Message& message, Format format) {
  std::string text;
  switch (format) {
    case Format::kBinary:
      message.SerializeToString(&text);
      return text;
    case Format::kJson:
      return WriteJson(message, JsonStyle::kIndented);
    case Format::kTextproto:
      google::protobuf::TextFormat::PrintToString(message, &text);
      return text;
  }
  return absl::InternalError("unknown format");
}

}  // namespace

int WriteMessage(const google::protobuf::Message& message, const Arguments& arguments,
                 const Environment& environment) {
  const std::string output = arguments.Value("output").value_or("");
  Format format = Format::kTextproto;
  if (!output.empty()) {
    const absl::optional<Format> told = FormatOfName(output);
    if (!told.has_value()) {
      return BadInput(environment, absl::StrCat(output, ": its name tells no format"));
    }
    format = *told;
  }
  const absl::StatusOr<std::string> text = Write(message, format);
  if (!text.ok()) {
    environment.err << "sluice: " << text.status().message() << "\n";
    return kExitInternal;
  }
  if (output.empty()) {
    environment.out << *text;
    return kExitOk;
  }
  std::ofstream stream(output, std::ios::binary | std::ios::trunc);
  stream << *text << std::flush;
  return stream ? kExitOk : BadInput(environment, absl::StrCat(output, ": can't be written"));
}

}  // namespace sluice
