#ifndef SLUICE_KNOWN_BAD_PERCENT_CODING_H_
#define SLUICE_KNOWN_BAD_PERCENT_CODING_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// The bytes that percent-encoded `text` stands for, or nothing if a `%` is not followed by two
// hexadecimal digits of either case (RFC 3986, section 2.1). `+` stands for itself. The bytes need
// not be UTF-8.
absl::optional<std::string> PercentDecode(absl::string_view text);

// Like PercentDecode, but a `%` that begins no escape stands for itself.
std::string PercentDecodeLeniently(absl::string_view text);

// Appends `text` to `out` with every byte percent-encoded, in upper case, except ASCII letters and
// digits, `.`, `-`, `_`, `~` and `:`: the set that a package URL leaves as it is (ECMA-427, 5.4
// "Character encoding").
void AppendPercentEncoded(absl::string_view text, std::string& out);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_PERCENT_CODING_H_
