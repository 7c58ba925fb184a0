#!/bin/bash
# The library against the reference model over many seeds, in batches that are written down: another run goes on
# where the last one stopped.
#
#   tests/differential/campaign.sh [--minutes=60] [--jobs=2] [--log=tests/differential/campaign.tsv]
#
# A batch is 1,000 policies, some 27,000 answers, and takes a quarter of a minute of one core. The log has a line
# for each: first seed, last seed, answers compared, disagreements, seconds, revision. A disagreement, made as
# small as it gets, is put beside the log as SEED.textproto: policy, state and facts of a conformance case.
# Seeds that the log has are not run again unless they are of another revision. Exits with 1 on a disagreement.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

minutes=60
jobs=2
log=tests/differential/campaign.tsv
for argument in "$@"; do
  case $argument in
    --minutes=*) minutes=${argument#*=} ;;
    --jobs=*) jobs=${argument#*=} ;;
    --log=*) log=${argument#*=} ;;
    *)
      sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
      exit 2
      ;;
  esac
done

readonly batch=1000
revision=$(git rev-parse --short HEAD)
[[ -z $(git status --porcelain -- lib proto tests) ]] || revision+=+
readonly revision

scratch=$(mktemp -d)
readonly scratch
trap 'rm -rf "$scratch"' EXIT

echo "up to $minutes minutes with $jobs jobs, after the build" >&2
# A build of its own, so that no other one takes its place meanwhile.
./bazelw --output_base="$scratch/bazel" build -c opt --dynamic_mode=off --color=no --curses=no \
  --noshow_progress //tests/differential:differential_test
cp -L "$(./bazelw --output_base="$scratch/bazel" info -c opt bazel-bin 2>/dev/null)/tests/differential/differential_test" \
  "$scratch/differential_test"
./bazelw --output_base="$scratch/bazel" shutdown

[[ -e $log ]] || printf 'first\tlast\tanswers\tdisagreements\tseconds\trevision\n' >"$log"

# The first seed after those that the log has of this revision.
next=$(awk -F'\t' -v revision="$revision" '$6 == revision && $2 >= last { last = $2 } END { print last + 1 }' "$log")
readonly end=$((SECONDS + minutes * 60))

# Runs one batch and writes its line.
run_batch() {
  local first=$1 start=$SECONDS out=$scratch/$1 answers disagreements
  "$scratch/differential_test" --gtest_filter='*/0' --policies=$batch --seed="$first" --failures=10 >"$out" 2>&1 || true
  answers=$(awk '/answers compared/ { print $1 }' "$out")
  if [[ -z $answers ]]; then
    tail -5 "$out" >&2
    echo "the batch at $first did not end" >&2
    return 1
  fi
  disagreements=$(grep -c '^seed ' "$out" || true)
  (
    flock 9
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$first" $((first + batch - 1)) "$answers" "$disagreements" \
      $((SECONDS - start)) "$revision" >>"$log"
  ) 9>"$scratch/lock"
  if ((disagreements > 0)); then
    awk -v folder="$(dirname "$log")" '
      /^seed / { file = folder "/" $2 ".textproto"; wrong = 1; next }
      wrong && /^policy {/ { wrong = 0 }
      /times: |answers compared/ { file = "" }
      file != "" { print (wrong ? "# " : "") $0 > file }' "$out"
    grep -A1 '^seed ' "$out" >&2
  fi
}

running=0
while ((SECONDS < end)); do
  if ((running >= jobs)); then
    wait -n || exit 1
    running=$((running - 1))
  fi
  run_batch "$next" &
  running=$((running + 1))
  next=$((next + batch))
done
while ((running > 0)); do
  wait -n || exit 1
  running=$((running - 1))
done

awk -F'\t' -v revision="$revision" '
  $6 == revision { batches++; answers += $3; disagreements += $4; seconds += $5 }
  END {
    printf "%d policies, %d answers, %d disagreements, %d seconds of one core\n",
      batches * 1000, answers, disagreements, seconds
    exit disagreements > 0
  }' "$log"
