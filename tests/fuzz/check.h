#ifndef SLUICE_TESTS_FUZZ_CHECK_H_
#define SLUICE_TESTS_FUZZ_CHECK_H_

#include <cstdlib>
#include <iostream>

#include "absl/strings/string_view.h"

namespace sluice {

// Ends the run, which saves its input, unless `holds`.
inline void Check(bool holds, absl::string_view what) {
  if (holds) return;
  std::cerr << "broken: " << what << "\n";
  std::abort();
}

}  // namespace sluice

#endif  // SLUICE_TESTS_FUZZ_CHECK_H_
