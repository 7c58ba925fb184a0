#include "tests/differential/generated_case.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/differential/draw_policy.h"
#include "tests/differential/draw_state.h"
#include "tests/differential/names.h"
#include "tests/differential/noise.h"

namespace sluice {
namespace {

// Lets ranges of known-bad versions end with the version of a component, which is then just fixed.
void EndRangesAtComponents(const v1::PipelineState& state, v1::AffectedPackage* package) {
  const std::string url = absl::StrCat(package->package_url(), "@");
  for (const v1::Artifact& artifact : state.artifacts()) {
    for (const v1::Component& component : artifact.components().components()) {
      if (!absl::StartsWith(component.package_url(), url)) continue;
      package->clear_versions();
      package->clear_ranges();
      v1::VersionRange* range = package->add_ranges();
      range->set_introduced("0");
      range->set_fixed(component.package_url().substr(url.size()));
    }
  }
}

// Of a series that damage made decades long the latest periods are left: the model goes through
// all.
void Shorten(v1::PipelineState* state) {
  constexpr int64_t kMostPeriods = 5000;
  for (v1::Series& series : *state->mutable_series()) {
    const int64_t period = series.period().seconds();
    const int64_t end = series.reported_through().seconds();
    if (period <= 0 || (end - series.start().seconds()) / period <= kMostPeriods) continue;
    series.mutable_start()->set_seconds(end - kMostPeriods * period);
  }
}

}  // namespace

absl::optional<GeneratedPolicy> GeneratePolicy(Draw* draw) {
  const absl::Time middle = draw->Percent(50) ? Middles()[0] : draw->Pick(Middles());
  v1::PipelinePolicy message = DrawPolicy(middle, draw);
  absl::StatusOr<Policy> policy = Policy::Compile(message);
  if (!policy.ok()) return absl::nullopt;
  return GeneratedPolicy{std::move(message), *std::move(policy), middle};
}

GeneratedCase GenerateCase(const GeneratedPolicy& policy, int instants, Draw* draw) {
  GeneratedCase generated;
  absl::Time now = policy.middle;
  if (!draw->Percent(60)) {
    const int times = draw->Between(-8, 8);
    now += times * draw->Pick(Timers());
  }
  generated.inputs = DrawState(policy.message, std::string(policy.policy.fingerprint()), now, draw);
  if (draw->Percent(25)) {
    for (int i = draw->Between(1, 2); i > 0; --i) AddNoise(draw, generated.inputs.mutable_state());
  }
  if (draw->Percent(4) && generated.inputs.has_organisation()) {
    AddNoise(draw, generated.inputs.mutable_organisation());
  }
  Shorten(generated.inputs.mutable_state());
  *generated.inputs.mutable_policy() = policy.message;
  generated.nows.push_back(now);
  while (static_cast<int>(generated.nows.size()) < instants) {
    absl::Time other = now + draw->Pick(Timers());
    if (draw->Percent(30)) other += draw->Pick(Timers());
    if (draw->Percent(30)) other += absl::Nanoseconds(draw->Percent(50) ? 1 : -1);
    if (draw->Percent(20)) other = now + absl::Seconds(draw->Between(-120, 300));
    generated.nows.push_back(other);
  }
  std::sort(generated.nows.begin(), generated.nows.end());
  generated.nows.erase(std::unique(generated.nows.begin(), generated.nows.end()),
                       generated.nows.end());
  return generated;
}

GeneratedCase Varied(const GeneratedCase& generated, Draw* draw) {
  GeneratedCase varied{generated.inputs, {draw->Pick(generated.nows)}};
  v1::PipelineState* state = varied.inputs.mutable_state();
  const int overrides = state->overrides_size();
  for (int i = 0; i < overrides; ++i) {
    v1::Override again = state->overrides(i);
    again.set_id(absl::StrCat(again.id(), "-again"));
    if (draw->Percent(20)) again.set_principal(draw->Pick(PrincipalNames()));
    *state->add_overrides() = std::move(again);
  }
  for (v1::KnownBadList& list : *varied.inputs.mutable_known_bad()) {
    for (v1::KnownBadEntry& entry : *list.mutable_entries()) {
      for (v1::AffectedPackage& package : *entry.mutable_packages()) {
        if (draw->Percent(70)) EndRangesAtComponents(*state, &package);
      }
    }
  }
  if (draw->Percent(50)) DamageChoice(draw, state);
  return varied;
}

}  // namespace sluice
