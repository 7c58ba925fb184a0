#include "tests/load/valid_state.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "sluice/v1/state.pb.h"

namespace sluice {
namespace {

// `$a` stands for the digest of 64 times `a`, and so on.
template <typename Message>
Message Parse(absl::string_view text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      absl::StrReplaceAll(text, {{"$a", DigestOf('a')},
                                 {"$b", DigestOf('b')},
                                 {"$c", DigestOf('c')},
                                 {"$f", DigestOf('f')}}),
      &message));
  return message;
}

constexpr absl::string_view kState = R"pb(
  schema_version: 1
  pipeline: "shop"
  revision: 40
  written_at { seconds: 10000 nanos: 1 }
  artifacts {
    digest: "$a"
    name: "shop"
    version: "1.0"
    sequence: 10
    source_revision: "c0ffee"
    authors: "ann"
    authors: "bob"
    checked_in_at { seconds: 100 }
    built_at { seconds: 200 }
    rollback_floor: 5
    components {
      count: 2
      components { package_url: "pkg:npm/left@1.0.0" digests: "$c" digests: "$f" }
      components { package_url: "pkg:npm/right@1.0.0" digests: "$b" }
    }
    annotations { key: "k" value: "v" }
  }
  artifacts {
    digest: "$b"
    sequence: 20
    built_at { seconds: 300 }
  }
  artifacts { digest: "$c" sequence: 30 }
  cells {
    id: "eu"
    stage: "prod"
    region: "eu-1"
    zone: "eu-1a"
    weight: 10
    annotations { key: "k" value: "v" }
  }
  cells {
    id: "old"
    stage: "prod"
    region: "eu-1"
    zone: "eu-1b"
    weight: 1
    retired {
      who: "ann"
      why: "gone"
      at { seconds: 900 }
    }
  }
  cells { id: "us" stage: "prod" region: "us-1" zone: "us-1a" weight: 20 }
  cells { id: "t1" stage: "test" weight: 1 }
  stages {
    stage: "prod"
    rollouts {
      number: 20
      artifact: "$a"
      state: HALTED
      plan {
        waves {
          id: "@unproven"
          cells: "eu"
          weights: 10
          proven_at { seconds: 2500 }
        }
        policy_fingerprint: "$f"
      }
      started_at { seconds: 2000 }
      ended_at { seconds: 3000 }
      roll_back_cells: "eu"
      roll_back_cells: "us"
      halt_reason: NO_SAFE_TARGET
      ended_by: "ann"
      why: "no target"
      completed_at { seconds: 2900 }
    }
    rollouts {
      number: 30
      artifact: "$b"
      state: RUNNING
      plan {
        waves { id: "first" cells: "eu" weights: 10 }
        waves { id: "second" cells: "us" cells: "gone" weights: 20 weights: 1 }
        policy_fingerprint: "$f"
      }
      started_at { seconds: 4000 }
    }
    deployments {
      number: 31
      cell: "eu"
      artifact: "$b"
      direction: FORWARD
      attempt: 1
      rollout: 30
      started_at { seconds: 4000 }
      ended_at { seconds: 4100 }
      outcome: SUCCEEDED
      proven {
        at { seconds: 4200 }
        policy_fingerprint: "$f"
      }
      accepted {
        who: "ann"
        roles: "sre"
        roles: "dev"
        why: "looks fine"
        at { seconds: 4300 }
      }
      who: "bob"
    }
    deployments {
      number: 10
      cell: "eu"
      artifact: "$a"
      direction: ADOPTED
      started_at { seconds: 1000 }
    }
    deployments {
      number: 32
      cell: "us"
      artifact: "$b"
      direction: ROLL_BACK
      attempt: 1
      rollout: 30
      started_at { seconds: 4500 }
    }
    entries {
      artifact: "$a"
      at { seconds: 500 }
    }
    passes {
      artifact: "$a"
      at { seconds: 600 }
      policy_fingerprint: "$f"
      revoked_at { seconds: 700 }
    }
    latches {
      artifact: "$a"
      at { seconds: 700 }
      released {
        who: "ann"
        why: "fixed"
        at { seconds: 800 }
        number: 9
      }
    }
    start_requests {
      id: "s1"
      artifact: "$b"
      wave: "first"
      who: "ann"
      requested_at { seconds: 4000 }
      expires_at { seconds: 5000 }
    }
    preempt_requests {
      id: "p1"
      artifact: "$c"
      who: "ann"
      requested_at { seconds: 4000 }
      expires_at { seconds: 5000 }
    }
    roll_back_requests {
      id: "r1"
      artifact: "$b"
      cells: "eu"
      cells: "us"
      who: "ann"
      why: "slow"
      requested_at { seconds: 4400 }
      honoured_by: 30
    }
    retry_requests {
      id: "t1"
      artifact: "$b"
      cell: "us"
      attempt: 2
      who: "ann"
      why: "again"
      requested_at { seconds: 4400 }
      number: 33
    }
  }
  stages {
    stage: "test"
    passes {
      artifact: "$b"
      at { seconds: 600 }
      policy_fingerprint: "$f"
    }
  }
  checks {
    check: "unit"
    artifact: "$a"
    stage: "test"
    cell: "t1"
    run: "1"
    started_at { seconds: 300 }
    finished_at { seconds: 310 }
    outcome: PASSED
    numbers { key: "coverage" value: 0.5 }
    annotations { key: "k" value: "v" }
  }
  checks {
    check: "unit"
    artifact: "$a"
    run: "2"
    started_at { seconds: 320 }
    outcome: RUNNING
  }
  alarms {
    alarm: "latency"
    cell: "eu"
    state: OK
    since { seconds: 5000 }
    observed_at { seconds: 9000 }
    last_alarm_at { seconds: 4900 }
    history_from { seconds: 100 }
  }
  alarms {
    alarm: "latency"
    region: "us-1"
    state: ALARM
    since { seconds: 5000 }
    observed_at { seconds: 9000 }
  }
  series {
    series: "errors"
    cell: "eu"
    start { seconds: 600 }
    period { seconds: 60 }
    values: [ 1, nan, 3 ]
    reported_through { seconds: 780 }
  }
  series {
    series: "errors"
    region: "eu-1"
    start { seconds: 600 }
    period { seconds: 60 }
    reported_through { seconds: 780 }
  }
  counts {
    counts: "requests"
    stage: "prod"
    start { seconds: 600 }
    period { seconds: 60 }
    reported_through { seconds: 720 }
    cells: "eu"
    cells: "us"
    requests: [ 10, 20, -1, 17179869184 ]
    errors: [ 0, 20, 5, -1 ]
  }
  baselines {
    counts: "requests"
    stage: "prod"
    artifact: "$a"
    requests: 1000
    errors: 3
    observed_at { seconds: 4000 }
  }
  measurements {
    measurement: "probe"
    artifact: "$b"
    cell: "eu"
    run: "1"
    measured_at { seconds: 4000 }
    outcome: INCONCLUSIVE
    last: true
  }
  approvals {
    id: "ap1"
    blocker: "review"
    artifact: "$b"
    stage: "prod"
    principal: "ann"
    roles: "sre"
    roles: "dev"
    granted_at { seconds: 4000 }
    expires_at { seconds: 9000 }
    policy_fingerprint: "$f"
    revoked_at { seconds: 8000 }
  }
  overrides {
    id: "ov1"
    blockers: "window"
    blockers: "alarm"
    policy_fingerprint: "$f"
    artifact: "$b"
    stages: "prod"
    stages: "test"
    principal: "ann"
    roles: "sre"
    roles: "dev"
    reason: "urgent"
    granted_at { seconds: 4000 }
    expires_at { seconds: 9000 }
    revoked_at { seconds: 8000 }
    keep_despite: "latency"
    keep_despite: "@deployment"
  }
  overrides {
    id: "ov2"
    all_blockers: true
    policy_fingerprint: "$f"
    artifact: "$b"
    stages: "prod"
    principal: "ann"
    roles: "sre"
    reason: "urgent"
    granted_at { seconds: 4000 }
    expires_at { seconds: 9000 }
  }
  annotations { key: "k" value: "v" }
  holds {
    id: "h1"
    scope: CELL
    stage: "prod"
    cell: "eu"
    who: "ann"
    why: "freeze"
    placed_at { seconds: 4000 }
    expires_at { seconds: 9000 }
    released_at { seconds: 8000 }
  }
  holds {
    id: "h2"
    scope: PIPELINE
    who: "ann"
    why: "freeze"
    placed_at { seconds: 4000 }
  }
  roll_back_holds {
    id: "rh1"
    stage: "prod"
    who: "ann"
    why: "debugging"
    placed_at { seconds: 4000 }
    expires_at { seconds: 9000 }
    released_at { seconds: 8000 }
  }
  withdrawals {
    artifact: "$c"
    who: "ann"
    why: "leak"
    at { seconds: 900 }
  }
  lists_seen { list: "cves" epoch: 7 }
  synthetic_runs {
    stage: "test"
    api: "checkout"
    finished_at_ms: [ 1000, 2000, 2000 ]
    succeeded: [ true, false, true ]
  }
  environments {
    stage: "test"
    observed_at { seconds: 900 }
    aspects { key: "kernel" value: "6.1" }
    aspects { key: "libc" value: "2.36" }
  }
  traffic_samples {
    stage: "test"
    observed_at { seconds: 900 }
    principals: "robot"
    principals: "probe"
    requests: [ 5, 6 ]
  }
  applied_events { id: "e1" digest: "$f" }
)pb";

