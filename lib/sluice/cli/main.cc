#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "sluice/cli/commands.h"

int main(int argc, char** argv) {
  const char* no_colour = std::getenv("NO_COLOR");
  const bool colour = isatty(STDOUT_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0');
  const bool progress = isatty(STDERR_FILENO) != 0;
  const sluice::Environment environment{std::cin, std::cout,  std::cerr,
                                        colour,   &absl::Now, progress};
  return sluice::RunCli(std::vector<std::string>(argv + 1, argv + argc), environment);
}
