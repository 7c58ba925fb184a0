#ifndef SLUICE_INTERNAL_LIMITS_H_
#define SLUICE_INTERNAL_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

// The largest counts, lengths and values that are looked at; beyond one of them the answer is
// LIMIT_EXCEEDED, never a shorter input.
namespace sluice {

// Policy.
inline constexpr int kMaxStages = 100;
inline constexpr int kMaxBlockers = 1000;             // In the whole policy.
inline constexpr int kMaxElementsInPolicy = 100'000;  // Of any one repeated field.
inline constexpr int kMaxQuorum = 16;
inline constexpr int kMaxConsecutivePasses = 100;
inline constexpr int kMaxRollBackAttempts = 100;
inline constexpr int kMaxAlarmDepth = 8;        // Of composite alarms in one another.
inline constexpr int kMaxCompositeAlarms = 64;  // In one composite, those within others included.
inline constexpr int kMaxCombinationDepth = 8;  // Of combinations in one another.
inline constexpr int kMaxCombinedBlockers =
    64;                                       // In one combination, those within others included.
inline constexpr size_t kMaxHostText = 1024;  // Bytes of a host's reason, or of one of its notes.
inline constexpr int kMaxGeneratedWaves = 1000;
inline constexpr int kMaxGrowthPercent = 100'000;
inline constexpr absl::Duration kMaxClockSkew = absl::Hours(1);

// State.
inline constexpr int kMaxRecords = 1'000'000;  // Of any one repeated field.
inline constexpr int kMaxValues = 1'000'000;   // Of one packed column.
inline constexpr size_t kMaxText = 64 * 1024;  // Bytes of one free text.
inline constexpr size_t kMaxIdentifier = 128;  // Bytes of one identifier.
inline constexpr uint32_t kMaxWeight = 1'000'000;

// Decision.
inline constexpr size_t kMaxSubjects = 16;         // Listed in one finding's evidence.
inline constexpr size_t kMaxHostNotes = 16;        // In one host's answer.
inline constexpr int kMaxCombinationSteps = 4096;  // Instants tested for one `changes_at`.

}  // namespace sluice

#endif  // SLUICE_INTERNAL_LIMITS_H_
