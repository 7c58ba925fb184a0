#ifndef SLUICE_TESTING_BUILD_STATE_H_
#define SLUICE_TESTING_BUILD_STATE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/v1/decision.pb.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/state.pb.h"

// States of pipelines for hosts' tests, in the words of docs/semantics.md:
//
//   using namespace sluice::given;
//   const sluice::v1::PipelineState state =
//       State("checkout", now)
//           .Has(Cell("eu-1").InStage("production").InRegion("eu").Weight(100))
//           .Has(Artifact("build-41").Sequence(41))
//           .Has(Artifact("build-42").Sequence(42).BuiltAt(now - absl::Hours(2)).Passed("build",
//           now)) .Runs("eu-1", "build-41") .Reports(AlarmOk("latency", now - absl::Seconds(30)))
//           .Has(Approval("go").Of("build-42").InStage("production").By("ann", {"release-manager"})
//                    .From(now))
//           .Build();
//
// Artifacts are called by a short name; their digest is `DigestOf` the name, for expectations too.
// What is not said is not there: no cell has a weight, no alarm is OK and nobody approved unless a
// sentence says so. Only what no decision turns into an action is filled in: ids of records.
//
// Every sentence but `Passed` becomes an event, which `Apply` has to take: cells first, then
// artifacts, then all others in the order in which they are said. So a state is one that a host
// could have, and what a pipeline may not do can't be said. Beyond `Apply`'s own refusals it is a
// fault to name a cell or an artifact that the state does not have, to declare one twice, and to
// say what changes nothing, such as a report that is older than another.
// Which stages there are is for the policy to say, so that a stage's name is not checked.
//
// `Build` is for GoogleTest: faults fail the running test, each with its sentence, and the state
// that comes back then is empty, of which nothing is ever released. `TryBuild` returns them.
namespace sluice::given {

// The digest of an artifact of that name: SHA-256 of the name. A digest is its own name.
std::string DigestOf(absl::string_view artifact);

// A cell. `InStage` and `Weight` are required.
class Cell {
 public:
  explicit Cell(absl::string_view id) { cell_.set_id(std::string(id)); }
  Cell& InStage(absl::string_view stage);
  Cell& InRegion(absl::string_view region);
  Cell& InZone(absl::string_view zone);
  Cell& Weight(uint32_t weight);

 private:
  friend class State;
  v1::Cell cell_;
};

// An artifact. `Sequence` is required.
class Artifact {
 public:
  explicit Artifact(absl::string_view name);
  Artifact& Sequence(uint64_t sequence);
  Artifact& BuiltAt(absl::Time time);
  Artifact& CheckedInAt(absl::Time time);
  Artifact& RollBackFloor(uint64_t sequence);
  // Adds an author; without one, who wrote it is not known.
  Artifact& WrittenBy(absl::string_view author);
  // Adds a component to the list, which is complete; without any, what it contains is not known.
  Artifact& Contains(absl::string_view package_url);
  Artifact& ContainsNothing();
  // It has passed the stage; may be said of any stage, whether the stage deploys or not.
  Artifact& Passed(absl::string_view stage, absl::Time at);

 private:
  friend class State;
  std::string name_;
  v1::Artifact artifact_;
  std::vector<std::pair<std::string, absl::Time>> passes_;
};

// What the host's monitoring says of an alarm. It is about everything and began when it was
// observed, the latest instant there can be, unless something else is said.
class AlarmReport {
 public:
  AlarmReport(absl::string_view alarm, v1::AlarmReport::State state, absl::Time observed_at);
  AlarmReport& Since(absl::Time time);
  AlarmReport& OfCell(absl::string_view cell);
  AlarmReport& OfRegion(absl::string_view region);

