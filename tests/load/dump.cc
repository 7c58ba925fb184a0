#include "tests/load/dump.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/calendar/stretch.h"
#include "sluice/facts.h"
#include "sluice/finding.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad.h"
#include "sluice/known_bad/component.h"
#include "sluice/load/distinct_records.h"

namespace sluice {
namespace {

std::string Show(absl::string_view text) { return absl::CHexEscape(text); }
std::string Show(const std::string& text) { return absl::CHexEscape(text); }
std::string Show(const char* text) { return text; }
std::string Show(bool value) { return value ? "true" : "false"; }
std::string Show(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*S", time, absl::UTCTimeZone());
}
std::string Show(absl::Duration duration) { return absl::FormatDuration(duration); }
std::string Show(const Digest& digest) { return FormatDigest(digest); }
std::string Show(Reason reason) { return v1::Reason_Name(reason); }
std::string Show(int value) { return absl::StrCat(value); }
std::string Show(uint8_t value) { return absl::StrCat(static_cast<int>(value)); }
std::string Show(uint32_t value) { return absl::StrCat(value); }
std::string Show(int64_t value) { return absl::StrCat(value); }
std::string Show(uint64_t value) { return absl::StrCat(value); }
std::string Show(double value) { return absl::StrCat(value); }
std::string Show(const Component& component);
std::string Show(const WaveFacts& wave);

template <typename List>
std::string ShowList(const List& list) {
  std::string out = "(";
  for (const auto& element : list) absl::StrAppend(&out, Show(element), ",");
  return absl::StrCat(out, ")");
}

template <typename... Parts>
std::string Line(const Parts&... parts) {
  return absl::StrCat(absl::StrJoin(std::vector<std::string>{Show(parts)...}, "|"), "\n");
}

std::string Show(const Component& component) {
  return absl::StrCat(static_cast<int>(component.url_is), " ", component.url.Canonical(), " ",
                      ShowList(component.digests));
}

std::string Show(const WaveFacts& wave) {
  return absl::StrCat(wave.id, ShowList(wave.cells), ShowList(wave.weights), Show(wave.proven));
}

std::string Show(const SignalKey& key) {
  return absl::StrCat(key.id, "/", key.cell, "/", key.region);
}

std::string Show(const std::pair<absl::string_view, absl::string_view>& key) {
  return absl::StrCat(key.first, "/", key.second);
}

// The elements of a hash map by the text of their keys.
template <typename Map>
auto Sorted(const Map& map) {
  std::map<std::string, typename Map::mapped_type> sorted;
  for (const auto& [key, value] : map) sorted.emplace(Show(key), value);
  return sorted;
}

std::string DumpHolds(const std::vector<HoldFacts>& holds) {
  std::string out;
  for (const HoldFacts& h : holds) {
    out += Line("hold", h.id, h.finding_id, static_cast<int>(h.scope), h.pipeline, h.stage, h.cell,
                h.who, h.placed_at, h.ends_at, h.fault);
  }
  return out;
}

template <typename Map>
std::string DumpAlarms(const Map& alarms) {
  std::string out;
  for (const auto& [key, a] : Sorted(alarms)) {
    out += Line("alarm", key, static_cast<int>(a.state), a.since, a.observed_at, a.last_alarm_at,
                a.history_from, a.fault);
  }
  return out;
}

std::string DumpStage(const StageFacts& stage) {
  std::string out = Line("stage", stage.id, ShowList(stage.entries));
  for (const RolloutFacts& r : stage.rollouts) {
    out += Line("rollout", r.number, r.artifact, static_cast<int>(r.state), ShowList(r.waves),
                r.started_at, r.completed_at, ShowList(r.roll_back_cells));
  }
  for (const DeploymentFacts& d : stage.deployments) {
    out += Line("deployment", d.number, d.cell, d.artifact, static_cast<int>(d.direction),
                d.attempt, d.rollout, d.started_at, d.ended_at, static_cast<int>(d.outcome),
                d.proven, d.accepted, d.fault);
  }
  for (const PassFacts& p : stage.passes) out += Line("pass", p.artifact, p.revoked);
  for (const LatchFacts& l : stage.latches) {
    out += Line("latch", l.artifact, l.released, l.released_number);
  }
  for (const RequestFacts& r : stage.start_requests) {
    out += Line("start", r.artifact, r.wave, r.who, r.requested_at, r.expires_at);
  }
  for (const RequestFacts& r : stage.preempt_requests) {
    out += Line("preempt", r.artifact, r.wave, r.who, r.requested_at, r.expires_at);
  }
  for (const RollBackRequestFacts& r : stage.roll_back_requests) {
    out += Line("roll back", r.id, r.artifact, ShowList(r.cells), r.requested_at, r.honoured_by);
  }
  for (const RetryFacts& r : stage.retry_requests) {
    out += Line("retry", r.artifact, r.cell, r.attempt, r.number);
  }
  return out;
}

std::string DumpSignals(const SnapshotData& data) {
  std::string out = DumpAlarms(data.alarms);
  for (const auto& [key, s] : Sorted(data.series)) {
    out += Line("series", key, s.view.start, s.view.period, ShowList(s.view.values),
                s.view.reported_through, s.fault);
  }
  for (const auto& [key, c] : Sorted(data.counts)) {
    std::string rows;
    for (const auto& [cell, row] : Sorted(c.cells)) absl::StrAppend(&rows, cell, ":", row, " ");
    out += Line("counts", key, c.start, c.period, c.reported_through, uint64_t{c.periods}, rows,
                ShowList(c.requests), ShowList(c.errors), c.fault);
  }
  for (const auto& [key, b] : Sorted(data.baselines)) {
    out += Line("baseline", key, b.artifact, b.requests, b.errors, b.observed_at, b.fault);
  }
  for (const MeasurementFacts& m : data.measurements) {
    out += Line("measurement", m.measurement, m.artifact, m.cell, m.run, m.measured_at,
                static_cast<int>(m.outcome), m.last, m.fault);
  }
  for (const auto& [key, s] : Sorted(data.synthetic)) {
    out += Line("synthetic", key, ShowList(s.finished_at), ShowList(s.succeeded), s.fault);
  }
  for (const auto& [key, e] : Sorted(data.environments)) {
    out += Line("environment", key, e.observed_at, RecordContent(*e.record), e.fault);
  }
  for (const auto& [key, t] : Sorted(data.traffic)) {
    out += Line("traffic", key, t.observed_at, RecordContent(*t.record), t.fault);
  }
  return out;
}

std::string DumpPeople(const SnapshotData& data) {
  std::string out;
  for (const ApprovalFacts& a : data.approvals) {
    out += Line("approval", a.id, a.blocker, a.artifact, a.stage, a.principal, ShowList(a.roles),
                a.granted_at, a.expires_at, a.policy_fingerprint, a.fault);
  }
  for (const OverrideFacts& o : data.overrides) {
    out += Line("override", o.id, ShowList(o.blockers), o.all_blockers, o.policy_fingerprint,
                o.artifact, ShowList(o.stages), o.principal, ShowList(o.roles), o.granted_at,
                o.expires_at, o.ends_at, ShowList(o.keep_despite), o.fault);
  }
  for (const RollBackHoldFacts& h : data.roll_back_holds) {
    out += Line("roll back hold", h.id, h.finding_id, h.stage, h.who, h.placed_at, h.expires_at,
                h.ends_at, h.fault);
  }
  return out + DumpHolds(data.holds);
}

// Collects what carries a fault.
class FaultList {
 public:
  template <typename... Parts>
  void Add(Reason fault, const Parts&... scope) {
    if (fault == v1::ALL_CLEAR) return;
    faults_.push_back(absl::StrCat(v1::Reason_Name(fault), " ",
                                   absl::StrJoin(std::vector<std::string>{Show(scope)...}, " ")));
  }

