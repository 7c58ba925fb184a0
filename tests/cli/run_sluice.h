#ifndef SLUICE_TESTS_CLI_RUN_SLUICE_H_
#define SLUICE_TESTS_CLI_RUN_SLUICE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace sluice {

// What a run of the command line gave.
struct CliResult {
  int code = 0;
  std::string out;
  std::string err;
};

// Runs `sluice` with the words after its name, at the instant that `clock` tells.
CliResult RunSluiceAt(absl::Time (*clock)(), const std::vector<std::string>& words,
                      const std::string& input = "", bool colour = false);

// The path of a file of the test's own.
std::string PathOf(const std::string& name);

// Writes such a file, byte by byte. Returns its path.
std::string WriteFile(const std::string& name, const std::string& text);

// The bytes of a file; empty if there is none.
std::string ReadFile(const std::string& path);

// Makes an empty folder of the running test's name the current one. Returns its path.
std::string EnterFolder();

}  // namespace sluice

#endif  // SLUICE_TESTS_CLI_RUN_SLUICE_H_
