// [I2] to [I9]: what makes a record INVALID, as far as a parsed message still shows it.
#ifndef TESTS_REFERENCE_VALIDITY_H_
#define TESTS_REFERENCE_VALIDITY_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sluice/v1/state.pb.h"
#include "tests/reference/facts.h"

namespace sluice {
namespace reference {

// Each answers ALL_CLEAR, or the reason why the scope that it names can't be used.

// What the `@state` leaf says: of the message itself, and of every record whose own scope can't be
// read or is the whole pipeline.
v1::Reason StateFault(const Facts& facts);
// [I1] No action at all, not even a roll back.
bool StateIsAnothers(const Facts& facts);
// The organisation's facts; ALL_CLEAR if there are none.
v1::Reason OrganisationFault(const Facts& facts);
// [H1] [D2] The epoch is below the highest seen.
bool OrganisationWentBack(const Facts& facts);

// Of its records; one from the future is another matter.
v1::Reason ArtifactFault(const Facts& facts, absl::string_view digest);
// The cell's record and its deployments together.
v1::Reason CellFault(const Facts& facts, absl::string_view cell);
// What can't be used claims nothing: a deployment with a fault neither ended nor proved anything, a
// request asks for nothing, a release and a pass are none.
// Notes those faults first. Once, before anything is asked.
void WithdrawClaims(Facts* facts);

v1::Reason CheckFault(const v1::Check& check);
v1::Reason AlarmFault(const v1::AlarmReport& report);
v1::Reason SeriesFault(const v1::Series& series);
v1::Reason CountsFault(const v1::CellCounts& counts);
v1::Reason BaselineFault(const v1::Baseline& baseline);
v1::Reason MeasurementFault(const v1::Measurement& measurement);
v1::Reason SyntheticRunsFault(const v1::SyntheticRuns& runs);
v1::Reason EnvironmentFault(const v1::Environment& environment);
v1::Reason TrafficSampleFault(const v1::TrafficSample& sample);
v1::Reason ApprovalFault(const v1::Approval& approval);
v1::Reason OverrideFault(const v1::Override& override);
v1::Reason HoldFault(const Facts& facts, const v1::Hold& hold, bool of_organisation);
v1::Reason RollBackHoldFault(const v1::RollBackHold& hold);
v1::Reason ListFault(const v1::KnownBadList& list);

// [I2] True: nobody can tell what the hold of a state, or of the organisation, was to hold.
bool HoldIsUnreadable(const v1::Hold& hold, bool of_organisation);

}  // namespace reference
}  // namespace sluice

#endif  // TESTS_REFERENCE_VALIDITY_H_
