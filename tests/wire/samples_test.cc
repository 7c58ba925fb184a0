// What was written once is read as it was meant; and the check that says so notices what it is for.

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "gtest/gtest.h"
#include "sluice/schema_version.h"
#include "tests/wire/saved_files.h"
#include "tests/wire/wire_record.h"

namespace sluice {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::DescriptorProto;
using google::protobuf::DynamicMessageFactory;
using google::protobuf::EnumDescriptorProto;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using google::protobuf::MessageFactory;

const SavedFiles* saved = nullptr;

TEST(SamplesTest, AreReadAsTheyWereWritten) {
  EXPECT_EQ(absl::StrJoin(Incompatibilities(saved->records, *DescriptorPool::generated_pool(),
                                            MessageFactory::generated_factory()),
                          "\n"),
            "");
}

TEST(SamplesTest, AreThereOfEveryDeclaration) {
  for (const FileDescriptor* file : saved->files) {
    const WireRecord lacking =
        Additions(saved->records, *file, MessageFactory::generated_factory());
    EXPECT_TRUE(lacking.declarations.empty() && lacking.samples.empty())
        << file->name() << " has no samples of:\n"
        << absl::StrJoin(lacking.declarations, "\n") << "\nand lacks " << lacking.samples.size()
        << " samples in all. Unless something saved was broken, add them to tests/wire/"
        << kSchemaVersion << "/" << SavedName(*file) << " with\n\n"
        << "    ./bazelw run //tests/wire:add_samples\n";
  }
}

// ---------------------------------------------------------------- The check

using EditMessage = std::function<void(const std::string& name, DescriptorProto* message)>;
using EditEnum = std::function<void(const std::string& name, EnumDescriptorProto* type)>;

void EditTypes(const std::string& scope, const EditMessage& edit_message, const EditEnum& edit_enum,
               DescriptorProto* message) {
  const std::string name = absl::StrCat(scope, ".", message->name());
  for (DescriptorProto& nested : *message->mutable_nested_type()) {
    if (!nested.options().map_entry()) EditTypes(name, edit_message, edit_enum, &nested);
  }
  for (EnumDescriptorProto& type : *message->mutable_enum_type()) {
    edit_enum(absl::StrCat(name, ".", type.name()), &type);
  }
  edit_message(name, message);
}

void LeaveAlone(const std::string&, EnumDescriptorProto*) {}

// The contract with other declarations.
class Changed {
 public:
  explicit Changed(const EditMessage& edit_message, const EditEnum& edit_enum = LeaveAlone) {
    for (const FileDescriptor* file : saved->files) Add(*file, edit_message, edit_enum);
  }

  // Null if the declarations could not be changed so.
  const FileDescriptor* File(const std::string& name) const { return pool_.FindFileByName(name); }

  std::vector<std::string> Incompatible(const std::vector<WireRecord>& records) {
    return Incompatibilities(records, pool_, &factory_);
  }

  WireRecord Lacking(const std::vector<WireRecord>& records) {
    WireRecord all;
    for (const FileDescriptor* file : saved->files) {
      const FileDescriptor* changed = File(file->name());
      if (changed == nullptr) {
        ADD_FAILURE() << file->name();
        continue;
      }
      const WireRecord lacking = Additions(records, *changed, &factory_);
      all.declarations.insert(all.declarations.end(), lacking.declarations.begin(),
                              lacking.declarations.end());
      all.samples.insert(all.samples.end(), lacking.samples.begin(), lacking.samples.end());
    }
    return all;
  }

 private:
  void Add(const FileDescriptor& file, const EditMessage& edit_message, const EditEnum& edit_enum) {
    if (pool_.FindFileByName(file.name()) != nullptr) return;
    for (int i = 0; i < file.dependency_count(); ++i) {
      Add(*file.dependency(i), edit_message, edit_enum);
    }
    FileDescriptorProto proto;
    file.CopyTo(&proto);
    if (proto.package() == "sluice.v1") {
      for (DescriptorProto& message : *proto.mutable_message_type()) {
        EditTypes("sluice.v1", edit_message, edit_enum, &message);
      }
      for (EnumDescriptorProto& type : *proto.mutable_enum_type()) {
        edit_enum(absl::StrCat("sluice.v1.", type.name()), &type);
      }
    }
    EXPECT_NE(pool_.BuildFile(proto), nullptr) << file.name();
  }

