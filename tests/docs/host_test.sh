#!/bin/sh
# Runs the README's program on the smallest policy: it says which artifact goes to which cell.
set -eu
program=$1
shift
output=$("$program" "$@")
case $output in
  *"production: DEPLOY"*"sha256:bbbbbbbbbbbb"*" to one-box"*) ;;
  *)
    printf 'unexpected output:\n%s\n' "$output" >&2
    exit 1
    ;;
esac
if "$program" /dev/null "$2" "$3" >/dev/null; then
  echo 'took an empty policy' >&2
  exit 1
fi
