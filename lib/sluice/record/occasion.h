#ifndef SLUICE_RECORD_OCCASION_H_
#define SLUICE_RECORD_OCCASION_H_

#include <cstdint>

#include "google/protobuf/timestamp.pb.h"

namespace sluice {

// What every part of an event shares.
struct Occasion {
  const google::protobuf::Timestamp& at;
  // The state's revision once the event is applied; of a fact, as it is.
  uint64_t revision;
};

}  // namespace sluice

#endif  // SLUICE_RECORD_OCCASION_H_
