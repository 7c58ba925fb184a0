#ifndef SLUICE_CERTIFICATE_H_
#define SLUICE_CERTIFICATE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/policy.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Everything that one decision was made from.
struct CertificateInputs {
  const Policy* policy = nullptr;                       // Required.
  const v1::PipelineState* state = nullptr;             // Required.
  const v1::OrganisationFacts* organisation = nullptr;  // Null: there were none.
  std::vector<const v1::KnownBadList*> known_bad;       // In any order, each once.
  uint64_t min_revision = 0;                            // As in LoadOptions.
  absl::Time now;
};

// A digest of all of them, `sha256:` and 64 hexadecimal digits, so that whoever has the inputs of a
// past decision can show that they are the ones [D4]. It does not depend on the order of set-like
// fields, on exact duplicates, or on how the messages were written. Cost: linear in the inputs, but
// for sorting.
//
// The digest is the SHA-256 of these parts, one after the other, each as its name, a space, the
// number of its bytes in decimal, a line feed, its bytes and a line feed: `sluice-certificate`
// (`1`), `library` and `semantics` (versions), `policy` (fingerprint), `zones` (hash of the
// transitions), `state`, `organisation` (left out if there was none), `known-bad` for each list by
// ascending identifier, `min-revision` (decimal) and `now` (RFC 3339, in UTC, with as many digits
// as it needs). State, organisation facts and lists are in the one deterministic serialisation that
// fingerprints use.
std::string Certificate(const CertificateInputs& inputs);

}  // namespace sluice

#endif  // SLUICE_CERTIFICATE_H_
