// Every state of a small world, in the library and in the reference model, with the laws of section
// 8 for some of them. CI asks all states of one cell, and of more cells one in so many; the
// campaign all.
//
//   bazel run -c opt //tests/exhaustion:every_state_test -- --cells=3 --stride=1 --first=0
//   --states=1000000

#include "tests/exhaustion/every_state.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/policy.h"
#include "sluice/v1/decision.pb.h"
#include "sluice/v1/testing.pb.h"
#include "tests/differential/ask.h"
#include "tests/differential/laws.h"
#include "tests/rollout/arguments.h"
#include "tests/rollout/draw.h"

namespace sluice {
namespace {

// Of the arguments: 0 is none.
uint64_t only_cells = 0;
uint64_t given_stride = 0;
uint64_t first = 0;
uint64_t most_states = 0;

constexpr int kParts = 4;
// One in so many states has its laws looked at.
constexpr uint64_t kLawsStride = 997;

// How far apart the states are that CI asks; prime and more than any part of the number counts, so
// that all values of all parts are met.
uint64_t StrideOf(int cells) {
  if (given_stride > 0) return given_stride;
  constexpr uint64_t kStrides[kMostCells] = {1, 11, 283};
  return kStrides[cells - 1];
}

std::string Text(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return text;
}

struct Tally {
  uint64_t states = 0;
  int answers = 0;
  uint64_t laws = 0;
  std::map<std::string, uint64_t> actions;
};

// What is wrong with one state, or empty.
std::string WrongWith(const Policy& policy, const v1::Inputs& inputs, uint64_t number,
                      Tally* tally) {
  const Ask ask(policy, inputs);
  for (const absl::Time now : InstantsOfStates()) {
    const std::vector<std::string> wrong = Wrong(ask, now, &tally->answers);
    if (!wrong.empty()) return absl::StrJoin(wrong, "\n");
    const v1::PipelineDecision decision = ask.Library(now);
    for (const v1::StageDecision& stage : decision.stages()) {
      ++tally->actions[v1::StageDecision::Action_Name(stage.action())];
    }
    if (number % kLawsStride != 0) continue;
    for (const Law& law : Laws()) {
      Draw draw(number);
      const std::vector<std::string> violations =
          law.violations(&DecideByLibrary, inputs, now, &draw);
      if (!violations.empty()) return law.name + ": " + absl::StrJoin(violations, "\n");
      ++tally->laws;
    }
  }
  ++tally->states;
  return "";
}

// Part of the states of one to kMostCells cells.
class EveryStateTest : public ::testing::TestWithParam<std::pair<int, int>> {};

TEST_P(EveryStateTest, LibraryAndModelAgree) {
  const auto [cells, part] = GetParam();
  if (only_cells != 0 && only_cells != static_cast<uint64_t>(cells)) {
    GTEST_SKIP() << "asked for " << only_cells << " cells";
  }
  v1::Inputs inputs;
  *inputs.mutable_policy() = SmallPolicy(cells);
  const absl::StatusOr<Policy> policy = Policy::Compile(inputs.policy());
  ASSERT_TRUE(policy.ok()) << policy.status();
  const uint64_t stride = StrideOf(cells);
  const uint64_t count = CountOfStates(cells);
  uint64_t end = most_states == 0 ? count : std::min(count, first + most_states * stride);
  Tally tally;
  for (uint64_t number = first + static_cast<uint64_t>(part) * stride; number < end;
       number += kParts * stride) {
    *inputs.mutable_state() = StateOf(cells, number, policy->fingerprint());
    const std::string wrong = WrongWith(*policy, inputs, number, &tally);
    if (wrong.empty()) continue;
    ADD_FAILURE() << "state " << number << " of " << cells << " cells\n"
                  << wrong << "\n"
                  << Text(inputs.state());
    break;
  }
  std::cout << tally.states << " states, " << tally.answers << " answers, " << tally.laws
            << " times a law\n";
  for (const auto& [action, times] : tally.actions) std::cout << times << " " << action << "\n";
  if (given_stride > 0 || most_states > 0 || HasFailure()) return;
  // Neither always on nor always off.
  for (const char* action : {"DEPLOY", "ROLL_BACK", "HOLD", "WAIT"}) {
    EXPECT_GT(tally.actions[action], 0u) << action;
  }
}

std::vector<std::pair<int, int>> Parts() {
  std::vector<std::pair<int, int>> parts;
  for (int cells = 1; cells <= kMostCells; ++cells) {
    for (int part = 0; part < kParts; ++part) parts.emplace_back(cells, part);
  }
  return parts;
}

INSTANTIATE_TEST_SUITE_P(Small, EveryStateTest, ::testing::ValuesIn(Parts()));

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sluice::only_cells = sluice::NumberArgument(argc, argv, "cells", 0);
  sluice::given_stride = sluice::NumberArgument(argc, argv, "stride", 0);
  sluice::first = sluice::NumberArgument(argc, argv, "first", 0);
  sluice::most_states = sluice::NumberArgument(argc, argv, "states", 0);
  return RUN_ALL_TESTS();
}
