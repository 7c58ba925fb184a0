#ifndef SLUICE_EXAMPLES_REGION_WAVES_NARRATOR_H_
#define SLUICE_EXAMPLES_REGION_WAVES_NARRATOR_H_

#include <map>
#include <ostream>
#include <string>

#include "absl/strings/string_view.h"
#include "driver.h"
#include "sluice/decision.h"

namespace sluice {

// Tells a run of the example to people, at most 80 columns wide: each step once, and why things
// stand still where they do.
class Narrator {
 public:
  // Both must outlive it.
  Narrator(const Example& example, bool colour, std::ostream& out)
      : example_(example), colour_(colour), out_(out) {}

  void Begin();
  void Tell(const Decision& decision);
  void End();

 private:
  void TellStage(const StageDecision& stage, absl::Time now);
  void Say(absl::Time now, absl::string_view sgr, absl::string_view what);
  // `text` with artifacts called by their versions.
  std::string Named(std::string text) const;

  const Example& example_;
  const bool colour_;
  std::ostream& out_;
  std::map<std::string, std::string> told_;  // What was told last, by stage.
  std::string day_;
};

}  // namespace sluice

#endif  // SLUICE_EXAMPLES_REGION_WAVES_NARRATOR_H_
