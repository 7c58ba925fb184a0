#ifndef SLUICE_TESTS_ROLLOUT_ARGUMENTS_H_
#define SLUICE_TESTS_ROLLOUT_ARGUMENTS_H_

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace sluice {

// The number in the argument `--NAME=NUMBER`, or `otherwise`.
inline uint64_t NumberArgument(int argc, char** argv, absl::string_view name, uint64_t otherwise) {
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    uint64_t number = 0;
    if (absl::ConsumePrefix(&argument, absl::StrCat("--", name, "=")) &&
        absl::SimpleAtoi(argument, &number)) {
      return number;
    }
  }
  return otherwise;
}

}  // namespace sluice

#endif  // SLUICE_TESTS_ROLLOUT_ARGUMENTS_H_
