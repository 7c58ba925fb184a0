#include "sluice/testing/edit.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

// One part of a path: a field and, if it is an element, its index.
struct Step {
  const FieldDescriptor* field = nullptr;
  int index = -1;
};

absl::Status Fault(const v1::Edit& edit, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("edit of `", edit.path(), "`: ", what));
}

// Keeps the first error of a parser instead of logging it.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int /*line*/, google::protobuf::io::ColumnNumber /*column*/,
                const std::string& message) override {
    if (message_.empty()) message_ = message;
  }

  const std::string& message() const { return message_; }

 private:
  std::string message_;
};

std::string NamesOf(const EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) names.push_back(type.value(i)->name());
  return absl::StrJoin(names, ", ");
}

std::string FieldNamesOf(const Descriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
  return absl::StrJoin(names, ", ");
}

// What one value of the field looks like.
std::string FormOf(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return absl::StrCat("a ", field.message_type()->full_name(), " between braces");
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat("one of ", NamesOf(*field.enum_type()));
    case FieldDescriptor::CPPTYPE_STRING:
      return "a string in quotes";
    case FieldDescriptor::CPPTYPE_BOOL:
      return "true or false";
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return "a number";
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
      break;
  }
  return absl::StrCat("an integer of type ", field.type_name());
}

// Splits `blockers[2]` in two; false if it is neither that nor a name alone.
bool SplitPart(absl::string_view part, absl::string_view* name, int* index) {
  const size_t bracket = part.find('[');
  *name = part.substr(0, bracket);
  if (name->empty()) return false;
  if (bracket == absl::string_view::npos) return true;
  absl::string_view digits = part.substr(bracket + 1);
  return absl::ConsumeSuffix(&digits, "]") && !digits.empty() &&
         absl::c_all_of(digits, [](char c) { return absl::ascii_isdigit(c); }) &&
         (digits == "0" || digits[0] != '0') && absl::SimpleAtoi(digits, index);
}

// The field of `type` with that name; else why there is none.
absl::StatusOr<const FieldDescriptor*> FindField(const v1::Edit& edit, const Descriptor& type,
                                                 absl::string_view name) {
  const FieldDescriptor* field = type.FindFieldByName(std::string(name));
  if (field != nullptr) return field;
  if (const auto* oneof = type.FindOneofByName(std::string(name))) {
    std::vector<std::string> members;
    for (int i = 0; i < oneof->field_count(); ++i) members.push_back(oneof->field(i)->name());
    return Fault(edit, absl::StrCat("`", name, "` is a choice; name one of its members: ",
                                    absl::StrJoin(members, ", ")));
  }
  return Fault(edit, absl::StrCat(type.full_name(), " has no field `", name, "`; it has ",
                                  FieldNamesOf(type)));
}

// Whether `message` has the element; else why not.
absl::Status CheckIndex(const v1::Edit& edit, const Message& message, const Step& step) {
  const FieldDescriptor& field = *step.field;
  if (!field.is_repeated()) {
    return Fault(edit, absl::StrCat("`", field.name(), "` is no list and takes no index"));
  }
  if (field.is_map()) {
    return Fault(edit, absl::StrCat("`", field.name(), "` is a map, whose entries have no index"));
  }
  const int size = message.GetReflection()->FieldSize(message, &field);
  if (step.index < size) return absl::OkStatus();
  return Fault(edit, absl::StrCat("`", field.name(), "` has no element ", step.index, "; it has ",
                                  size, size == 1 ? " element" : " elements"));
}

// The steps of the path, each of which is there to be gone. `*holder` is the message that holds the
// last, as it is or, if it is not set, as it would be.
absl::StatusOr<std::vector<Step>> Resolve(const v1::Edit& edit, const Message& message,
                                          const Message** holder) {
  if (edit.path().empty()) {
    return Fault(edit, absl::StrCat("the path is empty; it begins with one of ",
                                    FieldNamesOf(*message.GetDescriptor())));
  }
  std::vector<Step> steps;
  const Message* at = &message;
  for (const absl::string_view part : absl::StrSplit(edit.path(), '.')) {
    if (!steps.empty()) {
      const Step& last = steps.back();
      if (last.field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
        return Fault(edit, absl::StrCat("`", last.field->name(),
                                        "` has no fields of its own; it is ", FormOf(*last.field)));
      }
      if (last.field->is_repeated() && last.index < 0) {
        return Fault(edit, absl::StrCat("`", last.field->name(),
                                        last.field->is_map()
                                            ? "` is a map, whose entries can't be named"
                                            : "` is a list; say which element, such as [0]"));
      }
      const Reflection& reflection = *at->GetReflection();
      at = last.index < 0 ? &reflection.GetMessage(*at, last.field)
                          : &reflection.GetRepeatedMessage(*at, last.field, last.index);
    }
    absl::string_view name;
    Step step;
    if (!SplitPart(part, &name, &step.index)) {
      return Fault(edit, absl::StrCat("`", part, "` is neither a field such as `stages` nor an ",
                                      "element such as `stages[0]`"));
    }
    const absl::StatusOr<const FieldDescriptor*> field =
        FindField(edit, *at->GetDescriptor(), name);
    if (!field.ok()) return field.status();
    step.field = *field;
    if (step.index >= 0) {
      const absl::Status status = CheckIndex(edit, *at, step);
      if (!status.ok()) return status;
    }
    steps.push_back(step);
  }
  *holder = at;
  return steps;
}

