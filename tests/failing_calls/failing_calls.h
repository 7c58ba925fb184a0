#ifndef SLUICE_TESTS_FAILING_CALLS_FAILING_CALLS_H_
#define SLUICE_TESTS_FAILING_CALLS_FAILING_CALLS_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sluice {

// Every function of the library that returns a status, as insert_failures.py changed it, calls this
// first, and returns an error if it answers true. `site` is where that is and lives forever. So
// does every SLUICE_NEVER that was compiled with SLUICE_FORCE_DEFENCES, and takes its condition for
// true. Not thread-safe, as nothing here is.
bool CallFails(const char* site);

// The sites of all calls that `call` makes, in order.
std::vector<const char*> CallsOf(const std::function<void()>& call);

// Makes `call` with the call at `index`, one of those that `CallsOf` lists, failing. False: there
// was no such call this time.
bool CallWithFailure(const std::function<void()>& call, size_t index);

// How often a call at each site was made to fail.
const std::map<std::string, size_t>& FailedSites();

// Every site that there is.
std::vector<std::string> AllSites();

}  // namespace sluice

#endif  // SLUICE_TESTS_FAILING_CALLS_FAILING_CALLS_H_
