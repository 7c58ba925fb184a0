#ifndef SLUICE_KNOWN_BAD_PACKAGE_HASH_H_
#define SLUICE_KNOWN_BAD_PACKAGE_HASH_H_

#include <cstdint>

#include "sluice/known_bad/package_url.h"

namespace sluice {

// A number that is equal for all URLs of the same package (SamePackage), whatever their version,
// qualifiers and subpath say: the 64-bit FNV-1a (draft-eastlake-fnv) of type, namespace and name,
// each followed by a zero byte, the name's ASCII letters in lower case. Known-bad lists are stored
// by it, so it never changes. Names that were made to collide only make look-ups slower.
uint64_t PackageHash(const PackageUrl& url);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_PACKAGE_HASH_H_
