// What a known-bad list of an organisation's size costs: building it, opening its file form, asking
// it about an artifact of 40 components. How, and what it gave, is in README.md.
//
//   known_bad_benchmark [flags of Google Benchmark] [DIGESTS [RANGES]]
//
// The list has DIGESTS digests (10,000 unless given), ten in an entry, and as many entries with a
// version range as RANGES says (a tenth). Yardsticks are sorting the same digests and package URLs,
// and asking a set in memory that holds the digests, after asking the processor to fetch where each
// is. Each row first
// sees that it gets the right answer; the exit status is 1 if one does not.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/memory/memory.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmark/benchmark.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad.h"
#include "sluice/known_bad/checked_bytes.h"
#include "sluice/known_bad/component.h"
#include "sluice/known_bad/digest_table.h"
#include "sluice/known_bad/known_bad_index.h"
#include "sluice/known_bad/section.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

constexpr size_t kTogether = 41;  // The artifact and 40 components.
constexpr int kDigestsPerEntry = 10;

// A digest's own bytes as its hash: the fastest set there is, for digests that nobody made up.
struct OwnBytes {
  size_t operator()(const Digest& digest) const {
    size_t hash;
    std::memcpy(&hash, digest.bytes.data(), sizeof(hash));
    return hash;
  }
};
using DigestSet = absl::flat_hash_set<Digest, OwnBytes>;

Digest RandomDigest(std::mt19937_64& random) {
  Digest digest;
  for (size_t i = 0; i < digest.bytes.size(); i += sizeof(uint64_t)) {
    const uint64_t bits = random();
    std::memcpy(digest.bytes.data() + i, &bits, sizeof(bits));
  }
  return digest;
}

// The package of the i-th range: four advisories each, in no order.
size_t PackageOf(size_t i, size_t range_count) { return i * 7919 % (range_count / 4); }

// An artifact's digest and its components, each with one digest.
struct Question {
  Digest artifact;
  std::vector<Component> components;
};

