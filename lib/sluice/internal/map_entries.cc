#include "sluice/internal/map_entries.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

const FieldDescriptor& KeyField(const Message& entry) { return *entry.GetDescriptor()->map_key(); }

bool KeyLess(const Message* a, const Message* b) {
  const FieldDescriptor& key = KeyField(*a);
  const Reflection& of_a = *a->GetReflection();
  const Reflection& of_b = *b->GetReflection();
  switch (key.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return of_a.GetInt32(*a, &key) < of_b.GetInt32(*b, &key);
    case FieldDescriptor::CPPTYPE_INT64:
      return of_a.GetInt64(*a, &key) < of_b.GetInt64(*b, &key);
    case FieldDescriptor::CPPTYPE_UINT32:
      return of_a.GetUInt32(*a, &key) < of_b.GetUInt32(*b, &key);
    case FieldDescriptor::CPPTYPE_UINT64:
      return of_a.GetUInt64(*a, &key) < of_b.GetUInt64(*b, &key);
    case FieldDescriptor::CPPTYPE_BOOL:
      return of_a.GetBool(*a, &key) < of_b.GetBool(*b, &key);
    default: {
      std::string scratch_a;
      std::string scratch_b;
      return of_a.GetStringReference(*a, &key, &scratch_a) <
             of_b.GetStringReference(*b, &key, &scratch_b);
    }
  }
}

}  // namespace

std::vector<const Message*> SortedMapEntries(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  const int size = reflection.FieldSize(message, &field);
  std::vector<const Message*> entries;
  entries.reserve(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {
    entries.push_back(&reflection.GetRepeatedMessage(message, &field, i));
  }
  std::sort(entries.begin(), entries.end(), KeyLess);
  return entries;
}

std::string MapKeyText(const Message& entry) {
  const FieldDescriptor& key = KeyField(entry);
  const Reflection& reflection = *entry.GetReflection();
  switch (key.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(entry, &key));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection.GetInt64(entry, &key));
    case FieldDescriptor::CPPTYPE_UINT32:
      return absl::StrCat(reflection.GetUInt32(entry, &key));
    case FieldDescriptor::CPPTYPE_UINT64:
      return absl::StrCat(reflection.GetUInt64(entry, &key));
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(entry, &key) ? "true" : "false";
    default:
      return reflection.GetString(entry, &key);
  }
}

}  // namespace sluice
