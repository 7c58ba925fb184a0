#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/list_header.h"
#include "sluice/cli/read_input.h"
#include "sluice/known_bad.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

int RunKnownBadBuild(const Arguments& arguments, const Environment& environment) {
  const absl::optional<std::string> output = arguments.Value("output");
  if (!output.has_value()) return BadInput(environment, "known-bad build needs --output FILE");
  if (arguments.positional().empty()) {
    return BadInput(environment, "known-bad build needs at least one INPUT");
  }
  v1::KnownBadList all;
  for (const std::string& path : arguments.positional()) {
    v1::KnownBadList list;
    const absl::Status read = ReadInput(path, arguments, environment.in, &list);
    if (!read.ok()) return BadInput(environment, read.message());
    // Each by itself, so that a list that was cut is not hidden by the others.
    const absl::StatusOr<KnownBadList> alone = KnownBadList::Build(list);
    if (!alone.ok()) {
      return BadInput(environment, absl::StrCat(path, ": ", alone.status().message()));
    }
    if (arguments.positional().size() == 1) {
      all = std::move(list);
    } else {
      all.mutable_entries()->MergeFrom(list.entries());
    }
  }
  const absl::Status header = ReadListHeader(arguments, &all);
  if (!header.ok()) return BadInput(environment, header.message());
  return WriteList(std::move(all), arguments, environment);
}

}  // namespace sluice
