// Shows of each field of a policy, found from the descriptors, that it does something: see
// policy_fields.proto for the form of the pairs.

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "sluice/finding.h"
#include "sluice/host_kind.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/field_errors.h"
#include "sluice/policy.h"
#include "sluice/testing/edit.h"
#include "tests/conformance/host_kinds.h"
#include "tests/conformance/outcome.h"
#include "tests/properties/policy_fields.pb.h"
#include "tests/properties/world.h"

namespace sluice {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// The fields from the policy down to one that differs.
using Chain = std::vector<const FieldDescriptor*>;

bool IsLeaf(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field.is_map() ||
         absl::StartsWith(field.message_type()->full_name(), "google.protobuf.");
}

// Every field of `type` and of the messages in it, each message once, also if it is inside itself.
void ListFields(const Descriptor& type, std::set<std::string>* fields) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!fields->insert(field.full_name()).second) return;
    if (!IsLeaf(field)) ListFields(*field.message_type(), fields);
  }
}

bool EqualField(const Message& a, const Message& b, const FieldDescriptor& field) {
  if (field.has_presence() &&
      a.GetReflection()->HasField(a, &field) != b.GetReflection()->HasField(b, &field)) {
    return false;
  }
  google::protobuf::util::MessageDifferencer differencer;
  return differencer.CompareWithFields(a, b, {&field}, {&field});
}

// Adds a chain for each field in which `a` and `b` differ; where both have a message, for the
// fields inside it.
void ListDifferences(const Message& a, const Message& b, Chain* above, std::vector<Chain>* chains) {
  const Reflection& reflection = *a.GetReflection();
  for (int i = 0; i < a.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *a.GetDescriptor()->field(i);
    if (EqualField(a, b, field)) continue;
    above->push_back(&field);
    if (IsLeaf(field)) {
      chains->push_back(*above);
    } else if (field.is_repeated()) {
      const int size = reflection.FieldSize(a, &field);
      if (reflection.FieldSize(b, &field) != size) chains->push_back(*above);
      for (int e = 0; reflection.FieldSize(b, &field) == size && e < size; ++e) {
        ListDifferences(reflection.GetRepeatedMessage(a, &field, e),
                        reflection.GetRepeatedMessage(b, &field, e), above, chains);
      }
    } else if (reflection.HasField(a, &field) != reflection.HasField(b, &field)) {
      chains->push_back(*above);
    } else {
      ListDifferences(reflection.GetMessage(a, &field), reflection.GetMessage(b, &field), above,
                      chains);
    }
    above->pop_back();
  }
}

std::vector<Chain> DifferencesOf(const v1::PipelinePolicy& a, const v1::PipelinePolicy& b) {
  Chain above;
  std::vector<Chain> chains;
  ListDifferences(a, b, &above, &chains);
  return chains;
}

// Whether a pair for `field` may change `changed`: the field itself, a member of the same oneof, or
// one of `also`.
bool MayChange(const FieldDescriptor& changed, const properties::FieldPair& pair) {
  if (changed.full_name() == pair.field()) return true;
  if (std::count(pair.also().begin(), pair.also().end(), changed.full_name()) > 0) return true;
  const google::protobuf::OneofDescriptor* oneof = changed.real_containing_oneof();
  if (oneof == nullptr) return false;
  for (int i = 0; i < oneof->field_count(); ++i) {
    if (oneof->field(i)->full_name() == pair.field()) return true;
  }
  return false;
}

// The kinds of the cases, and one that is never CLEAR.
CompileOptions OptionsForPairs() {
  CompileOptions options;
  options.host_kinds = KindsForCases();
  options.host_kinds["example.com/never"] = [](const HostQuestion&) {
    HostAnswer answer;
    answer.verdict = Verdict::kBlocking;
    answer.reason = "never";
    answer.changes_at = absl::InfiniteFuture();
    return answer;
  };
  return options;
}

class Pairs {
 public:
  explicit Pairs(properties::PolicyFields file) : file_(std::move(file)) {}

  const properties::PolicyFields& file() const { return file_; }

  const properties::PolicyFieldsBase* Base(const std::string& name) const {
    for (const properties::PolicyFieldsBase& base : file_.bases()) {
      if (base.name() == name) return &base;
    }
    return nullptr;
  }

  // The inputs with A and with B as their policies.
  absl::Status Make(const properties::FieldPair& pair, v1::Inputs* a, v1::Inputs* b) const {
    const properties::PolicyFieldsBase* base = Base(pair.base());
    if (base == nullptr) return absl::NotFoundError(absl::StrCat("base `", pair.base(), "`"));
    *a = base->inputs();
    absl::Status status;
    for (const v1::Edit& edit : pair.edits()) status.Update(ApplyEdit(edit, a));
    *b = *a;
    for (const v1::Edit& edit : pair.change()) {
      if (!absl::StartsWith(edit.path(), "policy.")) {
        status.Update(absl::InvalidArgumentError("a change outside the policy"));
      }
      status.Update(ApplyEdit(edit, b));
    }
    return status;
  }

 private:
  const properties::PolicyFields file_;
};

class PairTest : public ::testing::Test {
 public:
  PairTest(const Pairs* pairs, const properties::FieldPair* pair) : pairs_(pairs), pair_(pair) {}

