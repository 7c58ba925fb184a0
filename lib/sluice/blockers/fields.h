#ifndef SLUICE_BLOCKERS_FIELDS_H_
#define SLUICE_BLOCKERS_FIELDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/repeated_field.h"
#include "sluice/internal/field_errors.h"

// Readers of a policy's fields. Each adds what is wrong to `errors` and then gives back a value
// that must not be used.
namespace sluice {

// An identifier; empty: MISSING.
std::string ReadIdentifier(absl::string_view text, const FieldPath& path, FieldErrors& errors);

// The identifiers of the field `name` of the message at `parent`, sorted. None at all: MISSING; one
// twice: DUPLICATE; too many: TOO_LARGE.
std::vector<std::string> ReadIdentifiers(
    const google::protobuf::RepeatedPtrField<std::string>& texts, const FieldPath& parent,
    absl::string_view name, FieldErrors& errors);

// The same of names that people give, any text but the empty one.
std::vector<std::string> ReadNames(const google::protobuf::RepeatedPtrField<std::string>& texts,
                                   const FieldPath& parent, absl::string_view name,
                                   FieldErrors& errors);

// A name; empty: MISSING; too long: TOO_LARGE.
std::string ReadName(absl::string_view text, const FieldPath& path, FieldErrors& errors);

// A length of time; not positive: INVALID_VALUE.
absl::Duration ReadPositive(const google::protobuf::Duration& duration, const FieldPath& path,
                            FieldErrors& errors);

// The same of a field that is required.
absl::Duration ReadRequiredPositive(bool is_set, const google::protobuf::Duration& duration,
                                    const FieldPath& path, FieldErrors& errors);

// A count of 1 to `max`; zero: MISSING.
uint64_t ReadCount(uint64_t count, uint64_t max, const FieldPath& path, FieldErrors& errors);

// Whether an enum's value can be used; unset: MISSING. `is_valid` knows its values.
bool ReadChoice(int value, bool (*is_valid)(int), const FieldPath& path, FieldErrors& errors);

}  // namespace sluice

#endif  // SLUICE_BLOCKERS_FIELDS_H_
