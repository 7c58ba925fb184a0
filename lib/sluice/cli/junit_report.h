#ifndef SLUICE_CLI_JUNIT_REPORT_H_
#define SLUICE_CLI_JUNIT_REPORT_H_

#include <string>
#include <vector>

#include "sluice/cli/test_report.h"

namespace sluice {

// The same reports in the XML that JUnit's users have agreed on: a `testsuite` for each file, a
// `testcase` for each case, with a `failure` if it failed and an `error` if it is broken. A file of
// which nothing was run has one case, `(file)`, with an error. Well-formed XML 1.0 in UTF-8,
// whatever the names: U+FFFD stands for each character that XML can't have. Says no times, so that
// equal runs give equal reports.
std::string RenderJunit(const std::vector<FileReport>& files);

}  // namespace sluice

#endif  // SLUICE_CLI_JUNIT_REPORT_H_
