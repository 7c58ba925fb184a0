#ifndef SLUICE_TESTS_LOAD_MESSAGE_SITES_H_
#define SLUICE_TESTS_LOAD_MESSAGE_SITES_H_

#include <random>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace sluice {

// A way from a message into one inside it.
struct MessageSite {
  struct Step {
    const google::protobuf::FieldDescriptor* field = nullptr;
    int index = -1;  // -1: not repeated.
  };
  std::vector<Step> steps;
  std::string name;  // Such as `stages[0].rollouts[1].plan`; empty for the message itself.
};

// `message` itself and every message inside it, map entries apart.
std::vector<MessageSite> MessageSites(const google::protobuf::Message& message);

// The message at `site` inside `message`.
google::protobuf::Message& MessageAt(const MessageSite& site, google::protobuf::Message& message);

// Puts the elements of every list that is a set into a random order.
void ShuffleSets(google::protobuf::Message& message, std::mt19937_64& random);

// Repeats a random element of every list of messages that is a set.
void RepeatElements(google::protobuf::Message& message, std::mt19937_64& random);

}  // namespace sluice

#endif  // SLUICE_TESTS_LOAD_MESSAGE_SITES_H_
