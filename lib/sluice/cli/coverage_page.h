#ifndef SLUICE_CLI_COVERAGE_PAGE_H_
#define SLUICE_CLI_COVERAGE_PAGE_H_

#include <string>
#include <vector>

#include "sluice/cli/coverage_report.h"

namespace sluice {

// One HTML page over the sources of policies: below each line what it makes a policy do, and which
// cases show that. Needs no other file, no network and no script; readable in the light, in the
// dark, on a telephone and on paper.
std::string RenderCoveragePage(const std::vector<CoverageReport>& reports);

}  // namespace sluice

#endif  // SLUICE_CLI_COVERAGE_PAGE_H_
