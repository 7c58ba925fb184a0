#include "sluice/known_bad/known_bad_entry.h"

#include <tuple>

namespace sluice {
namespace {

auto Parts(const KnownBadRange& range) {
  return std::tie(range.introduced, range.until, range.until_version);
}

auto Parts(const KnownBadPackage& package) {
  return std::tie(package.name, package.versions, package.ranges);
}

auto Parts(const KnownBadEntry& entry) {
  return std::tie(entry.advisory_id, entry.url, entry.reason, entry.severity, entry.added_at,
                  entry.effective_from, entry.withdrawn_at, entry.aliases, entry.digests,
                  entry.exact, entry.packages);
}

}  // namespace

bool operator==(const KnownBadRange& a, const KnownBadRange& b) { return Parts(a) == Parts(b); }
bool operator<(const KnownBadRange& a, const KnownBadRange& b) { return Parts(a) < Parts(b); }
bool operator==(const KnownBadPackage& a, const KnownBadPackage& b) { return Parts(a) == Parts(b); }
bool operator<(const KnownBadPackage& a, const KnownBadPackage& b) { return Parts(a) < Parts(b); }
bool operator==(const KnownBadEntry& a, const KnownBadEntry& b) { return Parts(a) == Parts(b); }
bool operator<(const KnownBadEntry& a, const KnownBadEntry& b) { return Parts(a) < Parts(b); }

}  // namespace sluice
