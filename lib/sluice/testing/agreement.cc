#include "sluice/testing/agreement.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/checked_time.h"

namespace sluice {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;

// Lines that are shown of a list of what is there.
constexpr size_t kMaxShownLines = 8;

std::vector<const FieldDescriptor*> SetFields(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

bool IsEvidence(const FieldDescriptor& field) {
  return !field.is_repeated() && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field.message_type()->full_name() == "sluice.v1.Evidence";
}

std::string ValueText(const Message& message, const FieldDescriptor& field, int index) {
  std::string text;
  TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.PrintFieldValueToString(message, &field, index, &text);
  return text;
}

// Whether the field, which is set in `want`, is equal in `have`.
bool IsEqual(const FieldDescriptor& field, const Message& want, const Message& have) {
  const Reflection& reflection = *want.GetReflection();
  if (!field.is_repeated()) {
    return (!field.has_presence() || reflection.HasField(have, &field)) &&
           ValueText(want, field, -1) == ValueText(have, field, -1);
  }
  const int size = reflection.FieldSize(want, &field);
  if (size != reflection.FieldSize(have, &field)) return false;
  for (int i = 0; i < size; ++i) {
    if (ValueText(want, field, i) != ValueText(have, field, i)) return false;
  }
  return true;
}

// Whether every field that is set in `want` is equal in `have`; those of evidence one by one.
bool Agrees(const Message& want, const Message& have) {
  const Reflection& reflection = *want.GetReflection();
  return absl::c_all_of(SetFields(want), [&](const FieldDescriptor* field) {
    if (!IsEvidence(*field)) return IsEqual(*field, want, have);
    return reflection.HasField(have, field) &&
           Agrees(reflection.GetMessage(want, field), reflection.GetMessage(have, field));
  });
}

// One value for people: instants as RFC 3339, all else as in a textproto.
std::string Shown(const Message& message, const FieldDescriptor& field, int index) {
  if (index < 0 && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
      field.message_type()->full_name() == "google.protobuf.Timestamp") {
    const auto& timestamp = static_cast<const google::protobuf::Timestamp&>(
        message.GetReflection()->GetMessage(message, &field));
    const absl::optional<absl::Time> time = ReadTime(timestamp);
    if (time.has_value()) return Instant(*time);
  }
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    return absl::StrCat("{ ", ValueText(message, field, index), "}");
  }
  return ValueText(message, field, index);
}

// Those fields of `have` that are set in `want`, on one line.
std::string ShownAs(const Message& want, const Message& have) {
  const Reflection& reflection = *want.GetReflection();
  std::vector<std::string> parts;
  for (const FieldDescriptor* field : SetFields(want)) {
    if (IsEvidence(*field)) {
      parts.push_back(absl::StrCat(
          field->name(), " { ",
          ShownAs(reflection.GetMessage(want, field), reflection.GetMessage(have, field)), " }"));
    } else if (field->is_repeated()) {
      std::vector<std::string> elements;
      for (int i = 0; i < reflection.FieldSize(have, field); ++i) {
        elements.push_back(Shown(have, *field, i));
      }
      parts.push_back(absl::StrCat(field->name(), ": [ ", absl::StrJoin(elements, ", "), " ]"));
    } else if (field->has_presence() && !reflection.HasField(have, field)) {
      parts.push_back(absl::StrCat(field->name(), ": none"));
    } else {
      parts.push_back(absl::StrCat(field->name(), ": ", Shown(have, *field, -1)));
    }
  }
  return absl::StrJoin(parts, " ");
}

std::string Shown(const Message& message) { return ShownAs(message, message); }

// The lines, or `none` if there are none.
std::string Lines(std::vector<std::string> lines, absl::string_view none) {
  if (lines.empty()) return std::string(none);
  if (lines.size() > kMaxShownLines) {
    const size_t more = lines.size() - kMaxShownLines;
    lines.resize(kMaxShownLines);
    lines.push_back(absl::StrCat("and ", more, " more"));
  }
  return absl::StrJoin(lines, "\n");
}

// Pairs elements of two lists so that as many as possible have a partner that agrees.
class Pairing {
 public:
  template <typename List>
  Pairing(const List& want, const List& have)
      : partner_of_want_(static_cast<size_t>(want.size()), kNone),
        partner_of_have_(static_cast<size_t>(have.size()), kNone) {
    agrees_.resize(partner_of_want_.size());
    for (size_t i = 0; i < agrees_.size(); ++i) {
      for (const auto& element : have) {
        agrees_[i].push_back(Agrees(want[static_cast<int>(i)], element));
      }
    }
    for (size_t i = 0; i < agrees_.size(); ++i) {
      std::vector<bool> tried(partner_of_have_.size(), false);
      FindPartner(i, &tried);
    }
  }

