#ifndef SLUICE_TESTS_DIFFERENTIAL_OUTCOME_LINES_H_
#define SLUICE_TESTS_DIFFERENTIAL_OUTCOME_LINES_H_

#include <string>
#include <vector>

#include "sluice/v1/decision.pb.h"

namespace sluice {

// The outcome of a decision [G5] as sorted lines: of each stage its action, artifact, cell actions
// and leaf findings. Evidence, instants and sentences are no part of it.
std::vector<std::string> OutcomeLines(const v1::PipelineDecision& decision);

// The same with what is a function of the state alone beside it: wanted records, artifacts that
// were passed over, cells of a roll back or without room, overrides that count.
std::vector<std::string> AnswerLines(const v1::PipelineDecision& decision);

// Lines of only one of the two, sorted, behind `-` (of `a`) and `+` (of `b`).
std::vector<std::string> Differences(const std::vector<std::string>& a,
                                     const std::vector<std::string>& b);

}  // namespace sluice

#endif  // SLUICE_TESTS_DIFFERENTIAL_OUTCOME_LINES_H_
