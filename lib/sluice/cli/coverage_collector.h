#ifndef SLUICE_CLI_COVERAGE_COLLECTOR_H_
#define SLUICE_CLI_COVERAGE_COLLECTOR_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "sluice/cli/coverage_report.h"
#include "sluice/cli/suite_file.h"
#include "sluice/testing/test_suite.h"

namespace sluice {

// Brings together what the cases of several files show of each policy. A policy that several suites
// name is one.
class CoverageCollector {
 public:
  // Takes note of a case that was run; `file` was prepared for coverage.
  void Add(const SuiteFile& file, int case_index, const CaseResult& result);

  // A report for each policy, in the order in which cases of it were added.
  const std::vector<CoverageReport>& reports() const { return reports_; }

 private:
  CoverageReport* ReportOf(const SuiteFile& file, const std::string& base,
                           const PolicyCoverage& coverage);

  std::vector<CoverageReport> reports_;
  absl::flat_hash_map<std::string, size_t> by_policy_;
};

}  // namespace sluice

#endif  // SLUICE_CLI_COVERAGE_COLLECTOR_H_
