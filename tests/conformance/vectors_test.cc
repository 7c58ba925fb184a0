// Facts that others worked out, held against whole decisions: each row of the published vectors
// becomes a policy, a state and, where it is about package URLs, a known-bad list; they are
// compiled, loaded and decided over as a host does it. The files lie in the folder named by the
// environment variable SLUICE_SHARED_VECTORS; without it, the tests are skipped.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "sluice/decision.h"
#include "sluice/finding.h"
#include "sluice/internal/field_errors.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/snapshot.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr char kBlocker[] = "the-blocker";
constexpr char kAdvisory[] = "ADV-1";
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::string DigestText() { return absl::StrCat("sha256:", std::string(64, 'b')); }

// The lines of a file of vectors, none of them empty. Nothing, if it is not at hand.
absl::optional<std::vector<std::string>> ReadLines(absl::string_view name) {
  const char* const folder = std::getenv("SLUICE_SHARED_VECTORS");
  if (folder == nullptr || *folder == '\0') return absl::nullopt;
  std::ifstream file(absl::StrCat(folder, "/", name));
  if (!file.is_open()) return absl::nullopt;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    absl::StripTrailingAsciiWhitespace(&line);
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

constexpr char kNotAtHand[] =
    "no such file in the folder that SLUICE_SHARED_VECTORS names, or not set";

// The member `key`; null if there is none.
const Value& Get(const Struct& fields, absl::string_view key) {
  const auto found = fields.fields().find(std::string(key));
  return found == fields.fields().end() ? Value::default_instance() : found->second;
}

const std::string& Text(const Struct& fields, absl::string_view key) {
  return Get(fields, key).string_value();
}

bool IsNumber(const Value& value) { return value.kind_case() == Value::kNumberValue; }

struct Row {
  std::string id;
  std::string kind;
  Struct input;
  Struct expected;
};

Row ParseRow(const std::string& line) {
  Struct row;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &row).ok()) << line;
  return {Text(row, "id"), Text(row, "kind"), Get(row, "input").struct_value(),
          Get(row, "expected").struct_value()};
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  timestamp.set_nanos(static_cast<int32_t>((time - absl::FromUnixSeconds(timestamp.seconds())) /
                                           absl::Nanoseconds(1)));
  return timestamp;
}

// A policy of one stage, in which nothing but `blocker` can hold.
v1::PipelinePolicy PolicyOf(v1::Blocker blocker) {
  v1::PipelinePolicy policy;
  policy.set_id("vectors");
  policy.set_profile(v1::PipelinePolicy::STANDARD_1);
  policy.set_without_emergency_stop(true);
  v1::Stage* stage = policy.add_stages();
  stage->set_id("stage");
  stage->set_kind(v1::Stage::TEST);
  stage->set_deploys(v1::Stage::NOTHING);
  stage->set_passes(v1::Stage::ON_COMPLETION);
  stage->set_start(v1::Stage::AUTOMATIC);
  blocker.set_id(kBlocker);
  *stage->add_blockers() = std::move(blocker);
  return policy;
}

// One artifact was built, and nothing else has happened; written in the year 1, before every
// vector.
v1::PipelineState StateOfOneArtifact() {
  v1::PipelineState state;
  state.set_schema_version(1);
  state.set_pipeline("vectors");
  state.set_revision(1);
  *state.mutable_written_at() =
      ToTimestamp(absl::FromCivil(absl::CivilYear(1), absl::UTCTimeZone()));
  v1::Artifact* artifact = state.add_artifacts();
  artifact->set_digest(DigestText());
  artifact->set_sequence(1);
  return state;
}

// What a decision says of the blocker.
struct Answer {
  Verdict verdict = Verdict::kInvalid;
  Reason reason = v1::REASON_UNSPECIFIED;
  absl::Time changes_at;
  absl::Time valid_until;
  std::string subject;
  Reason passed_over = v1::REASON_UNSPECIFIED;  // Why the artifact is no candidate.
};

