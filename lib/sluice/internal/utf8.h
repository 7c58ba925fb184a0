#ifndef SLUICE_INTERNAL_UTF8_H_
#define SLUICE_INTERNAL_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice {

// The length in bytes of the longest prefix of `text` that is well-formed UTF-8 by table 3-7 of the
// Unicode Standard: no over-long forms, no surrogates, nothing above U+10FFFF, no cut sequences.
// NUL is a character like any other. Cost: linear.
size_t ValidUtf8Prefix(absl::string_view text);

// Whether all of `text` is well-formed UTF-8.
inline bool IsValidUtf8(absl::string_view text) { return ValidUtf8Prefix(text) == text.size(); }

// Appends `code_point`, which is at most 0x10FFFF and not a surrogate, to `text` in UTF-8.
void AppendUtf8(uint32_t code_point, std::string& text);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_UTF8_H_
