#include "tests/blockers/expectations.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/decision.pb.h"

namespace sluice {
namespace {

constexpr int kMostSteps = 10000;
constexpr int kInstantsBetween = 7;

Step StepAt(absl::Time t, const Judgement& judgement) {
  return {t - Zero(), judgement.verdict, judgement.reason};
}

bool Same(const Judgement& a, const Judgement& b) {
  return a.verdict == b.verdict && a.reason == b.reason;
}

absl::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kUnknown:
      return "UNKNOWN";
    case Verdict::kInvalid:
      return "INVALID";
    case Verdict::kBlocking:
      return "BLOCKING";
    case Verdict::kClear:
      return "CLEAR";
  }
  return "no verdict";
}

}  // namespace

World::World() {
  artifact.digest_text = kArtifact;
  artifact.digest = *ParseDigest(kArtifact);
  artifact.sequence = 1;
  artifact.authors = {"ann"};
  snapshot.organisation = std::make_shared<OrganisationData>();
}

std::ostream& operator<<(std::ostream& out, const Step& step) {
  return out << absl::FormatDuration(step.at) << " " << VerdictName(step.verdict) << " "
             << v1::Reason_Name(step.reason);
}

std::vector<Step> StepsOf(absl::FunctionRef<Judgement(absl::Time)> check, absl::Duration from) {
  std::vector<Step> steps;
  absl::Time t = Zero() + from;
  while (steps.size() < kMostSteps) {
    const Judgement judgement = check(t);
    steps.push_back(StepAt(t, judgement));
    const bool is_last = judgement.changes_at == absl::InfiniteFuture();
    const absl::Time end = is_last ? t + absl::Hours(24 * 400) : judgement.changes_at;
    EXPECT_GT(end, t) << steps.back();
    if (end <= t) return steps;
    for (int i = 1; i <= kInstantsBetween; ++i) {
      const absl::Time between = t + (end - t) * i / (kInstantsBetween + 1);
      EXPECT_TRUE(Same(check(between), judgement))
          << steps.back() << " became " << StepAt(between, check(between));
    }
    EXPECT_TRUE(Same(check(end - kNanosecond), judgement))
        << steps.back() << " became " << StepAt(end - kNanosecond, check(end - kNanosecond));
    if (is_last) return steps;
    EXPECT_FALSE(Same(check(end), judgement)) << steps.back() << " is the same at its end";
    t = end;
  }
  ADD_FAILURE() << "no end of steps";
  return steps;
}

std::vector<std::string> FaultsIn(const FieldErrors& errors) {
  std::vector<std::string> faults;
  for (const v1::Fault& fault : errors.faults().faults()) {
    EXPECT_FALSE(fault.message().empty());
    faults.push_back(absl::StrCat(fault.path(), " ", v1::Fault::Kind_Name(fault.kind())));
  }
  return faults;
}

}  // namespace sluice
