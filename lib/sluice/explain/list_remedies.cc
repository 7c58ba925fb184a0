#include "sluice/explain/list_remedies.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/checked_time.h"
#include "sluice/known_bad.h"

namespace sluice {
namespace {

// Entries that are made up at most, to make a list as long as a policy asks for.
constexpr uint64_t kMostFillers = 100'000;

// Entries asked for about one artifact.
constexpr size_t kMostAnswers = 10'000;

// An entry that concerns nothing, with a digest that nobody has.
v1::KnownBadEntry Filler(uint64_t number) {
  v1::KnownBadEntry entry;
  entry.set_id(absl::StrCat("explain-filler-", number));
  entry.add_digests(absl::StrFormat("sha256:%064x", number));
  return entry;
}

// Fills the list up to `wanted` entries. False if that is too many.
bool FillUp(uint64_t wanted, v1::KnownBadList* list) {
  const auto has = static_cast<uint64_t>(list->entries_size());
  if (wanted > has && wanted - has > kMostFillers) return false;
  for (uint64_t number = has + 1; number <= wanted; ++number) *list->add_entries() = Filler(number);
  list->set_entry_count(static_cast<uint64_t>(list->entries_size()));
  return true;
}

void AddWithdrawals(const RemedyContext& context, const KnownBadArtifact& known_bad,
                    const Finding& finding, Remedies* remedies) {
  for (size_t i = 0; i < context.base.known_bad.size(); ++i) {
    const v1::KnownBadList& list = *context.base.known_bad[i].message;
    if (!absl::c_linear_search(known_bad.lists, list.id())) continue;
    for (int j = 0; j < list.entries_size(); ++j) {
      const std::string& id = list.entries(j).id();
      if (!absl::c_linear_search(finding.evidence.subjects, id)) continue;
      Remedy remedy;
      remedy.key = absl::StrCat("withdrawn|", list.id(), "|", id);
      const std::string sentence =
          absl::StrCat("entry ", Quote(id), " of list ", Quote(list.id()), " is withdrawn");
      const std::string path = absl::StrCat("known_bad[", i, "].entries[", j, "].withdrawn_at");
      remedy.make = [=](absl::Time at) {
        Change change;
        change.sentence = sentence;
        change.edits.push_back(SetEdit(path, EditText(at)));
        return change;
      };
      remedies->push_back(std::move(remedy));
    }
  }
}

// That the list is passed, or passed again, as new and as long as is asked for.
void AddNewerCopy(const RemedyContext& context, const KnownBadArtifact& known_bad,
                  const std::string& id, Remedies* remedies) {
  const auto& lists = context.base.known_bad;
  const auto found =
      absl::c_find_if(lists, [&](const ListInput& input) { return input.message->id() == id; });
  const bool is_known = found != lists.end();
  uint64_t epoch = is_known ? found->message->epoch() : 1;
  for (const v1::ListSeen& seen : context.base.state->lists_seen()) {
    if (seen.list() == id) epoch = std::max(epoch, seen.epoch());
  }
  std::vector<v1::Edit> edits;
  std::string path;
  v1::KnownBadList list;
  list.set_id(id);
  list.set_epoch(epoch);
  if (is_known) {
    path = absl::StrCat("known_bad[", found - lists.begin(), "]");
    if (epoch != found->message->epoch()) {
      edits.push_back(SetEdit(path + ".epoch", absl::StrCat(epoch)));
    }
    const auto has = static_cast<uint64_t>(found->message->entries_size());
    if (known_bad.min_entries > has + kMostFillers) return;
    for (uint64_t number = has + 1; number <= known_bad.min_entries; ++number) {
      edits.push_back(AddEdit(path + ".entries", EditText(Filler(number))));
    }
    if (known_bad.min_entries > has) {
      edits.push_back(SetEdit(path + ".entry_count", absl::StrCat(known_bad.min_entries)));
    }
  } else if (!FillUp(known_bad.min_entries, &list)) {
    return;
  }
  std::string sentence =
      absl::StrCat(is_known ? "a newer copy of list " : "list ", Quote(id), " is passed");
  const bool is_short = is_known && found->list->entry_count() < known_bad.min_entries;
  if (is_short) {
    absl::StrAppend(&sentence, ", with at least ",
                    Counted(known_bad.min_entries, "entry") == "1 entry"
                        ? "1 entry"
                        : absl::StrCat(known_bad.min_entries, " entries"));
  }
  if (!is_known) absl::StrAppend(&sentence, " that does not name the artifact");
  Remedy remedy;
  remedy.key = absl::StrCat("list|", id, "|", known_bad.min_entries);
  remedy.make = [=](absl::Time at) {
    Change change;
    change.sentence = sentence;
    if (is_known) {
      change.edits = edits;
      change.edits.push_back(SetEdit(path + ".verified_at", EditText(at)));
      return change;
    }
    v1::KnownBadList passed = list;
    *passed.mutable_verified_at() = WriteTime(at);
    change.edits.push_back(AddEdit("known_bad", EditText(passed)));
    return change;
  };
  remedies->push_back(std::move(remedy));
}

}  // namespace

void AddKnownBadRemedies(const RemedyContext& context, const KnownBadArtifact& known_bad,
                         const Finding& finding, Remedies* remedies) {
  if (finding.reason == v1::KNOWN_BAD_MATCH || finding.reason == v1::VERSION_UNKNOWN) {
    AddWithdrawals(context, known_bad, finding, remedies);
    return;
  }
  if (finding.reason != v1::LIST_ABSENT && finding.reason != v1::LIST_WENT_BACK &&
      finding.reason != v1::LIST_TOO_SHORT && finding.reason != v1::STALE) {
    return;
  }
  for (const std::string& id : known_bad.lists) {
    AddNewerCopy(context, known_bad, id, remedies);
  }
}

v1::KnownBadList StandInFor(const KnownBadList& list, const v1::PipelineState& state,
                            absl::Time now, uint64_t most) {
  v1::KnownBadList message;
  message.set_id(std::string(list.id()));
  message.set_epoch(list.epoch());
  message.set_overridable(list.overridable());
  *message.mutable_verified_at() = WriteTime(list.verified_at());
  absl::flat_hash_set<std::string> added;
  for (const v1::Artifact& artifact : state.artifacts()) {
    KnownBadQuestion question;
    question.digests.push_back(artifact.digest());
    question.components = artifact.components();
    const absl::StatusOr<KnownBadAnswers> answers = list.Query(question, now, kMostAnswers);
    if (!answers.ok()) continue;
    for (const KnownBadAnswer& answer : answers->answers) {
      if (!added.insert(answer.entry.id()).second) continue;
      v1::KnownBadEntry* entry = message.add_entries();
      *entry = answer.entry;
      if (answer.component == kNoComponent) {
        entry->add_digests(artifact.digest());
      } else if (answer.component <
                 static_cast<uint32_t>(artifact.components().components_size())) {
        entry->mutable_digests()->MergeFrom(
            artifact.components().components(static_cast<int>(answer.component)).digests());
      }
    }
  }
  FillUp(std::min(most, list.entry_count()), &message);
  return message;
}

}  // namespace sluice
