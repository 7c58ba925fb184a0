#ifndef SLUICE_CLI_RENDER_TEXT_H_
#define SLUICE_CLI_RENDER_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "sluice/decision.h"

namespace sluice {

struct RenderOptions {
  bool colour = false;
  bool all = false;          // Findings that are clear too.
  bool count_others = true;  // How many findings are not shown, and how to see them.
  absl::string_view stage;   // Only this stage; empty: all.
};

// A decision for people: at most 80 columns, unless a single word is longer.
std::string RenderText(const Decision& decision, const RenderOptions& options);

// Its parts: what it was made of and until when it holds; and one stage, after an empty line.
std::string RenderHeading(const Decision& decision);
std::string RenderStage(const StageDecision& stage, const RenderOptions& options);

// `text` in lines of at most 80 columns that begin with `first` and then with `rest`.
std::string Wrap(absl::string_view text, absl::string_view first, absl::string_view rest);

}  // namespace sluice

#endif  // SLUICE_CLI_RENDER_TEXT_H_
