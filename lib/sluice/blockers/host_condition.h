#ifndef SLUICE_BLOCKERS_HOST_CONDITION_H_
#define SLUICE_BLOCKERS_HOST_CONDITION_H_

#include <string>

#include "absl/time/time.h"
#include "google/protobuf/any.pb.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/host_kind.h"
#include "sluice/internal/field_errors.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// What code of the host says [X2].
struct HostCondition {
  std::string type_url;
  google::protobuf::Any configuration;
  HostKind judge;
};

// Adds every fault to `errors`, among them a kind that is not in `kinds`; the result is used only
// if there are none.
HostCondition ParseHostCondition(const v1::HostCondition& proto, const HostKinds& kinds,
                                 const FieldPath& path, FieldErrors& errors);

// The host's verdict, with the reason HOST_CONDITION unless CLEAR; INVALID (HOST_FAULT) for an
// answer that can't be used, an exception included; UNKNOWN (NO_SUBJECT) without an artifact, about
// which the host is then not asked. The host's words are evidence.
Judgement Check(const HostCondition& condition, const Subject& subject, absl::Time now);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_HOST_CONDITION_H_
