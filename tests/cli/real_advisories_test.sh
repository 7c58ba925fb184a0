#!/bin/sh
# All advisories of a real database against the bill of materials of a real application: the answer of
# `sluice known-bad query` is that of a script that shares nothing with it.
#
#   real_advisories_test.sh <sluice> <advisories_of_sbom.py>
set -eu

sluice=$1
independent=$2
if [ -z "${SLUICE_SHARED_DATA:-}" ]; then
  echo "skipped: SLUICE_SHARED_DATA is not set"
  exit 0
fi
advisories=$SLUICE_SHARED_DATA/osv-go.tar.gz
sbom=$SLUICE_SHARED_DATA/proton-bridge-v1.6.3.cdx.json
cd "${TEST_TMPDIR:-$(mktemp -d)}"

"$OLDPWD/$sluice" import osv --id go --epoch 1 --verified-at 2026-08-01T00:00:00Z \
  --output go.kb "$advisories" | tee report
grep -q '4,\{0,1\}291' report || {
  echo "should take 4291 advisories"
  exit 1
}
status=0
"$OLDPWD/$sluice" known-bad query --list go.kb --sbom "$sbom" --now 2026-08-02T00:00:00Z >rows ||
  status=$?
[ "$status" -eq 11 ] || {
  echo "should exit with 11, got $status"
  exit 1
}
cut -f 2,3 rows | sort -u >ours
python3 "$OLDPWD/$independent" "$advisories" "$sbom" | sort -u >theirs
[ "$(wc -l <theirs)" -gt 10 ] || {
  echo "the independent answer is too short to tell anything"
  exit 1
}
diff theirs ours
wc -l <ours
