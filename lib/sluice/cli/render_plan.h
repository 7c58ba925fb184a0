#ifndef SLUICE_CLI_RENDER_PLAN_H_
#define SLUICE_CLI_RENDER_PLAN_H_

#include <string>

#include "sluice/v1/decision.pb.h"

namespace sluice {

// A plan for people: a line or more for each wave, at most 80 columns unless a single word is
// longer.
std::string RenderPlan(const v1::StagePlan& plan);

}  // namespace sluice

#endif  // SLUICE_CLI_RENDER_PLAN_H_
