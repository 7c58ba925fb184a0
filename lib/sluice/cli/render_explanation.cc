#include "sluice/cli/render_explanation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"
#include "sluice/cli/render_text.h"
#include "sluice/explain/sentence.h"
#include "sluice/explain/stage_sentence.h"
#include "sluice/explain/wording.h"
#include "sluice/finding.h"

namespace sluice {
namespace {

using google::protobuf::Value;

// ---------------------------------------------------------------- Text

// The instant first: all else is as of then.
std::vector<const Change*> InOrderOfReading(const ChangeSet& set) {
  std::vector<const Change*> changes;
  for (const Change& change : set.changes) changes.push_back(&change);
  std::stable_partition(changes.begin(), changes.end(),
                        [](const Change* change) { return change->kind == ChangeKind::kTime; });
  return changes;
}

std::string RenderSet(const ChangeSet& set, size_t number) {
  const std::string first = absl::StrCat("    ", number, ". ");
  const std::string rest(first.size(), ' ');
  std::string text;
  for (const Change* change : InOrderOfReading(set)) {
    absl::StrAppend(&text, text.empty() ? Wrap(change->sentence, first, rest)
                                        : Wrap(change->sentence, rest + "and ", rest + "    "));
  }
  return text;
}

std::string WouldMove(const ExplainedArtifact& artifact, const StageDecision& stage) {
  const bool is_the_stages = artifact.held.artifact == stage.artifact;
  const std::string it =
      is_the_stages ? "It" : absl::StrCat("Artifact ", ShortDigest(artifact.held.artifact));
  switch (artifact.held.move) {
    case Move::kForward:
      return it + " would move";
    case Move::kStart:
      return it + " would be deployed";
    case Move::kPass:
      return it + " would pass the stage";
  }
  return it + " would move";
}

std::string RenderArtifact(const ExplainedArtifact& artifact, const StageDecision& stage) {
  const SmallestChangesResult& changes = artifact.changes;
  const std::string would = WouldMove(artifact, stage);
  std::string text = "\n";
  if (changes.sets.empty()) {
    if (changes.has_more) {
      return absl::StrCat(
          text, Wrap(absl::StrCat(would, " with more changes than were looked for."), "  ", "  "));
    }
    absl::StrAppend(
        &text, artifact.held.artifact.empty()
                   ? Wrap("Nothing moves here whatever is reported or done. See to:", "  ", "  ")
                   : Wrap(would + " with no change that is known of. See to:", "  ", "  "));
    for (const std::string& sentence : changes.without_remedy) {
      absl::StrAppend(&text, Wrap(sentence, "    - ", "      "));
    }
    return text;
  }
  if (changes.sets.size() == 1 && changes.sets[0].changes.empty()) {
    return absl::StrCat(
        text, Wrap(would + " once what the decision wants recorded is recorded.", "  ", "  "));
  }
  const bool is_only = changes.sets.size() == 1 && !changes.has_more;
  absl::StrAppend(&text, Wrap(would + (is_only ? " with:" : " with any one of:"), "  ", "  "));
  for (size_t i = 0; i < changes.sets.size(); ++i) {
    absl::StrAppend(&text, RenderSet(changes.sets[i], i + 1));
  }
  if (changes.has_more) absl::StrAppend(&text, "    There may be more.\n");
  return text;
}

// ---------------------------------------------------------------- Values

Value Text(absl::string_view text) {
  Value value;
  value.set_string_value(std::string(text));
  return value;
}

Value Truth(bool truth) {
  Value value;
  value.set_bool_value(truth);
  return value;
}

Value List() {
  Value value;
  value.mutable_list_value();
  return value;
}

void Append(Value element, Value* list) {
  *list->mutable_list_value()->add_values() = std::move(element);
}

void Put(absl::string_view key, Value element, Value* object) {
  (*object->mutable_struct_value()->mutable_fields())[std::string(key)] = std::move(element);
}

Value Texts(const std::vector<std::string>& texts) {
  Value list = List();
  for (const std::string& text : texts) Append(Text(text), &list);
  return list;
}

// A message as its JSON form.
Value Object(const google::protobuf::Message& message) {
  std::string json;
  Value value;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok() ||
      !google::protobuf::util::JsonStringToMessage(json, &value).ok()) {
    return Value();
  }
  return value;
}

template <typename Message>
Value Objects(const std::vector<Message>& messages) {
  Value list = List();
  for (const Message& message : messages) Append(Object(message), &list);
  return list;
}

Value ValueOf(const Change& change) {
  Value value;
  Put("kind", Text(ChangeKindName(change.kind)), &value);
  Put("sentence", Text(change.sentence), &value);
  if (change.now.has_value()) Put("now", Text(Instant(*change.now)), &value);
  if (!change.events.empty()) Put("events", Objects(change.events), &value);
  if (!change.edits.empty()) Put("edits", Objects(change.edits), &value);
  return value;
}

Value ValueOf(const ChangeSet& set) {
  Value value;
  Put("now", Text(Instant(set.now)), &value);
  Value changes = List();
  for (const Change& change : set.changes) Append(ValueOf(change), &changes);
  Put("changes", std::move(changes), &value);
  return value;
}

absl::string_view MoveName(Move move) {
  switch (move) {
    case Move::kForward:
      return "forward";
    case Move::kStart:
      return "start";
    case Move::kPass:
      return "pass";
  }
  return "forward";
}

Value ValueOf(const ExplainedArtifact& artifact) {
  Value value;
  Put("artifact", Text(artifact.held.artifact), &value);
  Put("move", Text(MoveName(artifact.held.move)), &value);
  Value sets = List();
  for (const ChangeSet& set : artifact.changes.sets) Append(ValueOf(set), &sets);
  Put("sets", std::move(sets), &value);
  Put("has_more", Truth(artifact.changes.has_more), &value);
  Put("without_remedy", Texts(artifact.changes.without_remedy), &value);
  return value;
}

}  // namespace

std::string RenderExplanation(const ExplainedStage& stage, bool colour) {
  RenderOptions options;
  options.colour = colour;
  options.count_others = false;
  std::string text = RenderStage(*stage.decision, options);
  for (const ExplainedArtifact& artifact : stage.artifacts) {
    absl::StrAppend(&text, RenderArtifact(artifact, *stage.decision));
  }
  return text;
}

google::protobuf::Value ExplanationValue(const ExplainedStage& stage) {
  Value value;
  Put("stage", Text(stage.decision->stage), &value);
  Put("action", Text(ActionName(stage.decision->action)), &value);
  Put("sentence", Text(ActionSentence(*stage.decision)), &value);
  Value holds = List();
  for (const Finding& finding : stage.decision->findings) {
    if (Holds(finding)) Append(Text(Sentence(finding)), &holds);
  }
  Put("holds", std::move(holds), &value);
  Value artifacts = List();
  for (const ExplainedArtifact& artifact : stage.artifacts) Append(ValueOf(artifact), &artifacts);
  Put("artifacts", std::move(artifacts), &value);
  return value;
}

}  // namespace sluice
