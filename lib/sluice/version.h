#ifndef SLUICE_VERSION_H_
#define SLUICE_VERSION_H_

#include <cstdint>

namespace sluice {

// Version of the library, and of what decisions mean: that one rises when any stored (policy,
// state, now) could get another answer.
inline constexpr char kLibraryVersion[] = "0.1.0";
inline constexpr uint32_t kSemanticsVersion = 1;

}  // namespace sluice

#endif  // SLUICE_VERSION_H_
