// Decides over the cases in a file and prints one digest of all that was decided, and how many
// decisions that were. It must depend on nothing but the file.
//
//   digest_decisions FILE [--threads=1] [--commas=0]
//
// The threads share policies, snapshots and lists. The locale is that of the environment; with
// `--commas=1` streams write 1.234,5.

#include <algorithm>
#include <atomic>
#include <clocale>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <locale>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "sluice/decision.h"
#include "sluice/internal/canonical.h"
#include "sluice/internal/checked_time.h"
#include "sluice/internal/sha256.h"
#include "sluice/known_bad.h"
#include "sluice/organisation.h"
#include "sluice/policy.h"
#include "sluice/snapshot.h"
#include "sluice/v1/testing.pb.h"
#include "tests/determinism/cases_file.h"
#include "tests/rollout/arguments.h"

namespace sluice {
namespace {

constexpr size_t kAtOnce = 400;  // Cases in memory.

class Commas : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

// Calls `work` with 0 to `count` - 1, each once, in as many threads.
void InThreads(uint64_t threads, size_t count, const std::function<void(size_t)>& work) {
  std::atomic<size_t> next{0};
  const auto run = [&] {
    for (size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> others;
  for (uint64_t i = 1; i < threads; ++i) others.emplace_back(run);
  run();
  for (std::thread& other : others) other.join();
}

// A case, ready to be decided over; `message` does not move.
struct Loaded {
  std::unique_ptr<const v1::TestSuite> message;
  std::shared_ptr<const Policy> policy;  // Null: it does not compile.
  std::vector<KnownBadList> lists;
  Organisation organisation;
  absl::optional<Snapshot> snapshot;
};

void Load(Loaded* loaded) {
  const v1::Inputs& inputs = loaded->message->base();
  for (const v1::KnownBadList& message : inputs.known_bad()) {
    absl::StatusOr<KnownBadList> list = KnownBadList::Build(message);
    if (list.ok()) loaded->lists.push_back(*std::move(list));
  }
  if (inputs.has_organisation()) loaded->organisation = Organisation::Load(inputs.organisation());
  LoadOptions options;
  for (const KnownBadList& list : loaded->lists) options.known_bad.push_back(&list);
  loaded->snapshot = Snapshot::Load(inputs.state(), loaded->organisation, options);
}

std::shared_ptr<const Policy> Compiled(const v1::PipelinePolicy& message) {
  absl::StatusOr<Policy> policy = Policy::Compile(message);
  return policy.ok() ? std::make_shared<const Policy>(*std::move(policy)) : nullptr;
}

class Digester {
 public:
  explicit Digester(uint64_t threads) : threads_(threads) {}

  void Add(std::vector<Loaded>* cases) {
    CompileAll(cases);
    InThreads(threads_, cases->size(), [&](size_t i) { Load(&(*cases)[i]); });
    std::vector<std::pair<const Loaded*, absl::Time>> questions;
    for (const Loaded& loaded : *cases) {
      for (const v1::Moment& moment : loaded.message->cases(0).moments()) {
        questions.emplace_back(&loaded, ReadTime(moment.now()).value_or(absl::UnixEpoch()));
      }
    }
    std::vector<Sha256::Bytes> answers(questions.size());
    InThreads(threads_, questions.size(), [&](size_t i) {
      const auto& [loaded, now] = questions[i];
      if (loaded->policy == nullptr) return;
      const Decision decision = loaded->policy->Decide(*loaded->snapshot, now);
      answers[i] = Sha256::Hash(DeterministicBytes(ToProto(decision)));
    });
    for (const Sha256::Bytes& answer : answers) Update(answer);
    decisions_ += answers.size();
  }

  uint64_t decisions() const { return decisions_; }

  std::string Digest() const {
    const Sha256::Bytes bytes = all_.Finish();
    return absl::BytesToHexString(
        absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }

 private:
  // Cases that follow each other with the same policy share it.
  void CompileAll(std::vector<Loaded>* cases) {
    std::vector<size_t> first;  // Of each policy.
    for (size_t i = 0; i < cases->size(); ++i) {
      const auto bytes = [&](size_t n) {
        return DeterministicBytes((*cases)[n].message->base().policy());
      };
      if (i == 0 || bytes(i) != bytes(i - 1)) first.push_back(i);
    }
    InThreads(threads_, first.size(), [&](size_t n) {
      const size_t end = n + 1 < first.size() ? first[n + 1] : cases->size();
      const std::shared_ptr<const Policy> policy =
          Compiled((*cases)[first[n]].message->base().policy());
      for (size_t i = first[n]; i < end; ++i) (*cases)[i].policy = policy;
    });
    for (const size_t i : first) {
      const Policy* policy = (*cases)[i].policy.get();
      if (policy != nullptr) all_.Update(policy->fingerprint());
    }
  }

  void Update(const Sha256::Bytes& bytes) {
    all_.Update(absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }

  const uint64_t threads_;
  Sha256 all_;
  uint64_t decisions_ = 0;
};

int Run(const std::string& file, uint64_t threads) {
  CasesReader reader(file);
  Digester digester(threads);
  for (;;) {
    std::vector<Loaded> cases;
    while (cases.size() < kAtOnce) {
      absl::optional<v1::TestSuite> suite = reader.Read();
      if (!suite.has_value()) break;
      cases.emplace_back();
      cases.back().message = std::make_unique<const v1::TestSuite>(*std::move(suite));
    }
    if (cases.empty()) break;
    digester.Add(&cases);
  }
  if (!reader.at_end() || digester.decisions() == 0) {
    std::cerr << "cannot read " << file << "\n";
    return 1;
  }
  std::cout << digester.Digest() << " " << std::to_string(digester.decisions()) << "\n";
  return 0;
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: digest_decisions FILE [--threads=1] [--commas=0]\n";
    return 2;
  }
  std::setlocale(LC_ALL, "");
  if (sluice::NumberArgument(argc, argv, "commas", 0) != 0) {
    std::locale::global(std::locale(std::locale(), new sluice::Commas));
  }
  return sluice::Run(argv[1], sluice::NumberArgument(argc, argv, "threads", 1));
}
