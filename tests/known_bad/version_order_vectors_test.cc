// Orders of versions and affected ranges from other systems' tests, where the host of this test has
// them: version_order.jsonl and osv_ranges.jsonl in the folder that SLUICE_SHARED_VECTORS names.

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "sluice/known_bad/version_order.h"
#include "tests/known_bad/vector_rows.h"

namespace sluice {
namespace {

using ::google::protobuf::ListValue;
using ::google::protobuf::Struct;
using ::google::protobuf::Value;

// The order of what OSV calls an ecosystem; some have a suffix, such as `Debian:12`.
VersionOrder OrderOf(absl::string_view ecosystem) {
  const absl::string_view name = ecosystem.substr(0, ecosystem.find(':'));
  if (name == "npm" || name == "crates.io" || name == "Go" || name == "semver") {
    return VersionOrder::kSemver;
  }
  if (name == "PyPI") return VersionOrder::kPep440;
  if (name == "Maven") return VersionOrder::kMaven;
  if (name == "Debian" || name == "Ubuntu") return VersionOrder::kDebian;
  if (name == "Red Hat" || name == "Rocky Linux" || name == "AlmaLinux" || name == "openSUSE" ||
      name == "SUSE") {
    return VersionOrder::kRpm;
  }
  return name == "RubyGems" ? VersionOrder::kGem : VersionOrder::kNone;
}

// An event of an OSV range: a version and what it does.
struct Event {
  std::string key;
  std::string version;
};

std::vector<Event> EventsOf(const ListValue& list) {
  std::vector<Event> events;
  for (const Value& item : list.values()) {
    for (const auto& [key, version] : item.struct_value().fields()) {
      events.push_back({key, version.string_value()});
    }
  }
  return events;
}

bool IsEarlier(VersionOrder order, const Event& a, const Event& b) {
  const bool a_starts = a.key == "introduced" && a.version == "0";
  const bool b_starts = b.key == "introduced" && b.version == "0";
  if (a_starts || b_starts) return a_starts && !b_starts;
  return CompareVersions(order, a.version, b.version).value_or(0) < 0;
}

VersionRange::Until UntilOf(absl::string_view key) {
  if (key == "fixed") return VersionRange::Until::kFixed;
  if (key == "limit") return VersionRange::Until::kLimit;
  EXPECT_EQ(key, "last_affected");
  return VersionRange::Until::kLastAffected;
}

// The ranges that `events`, in whatever sequence, describe: each `introduced` reaches to the next
// event that ends a range. The ranges' texts are those of the events, which it sorts.
std::vector<VersionRange> RangesOf(VersionOrder order, std::vector<Event>& events) {
  std::stable_sort(events.begin(), events.end(),
                   [order](const Event& a, const Event& b) { return IsEarlier(order, a, b); });
  std::vector<VersionRange> ranges;
  size_t open = 0;  // The first range without an end.
  for (const Event& event : events) {
    if (event.key == "introduced") {
      ranges.push_back({event.version, VersionRange::Until::kNever, ""});
      continue;
    }
    for (; open < ranges.size(); ++open) {
      ranges[open].until = UntilOf(event.key);
      ranges[open].until_version = event.version;
    }
  }
  return ranges;
}

// Whether any of the ranges contains `version`: kYes if one does, else kUnknown if one may.
InRange InAny(VersionOrder order, const std::vector<VersionRange>& ranges,
              absl::string_view version) {
  InRange result = InRange::kNo;
  for (const VersionRange& range : ranges) {
    const InRange contained = Contains(order, range, version);
    if (contained == InRange::kYes) return InRange::kYes;
    if (contained == InRange::kUnknown) result = InRange::kUnknown;
  }
  return result;
}

bool Lists(const ListValue& versions, absl::string_view version) {
  return std::any_of(versions.values().begin(), versions.values().end(),
                     [version](const Value& value) { return value.string_value() == version; });
}

// Whether one `affected` member, or one entry, of the package concerns `version`.
InRange Concerns(VersionOrder order, const Struct& affected, absl::string_view version) {
  if (Lists(Get(affected, "versions").list_value(), version)) return InRange::kYes;
  std::deque<std::vector<Event>> events;
  events.push_back(EventsOf(Get(affected, "events").list_value()));
  const ListValue range_list = Get(affected, "ranges").list_value();
  for (const Value& range : range_list.values()) {
    events.push_back(EventsOf(Get(range.struct_value(), "events").list_value()));
  }
  std::vector<VersionRange> all;
  for (std::vector<Event>& of_one_range : events) {
    const std::vector<VersionRange> ranges = RangesOf(order, of_one_range);
    all.insert(all.end(), ranges.begin(), ranges.end());
  }
  return InAny(order, all, version);
}

InRange IsAffected(const Struct& input) {
  const Struct package = Get(input, "package").struct_value();
  const std::string version = Text(input, "version");
  const VersionOrder order = OrderOf(Text(package, "ecosystem"));
  InRange result = InRange::kNo;
  const ListValue list = Get(input, "affected").list_value();
  for (const Value& item : list.values()) {
    const Struct affected = item.struct_value();
    const Struct other = Get(affected, "package").struct_value();
    if (Text(other, "ecosystem") != Text(package, "ecosystem")) continue;
    if (Text(other, "name") != Text(package, "name")) continue;
    const InRange concerned = Concerns(order, affected, version);
    if (concerned == InRange::kYes) return InRange::kYes;
    if (concerned == InRange::kUnknown) result = InRange::kUnknown;
  }
  return result;
}

// Ranges of the Go vulnerability database: those that are not SEMVER say nothing.
InRange IsInSemverRanges(const Struct& input) {
  InRange result = InRange::kNo;
  const ListValue list = Get(input, "ranges").list_value();
  for (const Value& item : list.values()) {
    const Struct range = item.struct_value();
    if (Text(range, "type") != "SEMVER") continue;
    const InRange concerned = Concerns(VersionOrder::kSemver, range, Text(input, "version"));
    if (concerned != InRange::kNo) result = concerned;
  }
  return result;
}

std::string OrderName(absl::optional<int> order) {
  if (!order.has_value()) return "none";
  if (*order == 0) return "eq";
  return *order < 0 ? "lt" : "gt";
}

// A package without a version counts as affected there; here that is unknown, which holds.
void CheckAffected(const VectorRow& row, InRange affected) {
  const bool expected = Get(row.expected, "affected").bool_value();
  if (Text(row.input, "version").empty()) {
    EXPECT_EQ(affected, InRange::kUnknown);
    EXPECT_TRUE(expected);
  } else {
    EXPECT_EQ(affected, expected ? InRange::kYes : InRange::kNo);
  }
}

// A query that names no ecosystem matches all.
void CheckMatches(const VectorRow& row) {
  const Struct query = Get(row.input, "query").struct_value();
  std::vector<std::string> ids;
  const ListValue entries = Get(row.input, "entries").list_value();
  for (const Value& item : entries.values()) {
    const Struct entry = item.struct_value();
    const std::string ecosystem = Text(entry, "ecosystem");
    if (Text(query, "name") != Text(entry, "name")) continue;
    if (!Text(query, "ecosystem").empty() && Text(query, "ecosystem") != ecosystem) continue;
    if (Concerns(OrderOf(ecosystem), entry, Text(query, "version")) == InRange::kYes) {
      ids.push_back(Text(entry, "id"));
    }
  }
  std::vector<std::string> expected;
  const ListValue expected_ids = Get(row.expected, "ids").list_value();
  for (const Value& id : expected_ids.values()) expected.push_back(id.string_value());
  EXPECT_EQ(ids, expected);
}

std::vector<std::string> TextsOf(const ListValue& list) {
  std::vector<std::string> texts;
  for (const Value& value : list.values()) texts.push_back(value.string_value());
  return texts;
}

void CheckSorted(const VectorRow& row) {
  std::vector<std::string> versions = TextsOf(Get(row.input, "versions").list_value());
  std::stable_sort(versions.begin(), versions.end(), [](const auto& a, const auto& b) {
    return CompareVersions(VersionOrder::kSemver, a, b).value() < 0;
  });
  EXPECT_EQ(versions, TextsOf(Get(row.expected, "sorted").list_value()));
}

TEST(VersionOrderVectors, AllOrdersHold) {
  const char* folder = std::getenv("SLUICE_SHARED_VECTORS");
  if (folder == nullptr) GTEST_SKIP() << "SLUICE_SHARED_VECTORS is not set";
  const std::vector<VectorRow> rows = ReadVectorRows(absl::StrCat(folder, "/version_order.jsonl"));
  EXPECT_GT(rows.size(), 50);
  for (const VectorRow& row : rows) {
    SCOPED_TRACE(row.id);
    ASSERT_EQ(row.kind, "version_compare");
    const VersionOrder order = OrderOf(Text(row.input, "ecosystem"));
    const std::string a = Text(row.input, "a");
    const std::string b = Text(row.input, "b");
    EXPECT_EQ(OrderName(CompareVersions(order, a, b)), Text(row.expected, "order"));
  }
}

TEST(VersionOrderVectors, AllRangesHold) {
  const char* folder = std::getenv("SLUICE_SHARED_VECTORS");
  if (folder == nullptr) GTEST_SKIP() << "SLUICE_SHARED_VECTORS is not set";
  const std::vector<VectorRow> rows = ReadVectorRows(absl::StrCat(folder, "/osv_ranges.jsonl"));
  EXPECT_GT(rows.size(), 100);
  for (const VectorRow& row : rows) {
    SCOPED_TRACE(row.id);
    if (row.kind == "osv_affected") {
      CheckAffected(row, IsAffected(row.input));
    } else if (row.kind == "osv_affected_ranges_only") {
      CheckAffected(row, IsInSemverRanges(row.input));
    } else if (row.kind == "match_database") {
      CheckMatches(row);
    } else if (row.kind == "semver_sort") {
      CheckSorted(row);
    } else {
      ADD_FAILURE() << row.kind;
    }
  }
}

}  // namespace
}  // namespace sluice
