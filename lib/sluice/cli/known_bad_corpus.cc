#include "sluice/cli/known_bad_corpus.h"

#include <cstddef>

#include "absl/strings/numbers.h"
#include "sluice/cli/inventory_input.h"
#include "sluice/cli/progress.h"
#include "sluice/interchange/import_report.h"
#include "sluice/interchange/inventory.h"
#include "sluice/interchange/source_files.h"

namespace sluice {

absl::Status AskCorpus(const KnownBadList& list, const std::vector<std::string>& corpus,
                       absl::Time now, const Environment& environment, KnownBadShares& shares) {
  Progress progress("asking", environment);
  InventoryOptions options;
  options.uncheckable = Uncheckable::kLeaveOut;
  options.incomplete = IncompleteInventory::kAccept;
  for (size_t i = 0; i < corpus.size(); ++i) {
    ImportReport files;
    const absl::Status read = ReadSourceDocuments(
        corpus[i], SourceLimits(), files, [&](const SourceDocument& document) -> absl::Status {
          KnownBadQuestion question;
          ImportReport report;
          const absl::Status imported =
              ImportInventory(document.name, document.bytes, options, &question.components, report);
          if (!imported.ok()) return imported;
          const absl::Status added = shares.Add(list, question, now);
          if (!added.ok()) return added;
          progress.Show((static_cast<double>(i) + document.progress) /
                        static_cast<double>(corpus.size()));
          return absl::OkStatus();
        });
    if (!read.ok()) return read;
  }
  return absl::OkStatus();
}

absl::optional<double> ReadPercent(absl::string_view text) {
  double percent;
  if (!text.empty() && text.back() == '%') text.remove_suffix(1);
  if (!absl::SimpleAtod(text, &percent) || !(percent >= 0 && percent < 100)) return absl::nullopt;
  return percent;
}

}  // namespace sluice
