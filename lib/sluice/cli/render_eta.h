#ifndef SLUICE_CLI_RENDER_ETA_H_
#define SLUICE_CLI_RENDER_ETA_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/simulate/healthy_future.h"

namespace sluice {

// When each stage would be done, for people: at most 80 columns unless a single word is longer.
// `stage`: only that one; empty: all.
std::string RenderEta(const HealthyFuture& future, absl::string_view stage = "");

// The same as JSON, on one line: durations in seconds, instants as text, what is unset left out.
std::string EtaToJson(const HealthyFuture& future);

// Such as `1 d 18 h 20 min`, seconds only of less than an hour.
std::string RenderDuration(absl::Duration duration);

}  // namespace sluice

#endif  // SLUICE_CLI_RENDER_ETA_H_
