#ifndef SLUICE_LOAD_SORT_DISTINCT_H_
#define SLUICE_LOAD_SORT_DISTINCT_H_

#include <algorithm>
#include <vector>

namespace sluice {

// Sorts `list` by what `key_of` makes of an element, a value with `<` and `==`, and leaves one
// element of each key.
template <typename T, typename KeyOf>
void SortDistinct(std::vector<T>& list, const KeyOf& key_of) {
  std::sort(list.begin(), list.end(),
            [&](const T& a, const T& b) { return key_of(a) < key_of(b); });
  list.erase(std::unique(list.begin(), list.end(),
                         [&](const T& a, const T& b) { return key_of(a) == key_of(b); }),
             list.end());
}

// The same with the whole element for its key.
template <typename T>
void SortDistinct(std::vector<T>& list) {
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace sluice

#endif  // SLUICE_LOAD_SORT_DISTINCT_H_
