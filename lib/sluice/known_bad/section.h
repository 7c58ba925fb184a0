#ifndef SLUICE_KNOWN_BAD_SECTION_H_
#define SLUICE_KNOWN_BAD_SECTION_H_

#include <cstdint>

namespace sluice {

// Part of the bytes of a known-bad list.
struct Section {
  uint64_t offset = 0;
  uint64_t length = 0;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_SECTION_H_
