#ifndef SLUICE_KNOWN_BAD_H_
#define SLUICE_KNOWN_BAD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/known_bad/known_bad_index.h"
#include "sluice/known_bad/known_bad_match.h"
#include "sluice/known_bad/list_image.h"
#include "sluice/v1/artifact.pb.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// What a list is asked about.
struct KnownBadQuestion {
  // The artifact's digest and any other digests that it goes by, such as those of an image's
  // manifests. May be empty.
  std::vector<std::string> digests;
  v1::ComponentList components;
};

// One entry that concerns what was asked about.
struct KnownBadAnswer {
  // The component's number in the question; kNoComponent: the artifact itself.
  uint32_t component = kNoComponent;
  KnownBadMatchKind kind = KnownBadMatchKind::kUnspecified;
  // Whether the entry's versions include the component's can't be told.
  bool version_unknown = false;
  // The entry, normalised, without its digests.
  v1::KnownBadEntry entry;
};

struct KnownBadAnswers {
  // The first ones by advisory, the artifact before its components.
  std::vector<KnownBadAnswer> answers;
  // How many there are, those left out included.
  uint64_t total = 0;
  // Components whose package URL can't be read or that have neither that nor a digest.
  uint64_t unchecked = 0;
};

// An organisation's list of artifacts and components that must not be released: built once,
// immutable, passed by reference to every `Snapshot::Load`, safe to share between threads. It must
// outlive the snapshots that name it.
//
//   absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
//   const std::string file(list->file_form());           // Written by one host,
//   absl::StatusOr<KnownBadList> opened = KnownBadList::Open(file);  // mapped by many.
class KnownBadList {
 public:
  // InvalidArgument with every fault by field path. Cost: n log n in the entries and what they
  // name.
  static absl::StatusOr<KnownBadList> Build(const v1::KnownBadList& list);

  // The list whose file form is `bytes`, without building anything: they must outlive it and stay
  // as they are, which a file does that is only ever replaced by renaming another one over it. The
  // header and the digest of every section are checked now, each block of 4,096 bytes when it is
  // first read; a block that is not as it was written makes decisions that need it hold (INVALID).
  // Errors: InvalidArgument for a foreign, cut or changed file. Cost: some milliseconds for a
  // gigabyte.
  static absl::StatusOr<KnownBadList> Open(absl::string_view bytes);

  absl::string_view id() const { return index_.header().id; }
  uint64_t epoch() const { return index_.header().epoch; }
  // Exact duplicates counted once.
  uint64_t entry_count() const { return index_.header().entry_count; }
  // When this copy was last compared with the publisher's.
  absl::Time verified_at() const { return verified_at_; }
  // Whether a blocker's override policy may allow overriding a match.
  bool overridable() const { return index_.header().overridable; }
  const KnownBadIndex& index() const { return index_; }

  // The list as bytes, which `Open` takes: the same for equal lists, whatever the order of entries.
  absl::string_view file_form() const { return bytes_; }

  // The same list as if this copy had been compared with the publisher's at `verified_at`, for
  // whoever plays what is to come. It reads this list's bytes, which must outlive it; its file form
  // is this one's. Cost: as Open
  // for a list that was opened, else next to none.
  KnownBadList VerifiedAt(absl::Time verified_at) const;

  // Whether all of the list's bytes are as they were written: DataLoss if not. Cost: linear.
  absl::Status Verify() const;

  // The entries in force at `now` that concern what is asked about, at most `limit` of them.
  // Errors: InvalidArgument for a malformed digest; DataLoss if the list is damaged where it was
  // read.
  absl::StatusOr<KnownBadAnswers> Query(const KnownBadQuestion& question, absl::Time now,
                                        size_t limit) const;

 private:
  KnownBadList() = default;

  std::unique_ptr<const ListBytes> built_;  // Null if opened.
  absl::string_view bytes_;
  KnownBadIndex index_;
  absl::Time verified_at_;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_H_
