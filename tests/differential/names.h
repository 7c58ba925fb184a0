#ifndef SLUICE_TESTS_DIFFERENTIAL_NAMES_H_
#define SLUICE_TESTS_DIFFERENTIAL_NAMES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"

// The few names, instants and durations that drawn policies and states share, so that what a policy
// asks for is mostly there and its limits are often met exactly.
namespace sluice {

inline constexpr char kPipelineName[] = "shop";
inline constexpr char kOrganisationName[] = "acme";
inline constexpr char kOtherFingerprint[] =
    "sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

inline const std::vector<std::string>& AlarmNames() {
  static const auto* const names = new std::vector<std::string>{"alarm-1", "alarm-2"};
  return *names;
}
inline const std::vector<std::string>& SeriesNames() {
  static const auto* const names = new std::vector<std::string>{"series-1", "series-2"};
  return *names;
}
inline const std::vector<std::string>& CheckNames() {
  static const auto* const names = new std::vector<std::string>{"check-1", "check-2"};
  return *names;
}
inline const std::vector<std::string>& HygieneNames() {
  static const auto* const names = new std::vector<std::string>{"started", "serving"};
  return *names;
}
inline const std::vector<std::string>& ApiNames() {
  static const auto* const names = new std::vector<std::string>{"get", "put"};
  return *names;
}
inline const std::vector<std::string>& AspectNames() {
  static const auto* const names = new std::vector<std::string>{"image", "runtime"};
  return *names;
}
inline const std::vector<std::string>& PrincipalNames() {
  static const auto* const names = new std::vector<std::string>{"ann", "bob", "cat", "dan"};
  return *names;
}
inline const std::vector<std::string>& RoleNames() {
  static const auto* const names = new std::vector<std::string>{"sre", "lead"};
  return *names;
}
inline const std::vector<std::string>& ListNames() {
  static const auto* const names = new std::vector<std::string>{"list-1", "list-2"};
  return *names;
}
inline const std::vector<std::string>& CalendarNames() {
  static const auto* const names = new std::vector<std::string>{"holidays"};
  return *names;
}
inline const std::vector<std::string>& CountsNames() {
  static const auto* const names = new std::vector<std::string>{"counts-1"};
  return *names;
}
inline const std::vector<std::string>& MeasurementNames() {
  static const auto* const names = new std::vector<std::string>{"latency"};
  return *names;
}
inline const std::vector<std::string>& RegionNames() {
  static const auto* const names = new std::vector<std::string>{"eu", "us"};
  return *names;
}
inline const std::vector<std::string>& ZoneNames() {
  static const auto* const names = new std::vector<std::string>{"a", "b"};
  return *names;
}
inline const std::vector<std::string>& PackageNames() {
  static const auto* const names = new std::vector<std::string>{"pkg:npm/left", "pkg:npm/right"};
  return *names;
}
inline const std::vector<std::string>& VersionNames() {
  static const auto* const names =
      new std::vector<std::string>{"1.0.0", "1.0.1", "1.1.0-rc.1", "1.1.0", "2.0.0", "latest"};
  return *names;
}

// The digest of the artifact with this sequence.
inline std::string DigestOfArtifact(uint64_t sequence) {
  return absl::StrFormat("sha256:%064x", sequence);
}

// Of a policy's timers, and of the ages of facts: sums of them are drawn too.
inline const std::vector<absl::Duration>& Timers() {
  static const auto* const timers = new std::vector<absl::Duration>{
      absl::Minutes(1), absl::Minutes(2), absl::Minutes(5), absl::Minutes(10), absl::Hours(1)};
  return *timers;
}

// Instants around which everything happens: an ordinary Tuesday, both clock changes of Berlin and
// of New York, the end of a year, a leap day.
inline const std::vector<absl::Time>& Middles() {
  static const auto* const middles = new std::vector<absl::Time>{
      absl::FromUnixSeconds(1795512600),  // 2026-11-24T09:30:00Z
      absl::FromUnixSeconds(1774747800),  // 2026-03-29T01:30:00Z
      absl::FromUnixSeconds(1792890000),  // 2026-10-25T01:00:00Z
      absl::FromUnixSeconds(1772953200),  // 2026-03-08T07:00:00Z
      absl::FromUnixSeconds(1793512800),  // 2026-11-01T06:00:00Z
      absl::FromUnixSeconds(1798761600),  // 2027-01-01T00:00:00Z
      absl::FromUnixSeconds(1709208000),  // 2024-02-29T12:00:00Z
  };
  return *middles;
}

}  // namespace sluice

#endif  // SLUICE_TESTS_DIFFERENTIAL_NAMES_H_
