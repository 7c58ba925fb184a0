#ifndef SLUICE_INTERNAL_IDENTIFIER_H_
#define SLUICE_INTERNAL_IDENTIFIER_H_

#include "absl/strings/string_view.h"

namespace sluice {

// Whether `text` is an identifier: the one grammar for the ids of pipelines, stages, waves, cells,
// blockers, lists, principals, roles and everything else that is named.
//
//   identifier = alphanumeric *127( alphanumeric / "." / "_" / ":" / "/" / "@" / "+" / "-" )
//   alphanumeric = %x30-39 / %x41-5A / %x61-7A   ; 0-9 A-Z a-z
//
// So `prod-eu`, `alice@example.com` and `role:sre` are identifiers; an empty text, `-x`, `a b` and
// anything beyond ASCII are not. Identifiers are compared byte for byte: no case folding, no
// prefixes, no patterns.
bool IsIdentifier(absl::string_view text);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_IDENTIFIER_H_
