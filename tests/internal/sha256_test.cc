#include "sluice/internal/sha256.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

std::string Hex(const Sha256::Bytes& bytes) {
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

struct Vector {
  std::string message;
  const char* hex;
};

// The examples NIST publishes with FIPS 180-4, and its byte-oriented short message tests.
const std::vector<Vector>& Published() {
  static const auto& vectors = *new std::vector<Vector>{
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
       "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
      {"\xbd", "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"},
      {"\xc9\x8c\x8e\x55", "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"},
  };
  return vectors;
}

TEST(Sha256, PublishedVectors) {
  for (const Vector& v : Published()) EXPECT_EQ(Hex(Sha256::Hash(v.message)), v.hex);
}

TEST(Sha256, MillionTimesA) {
  Sha256 hasher;
  const std::string thousand(1000, 'a');
  for (int i = 0; i < 1000; ++i) hasher.Update(thousand);
  EXPECT_EQ(Hex(hasher.Finish()),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// NIST's additional vectors of zero bytes, chosen around the ends of blocks.
TEST(Sha256, ZerosAroundBlockBoundaries) {
  EXPECT_EQ(Hex(Sha256::Hash(std::string(55, '\0'))),
            "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7");
  EXPECT_EQ(Hex(Sha256::Hash(std::string(56, '\0'))),
            "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb");
  EXPECT_EQ(Hex(Sha256::Hash(std::string(57, '\0'))),
            "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785");
  EXPECT_EQ(Hex(Sha256::Hash(std::string(64, '\0'))),
            "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
  EXPECT_EQ(Hex(Sha256::Hash(std::string(1000, '\0'))),
            "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53");
  EXPECT_EQ(Hex(Sha256::Hash(std::string(1000, 'A'))),
            "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4");
  EXPECT_EQ(Hex(Sha256::Hash(std::string(1005, 'U'))),
            "f4d62ddec0f3dd90ea1380fa16a5ff8dc4c54b21740650f24afc4120903552b0");
}

TEST(Sha256, CutsDoNotMatter) {
  std::string message;
  for (int i = 0; i < 200; ++i) message.push_back(static_cast<char>(i * 7));
  for (size_t length = 0; length <= message.size(); ++length) {
    const absl::string_view whole = absl::string_view(message).substr(0, length);
    const Sha256::Bytes expected = Sha256::Hash(whole);
    for (size_t cut = 0; cut <= length; cut += 5) {
      Sha256 hasher;
      hasher.Update(whole.substr(0, cut));
      hasher.Update("");
      hasher.Update(whole.substr(cut));
      ASSERT_EQ(hasher.Finish(), expected) << length << " cut at " << cut;
    }
    Sha256 bytewise;
    for (const char& c : whole) bytewise.Update(absl::string_view(&c, 1));
    ASSERT_EQ(bytewise.Finish(), expected) << length;
  }
}

TEST(Sha256, FinishLeavesTheMessageOpen) {
  Sha256 hasher;
  hasher.Update("a");
  EXPECT_EQ(hasher.Finish(), Sha256::Hash("a"));
  EXPECT_EQ(hasher.Finish(), Sha256::Hash("a"));
  hasher.Update("bc");
  EXPECT_EQ(hasher.Finish(), Sha256::Hash("abc"));
}

}  // namespace
}  // namespace sluice
