#ifndef SLUICE_INTERNAL_CRC32C_H_
#define SLUICE_INTERNAL_CRC32C_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace sluice {

// The CRC-32C of `data` (polynomial 0x1EDC6F41, reflected; RFC 3720, section 12.1 and appendix
// B.4). It finds bits that storage or a torn write changed, every burst of up to 32 bits among
// them; it does not stop a forger. Cost: linear, eight bytes a step.
uint32_t Crc32c(absl::string_view data);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_CRC32C_H_
