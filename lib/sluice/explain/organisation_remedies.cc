#include "sluice/explain/organisation_remedies.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/checked_time.h"
#include "sluice/schema_version.h"

namespace sluice {
namespace {

constexpr char kFacts[] = "organisation.";

std::string Quoted(absl::string_view text) { return absl::StrCat("\"", text, "\""); }

// Remedies outlive the context they are proposed in, but not what its base points to.
Remedy ByOrganisation(std::string key, std::string sentence,
                      std::function<void(absl::Time, std::vector<v1::Edit>*)> fill) {
  Remedy remedy;
  remedy.key = std::move(key);
  remedy.make = [sentence = std::move(sentence), fill = std::move(fill)](absl::Time at) {
    Change change;
    change.sentence = sentence;
    fill(at, &change.edits);
    return change;
  };
  return remedy;
}

}  // namespace

void FreshenOrganisation(const Situation& base, absl::Time at, std::vector<v1::Edit>* edits) {
  const v1::OrganisationFacts* facts = base.organisation;
  if (facts == nullptr) {
    edits->push_back(SetEdit(absl::StrCat(kFacts, "schema_version"), absl::StrCat(kSchemaVersion)));
    edits->push_back(SetEdit(absl::StrCat(kFacts, "id"), Quoted("organisation")));
  }
  uint64_t epoch = facts == nullptr ? 1 : facts->epoch();
  for (const v1::ListSeen& seen : base.state->lists_seen()) {
    if (seen.list() == (facts == nullptr ? "organisation" : facts->id())) {
      epoch = std::max(epoch, seen.epoch());
    }
  }
  if (facts == nullptr || epoch != facts->epoch()) {
    edits->push_back(SetEdit(absl::StrCat(kFacts, "epoch"), absl::StrCat(epoch)));
  }
  edits->push_back(SetEdit(absl::StrCat(kFacts, "observed_at"), EditText(at)));
}

void AddEmergencyStopRemedies(const RemedyContext& context, Remedies* remedies) {
  const Situation* base = &context.base;
  remedies->push_back(ByOrganisation(
      "emergency-stop", "the organisation reports that there is no emergency stop",
      [base](absl::Time at, std::vector<v1::Edit>* edits) {
        FreshenOrganisation(*base, at, edits);
        v1::EmergencyStop stop;
        stop.set_state(v1::EmergencyStop::CLEAR);
        *stop.mutable_observed_at() = WriteTime(at);
        edits->push_back(SetEdit(absl::StrCat(kFacts, "emergency_stop"), EditText(stop)));
      }));
}

void AddOrganisationHoldRemedies(const RemedyContext& context, absl::string_view id,
                                 Remedies* remedies) {
  const v1::OrganisationFacts* facts = context.base.organisation;
  if (facts == nullptr) return;
  for (int i = 0; i < facts->holds_size(); ++i) {
    if (facts->holds(i).id() != id) continue;
    Remedy remedy = ByOrganisation(
        absl::StrCat("organisation-hold|", id),
        absl::StrCat("hold ", Quote(id), " of the organisation is released by a person"),
        [i](absl::Time at, std::vector<v1::Edit>* edits) {
          edits->push_back(
              SetEdit(absl::StrCat(kFacts, "holds[", i, "].released_at"), EditText(at)));
        });
    remedy.kind = ChangeKind::kPerson;
    remedies->push_back(std::move(remedy));
  }
}

void AddCalendarRemedies(const RemedyContext& context, const TimeWindow& window,
                         Remedies* remedies) {
  const v1::OrganisationFacts* facts = context.base.organisation;
  const Situation* base = &context.base;
  for (const CalendarReference& reference : window.calendars) {
    int index = -1;
    for (int i = 0; facts != nullptr && i < facts->calendars_size(); ++i) {
      if (facts->calendars(i).id() == reference.calendar) index = i;
    }
    const bool fills = index < 0 && !reference.denies;
    remedies->push_back(ByOrganisation(
        absl::StrCat("calendar|", reference.calendar),
        absl::StrCat("calendar ", Quote(reference.calendar), " is observed",
                     index >= 0 ? " again"
                     : fills    ? ", and has that time"
                                : ", and does not have that time"),
        [=, id = reference.calendar](absl::Time at, std::vector<v1::Edit>* edits) {
          FreshenOrganisation(*base, at, edits);
          if (index >= 0) {
            edits->push_back(
                SetEdit(absl::StrCat(kFacts, "calendars[", index, "].observed_at"), EditText(at)));
            return;
          }
          v1::Calendar calendar;
          calendar.set_id(id);
          *calendar.mutable_observed_at() = WriteTime(at);
          if (fills) {
            calendar.add_starts_s(absl::ToUnixSeconds(at));
            calendar.add_ends_s(absl::ToUnixSeconds(at + absl::Hours(24 * 31)));
          }
          edits->push_back(AddEdit(absl::StrCat(kFacts, "calendars"), EditText(calendar)));
        }));
  }
}

}  // namespace sluice
