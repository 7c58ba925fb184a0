#ifndef SLUICE_INTERNAL_READER_LIMITS_H_
#define SLUICE_INTERNAL_READER_LIMITS_H_

#include <cstddef>

namespace sluice {

// What the strict readers accept at most, whatever the form. Beyond a limit a reader says
// kResourceExhausted; it never truncates.

// The longest binary or JSON input, in bytes: 64 MiB.
inline constexpr size_t kMaxInputBytes = size_t{64} << 20;

// The longest textproto input, in bytes: 16 MiB. People write these by hand.
inline constexpr size_t kMaxTextInputBytes = size_t{16} << 20;

// The deepest nesting of messages, the outermost message being level 1 and a map entry a level of
// its own. The same count applies to every form, so that what one reader accepts can be written and
// read in the other forms. Below protobuf's own limit of 100.
inline constexpr int kMaxMessageDepth = 64;

}  // namespace sluice

#endif  // SLUICE_INTERNAL_READER_LIMITS_H_
