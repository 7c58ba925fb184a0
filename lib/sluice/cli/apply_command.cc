#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/inputs.h"
#include "sluice/internal/strict_json.h"
#include "sluice/record.h"

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

int RunApply(const Arguments& arguments, const Environment& environment) {
  const absl::optional<std::string> state_path = arguments.Value("state");
  if (!state_path.has_value()) return BadInput(environment, "apply needs --state FILE");
  if (arguments.Values("event").empty()) return BadInput(environment, "apply needs --event FILE");
  v1::PipelineState state;
  absl::Status status = ReadInput(*state_path, arguments, environment.in, &state);
  if (!status.ok()) return BadInput(environment, status.message());
  for (const std::string& path : arguments.Values("event")) {
    v1::Event event;
    status = ReadInput(path, arguments, environment.in, &event);
    if (!status.ok()) return BadInput(environment, status.message());
    status = Apply(event, &state);
    if (!status.ok()) return BadInput(environment, absl::StrCat(path, ": ", status.message()));
  }
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
