// Damages the bytes of what a decision reads, and looks at what is decided then.

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/strict_wire.h"
#include "sluice/internal/unknown_fields.h"
#include "sluice/policy.h"
#include "sluice/record.h"
#include "sluice/v1/testing.pb.h"
#include "tests/conformance/outcome.h"
#include "tests/properties/world.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kMutants = 10'000;   // Of each example.
constexpr int kHorizonEvery = 50;  // Accepted mutants for one whose horizon is looked at.
constexpr int kInstants = 40;      // Looked at in search of a held and of a deploying one.
constexpr absl::Duration kTick = absl::Nanoseconds(1);

using Random = std::mt19937_64;

size_t Below(size_t end, Random* random) { return static_cast<size_t>((*random)() % end); }

// One change of a few bytes. Never of an empty text.
void Damage(Random* random, std::string* bytes) {
  const size_t at = Below(bytes->size(), random);
  const size_t length = 1 + Below(std::min<size_t>(bytes->size() - at, 40), random);
  switch (Below(7, random)) {
    case 0:
    case 1:
      (*bytes)[at] = static_cast<char>((*bytes)[at] ^ (1 << Below(8, random)));
      return;
    case 2:
      (*bytes)[at] = static_cast<char>(Below(256, random));
      return;
    case 3:
      bytes->resize(at);
      return;
    case 4:
      bytes->erase(at, length);
      return;
    case 5:
      bytes->insert(Below(bytes->size(), random), bytes->substr(at, length));
      return;
    default:
      bytes->insert(at, 1, static_cast<char>(Below(256, random)));
      return;
  }
}

std::string Damaged(const std::string& bytes, Random* random) {
  std::string damaged = bytes;
  for (size_t n = 1 + Below(3, random) / 2; n > 0 && !damaged.empty(); --n) {
    Damage(random, &damaged);
  }
  return damaged;
}

// Takes away what no decision reads: what people write for each other, and the hosts' own data.
void ClearProse(Message* message) {
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->name() == "annotations" || field->name() == "description") {
      reflection.ClearField(message, field);
    } else if (field->is_map() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (!field->is_repeated()) {
      ClearProse(reflection.MutableMessage(message, field));
    } else {
      for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
        ClearProse(reflection.MutableRepeatedMessage(message, field, i));
      }
    }
  }
}

// Whether two messages differ in more than prose and order.
template <typename M>
bool DiffersInSubstance(M a, M b) {
  ClearProse(&a);
  ClearProse(&b);
  google::protobuf::util::MessageDifferencer differencer;
  differencer.set_repeated_field_comparison(
      google::protobuf::util::MessageDifferencer::RepeatedFieldComparison::AS_SET);
  return !differencer.Compare(a, b);
}

bool Deploys(const Decision& decision) {
  return std::any_of(decision.stages.begin(), decision.stages.end(),
                     [](const StageDecision& stage) { return stage.action == Action::kDeploy; });
}

bool Holds(const Decision& decision) {
  return std::any_of(decision.stages.begin(), decision.stages.end(),
                     [](const StageDecision& stage) { return stage.action == Action::kHold; });
}

World WorldOf(const v1::Inputs& inputs) {
  return World(inputs.has_organisation() ? &inputs.organisation() : nullptr, inputs.known_bad());
}

struct Counts {
  int64_t mutants = 0;
  int64_t accepted = 0;
  int64_t horizons = 0;
  int64_t held = 0;      // Examples with an instant that deploys nothing,
  int64_t deployed = 0;  // and with one that does.
  int64_t turned = 0;
};

// Of all examples together.
Counts& AllCounts() {
  static Counts* const counts = new Counts;
  return *counts;
}

// One example and its mutants.
class Mutation {
 public:
  Mutation(const v1::Inputs& inputs, uint64_t seed) : inputs_(inputs), random_(seed) {
    kinds_ = {Kind::kPolicy, Kind::kState};
    if (inputs.has_organisation()) kinds_.push_back(Kind::kOrganisation);
    if (inputs.known_bad_size() > 0) kinds_.push_back(Kind::kList);
  }

