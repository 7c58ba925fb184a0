#ifndef SLUICE_HOST_KIND_H_
#define SLUICE_HOST_KIND_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/any.pb.h"
#include "sluice/finding.h"

namespace sluice {

// What a blocker of a host's kind is asked. Valid during the call.
struct HostQuestion {
  const google::protobuf::Any& configuration;  // Of the policy, as it is.
  absl::string_view stage;
  absl::string_view artifact;  // Its digest; never empty.
  absl::Time now;
};

// What it says. The default is no answer.
struct HostAnswer {
  Verdict verdict = Verdict::kInvalid;
  // Why, for people. Required unless CLEAR. UTF-8, at most 1,024 bytes.
  std::string reason;
  // What else there is to say. At most 16, each as `reason`.
  std::vector<std::string> notes;
  // The first instant after `now` at which the verdict is another one, all that the kind reads
  // being the same; absl::InfiniteFuture(): never. Required.
  absl::optional<absl::Time> changes_at;
};

// Judges blockers of one kind. It must be pure: a function of the question and of facts that do not
// change as long as the policy is in use. It is called by any number of threads at once, at `now`
// and at later instants.
//
// One that throws, gives no `changes_at` or one that is not after `now`, or goes beyond a limit is
// INVALID (HOST_FAULT), which holds and never changes by itself.
using HostKind = std::function<HostAnswer(const HostQuestion&)>;

// By type URL.
using HostKinds = std::map<std::string, HostKind, std::less<>>;

}  // namespace sluice

#endif  // SLUICE_HOST_KIND_H_
