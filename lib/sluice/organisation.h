#ifndef SLUICE_ORGANISATION_H_
#define SLUICE_ORGANISATION_H_

#include <memory>

#include "sluice/v1/state.pb.h"

namespace sluice {

struct OrganisationData;

// The organisation's facts, shared by all pipelines: emergency stop, holds, shared alarms. Built
// once from a message that must outlive it, immutable, cheap to copy, safe to share between
// threads.
class Organisation {
 public:
  // No facts at all: a policy that obeys an emergency stop holds everything.
  Organisation();

  // Never fails: a record that can't be used is INVALID in the smallest scope it names. Linear.
  static Organisation Load(const v1::OrganisationFacts& facts);

  const std::shared_ptr<const OrganisationData>& data() const { return data_; }

 private:
  explicit Organisation(std::shared_ptr<const OrganisationData> data) : data_(std::move(data)) {}

  std::shared_ptr<const OrganisationData> data_;
};

}  // namespace sluice

#endif  // SLUICE_ORGANISATION_H_
