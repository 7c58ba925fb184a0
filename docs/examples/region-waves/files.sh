#!/bin/sh
# Prints a C++ header with the text of each given file: `known_bad.textproto` as `kKnownBadText`.
set -eu
echo '#include "absl/strings/string_view.h"'
echo 'namespace sluice {'
for file in "$@"; do
  name=$(basename "$file" .textproto | sed -E 's/(^|[_-])(.)/\U\2/g')
  printf 'inline constexpr absl::string_view k%sText = R"text(' "$name"
  cat "$file"
  echo ')text";'
done
echo '}  // namespace sluice'
