#ifndef SLUICE_ACTION_ID_H_
#define SLUICE_ACTION_ID_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "sluice/v1/decision.pb.h"

// Names of the things a decision asks for. They are functions of what is asked, so that the same
// action has the same name in every decision, and a host can hold it against the state [R9].
namespace sluice {

// Which way an action moves an artifact.
enum class ActionDirection : uint8_t {
  kUnknown = 0,
  kForward,   // Deploys it to a cell.
  kRollBack,  // Deploys it to a cell in place of a newer one.
  kEnter,     // Enters a stage that deploys nothing; no cell, always attempt 1.
};

// Names one action: the parts separated by `|`, which no identifier contains. The direction is
// written `forward`, `roll_back` or `enter`.
std::string ActionId(absl::string_view pipeline, absl::string_view stage, absl::string_view cell,
                     absl::string_view artifact, ActionDirection direction, uint32_t attempt);

// Names one wanted record: `pipeline|stage|cell|artifact|record|KIND|wave`, where the cell and the
// wave are empty unless the record is about one.
std::string RecordId(absl::string_view pipeline, absl::string_view stage, absl::string_view cell,
                     absl::string_view artifact, v1::WantedRecord::Kind kind,
                     absl::string_view wave);

// The parts of an action's name. Text points into the name.
struct ActionIdParts {
  absl::string_view pipeline;
  absl::string_view stage;
  absl::string_view cell;
  absl::string_view artifact;
  ActionDirection direction = ActionDirection::kUnknown;
  uint32_t attempt = 0;
};

// Reads what ActionId writes, and nothing else: identifiers, a digest, a known direction and an
// attempt of 1 or more without leading zeros; the cell is empty exactly where the direction is
// kEnter, whose attempt is 1. Does not allocate beyond the split.
absl::optional<ActionIdParts> ParseActionId(absl::string_view id);

}  // namespace sluice

#endif  // SLUICE_ACTION_ID_H_
