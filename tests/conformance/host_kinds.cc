#include "tests/conformance/host_kinds.h"

#include <cstdint>
#include <stdexcept>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

HostAnswer From(const HostQuestion& question) {
  const std::string& configuration = question.configuration.value();
  if (configuration == "throw") throw std::runtime_error(configuration);
  HostAnswer answer;
  answer.verdict = Verdict::kBlocking;
  answer.reason = "not yet";
  answer.notes = {absl::StrCat("asked for ", question.stage)};
  answer.changes_at = absl::InfiniteFuture();
  if (configuration == "no_change") answer.changes_at = absl::nullopt;
  if (configuration == "past") answer.changes_at = question.now;
  if (configuration == "wordless") answer.reason.clear();
  if (configuration == "verbose") answer.notes.assign(kMaxHostNotes + 1, "note");
  if (configuration == "verdict") answer.verdict = static_cast<Verdict>(4);
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(configuration, &seconds)) return answer;
  const absl::Time from = absl::FromUnixSeconds(seconds);
  if (question.now < from) {
    answer.changes_at = from;
  } else {
    answer.verdict = Verdict::kClear;
  }
  return answer;
}

}  // namespace

HostKinds KindsForCases() { return {{"example.com/from", From}}; }

}  // namespace sluice
