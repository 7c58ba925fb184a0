// How long a decision takes, and what belongs to it: loading a state, compiling a policy, admitting
// an action, writing the answer down, running cases that test a policy. Measured on the production
// stage of docs/examples/region-waves in the middle of a rollout; how, and what it gave, is in
// README.md.
//
//   decide_benchmark [flags of Google Benchmark] POLICY INPUTS LIST
//
// with the textprotos of a sluice.v1.PipelinePolicy, of sluice.v1.Inputs with state and
// organisation, and of a sluice.v1.KnownBadList. Each row first sees that it gets the answer that
// it is meant to measure; the exit status is 1 if one does not.

#include <cstdint>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "benchmarks/allocations.h"
#include "google/protobuf/message.h"
#include "sluice/decision.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/reader.h"
#include "sluice/snapshot.h"
#include "sluice/testing/test_suite.h"
#include "sluice/v1/decision.pb.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"
#include "sluice/v1/testing.pb.h"

namespace sluice {
namespace {

// What the production stage is to do: deploy the second wave, which is one cell.
constexpr char kStage[] = "production";
constexpr char kWave[] = "first-region";
constexpr char kCell[] = "eu-west";

struct Messages {
  v1::PipelinePolicy policy;
  v1::Inputs inputs;
  v1::KnownBadList list;
};

// Everything that a decision reads.
struct World {
  // Keeps references to `messages`.
  World(const Messages& messages, Policy whole, Policy alone, KnownBadList bad)
      : messages(messages),
        policy(std::move(whole)),
        production(std::move(alone)),
        list(std::move(bad)),
        organisation(Organisation::Load(messages.inputs.organisation())),
        options{{&list}, 0},
        snapshot(Snapshot::Load(messages.inputs.state(), organisation, options)),
        state_bytes(messages.inputs.state().SerializeAsString()),
        now(absl::FromUnixSeconds(messages.inputs.state().written_at().seconds())) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  const Messages& messages;
  const Policy policy;
  const Policy production;  // The same policy with that stage alone.
  const KnownBadList list;
  const Organisation organisation;
  const LoadOptions options;
  const Snapshot snapshot;
  const std::string state_bytes;
  const absl::Time now;
};

const World* world = nullptr;  // Set by main before anything is measured.
bool failed = false;           // Whether a row did not get its answer.

// Nothing if the production stage deploys the second wave, else what it does.
std::string WrongWith(const Decision& decision) {
  const StageDecision* stage = decision.Stage(kStage);
  if (stage == nullptr) return "no production stage";
  if (stage->action != Action::kDeploy || stage->actions.size() != 1) {
    return absl::StrCat(ActionName(stage->action), " of ", stage->actions.size(), " cells");
  }
  const CellAction& action = stage->actions[0];
  if (action.cell != kCell || action.wave != kWave || action.roll_back) {
    return absl::StrCat("another cell: ", action.cell);
  }
  return "";
}

// Whether nothing is wrong; else gives the row up.
bool Expect(benchmark::State& state, const std::string& wrong) {
  if (wrong.empty()) return true;
  failed = true;
  state.SkipWithError(wrong.c_str());
  return false;
}

// Calls `measured` once an iteration, and reports how often it allocated.
template <typename Measured>
void Measure(benchmark::State& state, const Measured& measured) {
  const int64_t before = Allocations();
  for (auto _ : state) measured();
  const int64_t made = Allocations() - before;
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(made), benchmark::Counter::kAvgIterations);
}

void DecideReused(benchmark::State& state, const Policy& policy, const Snapshot& snapshot) {
  Decision decision;
  policy.Decide(snapshot, world->now, &decision);
  if (!Expect(state, WrongWith(decision))) return;
  Measure(state, [&] {
    policy.Decide(snapshot, world->now, &decision);
    benchmark::DoNotOptimize(decision.stages.data());
    benchmark::ClobberMemory();
  });
  Expect(state, WrongWith(decision));
}

// Four stages into an object that is used again.
void Decide(benchmark::State& state) { DecideReused(state, world->policy, world->snapshot); }
BENCHMARK(Decide);

// A policy of the production stage alone.
void DecideProduction(benchmark::State& state) {
  DecideReused(state, world->production, world->snapshot);
}
BENCHMARK(DecideProduction);

// Four stages into a new object each time.
void DecideFresh(benchmark::State& state) {
  if (!Expect(state, WrongWith(world->policy.Decide(world->snapshot, world->now)))) return;
  Measure(state, [&] {
    const sluice::Decision decision = world->policy.Decide(world->snapshot, world->now);
    benchmark::DoNotOptimize(decision.stages.data());
  });
}
BENCHMARK(DecideFresh);

// As Decide, the artifact having that many components more and the list ten times as many entries.
void DecideComponents(benchmark::State& state) {
  const int64_t components = state.range(0);
  v1::PipelineState state_message = world->messages.inputs.state();
  v1::KnownBadList list_message = world->messages.list;
  for (v1::Artifact& artifact : *state_message.mutable_artifacts()) {
    if (!artifact.has_components()) continue;
    v1::ComponentList* list = artifact.mutable_components();
    for (int64_t i = 0; i < components; ++i) {
      list->add_components()->set_package_url(absl::StrCat("pkg:npm/used-", i, "@1.2.3"));
    }
    list->set_count(static_cast<uint32_t>(list->components_size()));
  }
  for (int64_t i = 0; i < 10 * components; ++i) {
    v1::KnownBadEntry* entry = list_message.add_entries();
    entry->set_id(absl::StrCat("ADV-", i));
    // Every tenth names a component's package, in another version.
    entry->add_package_urls(
        absl::StrCat("pkg:npm/", i % 10 == 0 ? "used-" : "other-", i / 10, "@1.2.", 4 + i));
  }
  list_message.set_entry_count(static_cast<uint64_t>(list_message.entries_size()));
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(list_message);
  if (!Expect(state, std::string(list.status().message()))) return;
  LoadOptions options;
  options.known_bad = {&*list};
  const Snapshot snapshot = Snapshot::Load(state_message, world->organisation, options);
  DecideReused(state, world->policy, snapshot);
}
BENCHMARK(DecideComponents)->Arg(100)->Arg(1000);

// Asks whether the deployment still stands, as hosts do just before they make it.
void Admit(benchmark::State& state) {
  const sluice::Decision decision = world->policy.Decide(world->snapshot, world->now);
  if (!Expect(state, WrongWith(decision))) return;
  const StageDecision& stage = *decision.Stage(kStage);
  const std::string id = IdOf(decision, stage, stage.actions[0]);
  const auto admitted = [&](const std::string& asked) {
    return world->policy.Admit(asked, world->snapshot, world->now);
  };
  if (!Expect(state, admitted(id) ? "" : "not admitted")) return;
  if (!Expect(state, admitted(id + "0") ? "admits anything" : "")) return;
  Measure(state, [&] {
    bool stands = admitted(id);
    benchmark::DoNotOptimize(stands);
  });
}
BENCHMARK(Admit);

// The decision as a message, with ids and sentences.
void WriteDecision(benchmark::State& state) {
  const sluice::Decision decision = world->policy.Decide(world->snapshot, world->now);
  if (!Expect(state, WrongWith(decision))) return;
  const v1::PipelineDecision message = ToProto(decision);
  const bool deploys = message.stages_size() == 4 &&
                       message.stages(3).action() == v1::StageDecision::DEPLOY &&
                       message.stages(3).actions(0).cell() == kCell;
  if (!Expect(state, deploys ? "" : "another message")) return;
  Measure(state, [&] { benchmark::DoNotOptimize(ToProto(decision)); });
}
BENCHMARK(WriteDecision);

void LoadSnapshot(benchmark::State& state) {
  const auto load = [] {
    return Snapshot::Load(world->messages.inputs.state(), world->organisation, world->options);
  };
  if (!Expect(state, WrongWith(world->policy.Decide(load(), world->now)))) return;
  Measure(state, [&] { benchmark::DoNotOptimize(load()); });
}
BENCHMARK(LoadSnapshot);

// Time zones come from the cache that Abseil keeps of them, but for the first time.
void CompilePolicy(benchmark::State& state) {
  const absl::StatusOr<Policy> policy = Policy::Compile(world->messages.policy);
  if (!Expect(state, std::string(policy.status().message()))) return;
  if (!Expect(state, WrongWith(policy->Decide(world->snapshot, world->now)))) return;
  Measure(state, [&] { benchmark::DoNotOptimize(Policy::Compile(world->messages.policy)); });
}
BENCHMARK(CompilePolicy);

// Nothing if a decision over a state that was read is the same.
std::string WrongWithState(const v1::PipelineState& message) {
  return WrongWith(world->policy.Decide(
      Snapshot::Load(message, world->organisation, world->options), world->now));
}

// The yardstick: what the protobuf library takes to parse the state that is decided over.
void ParseState(benchmark::State& state) {
  v1::PipelineState message;
  const bool parsed = message.ParseFromString(world->state_bytes);
  if (!Expect(state, parsed ? WrongWithState(message) : "not parsed")) return;
  Measure(state, [&] {
    v1::PipelineState read;
    bool ok = read.ParseFromString(world->state_bytes);
    benchmark::DoNotOptimize(ok);
  });
  state.counters["bytes"] = static_cast<double>(world->state_bytes.size());
}
BENCHMARK(ParseState);

// The same with the reader that refuses what ordinary parsing changes in silence.
void ReadState(benchmark::State& state) {
  v1::PipelineState message;
  const absl::Status status = ReadMessage(world->state_bytes, Format::kBinary, &message);
  if (!Expect(state, status.ok() ? WrongWithState(message) : std::string(status.message()))) return;
  Measure(state, [&] {
    v1::PipelineState read;
    bool ok = ReadMessage(world->state_bytes, Format::kBinary, &read).ok();
    benchmark::DoNotOptimize(ok);
  });
}
BENCHMARK(ReadState);

// A suite of as many cases, each of which expects the answer at the same instant; `edit` of the
// i-th, if it is not null, is made first.
v1::TestSuite SuiteOf(int cases, v1::Edit (*edit)(int)) {
  v1::TestSuite suite;
  *suite.mutable_base() = world->messages.inputs;
  *suite.mutable_base()->mutable_policy() = world->messages.policy;
  *suite.mutable_base()->add_known_bad() = world->messages.list;
  for (int i = 0; i < cases; ++i) {
    v1::TestCase* test = suite.add_cases();
    test->set_name(absl::StrCat("case ", i));
    if (edit != nullptr) *test->add_edits() = edit(i);
    v1::Moment* moment = test->add_moments();
    moment->mutable_now()->set_seconds(absl::ToUnixSeconds(world->now));
    v1::Expectation* expect = moment->add_expect();
    expect->set_stage(kStage);
    expect->set_action(v1::StageDecision::DEPLOY);
    expect->add_cells(kCell);
  }
  return suite;
}

// Nothing if all cases of the suite pass, prepared anew.
std::string WrongWithSuite(const v1::TestSuite& suite) {
  const absl::StatusOr<SuiteRunner> runner = SuiteRunner::Prepare(suite);
  if (!runner.ok()) return std::string(runner.status().message());
  for (int i = 0; i < suite.cases_size(); ++i) {
    if (runner->RunCase(i).outcome != CaseResult::Outcome::kPassed) return "a case did not pass";
  }
  return "";
}

// A hundred cases, one after the other, as `sluice test --jobs 1` runs them.
void RunSuite(benchmark::State& state, v1::Edit (*edit)(int)) {
  constexpr int kCases = 100;
  const v1::TestSuite suite = SuiteOf(kCases, edit);
  if (!Expect(state, WrongWithSuite(suite))) return;
  Measure(state, [&] { benchmark::DoNotOptimize(WrongWithSuite(suite)); });
  state.SetItemsProcessed(kCases * static_cast<int64_t>(state.iterations()));
}

void TestCases(benchmark::State& state) { RunSuite(state, nullptr); }
BENCHMARK(TestCases);

// Each case copies the state and changes it.
void TestCasesEditState(benchmark::State& state) {
  RunSuite(state, [](int i) {
    v1::Edit edit;
    edit.set_path("state.artifacts[0].version");
    edit.set_set(absl::StrCat("\"", i, "\""));
    return edit;
  });
}
BENCHMARK(TestCasesEditState);

// Each case has a policy of its own, which is compiled for it.
void TestCasesEditPolicy(benchmark::State& state) {
  RunSuite(state, [](int i) {
    v1::Edit edit;
    edit.set_path("policy.description");
    edit.set_set(absl::StrCat("\"", i, "\""));
    return edit;
  });
}
BENCHMARK(TestCasesEditPolicy);

absl::Status ReadFile(const char* name, google::protobuf::Message* message) {
  std::ifstream file(name);
  if (!file.is_open()) return absl::NotFoundError(name);
  std::stringstream text;
  text << file.rdbuf();
  return ReadMessage(text.str(), Format::kTextproto, message);
}

// The policy without its other stages.
v1::PipelinePolicy ProductionAlone(v1::PipelinePolicy policy) {
  for (int i = policy.stages_size() - 1; i >= 0; --i) {
    if (policy.stages(i).id() != kStage) policy.mutable_stages()->DeleteSubrange(i, 1);
  }
  return policy;
}

// The world of these files, kept to the end of the program. Its instant is when the state was
// written.
absl::StatusOr<const World*> MakeWorld(char** files) {
  auto* const messages = new Messages;
  absl::Status status = ReadFile(files[0], &messages->policy);
  status.Update(ReadFile(files[1], &messages->inputs));
  status.Update(ReadFile(files[2], &messages->list));
  if (!status.ok()) return status;
  absl::StatusOr<Policy> policy = Policy::Compile(messages->policy);
  if (!policy.ok()) return policy.status();
  absl::StatusOr<Policy> production = Policy::Compile(ProductionAlone(messages->policy));
  if (!production.ok()) return production.status();
  absl::StatusOr<KnownBadList> list = KnownBadList::Build(messages->list);
  if (!list.ok()) return list.status();
  return new World(*messages, *std::move(policy), *std::move(production), *std::move(list));
}

}  // namespace

// Exit status: 0; 1 if a row did not get its answer; 2 if there is nothing to measure with.
int Main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 4) {
    std::cerr << "usage: decide_benchmark [flag...] POLICY INPUTS LIST\n";
    return 2;
  }
  const absl::StatusOr<const World*> made = MakeWorld(argv + 1);
  if (!made.ok()) {
    std::cerr << made.status() << "\n";
    return 2;
  }
  world = *made;
  benchmark::RunSpecifiedBenchmarks();
  return failed ? 1 : 0;
}

}  // namespace sluice

int main(int argc, char** argv) { return sluice::Main(argc, argv); }