// Decides, and checks that the stage moves exactly if the blocker is clear.
Answer Decide(const Policy& policy, const v1::PipelineState& state, absl::Time now,
              const std::vector<const KnownBadList*>& lists = {}) {
  LoadOptions options;
  options.known_bad = lists;
  const Snapshot snapshot = Snapshot::Load(state, Organisation(), options);
  const Decision decision = policy.Decide(snapshot, now);
  const std::string shown = ToProto(decision).DebugString();
  const StageDecision* stage = decision.Stage("stage");
  EXPECT_NE(stage, nullptr);
  if (stage == nullptr) return {};
  std::vector<const Finding*> found;
  for (const Finding& finding : stage->findings) {
    if (finding.id == kBlocker) {
      // An artifact that is no candidate leaves the stage without one: said beside what it is
      // about.
      if (finding.reason != v1::NO_SUBJECT) found.push_back(&finding);
    } else {
      EXPECT_EQ(finding.verdict, Verdict::kClear) << "something else holds: " << shown;
    }
  }
  EXPECT_EQ(found.size(), 1) << shown;
  if (found.size() != 1) return {};
  const Finding& finding = *found.front();
  if (finding.verdict == Verdict::kClear) {
    EXPECT_EQ(stage->action, Action::kDeploy) << shown;
    EXPECT_EQ(stage->artifact, DigestText()) << shown;
    EXPECT_EQ(stage->actions.size(), 1) << shown;
  } else {
    EXPECT_NE(stage->action, Action::kDeploy) << shown;
    EXPECT_TRUE(stage->actions.empty()) << shown;
  }
  EXPECT_EQ(finding.artifact, DigestText()) << shown;
  Answer answer{finding.verdict, finding.reason, finding.changes_at, decision.valid_until,
                std::string(finding.evidence.subject)};
  for (const PassedOver& passed_over : stage->passed_over) {
    if (passed_over.artifact == DigestText()) answer.passed_over = passed_over.reason;
  }
  return answer;
}

// A compiled policy with this blocker alone, or nothing and a failure.
absl::optional<Policy> Compile(v1::Blocker blocker) {
  absl::StatusOr<Policy> policy = Policy::Compile(PolicyOf(std::move(blocker)));
  EXPECT_TRUE(policy.ok()) << FaultsOf(policy.status()).DebugString();
  if (!policy.ok()) return absl::nullopt;
  return *std::move(policy);
}

constexpr absl::Duration kPeriod = absl::Minutes(1);
constexpr absl::Duration kMaxAge = absl::Hours(1);

v1::AlarmRule::TreatMissing ParseTreatment(absl::string_view name) {
  if (name == "missing") return v1::AlarmRule::MISSING;
  if (name == "ignore") return v1::AlarmRule::IGNORE;
  if (name == "breaching") return v1::AlarmRule::BREACHING;
  if (name == "notBreaching") return v1::AlarmRule::NOT_BREACHING;
  return v1::AlarmRule::TREAT_MISSING_UNSPECIFIED;
}

v1::Comparison ParseComparison(absl::string_view name) {
  if (name == "GreaterThanThreshold") return v1::GREATER_THAN;
  if (name == "GreaterThanOrEqualToThreshold") return v1::GREATER_THAN_OR_EQUAL;
  if (name == "LessThanThreshold") return v1::LESS_THAN;
  if (name == "LessThanOrEqualToThreshold") return v1::LESS_THAN_OR_EQUAL;
  return v1::COMPARISON_UNSPECIFIED;
}

v1::AlarmRule MakeRule(v1::Comparison comparison, double threshold, uint32_t n, uint32_t m,
                       v1::AlarmRule::TreatMissing treatment) {
  v1::AlarmRule rule;
  rule.set_comparison(comparison);
  rule.set_threshold(threshold);
  rule.set_evaluation_periods(n);
  rule.set_datapoints_to_alarm(m);
  rule.set_treat_missing(treatment);
  return rule;
}