struct World {
  World(size_t digest_count, size_t range_count) {
    std::mt19937_64 random(4);
    names.reserve(range_count);
    digests.reserve(digest_count);
    for (size_t i = 0; i < digest_count; ++i) digests.push_back(RandomDigest(random));
    message.set_id("list");
    message.set_epoch(1);
    message.mutable_verified_at()->set_seconds(1'800'000'000);
    v1::KnownBadEntry* entry = nullptr;
    for (size_t i = 0; i < digest_count; ++i) {
      if (i % kDigestsPerEntry == 0) {
        entry = message.add_entries();
        entry->set_id(absl::StrCat("D-", 100'000'000 + i));
        entry->set_reason("found by the scanner of the build hosts");
      }
      entry->add_digests(FormatDigest(digests[i]));
    }
    for (size_t i = 0; i < range_count; ++i) {
      entry = message.add_entries();
      entry->set_id(absl::StrCat("R-", 100'000'000 + i));
      entry->set_reason("reads past the end of a message");
      v1::AffectedPackage* package = entry->add_packages();
      // Four advisories a package.
      package->set_package_url(absl::StrCat("pkg:npm/package-", PackageOf(i, range_count)));
      names.push_back(package->package_url());
      v1::VersionRange* range = package->add_ranges();
      range->set_introduced(absl::StrCat(i % 4, ".0.0"));
      range->set_fixed(absl::StrCat(i % 4, ".", i % 100, ".1"));
    }
    message.set_entry_count(static_cast<uint64_t>(message.entries_size()));
    // So many that what they ask for is not in a cache already, if the list is not.
    const size_t question_count =
        std::min<size_t>(20'000, std::max<size_t>(1000, digest_count / 500));
    for (size_t i = 0; i < question_count; ++i) {
      present.push_back(Ask([&] { return digests[random() % digests.size()]; }));
      absent.push_back(Ask([&] { return RandomDigest(random); }));
      // About packages of the list, at versions that no range contains.
      Question& packages = ranges.emplace_back();
      packages.artifact = RandomDigest(random);
      for (size_t k = 1; k < kTogether; ++k) {
        const uint64_t package = random() % (range_count / 4);
        packages.components.push_back(
            MakeComponent(absl::StrCat("pkg:npm/package-", package, "@9.0.0"), {}));
      }
    }
  }

  template <typename Next>
  static Question Ask(Next next) {
    Question question;
    question.artifact = next();
    for (size_t i = 1; i < kTogether; ++i) {
      question.components.push_back(MakeComponent("", {next()}));
    }
    return question;
  }

  std::vector<Digest> digests;
  std::vector<std::string> names;  // Of the ranges' packages.
  v1::KnownBadList message;
  std::vector<Question> present;
  std::vector<Question> absent;
  std::vector<Question> ranges;
};

// The digests of one question, side by side.
using Keys = std::array<Digest, kTogether>;

std::vector<Keys> KeysOf(const std::vector<Question>& questions) {
  std::vector<Keys> all;
  for (const Question& question : questions) {
    Keys& keys = all.emplace_back();
    keys[0] = question.artifact;
    for (size_t i = 1; i < kTogether; ++i) keys[i] = question.components[i - 1].digests[0];
  }
  return all;
}

// A copy of bytes at a page's start, as they are in a mapped file.
class Mapped {
 public:
  explicit Mapped(absl::string_view bytes)
      : size_(bytes.size()),
        memory_(static_cast<char*>(std::aligned_alloc(kPage, (size_ / kPage + 1) * kPage)),
                &std::free) {
    std::copy(bytes.begin(), bytes.end(), memory_.get());
  }
  absl::string_view view() const { return {memory_.get(), size_}; }

 private:
  static constexpr size_t kPage = 4096;

  size_t size_;
  std::unique_ptr<char, void (*)(void*)> memory_;
};

// The columns of digests as a list has them, and what is read from them.
class Table {
 public:
  explicit Table(const std::vector<Digest>& digests) {
    std::vector<DigestRow> rows;
    rows.reserve(digests.size());
    for (const Digest& digest : digests) rows.push_back({digest, 7});
    rows.resize(DigestTable::Arrange(absl::MakeSpan(rows)));
    std::string all;
    DigestTable::AppendBuckets(rows, all);
    const Section buckets = {0, all.size()};
    const Section row_section = {all.size(), rows.size() * sizeof(DigestRow)};
    all.append(reinterpret_cast<const char*>(rows.data()), row_section.length);
    all_ = absl::make_unique<Mapped>(all);
    checksums_ = CheckedBytes::ChecksumsOf(all);
    bytes_ = CheckedBytes(all_->view(), checksums_);
    table_ = DigestTable(buckets, row_section);
  }

  size_t Hits(const Keys& keys) const {
    std::array<const Digest*, kTogether> asked;
    for (size_t i = 0; i < kTogether; ++i) asked[i] = &keys[i];
    size_t hits = 0;
    table_.Find(bytes_, asked, [&hits](size_t, uint32_t) { ++hits; });
    return hits;
  }

 private:
  std::unique_ptr<Mapped> all_;
  std::string checksums_;
  CheckedBytes bytes_;
  DigestTable table_;
};

size_t HitsOf(const KnownBadIndex& index, const Question& question, KnownBadFindings& found) {
  index.Find(absl::MakeConstSpan(&question.artifact, 1), question.components, &found);
  return found.hits.size();
}

size_t ProbesOf(const DigestSet& set, const Keys& keys) {
  for (const Digest& key : keys) set.prefetch(key);
  size_t hits = 0;
  for (const Digest& key : keys) hits += set.contains(key) ? 1 : 0;
  return hits;
}

void SortKeys(benchmark::State& state, const World& world) {
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Digest> keys = world.digests;
    std::vector<std::string> names = world.names;
    state.ResumeTiming();
    std::sort(keys.begin(), keys.end());
    std::sort(names.begin(), names.end());
    benchmark::DoNotOptimize(keys.data());
    benchmark::DoNotOptimize(names.data());
  }
}

void BuildList(benchmark::State& state, const World& world) {
  for (auto _ : state) {
    absl::StatusOr<KnownBadList> list = KnownBadList::Build(world.message);
    if (!list.ok()) return state.SkipWithError("the list can't be built");
    state.PauseTiming();
    list = absl::StatusOr<KnownBadList>();
    state.ResumeTiming();
  }
}

// What a file holds for each digest, in bytes: its keys and all else.
void OpenList(benchmark::State& state, const World& world, const KnownBadList& list) {
  for (auto _ : state) {
    absl::StatusOr<KnownBadList> opened = KnownBadList::Open(list.file_form());
    if (!opened.ok()) return state.SkipWithError("the list can't be opened");
  }
  const double count = static_cast<double>(world.digests.size());
  state.counters["key_bytes"] = static_cast<double>(list.index().digest_bytes()) / count;
  state.counters["file_bytes"] = static_cast<double>(list.file_form().size());
}

void Find(benchmark::State& state, const std::vector<Question>& questions, size_t hits,
          const KnownBadIndex& index) {
  KnownBadFindings found;
  for (const Question& question : questions) {
    // Digests may be drawn twice, and several may be of one entry.
    const size_t answer = HitsOf(index, question, found);
    if (answer > hits || answer + 5 < hits) return state.SkipWithError("another answer");
  }
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(HitsOf(index, questions[i], found));
    i = (i + 1) % questions.size();
  }
}

