#include "sluice/internal/field_errors.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

namespace sluice {

std::string FieldPath::ToString() const {
  if (parent_ == nullptr) return "";
  std::string path = parent_->ToString();
  if (!path.empty()) path.push_back('.');
  absl::StrAppend(&path, name_);
  if (index_ >= 0) absl::StrAppend(&path, "[", index_, "]");
  return path;
}

void FieldErrors::Add(const FieldPath& path, Kind kind, absl::string_view message) {
  v1::Fault* fault = faults_.add_faults();
  fault->set_path(path.ToString());
  fault->set_kind(kind);
  fault->set_message(std::string(message));
}

absl::Status FieldErrors::ToStatus() const {
  if (empty()) return absl::OkStatus();
  const v1::Fault& first = faults_.faults(0);
  std::string text =
      first.path().empty() ? first.message() : absl::StrCat(first.path(), ": ", first.message());
  if (size() > 1) absl::StrAppend(&text, " (and ", size() - 1, " more)");
  absl::Status status = absl::InvalidArgumentError(text);
  status.SetPayload(kFaultsTypeUrl, absl::Cord(faults_.SerializeAsString()));
  return status;
}

v1::Faults FaultsOf(const absl::Status& status) {
  v1::Faults faults;
  const absl::optional<absl::Cord> payload = status.GetPayload(kFaultsTypeUrl);
  if (payload.has_value()) faults.ParseFromString(std::string(*payload));
  return faults;
}

}  // namespace sluice
