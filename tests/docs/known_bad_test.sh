#!/bin/sh
# Runs the commands of docs/known-bad.md in the order they stand there, over the example's files, and
# sees the line that they are said to print.
#
#   known_bad_test.sh SLUICE KNOWN_BAD_MD FILE...
set -eu
sluice=$PWD/$1 page=$PWD/$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp "$@" "$scratch"
cd "$scratch"
sluice() { "$sluice" "$@"; }

awk '/^```/ { inside = ($0 == "```sh"); next } inside' "$page" >commands
[ "$(grep -c '^sluice ' commands)" -ge 6 ]
# shellcheck disable=SC1091
. ./commands >printed
cat printed
awk '/^```/ { open = !open; plain = open && $0 == "```"; next } plain && /\t/' "$page" >said
[ "$(wc -l <said)" -eq 1 ]
grep -qxF "$(cat said)" printed