  void Run() {
    const absl::StatusOr<Policy> policy = Policy::Compile(inputs_.policy());
    ASSERT_TRUE(policy.ok()) << FaultsOf(policy.status()).DebugString();
    const World world = WorldOf(inputs_);
    ASSERT_TRUE(world.status().ok()) << world.status();
    FindInstants(*policy, world.Load(inputs_.state()));
    ASSERT_FALSE(instants_.empty() || ::testing::Test::HasFatalFailure());
    for (int i = 0; i < kMutants; ++i) {
      ++AllCounts().mutants;
      Mutate(kinds_[static_cast<size_t>(i) % kinds_.size()]);
      if (::testing::Test::HasFailure()) return;
    }
  }

 private:
  enum class Kind { kPolicy, kState, kOrganisation, kList };

  struct Instant {
    absl::Time now;
    bool held;  // Deploys nothing.
  };

  // The first instants at which the undamaged inputs hold and deploy; a clock that went back holds.
  void FindInstants(const Policy& policy, const Snapshot& snapshot) {
    const absl::optional<absl::Time> written = ReadTime(inputs_.state().written_at());
    ASSERT_TRUE(written.has_value());
    absl::Time now = *written;
    for (int i = 0; i < kInstants && now != absl::InfiniteFuture(); ++i) {
      const Decision decision = policy.Decide(snapshot, now);
      TakeInstant(decision);
      now = decision.valid_until;
    }
    TakeInstant(policy.Decide(snapshot, *written - absl::Hours(2)));
    if (instants_.empty()) instants_.push_back({*written, true});  // Nothing is there to be held.
    for (const Instant& instant : instants_) {
      ++(instant.held ? AllCounts().held : AllCounts().deployed);
    }
  }

  void TakeInstant(const Decision& decision) {
    const bool deploys = Deploys(decision);
    if (!deploys && !Holds(decision)) return;
    for (const Instant& instant : instants_) {
      if (instant.held != deploys) return;
    }
    instants_.push_back({decision.now, !deploys});
  }

  void Mutate(Kind kind) {
    switch (kind) {
      case Kind::kPolicy:
        return MutatePolicy();
      case Kind::kState:
        return MutateState();
      case Kind::kOrganisation:
        return MutateOrganisation();
      case Kind::kList:
        return MutateList();
    }
  }

  // What `message` becomes when its bytes are damaged; null: nothing that can be read.
  template <typename M>
  std::unique_ptr<M> Mutant(const M& message) {
    std::string bytes;
    if (!message.SerializeToString(&bytes) || bytes.empty()) return nullptr;
    bytes = Damaged(bytes, &random_);
    auto mutant = std::make_unique<M>();
    if (ReadBinary(bytes, mutant.get()).ok()) return mutant;
    EXPECT_EQ(mutant->ByteSizeLong(), 0u);
    return nullptr;
  }

  void MutatePolicy() {
    const auto mutant = Mutant(inputs_.policy());
    if (mutant == nullptr) return;
    v1::Inputs inputs = inputs_;
    *inputs.mutable_policy() = *mutant;
    if (!Judge(inputs)) return;
    EXPECT_FALSE(HasUnknownFields(*mutant));
    EXPECT_TRUE(DiffersInSubstance(*mutant, inputs_.policy())) << mutant->DebugString();
  }

  void MutateState() {
    const auto mutant = Mutant(inputs_.state());
    if (mutant == nullptr) return;
    v1::Inputs inputs = inputs_;
    *inputs.mutable_state() = *mutant;
    if (!Judge(inputs)) return;
    EXPECT_TRUE(mutant->GetReflection()->GetUnknownFields(*mutant).empty());
    EXPECT_TRUE(DiffersInSubstance(*mutant, inputs_.state())) << mutant->DebugString();
  }

