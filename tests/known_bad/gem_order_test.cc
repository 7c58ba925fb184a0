#include "sluice/known_bad/gem_order.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/known_bad/version_laws.h"

namespace sluice {
namespace {

constexpr OrderUnderTest kGem = {IsGemVersion, CompareGemVersions};

// The examples of Gem::Version's documentation.
TEST(GemOrder, Prereleases) {
  ExpectAscending(kGem, {"0.9", "1.0.a.2", "1.0.b1", "1.0.b.2", "1.0", "1.0.1", "1.1.a", "1.1"});
  ExpectAscending(kGem, {"3.0.0.beta", "3.0.0.beta2", "3.0.0.beta4", "3.0.pre", "3.0.0.rc",
                         "3.0.0.rc2", "3.0.0", "3.0.0.1"});
  ExpectSamePlace(kGem, {"1.0.a2", "1.0.a.2", "1.a2"});
}

TEST(GemOrder, LettersGoByBytes) {
  ExpectAscending(kGem, {"1.A", "1.Z", "1.a", "1.aa", "1.b", "1"});
}

TEST(GemOrder, NumbersGoByValue) {
  ExpectAscending(kGem, {"3.2", "3.10", "3.18446744073709551615", "3.18446744073709551616"});
  ExpectAscending(kGem, {"1.0.a9", "1.0.a10", "1.0.a.11"});
  ExpectSamePlace(kGem, {"1.01", "01.1"});
}

TEST(GemOrder, ZerosAtTheEndMeanNothing) {
  ExpectSamePlace(kGem, {"1", "1.0", "1.0.0", "1.00"});
  ExpectSamePlace(kGem, {"1.rc", "1.0.rc", "1.0.0.rc", "1.rc.0", "1.rc0"});
  ExpectAscending(kGem, {"1.rc.0.a", "1.rc", "1.rc.0.1", "1"});
}

TEST(GemOrder, HyphenIsAPrerelease) {
  ExpectSamePlace(kGem, {"1-1", "1.pre.1"});
  ExpectSamePlace(kGem, {"1.0-rc1", "1.pre.rc.1"});
  ExpectSamePlace(kGem, {"1-a-b", "1.pre.a.pre.b"});
  ExpectSamePlace(kGem, {"1--", "1.pre.pre"});
  ExpectAscending(kGem, {"1-x86", "1-1", "1"});
}

TEST(GemOrder, WhiteSpaceAroundMeansNothing) { ExpectSamePlace(kGem, {"1.0", " 1.0\n", "\t1\r"}); }

TEST(GemOrder, LettersMayFollowTheFirstNumber) {
  ExpectSamePlace(kGem, {"1beta", "1.beta"});
  ExpectAscending(kGem, {"0.9", "1beta", "1gamma", "1"});
  ExpectNoVersions(kGem, {"1beta2", "1a2b3c4", "1a2.0"});
}

TEST(GemOrder, WhatIsNotAVersion) {
  ExpectNoVersions(kGem, {"",
                          " ",
                          "latest",
                          "master",
                          "v1",
                          "a",
                          ".1",
                          "1.",
                          "1..2",
                          "1.a.",
                          "1-",
                          "1.0-",
                          "-1",
                          "1-a..b",
                          "1-a.",
                          "1-.a",
                          "1_0",
                          "1+1",
                          "~> 1.0",
                          ">= 1",
                          "1 0",
                          "1.0,2",
                          "1.0-1_",
                          "junk",
                          "1.2.3-\xc3\xa4",
                          "\xd9\xa1",
                          std::string("1\0", 2)});
}

TEST(GemOrder, Laws) {
  ExpectLawsOnTextsOf(kGem, {"1", "0", "10", "00", ".", ".", "-", "a", "A", "rc", "pre", ".0",
                             "1.0", " ", ".a", "99999999999999999999"});
}

TEST(GemOrder, LongTexts) {
  ExpectLawsOnLongTexts(
      kGem, {"1", "0", ".1", ".0", ".0.a", "-", "-0", "a", ".a", "a1", ".", " ", "\xff"});
}

}  // namespace
}  // namespace sluice
