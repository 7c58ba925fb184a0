#include "sluice/cli/coverage_page.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

// Names of cases behind a point that are written out.
constexpr size_t kMaxNamedCases = 3;

constexpr absl::string_view kStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1c2024; --faint: #60666d; --rule: #d5d9de; --code: #f6f7f9;
  --all: #d9f0df; --all-text: #0f5a2a; --none: #fbdcd9; --none-text: #8c1a11;
  --some: #fbecc8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --text: #e3e6e9; --faint: #9aa1a9; --rule: #343a41; --code: #1b1f23;
    --all: #17402a; --all-text: #a9e5bd; --none: #57201c; --none-text: #ffc2bb;
    --some: #4d3d12;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 72rem;
  background: var(--page); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.4rem; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .5rem; overflow-wrap: anywhere; }
p { margin: .4rem 0; }
.faint { color: var(--faint); }
table { border-collapse: collapse; margin: .8rem 0; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--rule); }
td.count { text-align: right; font-variant-numeric: tabular-nums; }
.bar { display: block; width: 8rem; height: .6rem; background: var(--none); }
.bar span { display: block; height: 100%; background: var(--all-text); }
ol.source { list-style: none; margin: 1rem 0; padding: .5rem 0; background: var(--code); }
ol.source > li { display: grid; grid-template-columns: 3.2rem 1fr; }
.number {
  text-align: right; padding-right: .8rem; color: var(--faint); user-select: none;
  font: .8rem/1.45 ui-monospace, monospace;
}
code { font: .8rem/1.45 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
li.all > code { background: var(--all); }
li.some > code { background: var(--some); }
li.none > code { background: var(--none); }
ul.points {
  grid-column: 2; list-style: none; margin: .2rem .5rem .5rem 0; padding: 0;
  font-size: .8rem; line-height: 1.4;
}
ul.points li { padding: .1rem .4rem; margin: .1rem 0; overflow-wrap: anywhere; }
ul.points li.shown { background: var(--all); color: var(--all-text); }
ul.points li.missing { background: var(--none); color: var(--none-text); font-weight: 600; }
@media (max-width: 40rem) {
  body { padding: 1rem .6rem 3rem; }
  ol.source > li { grid-template-columns: 2.2rem 1fr; }
  .number { padding-right: .4rem; }
}
@media print {
  :root {
    --page: #fff; --text: #000; --faint: #444; --rule: #999; --code: #fff;
    --all: #fff; --all-text: #000; --none: #fff; --none-text: #000; --some: #fff;
  }
  body { max-width: none; padding: 0; font-size: 9pt; }
  .bar { border: 1px solid #000; }
  ol.source > li { break-inside: avoid; }
  ul.points li { border-left: 2pt solid #999; }
  ul.points li.missing { border-left: 4pt solid #000; }
}
)css";

// Text between tags, or in an attribute between quotation marks; U+FFFD for what no page may have.
std::string Escaped(absl::string_view text) {
  constexpr absl::string_view kReplacement = "\xef\xbf\xbd";
  std::string escaped;
  while (!text.empty()) {
    const absl::string_view valid = text.substr(0, ValidUtf8Prefix(text));
    for (const char c : valid) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '&') {
        escaped += "&amp;";
      } else if (c == '<') {
        escaped += "&lt;";
      } else if (c == '>') {
        escaped += "&gt;";
      } else if (c == '"') {
        escaped += "&quot;";
      } else if ((byte < 0x20 && c != '\t') || byte == 0x7f) {
        absl::StrAppend(&escaped, kReplacement);
      } else {
        escaped += c;
      }
    }
    text.remove_prefix(valid.size());
    if (text.empty()) break;
    absl::StrAppend(&escaped, kReplacement);
    text.remove_prefix(1);
  }
  return escaped;
}

// The first cases by name, and how many more there are.
std::string CasesText(const std::vector<std::string>& cases) {
  std::string text;
  for (size_t i = 0; i < cases.size() && i < kMaxNamedCases; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", Escaped(cases[i]));
  }
  if (cases.size() > kMaxNamedCases) {
    absl::StrAppend(&text, " and ", cases.size() - kMaxNamedCases, " more");
  }
  return text;
}

std::string PointText(const PointReport& report) {
  const std::string what =
      absl::StrCat(Escaped(report.point.subject), ": ", Escaped(report.point.what));
  if (report.cases.empty()) {
    return absl::StrCat("<li class=\"missing\">\u2717 ", what, " \u2014 no case</li>\n");
  }
  return absl::StrCat("<li class=\"shown\">\u2713 ", what, " \u2014 ", CasesText(report.cases),
                      "</li>\n");
}

using Points = std::vector<const PointReport*>;

std::string PointsText(const Points& points) {
  std::string text = "<ul class=\"points\">\n";
  for (const PointReport* point : points) absl::StrAppend(&text, PointText(*point));
  return absl::StrCat(text, "</ul>\n");
}

absl::string_view ClassOf(const Points& points) {
  size_t shown = 0;
  for (const PointReport* point : points) shown += !point->cases.empty();
  return shown == points.size() ? "all" : shown == 0 ? "none" : "some";
}

std::string SourceText(const std::string& source, const std::map<int, Points>& by_line) {
  std::string text = "<ol class=\"source\">\n";
  int number = 0;
  for (absl::string_view line : absl::StrSplit(absl::StripSuffix(source, "\n"), '\n')) {
    ++number;
    line = absl::StripSuffix(line, "\r");
    const auto points = by_line.find(number);
    const std::string code =
        absl::StrFormat("<span class=\"number\">%d</span><code>%s</code>", number, Escaped(line));
    if (points == by_line.end()) {
      absl::StrAppend(&text, "<li>", code, "</li>\n");
    } else {
      absl::StrAppend(&text, "<li class=\"", ClassOf(points->second), "\">", code, "\n",
                      PointsText(points->second), "</li>\n");
    }
  }
  return absl::StrCat(text, "</ol>\n");
}

std::string TotalsText(const CoverageReport& report) {
  std::string text = "<table>\n";
  for (const CoverageKind kind : kCoverageKinds) {
    const CoverageTotals totals = TotalsOf(report, kind);
    if (totals.all == 0) continue;
    absl::StrAppend(&text, "<tr><th scope=\"row\">", NameOf(kind), "</th><td class=\"count\">",
                    totals.shown, " of ", totals.all, "</td><td><span class=\"bar\">",
                    absl::StrFormat("<span style=\"width:%.1f%%\"></span>",
                                    100.0 * static_cast<double>(totals.shown) /
                                        static_cast<double>(totals.all)),
                    "</span></td></tr>\n");
  }
  return absl::StrCat(text, "</table>\n");
}

std::string ReportText(const CoverageReport& report) {
  std::string text = absl::StrCat("<h2>", Escaped(report.name), "</h2>\n<p>",
                                  Shown(TotalsOf(report)), "</p>\n", TotalsText(report));
  Points elsewhere;
  std::map<int, Points> by_line;
  for (const PointReport& point : report.points) {
    if (point.line.has_value() && !report.source.empty()) {
      by_line[*point.line].push_back(&point);
    } else {
      elsewhere.push_back(&point);
    }
  }
  if (!elsewhere.empty()) absl::StrAppend(&text, PointsText(elsewhere));
  if (!report.source.empty()) absl::StrAppend(&text, SourceText(report.source, by_line));
  return text;
}

}  // namespace

std::string RenderCoveragePage(const std::vector<CoverageReport>& reports) {
  std::string page = absl::StrCat(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
      "<title>Policy coverage</title>\n<style>", kStyle, "</style>\n</head>\n<body>\n",
      "<h1>What the tests show of the policies</h1>\n<p class=\"faint\">Below each line of a "
      "policy is what it makes the policy do. \u2713 names cases that would fail if it did "
      "something else; \u2717 is shown by no case.</p>\n");
  for (const CoverageReport& report : reports) absl::StrAppend(&page, ReportText(report));
  return absl::StrCat(page, "</body>\n</html>\n");
}

}  // namespace sluice
