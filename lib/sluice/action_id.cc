#include "sluice/action_id.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/identifier.h"

namespace sluice {
namespace {

absl::string_view DirectionName(ActionDirection direction) {
  switch (direction) {
    case ActionDirection::kForward:
      return "forward";
    case ActionDirection::kRollBack:
      return "roll_back";
    case ActionDirection::kEnter:
      return "enter";
    case ActionDirection::kUnknown:
      break;
  }
  return "unknown";
}

ActionDirection ParseDirection(absl::string_view name) {
  for (const ActionDirection direction :
       {ActionDirection::kForward, ActionDirection::kRollBack, ActionDirection::kEnter}) {
    if (name == DirectionName(direction)) return direction;
  }
  return ActionDirection::kUnknown;
}

// 0: `text` is not the one way to write a number of 1 or more.
uint32_t ParseAttempt(absl::string_view text) {
  if (text.empty() || !absl::ascii_isdigit(text[0]) || text[0] == '0') return 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(c)) return 0;
  }
  uint32_t attempt = 0;
  return absl::SimpleAtoi(text, &attempt) ? attempt : 0;
}

}  // namespace

std::string ActionId(absl::string_view pipeline, absl::string_view stage, absl::string_view cell,
                     absl::string_view artifact, ActionDirection direction, uint32_t attempt) {
  return absl::StrCat(pipeline, "|", stage, "|", cell, "|", artifact, "|", DirectionName(direction),
                      "|", attempt);
}

std::string RecordId(absl::string_view pipeline, absl::string_view stage, absl::string_view cell,
                     absl::string_view artifact, v1::WantedRecord::Kind kind,
                     absl::string_view wave) {
  return absl::StrCat(pipeline, "|", stage, "|", cell, "|", artifact, "|record|",
                      v1::WantedRecord::Kind_Name(kind), "|", wave);
}

absl::optional<ActionIdParts> ParseActionId(absl::string_view id) {
  const std::vector<absl::string_view> parts = absl::StrSplit(id, '|');
  if (parts.size() != 6) return absl::nullopt;
  ActionIdParts result;
  result.pipeline = parts[0];
  result.stage = parts[1];
  result.cell = parts[2];
  result.artifact = parts[3];
  result.direction = ParseDirection(parts[4]);
  result.attempt = ParseAttempt(parts[5]);
  if (!IsIdentifier(result.pipeline) || !IsIdentifier(result.stage)) return absl::nullopt;
  if (!ParseDigest(result.artifact).has_value() || result.attempt == 0) return absl::nullopt;
  switch (result.direction) {
    case ActionDirection::kForward:
    case ActionDirection::kRollBack:
      if (!IsIdentifier(result.cell)) return absl::nullopt;
      break;
    case ActionDirection::kEnter:
      if (!result.cell.empty() || result.attempt != 1) return absl::nullopt;
      break;
    case ActionDirection::kUnknown:
      return absl::nullopt;
  }
  return result;
}

}  // namespace sluice
