#include "sluice/record/fact_checks.h"

#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "sluice/internal/field_errors.h"
#include "sluice/internal/limits.h"
#include "tests/record/world.h"

// Lists of the greatest length. Other faults of a record are those of the event that reports it.
namespace sluice {
namespace {

// Paths of what is too large; "other" of what is wrong besides.
template <typename Record>
std::string TooLarge(void (*check)(const FieldPath&, const Record&, FieldErrors&),
                     const Record& record) {
  FieldErrors errors;
  check(FieldPath(), record, errors);
  const v1::Faults faults = FaultsOf(errors.ToStatus());
  std::string paths;
  for (const v1::Fault& fault : faults.faults()) {
    paths += fault.kind() == v1::Fault::TOO_LARGE ? fault.path() : "other";
  }
  return paths;
}

TEST(FactChecksTest, ASeriesHasAMillionValues) {
  v1::Series series = Parse<v1::Series>(
      "series: 'p99' start { seconds: 60 } period { seconds: 60 } reported_through { seconds: "
      "200000000 }");
  series.mutable_values()->Resize(kMaxValues, 1);
  EXPECT_EQ(TooLarge(CheckSeries, series), "");
  series.mutable_values()->Resize(kMaxValues + 1, 1);
  EXPECT_EQ(TooLarge(CheckSeries, series), "values");
}

TEST(FactChecksTest, CountsHaveAMillionValues) {
  v1::CellCounts counts = Parse<v1::CellCounts>(
      "counts: 'http' stage: 'prod' cells: 'a' start { seconds: 60 } period { seconds: 60 } "
      "reported_through { seconds: 200000000 }");
  counts.mutable_requests()->Resize(kMaxValues, 1);
  counts.mutable_errors()->Resize(kMaxValues, 1);
  EXPECT_EQ(TooLarge(CheckCellCounts, counts), "");
  counts.mutable_requests()->Resize(kMaxValues + 1, 1);
  counts.mutable_errors()->Resize(kMaxValues + 1, 1);
  EXPECT_EQ(TooLarge(CheckCellCounts, counts), "requests");
}

TEST(FactChecksTest, AMillionSyntheticRunsAreReported) {
  v1::SyntheticRuns runs = Parse<v1::SyntheticRuns>("stage: 'test' api: 'login'");
  runs.mutable_finished_at_ms()->Resize(kMaxValues, 1);
  runs.mutable_succeeded()->Resize(kMaxValues, true);
  EXPECT_EQ(TooLarge(CheckSyntheticRuns, runs), "");
  runs.mutable_finished_at_ms()->Resize(kMaxValues + 1, 1);
  runs.mutable_succeeded()->Resize(kMaxValues + 1, true);
  EXPECT_EQ(TooLarge(CheckSyntheticRuns, runs), "finished_at_ms");
}

// Of a list that is too long no element is looked at.
TEST(FactChecksTest, AnArtifactHasAMillionComponents) {
  v1::Artifact artifact;
  artifact.set_digest(D(1));
  artifact.set_sequence(1);
  v1::ComponentList* list = artifact.mutable_components();
  list->mutable_components()->Reserve(kMaxRecords + 1);
  while (list->components_size() <= kMaxRecords) list->add_components();
  list->set_count(static_cast<uint64_t>(list->components_size()));
  EXPECT_EQ(TooLarge(CheckArtifact, artifact), "components.components");
  list->mutable_components()->RemoveLast();
  list->set_count(static_cast<uint64_t>(list->components_size()));
  for (v1::Component& component : *list->mutable_components()) component.set_package_url("p");
  EXPECT_EQ(TooLarge(CheckArtifact, artifact), "");
}

}  // namespace
}  // namespace sluice
