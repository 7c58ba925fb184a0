#ifndef SLUICE_CLI_ARGUMENTS_H_
#define SLUICE_CLI_ARGUMENTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// A flag that a command takes.
struct Flag {
  absl::string_view name;   // Without dashes.
  absl::string_view value;  // What its value is called in help; empty: it takes none.
  bool repeats = false;
};

// A command's arguments, read.
class Arguments {
 public:
  // `--flag value`, `--flag=value`, `--flag`; everything else is positional, as is all after `--`.
  // InvalidArgument for an unknown flag, a missing value, or a flag twice that does not repeat.
  static absl::StatusOr<Arguments> Parse(const std::vector<std::string>& words,
                                         const std::vector<Flag>& flags);

  bool Has(absl::string_view flag) const;
  // The value of a flag, if it was given.
  absl::optional<std::string> Value(absl::string_view flag) const;
  std::vector<std::string> Values(absl::string_view flag) const;
  const std::vector<std::string>& positional() const { return positional_; }

 private:
  std::map<std::string, std::vector<std::string>> values_;
  std::vector<std::string> positional_;
};

}  // namespace sluice

#endif  // SLUICE_CLI_ARGUMENTS_H_
