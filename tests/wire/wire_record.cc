#include "tests/wire/wire_record.h"

#include <memory>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/unknown_field_set.h"
#include "sluice/internal/canonical.h"
#include "sluice/reader.h"
#include "tests/wire/make_samples.h"

namespace sluice {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::MessageFactory;
using google::protobuf::Reflection;
using google::protobuf::UnknownFieldSet;

// ---------------------------------------------------------------- Declarations

std::string TypeName(const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return field.message_type()->full_name();
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) return field.enum_type()->full_name();
  return field.type_name();
}

std::string DeclarationOf(const FieldDescriptor& field) {
  std::string line = absl::StrCat(field.full_name(), " = ", field.number(), " ");
  if (field.is_map()) {
    const Descriptor& entry = *field.message_type();
    return absl::StrCat(line, "map<", TypeName(*entry.map_key()), ", ",
                        TypeName(*entry.map_value()), ">");
  }
  if (field.is_repeated()) absl::StrAppend(&line, field.is_packed() ? "packed " : "repeated ");
  if (const auto* oneof = field.real_containing_oneof(); oneof != nullptr) {
    absl::StrAppend(&line, "oneof ", oneof->name(), " ");
  } else if (field.has_optional_keyword()) {
    absl::StrAppend(&line, "optional ");
  }
  return line + TypeName(field);
}

void ListEnumerators(const EnumDescriptor& type, std::vector<std::string>* lines) {
  for (int i = 0; i < type.value_count(); ++i) {
    lines->push_back(
        absl::StrCat(type.full_name(), ".", type.value(i)->name(), " = ", type.value(i)->number()));
  }
}

// `type` and the types declared in it, entries of maps not.
void ListMessages(const Descriptor& type, std::vector<const Descriptor*>* messages) {
  if (type.options().map_entry()) return;
  messages->push_back(&type);
  for (int i = 0; i < type.nested_type_count(); ++i) ListMessages(*type.nested_type(i), messages);
}

std::vector<const Descriptor*> MessagesOf(const FileDescriptor& file) {
  std::vector<const Descriptor*> messages;
  for (int i = 0; i < file.message_type_count(); ++i) {
    ListMessages(*file.message_type(i), &messages);
  }
  return messages;
}

std::vector<std::string> DeclarationsOf(const FileDescriptor& file) {
  std::vector<std::string> lines;
  for (const Descriptor* type : MessagesOf(file)) {
    for (int i = 0; i < type->field_count(); ++i) lines.push_back(DeclarationOf(*type->field(i)));
    for (int i = 0; i < type->enum_type_count(); ++i) ListEnumerators(*type->enum_type(i), &lines);
  }
  for (int i = 0; i < file.enum_type_count(); ++i) ListEnumerators(*file.enum_type(i), &lines);
  return lines;
}

// A declaration that was saved, taken apart.
struct Declared {
  std::string scope;  // The message or the enum.
  std::string name;
  int number = 0;
};

Declared TakeApart(absl::string_view line) {
  const std::pair<absl::string_view, absl::string_view> halves = absl::StrSplit(line, " = ");
  Declared declared;
  const size_t dot = halves.first.rfind('.');
  if (dot == absl::string_view::npos) return declared;
  declared.scope = std::string(halves.first.substr(0, dot));
  declared.name = std::string(halves.first.substr(dot + 1));
  const bool read =
      absl::SimpleAtoi(halves.second.substr(0, halves.second.find(' ')), &declared.number);
  if (!read) declared.scope.clear();
  return declared;
}

// Whether what was declared so is not there any more, and nothing else will take its place.
bool IsReserved(const Declared& declared, const DescriptorPool& pool) {
  if (const Descriptor* type = pool.FindMessageTypeByName(declared.scope); type != nullptr) {
    return type->IsReservedNumber(declared.number) && type->IsReservedName(declared.name);
  }
  const EnumDescriptor* type = pool.FindEnumTypeByName(declared.scope);
  return type != nullptr && type->IsReservedNumber(declared.number) &&
         type->IsReservedName(declared.name);
}

