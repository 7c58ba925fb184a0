#!/bin/sh
# Runs suites of policy tests, and writes their results where Bazel looks for them.
#
#   policy_test.sh <sluice> <percentage to cover, or 0> <suite>...
set -eu
sluice=$1
min_coverage=$2
shift 2
if [ "$min_coverage" != 0 ]; then
  set -- --coverage --min-coverage "$min_coverage" "$@"
fi
exec "$sluice" test --fail-on-empty ${XML_OUTPUT_FILE:+--junit "$XML_OUTPUT_FILE"} "$@"
