#!/bin/sh
# Runs the command that docs/explain.md shows, and compares what it prints with what the page shows.
#
#   explain_test.sh SLUICE EXPLAIN_MD
set -eu
sluice=$PWD/$1 page=$PWD/$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

block() {
  awk -v language="$1" '/^```/ { inside = ($0 == "```" language); next } inside' "$page"
}
sluice() { "$sluice" "$@"; }

block sh >"$scratch/command"
grep -q '^sluice explain ' "$scratch/command"
. "$scratch/command" >"$scratch/printed"
cat "$scratch/printed"
block text >"$scratch/said"
[ "$(wc -l <"$scratch/said")" -ge 15 ]
cmp "$scratch/printed" "$scratch/said"
