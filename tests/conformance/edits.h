#ifndef SLUICE_TESTS_CONFORMANCE_EDITS_H_
#define SLUICE_TESTS_CONFORMANCE_EDITS_H_

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {

// Makes one edit of `message`. InvalidArgument if the path names no field or element, or the text
// is no value of it.
absl::Status ApplyEdit(const v1::Edit& edit, google::protobuf::Message* message);

}  // namespace sluice

#endif  // SLUICE_TESTS_CONFORMANCE_EDITS_H_
