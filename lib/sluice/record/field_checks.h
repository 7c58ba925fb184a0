#ifndef SLUICE_RECORD_FIELD_CHECKS_H_
#define SLUICE_RECORD_FIELD_CHECKS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "sluice/internal/field_errors.h"

// One check a kind of field. Each adds what is wrong with the field to `errors`.
namespace sluice {

// InvalidArgument for a fault that only the state shows; `path` is that of the field.
absl::Status FieldFault(absl::string_view path, v1::Fault::Kind kind, absl::string_view message);

enum class Presence { kRequired, kOptional };

void CheckIdentifier(const FieldPath& path, absl::string_view text, Presence presence,
                     FieldErrors& errors);

// An identifier, or the id of a wave that a rollout adds by itself: `@unproven`, `@added`,
// `@catch_up`.
void CheckWaveId(const FieldPath& path, absl::string_view text, Presence presence,
                 FieldErrors& errors);

void CheckDigest(const FieldPath& path, absl::string_view text, Presence presence,
                 FieldErrors& errors);

// Valid UTF-8 of at most kMaxText bytes.
void CheckText(const FieldPath& path, absl::string_view text, Presence presence,
               FieldErrors& errors);

// A field that must be empty here.
void CheckEmpty(const FieldPath& path, bool empty, FieldErrors& errors);

// The instant, if there is one that can be read. `present` is the message's `has_` function.
absl::optional<absl::Time> CheckTime(const FieldPath& path, bool present,
                                     const google::protobuf::Timestamp& timestamp,
                                     Presence presence, FieldErrors& errors);

// `later` must not be before `earlier`, where both are known.
void CheckNotBefore(const FieldPath& path, const absl::optional<absl::Time>& later,
                    const absl::optional<absl::Time>& earlier, FieldErrors& errors);

// `later` must be after `earlier`, where both are known.
void CheckAfter(const FieldPath& path, const absl::optional<absl::Time>& later,
                const absl::optional<absl::Time>& earlier, FieldErrors& errors);

enum class Repeats { kFree, kFault };

// Each element an identifier; `name` is the field's within `parent`.
void CheckIdentifiers(const FieldPath& parent, absl::string_view name,
                      const google::protobuf::RepeatedPtrField<std::string>& elements,
                      Presence presence, Repeats repeats, FieldErrors& errors);

}  // namespace sluice

#endif  // SLUICE_RECORD_FIELD_CHECKS_H_
