#ifndef SLUICE_CLI_INPUTS_H_
#define SLUICE_CLI_INPUTS_H_

#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/message.h"
#include "sluice/certificate.h"
#include "sluice/cli/arguments.h"
#include "sluice/cli/environment.h"
#include "sluice/cli/known_bad_input.h"
#include "sluice/cli/read_input.h"
#include "sluice/explain/situation.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/snapshot.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// Compiles the policy at `path`, under the baseline of `--baseline` if there is one; the error has
// one line a fault, with its place.
absl::StatusOr<Policy> CompileFile(const std::string& path, const Arguments& arguments,
                                   std::istream& in);

// Everything a decision reads but the policy, kept together as long as the snapshot is used.
class DecisionInputs {
 public:
  // From `--state`, `--organisation` and `--known-bad`.
  absl::Status Read(const Arguments& arguments, std::istream& in);

  // Takes parts one by one; a part stays until given again.
  void SetState(v1::PipelineState state);
  void SetOrganisation(v1::OrganisationFacts facts);
  absl::Status SetKnownBad(const std::vector<v1::KnownBadList>& lists);
  bool has_state() const { return state_ != nullptr; }

  // The snapshot of the parts as they are now; this object must outlive it unchanged.
  Snapshot Load() const;

  // The parts as they are now, and what they are decided by; this object and `policy` must outlive
  // it.
  Situation ToExplain(const Policy& policy, absl::Time now) const;

  // The parts as they are now, without a policy and an instant; this object must outlive it.
  // InvalidArgument if a list is not a message, which is what a certificate is over.
  absl::StatusOr<CertificateInputs> ToCertify() const;

 private:
  std::unique_ptr<v1::PipelineState> state_;
  std::unique_ptr<v1::OrganisationFacts> facts_;
  Organisation organisation_;
  std::vector<KnownBadInput> known_bad_;
};

// InvalidArgument if there are arguments that are no flags. `command` is the one asked.
absl::Status TakesFlagsAlone(absl::string_view command, const Arguments& arguments);

// What a command about one decision is asked: a policy, what it reads, and the instant.
struct Question {
  Policy policy;
  DecisionInputs inputs;
  absl::Time now;
};

// From `--policy`, the parts' flags and `--now`. InvalidArgument says what is missing or wrong,
// also if there are arguments that are no flags. `command` is the one asked.
absl::StatusOr<Question> ReadQuestion(absl::string_view command, const Arguments& arguments,
                                      const Environment& environment);

// The value of `--format`, which is one of `formats`; the first of them if it is not given.
absl::StatusOr<std::string> FormatOf(const Arguments& arguments,
                                     const std::vector<std::string>& formats);

// The instant of `--now`, else the clock's.
absl::StatusOr<absl::Time> NowOf(const Arguments& arguments, const Environment& environment);

// An instant as RFC 3339.
absl::StatusOr<absl::Time> ParseInstant(const std::string& text);

}  // namespace sluice

#endif  // SLUICE_CLI_INPUTS_H_
