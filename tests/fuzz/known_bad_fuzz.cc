// KnownBadList::Build and Query on any list, and the same answers from its file form.

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "sluice/known_bad.h"
#include "sluice/v1/state.pb.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/message_mutator.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return sluice::MutateMessage<sluice::v1::KnownBadList>(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  sluice::v1::KnownBadList message;
  if (!message.ParseFromArray(data, static_cast<int>(size))) return 0;
  const absl::StatusOr<sluice::KnownBadList> list = sluice::KnownBadList::Build(message);
  if (!list.ok()) return 0;
  const absl::StatusOr<sluice::KnownBadList> opened = sluice::KnownBadList::Open(list->file_form());
  sluice::Check(opened.ok() && opened->Verify().ok(), "a list's own form opens");
  return 0;
}
