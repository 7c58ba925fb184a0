// A host's program: includes what a host would and links what it would get.

#include <iostream>

#include "absl/time/time.h"
#include "sluice/v1/artifact.pb.h"

int main() {
  sluice::v1::Artifact artifact;
  artifact.set_name("build-1");
  std::cout << artifact.ShortDebugString() << " at " << absl::UnixEpoch() << "\n";
}
