#ifndef SLUICE_EXPLAIN_SENTENCE_H_
#define SLUICE_EXPLAIN_SENTENCE_H_

#include <string>

#include "sluice/finding.h"

namespace sluice {

// What a finding says, in one English sentence on one line:
//
//   Alarm `checkout-5xx` has been in ALARM since 2026-11-23T10:00:00Z; 1 more override would lift
//   it.
//
// Made from the finding's fields alone. Names a policy's id always, a built-in one (`@bake`) where
// the sentence would not say as much without it. Meant for people: programs read the fields. Total:
// evidence may be unset, and no text, number or enumerator is refused. Well-formed UTF-8 of at most
// 3,000 bytes; with the usual ids some 200.
std::string Sentence(const Finding& finding);

// The same of a child of a combination, without a word about its effect, which is the parent's.
std::string ChildSentence(const Finding& child);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_SENTENCE_H_
