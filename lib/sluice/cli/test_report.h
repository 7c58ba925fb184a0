#ifndef SLUICE_CLI_TEST_REPORT_H_
#define SLUICE_CLI_TEST_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sluice/testing/test_suite.h"

namespace sluice {

// What running a case gave.
struct CaseReport {
  std::string name;
  std::string description;
  CaseResult result;
  // What is wrong with a broken case, one line each with its place.
  std::vector<std::string> faults;
};

// What running a file gave.
struct FileReport {
  std::string path;
  // Why none of its cases was run, one line each with its place; empty: they were.
  std::vector<std::string> faults;
  std::vector<CaseReport> cases;
};

struct TestTotals {
  size_t passed = 0;
  size_t failed = 0;
  size_t broken = 0;
  size_t broken_files = 0;
};

TestTotals TotalsOf(const std::vector<FileReport>& files);

// What is otherwise than expected in a case that failed, and why, below a line that names it: lines
// of at most 80 columns, without control characters.
std::string RenderFailure(absl::string_view path, const CaseReport& report);

// Every case that failed and, if `verbose`, a line for every other one; at last the totals.
std::string RenderTests(const std::vector<FileReport>& files, bool verbose);

}  // namespace sluice

#endif  // SLUICE_CLI_TEST_REPORT_H_
