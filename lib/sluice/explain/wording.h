#ifndef SLUICE_EXPLAIN_WORDING_H_
#define SLUICE_EXPLAIN_WORDING_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

// How sentences spell names, instants and numbers: one line of well-formed UTF-8 of bounded length,
// whatever the input.
namespace sluice {

// Bytes shown of one name, enough for every identifier; `...` stands for the rest.
inline constexpr size_t kMaxShownBytes = 160;
// Names shown of a list; a count stands for the others.
inline constexpr size_t kMaxShownNames = 3;

// A user's text in backticks, a digest as ShortDigest. `?` stands for each backtick, line break,
// control or direction character, and for each byte that is not UTF-8.
std::string Quote(absl::string_view text);

// `sha256:` and the first 12 digits, without backticks; what is not a digest as by Quote.
std::string ShortDigest(absl::string_view digest);

// `a`, `b`, `c` and 4 more. `total` counts all that there are, if `names` are not all.
std::string QuoteList(absl::Span<const absl::string_view> names, uint64_t total = 0);

// RFC 3339 in UTC, `2026-11-23T10:00:00Z`; a fraction only if it is not zero. `time` is finite.
std::string Instant(absl::Time time);

// `number` in decimal, exactly and as short as that permits; with an exponent from 10^15 on and
// below 10^-4.
std::string Number(double number);

// A ratio in percent with at most four decimals, rounded: 0.0125 is `1.25%`.
std::string Percent(double ratio);

// `1 cell`, `2 cells`.
std::string Counted(uint64_t count, absl::string_view singular);

// A body as a sentence: capital first, full stop last.
std::string MakeSentence(std::string body);

}  // namespace sluice

#endif  // SLUICE_EXPLAIN_WORDING_H_
