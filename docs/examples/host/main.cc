// Prints what may happen at one instant, and until when that stays so. Takes three textprotos: a
// policy, the organisation's facts and a pipeline's state.

#include <fstream>
#include <iostream>
#include <iterator>

#include "sluice/policy.h"
#include "sluice/reader.h"

bool Read(const char* path, google::protobuf::Message* message) {
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return sluice::ReadMessage(text, sluice::Format::kTextproto, message).ok();
}

int main(int argc, char** argv) {
  sluice::v1::PipelinePolicy rules;
  sluice::v1::OrganisationFacts facts;
  sluice::v1::PipelineState state;
  if (argc != 4 || !Read(argv[1], &rules) || !Read(argv[2], &facts)) return 2;
  if (!Read(argv[3], &state)) return 2;
  const absl::StatusOr<sluice::Policy> policy = sluice::Policy::Compile(rules);
  if (!policy.ok()) return 1;  // policy.status() has every fault, by field path.
  const sluice::Organisation organisation = sluice::Organisation::Load(facts);
  const sluice::Snapshot snapshot = sluice::Snapshot::Load(state, organisation);
  const absl::Time now = absl::FromUnixSeconds(1795514460);  // A service says absl::Now().
  const sluice::Decision decision = policy->Decide(snapshot, now);
  for (const sluice::StageDecision& stage : decision.stages) {
    std::cout << stage.stage << ": " << sluice::ActionName(stage.action) << "\n";
    for (const sluice::CellAction& action : stage.actions) {
      std::cout << "  deploy " << action.artifact << " to " << action.cell << "\n";
    }
  }
  std::cout << "until " << decision.valid_until << ", unless a fact changes\n";
}