// `ask` tells how many of some keys are listed.
template <typename Ask>
void LookUp(benchmark::State& state, const std::vector<Keys>& questions, size_t hits, Ask ask) {
  for (const Keys& keys : questions) {
    if (ask(keys) != hits) return state.SkipWithError("another answer");
  }
  size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(ask(questions[i]));
    i = (i + 1) % questions.size();
  }
}

int Run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  size_t digest_count = 10'000;
  if (argc > 1 && !absl::SimpleAtoi(argv[1], &digest_count)) return 1;
  size_t range_count = digest_count / 10;
  if (argc > 2 && !absl::SimpleAtoi(argv[2], &range_count)) return 1;
  const World world(digest_count, std::max<size_t>(range_count, 4));
  absl::StatusOr<KnownBadList> built = KnownBadList::Build(world.message);
  if (!built.ok()) {
    std::cerr << built.status() << "\n";
    return 1;
  }
  const Mapped file(built->file_form());
  *built = *KnownBadList::Open(file.view());
  const KnownBadIndex& index = built->index();
  const DigestSet set(world.digests.begin(), world.digests.end());

  const auto add = [](const char* name, auto body) {
    benchmark::RegisterBenchmark(name, body)->Unit(benchmark::kMicrosecond);
  };
  add("SortKeys", [&](benchmark::State& state) { SortKeys(state, world); });
  add("BuildList", [&](benchmark::State& state) { BuildList(state, world); });
  add("OpenList", [&](benchmark::State& state) { OpenList(state, world, *built); });
  const Table table(world.digests);
  const std::vector<Keys> absent = KeysOf(world.absent);
  const std::vector<Keys> present = KeysOf(world.present);
  const auto probe = [&set](const Keys& keys) { return ProbesOf(set, keys); };
  const auto look_up = [&table](const Keys& keys) { return table.Hits(keys); };
  add("ProbeAbsent", [&](benchmark::State& state) { LookUp(state, absent, 0, probe); });
  add("LookUpAbsent", [&](benchmark::State& state) { LookUp(state, absent, 0, look_up); });
  add("FindAbsent", [&](benchmark::State& state) { Find(state, world.absent, 0, index); });
  add("ProbePresent", [&](benchmark::State& state) { LookUp(state, present, kTogether, probe); });
  add("LookUpPresent",
      [&](benchmark::State& state) { LookUp(state, present, kTogether, look_up); });
  add("FindPresent",
      [&](benchmark::State& state) { Find(state, world.present, kTogether, index); });
  add("FindRanges", [&](benchmark::State& state) { Find(state, world.ranges, 0, index); });
  const bool all = benchmark::RunSpecifiedBenchmarks() > 0;
  return all ? 0 : 1;
}

}  // namespace
}  // namespace sluice

int main(int argc, char** argv) { return sluice::Run(argc, argv); }
