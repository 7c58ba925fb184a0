#ifndef SLUICE_TESTS_ROLLOUT_DRAW_H_
#define SLUICE_TESTS_ROLLOUT_DRAW_H_

#include <cstdint>
#include <random>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice {

// Draws from a seed, the same with every compiler and standard library: of those, only the engine's
// sequence is laid down.
class Draw {
 public:
  explicit Draw(uint64_t seed) : engine_(seed) {}

  // 0 to `bound` - 1; `bound` is at least 1 and far below 2^64.
  uint64_t Below(uint64_t bound) { return engine_() % bound; }
  // `low` to `high`, both included.
  int Between(int low, int high) {
    return low + static_cast<int>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  bool Percent(int percent) { return Below(100) < static_cast<uint64_t>(percent); }
  bool PerMille(int per_mille) { return Below(1000) < static_cast<uint64_t>(per_mille); }

  // Whole seconds, both ends included.
  absl::Duration Seconds(absl::Duration low, absl::Duration high) {
    return absl::Seconds(Between(static_cast<int>(absl::ToInt64Seconds(low)),
                                 static_cast<int>(absl::ToInt64Seconds(high))));
  }

  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }

 private:
  std::mt19937_64 engine_;
};

// A number that depends on `seed` and `text` alone (FNV-1a, then mixed).
inline uint64_t Hash(uint64_t seed, absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ULL ^ (seed * 0x9e3779b97f4a7c15ULL);
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  }
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33;
  return hash;
}

}  // namespace sluice

#endif  // SLUICE_TESTS_ROLLOUT_DRAW_H_
