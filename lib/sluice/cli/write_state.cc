#include "sluice/cli/write_state.h"

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "sluice/cli/commands.h"
#include "sluice/internal/strict_json.h"
#include "sluice/reader.h"

namespace sluice {
namespace {

absl::StatusOr<std::string> Write(const v1::PipelineState& state, Format format) {
  std::string text;
  switch (format) {
    case Format::kBinary:
      state.SerializeToString(&text);
      return text;
    case Format::kJson:
      return WriteJson(state, JsonStyle::kIndented);
    case Format::kTextproto:
      google::protobuf::TextFormat::PrintToString(state, &text);
      return text;
  }
  return absl::InternalError("unknown format");
}

}  // namespace

int WriteState(const v1::PipelineState& state, const Arguments& arguments,
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
  const absl::StatusOr<std::string> text = Write(state, format);
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
