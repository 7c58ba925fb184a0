#include "sluice/testing/test_suite.h"

#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "sluice/decision.h"
#include "sluice/explain/sentence.h"
#include "sluice/explain/stage_sentence.h"
#include "sluice/finding.h"
#include "sluice/internal/canonical.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/organisation.h"
#include "sluice/record.h"
#include "sluice/snapshot.h"
#include "sluice/testing/edit.h"

namespace sluice {
namespace {

// ---------------------------------------------------------------- The suite

// The instant of a moment, or nothing if it has none.
absl::optional<absl::Time> NowOf(const v1::Moment& moment) {
  if (!moment.has_now()) return absl::nullopt;
  const absl::optional<absl::Time> time = ReadTime(moment.now());
  if (!time.has_value()) return absl::nullopt;
  return *time + absl::Nanoseconds(moment.nanos());
}

bool IsEmpty(const google::protobuf::Message& message) { return message.ByteSizeLong() == 0; }

// Faults of the elements of a list that say nothing, and so would agree with everything.
template <typename List>
void CheckNotEmpty(const List& list, absl::string_view name, const FieldPath& path,
                   FieldErrors& errors) {
  for (int i = 0; i < list.size(); ++i) {
    if (IsEmpty(list[i])) {
      errors.Add(path.Element(name, i), v1::Fault::MISSING, "asserts nothing: set a field");
    }
  }
}

void CheckExpectation(const v1::Expectation& expectation, const FieldPath& path,
                      FieldErrors& errors) {
  if (expectation.stage().empty()) errors.Missing(path.Field("stage"));
  if (!AssertsSomething(expectation)) {
    errors.Add(path, v1::Fault::MISSING, "asserts nothing of the stage");
  }
  if (expectation.no_cells() && !expectation.cells().empty()) {
    errors.Add(path.Field("no_cells"), v1::Fault::INVALID_VALUE, "contradicts `cells`");
  }
  if (expectation.no_wanted() && !expectation.wanted().empty()) {
    errors.Add(path.Field("no_wanted"), v1::Fault::INVALID_VALUE, "contradicts `wanted`");
  }
  CheckNotEmpty(expectation.findings(), "findings", path, errors);
  CheckNotEmpty(expectation.wanted(), "wanted", path, errors);
  CheckNotEmpty(expectation.passed_over(), "passed_over", path, errors);
  for (int i = 0; i < expectation.absent_size(); ++i) {
    if (expectation.absent(i).empty()) errors.Missing(path.Element("absent", i));
  }
}

void CheckMoment(const v1::Moment& moment, const FieldPath& path, FieldErrors& errors) {
  if (!moment.has_now()) {
    errors.Missing(path.Field("now"));
  } else if (!ReadTime(moment.now()).has_value()) {
    errors.Add(path.Field("now"), v1::Fault::INVALID_VALUE, "is no instant in the years 1 to 9999");
  }
  if (!AssertsSomething(moment) && moment.events().empty()) {
    errors.Add(path, v1::Fault::MISSING, "has neither an event nor an expectation");
  }
  for (int i = 0; i < moment.expect_size(); ++i) {
    CheckExpectation(moment.expect(i), path.Element("expect", i), errors);
  }
  if (moment.has_valid_until() && moment.never_changes()) {
    errors.Add(path.Field("never_changes"), v1::Fault::INVALID_VALUE, "contradicts `valid_until`");
  }
  if (moment.has_valid_until() && !ReadTime(moment.valid_until()).has_value()) {
    errors.Add(path.Field("valid_until"), v1::Fault::INVALID_VALUE,
               "is no instant in the years 1 to 9999");
  }
}

void CheckMoments(const v1::TestCase& test, const FieldPath& path, FieldErrors& errors) {
  absl::optional<absl::Time> before;
  bool asserts = false;
  for (int i = 0; i < test.moments_size(); ++i) {
    const FieldPath moment = path.Element("moments", i);
    CheckMoment(test.moments(i), moment, errors);
    asserts = asserts || AssertsSomething(test.moments(i));
    const absl::optional<absl::Time> now = NowOf(test.moments(i));
    if (!now.has_value()) continue;
    if (before.has_value() && *now < *before) {
      errors.Add(moment.Field("now"), v1::Fault::INVALID_VALUE, "is before the moment before it");
    }
    before = now;
  }
  if (!asserts && !test.moments().empty()) {
    errors.Add(path, v1::Fault::MISSING, "asserts nothing: no moment has an expectation");
  }
}

void CheckCase(const v1::TestCase& test, const absl::flat_hash_set<std::string>& bases,
               const FieldPath& path, FieldErrors& errors) {
  if (!test.base().empty() && !bases.contains(test.base())) {
    errors.Add(path.Field("base"), v1::Fault::INVALID_VALUE,
               absl::StrCat("there is no base `", test.base(), "`"));
  }
  if (test.moments().empty() && test.faults().empty()) {
    errors.Add(path, v1::Fault::MISSING, "asserts nothing: it has neither moments nor faults");
  }
  if (!test.moments().empty() && !test.faults().empty()) {
    errors.Add(path.Field("faults"), v1::Fault::INVALID_VALUE,
               "are expected of a policy that does not compile, which has no moments");
  }
  CheckNotEmpty(test.faults(), "faults", path, errors);
  CheckMoments(test, path, errors);
}

// Missing and repeated names.
class Names {
 public:
  void Take(const std::string& name, const FieldPath& path, FieldErrors& errors) {
    if (name.empty()) {
      errors.Missing(path);
    } else if (!taken_.insert(name).second) {
      errors.Add(path, v1::Fault::DUPLICATE, absl::StrCat("`", name, "` is taken"));
    }
  }

