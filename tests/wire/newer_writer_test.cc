// What a newer program wrote never makes this one move anything forward that it would not have
// moved [I1, I2, I3], but for what follows from others being held.
//
// Campaigns: `bazel run //tests/wire:newer_writer_test -- --cases=100 --seed=5000`.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "sluice/internal/field_errors.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/schema_version.h"
#include "sluice/snapshot.h"
#include "sluice/v1/testing.pb.h"
#include "tests/differential/generated_case.h"
#include "tests/properties/world.h"
#include "tests/rollout/arguments.h"
#include "tests/rollout/draw.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

uint64_t cases = 10;
uint64_t first_seed = 1;

constexpr int kNewNumber = 9999;  // Of a field and of an enumerator.

// ---------------------------------------------------------------- Places

// A message inside another one.
struct Place {
  std::string path;  // Such as `state.stages[0].rollouts[1]`.
  Message* message;
};

// `message` and all that is in it, entries of maps not: there an unknown field can't be written
// down in a form that the strict reader takes.
void ListPlaces(const std::string& path, Message* message, std::vector<Place>* places) {
  places->push_back({path, message});
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_map()) continue;
    const std::string inner = absl::StrCat(path, ".", field->name());
    if (!field->is_repeated()) {
      ListPlaces(inner, reflection.MutableMessage(message, field), places);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      ListPlaces(absl::StrCat(inner, "[", i, "]"),
                 reflection.MutableRepeatedMessage(message, field, i), places);
    }
  }
}

// Fields of `message` that hold or could hold an enumerator; of a oneof only the one that is set.
std::vector<const FieldDescriptor*> EnumFields(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) continue;
    const bool is_set = field->is_repeated() || message.GetReflection()->HasField(message, field) ||
                        field->real_containing_oneof() == nullptr;
    if (is_set) fields.push_back(field);
  }
  return fields;
}

// What each place of `message` would be like if a newer program had written it: once with a field
// more, and once for each field with an enumerator more. `path` is that of `message`; the changed
// message was written down and read again.
template <typename M>
void ForEachNewer(
    const std::string& path, const M& message,
    const std::function<void(const std::string& path, const std::string& what, const M&)>& visit) {
  M changed = message;
  std::vector<Place> places;
  ListPlaces(path, &changed, &places);
  int count = 0;
  const auto read_and_visit = [&](const Place& place, const std::string& what) {
    M read;
    const absl::Status status = ReadMessage(changed.SerializeAsString(), Format::kBinary, &read);
    ASSERT_TRUE(status.ok()) << status;
    visit(place.path, absl::StrCat(place.path, " with ", what), read);
  };
  for (const Place& place : places) {
    const Reflection& reflection = *place.message->GetReflection();
    if (++count % 2 == 0) {
      reflection.MutableUnknownFields(place.message)->AddVarint(kNewNumber, 1);
    } else {
      reflection.MutableUnknownFields(place.message)->AddLengthDelimited(kNewNumber, "new");
    }
    read_and_visit(place, "a new field");
    reflection.MutableUnknownFields(place.message)->Clear();
    for (const FieldDescriptor* field : EnumFields(*place.message)) {
      const std::unique_ptr<Message> before(place.message->New());
      before->CopyFrom(*place.message);
      if (field->is_repeated()) {
        reflection.AddEnumValue(place.message, field, kNewNumber);
      } else {
        reflection.SetEnumValue(place.message, field, kNewNumber);
      }
      read_and_visit(place, absl::StrCat("a new ", field->name()));
      // Only the field: the places inside the message stay where they are.
      if (field->is_repeated()) {
        reflection.RemoveLast(place.message, field);
      } else if (before->GetReflection()->HasField(*before, field)) {
        reflection.SetEnumValue(place.message, field,
                                before->GetReflection()->GetEnumValue(*before, field));
      } else {
        reflection.ClearField(place.message, field);
      }
    }
  }
}

// ---------------------------------------------------------------- Decisions

// A forward action that a decision makes, or would once a person asks for it.
struct Forward {
  std::string stage;
  std::string cell;
  std::string artifact;
  bool ready = false;
};

std::string Key(const Forward& forward) {
  return absl::StrCat(forward.stage, " ", forward.cell, " ", forward.artifact);
}

