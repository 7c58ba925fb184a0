#ifndef SLUICE_FINDING_H_
#define SLUICE_FINDING_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/v1/decision.pb.h"

namespace sluice {

// What one condition says. Everything but kClear holds.
enum class Verdict : uint8_t { kUnknown = 0, kInvalid, kBlocking, kClear };

// What a finding does to the actions in its scope.
enum class Effect : uint8_t { kHolds = 0, kLifted, kObserved, kNone };

// Why; docs/reasons.md has a line for each.
using Reason = v1::Reason;

// Notes `reason` in `fault`; ALL_CLEAR changes nothing. Of several reasons the lowest-numbered one
// stays, so that the order in which they are found does not matter.
inline void NoteFault(Reason& fault, Reason reason) {
  if (reason == v1::ALL_CLEAR) return;
  if (fault == v1::ALL_CLEAR || reason < fault) fault = reason;
}

struct Finding;

// What a host's kind says, in its own words.
struct HostWords {
  std::string reason;
  std::vector<std::string> notes;
};

// The facts behind a verdict. Which are set depends on the reason. Views point into the policy, the
// snapshot, or constants.
struct Evidence {
  absl::optional<double> value;
  absl::optional<double> threshold;
  absl::optional<int64_t> count;
  absl::optional<int64_t> needed;
  absl::optional<absl::Time> at;
  absl::optional<absl::Time> until;
  absl::string_view subject;
  absl::InlinedVector<absl::string_view, 1> subjects;  // At most kMaxSubjects of `total`.
  uint64_t total = 0;
  std::vector<Finding> children;          // Of a combination, sorted by id; without effect.
  std::shared_ptr<const HostWords> host;  // Of a host's kind; null: of none.
};

// One condition's answer at one instant, and the first later instant at which verdict or reason
// differ, the state unchanged; InfiniteFuture: never.
struct Judgement {
  Verdict verdict = Verdict::kUnknown;
  Reason reason = v1::NO_DATA;
  absl::Time changes_at = absl::InfiniteFuture();
  Evidence evidence;
};

// One leaf of a stage's decision. Its key is (id, artifact, wave, cell); parts beyond the scope of
// its kind are empty.
struct Finding {
  absl::string_view id;
  absl::string_view artifact;
  absl::string_view wave;
  absl::string_view cell;
  Verdict verdict = Verdict::kUnknown;
  Effect effect = Effect::kHolds;
  Reason reason = v1::NO_DATA;
  // The first instant after `now` at which verdict, reason or effect differs; InfiniteFuture:
  // never.
  absl::Time changes_at = absl::InfiniteFuture();
  Evidence evidence;
  // Overrides in force that count for it, and how many more would lift it (0: lifted, or can't be).
  absl::InlinedVector<absl::string_view, 1> overrides;
  uint32_t still_needed = 0;
};

// Whether `finding` holds the actions in its scope.
inline bool Holds(const Finding& finding) {
  return finding.verdict != Verdict::kClear && finding.effect == Effect::kHolds;
}

}  // namespace sluice

#endif  // SLUICE_FINDING_H_
