#ifndef SLUICE_INTERNAL_LITTLE_ENDIAN_H_
#define SLUICE_INTERNAL_LITTLE_ENDIAN_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

namespace sluice {

// The unsigned number whose bytes, least significant first, begin at `bytes`, at any
// alignment.
template <typename T>
T LoadLittleEndian(const char* bytes) {
  static_assert(std::is_unsigned<T>::value, "a number with a sign has no one form");
  T value = 0;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  std::memcpy(&value, bytes, sizeof(T));
#else
  for (size_t i = 0; i < sizeof(T); ++i) {
    value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(bytes[i])) << (8 * i));
  }
#endif
  return value;
}

// The number whose bytes in memory LoadLittleEndian reads as `value`.
template <typename T>
T ToLittleEndian(T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  return LoadLittleEndian<T>(bytes);
}

// Appends what LoadLittleEndian reads.
template <typename T>
void AppendLittleEndian(T value, std::string& out) {
  static_assert(std::is_unsigned<T>::value, "a number with a sign has no one form");
  char bytes[sizeof(T)];
  for (size_t i = 0; i < sizeof(T); ++i) bytes[i] = static_cast<char>((value >> (8 * i)) & 0xff);
  out.append(bytes, sizeof(T));
}

}  // namespace sluice

#endif  // SLUICE_INTERNAL_LITTLE_ENDIAN_H_