  const absl::flat_hash_set<std::string>& taken() const { return taken_; }

 private:
  absl::flat_hash_set<std::string> taken_;
};

FieldErrors FaultsOfSuite(const v1::TestSuite& suite) {
  FieldErrors errors;
  const FieldPath root;
  Names bases;
  for (int i = 0; i < suite.bases_size(); ++i) {
    bases.Take(suite.bases(i).name(), root.Element("bases", i).Field("name"), errors);
  }
  Names cases;
  for (int i = 0; i < suite.cases_size(); ++i) {
    const FieldPath path = root.Element("cases", i);
    cases.Take(suite.cases(i).name(), path.Field("name"), errors);
    CheckCase(suite.cases(i), bases.taken(), path, errors);
  }
  return errors;
}

// ---------------------------------------------------------------- Explanations

// The children of a combination that are in its way.
void AddChildren(const Finding& finding, int depth, StageExplanation* explanation) {
  for (const Finding& child : finding.evidence.children) {
    if (child.verdict == Verdict::kClear) continue;
    explanation->lines.push_back({'*', depth, ChildSentence(child)});
    AddChildren(child, depth + 1, explanation);
  }
}

char MarkOf(Effect effect) {
  switch (effect) {
    case Effect::kHolds:
      return '!';
    case Effect::kLifted:
      return '~';
    case Effect::kObserved:
      return '?';
    case Effect::kNone:
      return '-';
  }
  return '!';
}

// What the stage does, the findings that do something to it or are in `asked`, and the rest of what
// it says.
StageExplanation Explain(const StageDecision& stage,
                         const absl::flat_hash_set<std::string>& asked) {
  StageExplanation explanation;
  explanation.stage = std::string(stage.stage);
  explanation.lines.push_back({' ', 0, ActionSentence(stage)});
  for (const Effect effect : {Effect::kHolds, Effect::kLifted, Effect::kObserved, Effect::kNone}) {
    for (const Finding& finding : stage.findings) {
      if (finding.effect != effect) continue;
      if (effect == Effect::kNone && !asked.contains(finding.id)) continue;
      explanation.lines.push_back({MarkOf(effect), 1, Sentence(finding)});
      AddChildren(finding, 2, &explanation);
    }
  }
  for (const WantedRecord& wanted : stage.wanted) {
    explanation.lines.push_back({'>', 1, WantedSentence(wanted)});
  }
  for (const PassedOver& passed_over : stage.passed_over) {
    explanation.lines.push_back({'.', 1, PassedOverSentence(passed_over)});
  }
  return explanation;
}

std::vector<StageExplanation> ExplanationOf(const std::vector<Mismatch>& mismatches,
                                            const v1::Moment& moment, const Decision& decision) {
  absl::flat_hash_set<std::string> stages;
  bool all = false;
  for (const Mismatch& mismatch : mismatches) {
    all = all || mismatch.stage.empty();
    stages.insert(mismatch.stage);
  }
  std::vector<StageExplanation> explanation;
  for (const StageDecision& stage : decision.stages) {
    if (!all && !stages.contains(stage.stage)) continue;
    absl::flat_hash_set<std::string> asked;
    for (const v1::Expectation& expected : moment.expect()) {
      if (expected.stage() != stage.stage) continue;
      for (const v1::Finding& finding : expected.findings()) asked.insert(finding.id());
      asked.insert(expected.absent().begin(), expected.absent().end());
    }
    explanation.push_back(Explain(stage, asked));
  }
  return explanation;
}

// ---------------------------------------------------------------- Bases

// Whether an edit of the case is of a part of Inputs, or in it.
bool Edits(const v1::TestCase& test, absl::string_view part) {
  for (const v1::Edit& edit : test.edits()) {
    absl::string_view path = edit.path();
    if (!absl::ConsumePrefix(&path, part)) continue;
    if (path.empty() || path[0] == '.' || path[0] == '[') return true;
  }
  return false;
}

absl::Status BuildLists(const google::protobuf::RepeatedPtrField<v1::KnownBadList>& messages,
                        const FieldPath& path, std::vector<KnownBadList>* lists,
                        FieldErrors& errors) {
  for (int i = 0; i < messages.size(); ++i) {
    absl::StatusOr<KnownBadList> list = KnownBadList::Build(messages[i]);
    if (list.ok()) {
      lists->push_back(*std::move(list));
      continue;
    }
    const v1::Faults faults = FaultsOf(list.status());
    const FieldPath element = path.Element("known_bad", i);
    for (const v1::Fault& fault : faults.faults()) {
      errors.Add(element.Field(fault.path()), fault.kind(), fault.message());
    }
    if (faults.faults().empty()) {
      errors.Add(element, v1::Fault::INVALID_VALUE, list.status().message());
    }
  }
  return errors.ToStatus();
}

// One base, ready to be used by many cases.
struct Base {
  const v1::Inputs* inputs = nullptr;
  std::string path;  // Of `inputs`, such as `bases[1].inputs`.
  Organisation organisation;
  std::vector<KnownBadList> lists;
  std::vector<const KnownBadList*> more_lists;
  std::string policy_key;
  std::unique_ptr<const PolicyCoverage> coverage;  // Null: not asked for.
};

// Equal for equal policies under equal baselines, and only for those.
std::string PolicyKey(const v1::PipelinePolicy& policy, const v1::BaselinePolicy* baseline) {
  const std::string bytes = DeterministicBytes(policy);
  if (baseline == nullptr) return absl::StrCat("-", bytes);
  return absl::StrCat(bytes.size(), ":", bytes, DeterministicBytes(*baseline));
}

// Null: there is none.
const v1::BaselinePolicy* BaselineOf(const v1::Inputs& inputs) {
  return inputs.has_baseline() ? &inputs.baseline() : nullptr;
}

void Prepare(const v1::Inputs& inputs, const FieldPath& path, Base* base, FieldErrors& errors) {
  base->inputs = &inputs;
  base->path = path.ToString();
  if (inputs.has_organisation()) base->organisation = Organisation::Load(inputs.organisation());
  BuildLists(inputs.known_bad(), path, &base->lists, errors).IgnoreError();
  base->policy_key = PolicyKey(inputs.policy(), BaselineOf(inputs));
}

// Policies by their keys, each compiled by whoever asks first.
class Policies {
 public:
  using Compiled = std::shared_ptr<const absl::StatusOr<Policy>>;