  bool WantHasPartner(int i) const { return partner_of_want_[static_cast<size_t>(i)] != kNone; }
  bool HaveHasPartner(int i) const { return partner_of_have_[static_cast<size_t>(i)] != kNone; }

 private:
  static constexpr size_t kNone = static_cast<size_t>(-1);

  // Finds a partner for element `i`, other elements changing theirs where they can.
  bool FindPartner(size_t i, std::vector<bool>* tried) {
    for (size_t j = 0; j < partner_of_have_.size(); ++j) {
      if (!agrees_[i][j] || (*tried)[j]) continue;
      (*tried)[j] = true;
      if (partner_of_have_[j] == kNone || FindPartner(partner_of_have_[j], tried)) {
        partner_of_have_[j] = i;
        partner_of_want_[i] = j;
        return true;
      }
    }
    return false;
  }

  std::vector<std::vector<bool>> agrees_;
  std::vector<size_t> partner_of_want_;
  std::vector<size_t> partner_of_have_;
};

// The elements of both lists that are without a partner in the other.
template <typename List>
void CompareAll(absl::string_view stage, absl::string_view what, const List& want, const List& have,
                std::vector<Mismatch>* mismatches) {
  const Pairing pairing(want, have);
  std::vector<std::string> missing;
  std::vector<std::string> left_over;
  for (int i = 0; i < want.size(); ++i) {
    if (!pairing.WantHasPartner(i)) missing.push_back(Shown(want[i]));
  }
  for (int i = 0; i < have.size(); ++i) {
    if (!pairing.HaveHasPartner(i)) left_over.push_back(Shown(have[i]));
  }
  if (missing.empty() && left_over.empty()) return;
  mismatches->push_back({std::string(stage), std::string(what), Lines(missing, "nothing else"),
                         Lines(left_over, "nothing else")});
}

// Whether the parts of a finding's key that are set in `want` are those of `have`.
bool HasKeyOf(const v1::Finding& want, const v1::Finding& have) {
  const auto is = [](const std::string& a, const std::string& b) { return a.empty() || a == b; };
  return is(want.id(), have.id()) && is(want.artifact(), have.artifact()) &&
         is(want.wave(), have.wave()) && is(want.cell(), have.cell());
}

// What the findings that `want` may mean say of the fields that it sets.
std::string NearestTo(const v1::Finding& want, const v1::StageDecision& stage) {
  std::vector<std::string> same_key;
  std::vector<std::string> same_id;
  for (const v1::Finding& have : stage.findings()) {
    if (HasKeyOf(want, have)) same_key.push_back(ShownAs(want, have));
    if (have.id() == want.id()) same_id.push_back(ShownAs(want, have));
  }
  return Lines(same_key.empty() ? same_id : same_key, "no such finding");
}

void CompareFindings(const v1::Expectation& expected, const v1::StageDecision& stage,
                     std::vector<Mismatch>* mismatches) {
  for (const v1::Finding& want : expected.findings()) {
    if (absl::c_any_of(stage.findings(), [&](const v1::Finding& f) { return Agrees(want, f); })) {
      continue;
    }
    mismatches->push_back({stage.stage(), "findings", Shown(want), NearestTo(want, stage)});
  }
}

void ComparePassedOver(const v1::Expectation& expected, const v1::StageDecision& stage,
                       std::vector<Mismatch>* mismatches) {
  for (const v1::PassedOver& want : expected.passed_over()) {
    if (absl::c_any_of(stage.passed_over(),
                       [&](const v1::PassedOver& have) { return Agrees(want, have); })) {
      continue;
    }
    std::vector<std::string> lines;
    for (const v1::PassedOver& have : stage.passed_over()) lines.push_back(Shown(have));
    mismatches->push_back({stage.stage(), "passed_over", Shown(want), Lines(lines, "none")});
  }
}

void CompareCells(const v1::Expectation& expected, const v1::StageDecision& stage,
                  std::vector<Mismatch>* mismatches) {
  if (!expected.no_cells() && expected.cells().empty()) return;
  std::vector<std::string> want(expected.cells().begin(), expected.cells().end());
  std::vector<std::string> have;
  for (const v1::CellAction& action : stage.actions()) have.push_back(action.cell());
  absl::c_sort(want);
  absl::c_sort(have);
  if (want == have) return;
  const auto shown = [](const std::vector<std::string>& cells) {
    const auto quoted = [](std::string* out, const std::string& cell) {
      absl::StrAppend(out, "\"", absl::Utf8SafeCEscape(cell), "\"");
    };
    return cells.empty() ? "none" : absl::StrJoin(cells, ", ", quoted);
  };
  mismatches->push_back({stage.stage(), "cells", shown(want), shown(have)});
}

void CompareAbsent(const v1::Expectation& expected, const v1::StageDecision& stage,
                   std::vector<Mismatch>* mismatches) {
  v1::Finding shown;  // The fields to show.
  shown.set_id("id");
  shown.set_verdict(v1::CLEAR);
  shown.set_reason(v1::ALL_CLEAR);
  for (const std::string& id : expected.absent()) {
    std::vector<std::string> lines;
    for (const v1::Finding& have : stage.findings()) {
      if (have.id() == id) lines.push_back(ShownAs(shown, have));
    }
    if (lines.empty()) continue;
    mismatches->push_back({stage.stage(), "absent",
                           absl::StrCat("no finding \"", absl::Utf8SafeCEscape(id), "\""),
                           Lines(lines, "none")});
  }
}

// The records without their ids, which are made of the other fields.
google::protobuf::RepeatedPtrField<v1::WantedRecord> WithoutIds(
    google::protobuf::RepeatedPtrField<v1::WantedRecord> records) {
  for (v1::WantedRecord& record : records) record.clear_id();
  return records;
}

void CompareWanted(const v1::Expectation& expected, const v1::StageDecision& stage,
                   std::vector<Mismatch>* mismatches) {
  if (!expected.no_wanted() && expected.wanted().empty()) return;
  const bool by_id =
      absl::c_any_of(expected.wanted(), [](const v1::WantedRecord& w) { return !w.id().empty(); });
  CompareAll(stage.stage(), "wanted", expected.wanted(),
             by_id ? stage.wanted() : WithoutIds(stage.wanted()), mismatches);
}

void CompareStage(const v1::Expectation& expected, const v1::PipelineDecision& decision,
                  std::vector<Mismatch>* mismatches) {
  const auto stage = absl::c_find_if(decision.stages(), [&](const v1::StageDecision& candidate) {
    return candidate.stage() == expected.stage();
  });
  if (stage == decision.stages().end()) {
    std::vector<std::string> names;
    for (const v1::StageDecision& other : decision.stages()) names.push_back(Quote(other.stage()));
    mismatches->push_back({expected.stage(), "stage", Quote(expected.stage()),
                           names.empty() ? "no stage" : absl::StrJoin(names, ", ")});
    return;
  }
  if (expected.action() != v1::StageDecision::ACTION_UNSPECIFIED &&
      expected.action() != stage->action()) {
    mismatches->push_back({expected.stage(), "action",
                           v1::StageDecision::Action_Name(expected.action()),
                           v1::StageDecision::Action_Name(stage->action())});
  }
  if (!expected.artifact().empty() && expected.artifact() != stage->artifact()) {
    mismatches->push_back({expected.stage(), "artifact", absl::Utf8SafeCEscape(expected.artifact()),
                           stage->artifact().empty() ? "none" : stage->artifact()});
  }
  CompareCells(expected, *stage, mismatches);
  CompareFindings(expected, *stage, mismatches);
  CompareWanted(expected, *stage, mismatches);
  ComparePassedOver(expected, *stage, mismatches);
  CompareAbsent(expected, *stage, mismatches);
}

std::string Until(absl::Time time) {
  return time == absl::InfiniteFuture() ? "never changes" : Instant(time);
}

}  // namespace

