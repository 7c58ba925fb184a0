#ifndef SLUICE_KNOWN_BAD_H_
#define SLUICE_KNOWN_BAD_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/known_bad/known_bad_index.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// An organisation's list of artifacts and components that must not be released: built once,
// immutable, passed by reference to every `Snapshot::Load`, safe to share between threads. It must
// outlive the snapshots that name it.
class KnownBadList {
 public:
  // InvalidArgument with every fault by field path; Unimplemented if only version ranges stand in
  // the way. Linear in the entries.
  static absl::StatusOr<KnownBadList> Build(const v1::KnownBadList& list);

  absl::string_view id() const { return id_; }
  uint64_t epoch() const { return epoch_; }
  uint64_t entry_count() const { return entry_count_; }
  // When this copy was last compared with the publisher's.
  absl::Time verified_at() const { return verified_at_; }
  // Whether a blocker's override policy may allow overriding a match.
  bool overridable() const { return overridable_; }
  const KnownBadIndex& index() const { return index_; }

 private:
  KnownBadList() = default;

  std::string id_;
  uint64_t epoch_ = 0;
  uint64_t entry_count_ = 0;
  absl::Time verified_at_;
  bool overridable_ = false;
  KnownBadIndex index_;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_H_
