#ifndef SLUICE_KNOWN_BAD_ENTRY_ROWS_H_
#define SLUICE_KNOWN_BAD_ENTRY_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sluice/known_bad/checked_bytes.h"
#include "sluice/known_bad/known_bad_entry.h"
#include "sluice/known_bad/section.h"
#include "sluice/v1/state.pb.h"

namespace sluice {

// An entry of a list as far as decisions read it.
struct EntryInForce {
  absl::string_view advisory_id;  // Into the list's bytes.
  absl::Time effective_from = absl::InfinitePast();
  absl::Time withdrawn_at = absl::InfiniteFuture();
};

// Whether the entry is in force at `now`. Withdrawn in the infinite future is never.
bool IsInForce(const EntryInForce& entry, absl::Time now);

// Appends `entry` to the two columns that EntryRows reads, of which the second begins in `evidence`
// at `evidence_begin`. `scratch` is overwritten, so that its memory serves all entries.
void AppendEntry(const KnownBadEntry& entry, size_t evidence_begin, v1::KnownBadEntry& scratch,
                 std::string& rows, std::string& evidence);

// The entries of a known-bad list, by number.
//
// Two columns. `rows` has 56 bytes for each entry: where its evidence begins (eight bytes), how
// long it is and how long the identifier at its start (four each), `effective_from` and
// `withdrawn_at` (seconds of Unix time, eight bytes each, the greatest and the smallest number
// being for ever; then nanoseconds, four each), the number of its digests (eight bytes) and the
// a hash of them all, eight bytes. `evidence` has the identifier and a serialised
// v1.KnownBadEntry with all else but the digests.
class EntryRows {
 public:
  static constexpr size_t kRowBytes = 56;

  // No entries.
  EntryRows() = default;
  // Whether the length of `rows` is right for a list of `entry_count` entries.
  static bool Fits(const Section& rows, uint64_t entry_count);
  EntryRows(const Section& rows, const Section& evidence);

  uint32_t entry_count() const { return entry_count_; }

  // Sets `*out` to an entry; false if it is not there or its bytes are damaged. Cost: constant.
  bool Read(const CheckedBytes& bytes, uint32_t entry, EntryInForce* out) const;

  // The entry as it was given to the list, normalised, without digests; of these `*digest_count`
  // and `*digest_hash`, which tells sets of digests apart. False as Read.
  bool ReadEvidence(const CheckedBytes& bytes, uint32_t entry, v1::KnownBadEntry* out,
                    uint64_t* digest_count, uint64_t* digest_hash) const;

 private:
  Section rows_;
  Section evidence_;
  uint32_t entry_count_ = 0;
};

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_ENTRY_ROWS_H_
