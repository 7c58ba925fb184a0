// Prints what becomes of three artifacts in one pipeline, step by step.

#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "driver.h"
#include "narrator.h"

int main() {
  const absl::StatusOr<sluice::Example> example = sluice::ReadExample();
  if (!example.ok()) {
    std::cerr << example.status() << "\n";
    return 1;
  }
  const char* no_colour = std::getenv("NO_COLOR");
  const bool colour = isatty(STDOUT_FILENO) != 0 && (no_colour == nullptr || *no_colour == '\0');
  sluice::Narrator narrator(*example, colour, std::cout);
  narrator.Begin();
  const absl::Status status = sluice::RunExample(
      *example, [&narrator](const sluice::Decision& decision) { narrator.Tell(decision); });
  if (!status.ok()) {
    std::cerr << status << "\n";
    return 1;
  }
  narrator.End();
}