 private:
  friend class OrganisationFacts;
  friend class State;
  v1::AlarmReport report_;
};
AlarmReport AlarmOk(absl::string_view alarm, absl::Time observed_at);
AlarmReport InAlarm(absl::string_view alarm, absl::Time observed_at);
AlarmReport InsufficientData(absl::string_view alarm, absl::Time observed_at);

// A run of a check of an artifact. It started when it finished unless something else is said, and
// is bound to no stage or cell.
class CheckRun {
 public:
  CheckRun(absl::string_view check, absl::string_view artifact, v1::Check::Outcome outcome,
           absl::Time at);
  CheckRun& StartedAt(absl::Time time);
  CheckRun& InStage(absl::string_view stage);
  // In the stage of the cell.
  CheckRun& OnCell(absl::string_view cell);
  CheckRun& Measured(absl::string_view number, double value);
  // Its identifier; else one of its own.
  CheckRun& Run(absl::string_view id);

 private:
  friend class State;
  std::string artifact_;
  v1::Check check_;
};
CheckRun CheckPassed(absl::string_view check, absl::string_view artifact, absl::Time finished_at);
CheckRun CheckFailed(absl::string_view check, absl::string_view artifact, absl::Time finished_at);
// The check itself broke.
CheckRun CheckBroke(absl::string_view check, absl::string_view artifact, absl::Time finished_at);
CheckRun CheckRunning(absl::string_view check, absl::string_view artifact, absl::Time started_at);

// Data points of a metric, about everything. Reported through the end of its last period unless
// something else is said.
class Series {
 public:
  Series(absl::string_view series, absl::Time start, absl::Duration period);
  // Oldest first; NaN: no data point.
  Series& Values(const std::vector<double>& values);
  Series& ReportedThrough(absl::Time time);
  Series& OfCell(absl::string_view cell);
  Series& OfRegion(absl::string_view region);

 private:
  friend class State;
  v1::Series series_;
  absl::Time end_;
};

// Requests and errors of a stage's cells, period by period. Reported through as a series is.
class Counts {
 public:
  Counts(absl::string_view counts, absl::string_view stage, absl::Time start,
         absl::Duration period);
  // Oldest first, as many of both and of each cell; -1: no data.
  Counts& OfCell(absl::string_view cell, const std::vector<int64_t>& requests,
                 const std::vector<int64_t>& errors);
  Counts& ReportedThrough(absl::Time time);

 private:
  friend class State;
  v1::CellCounts counts_;
  absl::Time start_;
  absl::Duration period_;
  std::string fault_;
};

// An approval. All but `Until` and `UnderPolicy` are required.
class Approval {
 public:
  explicit Approval(absl::string_view blocker) { approval_.set_blocker(std::string(blocker)); }
  Approval& Of(absl::string_view artifact);
  Approval& InStage(absl::string_view stage);
  Approval& By(absl::string_view principal, const std::vector<std::string>& roles);
  Approval& From(absl::Time time);
  Approval& Until(absl::Time time);
  Approval& UnderPolicy(absl::string_view fingerprint);

 private:
  friend class State;
  std::string artifact_;
  v1::Approval approval_;
};

// An override of blockers, or of triggers of a roll back. All but the last two are required.
class Override {
 public:
  explicit Override(const std::vector<std::string>& blockers);
  Override& Of(absl::string_view artifact);
  Override& InStages(const std::vector<std::string>& stages);
  Override& By(absl::string_view principal, const std::vector<std::string>& roles);
  Override& Because(absl::string_view reason);
  Override& From(absl::Time time);
  Override& Until(absl::Time time);
  // Every blocker of the policy with this fingerprint.
  Override& AllBlockersOf(absl::string_view policy_fingerprint);
  Override& KeepsDespite(absl::string_view trigger);

 private:
  friend class State;
  std::string artifact_;
  v1::Override override_;
};

// A stop placed by a person. All but `Until` are required.
class Hold {
 public:
  // The state's own pipeline.
  static Hold OfPipeline();
  static Hold OfStage(absl::string_view stage);
  static Hold OfCell(absl::string_view cell);
  // The next two are for organisation facts.
  static Hold OfOrganisation();
  static Hold OfPipeline(absl::string_view pipeline);
  Hold& By(absl::string_view person);
  Hold& Because(absl::string_view why);
  Hold& From(absl::Time time);
  Hold& Until(absl::Time time);

