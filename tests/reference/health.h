// [R5] and docs/health-criteria.md: when a health criterion is CLEAR, FAILED or neither.
#ifndef TESTS_REFERENCE_HEALTH_H_
#define TESTS_REFERENCE_HEALTH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tests/reference/facts.h"

namespace sluice {
namespace reference {

// `errors` of `requests` are significantly more than `bound_ppm` permits.
bool IsSignificant(int64_t requests, int64_t errors, int64_t bound_ppm, v1::Confidence confidence);

// A deployed cell that is judged.
struct Baked {
  const v1::Deployment* deployment = nullptr;  // It succeeded.
  absl::Time proof_from;                       // q [R3]
  absl::Time failure_from;                     // [R3] Of section 9; infinite: nothing fails it.
};

// Of one cell or, per WAVE, of all cells of a wave in sum. BLOCKING means FAILED.
Judgement JudgeCriterion(const Facts& facts, const v1::Stage& stage,
                         const v1::HealthCriterion& criterion, const std::vector<Baked>& judged);

// What the bake asks of each criterion's numbers [R3].
struct Seen {
  bool has_counts = false;   // The criterion counts requests.
  bool has_reports = false;  // It reads counts or a series.
  bool usable = false;       // They are there, and whole.
  absl::Time reported_through = absl::InfinitePast();
  int64_t requests = 0;
  int64_t periods = 0;  // Periods with data.
};
Seen SeenBy(const Facts& facts, const v1::Stage& stage, const v1::HealthCriterion& criterion,
            const Baked& cell);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_HEALTH_H_
