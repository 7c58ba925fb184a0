#ifndef SLUICE_BLOCKERS_PARSE_WINDOW_H_
#define SLUICE_BLOCKERS_PARSE_WINDOW_H_

#include <vector>

#include "absl/types/optional.h"
#include "sluice/calendar/window.h"
#include "sluice/calendar/zone.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// The window, or nothing and every fault; nothing of a calendar either. Takes its zone from `zones`
// or loads it, which reads files, and adds it there.
absl::optional<Window> ParseWindow(const v1::Window& proto, const FieldPath& path,
                                   std::vector<Zone>& zones, FieldErrors& errors);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_PARSE_WINDOW_H_
