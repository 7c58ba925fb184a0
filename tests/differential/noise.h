#ifndef SLUICE_TESTS_DIFFERENTIAL_NOISE_H_
#define SLUICE_TESTS_DIFFERENTIAL_NOISE_H_

#include "google/protobuf/message.h"
#include "tests/rollout/draw.h"

namespace sluice {

// Damages one thing somewhere in the message: clears a field, writes an enumerator that is not one,
// a malformed name, an instant beyond the years, a number beside the old one, doubles an element,
// exactly or not, or adds a field that nobody knows.
void AddNoise(Draw* draw, google::protobuf::Message* message);

// Puts a number that is no enumerator into one of the message's choices, if it has any.
void DamageChoice(Draw* draw, google::protobuf::Message* message);

}  // namespace sluice

#endif  // SLUICE_TESTS_DIFFERENTIAL_NOISE_H_
