#ifndef SLUICE_TESTS_ROLLOUT_WALK_H_
#define SLUICE_TESTS_ROLLOUT_WALK_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "sluice/policy.h"
#include "tests/rollout/checker.h"
#include "tests/rollout/draw.h"
#include "tests/rollout/host.h"
#include "tests/rollout/outside.h"
#include "tests/rollout/scenario.h"

namespace sluice {

struct WalkOptions {
  ScenarioOptions scenario;
  int steps = 120;  // Of trouble, before everything is healed.
  bool clock_steps = true;
  bool compact = true;
  bool two_hosts = true;
};

// One pipeline through trouble, then through none.
class Walk {
 public:
  Walk(uint64_t seed, const WalkOptions& options);

  // Builds, people, reports, clocks and hosts at random.
  void Trouble();
  // One step of it.
  void Stumble();
  // Everything is healthy and people do what is asked of them: the newest artifact gets everywhere.
  void Heal();

  bool ok() const { return failure_.empty(); }
  // What went wrong and what came before.
  std::string Report() const;

  Ledger& ledger() { return ledger_; }
  const Policy& policy() const { return *shared_.policy; }
  Outside& outside() { return outside_; }
  const Checker& checker() const { return checker_; }
  absl::Time clock() const { return real_ + skew_; }
  // Instead of compacting now and then by itself.
  std::function<void()> on_step;

 private:
  void Adopt();
  void Note(const std::string& line);
  void Fail(const std::string& why);
  void Check();
  bool Write(v1::Event event);
  void Deliver();
  void Advance();
  void RunHosts();
  void Meddle();
  void MeddleWithRollout(const v1::Stage& rule);
  void MeddleWithCells(const v1::Stage& rule);
  void MeddleWithArtifacts(const v1::Stage& rule);
  void MeddleWithStops(const v1::Stage& rule);
  void BuildSome();
  void Edit();
  void CompactNow();
  void UsePolicy(const v1::PipelinePolicy& policy);
  void Recover();
  void MakeRoom();
  void Help(const StageView& view, const std::string& newest);
  void AdoptNewCells(const std::string& stage, const v1::StageRecord& record);
  void Approve(const std::string& artifact);
  bool IsEverywhere(const std::string& artifact) const;
  const v1::StageRecord* RecordOf(const std::string& stage) const;
  std::vector<std::string> LiveCells(const std::string& stage) const;
  std::string AnyArtifact();

  const WalkOptions options_;
  Draw draw_;
  Scenario scenario_;
  v1::PipelinePolicy policy_message_;
  Ledger ledger_;
  Outside outside_;
  Checker checker_;
  Shared shared_;
  std::vector<std::unique_ptr<Host>> hosts_;
  absl::Time real_;
  absl::Duration skew_;
  std::vector<v1::Event> late_;  // Reports that come later, or again.
  std::vector<v1::Event> lost_;
  std::deque<std::string> trace_;
  std::string failure_;
  int step_ = 0;
  int request_ = 0;
};

}  // namespace sluice

#endif  // SLUICE_TESTS_ROLLOUT_WALK_H_