// The state of the alarm when everything up to the last of `values` has just been reported, in the
// words of the vectors: read off the blocker's finding.
std::string AlarmState(const v1::AlarmRule& rule, const std::vector<double>& values) {
  v1::Blocker blocker;
  v1::MetricAlarm* alarm = blocker.mutable_metric_alarm();
  alarm->mutable_computed()->set_series("series");
  *alarm->mutable_computed()->mutable_rule() = rule;
  alarm->mutable_max_age()->set_seconds(absl::ToInt64Seconds(kMaxAge));
  const absl::optional<Policy> policy = Compile(std::move(blocker));
  if (!policy.has_value()) return "";

  const absl::Time start = absl::FromUnixSeconds(1'700'000'040);
  const absl::Time end = start + kPeriod * static_cast<int64_t>(values.size());
  v1::PipelineState state = StateOfOneArtifact();
  v1::Series* series = state.add_series();
  series->set_series("series");
  *series->mutable_start() = ToTimestamp(start);
  series->mutable_period()->set_seconds(absl::ToInt64Seconds(kPeriod));
  *series->mutable_values() = {values.begin(), values.end()};
  *series->mutable_reported_through() = ToTimestamp(end);

  const Answer answer = Decide(*policy, state, end);
  // Nothing but the series' age can change what is said.
  EXPECT_EQ(answer.changes_at, end + kMaxAge);
  EXPECT_EQ(answer.valid_until, end + kMaxAge);
  if (answer.verdict == Verdict::kClear && answer.reason == v1::ALL_CLEAR) return "OK";
  if (answer.verdict == Verdict::kBlocking && answer.reason == v1::IN_ALARM) return "ALARM";
  if (answer.verdict == Verdict::kUnknown && answer.reason == v1::NO_DATA) {
    return "INSUFFICIENT_DATA";
  }
  return absl::StrCat("unexpected: ", v1::Reason_Name(answer.reason));
}

std::vector<double> Joined(std::vector<double> first, const std::vector<double>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

TEST(PublishedVectors, MissingDataTables) {
  const absl::optional<std::vector<std::string>> lines = ReadLines("cloudwatch_missing_data.csv");
  if (!lines.has_value()) GTEST_SKIP() << kNotAtHand;
  // What came before a row's five points, and so the state that IGNORE retains.
  const struct {
    double point;
    const char* previous;
  } histories[] = {{kNaN, "INSUFFICIENT_DATA"}, {0, "OK"}, {1, "ALARM"}};
  int rows = 0;
  for (size_t i = 1; i < lines->size(); ++i, ++rows) {
    SCOPED_TRACE((*lines)[i]);
    const std::vector<std::string> cells = absl::StrSplit((*lines)[i], ',');
    ASSERT_EQ(cells.size(), 9);
    const v1::AlarmRule rule =
        MakeRule(v1::GREATER_THAN, 0, static_cast<uint32_t>(std::atoi(cells[4].c_str())),
                 static_cast<uint32_t>(std::atoi(cells[3].c_str())), ParseTreatment(cells[7]));
    ASSERT_EQ(rule.evaluation_periods() + 2, std::atoi(cells[5].c_str()));
    std::vector<double> points;
    for (const char c : cells[2]) points.push_back(c == 'X' ? 1 : c == '0' ? 0 : kNaN);
    for (const auto& history : histories) {
      const std::vector<double> before(rule.evaluation_periods(), history.point);
      EXPECT_EQ(AlarmState(rule, Joined(before, points)),
                cells[8] == "RETAIN" ? history.previous : cells[8])
          << "after " << history.previous;
    }
  }
  EXPECT_GE(rows, 40);
}

// Points to put before a row, out of reach of its last period, after which the state before that
// period is `previous`. Nothing if none of those tried leads there.
absl::optional<std::vector<double>> FindHistory(const v1::AlarmRule& rule,
                                                const std::vector<double>& row, double breaching,
                                                double healthy, absl::string_view previous) {
  const size_t range = rule.evaluation_periods() + 2;
  const size_t least_silence = row.size() < range ? range - row.size() : 0;
  for (const double point : {kNaN, healthy, breaching}) {
    for (size_t silence = least_silence; silence <= least_silence + range; ++silence) {
      std::vector<double> history(rule.evaluation_periods(), point);
      history.insert(history.end(), silence, kNaN);
      std::vector<double> until_then = Joined(history, row);
      until_then.pop_back();
      if (AlarmState(rule, until_then) == previous) return history;
    }
  }
  return absl::nullopt;
}

void CheckMOfN(const Row& row) {
  const double threshold = Get(row.input, "threshold").number_value();
  const uint32_t n = static_cast<uint32_t>(Get(row.input, "evaluation_periods").number_value());
  const Value& m = Get(row.input, "datapoints_to_alarm");
  const v1::AlarmRule rule = MakeRule(ParseComparison(Text(row.input, "comparison")), threshold, n,
                                      IsNumber(m) ? static_cast<uint32_t>(m.number_value()) : n,
                                      ParseTreatment(Text(row.input, "treat_missing_data")));
  std::vector<double> points;
  for (const Value& point : Get(row.input, "datapoints_oldest_first").list_value().values()) {
    points.push_back(IsNumber(point) ? point.number_value() : kNaN);
  }
  // One above and one below any threshold: which breaches, the comparison says.
  const bool high_breaches =
      rule.comparison() == v1::GREATER_THAN || rule.comparison() == v1::GREATER_THAN_OR_EQUAL;
  const double breaching = high_breaches ? threshold + 1 : threshold - 1;
  const double healthy = high_breaches ? threshold - 1 : threshold + 1;
  const std::string& previous = Text(row.input, "previous_state");
  const absl::optional<std::vector<double>> history =
      FindHistory(rule, points, breaching, healthy, previous);
  const std::string state =
      AlarmState(rule, Joined(history.value_or(std::vector<double>()), points));
  EXPECT_EQ(state, Text(row.expected, "state"));
  const Value& changed = Get(row.expected, "state_changed");
  if (changed.kind_case() == Value::kBoolValue) {
    EXPECT_EQ(state != previous, changed.bool_value());
  }
  // Where the row's own older points say that the previous state was another one, it must not
  // matter.
  if (!history.has_value()) {
    EXPECT_FALSE(Get(row.expected, "retained").bool_value());
  }
}

void CheckComparison(const Row& row) {
  const v1::AlarmRule rule =
      MakeRule(ParseComparison(Text(row.input, "operator")),
               Get(row.input, "threshold").number_value(), 1, 1, v1::AlarmRule::MISSING);
  EXPECT_EQ(AlarmState(rule, {Get(row.input, "value").number_value()}),
            Get(row.expected, "breaching").bool_value() ? "ALARM" : "OK");
}

TEST(PublishedVectors, MOfN) {
  const absl::optional<std::vector<std::string>> lines = ReadLines("alarm_m_of_n.jsonl");
  if (!lines.has_value()) GTEST_SKIP() << kNotAtHand;
  int rows = 0;
  for (const std::string& line : *lines) {
    const Row row = ParseRow(line);
    SCOPED_TRACE(row.id);
    if (row.kind == "comparison") CheckComparison(row);
    if (row.kind != "m_of_n") continue;
    CheckMOfN(row);
    ++rows;
  }
  EXPECT_GT(rows, 0);
}

v1::Weekday ParseWeekday(absl::string_view name) {
  static constexpr absl::string_view kNames[] = {"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"};
  for (int i = 0; i < 7; ++i) {
    if (kNames[i] == name) return static_cast<v1::Weekday>(v1::MONDAY + i);
  }
  return v1::WEEKDAY_UNSPECIFIED;
}

v1::Window WeeklyOf(const Struct& input) {
  v1::Window window;
  v1::WeeklyWindow* weekly = window.mutable_weekly();
  weekly->set_time_zone(Text(input, "time_zone"));
  for (const Value& day : Get(input, "weekdays").list_value().values()) {
    weekly->add_days(ParseWeekday(day.string_value()));
  }
  weekly->mutable_hours()->set_start(Text(input, "start"));
  weekly->mutable_hours()->set_end(Text(input, "end"));
  return window;
}

enum class Use { kAllow, kDeny };

v1::Blocker WindowBlocker(const v1::Window& window, Use use) {
  v1::Blocker blocker;
  v1::TimeWindow* time_window = blocker.mutable_time_window();
  time_window->mutable_no_min_remaining();
  time_window->set_in_flight(v1::TimeWindow::STOP);
  if (use == Use::kAllow) {
    *time_window->mutable_allow()->add_windows() = window;
  } else {
    time_window->mutable_allow_always();
    *time_window->add_deny() = window;
  }
  return blocker;
}

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return time;
}

// What the blocker says while the row's window is open or not.
void ExpectWindow(const Answer& answer, bool open, Use use) {
  if (open == (use == Use::kAllow)) {
    EXPECT_EQ(answer.verdict, Verdict::kClear);
    EXPECT_EQ(answer.reason, v1::ALL_CLEAR);
  } else {
    EXPECT_EQ(answer.verdict, Verdict::kBlocking);
    EXPECT_EQ(answer.reason, use == Use::kAllow ? v1::OUTSIDE_ALLOW : v1::IN_DENY);
  }
}

void CheckWindow(const Row& row, Use use) {
  const absl::optional<Policy> policy = Compile(WindowBlocker(WeeklyOf(row.input), use));
  if (!policy.has_value()) return;
  const v1::PipelineState state = StateOfOneArtifact();
  const bool open = Get(row.expected, "open").bool_value();
  const absl::Time now = At(Text(row.input, "instant"));
  const Answer answer = Decide(*policy, state, now);
  ExpectWindow(answer, open, use);
  EXPECT_EQ(answer.valid_until, answer.changes_at);

  if (row.expected.fields().count("next_change") == 0) return;
  const std::string& next_change = Text(row.expected, "next_change");
  if (next_change.empty()) {
    EXPECT_EQ(answer.changes_at, absl::InfiniteFuture());
    return;
  }
  const absl::Time change = At(next_change);
  EXPECT_EQ(answer.changes_at, change);
  const Answer before = Decide(*policy, state, change - absl::Nanoseconds(1));
  ExpectWindow(before, open, use);
  EXPECT_EQ(before.changes_at, change);
  ExpectWindow(Decide(*policy, state, change), !open, use);
}

TEST(PublishedVectors, WindowsAtClockChanges) {
  const absl::optional<std::vector<std::string>> lines = ReadLines("dst_windows.jsonl");
  if (!lines.has_value()) GTEST_SKIP() << kNotAtHand;
  int rows = 0;
  for (const std::string& line : *lines) {
    const Row row = ParseRow(line);
    SCOPED_TRACE(row.id);
    EXPECT_EQ(row.kind, "civil_window");
    CheckWindow(row, Use::kAllow);
    CheckWindow(row, Use::kDeny);
    ++rows;
  }
  EXPECT_GT(rows, 0);
}

constexpr int64_t kListVerifiedAt = 1'700'000'000;
constexpr char kUnrelated[] = "pkg:generic/unrelated@1";

// With everything escaped that an escape may stand for.
std::string Escaped(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_') {
      escaped.push_back(c);
    } else {
      constexpr char kHex[] = "0123456789ABCDEF";
      const unsigned char byte = static_cast<unsigned char>(c);
      escaped.append({'%', kHex[byte >> 4], kHex[byte & 15]});
    }
  }
  return escaped;
}

