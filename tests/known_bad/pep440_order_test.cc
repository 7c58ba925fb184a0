#include "sluice/known_bad/pep440_order.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/known_bad/version_laws.h"

namespace sluice {
namespace {

constexpr OrderUnderTest kPep440 = {IsPep440Version, ComparePep440Versions};

// "Summary of permitted suffixes and relative ordering" of the version specifiers.
TEST(Pep440Order, OrderWithinARelease) {
  ExpectAscending(kPep440, {"1.dev0",
                            "1.0.dev456",
                            "1.0a1",
                            "1.0a2.dev456",
                            "1.0a12.dev456",
                            "1.0a12",
                            "1.0b1.dev456",
                            "1.0b2",
                            "1.0b2.post345.dev456",
                            "1.0b2.post345",
                            "1.0rc1.dev456",
                            "1.0rc1",
                            "1.0",
                            "1.0+abc.5",
                            "1.0+abc.7",
                            "1.0+5",
                            "1.0.post456.dev34",
                            "1.0.post456",
                            "1.0.15",
                            "1.1.dev1"});
}

TEST(Pep440Order, EpochDecides) {
  ExpectAscending(kPep440, {"2013.10", "2014.04", "1!1.0", "1!1.1", "1!2.0", "2!0"});
  ExpectSamePlace(kPep440, {"1.0", "0!1.0", "00!1.0"});
}

TEST(Pep440Order, ReleasesArePadded) {
  ExpectSamePlace(kPep440, {"1", "1.0", "1.0.0", "01.00.000"});
  ExpectAscending(kPep440, {"0.9", "0.9.1", "0.9.2", "0.9.10", "0.10", "1.0", "1.0.1", "1.1"});
  ExpectAscending(kPep440, {"1.99999999999999999999", "1.100000000000000000000", "2"});
}

TEST(Pep440Order, Normalisations) {
  ExpectSamePlace(kPep440,
                  {"1.1a1", "1.1A1", "1.1.a1", "1.1-a1", "1.1_a1", "1.1a.1", "1.1a-1", "1.1a_1",
                   "1.1alpha1", "1.1.ALPHA.1", "v1.1a1", "V1.1a01", " \t\r\n\f\v1.1a1 \n"});
  ExpectSamePlace(kPep440, {"1.1b2", "1.1beta2", "1.1-Beta_2"});
  ExpectSamePlace(kPep440, {"1.1rc3", "1.1c3", "1.1pre3", "1.1preview3", "1.1_PREVIEW-3"});
  ExpectSamePlace(kPep440, {"1.2a", "1.2a0", "1.2a-", "1.2.alpha."});
  ExpectSamePlace(kPep440, {"1.2.post2", "1.2-post2", "1.2post2", "1.2_post_2", "1.2-r2", "1.2rev2",
                            "1.2.REV.2", "1.2-2", "1.2-02"});
  ExpectSamePlace(kPep440, {"1.2.post", "1.2.post0", "1.2-0", "1.2r"});
  ExpectSamePlace(kPep440, {"1.2.dev2", "1.2-dev2", "1.2dev2", "1.2_DEV-2"});
  ExpectSamePlace(kPep440, {"1.2.dev", "1.2.dev0", "1.2dev-"});
  ExpectSamePlace(kPep440, {"1.0+ubuntu-1", "1.0+ubuntu.1", "1.0+UBUNTU_01"});
}

TEST(Pep440Order, NumberAfterAPreReleaseIsNoPostRelease) {
  ExpectSamePlace(kPep440, {"1.0b-1", "1.0b1"});
  ExpectSamePlace(kPep440, {"1.0b--1", "1.0b0.post1"});
  ExpectSamePlace(kPep440, {"1.0b2-1", "1.0b2.post1"});
}

TEST(Pep440Order, DevelopmentReleases) {
  ExpectAscending(kPep440, {"1.0.dev0", "1.0.dev1", "1.0a0.dev0", "1.0a0", "1.0a0.post0.dev1",
                            "1.0a0.post0", "1.0", "1.0.post0.dev0", "1.0.post0"});
}

TEST(Pep440Order, LocalVersions) {
  ExpectAscending(kPep440, {"1.0", "1.0+a", "1.0+a.b", "1.0+a.1", "1.0+a1", "1.0+b", "1.0+0",
                            "1.0+0.a", "1.0+0.0", "1.0+1", "1.0+9", "1.0+10", "1.0.post1"});
}

TEST(Pep440Order, WhatIsNotAVersion) {
  ExpectNoVersions(kPep440, {"",
                             " ",
                             "master",
                             "latest",
                             "v",
                             "1.",
                             ".1",
                             "1..0",
                             "1!",
                             "!1",
                             "1!!2",
                             "a!1",
                             "1.0+",
                             "1.0+a+b",
                             "1.0+a.",
                             "1.0+.a",
                             "1.0+a..b",
                             "1.0+a b",
                             "1.0-",
                             "1.0--1",
                             "1.0-1-2",
                             "1.0a1b2",
                             "1.0.dev1.post1",
                             "1.0.post1a1",
                             "1.0.x",
                             "1.*",
                             "==1.0",
                             "1.0 a",
                             "1.0alphabet",
                             "1.0foo",
                             "0.1-bulbasaur",
                             "2004d-r1x",
                             "1.0\xc2\xa0",
                             "1.0+\xc3\xa4",
                             "\xd9\xa1.0",
                             std::string("1.0\0", 4)});
}

TEST(Pep440Order, Laws) {
  ExpectLawsOnTextsOf(kPep440,
                      {"1",     "1.0", "0",    "10",  "2!", "a",   "b",    "rc",
                       "c",     "pre", "post", "rev", "r",  "dev", ".dev", "-1",
                       ".post", "+",   "+a",   ".",   "-",  "_",   "v",    "99999999999999999999",
                       " ",     "A",   ".1",   "rc1"});
}

TEST(Pep440Order, LongTexts) {
  ExpectLawsOnLongTexts(kPep440,
                        {"1", "0", ".1", ".0", "!", "a", "+a", ".a", "-", "_", "dev", " ", "\xff"});
  ExpectLawsOnLongTexts(kPep440, {"+1" + std::string(64 * 1024, 'a')});
}

}  // namespace
}  // namespace sluice
