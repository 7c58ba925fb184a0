#ifndef SLUICE_KNOWN_BAD_COMPONENT_H_
#define SLUICE_KNOWN_BAD_COMPONENT_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {

// What a component says of its package URL.
enum class ComponentUrl { kUnreadable = 0, kAbsent, kReadable };

// One component of an artifact, ready to be held against known-bad lists.
struct Component {
  std::vector<Digest> digests;
  ComponentUrl url_is = ComponentUrl::kUnreadable;
  // Normalised if readable. If unreadable: type, namespace and name where they could be guessed,
  // else an empty name.
  PackageUrl url;
  uint64_t package_hash = 0;  // PackageHash of `url`.
};

// The component with these digests and the package URL written as `package_url`, empty for none.
// Never fails: what can't be read is marked so.
Component MakeComponent(absl::string_view package_url, std::vector<Digest> digests);

// Whether the component can't be held against a list in full: its package URL is unreadable, or it
// has neither URL nor digest.
bool IsUnchecked(const Component& component);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_COMPONENT_H_
