#ifndef SLUICE_RECORD_CONTENT_H_
#define SLUICE_RECORD_CONTENT_H_

#include <string>

#include "google/protobuf/message.h"

namespace sluice {

// The bytes that say what an event or a record of the state means: equal for equal content,
// whatever the order and duplicates of lists that are sets, such as roles.
std::string Content(const google::protobuf::Message& message);

// The digest of an event's content, as AppliedEvent keeps it.
std::string ContentDigest(const google::protobuf::Message& message);

}  // namespace sluice

#endif  // SLUICE_RECORD_CONTENT_H_