  // `baseline` may be null.
  Compiled Get(const std::string& key, const v1::PipelinePolicy& policy,
               const v1::BaselinePolicy* baseline, const CompileOptions& options) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto found = compiled_.find(key);
      if (found != compiled_.end()) return found->second;
    }
    // Two threads may compile the same one at once; they get the same answer.
    auto compiled = std::make_shared<const absl::StatusOr<Policy>>(
        baseline == nullptr ? Policy::Compile(policy, options)
                            : Policy::Compile(*baseline, policy, options));
    const std::lock_guard<std::mutex> lock(mutex_);
    return compiled_.try_emplace(key, std::move(compiled)).first->second;
  }

 private:
  // Not absl::Mutex: where Abseil is a library of the system, ThreadSanitizer does not see that
  // lock.
  std::mutex mutex_;
  absl::flat_hash_map<std::string, Compiled> compiled_;  // Guarded by `mutex_`.
};

}  // namespace

absl::Status CheckSuite(const v1::TestSuite& suite) { return FaultsOfSuite(suite).ToStatus(); }

// ---------------------------------------------------------------- Cases

struct SuiteRunner::Parts {
  const v1::TestSuite* suite = nullptr;
  SuiteOptions options;
  absl::flat_hash_map<std::string, Base> bases;  // By name; the suite's own has none.
  mutable Policies policies;
};

