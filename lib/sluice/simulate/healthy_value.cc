#include "sluice/simulate/healthy_value.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sluice {
namespace {

bool IsHealthy(absl::Span<const AlarmRule* const> rules, double value) {
  return std::none_of(rules.begin(), rules.end(),
                      [&](const AlarmRule* rule) { return Breaches(*rule, value); });
}

// The rule's bounds times `scale`, what lies just beside them and what lies between.
void AddBounds(const AlarmRule& rule, double scale, std::vector<double>* values) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto add = [&](double bound) {
    values->push_back(bound * scale);
    values->push_back(std::nextafter(bound, -kInfinity) * scale);
    values->push_back(std::nextafter(bound, kInfinity) * scale);
  };
  if (rule.comparison != Comparison::kOutsideBand) return add(rule.threshold);
  add(rule.low);
  add(rule.high);
  values->push_back((rule.low + rule.high) / 2 * scale);
}

}  // namespace

absl::optional<double> HealthyValue(absl::Span<const AlarmRule* const> rules,
                                    absl::Span<const double> known) {
  for (auto value = known.rbegin(); value != known.rend(); ++value) {
    if (std::isfinite(*value) && IsHealthy(rules, *value)) return *value;
  }
  std::vector<double> values = {0};
  for (const AlarmRule* rule : rules) AddBounds(*rule, 1, &values);
  for (const double value : values) {
    if (std::isfinite(value) && IsHealthy(rules, value)) return value;
  }
  return absl::nullopt;
}

absl::optional<double> HealthyErrors(absl::Span<const AlarmRule* const> rules,
                                     absl::Span<const RatioRule> ratios) {
  std::vector<double> values = {0};
  for (const RatioRule& ratio : ratios) {
    AddBounds(*ratio.rule, ratio.requests, &values);
    values.push_back(ratio.requests);
  }
  for (const AlarmRule* rule : rules) AddBounds(*rule, 1, &values);
  for (const double value : values) {
    if (!std::isfinite(value) || value < 0 || !IsHealthy(rules, value)) continue;
    const bool suits = std::all_of(ratios.begin(), ratios.end(), [&](const RatioRule& ratio) {
      return value <= ratio.requests && !Breaches(*ratio.rule, value / ratio.requests);
    });
    if (suits) return value;
  }
  return absl::nullopt;
}

}  // namespace sluice