bool AssertsSomething(const v1::Expectation& expectation) {
  return absl::c_any_of(SetFields(expectation), [](const FieldDescriptor* field) {
    return field->number() != v1::Expectation::kStageFieldNumber;
  });
}

bool AssertsSomething(const v1::Moment& moment) {
  return moment.expect_size() > 0 || moment.has_valid_until() || moment.never_changes();
}

std::vector<Mismatch> Disagreements(const v1::Moment& moment, const Decision& decision) {
  std::vector<Mismatch> mismatches;
  const v1::PipelineDecision message = ToProto(decision);
  for (const v1::Expectation& expected : moment.expect()) {
    CompareStage(expected, message, &mismatches);
  }
  if (moment.has_valid_until()) {
    const absl::optional<absl::Time> until = ReadTime(moment.valid_until());
    if (until != decision.valid_until) {
      mismatches.push_back({"", "valid_until", until.has_value() ? Instant(*until) : "no instant",
                            Until(decision.valid_until)});
    }
  }
  if (moment.never_changes() && decision.valid_until != absl::InfiniteFuture()) {
    mismatches.push_back({"", "never_changes", "never changes", Until(decision.valid_until)});
  }
  return mismatches;
}

std::vector<Mismatch> Disagreements(const v1::TestCase& test, const v1::Faults& faults) {
  std::vector<Mismatch> mismatches;
  CompareAll("", "faults", test.faults(), faults.faults(), &mismatches);
  return mismatches;
}

}  // namespace sluice
