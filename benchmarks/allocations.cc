#include "benchmarks/allocations.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace sluice {
namespace {

std::atomic<int64_t> count{0};

}  // namespace

int64_t Allocations() { return count.load(std::memory_order_relaxed); }

}  // namespace sluice

// Those for arrays call these.
void* operator new(std::size_t size) {
  sluice::count.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) std::abort();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