  std::vector<std::string> Sorted() {
    std::sort(faults_.begin(), faults_.end());
    return faults_;
  }

 private:
  std::vector<std::string> faults_;
};

}  // namespace

std::string Dump(const OrganisationData& data) {
  std::string out = Line("organisation", data.present, data.id, data.epoch, data.observed_at,
                         static_cast<int>(data.emergency), data.emergency_observed_at, data.fault) +
                    DumpHolds(data.holds) + DumpAlarms(data.alarms);
  for (const auto& [id, calendar] : Sorted(data.calendars)) {
    out += Line("calendar", id, calendar.observed_at);
    for (const Stretch& s : calendar.stretches) {
      out += Line("stretch", s.begin.second, s.end.second);
    }
  }
  return out;
}

std::string Dump(const SnapshotData& data) {
  std::string out = Line("pipeline", data.pipeline, data.revision, data.written_at, data.refusal,
                         data.fault, data.fault_subject);
  for (const ArtifactFacts& a : data.artifacts) {
    out +=
        Line("artifact", a.digest_text, a.digest, a.sequence, a.built_at, a.rollback_floor,
             ShowList(a.authors), a.has_components, ShowList(a.components), a.withdrawn, a.fault);
  }
  for (const CellFacts& c : data.cells) {
    out += Line("cell", c.id, c.stage, c.region, c.zone, c.weight, c.retired, c.fault);
  }
  for (const StageFacts& stage : data.stages) out += DumpStage(stage);
  for (const CheckRun& c : data.checks) {
    out += Line("check", c.artifact, c.check, c.stage, c.cell, c.run, c.started_at, c.finished_at,
                static_cast<int>(c.outcome), RecordContent(*c.record), c.fault);
  }
  out += DumpSignals(data) + DumpPeople(data);
  for (const auto& [list, epoch] : Sorted(data.lists_seen)) out += Line("seen", list, epoch);
  for (const KnownBadList* list : data.known_bad) out += Line("list", list->id(), list->epoch());
  return out + Dump(*data.organisation);
}

std::vector<std::string> Faults(const SnapshotData& data) {
  FaultList faults;
  faults.Add(data.refusal, "refusal");
  faults.Add(data.fault, "pipeline", data.fault_subject);
  for (const ArtifactFacts& a : data.artifacts)
    faults.Add(a.fault, "artifact", a.digest_text.substr(7, 1));
  for (const CellFacts& c : data.cells) faults.Add(c.fault, "cell", c.id);
  for (const StageFacts& stage : data.stages) {
    for (const DeploymentFacts& d : stage.deployments) {
      faults.Add(d.fault, "deployment", stage.id, d.cell, d.number);
    }
  }
  for (const CheckRun& c : data.checks) faults.Add(c.fault, "check", c.check, c.run);
  for (const auto& [key, a] : Sorted(data.alarms)) faults.Add(a.fault, "alarm", key);
  for (const auto& [key, s] : Sorted(data.series)) faults.Add(s.fault, "series", key);
  for (const auto& [key, c] : Sorted(data.counts)) faults.Add(c.fault, "counts", key);
  for (const auto& [key, b] : Sorted(data.baselines)) faults.Add(b.fault, "baseline", key);
  for (const MeasurementFacts& m : data.measurements) {
    faults.Add(m.fault, "measurement", m.measurement, m.run);
  }
  for (const auto& [key, s] : Sorted(data.synthetic)) faults.Add(s.fault, "synthetic", key);
  for (const auto& [key, e] : Sorted(data.environments)) faults.Add(e.fault, "environment", key);
  for (const auto& [key, t] : Sorted(data.traffic)) faults.Add(t.fault, "traffic", key);
  for (const ApprovalFacts& a : data.approvals) faults.Add(a.fault, "approval", a.id);
  for (const OverrideFacts& o : data.overrides) faults.Add(o.fault, "override", o.id);
  for (const HoldFacts& h : data.holds) faults.Add(h.fault, "hold", h.id);
  for (const RollBackHoldFacts& h : data.roll_back_holds)
    faults.Add(h.fault, "roll_back_hold", h.id);
  return faults.Sorted();
}

std::vector<std::string> Faults(const OrganisationData& data) {
  FaultList faults;
  faults.Add(data.fault, "organisation");
  for (const HoldFacts& h : data.holds) faults.Add(h.fault, "hold", h.id);
  for (const auto& [key, a] : Sorted(data.alarms)) faults.Add(a.fault, "alarm", key);
  return faults.Sorted();
}

}  // namespace sluice
