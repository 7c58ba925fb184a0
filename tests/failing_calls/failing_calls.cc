#include "tests/failing_calls/failing_calls.h"

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/internal/never.h"

namespace sluice {
namespace {

constexpr size_t kNone = static_cast<size_t>(-1);

// Of the call that is being made.
std::vector<const char*>* listed = nullptr;
size_t until_failure = kNone;

std::map<std::string, size_t>& Failed() {
  static auto* const failed = new std::map<std::string, size_t>;
  return *failed;
}

bool DefenceFails(const char* file, int line) {
  static auto* const sites = new std::set<std::string>;
  absl::string_view path = file;
  constexpr absl::string_view kLibrary = "lib/sluice/";
  path.remove_prefix(path.rfind(kLibrary) + kLibrary.size());
  return CallFails(sites->insert(absl::StrCat(path, ":", line, " SLUICE_NEVER")).first->c_str());
}

// Before anything of the library is called.
[[maybe_unused]] const bool defences_ask = [] {
  force_defence = DefenceFails;
  return true;
}();

}  // namespace

bool CallFails(const char* site) {
  if (listed != nullptr) listed->push_back(site);
  if (until_failure == kNone) return false;
  if (until_failure > 0) {
    --until_failure;
    return false;
  }
  until_failure = kNone;
  ++Failed()[site];
  return true;
}

std::vector<const char*> CallsOf(const std::function<void()>& call) {
  std::vector<const char*> calls;
  listed = &calls;
  call();
  listed = nullptr;
  return calls;
}

bool CallWithFailure(const std::function<void()>& call, size_t index) {
  until_failure = index;
  call();
  const bool failed = until_failure == kNone;
  until_failure = kNone;
  return failed;
}

const std::map<std::string, size_t>& FailedSites() { return Failed(); }

}  // namespace sluice