namespace {

// One case while it runs.
class CaseRun {
 public:
  CaseRun(const v1::TestCase& test, int index, const Base& base, const CompileOptions& options,
          Policies& policies)
      : test_(test),
        path_(absl::StrCat("cases[", index, "]")),
        base_(base),
        options_(options),
        policies_(policies) {}

  CaseResult Run() && {
    if (MakeEdits() && CompilePolicy() && LoadFacts()) RunMoments();
    if (!result_.faults.empty()) {
      result_.outcome = CaseResult::Outcome::kBroken;
    } else {
      result_.outcome =
          result_.moments.empty() ? CaseResult::Outcome::kPassed : CaseResult::Outcome::kFailed;
    }
    if (result_.outcome == CaseResult::Outcome::kPassed) {
      result_.shown.assign(shown_.begin(), shown_.end());
    }
    return std::move(result_);
  }

 private:
  bool Break(std::string path, absl::string_view what) {
    result_.faults.push_back({std::move(path), std::string(what)});
    return false;
  }

  // Copies what the edits change, and makes them.
  bool MakeEdits() {
    const v1::Inputs& inputs = *base_.inputs;
    edits_policy_ = Edits(test_, "policy");
    edits_baseline_ = Edits(test_, "baseline");
    edits_state_ = Edits(test_, "state");
    edits_organisation_ = Edits(test_, "organisation");
    edits_lists_ = Edits(test_, "known_bad");
    if (edits_policy_ && inputs.has_policy()) *edited_.mutable_policy() = inputs.policy();
    if (edits_baseline_ && inputs.has_baseline()) *edited_.mutable_baseline() = inputs.baseline();
    if (edits_state_ && inputs.has_state()) *edited_.mutable_state() = inputs.state();
    if (edits_organisation_ && inputs.has_organisation()) {
      *edited_.mutable_organisation() = inputs.organisation();
    }
    if (edits_lists_) *edited_.mutable_known_bad() = inputs.known_bad();
    for (int i = 0; i < test_.edits_size(); ++i) {
      const absl::Status status = ApplyEdit(test_.edits(i), &edited_);
      if (!status.ok()) return Break(absl::StrCat(path_, ".edits[", i, "]"), status.message());
    }
    return true;
  }

  const v1::Inputs& With(bool edited) const { return edited ? edited_ : *base_.inputs; }

