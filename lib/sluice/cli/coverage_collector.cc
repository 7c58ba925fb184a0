#include "sluice/cli/coverage_collector.h"

#include <cstddef>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "sluice/cli/read_input.h"

namespace sluice {
namespace {

// Tells policies apart: where one stands, and what it does, which a baseline may add to.
std::string KeyOf(const std::string& place, const PolicyCoverage& coverage) {
  std::string key = place;
  for (const CoveragePoint& point : coverage.points()) {
    absl::StrAppend(&key, "\n", point.path, "|", point.what);
  }
  return key;
}

// The text of a file that has been read before; empty if it can't be read a second time.
std::string TextOf(const std::string& path) {
  if (path == "-") return "";
  std::istringstream no_input;
  const absl::StatusOr<std::string> text = ReadFile(path, no_input);
  return text.ok() ? *text : "";
}

}  // namespace

CoverageReport* CoverageCollector::ReportOf(const SuiteFile& file, const std::string& base,
                                            const PolicyCoverage& coverage) {
  const std::string& stands_in = file.PolicyPath(base);
  const std::string path = std::filesystem::path(stands_in).lexically_normal().string();
  const std::string place = absl::StrCat(path, "\n", stands_in == file.path() ? base : "");
  const auto added = by_policy_.try_emplace(KeyOf(place, coverage), reports_.size());
  if (!added.second) return &reports_[added.first->second];
  CoverageReport report;
  report.name = base.empty() ? path : absl::StrCat(path, ", base `", base, "`");
  report.path = path;
  report.source = TextOf(stands_in);
  for (const CoveragePoint& point : coverage.points()) {
    report.points.push_back({point, file.PolicyLine(base, point.path), {}});
  }
  reports_.push_back(std::move(report));
  return &reports_.back();
}

void CoverageCollector::Add(const SuiteFile& file, int case_index, const CaseResult& result) {
  const v1::TestCase& test = file.suite().cases(case_index);
  const PolicyCoverage* coverage = file.runner()->CoverageOf(test.base());
  if (coverage == nullptr) return;
  CoverageReport* report = ReportOf(file, test.base(), *coverage);
  for (const int point : result.shown) {
    report->points[static_cast<size_t>(point)].cases.push_back(test.name());
  }
}

}  // namespace sluice
