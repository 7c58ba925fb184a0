#ifndef SLUICE_TESTING_TEST_SUITE_H_
#define SLUICE_TESTING_TEST_SUITE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/known_bad.h"
#include "sluice/policy.h"
#include "sluice/testing/agreement.h"
#include "sluice/testing/coverage.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {

// Whether the cases of a suite can be run and each asserts something: names are there and unique,
// the named base exists, moments are in order of time, a case has moments or faults and not both,
// and nothing that is expected contradicts itself. InvalidArgument with every fault by field path
// (`FaultsOf` lists them). Edits, events and policies are looked at only when a case runs.
absl::Status CheckSuite(const v1::TestSuite& suite);

struct SuiteOptions {
  CompileOptions compile;
  // Lists of `base` beside those that are in the suite, such as lists in their own form. They must
  // outlive the runner.
  std::vector<const KnownBadList*> known_bad;
  // Whether cases say what they show of their base's policy; costs about as much as running them.
  bool coverage = false;
};

// What is wrong with a case itself, by a field path of the suite: an edit that can't be made, an
// event that is refused, a policy that does not compile.
struct CaseFault {
  std::string path;
  std::string what;
};

// One line of an explanation; the children of a combination are deeper than it.
struct ExplanationLine {
  // As in what `sluice decide` prints: `!` holds, `~` lifted, `?` observed, `-` clear, `>` should
  // be recorded, `.` passed over, `*` a child; a space: what the stage does.
  char mark = ' ';
  int depth = 0;
  std::string sentence;
};

// Why a stage is as it is.
struct StageExplanation {
  std::string stage;
  std::vector<ExplanationLine> lines;
};

// What is otherwise than expected at one moment of a case.
struct MomentResult {
  int moment = 0;                  // Its index.
  absl::optional<absl::Time> now;  // Nothing: it is about the faults of Compile.
  std::vector<Mismatch> mismatches;
  // Of the stages that the mismatches are about; of all, if one is about the decision as a whole.
  std::vector<StageExplanation> explanation;
};

struct CaseResult {
  // kBroken: the case could not be run to its end.
  enum class Outcome : uint8_t { kBroken = 0, kFailed, kPassed };

  Outcome outcome = Outcome::kBroken;
  std::vector<CaseFault> faults;      // Of a broken case; not empty then.
  std::vector<MomentResult> moments;  // Those that failed, in order; empty if the case passed.
  // Indexes into `SuiteRunner::CoverageOf` of its base, ascending, of what the case shows. Empty if
  // it did not pass, or edits the policy.
  std::vector<int> shown;
};

// Runs the cases of a suite:
//
//   const absl::StatusOr<sluice::SuiteRunner> runner = sluice::SuiteRunner::Prepare(suite);
//   if (!runner.ok()) return runner.status();  // Every fault, by field path.
//   for (int i = 0; i < suite.cases_size(); ++i) {
//     const sluice::CaseResult result = runner->RunCase(i);
//     ...
//   }
//
// Reads nothing but its arguments: what `policy_file` and its like name must have been put in
// `base` and the names cleared. Distinct cases may be run by several threads at once.
class SuiteRunner {
 public:
  // Checks the suite, which must outlive the runner unchanged, and builds the bases' facts and
  // lists once.
  static absl::StatusOr<SuiteRunner> Prepare(const v1::TestSuite& suite, SuiteOptions options = {});

  SuiteRunner(SuiteRunner&&) noexcept;
  SuiteRunner& operator=(SuiteRunner&&) noexcept;
  ~SuiteRunner();

  // Runs `suite.cases(index)`, which must exist. The answer depends on the suite and the index
  // alone. Goes on after a moment that failed; stops at what breaks the case. Compiles each policy
  // once, however many cases have it; copies of the base what the case changes.
  CaseResult RunCase(int index) const;

  // What the policy of a base (empty: the suite's own) does. Null unless asked for in the options,
  // or if the policy does not compile. Valid as long as the runner.
  const PolicyCoverage* CoverageOf(const std::string& base) const;

 private:
  struct Parts;

  explicit SuiteRunner(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace sluice

#endif  // SLUICE_TESTING_TEST_SUITE_H_
