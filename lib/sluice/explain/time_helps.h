#ifndef SLUICE_EXPLAIN_TIME_HELPS_H_
#define SLUICE_EXPLAIN_TIME_HELPS_H_

#include "sluice/finding.h"

namespace sluice {

// Whether a finding with this reason may be clear at its `changes_at`, though no fact changes.
bool TimeHelps(Reason reason);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_TIME_HELPS_H_
