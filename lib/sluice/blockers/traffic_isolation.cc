#include "sluice/blockers/traffic_isolation.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/blockers/fields.h"
#include "sluice/blockers/judgement.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/metrics/error_rate.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

constexpr uint32_t kPartsPerMillion = 1'000'000;

struct Requests {
  uint64_t total = 0;
  uint64_t other = 0;
  std::vector<absl::string_view> others;  // Principals that are not listed, sorted.
};

// Nothing if the columns can't be used. At most 2^31 counts of at most 2^34, so the sums fit.
absl::optional<Requests> Count(const TrafficIsolation& blocker, const v1::TrafficSample& sample) {
  if (sample.principals_size() != sample.requests_size()) return absl::nullopt;
  Requests requests;
  for (int i = 0; i < sample.principals_size(); ++i) {
    const int64_t count = sample.requests(i);
    if (count < 0 || count > kMaxCount) return absl::nullopt;
    requests.total += static_cast<uint64_t>(count);
    const std::string& principal = sample.principals(i);
    if (std::binary_search(blocker.principals.begin(), blocker.principals.end(), principal)) {
      continue;
    }
    requests.other += static_cast<uint64_t>(count);
    if (count > 0) requests.others.push_back(principal);
  }
  std::sort(requests.others.begin(), requests.others.end());
  return requests;
}

bool IsAbove(const Requests& requests, uint32_t max_other_ppm) {
  return absl::uint128(requests.other) * kPartsPerMillion >
         absl::uint128(requests.total) * max_other_ppm;
}

int64_t ToInt64(uint64_t count) {
  return static_cast<int64_t>(std::min<uint64_t>(count, std::numeric_limits<int64_t>::max()));
}

}  // namespace

TrafficIsolation ParseTrafficIsolation(const v1::TrafficIsolation& proto, const FieldPath& path,
                                       FieldErrors& errors) {
  TrafficIsolation blocker;
  blocker.principals = ReadNames(proto.principals(), path, "principals", errors);
  if (!proto.has_max_other_ppm()) {
    errors.Missing(path.Field("max_other_ppm"));
  } else if (proto.max_other_ppm() > kPartsPerMillion) {
    errors.Add(path.Field("max_other_ppm"), v1::Fault::INVALID_VALUE, "must be at most 1000000");
  }
  blocker.max_other_ppm = proto.max_other_ppm();
  blocker.min_requests = ReadCount(proto.min_requests(), std::numeric_limits<uint64_t>::max(),
                                   path.Field("min_requests"), errors);
  blocker.max_age =
      ReadRequiredPositive(proto.has_max_age(), proto.max_age(), path.Field("max_age"), errors);
  return blocker;
}

Judgement Check(const TrafficIsolation& blocker, const Subject& subject, absl::Time now) {
  const auto found = subject.snapshot.traffic.find(subject.stage);
  if (found == subject.snapshot.traffic.end()) return Judged(Verdict::kUnknown, v1::NO_DATA);
  const TrafficFacts& sample = found->second;
  if (sample.fault != v1::ALL_CLEAR) return Judged(Verdict::kInvalid, sample.fault);
  if (sample.record == nullptr) return Judged(Verdict::kInvalid, v1::INVALID_DATA);
  const absl::optional<Requests> requests = Count(blocker, *sample.record);
  if (!requests.has_value()) return Judged(Verdict::kInvalid, v1::INVALID_DATA);
  Judgement judgement =
      JudgeAge(subject, sample.observed_at, sample.observed_at, blocker.max_age, now);
  if (judgement.verdict != Verdict::kClear) return judgement;
  if (requests->total == 0 || requests->total < blocker.min_requests) {
    judgement.verdict = Verdict::kUnknown;
    judgement.reason = v1::TOO_FEW_REQUESTS;
    judgement.evidence.count = ToInt64(requests->total);
    judgement.evidence.needed = ToInt64(blocker.min_requests);
    return judgement;
  }
  judgement.evidence.value =
      static_cast<double>(requests->other) / static_cast<double>(requests->total);
  judgement.evidence.threshold = static_cast<double>(blocker.max_other_ppm) / kPartsPerMillion;
  if (!IsAbove(*requests, blocker.max_other_ppm)) return judgement;
  judgement.verdict = Verdict::kBlocking;
  judgement.reason = v1::FOREIGN_TRAFFIC;
  NameSubjects(requests->others, judgement.evidence);
  return judgement;
}

}  // namespace sluice