  // False if there is nothing more to run.
  bool CompilePolicy() {
    const v1::Inputs& inputs = With(edits_policy_);
    if (!inputs.has_policy()) return Break(path_, "its base has no policy");
    const v1::BaselinePolicy* baseline = BaselineOf(With(edits_baseline_));
    const bool edited = edits_policy_ || edits_baseline_;
    policy_ = policies_.Get(edited ? PolicyKey(inputs.policy(), baseline) : base_.policy_key,
                            inputs.policy(), baseline, options_);
    const v1::Faults faults = FaultsOf(policy_->status());
    if (!test_.faults().empty()) {
      MomentResult result;
      result.mismatches = Disagreements(test_, faults);
      if (!result.mismatches.empty()) result_.moments.push_back(std::move(result));
      return false;
    }
    if (policy_->ok()) return true;
    for (const v1::Fault& fault : faults.faults()) {
      const std::string what =
          absl::StrCat(fault.path(), fault.path().empty() ? "" : ": ", fault.message());
      if (edited) {
        Break(path_, absl::StrCat(edits_policy_ ? "its edited policy: "
                                                : "its policy under the edited baseline: ",
                                  what));
      } else {
        const bool of_baseline = absl::StartsWith(fault.path(), "baseline");
        Break(absl::StrCat(base_.path, of_baseline ? "" : ".policy",
                           fault.path().empty() ? "" : ".", fault.path()),
              fault.message());
      }
    }
    if (faults.faults().empty()) Break(path_, policy_->status().message());
    return false;
  }

  bool LoadFacts() {
    if (!With(edits_state_).has_state()) return Break(path_, "its base has no state");
    state_ = &With(edits_state_).state();
    organisation_ = base_.organisation;
    if (edits_organisation_) {
      organisation_ =
          edited_.has_organisation() ? Organisation::Load(edited_.organisation()) : Organisation();
    }
    if (edits_lists_) {
      FieldErrors errors;
      const absl::Status status =
          BuildLists(edited_.known_bad(), FieldPath(), &edited_lists_, errors);
      if (!status.ok()) {
        return Break(path_, absl::StrCat("its edited lists: ", status.message()));
      }
    }
    for (const KnownBadList& list : edits_lists_ ? edited_lists_ : base_.lists) {
      load_.known_bad.push_back(&list);
    }
    load_.known_bad.insert(load_.known_bad.end(), base_.more_lists.begin(), base_.more_lists.end());
    return true;
  }

  void RunMoments() {
    absl::optional<Snapshot> snapshot;
    for (int i = 0; i < test_.moments_size(); ++i) {
      const v1::Moment& moment = test_.moments(i);
      if (!moment.events().empty()) {
        snapshot.reset();
        if (!ApplyEvents(moment, i)) return;
      }
      if (!AssertsSomething(moment)) continue;
      if (!snapshot.has_value()) snapshot = Snapshot::Load(*state_, organisation_, load_);
      const absl::Time now = *NowOf(moment);
      const Decision decision = (*policy_)->Decide(*snapshot, now);
      MomentResult result;
      result.mismatches = Disagreements(moment, decision);
      if (result.mismatches.empty()) {
        NoteShown(moment, decision);
        continue;
      }
      result.moment = i;
      result.now = now;
      result.explanation = ExplanationOf(result.mismatches, moment, decision);
      result_.moments.push_back(std::move(result));
    }
  }

  void NoteShown(const v1::Moment& moment, const Decision& decision) {
    if (base_.coverage == nullptr || edits_policy_ || edits_baseline_) return;
    const std::vector<int> shown = base_.coverage->ShownBy(moment, decision, *state_);
    shown_.insert(shown.begin(), shown.end());
  }

  // Applies the events of moment `index` to a state of the case's own.
  bool ApplyEvents(const v1::Moment& moment, int index) {
    if (state_ != &own_state_) {
      own_state_ = *state_;
      state_ = &own_state_;
    }
    for (int i = 0; i < moment.events_size(); ++i) {
      const absl::Status status = Apply(moment.events(i), &own_state_);
      if (status.ok()) continue;
      return Break(absl::StrCat(path_, ".moments[", index, "].events[", i, "]"),
                   absl::StrCat("is refused: ", status.message()));
    }
    return true;
  }