// What `pool` declares now under the name or, without one, under the number of `declared`.
std::string DeclaredNow(const Declared& declared, const DescriptorPool& pool) {
  if (const Descriptor* type = pool.FindMessageTypeByName(declared.scope); type != nullptr) {
    const FieldDescriptor* field = type->FindFieldByName(declared.name);
    if (field == nullptr) field = type->FindFieldByNumber(declared.number);
    return field == nullptr ? "" : DeclarationOf(*field);
  }
  const EnumDescriptor* type = pool.FindEnumTypeByName(declared.scope);
  if (type == nullptr) return "";
  const auto* value = type->FindValueByName(declared.name);
  if (value == nullptr) value = type->FindValueByNumber(declared.number);
  if (value == nullptr) return "";
  return absl::StrCat(type->full_name(), ".", value->name(), " = ", value->number());
}

// ---------------------------------------------------------------- Samples

std::string TextOf(const Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  return std::string(absl::StripSuffix(text, " "));
}

WireSample SampleOf(const Message& message) {
  return {message.GetDescriptor()->full_name(), DeterministicBytes(message), TextOf(message)};
}

bool HoldsReservedEnumerator(const Message& message, const FieldDescriptor& field) {
  const Reflection& reflection = *message.GetReflection();
  const EnumDescriptor& type = *field.enum_type();
  const auto is_reserved = [&](int number) {
    return type.FindValueByNumber(number) == nullptr && type.IsReservedNumber(number);
  };
  if (!field.is_repeated()) return is_reserved(reflection.GetEnumValue(message, &field));
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    if (is_reserved(reflection.GetRepeatedEnumValue(message, &field, i))) return true;
  }
  return false;
}

// Whether anything in `message` was removed from the declarations in due form.
bool HoldsReserved(const Message& message) {
  const Reflection& reflection = *message.GetReflection();
  const UnknownFieldSet& unknown = reflection.GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    if (message.GetDescriptor()->IsReservedNumber(unknown.field(i).number())) return true;
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      if (HoldsReservedEnumerator(message, *field)) return true;
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (!field->is_repeated()) {
      if (HoldsReserved(reflection.GetMessage(message, field))) return true;
    } else {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        if (HoldsReserved(reflection.GetRepeatedMessage(message, field, i))) return true;
      }
    }
  }
  return false;
}

// Reads a sample twice and compares. Null, with what is wrong in `*wrong`, or without if the sample
// can't be compared: else the message.
std::unique_ptr<Message> Compared(const WireSample& sample, const DescriptorPool& pool,
                                  MessageFactory* factory, std::vector<std::string>* wrong) {
  const auto add = [&](absl::string_view what) {
    wrong->push_back(absl::StrCat("sample of ", sample.type, ": ", what, ": ", sample.text));
    return nullptr;
  };
  const Descriptor* type = pool.FindMessageTypeByName(sample.type);
  if (type == nullptr) return add("no such message");
  const Message* prototype = factory->GetPrototype(type);
  std::unique_ptr<Message> message(prototype->New());
  absl::Status status = ReadMessage(sample.bytes, Format::kBinary, message.get());
  if (!status.ok()) return add(status.message());
  if (HoldsReserved(*message)) return nullptr;
  std::unique_ptr<Message> said(prototype->New());
  status = ReadMessage(sample.text, Format::kTextproto, said.get());
  if (!status.ok()) return add(status.message());
  if (DeterministicBytes(*message) != DeterministicBytes(*said)) {
    return add(absl::StrCat("says now ", TextOf(*message)));
  }
  if (DeterministicBytes(*message) != sample.bytes) return add("is written otherwise now");
  std::unique_ptr<Message> again(prototype->New());
  status = ReadMessage(message->SerializeAsString(), Format::kBinary, again.get());
  if (!status.ok()) return add(status.message());
  if (DeterministicBytes(*again) != sample.bytes) return add("is lost when written");
  return message;
}