std::string EscapedSegments(absl::string_view path) {
  return absl::StrJoin(absl::StrSplit(path, '/'), "/",
                       [](std::string* out, absl::string_view s) { out->append(Escaped(s)); });
}

// The components of a package URL written one after the other, seldom in the canonical way.
std::string Spelled(const Struct& parts) {
  std::string text = absl::StrCat("pkg:", Text(parts, "type"), "/");
  const std::string& name_space = Text(parts, "namespace");
  if (!name_space.empty()) absl::StrAppend(&text, EscapedSegments(name_space), "/");
  absl::StrAppend(&text, Escaped(Text(parts, "name")));
  const std::string& version = Text(parts, "version");
  if (!version.empty()) absl::StrAppend(&text, "@", Escaped(version));
  const Struct& qualifiers = Get(parts, "qualifiers").struct_value();
  std::vector<std::string> pairs;
  for (const auto& [key, value] : qualifiers.fields()) {
    pairs.push_back(absl::StrCat(Escaped(key), "=", Escaped(value.string_value())));
  }
  std::sort(pairs.rbegin(), pairs.rend());
  if (!pairs.empty()) absl::StrAppend(&text, "?", absl::StrJoin(pairs, "&"));
  const std::string& subpath = Text(parts, "subpath");
  if (!subpath.empty()) absl::StrAppend(&text, "#", EscapedSegments(subpath));
  return text;
}

