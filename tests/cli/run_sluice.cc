#include "tests/cli/run_sluice.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/environment.h"

namespace sluice {

CliResult RunSluiceAt(absl::Time (*clock)(), const std::vector<std::string>& words,
                      const std::string& input, bool colour) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  const Environment environment{in, out, err, colour, clock};
  CliResult result;
  result.code = RunCli(words, environment);
  result.out = out.str();
  result.err = err.str();
  return result;
}

std::string PathOf(const std::string& name) {
  return absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
}

std::string WriteFile(const std::string& name, const std::string& text) {
  const std::string path = PathOf(name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

std::string ReadFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string EnterFolder() {
  const std::string folder =
      PathOf(::testing::UnitTest::GetInstance()->current_test_info()->name());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  std::filesystem::current_path(folder);
  return folder;
}

}  // namespace sluice
