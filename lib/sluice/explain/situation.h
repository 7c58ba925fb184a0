#ifndef SLUICE_EXPLAIN_SITUATION_H_
#define SLUICE_EXPLAIN_SITUATION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "sluice/explain/change.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/snapshot.h"
#include "sluice/v1/state.pb.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {

// A known-bad list, and the message that it was built of.
struct ListInput {
  const KnownBadList* list = nullptr;
  const v1::KnownBadList* message = nullptr;  // Null: it was opened in its own form.
};

// Everything that a decision is made from. What it points to must outlive it unchanged.
struct Situation {
  const Policy* policy = nullptr;
  const v1::PipelineState* state = nullptr;
  const v1::OrganisationFacts* organisation = nullptr;  // Null: none.
  std::vector<ListInput> known_bad;
  absl::Time now;  // In the years 1 to 9999.
};

// Names the events of `changes`, and says which revision those that change a rollout expect, so
// that they can be applied to the situation's state in their order. `prefix` begins their ids, and
// no id of an event that was applied.
void NumberEvents(const Situation& base, absl::string_view prefix, std::vector<Change>* changes);

// A situation after changes: copies of what they touch.
class ChangedSituation {
 public:
  // Makes the changes, whose events are numbered, in their order. What Apply, ApplyEdit and
  // KnownBadList::Build say, if one of them can't be made. `base` must outlive the result.
  static absl::StatusOr<std::unique_ptr<ChangedSituation>> Make(const Situation& base,
                                                                absl::Span<const Change> changes);

  absl::Time now() const { return now_; }
  const v1::PipelineState& state() const { return state_; }

  // Writes down one more event.
  absl::Status Record(const v1::Event& event);

  // The snapshot of what is there now; this object must outlive it unchanged.
  Snapshot Load() const;

 private:
  ChangedSituation() = default;

  absl::Status Edit(const Situation& base, absl::Span<const Change> changes);

  absl::Time now_;
  v1::PipelineState state_;
  v1::Inputs edited_;  // Organisation and lists, if changes edit them.
  Organisation organisation_;
  std::vector<std::unique_ptr<KnownBadList>> built_;
  std::vector<const KnownBadList*> lists_;
};

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_SITUATION_H_