v1::KnownBadList ListOf(const v1::KnownBadEntry& entry) {
  v1::KnownBadList list;
  list.set_id("advisories");
  list.set_epoch(1);
  list.set_entry_count(1);
  list.mutable_verified_at()->set_seconds(kListVerifiedAt);
  *list.add_entries() = entry;
  list.mutable_entries(0)->set_id(kAdvisory);
  return list;
}

// A list that names the package URL with the version that it has.
v1::KnownBadList ListOfExact(const std::string& url) {
  v1::KnownBadEntry entry;
  entry.add_package_urls(url);
  return ListOf(entry);
}

// A list that names version 1 of the package whose URL has none.
v1::KnownBadList ListOfPackage(const std::string& url) {
  v1::KnownBadEntry entry;
  v1::AffectedPackage* package = entry.add_packages();
  package->set_package_url(url);
  package->add_versions("1");
  return ListOf(entry);
}

// What the blocker says of an artifact with this component.
Answer HeldAgainst(const KnownBadList& list, const std::string& component) {
  v1::Blocker blocker;
  blocker.mutable_known_bad()->add_lists("advisories");
  blocker.mutable_known_bad()->mutable_max_age()->set_seconds(3600);
  blocker.mutable_known_bad()->set_min_entries(1);
  const absl::optional<Policy> policy = Compile(std::move(blocker));
  if (!policy.has_value()) return {};
  v1::PipelineState state = StateOfOneArtifact();
  v1::ComponentList* components = state.mutable_artifacts(0)->mutable_components();
  components->set_count(1);
  components->add_components()->set_package_url(component);
  return Decide(*policy, state, absl::FromUnixSeconds(kListVerifiedAt), {&list});
}

