#include "sluice/certificate.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sluice/internal/digest.h"
#include "sluice/internal/sha256.h"
#include "sluice/load/distinct_records.h"
#include "sluice/version.h"

namespace sluice {
namespace {

// Hashes named parts, each with its length, so that no two sequences of parts have the same bytes.
class PartsDigest {
 public:
  void Add(absl::string_view name, absl::string_view bytes) {
    hash_.Update(absl::StrCat(name, " ", bytes.size(), "\n"));
    hash_.Update(bytes);
    hash_.Update("\n");
  }
  std::string Finish() { return FormatDigest(Digest{hash_.Finish()}); }

 private:
  Sha256 hash_;
};

}  // namespace

std::string Certificate(const CertificateInputs& inputs) {
  PartsDigest digest;
  digest.Add("sluice-certificate", "1");
  digest.Add("library", kLibraryVersion);
  digest.Add("semantics", absl::StrCat(kSemanticsVersion));
  digest.Add("policy", inputs.policy->fingerprint());
  digest.Add("zones", inputs.policy->zone_hash());
  digest.Add("state", RecordContent(*inputs.state));
  if (inputs.organisation != nullptr) {
    digest.Add("organisation", RecordContent(*inputs.organisation));
  }
  std::vector<const v1::KnownBadList*> lists = inputs.known_bad;
  std::sort(lists.begin(), lists.end(),
            [](const v1::KnownBadList* a, const v1::KnownBadList* b) { return a->id() < b->id(); });
  for (const v1::KnownBadList* list : lists) digest.Add("known-bad", RecordContent(*list));
  digest.Add("min-revision", absl::StrCat(inputs.min_revision));
  digest.Add("now", absl::FormatTime(absl::RFC3339_full, inputs.now, absl::UTCTimeZone()));
  return digest.Finish();
}

}  // namespace sluice
