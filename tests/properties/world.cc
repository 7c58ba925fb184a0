#include "tests/properties/world.h"

#include <fstream>
#include <iterator>
#include <utility>

#include "absl/status/statusor.h"
#include "sluice/internal/strict_text.h"

namespace sluice {

World::World(const v1::OrganisationFacts* organisation,
             const google::protobuf::RepeatedPtrField<v1::KnownBadList>& lists) {
  if (organisation != nullptr) organisation_ = Organisation::Load(*organisation);
  for (const v1::KnownBadList& message : lists) {
    absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
    status_.Update(list.status());
    if (list.ok()) lists_.push_back(std::make_unique<KnownBadList>(*std::move(list)));
  }
}

Snapshot World::Load(const v1::PipelineState& state) const {
  LoadOptions options;
  for (const auto& list : lists_) options.known_bad.push_back(list.get());
  return Snapshot::Load(state, organisation_, options);
}

absl::Status ReadFile(const std::string& file, google::protobuf::Message* message) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return absl::NotFoundError(file);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  return ReadTextproto(text, message, nullptr);
}

}  // namespace sluice
