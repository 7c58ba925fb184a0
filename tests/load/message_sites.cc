#include "tests/load/message_sites.h"

#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void AddSites(const Message& message, const MessageSite& here, std::vector<MessageSite>* sites) {
  sites->push_back(here);
  std::vector<const FieldDescriptor*> fields;
  const Reflection& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->message_type() == nullptr || field->is_map()) continue;
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      MessageSite inside = here;
      inside.steps.push_back({field, field->is_repeated() ? i : -1});
      absl::StrAppend(&inside.name, here.name.empty() ? "" : ".", field->name(),
                      field->is_repeated() ? absl::StrCat("[", i, "]") : "");
      AddSites(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                    : reflection.GetMessage(message, field),
               inside, sites);
    }
  }
}

// Lists whose order means something.
bool IsOrdered(const FieldDescriptor& field) {
  static const std::set<std::string>* const kOrdered = new std::set<std::string>{
      "sluice.v1.RolloutPlan.waves",       "sluice.v1.PlannedWave.cells",
      "sluice.v1.PlannedWave.weights",     "sluice.v1.Series.values",
      "sluice.v1.CellCounts.cells",        "sluice.v1.CellCounts.requests",
      "sluice.v1.CellCounts.errors",       "sluice.v1.SyntheticRuns.finished_at_ms",
      "sluice.v1.SyntheticRuns.succeeded", "sluice.v1.TrafficSample.principals",
      "sluice.v1.TrafficSample.requests",  "sluice.v1.Calendar.starts_s",
      "sluice.v1.Calendar.ends_s",
  };
  return kOrdered->count(field.full_name()) > 0;
}

std::vector<const FieldDescriptor*> Sets(const Message& message) {
  std::vector<const FieldDescriptor*> sets;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    if (field->is_repeated() && !field->is_map() && !IsOrdered(*field)) sets.push_back(field);
  }
  return sets;
}

}  // namespace

std::vector<MessageSite> MessageSites(const Message& message) {
  std::vector<MessageSite> sites;
  AddSites(message, MessageSite(), &sites);
  return sites;
}

Message& MessageAt(const MessageSite& site, Message& message) {
  Message* at = &message;
  for (const MessageSite::Step& step : site.steps) {
    const Reflection& reflection = *at->GetReflection();
    at = step.index < 0 ? reflection.MutableMessage(at, step.field)
                        : reflection.MutableRepeatedMessage(at, step.field, step.index);
  }
  return *at;
}

void ShuffleSets(Message& message, std::mt19937_64& random) {
  // What is inside a message goes first, while its sites are still good.
  const std::vector<MessageSite> sites = MessageSites(message);
  for (auto site = sites.rbegin(); site != sites.rend(); ++site) {
    Message& at = MessageAt(*site, message);
    for (const FieldDescriptor* field : Sets(at)) {
      for (int i = at.GetReflection()->FieldSize(at, field) - 1; i > 0; --i) {
        at.GetReflection()->SwapElements(&at, field, i,
                                         static_cast<int>(random() % static_cast<uint64_t>(i + 1)));
      }
    }
  }
}

void RepeatElements(Message& message, std::mt19937_64& random) {
  for (const MessageSite& site : MessageSites(message)) {
    Message& at = MessageAt(site, message);
    for (const FieldDescriptor* field : Sets(at)) {
      const int size = at.GetReflection()->FieldSize(at, field);
      if (field->message_type() == nullptr || size == 0) continue;
      // A list of components states how many it has.
      if (field->full_name() == "sluice.v1.ComponentList.components") continue;
      const int chosen = static_cast<int>(random() % static_cast<uint64_t>(size));
      const Message& element = at.GetReflection()->GetRepeatedMessage(at, field, chosen);
      Message* copy = element.New();
      copy->CopyFrom(element);
      at.GetReflection()->AddAllocatedMessage(&at, field, copy);
    }
  }
}

}  // namespace sluice
