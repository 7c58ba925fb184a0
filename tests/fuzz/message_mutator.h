#ifndef SLUICE_TESTS_FUZZ_MESSAGE_MUTATOR_H_
#define SLUICE_TESTS_FUZZ_MESSAGE_MUTATOR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/differential/noise.h"
#include "tests/fuzz/wire_mutation.h"
#include "tests/rollout/draw.h"

namespace sluice {

// For targets whose input is one serialised message: damages the message by reflection, its bytes
// on the wire or, rarely, any byte.
template <typename Message>
size_t MutateMessage(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  Draw draw(seed);
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  Message message;
  std::string mutated;
  if (draw.Percent(70) && message.ParseFromString(bytes)) {
    for (int i = draw.Between(1, 4); i > 0; --i) AddNoise(&draw, &message);
    mutated = message.SerializeAsString();
  } else {
    mutated = MutateWire(bytes, &draw);
    if (draw.Percent(20) && !mutated.empty()) {
      mutated[draw.Below(mutated.size())] = static_cast<char>(draw.Below(256));
    }
  }
  if (mutated.size() > max_size) return size;
  std::copy(mutated.begin(), mutated.end(), reinterpret_cast<char*>(data));
  return mutated.size();
}

}  // namespace sluice

#endif  // SLUICE_TESTS_FUZZ_MESSAGE_MUTATOR_H_
