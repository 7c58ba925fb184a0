#ifndef SLUICE_CLI_PROGRESS_H_
#define SLUICE_CLI_PROGRESS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/cli/environment.h"

namespace sluice {

// A bar on the terminal, for what takes more than a second. Gone at the end, and never there where
// `err` is no terminal.
class Progress {
 public:
  // `what` is being done, such as `reading`.
  Progress(absl::string_view what, const Environment& environment);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  // `fraction` of it is done: 0 to 1. Draws at most ten times a second.
  void Show(double fraction);

 private:
  const std::string what_;
  const Environment& environment_;
  const absl::Time started_;
  absl::Time drawn_ = absl::InfinitePast();
};

}  // namespace sluice

#endif  // SLUICE_CLI_PROGRESS_H_
