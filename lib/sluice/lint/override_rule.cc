#include "sluice/lint/override_rule.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/variant.h"
#include "sluice/blockers/known_bad_artifact.h"
#include "sluice/explain/wording.h"
#include "sluice/policy_data.h"

namespace sluice {
namespace {

// The roles that can lift each of some blockers with one person.
class Lifters {
 public:
  // OBSERVED ones hold nothing. Whether a match of a known-bad list can be lifted, the list says.
  void Add(const std::vector<Blocker>& blockers) {
    for (const Blocker& blocker : blockers) {
      if (!blocker.enforced || absl::holds_alternative<KnownBadArtifact>(blocker.kind)) continue;
      std::vector<std::string> roles;
      if (blocker.override_rule.has_value() && blocker.override_rule->quorum == 1) {
        roles = blocker.override_rule->roles;
      }
      if (count_++ == 0) {
        roles_ = roles;
        continue;
      }
      std::vector<std::string> both;
      std::set_intersection(roles_.begin(), roles_.end(), roles.begin(), roles.end(),
                            std::back_inserter(both));
      roles_ = both;
    }
  }

  size_t count() const { return count_; }
  const std::vector<std::string>& roles() const { return roles_; }  // Sorted.

 private:
  size_t count_ = 0;
  std::vector<std::string> roles_;
};

void FindLiftsEverything(const LintContext& context, LintReport report) {
  const FieldPath root;
  for (size_t s = 0; s < context.data().stages.size(); ++s) {
    const StageRule& stage = context.data().stages[s];
    if (stage.kind != v1::Stage::PRODUCTION) continue;
    Lifters lifters;
    lifters.Add(context.data().blockers);
    lifters.Add(stage.blockers);
    for (const WaveRule& wave : stage.rollout.waves) lifters.Add(wave.blockers);
    if (lifters.roles().empty()) continue;
    const std::vector<absl::string_view> roles(lifters.roles().begin(), lifters.roles().end());
    report(root.Element("stages", static_cast<int>(s)),
           absl::StrCat("one person who is ", QuoteList(roles), " may override ",
                        lifters.count() == 1
                            ? std::string("its one blocker")
                            : absl::StrCat("each of its ", Counted(lifters.count(), "blocker"))));
  }
}

}  // namespace

const LintCheck kOverrideLiftsEverything = {
    {"override-lifts-everything", "One person who may override every blocker of production",
     R"(A quorum of 1 for one role at every ENFORCED blocker of the pipeline, the stage
and its waves makes each of them that one person's choice [O2], [O5]: one
mistake, or one stolen account, is enough. Ask for two people at least
somewhere, or say `not_overridable`. Of known-bad lists, each list says whether
a match can be overridden [K5], so that they are left out of account.)",
     R"(# in: policy
stages {
  id: "more-production"
  kind: PRODUCTION
  deploys: NOTHING
  passes: ON_COMPLETION
  start: AUTOMATIC
  blockers {
    id: "approved"
    override_policy {
      roles: "on-call"
      quorum: 1
      max_validity { seconds: 43200 }
      author: AUTHOR_MAY_NOT
    }
    approval { quorum: 2 roles: "owner" author: AUTHOR_MAY_NOT }
  }
}
)",
     R"(# in: policy
stages {
  id: "more-production"
  kind: PRODUCTION
  deploys: NOTHING
  passes: ON_COMPLETION
  start: AUTOMATIC
  blockers {
    id: "approved"
    override_policy {
      roles: "on-call"
      quorum: 2
      max_validity { seconds: 43200 }
      author: AUTHOR_MAY_NOT
    }
    approval { quorum: 2 roles: "owner" author: AUTHOR_MAY_NOT }
  }
}
)"},
    &FindLiftsEverything};

}  // namespace sluice