// A message of the type of `holder` in which `field` alone has what `text` says: one value, or a
// list of them if `many`.
absl::StatusOr<std::unique_ptr<Message>> ParseValue(const v1::Edit& edit,
                                                    const FieldDescriptor& field,
                                                    const std::string& text, bool many,
                                                    const Message& holder) {
  std::unique_ptr<Message> parsed(holder.New());
  FirstError error;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kMaxMessageDepth);
  const std::string form =
      many ? absl::StrCat("a list, such as [], each element ", FormOf(field)) : FormOf(field);
  if (!parser.ParseFromString(absl::StrCat(field.name(), ": ", text), parsed.get())) {
    return Fault(edit, absl::StrCat("`", text, "` should be ", form, ", but: ", error.message()));
  }
  std::vector<const FieldDescriptor*> fields;
  parsed->GetReflection()->ListFields(*parsed, &fields);
  const bool only_this =
      absl::c_all_of(fields, [&](const FieldDescriptor* other) { return other == &field; });
  const int size = field.is_repeated() ? parsed->GetReflection()->FieldSize(*parsed, &field) : 1;
  if (!only_this || (!many && size != 1)) {
    return Fault(edit, absl::StrCat("`", text, "` should be ", form, " and nothing else"));
  }
  return parsed;
}

// Replaces element `index` of a repeated field by the last one, which was just added.
void MoveLastTo(const FieldDescriptor& field, int index, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  reflection.SwapElements(message, &field, index, reflection.FieldSize(*message, &field) - 1);
  reflection.RemoveLast(message, &field);
}

void RemoveElement(const FieldDescriptor& field, int index, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  const int size = reflection.FieldSize(*message, &field);
  for (int i = index; i + 1 < size; ++i) reflection.SwapElements(message, &field, i, i + 1);
  reflection.RemoveLast(message, &field);
}

// The message that holds the last of `steps`; those on the way come to be.
Message* Reach(const std::vector<Step>& steps, Message* message) {
  for (size_t i = 0; i + 1 < steps.size(); ++i) {
    const Reflection& reflection = *message->GetReflection();
    message = steps[i].index < 0
                  ? reflection.MutableMessage(message, steps[i].field)
                  : reflection.MutableRepeatedMessage(message, steps[i].field, steps[i].index);
  }
  return message;
}

absl::Status Clear(const v1::Edit& edit, const std::vector<Step>& steps, const Message& holder,
                   Message* message) {
  const Step& last = steps.back();
  if (!edit.clear()) return Fault(edit, "`clear` is true or not written at all");
  if (last.index >= 0) {
    RemoveElement(*last.field, last.index, Reach(steps, message));
    return absl::OkStatus();
  }
  const Reflection& reflection = *holder.GetReflection();
  const bool is_set = last.field->is_repeated() ? reflection.FieldSize(holder, last.field) > 0
                                                : reflection.HasField(holder, last.field);
  if (!is_set) return absl::OkStatus();
  Message* const reached = Reach(steps, message);
  reached->GetReflection()->ClearField(reached, last.field);
  return absl::OkStatus();
}

absl::Status Set(const v1::Edit& edit, const std::vector<Step>& steps, const Message& holder,
                 Message* message) {
  const Step& last = steps.back();
  const bool many = last.field->is_repeated() && last.index < 0;
  const absl::StatusOr<std::unique_ptr<Message>> value =
      ParseValue(edit, *last.field, edit.set(), many, holder);
  if (!value.ok()) return value.status();
  Message* const reached = Reach(steps, message);
  if (last.index < 0) reached->GetReflection()->ClearField(reached, last.field);
  reached->MergeFrom(**value);
  if (last.index >= 0) MoveLastTo(*last.field, last.index, reached);
  return absl::OkStatus();
}

absl::Status Add(const v1::Edit& edit, const std::vector<Step>& steps, const Message& holder,
                 Message* message) {
  const Step& last = steps.back();
  if (!last.field->is_repeated() || last.index >= 0) {
    return Fault(edit, "only a list grows; use `set`");
  }
  const absl::StatusOr<std::unique_ptr<Message>> value =
      ParseValue(edit, *last.field, edit.add(), /*many=*/false, holder);
  if (!value.ok()) return value.status();
  if (last.field->is_map()) {
    const std::unique_ptr<Message> grown(holder.New());
    grown->CopyFrom(holder);
    grown->MergeFrom(**value);
    if (grown->GetReflection()->FieldSize(*grown, last.field) ==
        holder.GetReflection()->FieldSize(holder, last.field)) {
      return Fault(edit, "the map has an entry with this key; set the whole map to replace it");
    }
  }
  Reach(steps, message)->MergeFrom(**value);
  return absl::OkStatus();
}

}  // namespace

absl::Status ApplyEdit(const v1::Edit& edit, google::protobuf::Message* message) {
  const Message* holder = nullptr;
  const absl::StatusOr<std::vector<Step>> steps = Resolve(edit, *message, &holder);
  if (!steps.ok()) return steps.status();
  switch (edit.change_case()) {
    case v1::Edit::kSet:
      return Set(edit, *steps, *holder, message);
    case v1::Edit::kAdd:
      return Add(edit, *steps, *holder, message);
    case v1::Edit::kClear:
      return Clear(edit, *steps, *holder, message);
    case v1::Edit::CHANGE_NOT_SET:
      break;
  }
  return Fault(edit, "says no change: one of `set`, `add` and `clear` is required");
}

}  // namespace sluice
