#ifndef SLUICE_TESTS_CALENDAR_AT_H_
#define SLUICE_TESTS_CALENDAR_AT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace sluice {

// The instant that an RFC 3339 text names.
inline absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return time;
}

}  // namespace sluice

#endif  // SLUICE_TESTS_CALENDAR_AT_H_
