#include "sluice/explain/sentence.h"

#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/explain/wording.h"
#include "sluice/finding.h"
#include "sluice/v1/decision.pb.h"

namespace sluice {
namespace {

bool IsFinite(absl::Time time) {
  return time > absl::InfinitePast() && time < absl::InfiniteFuture();
}

bool IsFinite(double number) { return std::isfinite(number); }

// Whether there is a value to speak of.
template <typename T>
bool Has(const absl::optional<T>& value) {
  return value.has_value() && IsFinite(*value);
}

// ` since 2026-11-23T10:00:00Z`, or nothing if the instant is not known.
std::string When(absl::string_view preposition, const absl::optional<absl::Time>& time) {
  return Has(time) ? absl::StrCat(" ", preposition, " ", Instant(*time)) : "";
}

// The noun with the finding's id: "window `business-hours`".
std::string Named(absl::string_view noun, const Finding& finding) {
  if (finding.id.empty()) return absl::StrCat("a ", noun);
  return absl::StrCat(noun, " ", Quote(finding.id));
}

std::string Condition(const Finding& finding) { return Named("condition", finding); }

// The cell or wave that the finding is about: " for cell `eu-1`".
std::string Place(const Finding& finding) {
  if (!finding.cell.empty()) return absl::StrCat(" for cell ", Quote(finding.cell));
  if (!finding.wave.empty()) return absl::StrCat(" for wave ", Quote(finding.wave));
  return "";
}

std::string Cell(const Finding& finding) {
  return finding.cell.empty() ? "the cell" : absl::StrCat("cell ", Quote(finding.cell));
}

// The cell that a plan's fault is about.
std::string PlannedCell(const Finding& finding) {
  const absl::string_view subject = finding.evidence.subject;
  return subject.empty() ? Cell(finding) : absl::StrCat("cell ", Quote(subject));
}

std::string Artifact(const Finding& finding) {
  if (finding.artifact.empty()) return "the artifact";
  return absl::StrCat("artifact ", ShortDigest(finding.artifact));
}

// Whether the evidence names something else than the finding itself.
bool HasSubject(const Finding& finding) {
  const absl::string_view subject = finding.evidence.subject;
  return !subject.empty() && subject != finding.id;
}

// " on `CheckoutErrors`", or nothing without a subject.
std::string Of(absl::string_view preposition, const Finding& finding) {
  if (!HasSubject(finding)) return "";
  return absl::StrCat(" ", preposition, " ", Quote(finding.evidence.subject));
}

std::string InBrackets(const Finding& finding) {
  return HasSubject(finding) ? absl::StrCat(" (", Quote(finding.evidence.subject), ")") : "";
}

// The noun with the evidence's subject: "run `unit-17`", "a run" without one.
std::string SubjectAs(absl::string_view noun, const Finding& finding) {
  if (!HasSubject(finding)) return absl::StrCat("a ", noun);
  return absl::StrCat(noun, " ", Quote(finding.evidence.subject));
}

// All subjects up to a limit; empty if there is none.
std::string Subjects(const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  if (!evidence.subjects.empty()) return QuoteList(evidence.subjects, evidence.total);
  return evidence.subject.empty() ? "" : Quote(evidence.subject);
}

std::string Alarm(const Finding& finding) {
  return absl::StrCat(Named("alarm", finding), InBrackets(finding));
}

// The record of the state that could not be used.
std::string Record(const Finding& finding) {
  const std::string of = finding.id.empty() ? absl::StrCat("the record of ", Artifact(finding))
                                            : absl::StrCat("the record behind ", Quote(finding.id));
  return absl::StrCat(of, InBrackets(finding), Place(finding));
}

// "condition `soak` has 2 of 10 runs".
std::string TooFew(absl::string_view things, const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  const std::string few = evidence.count.has_value() && evidence.needed.has_value()
                              ? absl::StrCat(*evidence.count, " of ", *evidence.needed, " ", things)
                              : absl::StrCat("too few ", things);
  return absl::StrCat(Condition(finding), " has ", few);
}

// "an error rate of 2.5% in 4000 requests, above the bound of 1%"; "an error rate above its bound".
std::string Share(absl::string_view what, absl::string_view things, absl::string_view relation,
                  const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  std::string share(what);
  if (Has(evidence.value)) absl::StrAppend(&share, " of ", Percent(*evidence.value));
  if (evidence.count.has_value()) absl::StrAppend(&share, " in ", *evidence.count, " ", things);
  absl::StrAppend(&share, Has(evidence.value) ? ", " : " ", relation, " ");
  if (!Has(evidence.threshold)) return absl::StrCat(share, "its bound");
  return absl::StrCat(share, "the bound of ", Percent(*evidence.threshold));
}

std::string IsClear(const Finding& finding) {
  return absl::StrCat(Condition(finding), " is clear", Place(finding),
                      When("until", finding.changes_at));
}

// Of an alarm that the host reported `at` is when its state began. Of a computed one, which has a
// threshold, it is how far its data reach.
std::string HasNoData(const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  return absl::StrCat(Condition(finding), " has no data", Of("on", finding), Place(finding),
                      evidence.threshold.has_value() ? "" : When("since", evidence.at));
}

// As for HasNoData.
std::string IsInAlarm(const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  const std::string alarm = absl::StrCat(Alarm(finding), Place(finding));
  if (Has(evidence.value) && Has(evidence.threshold)) {
    return absl::StrCat(alarm, " is in ALARM: its newest value is ", Number(*evidence.value),
                        ", its threshold ", Number(*evidence.threshold));
  }
  if (Has(evidence.threshold) || !Has(evidence.at)) return absl::StrCat(alarm, " is in ALARM");
  return absl::StrCat(alarm, " has been in ALARM", When("since", evidence.at));
}

std::string IsClosed(absl::string_view is, absl::string_view why, const Finding& finding) {
  std::string closed = absl::StrCat(Named("window", finding), " ", is, Place(finding), why);
  if (Has(finding.evidence.until)) {
    absl::StrAppend(&closed, "; it opens at ", Instant(*finding.evidence.until));
  }
  return closed;
}

std::string IsKnownBad(const Finding& finding) {
  const std::string advisories = Subjects(finding);
  return absl::StrCat(Artifact(finding), " is known to be bad",
                      advisories.empty() ? "" : absl::StrCat(": ", advisories));
}

std::string WentBack(const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  const std::string list = absl::StrCat(SubjectAs("known-bad list", finding), " went back");
  if (!evidence.count.has_value() || !evidence.needed.has_value()) return list;
  return absl::StrCat(list, " to epoch ", *evidence.count, " after epoch ", *evidence.needed);
}

std::string IsTooShort(const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  const std::string list = SubjectAs("known-bad list", finding);
  if (!evidence.count.has_value() || !evidence.needed.has_value()) {
    return absl::StrCat(list, " has too few entries");
  }
  return absl::StrCat(list, " has ", *evidence.count, " of at least ", *evidence.needed,
                      " entries");
}

std::string IsOutOfBounds(const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  const std::string number = absl::StrCat(SubjectAs("number", finding), " of ", Condition(finding));
  if (!Has(evidence.value) || !Has(evidence.threshold)) {
    return absl::StrCat(number, " is out of bounds");
  }
  return absl::StrCat(number, " is ", Number(*evidence.value),
                      *evidence.value < *evidence.threshold ? ", below" : ", above",
                      " the bound of ", Number(*evidence.threshold));
}

std::string HasForeignTraffic(const Finding& finding) {
  const std::string principals = Subjects(finding);
  return absl::StrCat(Condition(finding), " counts ",
                      Share("a foreign share", "requests", "above", finding),
                      principals.empty() ? "" : absl::StrCat(": ", principals));
}

std::string LacksApprovals(const Finding& finding) {
  const std::string principals = Subjects(finding);
  return absl::StrCat(TooFew("approvals", finding),
                      principals.empty() ? "" : absl::StrCat(", by ", principals));
}

// A hold on forward actions or on roll backs, or an override: placed by the evidence's subject.
std::string PersonsRecord(absl::string_view noun, absl::string_view says, const Finding& finding) {
  return absl::StrCat(Named(noun, finding), Of("of", finding), " ", says);
}

std::string Deployment(absl::string_view says, const Finding& finding) {
  const std::string started = When("started at", finding.evidence.at);
  return absl::StrCat("the deployment of ", Cell(finding), started.empty() ? "" : ",", started,
                      started.empty() ? " " : ", ", says);
}

// Names the day once if the bake began and ends on the same one.
std::string Bakes(const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  std::string bakes = absl::StrCat(Cell(finding), " bakes", When("until", evidence.until));
  if (!Has(evidence.at)) return bakes;
  std::string since = Instant(*evidence.at);
  if (Has(evidence.until)) {
    const std::string until = Instant(*evidence.until);
    const size_t day = until.find('T');
    if (since.compare(0, day, until, 0, day) == 0) since.erase(0, day + 1);
  }
  return absl::StrCat(bakes, " (since ", since, ")");
}

// Of a plan's fault the cell is the evidence's subject, otherwise the cap is.
std::string ExceedsCap(const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  if (finding.cell.empty()) {
    return absl::StrCat(PlannedCell(finding), " exceeds the largest share of a wave by itself");
  }
  const std::string exceeds = absl::StrCat(Cell(finding), " exceeds the blast radius by itself");
  if (!Has(evidence.value) || !Has(evidence.threshold)) return exceeds;
  return absl::StrCat(exceeds, ": it is ", Percent(*evidence.value), Of("of", finding),
                      ", above the cap of ", Percent(*evidence.threshold));
}

// ": 3 points, such as 12.5, against the bound of 10".
std::string Breaches(const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  if (!Has(evidence.value) || !Has(evidence.threshold)) return "";
  const std::string points =
      evidence.count.has_value()
          ? absl::StrCat(Counted(static_cast<uint64_t>(*evidence.count), "point"), ", such as ")
          : "";
  return absl::StrCat(": ", points, Number(*evidence.value), ", against the bound of ",
                      Number(*evidence.threshold));
}

// ": 3 measurements failed, of at most 2".
std::string Times(absl::string_view what, const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  if (!evidence.count.has_value() || !evidence.needed.has_value()) return "";
  return absl::StrCat(": ", *evidence.count, " ", what, ", and the limit is ", *evidence.needed);
}

// Of a cell, or of a request: there is nothing that it could roll back.
std::string HasNoTarget(const Finding& finding) {
  if (finding.cell.empty()) {
    return absl::StrCat(SubjectAs("roll back request", finding), " finds no rollout of ",
                        Artifact(finding), " to roll back");
  }
  return absl::StrCat(Cell(finding), " has no safe artifact to be rolled back to");
}

// "condition `either` has 1 of 2 children clear; in the way: `window`, `approval`".
std::string Children(const Finding& finding) {
  const std::string in_the_way = Subjects(finding);
  return absl::StrCat(TooFew("children clear", finding),
                      in_the_way.empty() ? "" : absl::StrCat("; in the way: ", in_the_way));
}

// In the host's words.
std::string HostSays(const Finding& finding) {
  const HostWords* words = finding.evidence.host.get();
  return absl::StrCat(Condition(finding), " is not met",
                      words == nullptr || words->reason.empty() ? "" : ": ",
                      words == nullptr ? "" : Quote(words->reason));
}

// The finding without its effect.
std::string Body(const Finding& finding) {
  const Evidence& evidence = finding.evidence;
  switch (finding.reason) {
    case v1::ALL_CLEAR:
      return IsClear(finding);

    case v1::NO_SUBJECT:
      return absl::StrCat(Condition(finding), " has no artifact to judge");
    case v1::NO_DATA:
      return HasNoData(finding);
    case v1::STALE:
      return absl::StrCat(Condition(finding), " has only stale data", Of("on", finding),
                          Place(finding), When("from", evidence.at));
    case v1::INVALID_DATA:
      return absl::StrCat(Record(finding), " can't be used");
    case v1::FROM_THE_FUTURE:
      return absl::StrCat(Record(finding), " is from the future",
                          Has(evidence.at) ? absl::StrCat(" (", Instant(*evidence.at), ")") : "");
    case v1::LIMIT_EXCEEDED:
      return absl::StrCat(Record(finding), " exceeds a limit");
    case v1::UNKNOWN_FIELD:
      return absl::StrCat(Record(finding), " has a field that this library does not know");
    case v1::DUPLICATE_ID:
      return absl::StrCat(Record(finding), " contradicts another record");

    case v1::SCHEMA_TOO_NEW:
      return "the state's schema is newer than this library knows";
    case v1::STATE_WENT_BACK:
      return "the state is of a lower revision than one seen before";
    case v1::WRONG_PIPELINE:
      return "the state is of another pipeline";
    case v1::STATE_CUT:
      return absl::StrCat(Record(finding), " is cut short");
    case v1::CLOCK_REGRESSION:
      return absl::StrCat("the clock is behind the state, which was written",
                          Has(evidence.at) ? When("at", evidence.at) : " later");
    case v1::STAGE_REMOVED:
      return "a rollout runs in a stage that the policy no longer has";

    case v1::IN_ALARM:
      return IsInAlarm(finding);
    case v1::ALARM_SINCE_DEPLOYMENT:
      return absl::StrCat(Alarm(finding), " has gone into ALARM since the deployment of ",
                          Cell(finding));
    case v1::PRE_EXISTING_ALARM:
      return absl::StrCat(Alarm(finding), " counts as in ALARM from before the deployment of ",
                          Cell(finding));
    case v1::ALARM_DURING_BAKE:
      return absl::StrCat(Alarm(finding), " was in ALARM during the bake of ", Cell(finding));
    case v1::NEW_CELL_SERIES:
      return absl::StrCat(Alarm(finding), " does not count during the first deployment of ",
                          Cell(finding));

    case v1::NOT_CLEAR_LONG_ENOUGH:
      return absl::StrCat(Alarm(finding), Place(finding), " has not been OK for long enough",
                          When("since", evidence.at));
    case v1::HISTORY_TOO_SHORT:
      return absl::StrCat(Alarm(finding), Place(finding),
                          " is not known to have been OK for long enough",
                          When("before", evidence.at));

    case v1::NEVER_OPENS:
      return absl::StrCat(Named("window", finding), " never opens");
    case v1::IN_DENY:
      return IsClosed("is closed", " by a deny window", finding);
    case v1::OUTSIDE_ALLOW:
      return IsClosed("is closed", "", finding);
    case v1::RUNWAY_SHORT:
      return IsClosed("closes too soon", "", finding);

    case v1::CALENDAR_ABSENT:
      return absl::StrCat(Named("window", finding), " needs ", SubjectAs("calendar", finding),
                          ", which the organisation's facts do not have");

    case v1::KNOWN_BAD_MATCH:
      return IsKnownBad(finding);
    case v1::WITHDRAWN:
      return absl::StrCat(Artifact(finding), " has been withdrawn");
    case v1::LIST_ABSENT:
      return absl::StrCat(SubjectAs("known-bad list", finding), " is absent");
    case v1::LIST_TOO_SHORT:
      return IsTooShort(finding);
    case v1::LIST_WENT_BACK:
      return WentBack(finding);
    case v1::VERSION_UNKNOWN: {
      const std::string advisories = Subjects(finding);
      return absl::StrCat("a component of ", Artifact(finding),
                          " has a version that can't be compared",
                          advisories.empty() ? "" : absl::StrCat(": ", advisories));
    }
    case v1::COMPONENTS_UNKNOWN:
      return absl::StrCat(Artifact(finding), " has no list of its components");

    case v1::CHECK_ABSENT:
      return absl::StrCat(Condition(finding), " has no run for ", Artifact(finding));
    case v1::CHECK_RUNNING:
      return absl::StrCat(SubjectAs("run", finding), " of ", Condition(finding), " is under way",
                          When("from", evidence.at));
    case v1::CHECK_ERROR:
      return absl::StrCat(SubjectAs("run", finding), " of ", Condition(finding),
                          " ended in an error", When("at", evidence.at));
    case v1::CHECK_FAILED:
      if (finding.id.empty()) return absl::StrCat("a check of ", Artifact(finding), " failed");
      return absl::StrCat(SubjectAs("run", finding), " of ", Condition(finding), " failed",
                          When("at", evidence.at));
    case v1::NUMBER_MISSING:
      return absl::StrCat(Condition(finding), " needs a number that is missing",
                          InBrackets(finding));
    case v1::OUT_OF_BOUNDS:
      return IsOutOfBounds(finding);
    case v1::TOO_FEW_PASSES:
      return TooFew("consecutive passes", finding);
    case v1::TOO_FEW_RUNS:
      return absl::StrCat(TooFew("runs", finding), Of("of", finding));
    case v1::RUN_GAP:
      return absl::StrCat(Condition(finding), " has too long a gap between runs",
                          Of("of", finding));
    case v1::BELOW_SUCCESS_RATIO:
      return absl::StrCat(Condition(finding), " counts ",
                          Share("a success ratio", "runs", "below", finding), InBrackets(finding));
    case v1::ASPECT_MISSING: {
      const std::string aspects = Subjects(finding);
      return absl::StrCat(Condition(finding), " does not know ",
                          aspects.empty() ? "an aspect" : aspects, " of every stage");
    }
    case v1::ASPECT_DIFFERS: {
      const std::string aspects = Subjects(finding);
      return absl::StrCat(Condition(finding), " finds stages that differ in ",
                          aspects.empty() ? "an aspect" : aspects);
    }
    case v1::TOO_FEW_REQUESTS:
      return absl::StrCat(TooFew("requests", finding), Place(finding));
    case v1::FOREIGN_TRAFFIC:
      return HasForeignTraffic(finding);

    case v1::APPROVALS_MISSING:
      return LacksApprovals(finding);
    case v1::AUTHOR_UNKNOWN:
      return absl::StrCat(Condition(finding), " excludes authors, and ", Artifact(finding),
                          " has none recorded");
    case v1::HELD:
      return absl::StrCat(PersonsRecord("hold", "is in force", finding), Place(finding),
                          When("from", evidence.at), When("until", evidence.until));
    case v1::EMERGENCY_STOP:
      return absl::StrCat("the organisation's emergency stop is in force",
                          When("as of", evidence.at));
    case v1::EMERGENCY_STOP_UNKNOWN:
      return "the organisation does not say that its emergency stop is clear";
    case v1::ORGANISATION_WENT_BACK:
      return "the organisation's facts are older than ones seen before";
    case v1::AWAITING_START:
      return absl::StrCat(Artifact(finding), " awaits a person's request", Place(finding));
    case v1::ROLL_BACK_HELD:
      return absl::StrCat(PersonsRecord("hold", "stops roll backs", finding),
                          When("until", evidence.until));

    case v1::OVERRIDE_TOO_LONG:
      return PersonsRecord("permission", "lasts longer than the policy permits", finding);
    case v1::OVERRIDE_UNKNOWN_STAGE:
      return PersonsRecord("override", "names a stage that the policy does not have", finding);
    case v1::OVERRIDE_UNKNOWN_BLOCKER:
      return PersonsRecord("override", "names what the policy does not have", finding);
    case v1::OVERRIDE_NOT_ALLOWED:
      return PersonsRecord("override", "names what nobody may override", finding);
    case v1::OVERRIDE_ROLE_MISSING:
      return PersonsRecord("override", "needs a role that its principal does not have", finding);
    case v1::OVERRIDE_BY_AUTHOR:
      return absl::StrCat(PersonsRecord("override", "is by an author of ", finding),
                          Artifact(finding));
    case v1::OVERRIDE_OTHER_POLICY:
      return PersonsRecord("override", "was given under another policy", finding);
    case v1::WOULD_ROLL_BACK:
      return PersonsRecord(
          "override", "does not name in `keep_despite` the match that would roll back", finding);

    case v1::SUPERSEDED:
      return absl::StrCat(Artifact(finding), " is superseded by a newer one");
    case v1::QUEUED:
      return absl::StrCat(Artifact(finding), " is queued behind an older one");
    case v1::LATCHED:
      return absl::StrCat(Artifact(finding), " was rolled back and its latch is not released");
    case v1::ROLLOUT_ENDED:
      return absl::StrCat(Artifact(finding),
                          " had a rollout here that ended, and nobody asked for another");
    case v1::UPSTREAM_ROLLED_BACK:
      return absl::StrCat(Artifact(finding), " was rolled back in an earlier stage");
    case v1::WAITS_FOR_ROLLOUT:
      return absl::StrCat(Artifact(finding), " waits for the running rollout");

    case v1::NEW_CELL:
      return absl::StrCat(Cell(finding), " has never had a deployment");
    case v1::NEWER_ON_CELL:
      return absl::StrCat(Cell(finding), " has a newer artifact than ", Artifact(finding));
    case v1::CELL_NOT_IN_WAVE:
      return absl::StrCat(PlannedCell(finding), " is in no wave");
    case v1::CELL_ABSENT:
      return absl::StrCat(PlannedCell(finding), " is absent from the state",
                          finding.cell.empty() ? Place(finding) : "");
    case v1::CELL_EXCEEDS_CAP:
      return ExceedsCap(finding);
    case v1::ARTIFACT_ABSENT:
      if (finding.id.empty()) return absl::StrCat(Artifact(finding), " is absent from the state");
      return absl::StrCat(Record(finding), " names an artifact that the state does not have");
    case v1::DEPLOYING:
      return absl::StrCat(Deployment("is under way", finding),
                          Has(evidence.until) ? " and due" : "", When("by", evidence.until));
    case v1::DEPLOY_STALLED:
      return absl::StrCat(Deployment("has no reported end", finding),
                          Has(evidence.until) ? " and was due" : "", When("by", evidence.until));
    case v1::DEPLOYMENT_FAILED:
      return Deployment("failed", finding);
    case v1::DEPLOYMENT_ABANDONED:
      return Deployment("was abandoned", finding);
    case v1::HYGIENE_WAITING:
      return absl::StrCat(Named("check", finding), " has not passed yet", Place(finding));
    case v1::HYGIENE_FAILED:
      return absl::StrCat(Named("check", finding), " failed", Place(finding));
    case v1::HYGIENE_TIMED_OUT:
      return absl::StrCat(Named("check", finding), " did not pass in time", Place(finding));
    case v1::BAKING:
      return Bakes(finding);
    case v1::TOO_FEW_DATA_POINTS:
      return absl::StrCat(TooFew("data points", finding), Place(finding));
    case v1::NOT_COVERED:
      return absl::StrCat("reports do not yet reach the end of the bake of ", Cell(finding),
                          When("at", evidence.until));
    case v1::BAKE_TIMED_OUT:
      return absl::StrCat(Cell(finding), " was not proven",
                          Has(evidence.until) ? When("by", evidence.until) : " in time");
    case v1::INCONCLUSIVE:
      return absl::StrCat(Condition(finding), Place(finding), " is inconclusive: ",
                          Share("an error rate", "requests", "not surely above", finding));
    case v1::ABOVE_BOUND:
      return absl::StrCat(Condition(finding), Place(finding), " counts ",
                          Share("an error rate", "requests", "above", finding));
    case v1::WATCHING:
      return absl::StrCat("the rollout of ", Artifact(finding), " is complete",
                          When("since", evidence.at), " and watched",
                          When("until", finding.changes_at));
    case v1::NOT_QUIET:
      return absl::StrCat("the watched alarms of ", Cell(finding), " are not known to be quiet");

    case v1::NO_BASELINE:
      return absl::StrCat(Condition(finding), Place(finding),
                          " has no baseline: no cell runs the previous artifact");
    case v1::ABOVE_BASELINE:
      return absl::StrCat(Condition(finding), Place(finding), " counts ",
                          Share("an error rate", "requests", "above", finding),
                          " that the baseline gives");
    case v1::SERIES_BREACHED:
      return absl::StrCat(SubjectAs("series", finding), Place(finding), " breaches",
                          Breaches(finding));
    case v1::POINTS_BREACHED:
      return absl::StrCat(SubjectAs("series", finding), Place(finding),
                          " breached, too seldom to be a failure", Breaches(finding));
    case v1::MEASURING:
      return absl::StrCat(TooFew("measurements", finding), Place(finding));
    case v1::MEASUREMENT_FAILED:
      return absl::StrCat(Condition(finding), Place(finding), " failed",
                          Times("measurements failed", finding));
    case v1::MEASUREMENT_INCONCLUSIVE:
      return absl::StrCat(Condition(finding), Place(finding), " is inconclusive",
                          Times("measurements were", finding));
    case v1::MEASUREMENT_ERROR:
      return absl::StrCat(Condition(finding), Place(finding), " can't be measured",
                          Times("measurements in a row broke", finding));
    case v1::MEASUREMENT_ENDED:
      return absl::StrCat(TooFew("measurements", finding), Place(finding),
                          ", and no more will follow");

    case v1::ROLL_BACK_REQUESTED:
      return absl::StrCat(SubjectAs("roll back request", finding), " asks to roll back ",
                          Artifact(finding));
    case v1::ROLL_BACK_GAP:
      return absl::StrCat(SubjectAs("roll back request", finding),
                          " follows too soon on another; it waits",
                          When("until", finding.changes_at));
    case v1::NO_SAFE_TARGET:
      return HasNoTarget(finding);
    case v1::ROLL_BACK_FAILED:
      return absl::StrCat("the roll back of ", Cell(finding), " failed as often as it may");
    case v1::BELOW_FLOOR:
      return absl::StrCat(Artifact(finding), " lies below the roll back floor");
    case v1::CURRENT:
      return absl::StrCat(Artifact(finding), " is what is to be rolled back");

    case v1::TOO_FEW_CHILDREN_CLEAR:
      return Children(finding);
    case v1::CHILDREN_UNKNOWN:
      return absl::StrCat(Children(finding), ", some of them unknown");
    case v1::CHILD_INVALID:
      return absl::StrCat(Condition(finding), " has a child that can't be judged",
                          InBrackets(finding));
    case v1::HOST_CONDITION:
      return HostSays(finding);
    case v1::HOST_FAULT:
      return absl::StrCat(Condition(finding), " got no answer that can be used from the host",
                          InBrackets(finding));

    case v1::REASON_UNSPECIFIED:
    case v1::Reason_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::Reason_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return absl::StrCat(finding.id.empty() ? Artifact(finding) : Condition(finding),
                      " gives no known reason");
}

// Whether the id is a rule's that no policy names.
bool IsBuiltIn(absl::string_view id) { return absl::StartsWith(id, "@"); }

// A policy's id, if `body` does not name it.
std::string MissingId(const Finding& finding, absl::string_view body) {
  if (finding.id.empty() || IsBuiltIn(finding.id)) return "";
  const std::string id = Quote(finding.id);
  return absl::StrContains(body, id) ? "" : absl::StrCat(" (", id, ")");
}

// What a finding without effect that is not clear does not do. An AWAITING_START makes DEPLOY
// READY.
std::string WithoutEffect(const Finding& finding) {
  const bool is_plain = finding.verdict == Verdict::kClear || finding.reason == v1::AWAITING_START;
  return is_plain ? "" : "; this has no effect";
}

std::string NeededOverrides(const Finding& finding) {
  if (finding.still_needed == 0) return "";
  const bool is_started = !finding.overrides.empty();
  const std::string counting =
      is_started ? absl::StrCat("; ", QuoteList(finding.overrides), " and ") : "; ";
  return absl::StrCat(counting,
                      Counted(finding.still_needed, is_started ? "more override" : "override"),
                      " would lift it");
}

std::string EffectClause(const Finding& finding) {
  switch (finding.effect) {
    case Effect::kHolds:
      return NeededOverrides(finding);
    case Effect::kLifted:
      if (finding.overrides.empty()) return "; lifted for the wave that has started";
      return absl::StrCat("; lifted by ", QuoteList(finding.overrides));
    case Effect::kObserved:
      return "; only observed";
    case Effect::kNone:
      return WithoutEffect(finding);
  }
  return "";
}

}  // namespace

std::string Sentence(const Finding& finding) {
  std::string body = Body(finding);
  absl::StrAppend(&body, MissingId(finding, body), EffectClause(finding));
  return MakeSentence(std::move(body));
}

std::string ChildSentence(const Finding& child) {
  std::string body = Body(child);
  absl::StrAppend(&body, MissingId(child, body));
  return MakeSentence(std::move(body));
}

}  // namespace sluice
