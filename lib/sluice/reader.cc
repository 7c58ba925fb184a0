#include "sluice/reader.h"

#include "absl/strings/match.h"
#include "sluice/internal/strict_json.h"
#include "sluice/internal/strict_text.h"
#include "sluice/internal/strict_wire.h"

namespace sluice {

absl::optional<Format> FormatOfName(absl::string_view name) {
  if (absl::EndsWith(name, ".pb") || absl::EndsWith(name, ".binpb")) return Format::kBinary;
  if (absl::EndsWith(name, ".json")) return Format::kJson;
  for (const absl::string_view ending : {".textproto", ".txtpb", ".pbtxt"}) {
    if (absl::EndsWith(name, ending)) return Format::kTextproto;
  }
  return absl::nullopt;
}

absl::Status ReadMessage(absl::string_view bytes, Format format, google::protobuf::Message* message,
                         SourceMap* map) {
  switch (format) {
    case Format::kBinary:
      return ReadBinary(bytes, message);
    case Format::kJson:
      return ReadJson(bytes, message);
    case Format::kTextproto:
      return ReadTextproto(bytes, message, map);
  }
  message->Clear();
  return absl::InvalidArgumentError("unknown format");
}

}  // namespace sluice