  DescriptorPool pool_;
  DynamicMessageFactory factory_{&pool_};
};

bool Mentions(const std::vector<std::string>& lines, const std::string& beginning) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const std::string& line) { return absl::StartsWith(line, beginning); });
}

std::vector<WireRecord> WithoutDeclarations(std::vector<WireRecord> records) {
  for (WireRecord& record : records) record.declarations.clear();
  return records;
}

std::vector<WireRecord> WithoutSamples(std::vector<WireRecord> records) {
  for (WireRecord& record : records) record.samples.clear();
  return records;
}

using ChangeField = std::function<void(FieldDescriptorProto* field, DescriptorProto* message)>;

// Makes `change` of one field of each message, another one in each round, and expects that the
// declarations tell of each field and, if `by_samples`, that the samples alone tell of each of
// these messages.
void ExpectNoticed(const ChangeField& change, bool by_samples) {
  int changes = 0;
  for (int round = 0;; ++round) {
    std::map<std::string, std::string> fields;  // By message.
    Changed changed([&](const std::string& name, DescriptorProto* message) {
      if (round >= message->field_size()) return;
      fields[name] = absl::StrCat(name, ".", message->field(round).name());
      change(message->mutable_field(round), message);
    });
    if (fields.empty()) break;
    const std::vector<std::string> declarations =
        changed.Incompatible(WithoutSamples(saved->records));
    EXPECT_GE(declarations.size(), fields.size());
    const std::vector<std::string> samples =
        changed.Incompatible(WithoutDeclarations(saved->records));
    for (const auto& [message, field] : fields) {
      ++changes;
      EXPECT_TRUE(Mentions(declarations, absl::StrCat("declared as `", field, " = "))) << field;
      if (!by_samples) continue;
      EXPECT_TRUE(Mentions(samples, absl::StrCat("sample of ", message, ":"))) << field;
    }
  }
  EXPECT_GT(changes, 600);
}

TEST(CheckTest, NothingIsWrongIfNothingChanged) {
  Changed changed([](const std::string&, DescriptorProto*) {});
  EXPECT_EQ(absl::StrJoin(changed.Incompatible(saved->records), "\n"), "");
  const WireRecord lacking = changed.Lacking(saved->records);
  EXPECT_EQ(absl::StrJoin(lacking.declarations, "\n"), "");
  EXPECT_TRUE(lacking.samples.empty());
}

TEST(CheckTest, NoticesARenumberedField) {
  ExpectNoticed([](FieldDescriptorProto* field,
                   DescriptorProto*) { field->set_number(field->number() + 5000); },
                true);
}

TEST(CheckTest, NoticesARenamedField) {
  ExpectNoticed(
      [](FieldDescriptorProto* field, DescriptorProto* message) {
        field->set_name(absl::StrCat("other_", field->name()));
        for (DescriptorProto& entry : *message->mutable_nested_type()) {
          // The entries of a map are called after it.
          if (!entry.options().map_entry() ||
              !absl::EndsWith(field->type_name(), absl::StrCat(".", entry.name()))) {
            continue;
          }
          entry.set_name(absl::StrCat("Other", entry.name()));
          field->set_type_name(entry.name());
        }
      },
      true);
}

TEST(CheckTest, NoticesARetypedField) {
  ExpectNoticed(
      [](FieldDescriptorProto* field, DescriptorProto*) {
        const bool was_bytes = field->type() == FieldDescriptorProto::TYPE_BYTES;
        field->set_type(was_bytes ? FieldDescriptorProto::TYPE_STRING
                                  : FieldDescriptorProto::TYPE_BYTES);
        field->clear_type_name();
        field->clear_options();
      },
      false);
}

TEST(CheckTest, NoticesARenumberedEnumerator) {
  std::vector<std::string> enumerators;
  Changed changed([](const std::string&, DescriptorProto*) {},
                  [&](const std::string& name, EnumDescriptorProto* type) {
                    auto* value = type->mutable_value(type->value_size() - 1);
                    value->set_number(value->number() + 500);
                    enumerators.push_back(absl::StrCat(name, ".", value->name()));
                  });
  const std::vector<std::string> wrong = changed.Incompatible(saved->records);
  for (const std::string& enumerator : enumerators) {
    EXPECT_TRUE(Mentions(wrong, absl::StrCat("declared as `", enumerator, " = "))) << enumerator;
  }
  EXPECT_GT(enumerators.size(), 30u);
}

