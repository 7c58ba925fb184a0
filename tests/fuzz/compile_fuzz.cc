// Policy::Compile on any policy: it answers, and what it refuses has faults with places.

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "sluice/internal/field_errors.h"
#include "sluice/policy.h"
#include "sluice/v1/policy.pb.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/message_mutator.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return sluice::MutateMessage<sluice::v1::PipelinePolicy>(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sluice::v1::PipelinePolicy message;
  if (!message.ParseFromArray(data, static_cast<int>(size))) return 0;
  const absl::StatusOr<sluice::Policy> policy = sluice::Policy::Compile(message);
  if (policy.ok()) {
    sluice::Check(sluice::Policy::Compile(policy->effective()).ok(),
                  "what is filled in compiles by itself");
  } else {
    sluice::Check(!sluice::FaultsOf(policy.status()).faults().empty(), "a refusal has faults");
  }
  return 0;
}
