#ifndef SLUICE_TESTS_LOAD_VALID_STATE_H_
#define SLUICE_TESTS_LOAD_VALID_STATE_H_

#include <string>

#include "sluice/v1/state.pb.h"

namespace sluice {

// The digest of 64 times `digit`.
std::string DigestOf(char digit);

// A state without a fault in which every record kind occurs and every field is set that can be.
v1::PipelineState ValidState();

// Facts of the organisation, likewise.
v1::OrganisationFacts ValidOrganisationFacts();

}  // namespace sluice

#endif  // SLUICE_TESTS_LOAD_VALID_STATE_H_