std::vector<Forward> ForwardOf(const Decision& decision) {
  std::vector<Forward> all;
  for (const StageDecision& stage : decision.stages) {
    if (stage.action != Action::kDeploy && stage.action != Action::kReady) continue;
    for (const CellAction& action : stage.actions) {
      all.push_back({std::string(stage.stage), std::string(action.cell),
                     std::string(action.artifact), stage.action == Action::kReady});
    }
  }
  return all;
}

// The policy without limits on how many cells move at once: with them, what holds one cell makes
// room for another [R2].
v1::PipelinePolicy Uncapped(v1::PipelinePolicy policy) {
  policy.mutable_no_pipeline_cap();
  for (v1::Stage& stage : *policy.mutable_stages()) {
    if (!stage.has_rollout()) continue;
    v1::BlastRadius* radius = stage.mutable_rollout()->mutable_blast_radius();
    radius->mutable_no_stage_cap();
    radius->mutable_no_group_cap();
    radius->set_max_parallel(1000);
  }
  return policy;
}

// Inputs that deploy something, and when.
struct Case {
  v1::Inputs inputs;
  Policy policy;
  absl::Time now;
  std::vector<Forward> forward;
  std::map<std::string, std::string> before;  // The artifact that each stage is about.
};

// Nothing: a list is refused, so the host has nothing to decide by.
absl::optional<std::vector<Forward>> Decided(const Case& of, const v1::Inputs& inputs,
                                             std::map<std::string, std::string>* before = nullptr) {
  const World world(inputs.has_organisation() ? &inputs.organisation() : nullptr,
                    inputs.known_bad());
  if (!world.status().ok()) return absl::nullopt;
  const Snapshot snapshot = world.Load(inputs.state());
  const Decision decision = of.policy.Decide(snapshot, of.now);
  for (const StageDecision& stage : decision.stages) {
    if (before == nullptr) break;
    (*before)[std::string(stage.stage)] = std::string(stage.artifact);
  }
  return ForwardOf(decision);
}

uint64_t SequenceOf(const Case& of, const std::string& digest) {
  for (const v1::Artifact& artifact : of.inputs.state().artifacts()) {
    if (artifact.digest() == digest) return artifact.sequence();
  }
  return 0;
}

// What follows from others being held: a newer artifact may take the place of one that is held now.
bool Follows(const Case& of, const Forward& forward) {
  const auto before = of.before.find(forward.stage);
  if (before == of.before.end()) return false;
  const std::string& artifact = before->second;
  return !artifact.empty() && SequenceOf(of, forward.artifact) > SequenceOf(of, artifact);
}

absl::optional<Case> CaseOf(uint64_t seed) {
  Draw draw(seed);
  absl::optional<GeneratedPolicy> generated = GeneratePolicy(&draw);
  if (!generated.has_value()) return absl::nullopt;
  const GeneratedCase inputs = GenerateCase(*generated, 3, &draw);
  const v1::PipelinePolicy message = Uncapped(generated->message);
  absl::StatusOr<Policy> policy = Policy::Compile(message);
  if (!policy.ok()) return absl::nullopt;
  Case found{inputs.inputs, *std::move(policy), {}, {}, {}};
  *found.inputs.mutable_policy() = message;
  for (const absl::Time now : inputs.nows) {
    found.now = now;
    found.forward = Decided(found, found.inputs, &found.before).value_or(std::vector<Forward>());
    if (!found.forward.empty()) return found;
  }
  return absl::nullopt;
}

// All cases, made once.
const std::vector<Case>& Cases() {
  static const auto* const all = [] {
    auto* const made = new std::vector<Case>;
    for (uint64_t seed = first_seed; made->size() < cases; ++seed) {
      absl::optional<Case> one = CaseOf(seed);
      if (one.has_value()) made->push_back(*std::move(one));
    }
    return made;
  }();
  return *all;
}

std::string Added(const Case& of, const std::vector<Forward>& after) {
  std::set<std::string> deployed;
  std::set<std::string> known;
  for (const Forward& forward : of.forward) {
    known.insert(Key(forward));
    if (!forward.ready) deployed.insert(Key(forward));
  }
  std::string added;
  for (const Forward& forward : after) {
    const std::set<std::string>& allowed = forward.ready ? known : deployed;
    if (allowed.count(Key(forward)) == 0 && !Follows(of, forward))
      absl::StrAppend(&added, Key(forward), "\n");
  }
  return added;
}

