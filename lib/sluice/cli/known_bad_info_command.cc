#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/known_bad_input.h"
#include "sluice/known_bad.h"

namespace sluice {
namespace {

// A number for people: 1,234,567.
std::string WithCommas(uint64_t number) {
  std::string digits = absl::StrCat(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace

int RunKnownBadInfo(const Arguments& arguments, const Environment& environment) {
  if (arguments.positional().size() != 1) {
    return BadInput(environment, "known-bad info takes one LIST");
  }
  const std::string& path = arguments.positional()[0];
  const absl::StatusOr<KnownBadInput> input = KnownBadInput::Read(path, arguments, environment.in);
  if (!input.ok()) return BadInput(environment, input.status().message());
  const KnownBadList& list = input->list();
  environment.out << "list         " << list.id() << "\n"
                  << "epoch        " << list.epoch() << "\n"
                  << "verified at  "
                  << absl::FormatTime(absl::RFC3339_full, list.verified_at(), absl::UTCTimeZone())
                  << "\n"
                  << "overridable  " << (list.overridable() ? "yes" : "no") << "\n"
                  << "entries      " << WithCommas(list.entry_count()) << "\n"
                  << "digests      " << WithCommas(list.index().digest_count()) << "\n"
                  << "packages     " << WithCommas(list.index().package_count()) << "\n"
                  << "bytes        " << WithCommas(list.file_form().size()) << "\n";
  const absl::Status verified = list.Verify();
  if (!verified.ok()) return BadInput(environment, absl::StrCat(path, ": ", verified.message()));
  environment.out << "verified     every byte is as it was written\n";
  return kExitOk;
}

}  // namespace sluice
