#ifndef SLUICE_CLI_KNOWN_BAD_INPUT_H_
#define SLUICE_CLI_KNOWN_BAD_INPUT_H_

#include <istream>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "sluice/cli/arguments.h"
#include "sluice/interchange/list_file.h"
#include "sluice/known_bad.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// A known-bad list that was read from a file.
class KnownBadInput {
 public:
  // Builds the list of a message, or maps a file that is in a list's own form, whatever its name.
  static absl::StatusOr<KnownBadInput> Read(const std::string& path, const Arguments& arguments,
                                            std::istream& in);
  // Builds the list of `message`.
  static absl::StatusOr<KnownBadInput> Build(v1::KnownBadList message);

  const KnownBadList& list() const { return file_ != nullptr ? file_->list() : *built_; }
  // The message that the list was built of; null if it was in its own form.
  const v1::KnownBadList* message() const { return message_.get(); }

 private:
  std::unique_ptr<v1::KnownBadList> message_;
  std::unique_ptr<KnownBadList> built_;
  std::unique_ptr<ListFile> file_;
};

}  // namespace sluice

#endif  // SLUICE_CLI_KNOWN_BAD_INPUT_H_
