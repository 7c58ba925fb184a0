#include "sluice/cli/list_header.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/cli/arguments.h"
#include "sluice/cli/commands.h"
#include "sluice/cli/environment.h"
#include "sluice/cli/inputs.h"
#include "sluice/cli/known_bad_input.h"
#include "sluice/cli/write_message.h"
#include "sluice/interchange/list_file.h"
#include "sluice/internal/checked_time.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

absl::Status ReadListHeader(const Arguments& arguments, v1::KnownBadList* list) {
  if (const absl::optional<std::string> id = arguments.Value("id")) list->set_id(*id);
  if (const absl::optional<std::string> text = arguments.Value("epoch")) {
    uint64_t epoch = 0;
    if (!absl::SimpleAtoi(*text, &epoch) || epoch == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("`--epoch` is a number from 1, got `", *text, "`"));
    }
    list->set_epoch(epoch);
  }
  if (const absl::optional<std::string> text = arguments.Value("verified-at")) {
    const absl::StatusOr<absl::Time> instant = ParseInstant(*text);
    if (!instant.ok()) return instant.status();
    *list->mutable_verified_at() = WriteTime(*instant);
  }
  if (arguments.Has("overridable")) list->set_overridable(true);
  list->set_entry_count(static_cast<uint64_t>(list->entries_size()));
  if (list->id().empty()) return absl::InvalidArgumentError("the list needs --id ID");
  if (list->epoch() == 0) {
    return absl::InvalidArgumentError(
        "the list needs --epoch N, higher than that of the list before");
  }
  if (!list->has_verified_at()) {
    return absl::InvalidArgumentError(
        "the list needs --verified-at INSTANT: when this copy was compared with the publisher's");
  }
  return absl::OkStatus();
}

int WriteList(v1::KnownBadList list, const Arguments& arguments, const Environment& environment) {
  const std::string output = arguments.Value("output").value_or("");
  const absl::StatusOr<KnownBadInput> built = KnownBadInput::Build(std::move(list));
  if (!built.ok()) return BadInput(environment, built.status().message());
  if (!absl::EndsWith(output, ".kb"))
    return WriteMessage(*built->message(), arguments, environment);
  const absl::Status written = WriteListFile(built->list(), output);
  return written.ok() ? kExitOk : BadInput(environment, written.message());
}

}  // namespace sluice
