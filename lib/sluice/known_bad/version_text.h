#ifndef SLUICE_KNOWN_BAD_VERSION_TEXT_H_
#define SLUICE_KNOWN_BAD_VERSION_TEXT_H_

#include "absl/strings/string_view.h"

namespace sluice {

// What the orders of versions share: pieces of text cut off and compared. ASCII only, whatever the
// locale; a byte beyond ASCII is neither a digit nor a letter. Comparisons are -1, 0 or 1. Cost:
// linear.

bool IsDigit(char c);
bool IsLetter(char c);

// Whether `text` is digits only, and at least one.
bool IsNumber(absl::string_view text);

// Whether `text` is empty or zeros only.
bool IsZero(absl::string_view text);

// Cuts the digits that `text` starts with off it and returns them; empty if there are none.
absl::string_view TakeDigits(absl::string_view& text);

// Cuts what comes before the first of the characters `separators`, and that separator, off `text`
// and returns what came before it. Without one that is all of `text`.
absl::string_view TakeUntil(absl::string_view separators, absl::string_view& text);

// By value, of numbers written as digits, however many; leading zeros mean nothing and no digits
// are zero.
int CompareNumbers(absl::string_view a, absl::string_view b);

// Byte by byte.
int CompareText(absl::string_view a, absl::string_view b);

// Byte by byte as if upper-case letters were lower-case ones.
int CompareTextIgnoringCase(absl::string_view a, absl::string_view b);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_VERSION_TEXT_H_
