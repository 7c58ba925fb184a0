#ifndef SLUICE_TESTS_LOAD_FAULTS_AFTER_H_
#define SLUICE_TESTS_LOAD_FAULTS_AFTER_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

using FaultTexts = std::vector<std::string>;

// What is wrong, as of `Faults`, with ValidState() once `change` was made to it.
FaultTexts FaultsAfter(absl::FunctionRef<void(v1::PipelineState&)> change);

// The same of the stage record `prod` in it.
FaultTexts FaultsAfterProd(absl::FunctionRef<void(v1::StageRecord&)> change);

}  // namespace sluice

#endif  // SLUICE_TESTS_LOAD_FAULTS_AFTER_H_
