#ifndef SLUICE_COMPILE_COMPILE_PARTS_H_
#define SLUICE_COMPILE_COMPILE_PARTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "sluice/host_kind.h"
#include "sluice/internal/field_errors.h"
#include "sluice/policy_data.h"
#include "sluice/v1/policy.pb.h"

namespace sluice {

// What the parts of a policy share while it is compiled: the faults, and the ids taken so far.
struct CompileScope {
  FieldErrors& errors;
  absl::flat_hash_set<std::string> ids;  // Of blockers, criteria and watched alarms.
  const v1::OverridePolicy* default_override = nullptr;  // The pipeline's; null: none.
  int blockers = 0;
  const HostKinds& host_kinds;

  // Faults unless `id` is an identifier that no other part of the policy has.
  void TakeId(const std::string& id, const FieldPath& path);
};

// Faults unless `id` is an identifier.
void RequireIdentifier(const std::string& id, const FieldPath& path, FieldErrors& errors);

// Faults if the field is unset, unreadable or not positive; then the result is zero.
absl::Duration RequirePositive(bool is_set, const google::protobuf::Duration& duration,
                               const FieldPath& path, FieldErrors& errors);

// Faults for an enumerator that is unset or that this library does not know.
bool RequireChoice(int value, bool is_known, const FieldPath& path, FieldErrors& errors);

// An integer of at least 1 and at most `most`; a fault otherwise.
int64_t RequireCount(uint64_t value, int64_t most, const FieldPath& path, FieldErrors& errors);

// Faults for more than 10,000 hundredths of a percent.
void LimitBasisPoints(uint32_t value, const FieldPath& path, FieldErrors& errors);

OverrideRule CompileOverridePolicy(const v1::OverridePolicy& proto, const FieldPath& path,
                                   FieldErrors& errors);

// A blocker of a stage, wave or pipeline or, if `is_criterion`, a pass criterion.
Blocker CompileBlocker(const v1::Blocker& proto, bool is_criterion, const FieldPath& path,
                       CompileScope& scope);

std::vector<Blocker> CompileBlockers(const google::protobuf::RepeatedPtrField<v1::Blocker>& protos,
                                     bool are_criteria, const FieldPath& parent, const char* field,
                                     CompileScope& scope);

enum class CombinationKind { kAnyOf, kAllOf, kAtLeast };

// A combination at this depth: 1, unless it is part of another.
Combination CompileCombination(const v1::Combination& proto, CombinationKind kind, int depth,
                               const FieldPath& path, CompileScope& scope);

// A blocker that is part of a combination at this depth. Reads its id and kind alone.
Blocker CompileChild(const v1::Blocker& proto, int depth, const FieldPath& path,
                     CompileScope& scope);
// The criteria and watched alarms of the rollout's health, into `*rule`.
void CompileHealth(const v1::RolloutPolicy& rollout, const FieldPath& parent, CompileScope& scope,
                   RolloutRule* rule);

RolloutRule CompileRollout(const v1::RolloutPolicy& proto, const FieldPath& path,
                           CompileScope& scope);

StageRule CompileStage(const v1::Stage& proto, bool pipeline_has_blockers, const FieldPath& path,
                       CompileScope& scope);

}  // namespace sluice

#endif  // SLUICE_COMPILE_COMPILE_PARTS_H_
