#include "sluice/cli/render_plan.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "sluice/cli/render_text.h"

namespace sluice {
namespace {

// Parts per million in percent with two decimals, rounded down: `12.34%`.
std::string Percent(uint32_t ppm) {
  const uint32_t hundredths = ppm / 100;
  return absl::StrCat(hundredths / 100, ".", hundredths % 100 < 10 ? "0" : "", hundredths % 100,
                      "%");
}

std::string RenderWave(const v1::StagePlan::Wave& wave) {
  std::string text =
      absl::StrCat(wave.wave(), ": ", wave.cells_size(),
                   wave.cells_size() == 1 ? " cell, " : " cells, ", Percent(wave.share_ppm()));
  std::string cells;
  for (int i = 0; i < wave.cells_size(); ++i) {
    absl::StrAppend(&cells, i == 0 ? "" : ", ", wave.cells(i), " (weight ", wave.weights(i), ", ",
                    Percent(wave.shares_ppm(i)), ")");
  }
  return absl::StrCat(Wrap(text, "  ", "  "), Wrap(cells, "    ", "    "));
}

// Which rollout's plan it is.
std::string Whose(const v1::StagePlan& plan) {
  if (!plan.artifact().empty()) return absl::StrCat("The rollout of ", plan.artifact(), " runs.");
  if (plan.waves().empty()) return "It has no cells to deploy to.";
  return "No rollout runs; the next one has this plan.";
}

}  // namespace

std::string RenderPlan(const v1::StagePlan& plan) {
  std::string text = absl::StrCat("\n", plan.stage(), "\n", Wrap(Whose(plan), "  ", "  "));
  for (const v1::StagePlan::Wave& wave : plan.waves()) absl::StrAppend(&text, RenderWave(wave));
  if (plan.fault() != v1::ALL_CLEAR) {
    const std::string subject =
        plan.fault_subject().empty() ? "" : absl::StrCat(" of ", plan.fault_subject());
    absl::StrAppend(&text, Wrap(absl::StrCat("fault ", v1::Reason_Name(plan.fault()), subject,
                                             ": no rollout starts"),
                                "  ! ", "    "));
  }
  return text;
}

}  // namespace sluice
