#ifndef SLUICE_INTERNAL_JSON_CURSOR_H_
#define SLUICE_INTERNAL_JSON_CURSOR_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice {

// A place in a JSON text, from which its tokens are taken one by one by the grammar of RFC 8259
// and nothing beyond it: no comments, single quotes, bare words, leading zeros or escapes of other
// languages. White space before a token is passed over. A Take that finds no such token returns
// false and stays before it, or, within a string, at the byte that is wrong.
//
// The text must be valid UTF-8 and outlive the cursor.
class JsonCursor {
 public:
  explicit JsonCursor(absl::string_view text) : text_(text) {}

  // The byte at which the next token starts; NUL at the end of the text.
  char Peek();

  // Whether nothing but white space is left.
  bool AtEnd();

  // Takes the punctuation mark `mark`.
  bool TakeMark(char mark);

  // Takes `true`, `false` or `null`, given as `word`.
  bool TakeWord(absl::string_view word);

  // Takes a number and sets `*token` to its text.
  bool TakeNumber(absl::string_view* token);

  // Takes a string and sets `*value` to what it stands for, escapes resolved. An escaped half of a
  // surrogate pair without the other is refused.
  bool TakeString(std::string* value);

  // The offset of the next token once Peek was called, else of the byte after the last one.
  size_t position() const { return position_; }

 private:
  bool TakeEscape(std::string* value);
  bool TakeHex4(unsigned* value);

  absl::string_view text_;
  size_t position_ = 0;
};

// The grammar of JSON numbers: whether all of `text` is one.
bool IsJsonNumber(absl::string_view text);

// The place of the byte at `offset` as `line:column`, both from 1, columns in bytes.
std::string LineAndColumn(absl::string_view text, size_t offset);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_JSON_CURSOR_H_
