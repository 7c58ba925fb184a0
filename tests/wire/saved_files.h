#ifndef SLUICE_TESTS_WIRE_SAVED_FILES_H_
#define SLUICE_TESTS_WIRE_SAVED_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "tests/wire/wire_record.h"

namespace sluice {

// The contract's files as they are declared in this program, and what was saved of them.
struct SavedFiles {
  std::vector<const google::protobuf::FileDescriptor*> files;
  std::vector<WireRecord> records;
};

// Reads what a program's arguments name: the descriptor set of the contract, then the saved files.
// An error names the file.
absl::StatusOr<SavedFiles> ReadSavedFiles(int argc, char** argv);

// Name of the file that what is declared in `file` is saved in.
std::string SavedName(const google::protobuf::FileDescriptor& file);

}  // namespace sluice

#endif  // SLUICE_TESTS_WIRE_SAVED_FILES_H_
