#include "sluice/cli/render_eta.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "sluice/cli/render_text.h"
#include "sluice/explain/wording.h"
#include "sluice/leaves.h"

namespace sluice {
namespace {

// Of a stage; the others are no longer.
constexpr size_t kMaxShownWaits = 6;

std::string Because(Reason reason) { return absl::StrCat(" (", v1::Reason_Name(reason), ")"); }

// What is waited for, in the words of docs/eta.md.
std::string Name(const WaitingFor& waiting) {
  absl::string_view id = waiting.id;
  const std::string wave = Quote(waiting.wave);
  if (id == kBakeId) {
    return absl::StrCat("the bake of ", wave,
                        waiting.reason == v1::BAKING ? "" : Because(waiting.reason));
  }
  if (id == kDeploymentId) {
    return absl::StrCat("deployments to ", wave,
                        waiting.reason == v1::DEPLOYING ? "" : Because(waiting.reason));
  }
  if (id == kStartId) return absl::StrCat("a person to start it", Because(waiting.reason));
  if (id == kEmergencyStopId) return absl::StrCat("the emergency stop", Because(waiting.reason));
  if (absl::ConsumePrefix(&id, "@hold:")) {
    return absl::StrCat("the hold ", Quote(id), Because(waiting.reason));
  }
  if (id.empty() && waiting.reason == v1::REASON_UNSPECIFIED) return "room for it";
  if (id.empty()) return absl::StrCat("another artifact", Because(waiting.reason));
  return absl::StrCat(Quote(id), waiting.wave.empty() ? "" : " of ",
                      waiting.wave.empty() ? "" : wave, Because(waiting.reason));
}

// The same as seen from a stage.
std::string NameIn(const WaitingFor& waiting, absl::string_view stage) {
  if (waiting.stage == stage) return Name(waiting);
  return absl::StrCat(Name(waiting), " in ", Quote(waiting.stage));
}

std::string Names(const std::vector<WaitingFor>& waiting, absl::string_view stage) {
  return absl::StrJoin(waiting, ", ", [&](std::string* out, const WaitingFor& one) {
    absl::StrAppend(out, NameIn(one, stage));
  });
}

// `, first cell 2026-11-24T10:00:00Z`, if it is set.
std::string Told(absl::string_view what, const absl::optional<absl::Time>& at) {
  return at.has_value() ? absl::StrCat(", ", what, " ", Instant(*at)) : "";
}

std::string Headline(const StageFuture& stage) {
  if (stage.outcome == StageOutcome::kNothingToCome) {
    return absl::StrCat(stage.stage, ": nothing is on its way");
  }
  std::string text =
      absl::StrCat(stage.stage, ": ", ShortDigest(stage.artifact),
                   Told("first cell", stage.first_cell), Told("complete", stage.complete));
  if (stage.passed != stage.complete) absl::StrAppend(&text, Told("passes", stage.passed));
  if (stage.outcome == StageOutcome::kRollsBack) absl::StrAppend(&text, ", is rolled back");
  if (stage.outcome == StageOutcome::kStops) absl::StrAppend(&text, ", does not pass");
  if (stage.outcome == StageOutcome::kTooFar) {
    absl::StrAppend(&text, ", does not pass within what was looked at");
  }
  return text;
}

std::string RenderStage(const StageFuture& stage) {
  std::string text = Wrap(Headline(stage), "", "  ");
  std::vector<std::string> waits;
  for (const Wait& wait : stage.waits) {
    if (waits.size() == kMaxShownWaits) break;
    waits.push_back(absl::StrCat(RenderDuration(wait.duration), " for ",
                                 NameIn(wait.waiting_for, stage.stage)));
  }
  const size_t left = stage.waits.size() - waits.size();
  if (left > 0) waits.push_back(absl::StrCat("and at most as long for ", Counted(left, "other")));
  if (!waits.empty()) {
    absl::StrAppend(&text, Wrap(absl::StrCat("waits ", absl::StrJoin(waits, ", ")), "  ", "  "));
  }
  if (!stage.stopped_by.empty()) {
    const absl::string_view why =
        stage.outcome == StageOutcome::kRollsBack ? "because of " : "stopped by ";
    absl::StrAppend(&text,
                    Wrap(absl::StrCat(why, Names(stage.stopped_by, stage.stage)), "  ! ", "    "));
  }
  const bool deploys = stage.deployment_time > absl::ZeroDuration();
  if (deploys && !stage.artifact.empty() && !stage.deployment_time_is_stated) {
    absl::StrAppend(&text, Wrap(absl::StrCat("a deployment is taken to need ",
                                             RenderDuration(stage.deployment_time),
                                             "; `deploy.expected_time` would say"),
                                "  - ", "    "));
  }
  return text;
}

// ---------------------------------------------------------------- JSON

// `"name":"text"`. Names, identifiers, digests and instants need no escapes.
std::string Member(absl::string_view name, absl::string_view text) {
  return absl::StrCat("\"", name, "\":\"", text, "\"");
}

std::string ToJson(const WaitingFor& waiting, absl::string_view more = "") {
  std::string text = absl::StrCat("{", Member("stage", waiting.stage));
  if (!waiting.wave.empty()) absl::StrAppend(&text, ",", Member("wave", waiting.wave));
  if (!waiting.id.empty()) absl::StrAppend(&text, ",", Member("id", waiting.id));
  if (waiting.reason != v1::REASON_UNSPECIFIED) {
    absl::StrAppend(&text, ",", Member("reason", v1::Reason_Name(waiting.reason)));
  }
  return absl::StrCat(text, more, "}");
}

std::string ToJson(const std::vector<WaitingFor>& waiting) {
  return absl::StrCat("[",
                      absl::StrJoin(waiting, ",",
                                    [](std::string* out, const WaitingFor& one) {
                                      absl::StrAppend(out, ToJson(one));
                                    }),
                      "]");
}

std::string SecondsOf(absl::Duration duration) { return Number(absl::ToDoubleSeconds(duration)); }

std::string ToJson(const CellInstant& cell) {
  return absl::StrCat("{", Member("stage", cell.stage), ",", Member("cell", cell.cell), ",",
                      Member("at", Instant(cell.at)), "}");
}

std::string ToJson(const StageFuture& stage) {
  std::string text = absl::StrCat("{", Member("stage", stage.stage), ",",
                                  Member("outcome", StageOutcomeName(stage.outcome)));
  const auto add = [&](absl::string_view name, const absl::optional<absl::Time>& at) {
    if (at.has_value()) absl::StrAppend(&text, ",", Member(name, Instant(*at)));
  };
  if (!stage.artifact.empty()) absl::StrAppend(&text, ",", Member("artifact", stage.artifact));
  add("first_cell", stage.first_cell);
  if (stage.last_cell.has_value()) {
    absl::StrAppend(&text, ",\"last_cell\":", ToJson(*stage.last_cell));
  }
  add("complete", stage.complete);
  add("passed", stage.passed);
  absl::StrAppend(
      &text, ",\"waits\":[",
      absl::StrJoin(stage.waits, ",",
                    [](std::string* out, const Wait& wait) {
                      absl::StrAppend(
                          out, ToJson(wait.waiting_for,
                                      absl::StrCat(",\"seconds\":", SecondsOf(wait.duration))));
                    }),
      "],\"stopped_by\":", ToJson(stage.stopped_by));
  if (stage.deployment_time > absl::ZeroDuration()) {
    absl::StrAppend(
        &text, ",\"deployment_seconds\":", SecondsOf(stage.deployment_time),
        ",\"deployment_time_is_stated\":", stage.deployment_time_is_stated ? "true" : "false");
  }
  return absl::StrCat(text, "}");
}

}  // namespace

std::string RenderDuration(absl::Duration duration) {
  struct Unit {
    absl::Duration length;
    absl::string_view name;
  };
  std::vector<std::string> parts;
  absl::Duration left = duration;
  for (const Unit unit :
       {Unit{absl::Hours(24), " d"}, Unit{absl::Hours(1), " h"}, Unit{absl::Minutes(1), " min"}}) {
    const int64_t count = left / unit.length;
    left -= count * unit.length;
    if (count > 0) parts.push_back(absl::StrCat(count, unit.name));
  }
  const bool shows_seconds = duration < absl::Hours(1) && left > absl::ZeroDuration();
  if (shows_seconds) parts.push_back(absl::StrCat(Number(absl::ToDoubleSeconds(left)), " s"));
  return parts.empty() ? "0 s" : absl::StrJoin(parts, " ");
}

std::string RenderEta(const HealthyFuture& future, absl::string_view stage) {
  std::string text = Wrap(absl::StrCat("From ", Instant(future.now),
                                       ", if all signals stay healthy and nobody does anything:"),
                          "", "  ");
  for (const StageFuture& one : future.stages) {
    if (stage.empty() || one.stage == stage) absl::StrAppend(&text, "\n", RenderStage(one));
  }
  std::vector<WaitingFor> over;
  for (const WaitingFor& waiting : future.assumed_over) {
    if (stage.empty() || waiting.stage == stage) over.push_back(waiting);
  }
  if (!over.empty()) {
    absl::StrAppend(&text, "\n",
                    Wrap(absl::StrCat("Taken to end at once: ", Names(over, stage)), "", "  "));
  }
  return text;
}

std::string EtaToJson(const HealthyFuture& future) {
  std::string text = absl::StrCat("{", Member("now", Instant(future.now)), ",\"stages\":[",
                                  absl::StrJoin(future.stages, ",",
                                                [](std::string* out, const StageFuture& stage) {
                                                  absl::StrAppend(out, ToJson(stage));
                                                }),
                                  "]");
  if (future.last_cell.has_value()) {
    absl::StrAppend(&text, ",\"last_cell\":", ToJson(*future.last_cell));
  }
  return absl::StrCat(text, ",\"assumed_over\":", ToJson(future.assumed_over), "}");
}

}  // namespace sluice
