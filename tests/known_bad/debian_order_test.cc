#include "sluice/known_bad/debian_order.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/known_bad/version_laws.h"

namespace sluice {
namespace {

constexpr OrderUnderTest kDebian = {IsDebianVersion, CompareDebianVersions};

// The example of Debian Policy 5.6.12: `~~`, `~~a`, `~`, the end, `a`.
TEST(DebianOrder, TildeIsBeforeTheEnd) {
  ExpectAscending(kDebian, {"1~~", "1~~a", "1~", "1", "1a"});
  ExpectAscending(kDebian, {"1.0~beta1~svn1245-1", "1.0~beta1-1", "1.0-1~bpo", "1.0-1"});
}

TEST(DebianOrder, LettersAreBeforeAllElse) {
  ExpectAscending(kDebian, {"1", "1A", "1Z", "1a", "1z", "1+", "1.", "1.1"});
  ExpectAscending(kDebian, {"1-1", "1-1a", "1-1+", "1-1+b1", "1-1."});
}

TEST(DebianOrder, NumbersGoByValue) {
  ExpectAscending(kDebian, {"0.9", "0.10", "1.2", "1.12", "9", "10", "20240101"});
  ExpectSamePlace(kDebian, {"1.02", "1.2", "01.002"});
  ExpectSamePlace(kDebian, {"1.", "1.0", "1.00"});
  ExpectAscending(kDebian, {"1.18446744073709551615", "1.18446744073709551616"});
}

TEST(DebianOrder, EpochDecides) {
  ExpectAscending(kDebian, {"0:9-1", "1:1-1", "2:0", "10:0"});
  ExpectSamePlace(kDebian, {"1.0-1", "0:1.0-1", "00:1.0-1"});
}

TEST(DebianOrder, NoRevisionIsZero) {
  ExpectSamePlace(kDebian, {"1.0", "1.0-0", "1.0-00"});
  ExpectAscending(kDebian, {"1.0-0~1", "1.0", "1.0-0.1", "1.0-1"});
}

TEST(DebianOrder, RevisionFollowsTheLastHyphen) {
  ExpectAscending(kDebian, {"1-1-1", "1-1-2", "1-2-1"});
  ExpectAscending(kDebian,
                  {"2.7.4+reloaded2-13", "2.7.4+reloaded2-13ubuntu1", "2.7.4+reloaded2-13+deb9u1"});
  ExpectAscending(kDebian, {"1.2.3-1~deb7u1", "1.2.3-1", "1.2.3-nobin"});
}

TEST(DebianOrder, ColonNeedsAnEpoch) {
  ExpectAscending(kDebian, {"1:1.0-1", "1:1:0-1"});
  ExpectNoVersions(kDebian, {"a:1", ":1", "1:", "1:-1", "-1:1", " 1:1", "1.0:1", "1:1-1:1"});
}

TEST(DebianOrder, WhatIsNotAVersion) {
  ExpectNoVersions(kDebian,
                   {"",      "latest",       "master",    "v1.0",      "a1",
                    "~1",    ".1",           "-1",        "1.0-",      "1-1-",
                    "1_0",   "1.0-1_1",      "1 0",       "1.0 ",      " 1.0",
                    "1.0^1", "1.0-\xc3\xa4", "1\xc3\xa4", "<unknown>", std::string("1\0", 2)});
}

TEST(DebianOrder, Laws) {
  ExpectLawsOnTextsOf(kDebian, {"1", "0", "10", "00", ".", "-", "~", "~~", "+", "a", "Z", "1:", ":",
                                "deb", "1.0", "-1", "99999999999999999999"});
}

TEST(DebianOrder, LongTexts) {
  ExpectLawsOnLongTexts(kDebian,
                        {"1", "0", ".1", ".", "~", "-", "-1", "a", "a1", ":", ":1", "+", "\xff"});
}

}  // namespace
}  // namespace sluice
