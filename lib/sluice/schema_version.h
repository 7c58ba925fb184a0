#ifndef SLUICE_SCHEMA_VERSION_H_
#define SLUICE_SCHEMA_VERSION_H_

#include <cstdint>

namespace sluice {

// The `schema_version` that this library writes, and the highest that it reads.
inline constexpr uint32_t kSchemaVersion = 1;

}  // namespace sluice

#endif  // SLUICE_SCHEMA_VERSION_H_
