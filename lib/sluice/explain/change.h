#ifndef SLUICE_EXPLAIN_CHANGE_H_
#define SLUICE_EXPLAIN_CHANGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {

// What would have to be otherwise.
enum class ChangeKind : uint8_t {
  kFact = 0,  // Something is reported: by monitoring, a deployer, a publisher of facts or lists.
  kTime,      // The decision is made later.
  kPerson,    // A person acts: approves, releases, asks, accepts.
  kOverride,  // People take responsibility for ignoring something.
};

// One thing that would be otherwise, for people and in a form that can be made to happen.
//
// Principals, runs and events that do not exist yet have names that begin with `explain`.
struct Change {
  ChangeKind kind = ChangeKind::kFact;
  // "alarm `latency` of cell `eu-1` is reported OK": without capital and full stop.
  std::string sentence;
  // For Apply, in this order, after those of the changes before it in the set.
  std::vector<v1::Event> events;
  // Of fields of v1::Inputs that begin with `organisation` or `known_bad`, for ApplyEdit, in this
  // order, after those of the changes before it in the set.
  std::vector<v1::Edit> edits;
  // Of kTime: the instant.
  absl::optional<absl::Time> now;
};

// Changes that, made together, let an artifact move.
struct ChangeSet {
  // Sorted by kind, then in the order in which they can be made, then by sentence; at most one is
  // of kTime.
  std::vector<Change> changes;
  // When the decision is made: that of the change of kTime, else the situation's. What is reported
  // in the set is as of this instant, but for the end of a deployment, which is that of the
  // situation.
  absl::Time now;
};

// `fact`, `time`, `person` or `override`.
absl::string_view ChangeKindName(ChangeKind kind);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_CHANGE_H_
