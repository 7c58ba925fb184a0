#ifndef SLUICE_TESTS_DIFFERENTIAL_AGES_H_
#define SLUICE_TESTS_DIFFERENTIAL_AGES_H_

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "tests/differential/names.h"
#include "tests/rollout/draw.h"
#include "tests/rollout/times.h"

namespace sluice {

// Draws instants around `now`, biased to where a limit is met exactly.
class Ages {
 public:
  Ages(absl::Time now, Draw* draw) : now_(now), draw_(*draw) {}

  absl::Time now() const { return now_; }

  // Exactly one of the timers, a sum of two, or a second or a nanosecond beside it.
  absl::Duration Age() {
    absl::Duration age = draw_.Percent(30) ? absl::ZeroDuration() : draw_.Pick(Timers());
    if (draw_.Percent(30)) age += draw_.Pick(Timers());
    switch (draw_.Below(10)) {
      case 0:
        return age + absl::Nanoseconds(1);
      case 1:
        return age - absl::Nanoseconds(1);
      case 2:
        return age + absl::Seconds(draw_.Between(-20, 20));
      default:
        return age;
    }
  }

  // Mostly before now, by one of those.
  absl::Time Past() { return draw_.Percent(97) ? now_ - absl::AbsDuration(Age()) : now_ + Age(); }

  // Mostly so short ago that nothing is stale.
  absl::Time Recent() {
    return draw_.Percent(70) ? now_ - absl::Seconds(draw_.Between(0, 59)) : Past();
  }

  absl::Time Future() { return draw_.Percent(80) ? now_ + absl::AbsDuration(Age()) : Past(); }

  // A start at or before `end`.
  absl::Time Before(absl::Time end) { return end - absl::AbsDuration(Age()); }

 private:
  const absl::Time now_;
  Draw& draw_;
};

}  // namespace sluice

#endif  // SLUICE_TESTS_DIFFERENTIAL_AGES_H_
