#include "sluice/cli/coverage_report.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace sluice {
namespace {

template <typename Counts>
CoverageTotals TotalsWhere(const CoverageReport& report, Counts counts) {
  CoverageTotals totals;
  for (const PointReport& point : report.points) {
    if (!counts(point)) continue;
    ++totals.all;
    totals.shown += !point.cases.empty();
  }
  return totals;
}

// What is not shown, below a line for each place.
std::string RenderMissing(const CoverageReport& report) {
  std::string text;
  const std::string* path = nullptr;
  for (const PointReport& report_of_point : report.points) {
    if (!report_of_point.cases.empty()) continue;
    const CoveragePoint& point = report_of_point.point;
    if (path == nullptr || *path != point.path) {
      const std::string line =
          report_of_point.line.has_value() ? absl::StrCat(":", *report_of_point.line) : "";
      absl::StrAppend(&text, "  ", report.path, line, ": ", point.path, ": ", point.subject, "\n");
      path = &point.path;
    }
    absl::StrAppend(&text, "    ", point.what, "\n");
  }
  return text;
}

}  // namespace

bool CoverageTotals::Reach(double percent) const {
  return static_cast<double>(shown) * 100 >= percent * static_cast<double>(all);
}

CoverageTotals TotalsOf(const CoverageReport& report) {
  return TotalsWhere(report, [](const PointReport&) { return true; });
}

CoverageTotals TotalsOf(const CoverageReport& report, CoverageKind kind) {
  return TotalsWhere(report, [kind](const PointReport& p) { return p.point.kind == kind; });
}

std::string Shown(const CoverageTotals& totals) {
  const double per_mille =
      totals.all == 0
          ? 1000
          : std::floor(static_cast<double>(totals.shown * 1000) / static_cast<double>(totals.all));
  return absl::StrFormat("%d of %d, %.1f %%", totals.shown, totals.all, per_mille / 10);
}

std::string RenderCoverage(const CoverageReport& report) {
  std::string text = absl::StrCat("coverage of ", report.name, ": ", Shown(TotalsOf(report)), "\n");
  for (const CoverageKind kind : kCoverageKinds) {
    const CoverageTotals totals = TotalsOf(report, kind);
    if (totals.all == 0) continue;
    absl::StrAppend(&text,
                    absl::StrFormat("  %-12s %d of %d\n", NameOf(kind), totals.shown, totals.all));
  }
  const std::string missing = RenderMissing(report);
  if (!missing.empty()) absl::StrAppend(&text, "not shown by any case:\n", missing);
  return text;
}

}  // namespace sluice
