// The library held against the reference model, over policies, states and instants from seeds.
//
// campaign.sh asks for longer.
//
// A disagreement is made as small as it gets and printed as the inputs of a conformance case.

#include <cstdint>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/policy.h"
#include "tests/differential/ask.h"
#include "tests/differential/generated_case.h"
#include "tests/differential/shrink.h"
#include "tests/rollout/arguments.h"

namespace sluice {
namespace {

constexpr int kStatesOfAPolicy = 8;
constexpr int kInstantsOfAState = 3;

uint64_t policies = 900;  // Of one batch.
uint64_t first_seed = 1;
uint64_t max_failures = 1;  // Kinds of disagreement after which a batch ends.
bool shrink = true;

std::string Text(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return text;
}

std::vector<std::string> WrongOf(const v1::Inputs& inputs, absl::Time now) {
  const absl::StatusOr<Policy> policy = Policy::Compile(inputs.policy());
  if (!policy.ok()) return {};
  const Ask ask(*policy, inputs);
  int asked = 0;
  return ask.broken() ? std::vector<std::string>() : Wrong(ask, now, &asked);
}

// The smallest inputs with which one of the differences in `wrong` is still there.
std::string Smallest(const v1::Inputs& inputs, absl::Time now,
                     const std::vector<std::string>& wrong) {
  const auto is_bad = [&](const v1::Inputs& candidate) {
    for (const std::string& line : WrongOf(candidate, now)) {
      const bool differs = absl::StartsWith(line, "-") || absl::StartsWith(line, "+") ||
                           absl::StartsWith(line, "finding");
      if (differs && absl::c_linear_search(wrong, line)) return true;
    }
    return false;
  };
  const v1::Inputs smallest = is_bad(inputs) ? Shrink(inputs, is_bad, 4000) : inputs;
  return absl::StrCat(absl::StrJoin(WrongOf(smallest, now), "\n"), "\nnow ",
                      absl::FormatTime(now, absl::UTCTimeZone()), "\n", Text(smallest));
}

// What `wrong` is about, without names of artifacts, cells and instants: failures of one kind are
// alike.
std::string KindOf(const std::vector<std::string>& wrong) {
  std::set<std::string> words;
  for (const std::string& line : wrong) {
    for (const absl::string_view word : absl::StrSplit(line, ' ')) {
      const bool is_reason = word.size() > 3 && absl::c_all_of(word, [](char c) {
                               return absl::ascii_isupper(c) || c == '_';
                             });
      if (is_reason || absl::StartsWith(word, "@")) {
        words.insert(absl::StrCat(line.substr(0, 2), word.substr(0, word.find(':'))));
      }
    }
    if (absl::StartsWith(line, "outcome") || absl::StartsWith(line, "finding")) {
      words.insert(line.substr(0, 15));
    }
  }
  return absl::StrJoin(words, " ");
}

class DifferentialTest : public ::testing::TestWithParam<uint64_t> {};

// The cases of one seed.
std::vector<GeneratedCase> CasesOf(const GeneratedPolicy& policy, uint64_t seed, Draw* draw) {
  std::vector<GeneratedCase> cases;
  Draw vary(~seed);
  for (int state = 0; state < kStatesOfAPolicy; ++state) {
    cases.push_back(GenerateCase(policy, kInstantsOfAState, draw));
    cases.push_back(Varied(cases.back(), &vary));
  }
  return cases;
}

TEST_P(DifferentialTest, LibraryAndModelAgree) {
  int asked = 0;
  std::map<std::string, int> failures;  // By kind.
  for (uint64_t i = 0; i < policies && failures.size() < max_failures; ++i) {
    const uint64_t seed = first_seed + GetParam() * policies + i;
    Draw draw(seed);
    const absl::optional<GeneratedPolicy> policy = GeneratePolicy(&draw);
    if (!policy.has_value()) continue;
    for (const GeneratedCase& generated : CasesOf(*policy, seed, &draw)) {
      if (failures.size() >= max_failures) break;
      const Ask ask(policy->policy, generated.inputs);
      ASSERT_FALSE(ask.broken()) << "seed " << seed;
      for (const absl::Time now : generated.nows) {
        const std::vector<std::string> wrong = Wrong(ask, now, &asked);
        if (wrong.empty()) continue;
        if (++failures[KindOf(wrong)] > 1 && shrink) break;
        ADD_FAILURE() << "seed " << seed << "\n"
                      << (shrink ? Smallest(generated.inputs, now, wrong)
                                 : absl::StrJoin(wrong, "\n"));
        break;
      }
    }
  }
  for (const auto& [kind, times] : failures) std::cout << times << " times: " << kind << "\n";
  RecordProperty("asked", asked);
  std::cout << asked << " answers compared\n";
}

INSTANTIATE_TEST_SUITE_P(Batches, DifferentialTest, ::testing::Range(uint64_t{0}, uint64_t{8}));

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sluice::policies = sluice::NumberArgument(argc, argv, "policies", sluice::policies);
  sluice::first_seed = sluice::NumberArgument(argc, argv, "seed", sluice::first_seed);
  sluice::max_failures = sluice::NumberArgument(argc, argv, "failures", sluice::max_failures);
  sluice::shrink = sluice::NumberArgument(argc, argv, "shrink", 1) != 0;
  return RUN_ALL_TESTS();
}
