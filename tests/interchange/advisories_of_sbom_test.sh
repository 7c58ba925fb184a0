#!/bin/sh
# The comparison's own answer on inputs small enough to see it.
#
#   advisories_of_sbom_test.sh <advisories_of_sbom.py>
set -eu

folder=${TEST_TMPDIR:-$(mktemp -d)}/advisories
mkdir -p "$folder"

# advisory <id> <module> <events> [<further members>]
advisory() {
  cat >"$folder/$1.json" <<EOF
{"id": "$1", "affected": [{"package": {"ecosystem": "Go", "name": "$2"},
 "ranges": [{"type": "SEMVER", "events": [$3]}]}]${4:+, $4}}
EOF
}

advisory A example.org/Mod '{"introduced": "0"}, {"fixed": "1.2.0"}'
advisory B example.org/mod '{"fixed": "2.0.0"}, {"introduced": "1.2.0-rc.10"}'
advisory C example.org/mod '{"introduced": "0"}, {"last_affected": "1.2.0-rc.9"}'
advisory D example.org/mod '{"introduced": "0"}' '"withdrawn": "2026-01-01T00:00:00Z"'
advisory E example.org/other '{"introduced": "0"}'
advisory F stdlib '{"introduced": "1.20.0-0"}, {"fixed": "1.20.3"}'
tar -C "$folder" -czf "$folder/all.tar.gz" A.json B.json C.json D.json E.json F.json

cat >"$folder/sbom.json" <<'EOF'
{"metadata": {"component": {"purl": "pkg:golang/example.org/mod@v1.1.0"}},
 "components": [
  {"purl": "pkg:golang/example.org/mod@v1.2.0-rc.9?type=module"},
  {"purl": "pkg:golang/example.org/mod@v1.2.0-rc.10",
   "components": [{"purl": "pkg:golang/example.org/mod@v2.0.0%2Bincompatible"}]},
  {"purl": "pkg:golang/std@1.20.1"}, {"name": "no URL"}]}
EOF

expected=$(printf '%s\t%s\n' \
  'pkg:golang/example.org/mod@v1.1.0' A \
  'pkg:golang/example.org/mod@v1.1.0' C \
  'pkg:golang/example.org/mod@v1.2.0-rc.10' A \
  'pkg:golang/example.org/mod@v1.2.0-rc.10' B \
  'pkg:golang/example.org/mod@v1.2.0-rc.9?type=module' A \
  'pkg:golang/example.org/mod@v1.2.0-rc.9?type=module' C \
  'pkg:golang/std@1.20.1' F)
actual=$(python3 "$1" "$folder/all.tar.gz" "$folder/sbom.json")
if [ "$actual" != "$expected" ]; then
  printf 'should be:\n%s\ngot:\n%s\n' "$expected" "$actual"
  exit 1
fi
withdrawn=$(python3 "$1" --withdrawn "$folder/all.tar.gz" "$folder/sbom.json" | wc -l)
[ "$withdrawn" -eq 11 ] || {
  echo "should be 11 with what is withdrawn, got $withdrawn"
  exit 1
}
