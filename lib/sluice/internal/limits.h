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

// ---------------------------------------------------------------- Windows

// The most windows, allow and deny together, that one set has.
inline constexpr size_t kMaxWindows = 64;

// The most dates that one window lists.
inline constexpr size_t kMaxDates = 4096;

inline constexpr absl::Duration kMaxElapsed = absl::Hours(31 * 24);

// ---------------------------------------------------------------- Metrics

// The most periods an alarm may look back over, its evaluation_periods.
inline constexpr int kMaxEvaluationPeriods = 1440;

// The largest count of requests or errors that is accepted, in one period or in sum.
inline constexpr int64_t kMaxCount = int64_t{1} << 34;

// An error rate of 100 %, in the unit of bounds: parts per million.
inline constexpr int64_t kMaxRatePpm = 1000000;

// The most periods that a bake may ask for.
inline constexpr uint32_t kMaxDataPoints = 100'000;

// The whole, in basis points.
inline constexpr uint32_t kMaxBasisPoints = 10'000;

// ---------------------------------------------------------------- Inputs

// What the strict readers accept at most, whatever the form. Beyond a limit a reader says
// kResourceExhausted; it never truncates.

// The longest binary or JSON input, in bytes: 64 MiB.
inline constexpr size_t kMaxInputBytes = size_t{64} << 20;

// The longest textproto input, in bytes: 16 MiB. People write these by hand.
inline constexpr size_t kMaxTextInputBytes = size_t{16} << 20;

// The deepest nesting of messages, the outermost message being level 1 and a map entry a level of
// its own. The same count applies to every form, so that what one reader accepts can be written and
// read in the other forms. Below protobuf's own limit of 100.
inline constexpr int kMaxMessageDepth = 64;

// ---------------------------------------------------------------- Known-bad lists

// What package URLs and known-bad lists may measure at most. Beyond a limit the answer is
// kResourceExhausted; nothing is truncated.

// The longest package URL, as written and in canonical form, in bytes.
inline constexpr size_t kMaxPackageUrlBytes = 4096;

// The most entries of one known-bad list, exact duplicates included.
inline constexpr size_t kMaxKnownBadEntries = 20'000'000;

// The most digests, exact package URLs, packages, versions and ranges of one known-bad list
// together.
inline constexpr size_t kMaxKnownBadPatterns = 100'000'000;

// The most bytes of text of one known-bad list, digests apart.
inline constexpr size_t kMaxKnownBadTextBytes = size_t{1} << 30;

}  // namespace sluice

#endif  // SLUICE_INTERNAL_LIMITS_H_
