#include "sluice/blockers/combination.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "sluice/blockers/judgement.h"
#include "sluice/internal/limits.h"

namespace sluice {
namespace {

using Judge = absl::FunctionRef<Judgement(size_t, absl::Time)>;

// Verdict and reason of a combination; how many children have which.
struct Answer {
  Verdict verdict = Verdict::kUnknown;
  Reason reason = v1::CHILDREN_UNKNOWN;
  size_t clear = 0;
};

bool IsSame(const Answer& a, const Answer& b) {
  return a.verdict == b.verdict && a.reason == b.reason;
}

// A blocker of the tree, at the instant that has been reached.
struct Node {
  const CombinedBlocker* blocker = nullptr;
  bool is_two_valued = false;
  std::vector<Node> children;
  size_t leaf = 0;  // Of what is no combination: its place.
  Judgement says;   // So too: at the instant reached.
  Judgement said;   // So too: at first.
  Answer answer;    // At the instant reached.
  Answer first;     // At first.
  absl::Time next;  // The first later instant at which anything that matters to it changes.
  // The first instant at which the answer was another one than at first.
  absl::Time changed = absl::InfiniteFuture();
};

Node Plant(const CombinedBlocker& blocker, size_t& leaves) {
  Node node;
  node.blocker = &blocker;
  node.is_two_valued = blocker.is_two_valued;
  if (blocker.children.empty()) {
    node.leaf = leaves++;
    return node;
  }
  node.is_two_valued = true;
  for (const CombinedBlocker& child : blocker.children) {
    node.children.push_back(Plant(child, leaves));
    node.is_two_valued = node.is_two_valued && node.children.back().is_two_valued;
  }
  return node;
}

// What follows from what the children say, the two-valued ones saying `instead` if that is set.
Answer Combine(const Node& node, const Verdict* instead) {
  const size_t needed = node.blocker->needed;
  size_t unknown = 0;
  bool has_invalid = false;
  bool lacks_subject = false;
  Answer answer;
  for (const Node& child : node.children) {
    const bool is_replaced = instead != nullptr && child.is_two_valued;
    switch (is_replaced ? *instead : child.answer.verdict) {
      case Verdict::kInvalid:
        has_invalid = true;
        break;
      case Verdict::kUnknown:
        ++unknown;
        lacks_subject = lacks_subject || child.answer.reason == v1::NO_SUBJECT;
        break;
      case Verdict::kClear:
        ++answer.clear;
        break;
      case Verdict::kBlocking:
        break;
    }
  }
  if (has_invalid) {
    answer.verdict = Verdict::kInvalid;
    answer.reason = v1::CHILD_INVALID;
  } else if (lacks_subject) {
    answer.reason = v1::NO_SUBJECT;
  } else if (answer.clear >= needed) {
    answer.verdict = Verdict::kClear;
    answer.reason = v1::ALL_CLEAR;
  } else if (answer.clear + unknown < needed) {
    answer.verdict = Verdict::kBlocking;
    answer.reason = v1::TOO_FEW_CHILDREN_CLEAR;
  }
  return answer;
}

// Whether two-valued children make no difference to the answer, whatever they say.
bool IsSettled(const Node& node) {
  const Verdict clear = Verdict::kClear;
  const Verdict blocking = Verdict::kBlocking;
  return IsSame(Combine(node, &clear), Combine(node, &blocking));
}

// Goes on to `t`, asking those whose answer may be another one by then.
void GoTo(absl::Time t, const Judge& judge, Node& node) {
  if (node.children.empty()) {
    if (node.says.changes_at > t) return;
    node.says = judge(node.leaf, t);
    node.answer = {node.says.verdict, node.says.reason, 0};
    node.next = node.says.changes_at;
    return;
  }
  for (Node& child : node.children) GoTo(t, judge, child);
  node.answer = Combine(node, nullptr);
  const bool is_settled = IsSettled(node);
  node.next = absl::InfiniteFuture();
  for (const Node& child : node.children) {
    if (is_settled && child.is_two_valued) continue;
    node.next = std::min(node.next, child.next);
  }
  if (node.changed == absl::InfiniteFuture() && !IsSame(node.answer, node.first)) node.changed = t;
}

// Asks everything at `now`.
void Start(absl::Time now, const Judge& judge, Node& node) {
  node.says.changes_at = absl::InfinitePast();
  for (Node& child : node.children) Start(now, judge, child);
  GoTo(now, judge, node);
  node.first = node.answer;
  node.said = node.says;
  node.changed = absl::InfiniteFuture();
}

Judgement JudgementOf(const Node& node);

Finding FindingOf(const Node& node) {
  Judgement judgement = node.children.empty() ? node.said : JudgementOf(node);
  Finding finding;
  finding.id = node.blocker->id;
  finding.verdict = judgement.verdict;
  finding.reason = judgement.reason;
  finding.effect = Effect::kNone;
  finding.changes_at = judgement.changes_at;
  finding.evidence = std::move(judgement.evidence);
  return finding;
}

// What the combination said at first.
Judgement JudgementOf(const Node& node) {
  Judgement judgement = Judged(node.first.verdict, node.first.reason);
  judgement.changes_at = std::min(node.changed, node.next);
  judgement.evidence.count = static_cast<int64_t>(node.first.clear);
  judgement.evidence.needed = static_cast<int64_t>(node.blocker->needed);
  std::vector<absl::string_view> in_the_way;
  for (const Node& child : node.children) {
    if (child.first.verdict != Verdict::kClear) in_the_way.push_back(child.blocker->id);
    judgement.evidence.children.push_back(FindingOf(child));
  }
  NameSubjects(in_the_way, judgement.evidence);
  return judgement;
}

}  // namespace

Judgement CheckCombination(const CombinedBlocker& combination, Judge judge, absl::Time now) {
  size_t leaves = 0;
  Node root = Plant(combination, leaves);
  Start(now, judge, root);
  absl::Time reached = absl::InfiniteFuture();
  for (int step = 0; step < kMaxCombinationSteps; ++step) {
    reached = root.next;
    if (reached == absl::InfiniteFuture()) break;
    GoTo(reached, judge, root);
    if (root.changed != absl::InfiniteFuture()) break;
  }
  Judgement judgement = JudgementOf(root);
  judgement.changes_at = reached;
  return judgement;
}

}  // namespace sluice
