#ifndef SLUICE_SIMULATE_HOST_EVENTS_H_
#define SLUICE_SIMULATE_HOST_EVENTS_H_

#include <string>
#include <vector>

#include "sluice/decision.h"
#include "sluice/v1/event.pb.h"

namespace sluice {

// Something that a decision wants done or recorded.
struct HostEvent {
  std::string id;   // To ask `Policy::Admit` for.
  v1::Event event;  // That writes it down, without id, instant and revision.
};

// What a host writes down to follow the decision, in its order: wanted records, entries and the
// starts of deployments. Of READY nothing: a person starts that.
std::vector<HostEvent> HostEventsOf(const Decision& decision);

}  // namespace sluice

#endif  // SLUICE_SIMULATE_HOST_EVENTS_H_
