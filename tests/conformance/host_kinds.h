#ifndef SLUICE_TESTS_CONFORMANCE_HOST_KINDS_H_
#define SLUICE_TESTS_CONFORMANCE_HOST_KINDS_H_

#include "sluice/host_kind.h"

namespace sluice {

// The kinds that cases may name. `example.com/from` is BLOCKING until the instant that its
// configuration spells, in seconds since 1970, and CLEAR from it on. With a word instead of an
// instant it gives an answer that can't be used: `throw`, `no_change`, `past`, `wordless`,
// `verbose` or `verdict`.
HostKinds KindsForCases();

}  // namespace sluice

#endif  // SLUICE_TESTS_CONFORMANCE_HOST_KINDS_H_