// Takes the first field that is in no oneof out of each message.
EditMessage Removing(bool reserve, std::vector<std::string>* removed) {
  return [reserve, removed](const std::string& name, DescriptorProto* message) {
    for (int i = 0; i < message->field_size(); ++i) {
      if (message->field(i).has_oneof_index()) continue;
      const FieldDescriptorProto field = message->field(i);
      removed->push_back(absl::StrCat(name, ".", field.name()));
      message->mutable_field()->DeleteSubrange(i, 1);
      if (!reserve) return;
      message->add_reserved_name(field.name());
      auto* range = message->add_reserved_range();
      range->set_start(field.number());
      range->set_end(field.number() + 1);
      return;
    }
  };
}

TEST(CheckTest, NoticesARemovedField) {
  std::vector<std::string> removed;
  Changed changed(Removing(false, &removed));
  const std::vector<std::string> wrong = changed.Incompatible(saved->records);
  for (const std::string& field : removed) {
    EXPECT_TRUE(Mentions(wrong, absl::StrCat("declared as `", field, " = "))) << field;
  }
  EXPECT_GT(removed.size(), 100u);
}

// As docs/compatibility.md allows. What stays has to be shown by samples without it.
TEST(CheckTest, AllowsARemovedFieldThatIsReserved) {
  std::vector<std::string> removed;
  Changed changed(Removing(true, &removed));
  EXPECT_EQ(absl::StrJoin(changed.Incompatible(saved->records), "\n"), "");
  std::vector<WireRecord> records = saved->records;
  records.push_back(changed.Lacking(saved->records));
  EXPECT_TRUE(records.back().declarations.empty());
  EXPECT_GT(records.back().samples.size(), 100u);
  EXPECT_EQ(absl::StrJoin(changed.Incompatible(records), "\n"), "");
  EXPECT_TRUE(changed.Lacking(records).samples.empty());
}

TEST(CheckTest, AsksForSamplesOfANewField) {
  std::vector<std::string> messages;
  Changed changed(
      [&](const std::string& name, DescriptorProto* message) {
        messages.push_back(name);
        FieldDescriptorProto* field = message->add_field();
        field->set_name("added");
        field->set_number(7000);
        field->set_label(FieldDescriptorProto::LABEL_REPEATED);
        field->set_type(FieldDescriptorProto::TYPE_UINT32);
      },
      [](const std::string&, EnumDescriptorProto* type) {
        auto* value = type->add_value();
        value->set_name(absl::StrCat("ADDED_", type->name()));
        value->set_number(7000);
      });
  EXPECT_EQ(absl::StrJoin(changed.Incompatible(saved->records), "\n"), "");
  const WireRecord lacking = changed.Lacking(saved->records);
  for (const std::string& message : messages) {
    EXPECT_TRUE(Mentions(lacking.declarations, absl::StrCat(message, ".added = 7000 packed")));
    EXPECT_EQ(std::count_if(lacking.samples.begin(), lacking.samples.end(),
                            [&](const WireSample& sample) { return sample.type == message; }),
              1)
        << message;
  }
  std::vector<WireRecord> records = saved->records;
  records.push_back(lacking);
  EXPECT_TRUE(changed.Lacking(records).samples.empty());
  EXPECT_TRUE(changed.Lacking(records).declarations.empty());
}

TEST(WireRecordTest, IsReadAsItIsWritten) {
  for (const WireRecord& record : saved->records) {
    const std::string text = FormatWireRecord(record);
    const absl::StatusOr<WireRecord> read = ParseWireRecord(text);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(FormatWireRecord(*read), text);
  }
}

TEST(WireRecordTest, RefusesWhatItDoesNotRead) {
  EXPECT_TRUE(ParseWireRecord("# comment\n\nsluice.v1.Stage.id = 1 string\n").ok());
  EXPECT_FALSE(ParseWireRecord("sluice.v1.Stage.id is 1\n").ok());
  EXPECT_FALSE(ParseWireRecord("sample sluice.v1.None \n").ok());
  EXPECT_FALSE(ParseWireRecord("sample sluice.v1.None \nid: \"a\"\n").ok());
  EXPECT_FALSE(ParseWireRecord("sample sluice.v1.None !\n  says \n").ok());
}

}  // namespace
}  // namespace sluice

// Arguments: the descriptors of the contract, then the saved files.
int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  const absl::StatusOr<sluice::SavedFiles> saved = sluice::ReadSavedFiles(argc, argv);
  if (!saved.ok()) {
    std::cerr << saved.status() << "\n";
    return 1;
  }
  sluice::saved = &*saved;
  return RUN_ALL_TESTS();
}
