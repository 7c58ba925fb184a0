// Apply on any state and events, given as the state and the moments of a test suite's base: it
// takes an event whole or leaves the state as it was, and taking it twice changes nothing.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "sluice/record.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/testing.pb.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/message_mutator.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return sluice::MutateMessage<sluice::v1::TestSuite>(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sluice::v1::TestSuite suite;
  if (!suite.ParseFromArray(data, static_cast<int>(size))) return 0;
  sluice::v1::PipelineState state = suite.base().state();
  for (const sluice::v1::TestCase& test : suite.cases()) {
    for (const sluice::v1::Moment& moment : test.moments()) {
      for (const sluice::v1::Event& event : moment.events()) {
        const std::string before = state.SerializePartialAsString();
        if (!sluice::Apply(event, &state).ok()) {
          sluice::Check(state.SerializePartialAsString() == before,
                        "a refused event leaves the state as it was");
          continue;
        }
        const std::string after = state.SerializePartialAsString();
        if (sluice::Apply(event, &state).ok()) {
          sluice::Check(state.SerializePartialAsString() == after,
                        "an event that is taken twice changes nothing");
        }
      }
    }
  }
  return 0;
}