constexpr absl::string_view kOrganisation = R"pb(
  schema_version: 1
  id: "acme"
  epoch: 3
  observed_at { seconds: 9000 }
  emergency_stop {
    state: CLEAR
    observed_at { seconds: 9000 }
    who: "ann"
    why: "all well"
  }
  holds {
    id: "h1"
    scope: CELL
    pipeline: "shop"
    stage: "prod"
    cell: "eu"
    who: "ann"
    why: "freeze"
    placed_at { seconds: 4000 }
    expires_at { seconds: 9000 }
    released_at { seconds: 8000 }
  }
  holds {
    id: "h2"
    scope: ORGANISATION
    who: "ann"
    why: "freeze"
    placed_at { seconds: 4000 }
  }
  alarms {
    alarm: "backbone"
    region: "eu-1"
    state: OK
    since { seconds: 5000 }
    observed_at { seconds: 9000 }
    last_alarm_at { seconds: 4900 }
    history_from { seconds: 100 }
  }
  calendars {
    id: "holidays"
    observed_at { seconds: 9000 }
    starts_s: [ 100, 300 ]
    ends_s: [ 200, 400 ]
  }
  annotations { key: "k" value: "v" }
)pb";

}  // namespace

std::string DigestOf(char digit) { return absl::StrCat("sha256:", std::string(64, digit)); }

v1::PipelineState ValidState() { return Parse<v1::PipelineState>(kState); }

v1::OrganisationFacts ValidOrganisationFacts() {
  return Parse<v1::OrganisationFacts>(kOrganisation);
}

}  // namespace sluice
