#!/bin/sh
# Runs suites of policy tests, and writes their results where Bazel looks for them.
#
#   policy_test.sh <sluice> <suite>...
set -eu
sluice=$1
shift
exec "$sluice" test --fail-on-empty ${XML_OUTPUT_FILE:+--junit "$XML_OUTPUT_FILE"} "$@"
