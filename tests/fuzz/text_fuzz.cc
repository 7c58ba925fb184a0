// Small texts: package URLs, versions in each order, YAML suites, edits' values.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "sluice/known_bad/package_url.h"
#include "sluice/known_bad/version_order.h"
#include "sluice/testing/edit.h"
#include "sluice/testing/read_yaml.h"
#include "sluice/v1/testing.pb.h"
#include "tests/fuzz/check.h"

namespace sluice {
namespace {

void ReadPackageUrl(absl::string_view text) {
  const absl::StatusOr<PackageUrl> url = ParsePackageUrl(text);
  if (!url.ok()) return;
  const absl::StatusOr<PackageUrl> again = ParsePackageUrl(url->Canonical());
  Check(again.ok() && again->Canonical() == url->Canonical(),
        "a canonical package URL stays as it is");
}

// Two versions of one line each.
void Compare(absl::string_view text) {
  const size_t middle = text.find('\n');
  if (middle == absl::string_view::npos) return;
  const absl::string_view a = text.substr(0, middle);
  const absl::string_view b = text.substr(middle + 1);
  for (int order = 0; order <= static_cast<int>(VersionOrder::kGem); ++order) {
    const auto by = static_cast<VersionOrder>(order);
    const absl::optional<int> one_way = CompareVersions(by, a, b);
    const absl::optional<int> other_way = CompareVersions(by, b, a);
    Check(one_way.has_value() == other_way.has_value(), "an order is of both or of none");
    if (!one_way.has_value()) continue;
    Check((*one_way < 0) == (*other_way > 0) && (*one_way == 0) == (*other_way == 0),
          "an order is the same both ways");
    Check(CompareVersions(by, a, a) == 0, "a version is equal to itself");
  }
}

}  // namespace
}  // namespace sluice

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const absl::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      sluice::ReadPackageUrl(text);
      return 0;
    case 1:
      sluice::Compare(text);
      return 0;
    case 2: {
      sluice::v1::TestSuite suite;
      sluice::ReadYaml(text, &suite).IgnoreError();
      return 0;
    }
    default: {
      sluice::v1::Inputs inputs;
      sluice::v1::Edit edit;
      const size_t middle = text.find('\n');
      edit.set_path(std::string(text.substr(0, middle)));
      if (middle != absl::string_view::npos) edit.set_set(std::string(text.substr(middle + 1)));
      sluice::ApplyEdit(edit, &inputs).IgnoreError();
      return 0;
    }
  }
}