 private:
  friend class OrganisationFacts;
  friend class State;
  v1::Hold hold_;
};

// The brake on roll back in a stage. All are required.
class RollBackHold {
 public:
  explicit RollBackHold(absl::string_view stage) { hold_.set_stage(std::string(stage)); }
  RollBackHold& By(absl::string_view person);
  RollBackHold& Because(absl::string_view why);
  RollBackHold& From(absl::Time time);
  RollBackHold& Until(absl::Time time);

 private:
  friend class State;
  v1::RollBackHold hold_;
};

// What a person asks for. `InStage`, `By` and `From` are required; `Until` to start and to preempt,
// `Because` for the other two.
class Request {
 public:
  static Request ToStart(absl::string_view artifact);
  static Request ToPreemptWith(absl::string_view artifact);
  static Request ToRollBack(absl::string_view artifact);
  static Request ToRetry(absl::string_view artifact);
  Request& InStage(absl::string_view stage);
  // To start: that wave alone.
  Request& OfWave(absl::string_view wave);
  // To roll back: adds a cell; without one all. To retry: the deployment to the cell.
  Request& OnCell(absl::string_view cell);
  Request& Attempt(uint32_t attempt);
  Request& By(absl::string_view person);
  Request& Because(absl::string_view why);
  Request& From(absl::Time time);
  Request& Until(absl::Time time);

 private:
  friend class State;
  enum class Kind : uint8_t { kUnknown = 0, kStart, kPreempt, kRollBack, kRetry };
  Request(Kind kind, absl::string_view artifact);

  Kind kind_ = Kind::kUnknown;
  std::string artifact_;
  std::string stage_;
  std::string wave_;
  std::vector<std::string> cells_;
  uint32_t attempt_ = 0;
  std::string who_;
  std::string why_;
  absl::Time from_ = absl::InfinitePast();
  absl::Time until_ = absl::InfinitePast();
};

// A wave of a rollout's plan.
struct Wave {
  std::string id;
  std::vector<std::string> cells;
};

// Builds a v1::PipelineState. Each function says one sentence; see the top of the file.
class State {
 public:
  // Written at that instant, or when the latest of what is said happened.
  State(absl::string_view pipeline, absl::Time written_at);

  // The digest of the policy in whose name records are kept; else one of no policy at all.
  State& UnderPolicy(absl::string_view fingerprint);

  // ---- What there is.
  State& Has(const Cell& cell);
  State& Has(const Artifact& artifact);
  State& Has(const Approval& approval);
  State& Has(const Override& override);
  State& Has(const Hold& hold);
  State& Has(const RollBackHold& hold);
  State& Retired(absl::string_view cell, absl::string_view who, absl::string_view why,
                 absl::Time at);
  State& Withdrew(absl::string_view artifact, absl::string_view who, absl::string_view why,
                  absl::Time at);
  State& HasSeen(absl::string_view list, uint64_t epoch);

  // ---- What cells are on. The first: adopted, proven there by a person's word; at the instant of
  // the state unless another is given.
  State& Runs(absl::string_view cell, absl::string_view artifact);
  State& Runs(absl::string_view cell, absl::string_view artifact, absl::Time since);
  // The plan of the rollout of the artifact, which the first deployment of it in the stage begins.
  State& RollsOut(absl::string_view artifact, absl::string_view stage, std::vector<Wave> plan);
  State& IsDeploying(absl::string_view cell, absl::string_view artifact, absl::Time started_at);
  State& Deployed(absl::string_view cell, absl::string_view artifact, absl::Time started_at,
                  absl::Time ended_at);
  State& FailedToDeploy(absl::string_view cell, absl::string_view artifact, absl::Time started_at,
                        absl::Time ended_at);
  // The cell was proven on it, or accepted by a person.
  State& Proved(absl::string_view cell, absl::string_view artifact, absl::Time at);
  State& Accepted(absl::string_view cell, absl::string_view who,
                  const std::vector<std::string>& roles, absl::string_view why, absl::Time at);
  // The wave of the running rollout was proven, where it has criteria of its own.
  State& ProvedWave(absl::string_view stage, absl::string_view artifact, absl::string_view wave,
                    absl::Time at);
  State& Completed(absl::string_view stage, absl::string_view artifact, absl::Time at);

