#include "sluice/calendar/stretch.h"

#include <algorithm>
#include <cstddef>

namespace sluice {

void JoinStretches(std::vector<Stretch>& stretches) {
  size_t joined = 0;
  for (const Stretch& stretch : stretches) {
    if (stretch.end <= stretch.begin) continue;
    if (joined > 0 && stretch.begin <= stretches[joined - 1].end) {
      stretches[joined - 1].end = std::max(stretches[joined - 1].end, stretch.end);
    } else {
      stretches[joined++] = stretch;
    }
  }
  stretches.resize(joined);
}

}  // namespace sluice
