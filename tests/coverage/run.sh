#!/bin/bash
# Measures what of the library tests cover: lines, branches and MC/DC, per folder. Installs what it needs.
#
#   bash tests/coverage/run.sh                     a table
#   bash tests/coverage/run.sh --missing[=PREFIX]  and before it what is not covered, by file and line
#   bash tests/coverage/run.sh --hold=tests/coverage/line.tsv
#                                                  fails if a folder has less than is written there
#
#   bash tests/coverage/run.sh --sanitize=address  the same under ASan and UBSan, any of which ends it
#   bash tests/coverage/run.sh --sanitize=thread --tests='testing/test_suite known_bad/checked_bytes'
#                                                  under TSan, no table
#
# --tests=NAMES: these alone, in the place of all of tests.tsv.
# What is built is kept in the folder that --build=FOLDER names, and used again; without it, nowhere.
# The tests are given in tests.tsv: those whose programs, once built, tell much for their time.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

report=()
build=
sanitize=
only=
for argument in "$@"; do
  case $argument in
    --sanitize=address | --sanitize=thread) sanitize=${argument#*=} ;;
    --tests=*) only=${argument#*=} ;;
    --build=*) build=$(realpath -m "${argument#*=}") ;;
    --hold=* | --missing=*) report+=("$argument") ;;
    --missing) report+=(--missing=) ;;
    *)
      echo "what is $argument?"
      exit 2
      ;;
  esac
done
if [[ -z $build ]]; then
  build=$(mktemp -d)
  trap 'rm -rf "$build"' EXIT
fi
mkdir -p "$build" || exit 1

echo "Some minutes on 2 processors; seconds for what $build has already."
SLUICE_ALSO_INSTALL="clang-19 cmake libclang-rt-19-dev llvm-19 ninja-build" ./bazelw --version >"$build/log" || {
  cat "$build/log"
  exit 1
}

# A test a line: its path below tests/ without `_test.cc`, and its arguments, in which patterns of files
# are expanded.
if [[ -n $only ]]; then
  read -ra tests <<<"$only"
else
  mapfile -t tests < <(grep -v '^#' tests/coverage/tests.tsv)
fi
((${#tests[@]} > 0)) || exit 1

coverage=ON
[[ $sanitize != thread ]] || coverage=OFF
# As the sanitizers' configurations of Bazel have it.
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
export TSAN_OPTIONS=halt_on_error=1 UBSAN_OPTIONS=print_stacktrace=1

quietly() {
  "$@" >"$build/log" 2>&1 || {
    grep -vE '^\[[0-9]+/' "$build/log" | tail -n 50
    echo "failed: $*"
    return 1
  }
}

mkdir -p "$build/profiles" "$build/tests" &&
  quietly protoc --proto_path=proto --proto_path=/usr/include --descriptor_set_out="$build/contract" \
    proto/sluice/v1/*.proto &&
  quietly env CXX=clang++-19 cmake -G Ninja -S tests/coverage -B "$build" \
    -DCOVERAGE=$coverage -DSANITIZE="$sanitize" -DTESTS="$(IFS=';' && echo "${tests[*]%%$'\t'*}")" &&
  quietly ninja -C "$build" -j "$(nproc)" || exit 1
echo "$SECONDS s: built"

# run <test>: its program, which has to pass, in the checkout, where files are named from.
run() {
  local name=${1%%$'\t'*} arguments= start=$SECONDS scratch status
  [[ $1 != *$'\t'* ]] || arguments=${1#*$'\t'}
  scratch=$build/tests/${name//\//-}
  mkdir -p "$scratch"
  # shellcheck disable=SC2086  # Patterns.
  TEST_TMPDIR=$scratch LLVM_PROFILE_FILE=$build/profiles/${name//\//-}-%m.profraw \
    "$build/${name//\//-}" ${arguments//CONTRACT/$build\/contract} >"$scratch/log" 2>&1
  status=$?
  ((status == 0)) || {
    tail -n 50 "$scratch/log"
    echo "failed: $name"
  }
  printf '%s\t%s\n' $((SECONDS - start)) "$name" >>"$build/times"
  return "$status"
}
export -f run
export build

rm -f "$build/profiles"/* "$build/times"
printf '%s\0' "${tests[@]}" | xargs -0 -P "$(nproc)" -I '{}' bash -c 'run "$1"' run '{}' || exit 1
[[ $coverage == ON ]] || {
  echo "$SECONDS s: run"
  exit 0
}
llvm-profdata-19 merge -sparse -o "$build/all.profdata" "$build/profiles"/*.profraw || exit 1
echo "$SECONDS s: run"

python3 tests/coverage/report.py "${report[@]}" "$build/all.profdata" "$build/sluice/libsluice.so" "$build/libsluice_more.so"
