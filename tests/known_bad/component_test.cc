#include "sluice/known_bad/component.h"

#include <vector>

#include "gtest/gtest.h"
#include "sluice/internal/digest.h"
#include "sluice/known_bad/package_url.h"

namespace sluice {
namespace {

TEST(Component, DefaultIsUnreadable) {
  EXPECT_EQ(Component().url_is, ComponentUrl::kUnreadable);
  EXPECT_EQ(ComponentUrl(), ComponentUrl::kUnreadable);
}

TEST(Component, WithoutUrl) {
  const Component component = MakeComponent("", {Digest()});
  EXPECT_EQ(component.url_is, ComponentUrl::kAbsent);
  EXPECT_EQ(component.url, PackageUrl());
  EXPECT_EQ(component.digests, std::vector<Digest>{Digest()});
}

TEST(Component, ReadableUrlIsNormalised) {
  const Component component = MakeComponent("pkg:PyPI/Foo_Bar@1.0?k=v#s", {});
  EXPECT_EQ(component.url_is, ComponentUrl::kReadable);
  EXPECT_EQ(component.url, *ParsePackageUrl("pkg:pypi/foo-bar@1.0?k=v#s"));
}

TEST(Component, UnreadableUrlKeepsTheNameItShows) {
  const Component component = MakeComponent("pkg:pypi/Foo_Bar@1.0?k", {});
  EXPECT_EQ(component.url_is, ComponentUrl::kUnreadable);
  EXPECT_EQ(component.url, *ParsePackageUrl("pkg:pypi/foo-bar"));
}

TEST(Component, UnreadableUrlWithoutName) {
  for (const char* text : {"foo", " ", "pkg:", "\xff"}) {
    const Component component = MakeComponent(text, {});
    EXPECT_EQ(component.url_is, ComponentUrl::kUnreadable) << text;
    EXPECT_EQ(component.url, PackageUrl()) << text;
  }
}

}  // namespace
}  // namespace sluice
