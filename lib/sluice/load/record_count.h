#ifndef SLUICE_LOAD_RECORD_COUNT_H_
#define SLUICE_LOAD_RECORD_COUNT_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace sluice {

// What `record_count` of a PipelineState or of OrganisationFacts should be: how many elements its
// repeated fields have together. Elements of elements and map entries are not counted. Linear in
// the number of fields.
uint64_t RecordCount(const google::protobuf::Message& message);

// The name of the first repeated field of `message` with more elements than the limit; empty if
// there is none.
absl::string_view OversizedField(const google::protobuf::Message& message);

}  // namespace sluice

#endif  // SLUICE_LOAD_RECORD_COUNT_H_
