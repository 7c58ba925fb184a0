#ifndef SLUICE_READER_H_
#define SLUICE_READER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/message.h"
#include "sluice/internal/source_map.h"

namespace sluice {

// How a message is written down.
enum class Format : uint8_t { kBinary, kJson, kTextproto };

// The format that a file's name tells: `.pb` and `.binpb`, `.json`, `.textproto`, `.txtpb` and
// `.pbtxt`. Nothing for other names.
absl::optional<Format> FormatOfName(absl::string_view name);

// Replaces `*message` by what `bytes` say, refusing everything that ordinary parsing would change
// or drop in silence [I4]; on an error clears it. Unless null, `*map` tells afterwards on which
// line of a textproto a field stands. The readers of each format document what they refuse.
// Thread-safe.
absl::Status ReadMessage(absl::string_view bytes, Format format, google::protobuf::Message* message,
                         SourceMap* map = nullptr);

}  // namespace sluice

#endif  // SLUICE_READER_H_
