#include "sluice/known_bad/package_hash.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {
namespace {

constexpr uint64_t kOffsetBasis = 0xcbf29ce484222325;
constexpr uint64_t kPrime = 0x100000001b3;

uint64_t AddByte(uint64_t hash, unsigned char byte) { return (hash ^ byte) * kPrime; }

uint64_t AddText(uint64_t hash, absl::string_view text) {
  for (const char c : text) hash = AddByte(hash, static_cast<unsigned char>(c));
  return AddByte(hash, 0);
}

}  // namespace

uint64_t PackageHash(const PackageUrl& url) {
  uint64_t hash = AddText(AddText(kOffsetBasis, url.type), url.namespace_);
  for (const char c : url.name) {
    hash = AddByte(hash,
                   static_cast<unsigned char>(absl::ascii_tolower(static_cast<unsigned char>(c))));
  }
  return AddByte(hash, 0);
}

}  // namespace sluice
