#ifndef SLUICE_BENCHMARKS_ALLOCATIONS_H_
#define SLUICE_BENCHMARKS_ALLOCATIONS_H_

#include <cstdint>

namespace sluice {

// How often the program has called `operator new` so far. A program that links this has a global
// `operator new` that counts.
int64_t Allocations();

}  // namespace sluice

#endif  // SLUICE_BENCHMARKS_ALLOCATIONS_H_
