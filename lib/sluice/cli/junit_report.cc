#include "sluice/cli/junit_report.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

constexpr absl::string_view kReplacement = "\xef\xbf\xbd";

// One byte of well-formed text in XML, in or between tags.
void AppendEscaped(char byte, std::string* xml) {
  switch (byte) {
    case '&':
      absl::StrAppend(xml, "&amp;");
      return;
    case '<':
      absl::StrAppend(xml, "&lt;");
      return;
    case '>':
      absl::StrAppend(xml, "&gt;");
      return;
    case '"':
      absl::StrAppend(xml, "&quot;");
      return;
    case '\t':
    case '\n':
    case '\r':  // As they are, a reader would make a space or a line break of them.
      absl::StrAppend(xml, "&#", static_cast<int>(byte), ";");
      return;
    default:
      break;
  }
  if (static_cast<unsigned char>(byte) < 0x20) {
    absl::StrAppend(xml, kReplacement);
  } else {
    xml->push_back(byte);
  }
}

std::string Escaped(absl::string_view text) {
  std::string xml;
  while (!text.empty()) {
    const size_t valid = ValidUtf8Prefix(text);
    for (size_t i = 0; i < valid; ++i) {
      const absl::string_view rest = text.substr(i);
      // U+FFFE and U+FFFF, the characters above U+001F that XML can't have.
      if (absl::StartsWith(rest, "\xef\xbf\xbe") || absl::StartsWith(rest, "\xef\xbf\xbf")) {
        absl::StrAppend(&xml, kReplacement);
        i += 2;
      } else {
        AppendEscaped(text[i], &xml);
      }
    }
    text.remove_prefix(valid);
    if (text.empty()) break;
    absl::StrAppend(&xml, kReplacement);
    text.remove_prefix(1);
  }
  return xml;
}

// A problem of a case, as the element `tag` inside of it.
std::string Problem(absl::string_view tag, absl::string_view message, absl::string_view text) {
  return absl::StrCat("      <", tag, " message=\"", Escaped(message), "\">", Escaped(text), "</",
                      tag, ">\n");
}

std::string Case(absl::string_view file, absl::string_view name, absl::string_view problem) {
  const std::string start =
      absl::StrCat("    <testcase classname=\"", Escaped(file), "\" name=\"", Escaped(name), "\"");
  if (problem.empty()) return absl::StrCat(start, "/>\n");
  return absl::StrCat(start, ">\n", problem, "    </testcase>\n");
}

std::string ProblemOf(absl::string_view file, const CaseReport& report) {
  switch (report.result.outcome) {
    case CaseResult::Outcome::kPassed:
      return "";
    case CaseResult::Outcome::kFailed: {
      const MomentResult& moment = report.result.moments.front();
      const Mismatch& first = moment.mismatches.front();
      return Problem("failure",
                     absl::StrCat(first.what, ": expected ", first.expected, ", is ", first.actual),
                     RenderFailure(file, report));
    }
    case CaseResult::Outcome::kBroken:
      break;
  }
  return Problem("error", report.faults.empty() ? "" : report.faults.front(),
                 absl::StrJoin(report.faults, "\n"));
}

std::string Counts(const TestTotals& totals) {
  const size_t errors = totals.broken + totals.broken_files;
  return absl::StrCat("tests=\"", totals.passed + totals.failed + errors, "\" failures=\"",
                      totals.failed, "\" errors=\"", errors, "\"");
}

}  // namespace

std::string RenderJunit(const std::vector<FileReport>& files) {
  std::string xml = absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites ",
                                 Counts(TotalsOf(files)), ">\n");
  for (const FileReport& file : files) {
    absl::StrAppend(&xml, "  <testsuite name=\"", Escaped(file.path), "\" ",
                    Counts(TotalsOf({file})), ">\n");
    if (!file.faults.empty()) {
      absl::StrAppend(
          &xml, Case(file.path, "(file)",
                     Problem("error", file.faults.front(), absl::StrJoin(file.faults, "\n"))));
    }
    for (const CaseReport& report : file.cases) {
      absl::StrAppend(&xml, Case(file.path, report.name, ProblemOf(file.path, report)));
    }
    absl::StrAppend(&xml, "  </testsuite>\n");
  }
  absl::StrAppend(&xml, "</testsuites>\n");
  return xml;
}

}  // namespace sluice
