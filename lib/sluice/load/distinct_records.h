#ifndef SLUICE_LOAD_DISTINCT_RECORDS_H_
#define SLUICE_LOAD_DISTINCT_RECORDS_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"

namespace sluice {

// All that `record` says, as bytes: equal for records that differ only in the order or the
// duplicates of what is a set, or in the order of map entries.
std::string RecordContent(const google::protobuf::Message& record);

// A record that differs from all others of its field.
template <typename Record>
struct DistinctRecord {
  const Record* record = nullptr;
  // Another record has the same key and says something else.
  bool conflict = false;
};

// The records of a field without exact duplicates, sorted by key and then by content: the answer
// does not depend on their order. `key_of(record)` is a value with `<` and `==`; it may point into
// the record. Cost: n log n, and one serialisation of each record whose key is not unique.
template <typename Record, typename KeyOf>
std::vector<DistinctRecord<Record>> DistinctRecords(
    const google::protobuf::RepeatedPtrField<Record>& records, const KeyOf& key_of) {
  using Key = decltype(key_of(records.Get(0)));
  std::vector<std::pair<Key, const Record*>> keyed;
  keyed.reserve(static_cast<size_t>(records.size()));
  for (const Record& record : records) keyed.emplace_back(key_of(record), &record);
  std::sort(keyed.begin(), keyed.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });

  std::vector<DistinctRecord<Record>> distinct;
  distinct.reserve(keyed.size());
  std::vector<std::pair<std::string, const Record*>> contents;
  for (size_t begin = 0, end = 0; begin < keyed.size(); begin = end) {
    while (end < keyed.size() && keyed[end].first == keyed[begin].first) ++end;
    if (end - begin == 1) {
      distinct.push_back({keyed[begin].second, false});
      continue;
    }
    contents.clear();
    for (size_t i = begin; i < end; ++i) {
      contents.emplace_back(RecordContent(*keyed[i].second), keyed[i].second);
    }
    std::sort(contents.begin(), contents.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    const bool conflict = contents.front().first != contents.back().first;
    for (size_t i = 0; i < contents.size(); ++i) {
      if (i > 0 && contents[i].first == contents[i - 1].first) continue;
      distinct.push_back({contents[i].second, conflict});
    }
  }
  return distinct;
}

// As DistinctRecords, but of the records that share a key only the first: the one to use where a
// key has one record, which then is invalid if `conflict` is set.
template <typename Record, typename KeyOf>
std::vector<DistinctRecord<Record>> OneRecordPerKey(
    const google::protobuf::RepeatedPtrField<Record>& records, const KeyOf& key_of) {
  std::vector<DistinctRecord<Record>> distinct = DistinctRecords(records, key_of);
  distinct.erase(std::unique(distinct.begin(), distinct.end(),
                             [&](const auto& a, const auto& b) {
                               return key_of(*a.record) == key_of(*b.record);
                             }),
                 distinct.end());
  return distinct;
}

}  // namespace sluice

#endif  // SLUICE_LOAD_DISTINCT_RECORDS_H_
