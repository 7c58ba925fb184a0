#include "tests/load/faults_after.h"

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "sluice/organisation.h"
#include "sluice/snapshot.h"
#include "sluice/v1/state.pb.h"
#include "tests/load/dump.h"
#include "tests/load/valid_state.h"

namespace sluice {

FaultTexts FaultsAfter(absl::FunctionRef<void(v1::PipelineState&)> change) {
  v1::PipelineState state = ValidState();
  change(state);
  return Faults(Snapshot::Load(state, Organisation()).data());
}

FaultTexts FaultsAfterProd(absl::FunctionRef<void(v1::StageRecord&)> change) {
  return FaultsAfter([&](v1::PipelineState& state) { change(*state.mutable_stages(0)); });
}

}  // namespace sluice
