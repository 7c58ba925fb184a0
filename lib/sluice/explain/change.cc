#include "sluice/explain/change.h"

namespace sluice {

absl::string_view ChangeKindName(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kFact:
      return "fact";
    case ChangeKind::kTime:
      return "time";
    case ChangeKind::kPerson:
      return "person";
    case ChangeKind::kOverride:
      return "override";
  }
  return "fact";
}

}  // namespace sluice