  // ---- What was reported.
  State& Reports(const AlarmReport& alarm);
  State& Reports(const CheckRun& check);
  State& Reports(const Series& series);
  State& Reports(const Counts& counts);
  State& Reports(const v1::Baseline& baseline);
  State& Reports(const v1::Environment& environment);
  State& Reports(const v1::Measurement& measurement);
  State& Reports(const v1::SyntheticRuns& runs);
  State& Reports(const v1::TrafficSample& sample);

  // ---- What was asked for.
  State& Requests(const Request& request);

  // Any other event, in its place. Its id, its instant (then the state's) and `expected_revision`
  // are filled in where they are not set.
  State& Happened(v1::Event event);

  // The state, or InvalidArgument with every fault on a line of its own. May be called again.
  absl::StatusOr<v1::PipelineState> TryBuild() const;
  // The state; fails the running test if there is a fault.
  v1::PipelineState Build() const;

 private:
  struct Pass {
    std::string artifact;
    std::string stage;
    absl::Time at;
  };
  struct Plan {
    std::string artifact;
    std::string stage;
    std::vector<Wave> waves;
  };

  // Fills in the kind of the event, and what of it differs from a fact that was reported. What was
  // said and what the events before it left is there to be read.
  using Write =
      std::function<void(const State& said, const v1::PipelineState& state, v1::Event* event)>;

  struct Sentence {
    std::string said;  // Such as `Runs("eu-1", "build-41")`.
    std::vector<std::string> artifacts;
    std::vector<std::string> cells;
    absl::Time at;
    Write write;
    std::string fault;
  };

  State& Say(Sentence sentence);
  std::vector<std::string> Undeclared(const Sentence& sentence) const;
  // Adds the event of the sentence to the state; else what is wrong with it.
  std::vector<std::string> Tell(const Sentence& sentence, int number,
                                v1::PipelineState* state) const;
  State& Record(std::string said, v1::WantedRecord::Kind kind, absl::string_view stage,
                absl::string_view cell, absl::string_view artifact, absl::string_view wave,
                absl::Time at);
  State& Start(std::string said, absl::string_view cell, absl::string_view artifact, absl::Time at);
  State& End(std::string said, absl::string_view cell, absl::string_view artifact,
             v1::Deployment::Outcome outcome, absl::Time at);
  std::string NextId(absl::string_view kind);
  // Null: no plan of it was said.
  const std::vector<Wave>* PlanOf(absl::string_view artifact, absl::string_view stage) const;

  std::string pipeline_;
  absl::Time written_at_;
  std::string policy_fingerprint_;
  int ids_ = 0;
  std::vector<Sentence> cells_;  // Those that declare them; so are the next.
  std::vector<Sentence> artifacts_;
  std::vector<Sentence> others_;
  std::vector<Pass> passes_;
  std::vector<Plan> plans_;
};

// Builds v1::OrganisationFacts of epoch 1. Whether there is an emergency stop is said by one of two
// sentences, or else not known.
class OrganisationFacts {
 public:
  OrganisationFacts(absl::string_view id, absl::Time observed_at);
  OrganisationFacts& Epoch(uint64_t epoch);
  OrganisationFacts& IsNotStopped(absl::Time observed_at);
  OrganisationFacts& IsStopped(absl::string_view who, absl::string_view why,
                               absl::Time observed_at);
  OrganisationFacts& Has(const Hold& hold);
  OrganisationFacts& HasCalendar(absl::string_view id, absl::Time observed_at,
                                 const std::vector<std::pair<absl::Time, absl::Time>>& intervals);
  OrganisationFacts& Reports(const AlarmReport& alarm);

  // As of State.
  absl::StatusOr<v1::OrganisationFacts> TryBuild() const;
  v1::OrganisationFacts Build() const;

 private:
  v1::OrganisationFacts facts_;
  std::vector<std::string> faults_;
};

}  // namespace sluice::given

#endif  // SLUICE_TESTING_BUILD_STATE_H_
