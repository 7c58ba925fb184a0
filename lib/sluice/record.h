#ifndef SLUICE_RECORD_H_
#define SLUICE_RECORD_H_

#include "absl/status/status.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Writes down in `*state` that `event` happened: the one place that turns events into state, the
// same for hosts, simulation and replay [D2].
//
//   v1::Event event;
//   event.set_id("build-1");
//   event.mutable_at()->set_seconds(1735689600);
//   *event.mutable_artifact_built()->mutable_artifact() = artifact;
//   if (absl::Status status = sluice::Apply(event, &state); !status.ok()) return status;
//
// It knows no policy. It refuses what no decision could permit by the state alone; whether a
// decision does permit an action is for `Admit` to say, just before.
//
// An event whose id was applied before with equal content (every field counts) changes nothing and
// is OK, whatever the revision. Else it answers
//   InvalidArgument      the event itself is malformed: every fault by field path, see FaultsOf; or
//   its
//                        id was applied with other content;
//   Aborted              the event changes a rollout and `expected_revision` is not the state's;
//   FailedPrecondition   the state does not allow it: it names what is not there, was done already
//   or
//                        may not be done; or what it touches is malformed in the state, whose
//                        schema may also be too new;
//   ResourceExhausted    a list of the state would grow beyond kMaxRecords; compact it.
// Then `*state` is as it was. A report that is older than the recorded one is OK and leaves that.
//
// A state of which something is missing or unreadable as a whole (`record_count` differs, unknown
// fields) takes only events that stop or undo: the start of a roll back, the end of a deployment,
// HALTED, ROLLED_BACK, an abandoned rollout, a request to roll back, a hold, a withdrawal. Its
// `record_count` goes on to differ, so that the loss stays noticed.
//
// Pure; distinct states may be used at once. Cost: linear in the touched stage's records and in the
// applied events.
absl::Status Apply(const v1::Event& event, v1::PipelineState* state);

}  // namespace sluice

#endif  // SLUICE_RECORD_H_
