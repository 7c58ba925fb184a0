#include "tests/conformance/edits.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/text_format.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

// One part of a path: a field and, if it is an element, its index.
struct Step {
  std::string field;
  int index = -1;
};

absl::Status Fault(const v1::Edit& edit, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("edit of `", edit.path(), "`: ", what));
}

bool ParseStep(absl::string_view text, Step* step) {
  const size_t bracket = text.find('[');
  step->field = std::string(text.substr(0, bracket));
  if (bracket == absl::string_view::npos) return true;
  return text.back() == ']' &&
         absl::SimpleAtoi(text.substr(bracket + 1, text.size() - bracket - 2), &step->index);
}

// Parses `field: text` (or `field { ... }`) into `message`, which appends where the field is
// repeated.
bool MergeField(const FieldDescriptor& field, const std::string& text, Message* message) {
  TextFormat::Parser parser;
  return parser.MergeFromString(absl::StrCat(field.name(), ": ", text), message);
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

absl::Status Change(const v1::Edit& edit, const FieldDescriptor& field, int index,
                    Message* message) {
  const Reflection& reflection = *message->GetReflection();
  switch (edit.change_case()) {
    case v1::Edit::kAdd:
      if (!field.is_repeated() || index >= 0) return Fault(edit, "only a repeated field grows");
      if (!MergeField(field, edit.add(), message)) return Fault(edit, "not a value");
      return absl::OkStatus();
    case v1::Edit::kSet:
      if (index < 0) reflection.ClearField(message, &field);
      if (!MergeField(field, edit.set(), message)) return Fault(edit, "not a value");
      if (index >= 0) MoveLastTo(field, index, message);
      return absl::OkStatus();
    case v1::Edit::kClear:
      if (index >= 0) {
        RemoveElement(field, index, message);
      } else {
        reflection.ClearField(message, &field);
      }
      return absl::OkStatus();
    case v1::Edit::CHANGE_NOT_SET:
      break;
  }
  return Fault(edit, "changes nothing");
}

}  // namespace

absl::Status ApplyEdit(const v1::Edit& edit, google::protobuf::Message* message) {
  const std::vector<std::string> parts = absl::StrSplit(edit.path(), '.');
  for (size_t i = 0; i < parts.size(); ++i) {
    Step step;
    if (!ParseStep(parts[i], &step)) return Fault(edit, "not a path");
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(step.field);
    if (field == nullptr) return Fault(edit, absl::StrCat("no field `", step.field, "`"));
    const Reflection& reflection = *message->GetReflection();
    if (step.index >= 0 &&
        (!field->is_repeated() || step.index >= reflection.FieldSize(*message, field))) {
      return Fault(edit, absl::StrCat("no element `", parts[i], "`"));
    }
    if (i + 1 == parts.size()) return Change(edit, *field, step.index, message);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        field->is_repeated() != (step.index >= 0)) {
      return Fault(edit, absl::StrCat("`", parts[i], "` is no message"));
    }
    message = field->is_repeated() ? reflection.MutableRepeatedMessage(message, field, step.index)
                                   : reflection.MutableMessage(message, field);
  }
  return Fault(edit, "empty path");
}

}  // namespace sluice
