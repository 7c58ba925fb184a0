#!/bin/bash
# Decides over the same cases under several circumstances and compares: digests_test.sh <write_cases>
# <digest_decisions>.
set -u

write_cases=$PWD/$1
digest_decisions=$PWD/$2
scratch=${TEST_TMPDIR:?}
failed=0

"$write_cases" "$scratch/cases" --decisions=3000 || exit 1
"$write_cases" "$scratch/others" --decisions=100 --seed=90001 || exit 1

# Prints the digest and the number of decisions: digest <file> [<variable=value>...] -- [<flag>...].
digest() {
  local file=$1 settings=()
  shift
  while [[ $1 != -- ]]; do
    settings+=("$1")
    shift
  done
  shift
  env "${settings[@]}" "$digest_decisions" "$scratch/$file" "$@"
}

expected=$(digest cases LC_ALL=C TZ=UTC --) || exit 1
read -r _ decisions <<<"$expected"
if ((decisions < 3000)); then
  echo "only $decisions decisions"
  failed=1
fi

same() {
  local name=$1 got
  shift
  got=$(digest cases "$@") || failed=1
  if [[ $got != "$expected" ]]; then
    echo "$name: should be $expected, got $got"
    failed=1
  fi
}

same "again" LC_ALL=C TZ=UTC --
same "16 threads" LC_ALL=C TZ=UTC -- --threads=16
same "another zone" LC_ALL=C TZ=America/St_Johns --
same "another locale and zone" LC_ALL=C.UTF-8 TZ=:Asia/Kathmandu -- --commas=1
same "all at once" LC_ALL=POSIX TZ=Pacific/Apia -- --threads=16 --commas=1

# Else the digests would say little.
if [[ $(digest others LC_ALL=C TZ=UTC --) == "$expected" ]]; then
  echo "other cases have the same digest"
  failed=1
fi
head -c 100000 "$scratch/cases" >"$scratch/cut"
if digest cut LC_ALL=C TZ=UTC -- 2>"$scratch/said"; then
  echo "a file that is cut is digested"
  failed=1
fi
exit "$failed"
