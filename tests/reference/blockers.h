// [X1] What a blocker says of an artifact in a stage; overrides and enforcement apart.
#ifndef TESTS_REFERENCE_BLOCKERS_H_
#define TESTS_REFERENCE_BLOCKERS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tests/reference/facts.h"

namespace sluice {
namespace reference {

// True: the kind, or one of its children's, is about artifacts.
bool IsAboutArtifacts(const v1::Blocker& blocker);

// `artifact` is empty where there is no subject. A kind of the host's own is never to be asked
// about.
Judgement JudgeBlocker(const Facts& facts, const v1::Blocker& blocker, absl::string_view stage,
                       absl::string_view artifact, absl::Duration expected_duration);

// [C2] Of one cell, since its deployment ended.
Judgement JudgeHygieneRun(const Facts& facts, absl::string_view check, absl::string_view artifact,
                          absl::string_view cell, absl::Time since);

// The newest run that the requirement looks at can be used and has FAILED, whatever its age.
bool HasNewestFailed(const Facts& facts, const v1::CheckRequirement& requirement,
                     absl::string_view stage, absl::string_view artifact);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_BLOCKERS_H_