  void MutateOrganisation() {
    const auto mutant = Mutant(inputs_.organisation());
    if (mutant == nullptr) return;
    v1::Inputs inputs = inputs_;
    *inputs.mutable_organisation() = *mutant;
    if (!Judge(inputs)) return;
    EXPECT_TRUE(mutant->GetReflection()->GetUnknownFields(*mutant).empty());
    EXPECT_TRUE(DiffersInSubstance(*mutant, inputs_.organisation())) << mutant->DebugString();
  }

  void MutateList() {
    const int i = static_cast<int>(Below(static_cast<size_t>(inputs_.known_bad_size()), &random_));
    const auto mutant = Mutant(inputs_.known_bad(i));
    if (mutant == nullptr) return;
    v1::Inputs inputs = inputs_;
    *inputs.mutable_known_bad(i) = *mutant;
    if (!Judge(inputs)) return;
    EXPECT_FALSE(HasUnknownFields(*mutant));
    EXPECT_TRUE(DiffersInSubstance(*mutant, inputs_.known_bad(i))) << mutant->DebugString();
  }

  // Decides over `inputs`, if they are accepted. True: where the undamaged ones hold, something is
  // deployed now.
  bool Judge(const v1::Inputs& inputs) {
    const absl::StatusOr<Policy> policy = Policy::Compile(inputs.policy());
    if (!policy.ok()) {
      EXPECT_GT(FaultsOf(policy.status()).faults_size(), 0);
      return false;
    }
    const World world = WorldOf(inputs);
    if (!world.status().ok()) {
      EXPECT_GT(FaultsOf(world.status()).faults_size(), 0);
      return false;
    }
    const bool horizon = ++AllCounts().accepted % kHorizonEvery == 0;
    const Snapshot snapshot = world.Load(inputs.state());
    bool turned = false;
    for (const Instant& instant : instants_) {
      const Decision decision = policy->Decide(snapshot, instant.now);
      if (horizon) CheckHorizon(*policy, snapshot, decision);
      if (!instant.held || !Deploys(decision)) continue;
      turned = true;
      CheckReadAgain(inputs, instant.now, OutcomeOf(decision));
    }
    if (turned) ++AllCounts().turned;
    return turned;
  }

  static void CheckHorizon(const Policy& policy, const Snapshot& snapshot,
                           const Decision& decision) {
    ++AllCounts().horizons;
    const absl::Time end = decision.valid_until;
    if (end == absl::InfiniteFuture()) return;
    ASSERT_GT(end, decision.now);
    const std::string outcome = OutcomeOf(decision);
    EXPECT_EQ(OutcomeOf(policy.Decide(snapshot, end - kTick)), outcome) << end;
    EXPECT_NE(OutcomeOf(policy.Decide(snapshot, end)), outcome) << end;
  }

  // Written down and read again the inputs give the same outcome: it does not come from how their
  // bytes are put.
  static void CheckReadAgain(const v1::Inputs& inputs, absl::Time now, const std::string& outcome) {
    v1::Inputs again;
    ASSERT_TRUE(ReadBinary(inputs.SerializeAsString(), &again).ok());
    const absl::StatusOr<Policy> policy = Policy::Compile(again.policy());
    ASSERT_TRUE(policy.ok()) << policy.status();
    const World world = WorldOf(again);
    EXPECT_EQ(OutcomeOf(policy->Decide(world.Load(again.state()), now)), outcome);
  }

  const v1::Inputs& inputs_;
  Random random_;
  std::vector<Kind> kinds_;
  std::vector<Instant> instants_;
};

class MutationTest : public ::testing::Test {
 public:
  MutationTest(const v1::Inputs* inputs, uint64_t seed) : inputs_(inputs), seed_(seed) {}

  void TestBody() override { Mutation(*inputs_, seed_).Run(); }

 private:
  const v1::Inputs* inputs_;
  const uint64_t seed_;
};

