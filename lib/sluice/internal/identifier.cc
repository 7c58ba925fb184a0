#include "sluice/internal/identifier.h"

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

bool IsAlphanumeric(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

bool IsPunctuation(char c) {
  switch (c) {
    case '.':
    case '_':
    case ':':
    case '/':
    case '@':
    case '+':
    case '-':
      return true;
    default:
      return false;
  }
}

}  // namespace

bool IsIdentifier(absl::string_view text) {
  if (text.empty() || text.size() > kMaxIdentifier) return false;
  if (!IsAlphanumeric(text.front())) return false;
  for (const char c : text) {
    if (!IsAlphanumeric(c) && !IsPunctuation(c)) return false;
  }
  return true;
}

}  // namespace sluice