  const v1::TestCase& test_;
  const std::string path_;
  const Base& base_;
  const CompileOptions& options_;
  Policies& policies_;

  v1::Inputs edited_;  // The parts that edits change; the others are empty.
  bool edits_policy_ = false;
  bool edits_baseline_ = false;
  bool edits_state_ = false;
  bool edits_organisation_ = false;
  bool edits_lists_ = false;
  Policies::Compiled policy_;
  Organisation organisation_;
  std::vector<KnownBadList> edited_lists_;
  LoadOptions load_;
  v1::PipelineState own_state_;
  const v1::PipelineState* state_ = nullptr;  // The base's, the edited one, or `own_state_`.
  absl::btree_set<int> shown_;                // Points of the base's coverage.
  CaseResult result_;
};

// Files that are named and not read would be facts that are left out in silence.
void CheckFilesAreRead(const v1::TestSuite& suite, FieldErrors& errors) {
  constexpr char kUnread[] = "names a file that has not been read into `base`";
  const FieldPath root;
  if (!suite.policy_file().empty()) {
    errors.Add(root.Field("policy_file"), v1::Fault::INVALID_VALUE, kUnread);
  }
  if (!suite.baseline_file().empty()) {
    errors.Add(root.Field("baseline_file"), v1::Fault::INVALID_VALUE, kUnread);
  }
  if (!suite.state_file().empty()) {
    errors.Add(root.Field("state_file"), v1::Fault::INVALID_VALUE, kUnread);
  }
  if (!suite.organisation_file().empty()) {
    errors.Add(root.Field("organisation_file"), v1::Fault::INVALID_VALUE, kUnread);
  }
  for (int i = 0; i < suite.known_bad_files_size(); ++i) {
    errors.Add(root.Element("known_bad_files", i), v1::Fault::INVALID_VALUE, kUnread);
  }
}

}  // namespace

absl::StatusOr<SuiteRunner> SuiteRunner::Prepare(const v1::TestSuite& suite, SuiteOptions options) {
  FieldErrors errors = FaultsOfSuite(suite);
  CheckFilesAreRead(suite, errors);
  auto parts = std::make_unique<Parts>();
  parts->suite = &suite;
  const FieldPath root;
  Base& own = parts->bases[""];
  ::sluice::Prepare(suite.base(), root.Field("base"), &own, errors);
  own.more_lists = options.known_bad;
  for (int i = 0; i < suite.bases_size(); ++i) {
    const v1::NamedInputs& named = suite.bases(i);
    if (named.name().empty()) continue;
    const FieldPath element = root.Element("bases", i);
    ::sluice::Prepare(named.inputs(), element.Field("inputs"), &parts->bases[named.name()], errors);
  }
  if (!errors.empty()) return errors.ToStatus();
  parts->options = std::move(options);
  if (parts->options.coverage) {
    for (auto& [name, base] : parts->bases) {
      const Policies::Compiled policy = parts->policies.Get(
          base.policy_key, base.inputs->policy(), BaselineOf(*base.inputs), parts->options.compile);
      if (!policy->ok()) continue;
      base.coverage = std::make_unique<const PolicyCoverage>((*policy)->effective());
    }
  }
  return SuiteRunner(std::move(parts));
}

SuiteRunner::SuiteRunner(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
SuiteRunner::SuiteRunner(SuiteRunner&&) noexcept = default;
SuiteRunner& SuiteRunner::operator=(SuiteRunner&&) noexcept = default;
SuiteRunner::~SuiteRunner() = default;

CaseResult SuiteRunner::RunCase(int index) const {
  const v1::TestCase& test = parts_->suite->cases(index);
  return CaseRun(test, index, parts_->bases.at(test.base()), parts_->options.compile,
                 parts_->policies)
      .Run();
}

const PolicyCoverage* SuiteRunner::CoverageOf(const std::string& base) const {
  const auto found = parts_->bases.find(base);
  return found == parts_->bases.end() ? nullptr : found->second.coverage.get();
}

}  // namespace sluice
