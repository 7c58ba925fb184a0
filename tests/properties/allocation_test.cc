// Lets one allocation after the other fail inside the library, each in a process of its own, and
// looks at what is decided then. A call that ran out of memory ends in an exception, in an answer
// that moves nothing forward that would have stayed, or with the process: the hash tables of Abseil
// do not survive it. After the first two the same call answers as if nothing had been.
//
// Campaigns: `bazel run //tests/properties:allocation_test -- --cases=100 --samples=1000000`.

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "sluice/internal/canonical.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/snapshot.h"
#include "sluice/v1/testing.pb.h"
#include "tests/differential/generated_case.h"
#include "tests/rollout/arguments.h"
#include "tests/rollout/draw.h"

namespace {

// Of this thread: allocations until one fails, that one included; 0: none will. Then none fails
// until it is set again.
thread_local uint64_t until_failure = 0;
thread_local bool failed = false;

// Null: this is the one that fails.
void* Allocate(size_t size, size_t alignment) {
  if (until_failure > 0 && --until_failure == 0) {
    failed = true;
    return nullptr;
  }
  const size_t whole = (std::max<size_t>(size, 1) + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(alignment, whole);
}

}  // namespace

// The other forms call these.
void* operator new(size_t size) {
  void* memory = Allocate(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(size_t size, std::align_val_t alignment) {
  void* memory = Allocate(size, static_cast<size_t>(alignment));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

namespace sluice {
namespace {

uint64_t cases = 12;
uint64_t samples = 12;  // Failures of each call, spread over its allocations.
uint64_t first_seed = 1;

// How a call ended in which an allocation failed.
enum class End { kAnswered, kThrew, kDied };

struct Counts {
  uint64_t answered = 0;
  uint64_t threw = 0;
  uint64_t died = 0;
};

uint64_t CountAllocations(const std::function<void()>& call) {
  call();  // The second time it may need less.
  constexpr uint64_t kNever = uint64_t{1} << 60;
  until_failure = kNever;
  call();
  const uint64_t left = until_failure;
  until_failure = 0;
  return kNever - left;
}

// Exit codes of the process that makes the call.
enum : int { kAnsweredCode = 10, kThrewCode, kWrongCode, kNoFailureCode };

// Makes `call` with its `k`th allocation failing, then `check`, and never returns.
[[noreturn]] void FailAndExit(uint64_t k, const std::function<void()>& call,
                              const std::function<std::string()>& check) {
  constexpr unsigned kSeconds = 60;
  alarm(kSeconds);
  int code = kAnsweredCode;
  failed = false;
  until_failure = k;
  try {
    call();
  } catch (const std::bad_alloc&) {
    code = kThrewCode;
  }
  until_failure = 0;
  if (!failed) code = kNoFailureCode;
  const std::string wrong = check();
  if (!wrong.empty()) {
    std::cout << wrong << std::endl;
    code = kWrongCode;
  }
  _exit(code);
}

// The same in another process. Fails the test if the check finds something wrong or the call hangs.
End FailIn(const std::string& what, uint64_t k, const std::function<void()>& call,
           const std::function<std::string()>& check) {
  std::cout << std::flush;
  const pid_t child = fork();
  if (child == 0) {
    static_cast<void>(std::freopen("/dev/null", "w", stderr));
    FailAndExit(k, call, check);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    ADD_FAILURE() << "no process";
    return End::kDied;
  }
  if (WIFEXITED(status)) {
    const int code = WEXITSTATUS(status);
    if (code == kAnsweredCode) return End::kAnswered;
    if (code == kThrewCode) return End::kThrew;
    ADD_FAILURE() << what << " ends with code " << code;
    return End::kDied;
  }
  EXPECT_TRUE(WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGSEGV)
      << what << " ends by signal " << WTERMSIG(status);
  return End::kDied;
}

// Lets allocations of `call` fail, all of them or as many as are asked for. `check` says what is
// wrong afterwards, if the process is still there.
void LetFail(const char* name, const std::function<void()>& call,
             const std::function<std::string()>& check, Counts* counts) {
  const uint64_t all = CountAllocations(call);
  const uint64_t step = std::max<uint64_t>(1, all / samples);
  for (uint64_t k = 1; k <= all; k += step) {
    switch (FailIn(absl::StrCat(name, " without allocation ", k, " of ", all), k, call, check)) {
      case End::kAnswered:
        ++counts->answered;
        break;
      case End::kThrew:
        ++counts->threw;
        break;
      case End::kDied:
        ++counts->died;
        break;
    }
    if (::testing::Test::HasFailure()) return;
  }
}

// Stage, cell and artifact of what is to be deployed.
std::set<std::string> DeploysOf(const Decision& decision) {
  std::set<std::string> deploys;
  for (const StageDecision& stage : decision.stages) {
    if (stage.action != Action::kDeploy) continue;
    for (const CellAction& action : stage.actions) {
      deploys.insert(absl::StrCat(stage.stage, " ", action.cell, " ", action.artifact));
    }
  }
  return deploys;
}

std::string BytesOf(const Decision& decision) { return DeterministicBytes(ToProto(decision)); }

// Generated inputs, loaded, and what they decide at one instant.
class AllocationCase {
 public:
  AllocationCase(GeneratedCase generated, Policy policy)
      : inputs_(std::move(generated.inputs)),
        nows_(std::move(generated.nows)),
        policy_(std::move(policy)) {
    for (const v1::KnownBadList& message : inputs_.known_bad()) {
      lists_.push_back(*KnownBadList::Build(message));
    }
    for (const KnownBadList& list : lists_) options_.known_bad.push_back(&list);
    if (inputs_.has_organisation()) organisation_ = Organisation::Load(inputs_.organisation());
    snapshot_ = std::make_unique<Snapshot>(Load(organisation_));
    now_ = nows_.front();
    for (const absl::Time now : nows_) {
      if (!DeploysOf(policy_.Decide(*snapshot_, now)).empty()) now_ = now;
    }
    const Decision decision = policy_.Decide(*snapshot_, now_);
    deploys_ = DeploysOf(decision);
    bytes_ = BytesOf(decision);
  }

  bool deploys() const { return !deploys_.empty(); }

  void CheckCompile(Counts* counts) const {
    absl::StatusOr<Policy> compiled = absl::CancelledError();
    LetFail(
        "Compile",
        [&] {
          compiled = absl::CancelledError();
          compiled = Policy::Compile(inputs_.policy());
        },
        [&]() -> std::string {
          if (compiled.ok() && !Answers(*compiled, *snapshot_)) return "another policy";
          compiled = Policy::Compile(inputs_.policy());
          if (!compiled.ok() || !Answers(*compiled, *snapshot_)) return "compiles otherwise";
          return "";
        },
        counts);
  }

  void CheckLoad(Counts* counts) const {
    absl::optional<Snapshot> loaded;
    LetFail(
        "Load",
        [&] {
          loaded.reset();
          Organisation organisation;
          if (inputs_.has_organisation()) organisation = Organisation::Load(inputs_.organisation());
          loaded = Load(organisation);
        },
        [&]() -> std::string {
          if (loaded.has_value() && !AddsNothing(policy_.Decide(*loaded, now_))) {
            return "adds a DEPLOY";
          }
          return Answers(policy_, Load(organisation_)) ? "" : "loads otherwise";
        },
        counts);
  }

  void CheckBuild(Counts* counts) const {
    for (size_t i = 0; i < lists_.size(); ++i) {
      const v1::KnownBadList& message = inputs_.known_bad(static_cast<int>(i));
      absl::StatusOr<KnownBadList> built = absl::CancelledError();
      LetFail(
          "Build",
          [&] {
            built = absl::CancelledError();
            built = KnownBadList::Build(message);
          },
          [&]() -> std::string {
            if (built.ok() && built->file_form() != lists_[i].file_form()) return "another list";
            built = KnownBadList::Build(message);
            if (!built.ok() || built->file_form() != lists_[i].file_form())
              return "built otherwise";
            return "";
          },
          counts);
    }
  }

  void CheckDecide(Counts* counts) const {
    absl::optional<Decision> decision;
    LetFail(
        "Decide",
        [&] {
          decision.reset();
          decision = policy_.Decide(*snapshot_, now_);
        },
        [&]() -> std::string {
          if (decision.has_value() && !AddsNothing(*decision)) return "adds a DEPLOY";
          return Answers(policy_, *snapshot_) ? "" : "decides otherwise";
        },
        counts);
  }

  // Into an object that says something else already: what the failed call leaves in it is no
  // answer, but is not the old one under the new instant either.
  void CheckDecideAgain(Counts* counts) const {
    for (const absl::Time before : nows_) {
      Decision old;
      Decision decision;
      policy_.Decide(*snapshot_, before, &old);
      LetFail(
          "Decide into another decision",
          [&] {
            const uint64_t left = std::exchange(until_failure, 0);
            decision = old;
            until_failure = left;
            policy_.Decide(*snapshot_, now_, &decision);
          },
          [&]() -> std::string {
            if (decision.now == now_ && !AddsNothing(decision)) return "adds a DEPLOY";
            policy_.Decide(*snapshot_, now_, &decision);
            return BytesOf(decision) == bytes_ ? "" : "decides otherwise";
          },
          counts);
    }
  }

  void CheckAdmit(Counts* counts) const {
    const v1::PipelineDecision decision = ToProto(policy_.Decide(*snapshot_, now_));
    for (const v1::StageDecision& stage : decision.stages()) {
      if (stage.actions().empty()) continue;
      const std::string& id = stage.actions(0).id();
      const bool admitted = policy_.Admit(id, *snapshot_, now_);
      bool answer = false;
      LetFail(
          "Admit",
          [&] {
            answer = false;
            answer = policy_.Admit(id, *snapshot_, now_);
          },
          [&]() -> std::string {
            if (answer && !admitted) return "admits";
            return policy_.Admit(id, *snapshot_, now_) == admitted ? "" : "admits otherwise";
          },
          counts);
    }
  }

 private:
  bool AddsNothing(const Decision& decision) const {
    const std::set<std::string> deploys = DeploysOf(decision);
    return std::includes(deploys_.begin(), deploys_.end(), deploys.begin(), deploys.end());
  }

  bool Answers(const Policy& policy, const Snapshot& snapshot) const {
    return BytesOf(policy.Decide(snapshot, now_)) == bytes_;
  }

  Snapshot Load(const Organisation& organisation) const {
    return Snapshot::Load(inputs_.state(), organisation, options_);
  }

  const v1::Inputs inputs_;
  const std::vector<absl::Time> nows_;
  const Policy policy_;
  std::vector<KnownBadList> lists_;
  LoadOptions options_;
  Organisation organisation_;
  std::unique_ptr<Snapshot> snapshot_;
  absl::Time now_;
  std::set<std::string> deploys_;
  std::string bytes_;
};

class AllocationTest : public ::testing::Test {
 protected:
  // Two of three cases deploy something.
  static void SetUpTestSuite() {
    all_ = new std::vector<std::unique_ptr<AllocationCase>>;
    size_t idle = 0;
    for (uint64_t seed = first_seed; all_->size() < cases; ++seed) {
      Draw draw(seed);
      absl::optional<GeneratedPolicy> policy = GeneratePolicy(&draw);
      if (!policy.has_value()) continue;
      auto made = std::make_unique<AllocationCase>(GenerateCase(*policy, 3, &draw), policy->policy);
      if (!made->deploys() && ++idle > cases / 3) continue;
      all_->push_back(std::move(made));
    }
  }

  static void TearDownTestSuite() { delete all_; }

  void Check(void (AllocationCase::*check)(Counts*) const) {
    Counts counts;
    for (const auto& one : *all_) {
      (one.get()->*check)(&counts);
      if (HasFailure()) return;
    }
    std::cout << counts.threw << " calls threw, " << counts.answered << " answered, " << counts.died
              << " ended the process\n";
    EXPECT_GT(counts.threw, 0u);
  }

  static std::vector<std::unique_ptr<AllocationCase>>* all_;
};

std::vector<std::unique_ptr<AllocationCase>>* AllocationTest::all_ = nullptr;

TEST_F(AllocationTest, Compile) { Check(&AllocationCase::CheckCompile); }
TEST_F(AllocationTest, Load) { Check(&AllocationCase::CheckLoad); }
TEST_F(AllocationTest, Build) { Check(&AllocationCase::CheckBuild); }
TEST_F(AllocationTest, Decide) { Check(&AllocationCase::CheckDecide); }
TEST_F(AllocationTest, DecideAgain) { Check(&AllocationCase::CheckDecideAgain); }
TEST_F(AllocationTest, Admit) { Check(&AllocationCase::CheckAdmit); }

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sluice::cases = sluice::NumberArgument(argc, argv, "cases", sluice::cases);
  sluice::samples = sluice::NumberArgument(argc, argv, "samples", sluice::samples);
  sluice::first_seed = sluice::NumberArgument(argc, argv, "seed", sluice::first_seed);
  return RUN_ALL_TESTS();
}