// Whether the list can be built; if not, that its one fault is the package URL at `path`.
bool Builds(const v1::KnownBadList& message, absl::string_view path) {
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
  if (list.ok()) return true;
  const v1::Faults faults = FaultsOf(list.status());
  EXPECT_EQ(faults.faults_size(), 1) << faults.DebugString();
  for (const v1::Fault& fault : faults.faults()) {
    EXPECT_EQ(fault.path(), path);
    EXPECT_EQ(fault.kind(), v1::Fault::INVALID_VALUE);
  }
  return false;
}

bool ExactBuilds(const std::string& url) {
  return Builds(ListOfExact(url), "entries[0].package_urls[0]");
}

bool PackageBuilds(const std::string& url) {
  return Builds(ListOfPackage(url), "entries[0].packages[0].package_url");
}

// An entry written one way matches a component written the other way.
void ExpectSame(const std::string& entry, const std::string& component) {
  SCOPED_TRACE(absl::StrCat("entry ", entry, "\ncomponent ", component));
  // A URL has a version or not: an entry takes it in one of two fields.
  const bool has_version = ExactBuilds(entry);
  ASSERT_NE(has_version, PackageBuilds(entry));
  const absl::StatusOr<KnownBadList> list =
      KnownBadList::Build(has_version ? ListOfExact(entry) : ListOfPackage(entry));
  ASSERT_TRUE(list.ok()) << list.status();
  const Answer answer = HeldAgainst(*list, component);
  EXPECT_EQ(answer.verdict, has_version ? Verdict::kBlocking : Verdict::kUnknown);
  EXPECT_EQ(answer.reason, has_version ? v1::KNOWN_BAD_MATCH : v1::VERSION_UNKNOWN);
  EXPECT_EQ(answer.passed_over, has_version ? v1::KNOWN_BAD_MATCH : v1::REASON_UNSPECIFIED);
  EXPECT_EQ(answer.subject, kAdvisory);
  EXPECT_EQ(HeldAgainst(*list, kUnrelated).verdict, Verdict::kClear);
}

