#ifndef SLUICE_KNOWN_BAD_MAVEN_ORDER_H_
#define SLUICE_KNOWN_BAD_MAVEN_ORDER_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace sluice {

// The order of versions of Maven: "Version Order Specification" of the POM reference
// (https://maven.apache.org/pom.html) as Maven 3's ComparableVersion carries it out.
//
//   CompareMavenVersions("1.0-rc1", "1.0");          // -1
//   CompareMavenVersions("1.0.Final", "1");          // 0
//   CompareMavenVersions("1.0-1", "1.0.1");          // -1
//
// A version is numbers and qualifiers. They end at dots, at hyphens and where digits and other
// characters meet, which counts as a hyphen; nothing between two of these is 0. A hyphen opens a
// list inside the list that it is in, and so does a dot before a qualifier that ends the version
// or that a number follows directly. At the end of each list, before a list in it too, all that
// means nothing is dropped: 0 and the qualifiers ``, `ga`, `final` and `release`.
//
// Lists are compared item by item: a qualifier is before a list, a list before a number. Numbers
// go by value. Qualifiers go in the order alpha, beta, milestone, rc or cr, snapshot, none of them,
// sp, then all others by letters; case means nothing, and `a`, `b` and `m` right before a digit are
// alpha, beta and milestone. The end of a version is like 0 and like no qualifier.
//
// This order departs from ComparableVersion in two places:
// - Where that contradicts itself. If, by Maven, `a` is before what `a` and `b` have in common, and
//   that is before `b`, then `a` is before `b` here. Maven puts 1-rc before 1, 1 before 1.x.2, and
//   yet 1.x.2 before 1-rc.
// - Where that does not carry out the specification. 1-ga-1 and 1-0-1 are the same as 1-1 here;
//   Maven keeps an empty list in place of what was dropped, and puts them before 1-1.
//
// Any text is a version that is printable ASCII without spaces and without the characters that
// Maven refuses in versions (\ / : " < > | ? * [ ] ( ) { } and the comma), so that no range and no
// ${property} is taken for one; except `LATEST` and `RELEASE`, which name whichever version is
// newest. What case and digits are beyond ASCII is not for this order to guess.
bool IsMavenVersion(absl::string_view text);

// Below 0 if `a` is before `b`, 0 if they have the same place, above 0 if it is after; nothing if
// one is not a version. A total order. Cost: linear; allocates for versions of many items.
absl::optional<int> CompareMavenVersions(absl::string_view a, absl::string_view b);

}  // namespace sluice

#endif  // SLUICE_KNOWN_BAD_MAVEN_ORDER_H_
