#include "sluice/known_bad/rpm_order.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/known_bad/version_laws.h"

namespace sluice {
namespace {

constexpr OrderUnderTest kRpm = {IsRpmVersion, CompareRpmVersions};

TEST(RpmOrder, RunsOfDigitsAndLetters) {
  ExpectAscending(kRpm, {"1.0", "2.0", "2.0.1a", "5.5p1", "5.5p2", "5.5p10", "5.6p1", "6.0",
                         "6.0.rc1", "6.0.1", "10a1", "10a2", "10b2", "10xyz", "10.1xyz"});
  ExpectAscending(kRpm, {"xyz.4", "xyz10", "xyz10.1", "2", "8"});
}

TEST(RpmOrder, LettersAreBeforeNumbersAndAfterTheEnd) {
  ExpectAscending(kRpm, {"1", "1A", "1Z", "1a", "1aa", "1b", "1.0", "1.1"});
}

TEST(RpmOrder, NumbersGoByValue) {
  ExpectSamePlace(kRpm, {"10.0001", "10.1", "010.01"});
  ExpectAscending(kRpm, {"10.0001", "10.0039", "10.100", "10.18446744073709551616"});
  ExpectAscending(kRpm, {"1", "1.0", "1.00.0"});
}

TEST(RpmOrder, AllElseOnlySeparates) {
  ExpectSamePlace(kRpm, {"2.0", "2_0", "2+0", "2..0", ".2.0", "2.0.", "2.0+_"});
  ExpectSamePlace(kRpm, {"a", "a+", "+a", "a_", "_a"});
  ExpectSamePlace(kRpm, {"+", "_", "+_", "."});
  ExpectSamePlace(kRpm, {"1.1.\xce\xb1", "1.1.\xce\xb2", "1.1"});
}

TEST(RpmOrder, TildeIsBeforeTheEnd) {
  ExpectAscending(kRpm, {"1.0~~", "1.0~", "1.0~rc1~git123", "1.0~rc1", "1.0~rc1^git1", "1.0~rc2",
                         "1.0", "1.0arc1"});
}

TEST(RpmOrder, CaretIsRightAfterTheEnd) {
  ExpectAscending(kRpm, {"1.0", "1.0^", "1.0^git1~pre", "1.0^git1", "1.0^git2", "1.0^20160101",
                         "1.0^20160101^git1", "1.0^20160102", "1.0a", "1.0.1", "1.01"});
}

TEST(RpmOrder, EpochDecides) {
  ExpectAscending(kRpm, {"13", "1:1", "1:2", "3:1~1", "04:2", "13:5", "14:2", "184:2"});
  ExpectSamePlace(kRpm, {"1.0-1", "0:1.0-1", "00:1.0-1", ":1.0-1"});
}

TEST(RpmOrder, ColonAfterAnythingElseThanDigitsOnlySeparates) {
  ExpectAscending(kRpm, {"a:1", "a1:1", "a:2", "a2:1", "b:1", "b1:1"});
  ExpectSamePlace(kRpm, {"1.m+e2:1", "1.m.e2.1"});
}

TEST(RpmOrder, ReleaseComparesLast) {
  ExpectAscending(kRpm, {"1-1", "1-1.el7", "1-2", "1-123", "1.1-1"});
  ExpectAscending(kRpm, {"3.10.0-229.1.2.ael7b", "3.10.0-229.1.2.el7", "3.10.0-229.4.2.ael7b"});
  ExpectAscending(kRpm, {"2.4.21-9.EL", "2.4.21-9.0.1.EL"});
  ExpectSamePlace(kRpm, {"1-1", "1-1.", "1.-1"});
}

TEST(RpmOrder, NoReleaseIsBeforeAnyRelease) {
  ExpectAscending(kRpm, {"1", "1-~", "1-", "1-0", "1-1", "1.1"});
}

TEST(RpmOrder, OnlyFirstLacksRelease) {
  EXPECT_TRUE(OnlyFirstLacksRpmRelease("1", "1-2"));
  EXPECT_TRUE(OnlyFirstLacksRpmRelease("0:1.0", "01_0-"));
  EXPECT_FALSE(OnlyFirstLacksRpmRelease("1-2", "1"));
  EXPECT_FALSE(OnlyFirstLacksRpmRelease("1", "1"));
  EXPECT_FALSE(OnlyFirstLacksRpmRelease("1-1", "1-2"));
  EXPECT_FALSE(OnlyFirstLacksRpmRelease("1", "1.1-2"));
  EXPECT_FALSE(OnlyFirstLacksRpmRelease("1", "1:1-2"));
  EXPECT_FALSE(OnlyFirstLacksRpmRelease("", "-2"));
}

TEST(RpmOrder, WhatIsNotAVersion) {
  ExpectNoVersions(kRpm, {"", " ", "1 0", "1.0 ", "\t1", "1\n", "1:", ":", "-1", "1:-1", "-",
                          std::string("1\0", 2), "1\x7f"});
}

TEST(RpmOrder, Laws) {
  ExpectLawsOnTextsOf(kRpm, {"1", "0", "10", "00", ".", "-", "~", "^", "+", "a", "Z", "1:", ":",
                             "el8", "1.0", "-1", " ", "99999999999999999999"});
}

TEST(RpmOrder, LongTexts) {
  ExpectLawsOnLongTexts(kRpm, {"1", "0", ".1", ".", "~", "^", "-", "a", "a1", ":", "+", "\xff"});
}

}  // namespace
}  // namespace sluice
