#ifndef SLUICE_INTERNAL_CANONICAL_H_
#define SLUICE_INTERNAL_CANONICAL_H_

#include <string>

#include "absl/container/btree_set.h"
#include "google/protobuf/message.h"

namespace sluice {

// Which repeated fields are sets. Fields are named in full, such as
// `sluice.v1.PipelinePolicy.stages`; a name that no field has is without effect.
struct CanonicalOptions {
  // Sets: sorted by their bytes, exact duplicates dropped.
  absl::btree_set<std::string> set_fields;
  // Not sets, although their elements have an `id`: their order carries meaning.
  absl::btree_set<std::string> ordered_fields;
};

// The bytes that digests and fingerprints of `message` are taken over: its wire form in a single
// spelling, which depends neither on protobuf's serialiser nor on how the message was written.
//
//   * Fields ascend by number; a field without presence is left out at its default.
//   * Repeated numbers are packed. Map entries ascend by key, with key and value spelled out.
//   * Repeated messages whose type has a singular string `id` are sets, unless named in
//     `ordered_fields`: sorted by (id, bytes), exact duplicates dropped. So are `set_fields`.
//     Other repeated fields keep their order and their duplicates.
//   * Every NaN becomes the one quiet NaN; zero keeps its sign.
//   * Unknown fields follow the known ones, ascending by number, otherwise as they arrived.
//
// Different bytes mean a different message up to the order and duplicates of sets; equal bytes, an
// equal one. Recurses as deeply as `message` is nested. Cost: n log n for each level of nesting.
// Thread-safe among readers.
std::string CanonicalBytes(const google::protobuf::Message& message,
                           const CanonicalOptions& options);

// The same with no field taken for a set: parsing the bytes gives `message` back, NaNs aside.
std::string DeterministicBytes(const google::protobuf::Message& message);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_CANONICAL_H_
