// Writes seeded cases for digest_decisions to a file, once for all the programs that are compared.
//
//   write_cases FILE [--decisions=3000] [--seed=1]

#include <cstdint>
#include <iostream>
#include <string>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/internal/checked_time.h"
#include "sluice/v1/testing.pb.h"
#include "tests/determinism/cases_file.h"
#include "tests/differential/generated_case.h"
#include "tests/rollout/arguments.h"
#include "tests/rollout/draw.h"

namespace sluice {
namespace {

constexpr int kStates = 4;    // Of a policy.
constexpr int kInstants = 5;  // Of a state, some of which may be the same.

uint64_t WritePolicy(uint64_t seed, CasesWriter* writer) {
  Draw draw(seed);
  const absl::optional<GeneratedPolicy> policy = GeneratePolicy(&draw);
  if (!policy.has_value()) return 0;
  uint64_t decisions = 0;
  for (int i = 0; i < kStates; ++i) {
    GeneratedCase generated = GenerateCase(*policy, kInstants, &draw);
    v1::TestSuite suite;
    suite.mutable_base()->Swap(&generated.inputs);
    v1::TestCase* test_case = suite.add_cases();
    for (const absl::Time now : generated.nows) {
      *test_case->add_moments()->mutable_now() = WriteTime(now);
    }
    decisions += generated.nows.size();
    writer->Write(suite);
  }
  return decisions;
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: write_cases FILE [--decisions=3000] [--seed=1]\n";
    return 2;
  }
  const uint64_t wanted = sluice::NumberArgument(argc, argv, "decisions", 3000);
  uint64_t seed = sluice::NumberArgument(argc, argv, "seed", 1);
  sluice::CasesWriter writer(argv[1]);
  for (uint64_t decisions = 0; decisions < wanted; ++seed) {
    decisions += sluice::WritePolicy(seed, &writer);
  }
  if (writer.Close()) return 0;
  std::cerr << "cannot write " << argv[1] << "\n";
  return 1;
}
