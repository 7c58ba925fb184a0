#ifndef SLUICE_TESTS_WIRE_MAKE_SAMPLES_H_
#define SLUICE_TESTS_WIRE_MAKE_SAMPLES_H_

#include <memory>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace sluice {

// Messages of `type`, made by `factory`, that between them set every field: all of them each
// message but of a oneof one member, another one in each. Every number and text in a message is
// another one and is not the default; every repeated field has two elements. What stands three
// messages deep has only fields that are not messages, but for times.
//
// The same for the same declarations, whatever the compiler or the version of protobuf.
std::vector<std::unique_ptr<google::protobuf::Message>> MakeSamples(
    const google::protobuf::Descriptor& type, google::protobuf::MessageFactory* factory);

}  // namespace sluice

#endif  // SLUICE_TESTS_WIRE_MAKE_SAMPLES_H_
