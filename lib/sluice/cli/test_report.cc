#include "sluice/cli/test_report.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "sluice/cli/render_text.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/utf8.h"

namespace sluice {
namespace {

constexpr size_t kColumns = 80;

// The length of the character at the start of `text`, which is well-formed and not empty.
size_t CharacterLength(absl::string_view text) {
  size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) {
    ++length;
  }
  return length;
}

// Whether a terminal may take the character for a command, or print what follows another way round.
bool IsControl(absl::string_view character) {
  if (character.size() == 1) {
    const unsigned char byte = static_cast<unsigned char>(character[0]);
    return byte < 0x20 || byte == 0x7f;
  }
  return (character >= "\xc2\x80" && character <= "\xc2\x9f") ||
         (character >= "\xe2\x80\xaa" && character <= "\xe2\x80\xae") ||
         (character >= "\xe2\x81\xa6" && character <= "\xe2\x81\xa9");
}

// `text` on one line that is safe to print: `?` for each control character and each byte that is
// not UTF-8.
std::string Plain(absl::string_view text) {
  std::string plain;
  while (!text.empty()) {
    absl::string_view valid = text.substr(0, ValidUtf8Prefix(text));
    text.remove_prefix(valid.size());
    while (!valid.empty()) {
      const absl::string_view character = valid.substr(0, CharacterLength(valid));
      absl::StrAppend(&plain, IsControl(character) ? "?" : character);
      valid.remove_prefix(character.size());
    }
    if (text.empty()) break;
    plain.push_back('?');
    text.remove_prefix(1);
  }
  return plain;
}

// As Wrap, and words that are longer than a line go on in the next.
std::string Fold(absl::string_view text, absl::string_view first, absl::string_view rest) {
  std::string folded;
  std::string line;
  for (const absl::string_view wrapped :
       absl::StrSplit(Wrap(Plain(text), first, rest), '\n', absl::SkipEmpty())) {
    line = std::string(wrapped);
    while (line.size() > kColumns) {
      size_t cut = kColumns;
      while ((static_cast<unsigned char>(line[cut]) & 0xc0) == 0x80) --cut;
      absl::StrAppend(&folded, line.substr(0, cut), "\n");
      line = absl::StrCat(rest, line.substr(cut));
    }
    absl::StrAppend(&folded, line, "\n");
  }
  return folded;
}

// Each line of `text` behind a mark and what it is about.
std::string Side(absl::string_view mark, absl::string_view what, absl::string_view text) {
  std::string side;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    absl::StrAppend(
        &side, Fold(absl::StrCat(what, " ", line), absl::StrCat("    ", mark, " "), "        "));
  }
  return side;
}

std::string Heading(const MomentResult& moment, absl::string_view stage) {
  if (!moment.now.has_value()) return "faults of the policy";
  return absl::StrCat(
      "at ", Instant(*moment.now), ", ",
      stage.empty() ? "the decision as a whole" : absl::StrCat("stage ", Quote(stage)));
}

std::string RenderMoment(const MomentResult& moment) {
  std::string text;
  const std::string* stage = nullptr;
  for (const Mismatch& mismatch : moment.mismatches) {
    if (stage == nullptr || *stage != mismatch.stage) {
      stage = &mismatch.stage;
      absl::StrAppend(&text, Fold(absl::StrCat(Heading(moment, *stage), " (- expected, + actual)"),
                                  "  ", "    "));
    }
    absl::StrAppend(&text, Side("-", mismatch.what, mismatch.expected),
                    Side("+", mismatch.what, mismatch.actual));
  }
  if (moment.explanation.empty()) return text;
  absl::StrAppend(&text, "  why it is so:\n");
  for (const StageExplanation& stage_explanation : moment.explanation) {
    for (const ExplanationLine& line : stage_explanation.lines) {
      const std::string indent(static_cast<size_t>(4 + 2 * std::min(line.depth, 16)), ' ');
      if (line.mark == ' ') {
        absl::StrAppend(&text, Fold(absl::StrCat(stage_explanation.stage, ": ", line.sentence),
                                    indent, indent + "  "));
      } else {
        absl::StrAppend(&text,
                        Fold(line.sentence, absl::StrCat(indent, std::string(1, line.mark), " "),
                             indent + "  "));
      }
    }
  }
  return text;
}

std::string Title(absl::string_view path, const CaseReport& report) {
  return absl::StrCat(path, ": ", report.name);
}

}  // namespace

TestTotals TotalsOf(const std::vector<FileReport>& files) {
  TestTotals totals;
  for (const FileReport& file : files) {
    totals.broken_files += !file.faults.empty();
    for (const CaseReport& report : file.cases) {
      totals.passed += report.result.outcome == CaseResult::Outcome::kPassed;
      totals.failed += report.result.outcome == CaseResult::Outcome::kFailed;
      totals.broken += report.result.outcome == CaseResult::Outcome::kBroken;
    }
  }
  return totals;
}

std::string RenderFailure(absl::string_view path, const CaseReport& report) {
  std::string text = Fold(Title(path, report), "", "  ");
  if (!report.description.empty()) absl::StrAppend(&text, Fold(report.description, "  ", "  "));
  for (const MomentResult& moment : report.result.moments) {
    absl::StrAppend(&text, RenderMoment(moment));
  }
  return text;
}

std::string RenderTests(const std::vector<FileReport>& files, bool verbose) {
  std::string text;
  for (const FileReport& file : files) {
    for (const CaseReport& report : file.cases) {
      switch (report.result.outcome) {
        case CaseResult::Outcome::kFailed:
          absl::StrAppend(&text, RenderFailure(file.path, report), "\n");
          break;
        case CaseResult::Outcome::kPassed:
          if (verbose) absl::StrAppend(&text, Fold(Title(file.path, report), "passed ", "  "));
          break;
        case CaseResult::Outcome::kBroken:
          if (verbose) absl::StrAppend(&text, Fold(Title(file.path, report), "broken ", "  "));
          break;
      }
    }
  }
  const TestTotals totals = TotalsOf(files);
  absl::StrAppend(&text, totals.passed, " passed, ", totals.failed, " failed");
  if (totals.broken > 0) absl::StrAppend(&text, ", ", totals.broken, " broken");
  if (totals.broken_files > 0) {
    absl::StrAppend(&text, ", ", totals.broken_files,
                    totals.broken_files == 1 ? " file not run" : " files not run");
  }
  absl::StrAppend(&text, "\n");
  return text;
}

}  // namespace sluice
