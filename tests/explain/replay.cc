#include "tests/explain/replay.h"

#include <algorithm>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "sluice/internal/checked_time.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/record.h"
#include "sluice/snapshot.h"
#include "sluice/testing/edit.h"

namespace sluice {
namespace {

v1::PipelineDecision DecideOver(const Policy& policy, const v1::Inputs& inputs, absl::Time now) {
  std::vector<std::unique_ptr<KnownBadList>> lists;
  LoadOptions options;
  for (const v1::KnownBadList& message : inputs.known_bad()) {
    absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
    if (!list.ok()) continue;
    lists.push_back(std::make_unique<KnownBadList>(*std::move(list)));
    options.known_bad.push_back(lists.back().get());
  }
  const Organisation organisation =
      inputs.has_organisation() ? Organisation::Load(inputs.organisation()) : Organisation();
  const Snapshot snapshot = Snapshot::Load(inputs.state(), organisation, options);
  return ToProto(policy.Decide(snapshot, now));
}

bool IsMove(const HeldArtifact& held, const v1::StageDecision& stage) {
  const auto wants = [&](v1::WantedRecord::Kind kind) {
    return std::any_of(stage.wanted().begin(), stage.wanted().end(),
                       [&](const v1::WantedRecord& wanted) {
                         return wanted.kind() == kind && wanted.artifact() == held.artifact;
                       });
  };
  const bool deploys = stage.action() == v1::StageDecision::DEPLOY;
  const bool ready = stage.action() == v1::StageDecision::READY;
  const bool of_it = stage.artifact() == held.artifact && stage.actions_size() > 0;
  switch (held.move) {
    case Move::kForward:
      return (of_it && (deploys || ready)) || wants(v1::WantedRecord::COMPLETE);
    case Move::kStart:
      return of_it && deploys;
    case Move::kPass:
      return wants(v1::WantedRecord::PASSED);
  }
  return false;
}

// Writes one record that the stage wants and that can be written; false: there is none.
bool WriteOne(const Policy& policy, const v1::StageDecision& stage, absl::Time now, int number,
              v1::PipelineState* state) {
  for (const v1::WantedRecord& wanted : stage.wanted()) {
    v1::Event event;
    event.set_id(absl::StrCat("replayed-", number));
    *event.mutable_at() = WriteTime(now);
    event.set_expected_revision(state->revision());
    event.mutable_recorded()->set_stage(stage.stage());
    *event.mutable_recorded()->mutable_record() = wanted;
    event.mutable_recorded()->set_policy_fingerprint(std::string(policy.fingerprint()));
    if (Apply(event, state).ok()) return true;
  }
  return false;
}

// `message` as it would be reported at `now` instead of `then`: with the one instant for the other.
template <typename Message>
Message ReportedAt(const Message& message, absl::Time then, absl::Time now) {
  if (then == now || absl::ToUnixSeconds(then) == absl::ToUnixSeconds(now)) return message;
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  const auto spelt = [](absl::Time time) {
    return absl::StrCat("seconds: ", absl::ToUnixSeconds(time));
  };
  Message moved;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrReplaceAll(text, {{spelt(then), spelt(now)}}), &moved));
  return moved;
}

}  // namespace

bool MovesWith(const Policy& policy, const v1::Inputs& inputs, absl::Time now,
               const HeldArtifact& held, const std::vector<Change>& changes,
               const std::vector<size_t>& places) {
  v1::Inputs changed = inputs;
  // A part without the later instant is as reported now.
  absl::Time then = now;
  for (const Change& change : changes) {
    if (change.now.has_value()) then = *change.now;
  }
  for (const size_t place : places) {
    if (changes[place].now.has_value()) now = then;
  }
  for (const size_t place : places) {
    const Change& change = changes[place];
    for (const v1::Event& made : change.events) {
      v1::Event event = ReportedAt(made, then, now);
      if (event.has_expected_revision()) event.set_expected_revision(changed.state().revision());
      if (!Apply(event, changed.mutable_state()).ok()) return false;
    }
    for (const v1::Edit& edit : change.edits) {
      if (!ApplyEdit(ReportedAt(edit, then, now), &changed).ok()) return false;
    }
  }
  for (int number = 1; number < 100; ++number) {
    const v1::PipelineDecision decision = DecideOver(policy, changed, now);
    const auto stage =
        std::find_if(decision.stages().begin(), decision.stages().end(),
                     [&](const v1::StageDecision& s) { return s.stage() == held.stage; });
    if (stage == decision.stages().end()) return false;
    if (IsMove(held, *stage)) return true;
    if (!WriteOne(policy, *stage, now, number, changed.mutable_state())) return false;
  }
  return false;
}

std::string FaultOfSet(const Policy& policy, const v1::Inputs& inputs, absl::Time now,
                       const HeldArtifact& held, const ChangeSet& set) {
  const size_t size = set.changes.size();
  std::vector<size_t> all;
  for (size_t i = 0; i < size; ++i) all.push_back(i);
  if (!MovesWith(policy, inputs, now, held, set.changes, all)) return "does not move it";
  if (size <= 6) {
    for (size_t bits = 0; bits + 1 < (size_t{1} << size); ++bits) {
      std::vector<size_t> part;
      for (const size_t i : all) {
        if ((bits >> i & 1) != 0) part.push_back(i);
      }
      if (MovesWith(policy, inputs, now, held, set.changes, part)) {
        return absl::StrCat("a part of ", part.size(), " moves it too");
      }
    }
    return "";
  }
  for (const size_t without : all) {
    std::vector<size_t> part = all;
    part.erase(part.begin() + static_cast<std::ptrdiff_t>(without));
    if (MovesWith(policy, inputs, now, held, set.changes, part)) {
      return absl::StrCat("it is moved without: ", set.changes[without].sentence);
    }
  }
  return "";
}

}  // namespace sluice
