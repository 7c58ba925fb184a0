#ifndef SLUICE_CLI_COVERAGE_REPORT_H_
#define SLUICE_CLI_COVERAGE_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "sluice/testing/coverage_points.h"

namespace sluice {

// A point of a policy, and the cases that show it.
struct PointReport {
  CoveragePoint point;
  absl::optional<int> line;        // Of the policy's source, from 1; nothing: not known.
  std::vector<std::string> cases;  // Names, in the order in which they ran.
};

// What tests show of one policy.
struct CoverageReport {
  std::string name;    // For headings: the path, and which base of a suite if it has several.
  std::string path;    // The file that the policy stands in.
  std::string source;  // The file's text; empty: it could not be read again.
  std::vector<PointReport> points;
};

struct CoverageTotals {
  size_t shown = 0;
  size_t all = 0;

  // Whether at least `percent` of all are shown.
  bool Reach(double percent) const;
};

CoverageTotals TotalsOf(const CoverageReport& report);
CoverageTotals TotalsOf(const CoverageReport& report, CoverageKind kind);

// `31 of 40, 77.5 %`; a percentage is rounded down.
std::string Shown(const CoverageTotals& totals);

// How much is shown of each kind, and everything that is not, with its place: lines of at most 80
// columns, but for long names.
std::string RenderCoverage(const CoverageReport& report);

}  // namespace sluice

#endif  // SLUICE_CLI_COVERAGE_REPORT_H_
