#!/bin/sh
# Runs every row for a moment over a small list: each gets the answer it is meant to measure.
#
#   known_bad_smoke_test.sh BENCHMARK
set -eu
"$1" --benchmark_min_time=0.001 --benchmark_color=false 20000 >"${TEST_TMPDIR:-/tmp}/rows"
cat "${TEST_TMPDIR:-/tmp}/rows"
[ "$(grep -c ' us ' "${TEST_TMPDIR:-/tmp}/rows")" -eq 10 ]
! grep -q 'ERROR OCCURRED' "${TEST_TMPDIR:-/tmp}/rows"
