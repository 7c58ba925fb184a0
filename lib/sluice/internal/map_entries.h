#ifndef SLUICE_INTERNAL_MAP_ENTRIES_H_
#define SLUICE_INTERNAL_MAP_ENTRIES_H_

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace sluice {

// The entries of the map field `field` of `message`, ascending by key: numbers by value, strings by
// bytes, false before true. The pointers hold until the message changes. Thread-safe among readers.
// Cost: n log n.
std::vector<const google::protobuf::Message*> SortedMapEntries(
    const google::protobuf::Message& message, const google::protobuf::FieldDescriptor& field);

// The key of such an entry, numbers in decimal, truth values as `true` and `false`.
std::string MapKeyText(const google::protobuf::Message& entry);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_MAP_ENTRIES_H_
