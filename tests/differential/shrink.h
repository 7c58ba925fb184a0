#ifndef SLUICE_TESTS_DIFFERENTIAL_SHRINK_H_
#define SLUICE_TESTS_DIFFERENTIAL_SHRINK_H_

#include <functional>

#include "sluice/v1/testing.pb.h"

namespace sluice {

// Takes away fields and elements of `inputs` as long as `is_bad` stays true of what is left, which
// it must be at first. Ends when nothing more can be taken away, or after `max_tries` questions.
v1::Inputs Shrink(v1::Inputs inputs, const std::function<bool(const v1::Inputs&)>& is_bad,
                  int max_tries = 20000);

}  // namespace sluice

#endif  // SLUICE_TESTS_DIFFERENTIAL_SHRINK_H_
