#ifndef SLUICE_TESTS_LOAD_DUMP_H_
#define SLUICE_TESTS_LOAD_DUMP_H_

#include <string>
#include <vector>

#include "sluice/facts.h"

namespace sluice {

// Everything that was loaded, a line a fact. Equal for equal facts, wherever they lie in memory.
std::string Dump(const SnapshotData& data);
std::string Dump(const OrganisationData& data);

// What is wrong, sorted: `REASON scope`, the scope being `pipeline` and the record's name, or the
// kind and the key of what carries the fault.
std::vector<std::string> Faults(const SnapshotData& data);
std::vector<std::string> Faults(const OrganisationData& data);

}  // namespace sluice

#endif  // SLUICE_TESTS_LOAD_DUMP_H_
