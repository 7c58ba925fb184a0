#include "sluice/compile/compile_parts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/identifier.h"
#include "sluice/internal/limits.h"

namespace sluice {

void RequireIdentifier(const std::string& id, const FieldPath& path, FieldErrors& errors) {
  if (id.empty()) {
    errors.Missing(path);
  } else if (!IsIdentifier(id)) {
    errors.Add(path, v1::Fault::INVALID_VALUE, "is not an identifier");
  }
}

void CompileScope::TakeId(const std::string& id, const FieldPath& path) {
  RequireIdentifier(id, path, errors);
  if (!id.empty() && !ids.insert(id).second) {
    errors.Add(path, v1::Fault::DUPLICATE, absl::StrCat("`", id, "` is used twice"));
  }
}

absl::Duration RequirePositive(bool is_set, const google::protobuf::Duration& duration,
                               const FieldPath& path, FieldErrors& errors) {
  if (!is_set) {
    errors.Missing(path);
    return absl::ZeroDuration();
  }
  const absl::optional<absl::Duration> value = ReadDuration(duration);
  if (!value.has_value()) {
    errors.Add(path, v1::Fault::INVALID_VALUE, "is not a duration");
    return absl::ZeroDuration();
  }
  if (*value <= absl::ZeroDuration()) {
    errors.Add(path, v1::Fault::INVALID_VALUE,
               absl::StrCat("must be positive, got ", absl::FormatDuration(*value)));
    return absl::ZeroDuration();
  }
  return *value;
}

bool RequireChoice(int value, bool is_known, const FieldPath& path, FieldErrors& errors) {
  if (value == 0) {
    errors.Missing(path);
    return false;
  }
  if (!is_known) {
    errors.Add(path, v1::Fault::INVALID_VALUE, absl::StrCat("has no value ", value));
  }
  return is_known;
}

int64_t RequireCount(uint64_t value, int64_t most, const FieldPath& path, FieldErrors& errors) {
  if (value == 0) {
    errors.Missing(path);
  } else if (value > static_cast<uint64_t>(most)) {
    errors.Add(path, v1::Fault::TOO_LARGE, absl::StrCat("is at most ", most, ", got ", value));
    return most;
  }
  return static_cast<int64_t>(value);
}

void LimitBasisPoints(uint32_t value, const FieldPath& path, FieldErrors& errors) {
  if (value <= kMaxBasisPoints) return;
  errors.Add(path, v1::Fault::TOO_LARGE, absl::StrCat("is at most ", kMaxBasisPoints));
}

OverrideRule CompileOverridePolicy(const v1::OverridePolicy& proto, const FieldPath& path,
                                   FieldErrors& errors) {
  OverrideRule rule;
  absl::flat_hash_set<std::string> seen;
  if (proto.roles().empty()) errors.Missing(path.Field("roles"));
  for (int i = 0; i < proto.roles_size(); ++i) {
    const FieldPath role = path.Element("roles", i);
    RequireIdentifier(proto.roles(i), role, errors);
    if (!seen.insert(proto.roles(i)).second) {
      errors.Add(role, v1::Fault::DUPLICATE, absl::StrCat("`", proto.roles(i), "` is there twice"));
    }
    rule.roles.push_back(proto.roles(i));
  }
  std::sort(rule.roles.begin(), rule.roles.end());
  if (proto.quorum() == 0) {
    errors.Missing(path.Field("quorum"));
  } else if (proto.quorum() > static_cast<uint32_t>(kMaxQuorum)) {
    errors.Add(path.Field("quorum"), v1::Fault::TOO_LARGE,
               absl::StrCat("is at most ", kMaxQuorum, ", got ", proto.quorum()));
  }
  rule.quorum = static_cast<int>(proto.quorum());
  rule.max_validity = RequirePositive(proto.has_max_validity(), proto.max_validity(),
                                      path.Field("max_validity"), errors);
  RequireChoice(proto.author(), v1::OverridePolicy::Author_IsValid(proto.author()),
                path.Field("author"), errors);
  rule.author_may = proto.author() == v1::OverridePolicy::AUTHOR_MAY;
  return rule;
}

}  // namespace sluice
