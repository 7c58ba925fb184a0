#ifndef SLUICE_RECORD_STAGE_CHECKS_H_
#define SLUICE_RECORD_STAGE_CHECKS_H_

#include "sluice/internal/field_errors.h"
#include "sluice/v1/state.pb.h"

// What makes a record of what happened in a stage unusable by itself, field by field. Unknown
// fields are for the caller to find.
namespace sluice {

void CheckRollout(const FieldPath& path, const v1::Rollout& rollout, FieldErrors& errors);
void CheckDeployment(const FieldPath& path, const v1::Deployment& deployment, FieldErrors& errors);
void CheckEntry(const FieldPath& path, const v1::Entry& entry, FieldErrors& errors);
void CheckPass(const FieldPath& path, const v1::Pass& pass, FieldErrors& errors);
void CheckLatch(const FieldPath& path, const v1::Latch& latch, FieldErrors& errors);
void CheckStartRequest(const FieldPath& path, const v1::StartRequest& request, FieldErrors& errors);
void CheckPreemptRequest(const FieldPath& path, const v1::PreemptRequest& request,
                         FieldErrors& errors);
void CheckRollBackRequest(const FieldPath& path, const v1::RollBackRequest& request,
                          FieldErrors& errors);
// `number` apart, which Apply gives.
void CheckRetryRequest(const FieldPath& path, const v1::RetryRequest& request, FieldErrors& errors);

}  // namespace sluice

#endif  // SLUICE_RECORD_STAGE_CHECKS_H_
