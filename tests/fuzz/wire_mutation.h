#ifndef SLUICE_TESTS_FUZZ_WIRE_MUTATION_H_
#define SLUICE_TESTS_FUZZ_WIRE_MUTATION_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tests/rollout/draw.h"

namespace sluice {

// The bytes of a message with one change that ordinary parsing takes in silence or in part: a field
// twice, two fields the other way round, a varint that is longer than it has to be, an enumerator
// or number out of range, a field of another wire type, a cut end.
std::string MutateWire(absl::string_view bytes, Draw* draw);

}  // namespace sluice

#endif  // SLUICE_TESTS_FUZZ_WIRE_MUTATION_H_
