#ifndef SLUICE_INTERNAL_FIELD_ERRORS_H_
#define SLUICE_INTERNAL_FIELD_ERRORS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "sluice/v1/fault.pb.h"

namespace sluice {

// Where in a message a parser is: a chain of fields on the stack of the functions that descend.
// A path lives no longer than the one it was made from.
class FieldPath {
 public:
  // The message itself.
  FieldPath() = default;

  FieldPath Field(absl::string_view name) const { return FieldPath(this, name, -1); }
  FieldPath Element(absl::string_view name, int index) const {
    return FieldPath(this, name, index);
  }

  // Such as `stages[2].blockers[0].id`.
  std::string ToString() const;

 private:
  FieldPath(const FieldPath* parent, absl::string_view name, int index)
      : parent_(parent), name_(name), index_(index) {}

  const FieldPath* parent_ = nullptr;
  absl::string_view name_;
  int index_ = -1;
};

// Collects every fault of one message.
class FieldErrors {
 public:
  using Kind = v1::Fault::Kind;

  // `message` has no path, no capital and no full stop.
  void Add(const FieldPath& path, Kind kind, absl::string_view message);

  void Missing(const FieldPath& path) { Add(path, v1::Fault::MISSING, "is required"); }

  bool empty() const { return faults_.faults().empty(); }
  size_t size() const { return static_cast<size_t>(faults_.faults_size()); }
  const v1::Faults& faults() const { return faults_; }

  // OK if there is no fault. Else InvalidArgument; the message shows the first fault and how many
  // more there are, the payload under `kFaultsTypeUrl` holds all of them.
  absl::Status ToStatus() const;

 private:
  v1::Faults faults_;
};

// Type URL of the payload of `FieldErrors::ToStatus`.
inline constexpr char kFaultsTypeUrl[] = "type.googleapis.com/sluice.v1.Faults";

// The faults that a door returned in `status`; empty if it has none.
v1::Faults FaultsOf(const absl::Status& status);

}  // namespace sluice

#endif  // SLUICE_INTERNAL_FIELD_ERRORS_H_
