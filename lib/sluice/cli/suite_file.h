#ifndef SLUICE_CLI_SUITE_FILE_H_
#define SLUICE_CLI_SUITE_FILE_H_

#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/message.h"
#include "sluice/cli/arguments.h"
#include "sluice/cli/known_bad_input.h"
#include "sluice/reader.h"
#include "sluice/testing/test_suite.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {

// The suites below a folder: the files named `*_test.textproto`, `*_test.json` and `*_test.yaml`,
// sorted by path. Links to folders are not followed. InvalidArgument, naming it, if a folder can't
// be read.
absl::StatusOr<std::vector<std::string>> SuitesBelow(const std::string& folder);

// A suite that was read from a file, with the files that it names. Stays where it is.
class SuiteFile {
 public:
  // Reads, checks and prepares the suite at `path`, for coverage if asked; what is wrong is in
  // `faults()`.
  SuiteFile(const std::string& path, bool coverage, const Arguments& arguments, std::istream& in);
  SuiteFile(const SuiteFile&) = delete;
  SuiteFile& operator=(const SuiteFile&) = delete;

  const std::string& path() const { return path_; }
  // Every fault on a line of its own, with its file and place.
  const std::vector<std::string>& faults() const { return faults_; }
  const v1::TestSuite& suite() const { return suite_; }
  // Null if there are faults.
  const SuiteRunner* runner() const { return runner_.has_value() ? &*runner_ : nullptr; }

  // `FILE:LINE: FIELD: WHAT`, for a field path of the suite; for a field of a policy or a baseline
  // that was read from a file of its own, that file and the field of it.
  std::string AtPlace(absl::string_view field_path, absl::string_view what) const;

  // The file that the policy of a base (empty: the suite's own) stands in, and the line there of a
  // field of it; nothing: not known.
  const std::string& PolicyPath(const std::string& base) const;
  absl::optional<int> PolicyLine(const std::string& base, const std::string& field_path) const;

 private:
  // A part of the base that was read from a file of its own.
  struct ReadFrom {
    absl::string_view field;  // Its field path in the suite.
    std::string path;         // Empty: it is in the suite.
    SourceMap map;
  };

  absl::Status ReadSuite(const Arguments& arguments, std::istream& in);
  // Reads the file that field `name` of the suite names into `part`, which must not be set in the
  // suite as well.
  void ReadPart(absl::string_view name, const std::string& file, bool is_set,
                const Arguments& arguments, google::protobuf::Message* part, SourceMap* map);
  void ReadParts(const Arguments& arguments);
  void ReadKnownBad(const Arguments& arguments);
  void Prepare(bool coverage);
  // The path of a file that the suite names.
  std::string Beside(const std::string& file) const;
  void AddFault(absl::string_view field_path, const absl::Status& status);

  std::string path_;
  v1::TestSuite suite_;
  SourceMap map_;
  ReadFrom policy_{"base.policy", {}, {}};
  ReadFrom baseline_{"base.baseline", {}, {}};
  std::vector<KnownBadInput> lists_;  // Those that are in a list's own form.
  std::vector<std::string> faults_;
  absl::optional<SuiteRunner> runner_;
};

}  // namespace sluice

#endif  // SLUICE_CLI_SUITE_FILE_H_
