#ifndef SLUICE_EXPLAIN_REMEDIES_H_
#define SLUICE_EXPLAIN_REMEDIES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "sluice/decision.h"
#include "sluice/explain/remedy.h"

namespace sluice {

// One thing that stands in the held artifact's way, and what may end it.
struct Obstacle {
  // What it is, in one sentence.
  std::string sentence;
  // Whether nothing moves as long as it stands; else there may be a way around it, such as another
  // cell.
  bool is_necessary = false;
  // Facts first, then time, people and overrides. Empty: a record that has to be mended, or what
  // nothing ends.
  Remedies remedies;
};

// What stands in the way of the held artifact in `decision`, made of what `context` is about: what
// is of the whole stage before what is of a wave or cell, in the order of the findings. Of the
// latter, at most `most`; `*cut` becomes true if there are more.
std::vector<Obstacle> ObstaclesOf(const RemedyContext& context, const Decision& decision,
                                  size_t most, bool* cut);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_REMEDIES_H_
