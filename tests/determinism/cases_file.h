#ifndef SLUICE_TESTS_DETERMINISM_CASES_FILE_H_
#define SLUICE_TESTS_DETERMINISM_CASES_FILE_H_

#include <fstream>
#include <string>

#include "absl/types/optional.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {

// A file of cases: each a suite whose base is what is decided over, and the moments of whose one
// case say when. Suites that follow each other often have the same policy.
class CasesWriter {
 public:
  explicit CasesWriter(const std::string& path);

  void Write(const v1::TestSuite& suite);

  // Whether all has been written.
  bool Close();

 private:
  std::ofstream stream_;
};

class CasesReader {
 public:
  explicit CasesReader(const std::string& path);

  // Nothing at the end of the file, or from where it is cut or damaged.
  absl::optional<v1::TestSuite> Read();

  // Whether everything has been read.
  bool at_end() const { return at_end_; }

 private:
  std::ifstream stream_;
  bool at_end_ = false;
};

}  // namespace sluice

#endif  // SLUICE_TESTS_DETERMINISM_CASES_FILE_H_
