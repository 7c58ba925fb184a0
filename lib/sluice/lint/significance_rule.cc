#include "sluice/lint/significance_rule.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/types/variant.h"
#include "sluice/internal/limits.h"
#include "sluice/metrics/baseline_ratio.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/policy_data.h"

namespace sluice {
namespace {

// The most requests that are tried for one that suffices, so that a policy takes no time to lint.
constexpr int64_t kMostTried = 100'000;

// Whether failures alone are significant, of that many requests.
using IsSignificant = absl::FunctionRef<bool(int64_t requests)>;

// From how many requests on it would do.
std::string Remedy(int64_t from, IsSignificant is_significant) {
  for (int64_t requests = from; requests <= kMostTried; ++requests) {
    if (is_significant(requests)) return absl::StrCat("from ", requests, " on they are");
  }
  return absl::StrCat("nor are ", kMostTried);
}

void FindUnreachable(const LintContext& context, LintReport report) {
  context.VisitRollouts([&](const StageRule& stage, const v1::RolloutPolicy&, const FieldPath&,
                            const FieldPath& rollout) {
    const FieldPath health = rollout.Field("health");
    for (size_t i = 0; i < stage.rollout.criteria.size(); ++i) {
      const HealthCriterion& criterion = stage.rollout.criteria[i];
      const ErrorRateCriterion* rate = RateOf(criterion);
      if (rate == nullptr) continue;
      const auto* ratio = absl::get_if<BaselineRatioCriterion>(&criterion.kind);
      const FieldPath path = health.Element("criteria", static_cast<int>(i));
      const FieldPath kind = path.Field(ratio == nullptr ? "error_rate" : "baseline_ratio");
      const FieldPath field = kind.Field("min_requests_to_fail");
      const auto judge = [&](absl::string_view against, IsSignificant is_significant) {
        const int64_t fewest = rate->min_requests_to_fail;
        // What nothing makes a failure is found by health-never-fails.
        if (is_significant(fewest) || !is_significant(kMaxCount)) return;
        report(field, absl::StrCat("is ", fewest, ", and ", fewest, " errors of ", fewest,
                                   " requests are not significant", against, "; ",
                                   Remedy(fewest, is_significant)));
      };
      if (ratio == nullptr || ratio->has_bound) {
        judge(ratio == nullptr ? "" : " against `bound_ppm`", [&](int64_t requests) {
          return ExceedsSignificantly(requests, requests, rate->bound_ppm, rate->confidence);
        });
      }
      if (ratio == nullptr) continue;
      judge(" against none of as many", [&](int64_t requests) {
        return ExceedsRatioSignificantly({requests, requests}, {requests, 0}, ratio->max_ratio_ppm,
                                         rate->confidence);
      });
    }
  });
}

}  // namespace

const LintCheck kSignificanceUnreachable = {
    {"significance-unreachable", "A minimum sample that is too small to fail",
     R"(With `min_requests_to_fail` requests the criterion is never FAILED, not even if
every one of them failed: their excess is not significant at the confidence
asked for. So the sample that the policy calls large enough to roll back is not
[R5]. The answer is that of the decision itself, the inequality of
[health-criteria.md](health-criteria.md). Of a baseline ratio, as many requests
of the baseline without an error are taken.)",
     R"(# in: rollout
health {
  criteria {
    id: "error-rate"
    per: CELL
    error_rate {
      counts: "orders"
      bound_ppm: 50000
      min_requests: 1000
      min_requests_to_fail: 2
      confidence: PERCENT_99_9
      max_age { seconds: 900 }
    }
  }
}
)",
     R"(# in: rollout
health {
  criteria {
    id: "error-rate"
    per: CELL
    error_rate {
      counts: "orders"
      bound_ppm: 50000
      min_requests: 1000
      min_requests_to_fail: 100
      confidence: PERCENT_99_9
      max_age { seconds: 900 }
    }
  }
}
)"},
    &FindUnreachable};

}  // namespace sluice