TEST(NewerWriterTest, APolicyDoesNotCompile) {
  int changes = 0;
  for (size_t i = 0; i < Cases().size(); i += 3) {  // Compiling takes longer than deciding.
    ForEachNewer<v1::PipelinePolicy>(
        "policy", Cases()[i].inputs.policy(),
        [&](const std::string&, const std::string& what, const v1::PipelinePolicy& policy) {
          ++changes;
          const absl::StatusOr<Policy> compiled = Policy::Compile(policy);
          ASSERT_FALSE(compiled.ok()) << what;
          EXPECT_GT(FaultsOf(compiled.status()).faults_size(), 0) << what;
        });
  }
  std::cout << changes << " policies\n";
  EXPECT_GT(changes, 0);
}

TEST(NewerWriterTest, AStateAddsNothing) {
  int changes = 0;
  int held = 0;
  for (const Case& of : Cases()) {
    v1::Inputs inputs = of.inputs;
    ForEachNewer<v1::PipelineState>(
        "state", of.inputs.state(),
        [&](const std::string&, const std::string& what, const v1::PipelineState& state) {
          ++changes;
          *inputs.mutable_state() = state;
          const auto after = Decided(of, inputs);
          ASSERT_TRUE(after.has_value());
          if (after->size() < of.forward.size()) ++held;
          EXPECT_EQ(Added(of, *after), "") << what;
        });
  }
  std::cout << changes << " states, of which " << held << " move less forward\n";
  EXPECT_GT(held, 0);
}

// ---------------------------------------------------------------- Scopes

// One repeated field on the way to a place: `artifacts` and 2 in `state.artifacts[2].built_at`.
struct Step {
  std::string field;
  int index = 0;
};

std::vector<Step> StepsOf(const std::string& path) {
  std::vector<Step> steps;
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    const std::pair<absl::string_view, absl::string_view> halves = absl::StrSplit(part, '[');
    if (halves.second.empty()) continue;
    Step step;
    step.field = std::string(halves.first);
    EXPECT_TRUE(absl::SimpleAtoi(halves.second.substr(0, halves.second.size() - 1), &step.index));
    steps.push_back(std::move(step));
  }
  return steps;
}

// What is decided if that record was never there.
std::vector<Forward> WithoutRecord(const Case& of, const Step& record) {
  v1::Inputs inputs = of.inputs;
  v1::PipelineState* state = inputs.mutable_state();
  state->clear_record_count();
  const Reflection& reflection = *state->GetReflection();
  const FieldDescriptor* field = state->GetDescriptor()->FindFieldByName(record.field);
  const int last = reflection.FieldSize(*state, field) - 1;
  for (int i = record.index; i < last; ++i) reflection.SwapElements(state, field, i, i + 1);
  reflection.RemoveLast(state, field);
  return Decided(of, inputs).value_or(std::vector<Forward>());
}

std::string Keys(const std::vector<Forward>& all) {
  std::string keys;
  for (const Forward& forward : all) absl::StrAppend(&keys, Key(forward), "\n");
  return keys;
}

using Scope = std::function<bool(const Forward&)>;

// What must not move forward while the record at `path` is INVALID [I2]; null: the record is read
// by leaves, which say for themselves what they hold.
Scope ScopeOf(const Case& of, const std::string& path) {
  const Scope everything = [](const Forward&) { return true; };
  const auto on_cell = [](const std::string& cell) {
    return [cell](const Forward& forward) { return forward.cell == cell; };
  };
  const std::vector<Step> steps = StepsOf(path);
  if (steps.empty()) return everything;
  const v1::PipelineState& state = of.inputs.state();
  const Step& first = steps[0];
  if (first.field == "artifacts") {
    const std::string digest = state.artifacts(first.index).digest();
    return [digest](const Forward& forward) { return forward.artifact == digest; };
  }
  if (first.field == "cells") return on_cell(state.cells(first.index).id());
  if (first.field == "withdrawals" || first.field == "lists_seen") return everything;
  if (first.field == "approvals" || first.field == "overrides") {
    std::set<std::string> allowed;
    for (const Forward& forward : WithoutRecord(of, first)) allowed.insert(Key(forward));
    return [&of, allowed](const Forward& forward) {
      return allowed.count(Key(forward)) == 0 && !Follows(of, forward);
    };
  }
  if (first.field != "stages") return nullptr;
  if (steps.size() < 2 || steps[1].field != "deployments") return everything;
  return on_cell(state.stages(first.index).deployments(steps[1].index).cell());
}

