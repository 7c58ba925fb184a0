#include "tests/known_bad/version_laws.h"

#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"

namespace sluice {
namespace {

constexpr int kTexts = 400;
constexpr int kMostPieces = 7;
// Comparing two such texts takes milliseconds; a step for each pair of bytes would take longer than
// any test may.
constexpr size_t kLongTextBytes = 1024 * 1024;

int Sign(int value) { return (value > 0) - (value < 0); }

class Texts {
 public:
  explicit Texts(const std::vector<std::string>& pieces) : pieces_(pieces) {}

  std::string Next() {
    std::string text;
    for (size_t count = 1 + Below(kMostPieces); count > 0; --count) {
      text += pieces_[Below(pieces_.size())];
    }
    if (Below(4) == 0) text[Below(text.size())] = static_cast<char>(Below(256));
    return text;
  }

 private:
  size_t Below(size_t bound) { return static_cast<size_t>(random_() % bound); }

  const std::vector<std::string>& pieces_;
  std::mt19937_64 random_{1};
};

std::string Shown(absl::string_view text) { return absl::StrCat("`", absl::CHexEscape(text), "`"); }

void ExpectLawsOnPair(const OrderUnderTest& order, absl::string_view a, absl::string_view b) {
  const absl::optional<int> forward = order.compare(a, b);
  const absl::optional<int> backward = order.compare(b, a);
  const bool both = order.is_version(a) && order.is_version(b);
  ASSERT_EQ(forward.has_value(), both) << Shown(a) << " " << Shown(b);
  ASSERT_EQ(backward.has_value(), both) << Shown(a) << " " << Shown(b);
  if (!both) return;
  ASSERT_EQ(Sign(*forward), -Sign(*backward)) << Shown(a) << " " << Shown(b);
}

// Of versions: how each one of `versions` compares to each other one.
std::vector<std::vector<int>> CompareAll(const OrderUnderTest& order,
                                         const std::vector<std::string>& versions) {
  std::vector<std::vector<int>> compared(versions.size());
  for (size_t a = 0; a < versions.size(); ++a) {
    for (const std::string& other : versions) {
      compared[a].push_back(Sign(order.compare(versions[a], other).value()));
    }
  }
  return compared;
}

void ExpectTransitive(const OrderUnderTest& order, const std::vector<std::string>& versions) {
  const std::vector<std::vector<int>> compared = CompareAll(order, versions);
  for (size_t a = 0; a < versions.size(); ++a) {
    ASSERT_EQ(compared[a][a], 0) << Shown(versions[a]);
    for (size_t b = 0; b < versions.size(); ++b) {
      if (compared[a][b] > 0) continue;
      for (size_t c = 0; c < versions.size(); ++c) {
        if (compared[b][c] > 0) continue;
        const int least = compared[a][b] < 0 || compared[b][c] < 0 ? -1 : 0;
        ASSERT_EQ(compared[a][c], least)
            << Shown(versions[a]) << " " << Shown(versions[b]) << " " << Shown(versions[c]);
      }
    }
  }
}

std::string Repeated(absl::string_view piece) {
  std::string text;
  while (text.size() < kLongTextBytes) absl::StrAppend(&text, piece);
  return text;
}

}  // namespace

void ExpectAscending(const OrderUnderTest& order, const std::vector<std::string>& ascending) {
  for (size_t i = 0; i < ascending.size(); ++i) {
    for (size_t j = 0; j < ascending.size(); ++j) {
      const absl::optional<int> compared = order.compare(ascending[i], ascending[j]);
      ASSERT_TRUE(compared.has_value()) << Shown(ascending[i]) << " " << Shown(ascending[j]);
      EXPECT_EQ(Sign(*compared), Sign(static_cast<int>(i) - static_cast<int>(j)))
          << Shown(ascending[i]) << " " << Shown(ascending[j]);
    }
  }
}

void ExpectSamePlace(const OrderUnderTest& order, const std::vector<std::string>& same) {
  for (const std::string& a : same) {
    for (const std::string& b : same) {
      EXPECT_EQ(order.compare(a, b), 0) << Shown(a) << " " << Shown(b);
    }
  }
}

void ExpectNoVersions(const OrderUnderTest& order, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    EXPECT_FALSE(order.is_version(text)) << Shown(text);
    EXPECT_EQ(order.compare(text, text), absl::nullopt) << Shown(text);
    EXPECT_EQ(order.compare(text, "1.0"), absl::nullopt) << Shown(text);
    EXPECT_EQ(order.compare("1.0", text), absl::nullopt) << Shown(text);
  }
}

void ExpectLawsOnTextsOf(const OrderUnderTest& order, const std::vector<std::string>& pieces) {
  Texts texts(pieces);
  std::vector<std::string> versions;
  int others = 0;
  while (versions.size() < kTexts) {
    const std::string text = texts.Next();
    ExpectLawsOnPair(order, text, texts.Next());
    if (order.is_version(text)) {
      versions.push_back(text);
    } else {
      ++others;
    }
    ASSERT_LT(others, 100 * kTexts);
  }
  EXPECT_GT(others, 0);
  ExpectTransitive(order, versions);
}

void ExpectLawsOnLongTexts(const OrderUnderTest& order, const std::vector<std::string>& pieces) {
  for (const std::string& piece : pieces) {
    const std::string tail = Repeated(piece);
    const std::string a = absl::StrCat("1", tail, "1");
    const std::string b = absl::StrCat("1", tail, "2");
    ExpectLawsOnPair(order, a, b);
  }
}

}  // namespace sluice
