// [T1] to [T6]: is it open now, and for how long? Membership is asked of civil readings, instant by
// instant; nothing is computed ahead.
#ifndef TESTS_REFERENCE_WINDOWS_H_
#define TESTS_REFERENCE_WINDOWS_H_

#include "absl/time/time.h"
#include "tests/reference/facts.h"

namespace sluice {
namespace reference {

// `expected_duration` is what the rollout still needs.
Judgement JudgeWindow(const Facts& facts, const v1::TimeWindow& window,
                      absl::Duration expected_duration);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_WINDOWS_H_