// No entry can name it, and an artifact that is made of it can't be compared with any list.
void ExpectInvalid(const std::string& url) {
  SCOPED_TRACE(url);
  EXPECT_FALSE(ExactBuilds(url));
  EXPECT_FALSE(PackageBuilds(url));
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(ListOfExact("pkg:generic/other@1"));
  ASSERT_TRUE(list.ok()) << list.status();
  const Answer answer = HeldAgainst(*list, url);
  EXPECT_EQ(answer.verdict, Verdict::kUnknown);
  EXPECT_EQ(answer.reason, v1::VERSION_UNKNOWN);
}

// Another version of the same package is another thing.
void ExpectVersionTellsApart(const std::string& entry, Struct parts) {
  if (Text(parts, "version").empty()) return;
  const absl::StatusOr<KnownBadList> list = KnownBadList::Build(ListOfExact(entry));
  ASSERT_TRUE(list.ok()) << list.status();
  Value& version = (*parts.mutable_fields())["version"];
  version.set_string_value(absl::StrCat(version.string_value(), ".1"));
  EXPECT_EQ(HeldAgainst(*list, Spelled(parts)).verdict, Verdict::kClear) << Spelled(parts);
}

void CheckPackageUrl(const Row& row) {
  const Struct& components = Get(row.input, "components").struct_value();
  const Value& output = Get(row.expected, "output");
  const std::string given =
      row.kind == "purl_build" ? Spelled(components) : Text(row.input, "purl");
  if (Get(row.expected, "fails").bool_value()) {
    ExpectInvalid(given);
    return;
  }
  const std::string other =
      row.kind == "purl_parse" ? Spelled(output.struct_value()) : output.string_value();
  ExpectSame(given, other);
  ExpectSame(other, given);
  if (row.kind == "purl_parse") ExpectVersionTellsApart(given, output.struct_value());
  if (row.kind == "purl_build") ExpectVersionTellsApart(other, components);
}

TEST(PublishedVectors, PackageUrls) {
  const absl::optional<std::vector<std::string>> lines = ReadLines("purl.jsonl");
  if (!lines.has_value()) GTEST_SKIP() << kNotAtHand;
  int rows = 0;
  for (const std::string& line : *lines) {
    const Row row = ParseRow(line);
    SCOPED_TRACE(absl::StrCat(row.id, " ", row.kind));
    CheckPackageUrl(row);
    ++rows;
  }
  EXPECT_GT(rows, 0);
}

}  // namespace
}  // namespace sluice
