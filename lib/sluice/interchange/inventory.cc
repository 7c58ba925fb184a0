#include "sluice/interchange/inventory.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {

InventoryBuilder::InventoryBuilder(const InventoryOptions& options, const v1::ComponentList& list,
                                   ImportReport& report)
    : options_(options), report_(report), list_(list) {
  for (const v1::Component& component : list_.components()) {
    seen_.insert(component.SerializeAsString());
  }
}

void InventoryBuilder::Take(v1::Component component, const Found& found, bool& repeated) {
  if (!component.package_url().empty() && !ParsePackageUrl(component.package_url()).ok()) {
    report_.AddLeftOutPart(LeftOutReason::kUnreadableUrlHolds, found.where,
                           component.package_url());
  }
  if (!seen_.insert(component.SerializeAsString()).second) return;
  repeated = false;
  *list_.add_components() = std::move(component);
}

void InventoryBuilder::Add(const Found& found) {
  v1::Component component;
  for (const std::string& digest : found.digests) component.add_digests(digest);
  auto& digests = *component.mutable_digests();
  std::sort(digests.begin(), digests.end());
  digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
  if (found.urls.empty() && digests.empty()) {
    if (found.is_artifact) {
      report_.AddLeftOut(found.kind, LeftOutReason::kArtifactItself, found.where, found.name);
    } else if (options_.uncheckable == Uncheckable::kLeaveOut) {
      report_.AddLeftOut(found.kind, LeftOutReason::kUncheckable, found.where, found.name);
    } else {
      report_.AddMalformed(
          found.kind, found.where,
          absl::StrCat("`", Shown(found.name), "` has neither a package URL nor a SHA-256 digest"));
    }
    return;
  }
  bool repeated = true;
  if (found.urls.empty()) Take(component, found, repeated);
  for (const std::string& url : found.urls) {
    component.set_package_url(url);
    Take(component, found, repeated);
  }
  if (repeated) {
    report_.AddLeftOut(found.kind, LeftOutReason::kRepeated, found.where, found.name);
  } else {
    report_.AddTaken(found.kind);
  }
}

absl::Status InventoryBuilder::Finish(absl::string_view source, v1::ComponentList* list) {
  const absl::Status status = report_.ToStatus(options_.import);
  if (!status.ok()) return status;
  if (list_.components().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(Shown(source), ": has no component that a list could be held against"));
  }
  list_.set_count(static_cast<uint32_t>(list_.components_size()));
  *list = std::move(list_);
  return absl::OkStatus();
}

absl::optional<std::string> DigestOfHex(absl::string_view hex) {
  std::string digest = absl::StrCat("sha256:", absl::AsciiStrToLower(hex));
  if (!ParseDigest(digest).has_value()) return absl::nullopt;
  return digest;
}

}  // namespace sluice
