#ifndef SLUICE_TESTS_PROPERTIES_WORLD_H_
#define SLUICE_TESTS_PROPERTIES_WORLD_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/snapshot.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Everything a decision reads but the policy, the state and `now`.
class World {
 public:
  // `organisation` (null: none) must outlive the world; the lists need not.
  World(const v1::OrganisationFacts* organisation,
        const google::protobuf::RepeatedPtrField<v1::KnownBadList>& lists);

  // Not OK if a list is malformed; then it is not there.
  const absl::Status& status() const { return status_; }

  Snapshot Load(const v1::PipelineState& state) const;

 private:
  absl::Status status_;
  std::vector<std::unique_ptr<KnownBadList>> lists_;
  Organisation organisation_;
};

// Reads the textproto in `file`.
absl::Status ReadFile(const std::string& file, google::protobuf::Message* message);

}  // namespace sluice

#endif  // SLUICE_TESTS_PROPERTIES_WORLD_H_
