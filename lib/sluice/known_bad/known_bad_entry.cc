#include "sluice/known_bad/known_bad_entry.h"

#include <tuple>

#include "absl/time/time.h"

namespace sluice {
namespace {

auto Parts(const KnownBadPackage& package) { return std::tie(package.name, package.versions); }

auto Parts(const KnownBadEntry& entry) {
  return std::tie(entry.advisory_id, entry.url, entry.reason, entry.severity, entry.added_at,
                  entry.effective_from, entry.withdrawn_at, entry.aliases, entry.digests,
                  entry.exact, entry.packages);
}

}  // namespace

bool IsInForce(const KnownBadEntry& entry, absl::Time now) {
  return entry.effective_from <= now &&
         (now < entry.withdrawn_at || entry.withdrawn_at == absl::InfiniteFuture());
}

bool operator==(const KnownBadPackage& a, const KnownBadPackage& b) { return Parts(a) == Parts(b); }
bool operator<(const KnownBadPackage& a, const KnownBadPackage& b) { return Parts(a) < Parts(b); }
bool operator==(const KnownBadEntry& a, const KnownBadEntry& b) { return Parts(a) == Parts(b); }
bool operator<(const KnownBadEntry& a, const KnownBadEntry& b) { return Parts(a) < Parts(b); }

}  // namespace sluice
