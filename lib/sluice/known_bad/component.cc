#include "sluice/known_bad/component.h"

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/package_hash.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {

Component MakeComponent(absl::string_view package_url, std::vector<Digest> digests) {
  Component component;
  component.digests = std::move(digests);
  if (package_url.empty()) {
    component.url_is = ComponentUrl::kAbsent;
    return component;
  }
  absl::StatusOr<PackageUrl> url = ParsePackageUrl(package_url);
  if (url.ok()) {
    component.url_is = ComponentUrl::kReadable;
    component.url = *std::move(url);
  } else {
    component.url_is = ComponentUrl::kUnreadable;
    component.url = GuessPackageName(package_url).value_or(PackageUrl());
  }
  component.package_hash = PackageHash(component.url);
  return component;
}

bool IsUnchecked(const Component& component) {
  switch (component.url_is) {
    case ComponentUrl::kUnreadable:
      return true;
    case ComponentUrl::kAbsent:
      return component.digests.empty();
    case ComponentUrl::kReadable:
      return false;
  }
  return true;
}

}  // namespace sluice
