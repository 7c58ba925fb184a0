#ifndef SLUICE_CLI_ENVIRONMENT_H_
#define SLUICE_CLI_ENVIRONMENT_H_

#include <istream>
#include <ostream>

#include "absl/time/time.h"

namespace sluice {

// Where a command reads and writes: the process's own, or a test's.
struct Environment {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool colour = false;    // `out` is a terminal that shows colours.
  absl::Time (*clock)();  // Asked only where --now is not given, and for how long things take.
  bool progress = false;  // `err` is a terminal.
};

// Exit codes of every command.
inline constexpr int kExitOk = 0;
inline constexpr int kExitInternal = 1;
inline constexpr int kExitBadInput = 2;
inline constexpr int kExitWait = 10;
inline constexpr int kExitHold = 11;
inline constexpr int kExitReady = 12;
inline constexpr int kExitIdle = 13;
inline constexpr int kExitRollBack = 14;

}  // namespace sluice

#endif  // SLUICE_CLI_ENVIRONMENT_H_
