#!/bin/bash
# The library against the reference model over many seeds, in batches that are written down: another run goes on
# where the last one stopped.
#
#   tests/differential/campaign.sh [--of=policies|states] [--minutes=60] [--jobs=2] [--log=FILE]
#
# Of policies a batch is 500 from seeds, some 36,000 answers; of states 20,000, in turn, of the small world with
# three cells (tests/exhaustion), some 300,000 answers. Either takes about half a minute of one core; all states
# take five hours. The log, campaign.tsv or states.tsv beside this script, has a line for each batch: its first and
# its last seed or state, answers compared, disagreements, seconds, revision. A disagreement over a policy, made as
# small as it gets, is put beside the log as SEED.textproto: policy, state and facts of a conformance case.
# What the log has is not run again unless it is of another revision. Exits with 1 on a disagreement.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

of=policies
minutes=60
jobs=2
log=
for argument in "$@"; do
  case $argument in
    --of=policies | --of=states) of=${argument#*=} ;;
    --minutes=*) minutes=${argument#*=} ;;
    --jobs=*) jobs=${argument#*=} ;;
    --log=*) log=${argument#*=} ;;
    *)
      sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
      exit 2
      ;;
  esac
done

if [[ $of == policies ]]; then
  readonly target=tests/differential/differential_test batch=500 all=1000000000 word=seed
  : "${log:=tests/differential/campaign.tsv}"
else
  readonly target=tests/exhaustion/every_state_test batch=20000 all=12862500 word=state
  : "${log:=tests/differential/states.tsv}"
fi

# Runs the batch that begins with a seed or a state, counted from 1.
run_test() {
  if [[ $of == policies ]]; then
    "$scratch/program" --gtest_filter='*/0' --policies=$batch --seed="$1" --failures=10
  else
    "$scratch/program" --cells=3 --stride=1 --first=$(($1 - 1)) --states=$batch
  fi
}

revision=$(git rev-parse --short HEAD)
[[ -z $(git status --porcelain -- lib proto tests) ]] || revision+=+
readonly revision

scratch=$(mktemp -d)
readonly scratch
trap 'rm -rf "$scratch"' EXIT

echo "up to $minutes minutes with $jobs jobs, after the build" >&2
# A build of its own, so that no other one takes its place meanwhile.
./bazelw --output_base="$scratch/bazel" build -c opt --dynamic_mode=off --color=no --curses=no \
  --noshow_progress "//${target%/*}:${target##*/}"
cp -L "$(./bazelw --output_base="$scratch/bazel" info -c opt bazel-bin 2>/dev/null)/$target" "$scratch/program"
./bazelw --output_base="$scratch/bazel" shutdown

[[ -e $log ]] || printf 'first\tlast\tanswers\tdisagreements\tseconds\trevision\n' >"$log"

# The first one after those that the log has of this revision.
next=$(awk -F'\t' -v revision="$revision" '$6 == revision && $2 >= last { last = $2 } END { print last + 1 }' "$log")
readonly end=$((SECONDS + minutes * 60))

# Runs one batch and writes its line.
run_batch() {
  local first=$1 start=$SECONDS out=$scratch/$1 answers disagreements
  run_test "$first" >"$out" 2>&1 || true
  answers=$(awk '{ for (i = 2; i <= NF; ++i) if ($i ~ /^answers,?$/) sum += $(i - 1) } END { print sum + 0 }' "$out")
  if ! grep -q '^\[=*\] .* ran\.' "$out" || ((answers == 0)); then
    tail -5 "$out" >&2
    echo "the batch at $first did not end" >&2
    return 1
  fi
  disagreements=$(grep -c "^$word " "$out" || true)
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
    grep -A1 "^$word " "$out" >&2
  fi
}

running=0
while ((SECONDS < end && next <= all)); do
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
    printf "%d batches, %d answers, %d disagreements, %d seconds of one core\n",
      batches, answers, disagreements, seconds
    exit disagreements > 0
  }' "$log"
