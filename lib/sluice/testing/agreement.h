#ifndef SLUICE_TESTING_AGREEMENT_H_
#define SLUICE_TESTING_AGREEMENT_H_

#include <string>
#include <vector>

#include "sluice/decision.h"
#include "sluice/v1/testing.pb.h"

// Holds what is expected of a decision against the decision: for the policy-test runner, and for a
// host's own tests.
namespace sluice {

// One thing that is otherwise than expected. `expected` and `actual` are text for people, of one or
// more lines without a last line break.
struct Mismatch {
  std::string stage;  // Empty: about the decision as a whole, or the faults of Compile.
  // The field of Expectation, Moment or TestCase that is not met: `stage` (there is none of that
  // name), `action`, `artifact`, `cells`, `findings`, `wanted`, `passed_over`, `absent`,
  // `valid_until`, `never_changes`, `faults`.
  std::string what;
  std::string expected;
  std::string actual;
};

// Whether anything but the stage's name is said.
bool AssertsSomething(const v1::Expectation& expectation);

// Whether anything is expected at that moment.
bool AssertsSomething(const v1::Moment& moment);

// What of `moment` does not agree with the decision, in the order of the message's fields. Empty:
// all of it agrees. A finding, wanted record or artifact that was passed over agrees if each field
// that is set in the expected one is equal, evidence field by field; different ones of `wanted` are
// met by different records.
std::vector<Mismatch> Disagreements(const v1::Moment& moment, const Decision& decision);

// What of the faults that `test` expects does not agree with those that Compile found. Exactly the
// expected ones must be there; kind and message of one are compared if they are set.
std::vector<Mismatch> Disagreements(const v1::TestCase& test, const v1::Faults& faults);

}  // namespace sluice

#endif  // SLUICE_TESTING_AGREEMENT_H_
