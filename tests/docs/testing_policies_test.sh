#!/bin/sh
# Breaks the smallest policy as docs/testing-policies.md says, and sees what the page shows.
#
#   testing_policies_test.sh SLUICE TESTING_POLICIES_MD FILE...
set -eu
sluice=$PWD/$1 page=$PWD/$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/mine"
cp "$@" "$scratch/mine"
cd "$scratch"

"$sluice" test mine >printed
cat printed
grep -qxF '10 passed, 0 failed' printed
grep -qF '`10 passed, 0 failed`' "$page"

chmod u+w mine/policy.textproto
sed -i 's/THURSDAY/WEDNESDAY/' mine/policy.textproto
status=0
"$sluice" test mine >printed || status=$?
cat printed
[ "$status" -eq 11 ]
awk '/^```/ { inside = ($0 == "```text"); next } inside' "$page" >said
[ "$(wc -l <said)" -ge 6 ]
head -n "$(wc -l <said)" printed | cmp - said
