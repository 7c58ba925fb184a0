#!/bin/sh
# What every change of a policy has to pass, at a desk and in the build.
#
#   check.sh [SLUICE]
#
# SLUICE is the command line, `sluice` unless said otherwise. Results are written to the folder that
# RESULTS names, else to that of the build, else to `results`. Exits 0 if all is well.
set -eu
sluice=${1:-sluice}
case $sluice in */*) sluice=$(realpath "$sluice") ;; esac
cd "$(dirname "$0")"
results=${RESULTS:-${TEST_UNDECLARED_OUTPUTS_DIR:-results}}
mkdir -p "$results"

for policy in policies/*.textproto; do
  echo "== $policy"
  "$sluice" check "$policy" --baseline organisation/baseline.textproto
  "$sluice" lint "$policy" --baseline organisation/baseline.textproto \
    --state states/staged.textproto --known-bad organisation/advisories.textproto
done

echo "== plans (- as agreed, + as it would be)"
"$sluice" plan --policy policies/catalogue.textproto --state states/staged.textproto |
  diff -u plans/catalogue.txt -

echo "== tests"
"$sluice" test tests --fail-on-empty --coverage --min-coverage 100 \
  --coverage-html "$results/coverage.html" --junit "$results/tests.xml"