void Register(const std::string& name, const v1::Inputs& inputs) {
  static auto* const all = new std::vector<std::unique_ptr<const v1::Inputs>>;
  all->push_back(std::make_unique<const v1::Inputs>(inputs));
  const v1::Inputs* const kept = all->back().get();
  static uint64_t seed = 0;
  const uint64_t own = ++seed;
  ::testing::RegisterTest(
      "mutation", name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
      [kept, own]() -> ::testing::Test* { return new MutationTest(kept, own); });
}

// Applies what happens at a story's first moment.
absl::Status Begin(const v1::TestCase& story, v1::PipelineState* state) {
  if (story.moments().empty()) return absl::InvalidArgumentError("a story without a moment");
  for (v1::Event event : story.moments(0).events()) {
    event.set_id(absl::StrCat("event-", state->applied_events_size()));
    *event.mutable_at() = story.moments(0).now();
    event.set_expected_revision(state->revision());
    const absl::Status status = Apply(event, state);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Adds a file to the example that its folder is.
absl::Status ReadExampleFile(const std::string& file, absl::string_view name, v1::Inputs* inputs,
                             v1::TestCase* story) {
  if (name == "policy.textproto") return ReadFile(file, inputs->mutable_policy());
  if (name == "state.textproto") return ReadFile(file, inputs->mutable_state());
  if (name == "organisation.textproto") return ReadFile(file, inputs->mutable_organisation());
  if (name == "known_bad.textproto") return ReadFile(file, inputs->add_known_bad());
  if (absl::StartsWith(name, "events")) return ReadFile(file, story);
  return absl::InvalidArgumentError(absl::StrCat("what is ", file, "?"));
}

absl::Status RegisterSuite(const std::string& file, const std::string& name) {
  v1::TestSuite suite;
  const absl::Status status = ReadFile(file, &suite);
  if (!status.ok()) return status;
  if (suite.has_base()) Register(absl::StrCat(name, "/base"), suite.base());
  for (const v1::NamedInputs& base : suite.bases()) {
    Register(absl::StrCat(name, "/", base.name()), base.inputs());
  }
  return absl::OkStatus();
}

struct ExampleFiles {
  v1::Inputs inputs;
  v1::TestCase story;
};

absl::Status RegisterAll(const std::vector<std::string>& files) {
  std::map<std::string, ExampleFiles> examples;
  for (const std::string& file : files) {
    const size_t slash = file.rfind('/');
    if (slash == std::string::npos) return absl::InvalidArgumentError(file);
    const std::string folder = file.substr(0, slash);
    const std::string name = file.substr(slash + 1);
    absl::Status status;
    if (absl::StrContains(folder, "docs/examples/")) {
      ExampleFiles& example = examples[folder.substr(folder.rfind('/') + 1)];
      status = ReadExampleFile(file, name, &example.inputs, &example.story);
    } else {
      status = RegisterSuite(file, name.substr(0, name.find('.')));
    }
    if (!status.ok()) return status;
  }
  for (auto& [name, example] : examples) {
    if (example.story.moments_size() > 0) {
      const absl::Status status = Begin(example.story, example.inputs.mutable_state());
      if (!status.ok()) return status;
    }
    Register(name, example.inputs);
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace sluice

// Arguments: suites of cases, whose bases are taken, and files of examples.
int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const absl::Status status = sluice::RegisterAll(std::vector<std::string>(argv + 1, argv + argc));
  if (!status.ok() || argc < 2) {
    std::cerr << status << "\n";
    return 1;
  }
  const int result = RUN_ALL_TESTS();
  const sluice::Counts& counts = sluice::AllCounts();
  std::cout << counts.held << " instants that hold, " << counts.deployed << " that deploy, "
            << counts.mutants << " mutants, " << counts.accepted << " accepted, " << counts.horizons
            << " horizons, " << counts.turned << " turned from HOLD to DEPLOY\n";
  return result;
}