void ListSetFields(const Message& message, std::set<const FieldDescriptor*>* fields) {
  std::vector<const FieldDescriptor*> set;
  message.GetReflection()->ListFields(message, &set);
  fields->insert(set.begin(), set.end());
}

}  // namespace

std::string FormatWireRecord(const WireRecord& record) {
  std::string text;
  for (const std::string& line : record.declarations) absl::StrAppend(&text, line, "\n");
  for (const WireSample& sample : record.samples) {
    absl::StrAppend(&text, "sample ", sample.type, " ", absl::Base64Escape(sample.bytes),
                    "\n  says ", sample.text, "\n");
  }
  return text;
}

absl::StatusOr<WireRecord> ParseWireRecord(absl::string_view text) {
  WireRecord record;
  bool expects_text = false;
  int number = 0;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const auto malformed = [&](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("line ", number, ": ", what));
    };
    if (expects_text) {
      if (!absl::ConsumePrefix(&line, "  says ")) return malformed("should be what a sample says");
      record.samples.back().text = std::string(line);
      expects_text = false;
    } else if (absl::ConsumePrefix(&line, "sample ")) {
      const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(line, ' ');
      WireSample sample;
      sample.type = std::string(parts.first);
      if (!absl::Base64Unescape(parts.second, &sample.bytes)) return malformed("is not base64");
      record.samples.push_back(std::move(sample));
      expects_text = true;
    } else if (!line.empty() && line[0] != '#') {
      if (TakeApart(line).scope.empty()) return malformed("is no declaration");
      record.declarations.emplace_back(line);
    }
  }
  if (expects_text) return absl::InvalidArgumentError("the last sample is cut");
  return record;
}

std::vector<std::string> Incompatibilities(const std::vector<WireRecord>& records,
                                           const DescriptorPool& pool, MessageFactory* factory) {
  std::vector<std::string> wrong;
  for (const WireRecord& record : records) {
    for (const std::string& line : record.declarations) {
      const Declared declared = TakeApart(line);
      const std::string now = DeclaredNow(declared, pool);
      if (now == line || (now.empty() && IsReserved(declared, pool))) continue;
      wrong.push_back(
          absl::StrCat("declared as `", line, "`, now ", now.empty() ? "missing" : now));
    }
    for (const WireSample& sample : record.samples) Compared(sample, pool, factory, &wrong);
  }
  return wrong;
}

WireRecord Additions(const std::vector<WireRecord>& records, const FileDescriptor& file,
                     MessageFactory* factory) {
  std::set<std::string> declared;
  std::set<std::string> types;
  std::set<const FieldDescriptor*> set;
  for (const WireRecord& record : records) {
    declared.insert(record.declarations.begin(), record.declarations.end());
    for (const WireSample& sample : record.samples) {
      std::vector<std::string> wrong;
      const auto message = Compared(sample, *file.pool(), factory, &wrong);
      if (message == nullptr) continue;
      types.insert(sample.type);
      ListSetFields(*message, &set);
    }
  }
  WireRecord additions;
  for (std::string& line : DeclarationsOf(file)) {
    if (declared.count(line) == 0) additions.declarations.push_back(std::move(line));
  }
  for (const Descriptor* type : MessagesOf(file)) {
    bool lacks_all = types.count(type->full_name()) == 0;
    for (const auto& message : MakeSamples(*type, factory)) {
      std::set<const FieldDescriptor*> fields;
      ListSetFields(*message, &fields);
      bool adds = lacks_all;
      for (const FieldDescriptor* field : fields) adds |= set.insert(field).second;
      if (adds) additions.samples.push_back(SampleOf(*message));
      lacks_all = false;
    }
  }
  return additions;
}

}  // namespace sluice