  void TestBody() override {
    v1::Inputs a;
    v1::Inputs b;
    const absl::Status made = pairs_->Make(*pair_, &a, &b);
    ASSERT_TRUE(made.ok()) << made;
    CheckDifferences(a.policy(), b.policy());
    const CompileOptions options = OptionsForPairs();
    const absl::StatusOr<Policy> policy_a = Policy::Compile(a.policy(), options);
    ASSERT_TRUE(policy_a.ok()) << FaultsOf(policy_a.status()).DebugString();
    const absl::StatusOr<Policy> policy_b = Policy::Compile(b.policy(), options);
    if (pair_->has_fault()) {
      CheckFault(policy_b.status());
      return;
    }
    ASSERT_TRUE(policy_b.ok()) << FaultsOf(policy_b.status()).DebugString();
    EXPECT_NE(policy_a->fingerprint(), policy_b->fingerprint());
    const World world(a.has_organisation() ? &a.organisation() : nullptr, a.known_bad());
    ASSERT_TRUE(world.status().ok()) << world.status();
    const absl::optional<absl::Time> now =
        ReadTime(pair_->has_now() ? pair_->now() : pairs_->Base(pair_->base())->now());
    ASSERT_TRUE(now.has_value());
    const Snapshot snapshot = world.Load(a.state());
    const std::string outcome_a = OutcomeOf(policy_a->Decide(snapshot, *now));
    const std::string outcome_b = OutcomeOf(policy_b->Decide(snapshot, *now));
    if (pair_->documentation()) {
      EXPECT_EQ(outcome_a, outcome_b);
    } else {
      EXPECT_NE(outcome_a, outcome_b);
    }
  }

 private:
  // The policies differ in the field, and in nothing else.
  void CheckDifferences(const v1::PipelinePolicy& a, const v1::PipelinePolicy& b) const {
    bool changes_field = false;
    for (const Chain& chain : DifferencesOf(a, b)) {
      changes_field |= std::any_of(chain.begin(), chain.end(), [&](const FieldDescriptor* field) {
        return field->full_name() == pair_->field();
      });
      EXPECT_TRUE(
          std::any_of(chain.begin(), chain.end(),
                      [&](const FieldDescriptor* field) { return MayChange(*field, *pair_); }))
          << chain.back()->full_name() << " changes too";
    }
    EXPECT_TRUE(changes_field);
  }

  void CheckFault(const absl::Status& status) const {
    const v1::Faults faults = FaultsOf(status);
    ASSERT_EQ(faults.faults_size(), 1) << faults.DebugString();
    EXPECT_EQ(faults.faults(0).path(), pair_->fault().path());
    EXPECT_EQ(faults.faults(0).kind(), pair_->fault().kind());
  }

  const Pairs* pairs_;
  const properties::FieldPair* pair_;
};

// A field is shown by a pair for it, or by one for a field inside it that is reached through it.
class CoverageTest : public ::testing::Test {
 public:
  explicit CoverageTest(const Pairs* pairs) : pairs_(pairs) {}

  void TestBody() override {
    std::set<std::string> shown;
    for (const properties::FieldPair& pair : pairs_->file().pairs()) {
      shown.insert(pair.field());
      v1::Inputs a;
      v1::Inputs b;
      if (!pairs_->Make(pair, &a, &b).ok()) continue;  // Its own test fails.
      for (const Chain& chain : DifferencesOf(a.policy(), b.policy())) {
        const auto at = std::find_if(chain.begin(), chain.end(), [&](const FieldDescriptor* field) {
          return field->full_name() == pair.field();
        });
        if (at == chain.end()) continue;
        for (auto field = chain.begin(); field != at; ++field) shown.insert((*field)->full_name());
      }
    }
    std::set<std::string> fields;
    ListFields(*v1::PipelinePolicy::descriptor(), &fields);
    EXPECT_GT(fields.size(), 200u);
    for (const std::string& field : fields) EXPECT_EQ(shown.count(field), 1u) << field;
    for (const std::string& field : shown) EXPECT_EQ(fields.count(field), 1u) << field;
  }

 private:
  const Pairs* pairs_;
};

bool Register(const std::string& file) {
  properties::PolicyFields message;
  const absl::Status status = ReadFile(file, &message);
  if (!status.ok()) {
    std::cerr << status << "\n";
    return false;
  }
  static const auto* const pairs = new Pairs(std::move(message));  // The registered tests keep it.
  std::map<std::string, int> count;
  for (const properties::FieldPair& pair : pairs->file().pairs()) {
    std::string name = absl::StrReplaceAll(pair.field(), {{"sluice.v1.", ""}, {".", "_"}});
    const int number = ++count[name];
    if (number > 1) absl::StrAppend(&name, "_", number);
    const properties::FieldPair* pointer = &pair;
    ::testing::RegisterTest(
        "policy_fields", name.c_str(), nullptr, nullptr, file.c_str(), __LINE__,
        [pointer]() -> ::testing::Test* { return new PairTest(pairs, pointer); });
  }
  ::testing::RegisterTest("policy_fields", "every_field_has_a_pair", nullptr, nullptr, file.c_str(),
                          __LINE__, []() -> ::testing::Test* { return new CoverageTest(pairs); });
  return true;
}

}  // namespace
}  // namespace sluice

// Argument: the file of pairs.
int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (argc != 2 || !sluice::Register(argv[1])) return 1;
  return RUN_ALL_TESTS();
}
