#!/bin/sh
# Runs every row for a moment: each gets the answer it is meant to measure, and says so where it does not.
#
#   smoke_test.sh BENCHMARK POLICY INPUTS LIST
set -eu
benchmark=$1 policy=$2 inputs=$3 list=$4
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

run() { "$benchmark" --benchmark_min_time=0.001 --benchmark_color=false "$policy" "$@" "$list"; }

fail() {
  echo "$*" >&2
  exit 1
}

# Of the output in the given file: rows, and those that were given up.
rows() { grep '^[A-Z][A-Za-z]*\(/[0-9]*\)\? ' "$1" | grep -vc '^Benchmark ' || true; }
errors() { grep -c 'ERROR OCCURRED' "$1" || true; }

run "$inputs" >"$scratch/right" || fail "a row does not get its answer: $(cat "$scratch/right")"
[ "$(errors "$scratch/right")" -eq 0 ] || fail "an error with exit status 0"
[ "$(rows "$scratch/right")" -ge 13 ] || fail "too few rows: $(cat "$scratch/right")"

# An alarm holds the stage: another answer, which no row may measure.
sed '0,/state: OK/s//state: ALARM/' "$inputs" >"$scratch/held"
cmp -s "$inputs" "$scratch/held" && fail "no alarm to change"
if run "$scratch/held" >"$scratch/wrong"; then fail "exit status 0 of a stage that is held"; fi
[ "$(errors "$scratch/wrong")" -eq "$(rows "$scratch/wrong")" ] ||
  fail "measured a stage that is held: $(cat "$scratch/wrong")"
[ "$(rows "$scratch/wrong")" -eq "$(rows "$scratch/right")" ] || fail "other rows"
