#include "sluice/cli/progress.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/cli/environment.h"

namespace sluice {
namespace {

constexpr size_t kBarWidth = 40;
// Back to the start of the line, which is then empty.
constexpr absl::string_view kClearLine = "\r\033[K";

}  // namespace

Progress::Progress(absl::string_view what, const Environment& environment)
    : what_(what), environment_(environment), started_(environment.clock()) {}

Progress::~Progress() {
  if (drawn_ != absl::InfinitePast()) environment_.err << kClearLine << std::flush;
}

void Progress::Show(double fraction) {
  if (!environment_.progress) return;
  const absl::Time now = environment_.clock();
  if (now - started_ < absl::Seconds(1) || now - drawn_ < absl::Milliseconds(100)) return;
  drawn_ = now;
  const double within = std::min(1.0, std::max(0.0, fraction));
  const size_t filled = static_cast<size_t>(within * kBarWidth);
  environment_.err << kClearLine
                   << absl::StrFormat("%-10s [%s%s] %3d %%", what_, std::string(filled, '#'),
                                      std::string(kBarWidth - filled, ' '),
                                      static_cast<int>(within * 100))
                   << std::flush;
}

}  // namespace sluice
