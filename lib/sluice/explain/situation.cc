#include "sluice/explain/situation.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "sluice/internal/checked_time.h"
#include "sluice/load/record_count.h"
#include "sluice/record.h"
#include "sluice/testing/edit.h"

namespace sluice {
namespace {

// The first field number of the events that are facts and leave the revision as it is.
constexpr int kFirstFact = 40;

constexpr absl::string_view kOrganisationPart = "organisation";
constexpr absl::string_view kListsPart = "known_bad";

// The element of `known_bad` that a path is about, or `size` if it is the list as a whole.
size_t ListIndexOf(absl::string_view path, size_t size) {
  size_t index = size;
  if (!absl::ConsumePrefix(&path, absl::StrCat(kListsPart, "["))) return size;
  return absl::SimpleAtoi(path.substr(0, path.find(']')), &index) ? index : size;
}

}  // namespace

void NumberEvents(const Situation& base, absl::string_view prefix, std::vector<Change>* changes) {
  uint64_t revision = base.state->revision();
  int number = 0;
  uint64_t records = base.organisation == nullptr ? 0 : RecordCount(*base.organisation);
  for (Change& change : *changes) {
    for (v1::Event& event : change.events) {
      event.set_id(absl::StrCat(prefix, "-", ++number));
      if (event.kind_case() >= kFirstFact) continue;
      event.set_expected_revision(revision++);
    }
    // Facts that say how many records they have say so of those added.
    if (base.organisation == nullptr || !base.organisation->has_record_count()) continue;
    const auto added = static_cast<uint64_t>(
        std::count_if(change.edits.begin(), change.edits.end(), [](const v1::Edit& edit) {
          return edit.has_add() && absl::StartsWith(edit.path(), kOrganisationPart);
        }));
    if (added == 0) continue;
    records += added;
    v1::Edit& count = change.edits.emplace_back();
    count.set_path(absl::StrCat(kOrganisationPart, ".record_count"));
    count.set_set(absl::StrCat(records));
  }
}

absl::Status ChangedSituation::Edit(const Situation& base, absl::Span<const Change> changes) {
  bool of_organisation = false;
  bool of_lists = false;
  for (const Change& change : changes) {
    for (const v1::Edit& edit : change.edits) {
      of_organisation = of_organisation || absl::StartsWith(edit.path(), kOrganisationPart);
      of_lists = of_lists || absl::StartsWith(edit.path(), kListsPart);
    }
  }
  if (of_organisation && base.organisation != nullptr) {
    *edited_.mutable_organisation() = *base.organisation;
  }
  std::vector<bool> is_edited(base.known_bad.size(), false);
  if (of_lists) {
    for (const ListInput& input : base.known_bad) {
      v1::KnownBadList* list = edited_.add_known_bad();
      if (input.message != nullptr) *list = *input.message;
    }
  }
  for (const Change& change : changes) {
    for (const v1::Edit& edit : change.edits) {
      const absl::Status status = ApplyEdit(edit, &edited_);
      if (!status.ok()) return status;
      const size_t index = ListIndexOf(edit.path(), is_edited.size());
      if (index < is_edited.size()) is_edited[index] = true;
    }
  }
  if (of_organisation) {
    organisation_ = Organisation::Load(edited_.organisation());
  } else if (base.organisation != nullptr) {
    organisation_ = Organisation::Load(*base.organisation);
  }
  for (size_t i = 0; i < base.known_bad.size(); ++i) {
    if (!is_edited[i]) lists_.push_back(base.known_bad[i].list);
  }
  for (int i = 0; i < edited_.known_bad_size(); ++i) {
    const auto index = static_cast<size_t>(i);
    if (index < is_edited.size() && !is_edited[index]) continue;
    absl::StatusOr<KnownBadList> built = KnownBadList::Build(edited_.known_bad(i));
    if (!built.ok()) return built.status();
    built_.push_back(std::make_unique<KnownBadList>(*std::move(built)));
    lists_.push_back(built_.back().get());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ChangedSituation>> ChangedSituation::Make(
    const Situation& base, absl::Span<const Change> changes) {
  std::unique_ptr<ChangedSituation> changed(new ChangedSituation);
  changed->now_ = base.now;
  changed->state_ = *base.state;
  for (const Change& change : changes) {
    if (change.now.has_value()) changed->now_ = std::max(changed->now_, *change.now);
    for (const v1::Event& event : change.events) {
      if (absl::Status status = changed->Record(event); !status.ok()) return status;
    }
  }
  if (absl::Status status = changed->Edit(base, changes); !status.ok()) return status;
  return changed;
}

absl::Status ChangedSituation::Record(const v1::Event& event) { return Apply(event, &state_); }

Snapshot ChangedSituation::Load() const {
  LoadOptions options;
  options.known_bad = lists_;
  return Snapshot::Load(state_, organisation_, options);
}

}  // namespace sluice
