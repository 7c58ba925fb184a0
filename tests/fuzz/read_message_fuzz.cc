// The strict readers. The first byte chooses the format and the message; what a reader takes is
// written down and read again as the same.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "sluice/reader.h"
#include "sluice/v1/event.pb.h"
#include "sluice/v1/policy.pb.h"
#include "sluice/v1/state.pb.h"
#include "sluice/v1/testing.pb.h"
#include "tests/fuzz/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using google::protobuf::Message;
  if (size == 0) return 0;
  static const auto* const prototypes =
      new std::vector<const Message*>{&sluice::v1::PipelinePolicy::default_instance(),
                                      &sluice::v1::PipelineState::default_instance(),
                                      &sluice::v1::OrganisationFacts::default_instance(),
                                      &sluice::v1::KnownBadList::default_instance(),
                                      &sluice::v1::Event::default_instance(),
                                      &sluice::v1::TestSuite::default_instance()};
  const auto format = static_cast<sluice::Format>(data[0] % 3);
  const Message& prototype = *(*prototypes)[data[0] / 3 % prototypes->size()];
  const std::unique_ptr<Message> message(prototype.New());
  sluice::SourceMap map;
  const absl::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (!sluice::ReadMessage(bytes, format, message.get(), &map).ok()) {
    sluice::Check(message->ByteSizeLong() == 0, "what is refused leaves nothing");
    return 0;
  }
  const std::unique_ptr<Message> again(prototype.New());
  sluice::Check(
      sluice::ReadMessage(message->SerializeAsString(), sluice::Format::kBinary, again.get())
              .ok() ||
          message->ByteSizeLong() == 0,
      "what is taken is well-formed");
  sluice::Check(message->SerializePartialAsString().size() == again->ByteSizeLong(),
                "what is taken is read again as the same");
  return 0;
}
