#ifndef SLUICE_EXPLAIN_STAGE_SENTENCE_H_
#define SLUICE_EXPLAIN_STAGE_SENTENCE_H_

#include <string>

#include "sluice/decision.h"

// Sentences for the rest of a stage's decision, as Sentence makes for its findings.
namespace sluice {

// "Artifact sha256:0123456789ab is superseded by a newer one."
std::string PassedOverSentence(const PassedOver& passed_over);

// "Record that cell `eu-1` of wave `first` is proven with artifact sha256:0123456789ab."
std::string WantedSentence(const WantedRecord& wanted);

// "DEPLOY sha256:0123456789ab to 2 cells of wave `first`: `eu-1` and `eu-2`." Of HOLD and WAIT:
// which findings are not clear.
std::string ActionSentence(const StageDecision& stage);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_STAGE_SENTENCE_H_
