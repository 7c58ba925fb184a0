#include "sluice/lint/known_bad_rule.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "sluice/explain/wording.h"
#include "sluice/lint/known_bad_shares.h"
#include "sluice/lint/lint_options.h"

namespace sluice {
namespace {

void FindMatchesTooMuch(const LintContext& context, LintReport report) {
  context.VisitBlockers([&](const v1::Blocker& proto, const Blocker&, const FieldPath& path,
                            const BlockerPlace&) {
    const FieldPath kind = path.Field("known_bad");
    for (int i = 0; i < proto.known_bad().lists_size(); ++i) {
      for (const LintedList& linted : context.options().known_bad) {
        if (linted.shares == nullptr || linted.list->id() != proto.known_bad().lists(i)) continue;
        for (const KnownBadShares::Share& share :
             linted.shares->Above(context.options().max_share_percent)) {
          report(kind.Element("lists", i),
                 absl::StrFormat("has advisory %s, which concerns %d of %s (%.1f %%)",
                                 Quote(share.advisory), share.artifacts,
                                 Counted(linted.shares->artifacts(), "artifact"), share.percent));
        }
      }
    }
  });
}

}  // namespace

const LintCheck kKnownBadMatchesTooMuch = {
    {"known-bad-matches-too-much", "A known-bad entry that matches too much",
     R"(An advisory that concerns half of what a company runs is mostly a mistake: a
range without an end, or a name without a version. It holds, or rolls back, all
of it at once [K3], [K4]. `--known-bad` names a list, `--sbom` bills of
materials of what runs, and `--max-share` the share that is too much; `sluice
known-bad lint` says the same of a list alone. Below, half of the corpus is too
much, and has event-stream 4.0.1.)",
     R"(# in: list
entries {
  id: "GHSA-mh6f-8j2x-4483"
  packages {
    package_url: "pkg:npm/event-stream"
    ranges { introduced: "0" }
  }
}
)",
     R"(# in: list
entries {
  id: "GHSA-mh6f-8j2x-4483"
  packages {
    package_url: "pkg:npm/event-stream"
    ranges { introduced: "3.3.6" fixed: "4.0.0" }
  }
}
)"},
    &FindMatchesTooMuch};

}  // namespace sluice
