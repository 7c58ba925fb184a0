#include "sluice/explain/remedy.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "sluice/explain/wording.h"
#include "sluice/internal/checked_time.h"

namespace sluice {

void AddTime(const RemedyContext& context, absl::Time until, Remedies* remedies) {
  if (until <= context.now || until == absl::InfiniteFuture()) return;
  Remedy remedy;
  remedy.key = absl::StrCat("time|", absl::ToUnixNanos(until));
  remedy.kind = ChangeKind::kTime;
  remedy.until = until;
  remedies->push_back(std::move(remedy));
}

std::vector<std::string> NewPrincipals(const RemedyContext& context, int count,
                                       const std::vector<absl::string_view>& taken) {
  absl::flat_hash_set<absl::string_view> known(taken.begin(), taken.end());
  for (const v1::Approval& approval : context.base.state->approvals()) {
    known.insert(approval.principal());
  }
  for (const v1::Override& given : context.base.state->overrides()) known.insert(given.principal());
  std::vector<std::string> principals;
  for (int i = 1; static_cast<int>(principals.size()) < count; ++i) {
    std::string name = absl::StrCat(context.prefix, "-person-", i);
    if (!known.contains(name)) principals.push_back(std::move(name));
  }
  return principals;
}

std::string OfPlace(absl::string_view cell, absl::string_view region) {
  if (!cell.empty()) return absl::StrCat(" of cell ", Quote(cell));
  if (!region.empty()) return absl::StrCat(" of region ", Quote(region));
  return "";
}

std::string WithRoles(const std::vector<std::string>& roles) {
  std::string text = "with role ";
  for (size_t i = 0; i < roles.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : " or ", Quote(roles[i]));
  }
  return text;
}

std::string ShortNameOfCell(const RemedyContext& context, absl::string_view cell) {
  const auto& cells = context.base.state->cells();
  for (int i = 0; i < cells.size(); ++i) {
    if (cells[i].id() == cell) return absl::StrCat("c", i + 1);
  }
  return "c0";
}

const DeploymentFacts* NewestDeployment(const RemedyContext& context, absl::string_view cell) {
  const CellFacts* facts = context.facts.Cell(cell);
  const StageFacts* records = facts == nullptr ? nullptr : context.facts.Stage(facts->stage);
  if (records == nullptr) return nullptr;
  // They are sorted by cell and number.
  const auto end = std::upper_bound(
      records->deployments.begin(), records->deployments.end(), cell,
      [](absl::string_view id, const DeploymentFacts& deployment) { return id < deployment.cell; });
  if (end == records->deployments.begin() || (end - 1)->cell != cell) return nullptr;
  return &*(end - 1);
}

absl::Time FirstStart(const RemedyContext& context) {
  absl::Time first = absl::InfiniteFuture();
  const StageFacts* records = context.facts.Stage(context.held.stage);
  if (records == nullptr) return first;
  for (const DeploymentFacts& deployment : records->deployments) {
    if (deployment.artifact != context.held.artifact) continue;
    if (deployment.fault == v1::ALL_CLEAR) first = std::min(first, deployment.started_at);
  }
  return first;
}

v1::Edit SetEdit(std::string path, std::string text) {
  v1::Edit edit;
  edit.set_path(std::move(path));
  edit.set_set(std::move(text));
  return edit;
}

v1::Edit AddEdit(std::string path, std::string text) {
  v1::Edit edit;
  edit.set_path(std::move(path));
  edit.set_add(std::move(text));
  return edit;
}

std::string EditText(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  std::string text;
  printer.PrintToString(message, &text);
  return absl::StrCat("{ ", text, "}");
}

std::string EditText(absl::Time time) { return EditText(WriteTime(time)); }

}  // namespace sluice
