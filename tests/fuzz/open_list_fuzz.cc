// KnownBadList::Open on any bytes, and what an opened list says.

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sluice/known_bad.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<sluice::KnownBadList> list = sluice::KnownBadList::Open(bytes);
  if (!list.ok()) return 0;
  list->Verify().IgnoreError();
  return 0;
}