TEST(NewerWriterTest, AStateHoldsInItsScope) {
  std::map<std::string, int> held;  // Changes that stop something, by the record they are in.
  for (const Case& of : Cases()) {
    v1::Inputs inputs = of.inputs;
    ForEachNewer<v1::PipelineState>(
        "state", of.inputs.state(),
        [&](const std::string& path, const std::string& what, const v1::PipelineState& state) {
          const Scope scope = ScopeOf(of, path);
          if (scope == nullptr) return;
          if (std::any_of(of.forward.begin(), of.forward.end(), scope)) {
            const std::vector<Step> steps = StepsOf(path);
            ++held[steps.empty() ? "state" : steps[std::min<size_t>(1, steps.size() - 1)].field];
          }
          *inputs.mutable_state() = state;
          const auto after = Decided(of, inputs);
          ASSERT_TRUE(after.has_value());
          std::string moved;
          for (const Forward& forward : *after) {
            if (scope(forward)) absl::StrAppend(&moved, Key(forward), "\n");
          }
          EXPECT_EQ(moved, "") << what;
        });
  }
  for (const char* field :
       {"state", "stages", "artifacts", "cells", "deployments", "rollouts", "passes"}) {
    EXPECT_GT(held[field], 0) << field;
  }
}

TEST(NewerWriterTest, ANewerSchemaMovesNothing) {
  for (const Case& of : Cases()) {
    v1::Inputs inputs = of.inputs;
    inputs.mutable_state()->set_schema_version(kSchemaVersion + 1);
    EXPECT_EQ(Keys(Decided(of, inputs).value_or(of.forward)), "");
    if (!inputs.has_organisation() || !inputs.policy().has_emergency_stop()) continue;
    inputs = of.inputs;
    inputs.mutable_organisation()->set_schema_version(kSchemaVersion + 1);
    EXPECT_EQ(Keys(Decided(of, inputs).value_or(of.forward)), "");
  }
}

TEST(NewerWriterTest, OrganisationFactsAddNothing) {
  int changes = 0;
  int held = 0;
  for (const Case& of : Cases()) {
    if (!of.inputs.has_organisation()) continue;
    v1::Inputs inputs = of.inputs;
    ForEachNewer<v1::OrganisationFacts>(
        "organisation", of.inputs.organisation(),
        [&](const std::string&, const std::string& what, const v1::OrganisationFacts& facts) {
          ++changes;
          *inputs.mutable_organisation() = facts;
          const auto after = Decided(of, inputs);
          ASSERT_TRUE(after.has_value());
          if (after->size() < of.forward.size()) ++held;
          EXPECT_EQ(Added(of, *after), "") << what;
        });
  }
  std::cout << changes << " facts, of which " << held << " move less forward\n";
  EXPECT_GT(held, 0);
}

TEST(NewerWriterTest, AListAddsNothing) {
  int changes = 0;
  int refused = 0;
  for (const Case& of : Cases()) {
    for (int i = 0; i < of.inputs.known_bad_size(); ++i) {
      v1::Inputs inputs = of.inputs;
      ForEachNewer<v1::KnownBadList>(
          absl::StrCat("known_bad[", i, "]"), of.inputs.known_bad(i),
          [&](const std::string&, const std::string& what, const v1::KnownBadList& list) {
            ++changes;
            *inputs.mutable_known_bad(i) = list;
            auto after = Decided(of, inputs);
            if (!after.has_value()) {
              ++refused;
              inputs.mutable_known_bad()->DeleteSubrange(i, 1);
              after = Decided(of, inputs);
              inputs = of.inputs;
            }
            EXPECT_EQ(Added(of, *after), "") << what;
          });
    }
  }
  std::cout << changes << " lists, of which " << refused << " are refused\n";
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  sluice::cases = sluice::NumberArgument(argc, argv, "cases", sluice::cases);
  sluice::first_seed = sluice::NumberArgument(argc, argv, "seed", sluice::first_seed);
  return RUN_ALL_TESTS();
}
