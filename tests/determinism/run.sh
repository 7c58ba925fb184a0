#!/bin/bash
# Compares what is decided by programs of several compilers and optimisations, each under several
# circumstances: locale, time zone, addresses, threads. Takes from some minutes to some hours.
#
#   bash tests/determinism/run.sh [--decisions=100000] [--seed=1] [<compiler>:<option>...]
#
# Without the last, gcc-12 and clang-14 at -O0, -O2 and -O3. Options for Bazel may be given in
# SLUICE_BAZEL_OPTIONS; its output is kept apart from that of the checkout. Prints one line for each
# digest; fails if two of them differ.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

decisions=100000
seed=1
programs=()
for argument in "$@"; do
  case $argument in
    --decisions=*) decisions=${argument#*=} ;;
    --seed=*) seed=${argument#*=} ;;
    *:-O*) programs+=("$argument") ;;
    *)
      echo "what is $argument?"
      exit 2
      ;;
  esac
done
if ((${#programs[@]} == 0)); then
  programs=({gcc-12,clang-14}:-O{0,2,3})
fi
read -ra options <<<"${SLUICE_BAZEL_OPTIONS:-}"

scratch=$(mktemp -d)
readonly scratch

bazel() { ./bazelw --output_base="$scratch/output" "$@"; }

clean_up() {
  bazel shutdown >"$scratch/log" 2>&1
  chmod -R u+w "$scratch"
  rm -rf "$scratch"
}
trap clean_up EXIT

# build <target> <copy> <option>...
build() {
  local target=$1 copy=$2 bin
  shift 2
  bazel build --color=no --curses=no --noshow_progress "${options[@]}" "$@" \
    "//tests/determinism:$target" >"$scratch/log" 2>&1 || {
    cat "$scratch/log"
    return 1
  }
  bin=$(bazel info "${options[@]}" "$@" bazel-bin 2>"$scratch/log") || return 1
  cp "$bin/tests/determinism/$target" "$copy"
}

# Locales that the system has; a German one is made if that can be done.
mkdir "$scratch/locales"
locales=(C POSIX C.UTF-8)
if localedef -i de_DE -f UTF-8 "$scratch/locales/de_DE.UTF-8" >"$scratch/log" 2>&1; then
  locales+=(de_DE.UTF-8)
fi
if localedef -i tr_TR -f UTF-8 "$scratch/locales/tr_TR.UTF-8" >"$scratch/log" 2>&1; then
  locales+=(tr_TR.UTF-8)
fi
echo "locales: ${locales[*]}"

build write_cases "$scratch/write_cases" --per_file_copt='^lib/,^tests/@-O1' || exit 1
"$scratch/write_cases" "$scratch/cases" --decisions="$decisions" --seed="$seed" || exit 1
echo "cases: $(stat -c %s "$scratch/cases") bytes"

expected=
failed=0

# Prints a digest and compares it: compare <program> <what> <command>...
compare() {
  local program=$1 what=$2 got start=$SECONDS
  shift 2
  got=$(LOCPATH=$scratch/locales "$@") || got=failed
  : "${expected:=$got}"
  if [[ $got != "$expected" || $got == failed ]]; then
    what+=" DIFFERS"
    failed=1
  fi
  printf '%-16s %-28s %s  %4d s\n' "$program" "$what" "$got" $((SECONDS - start))
}

for program in "${programs[@]}"; do
  compiler=${program%%:*}
  level=${program#*:}
  # Code that protoc wrote stays as it is: it decides nothing.
  if ! build digest_decisions "$scratch/digest" --repo_env=CC="$compiler" \
    --per_file_copt="^lib/,^tests/@$level"; then
    failed=1
    continue
  fi
  digest=("$scratch/digest" "$scratch/cases")
  compare "$program" "C, UTC" env LC_ALL=C TZ=UTC "${digest[@]}"
  zones=(America/St_Johns Asia/Kathmandu Pacific/Apia Europe/Berlin Europe/Istanbul)
  for i in "${!locales[@]}"; do
    zone=${zones[i % ${#zones[@]}]}
    compare "$program" "${locales[i]}, $zone" \
      env LC_ALL="${locales[i]}" TZ="$zone" "${digest[@]}" --commas=$((i % 2))
  done
  compare "$program" "fixed addresses" setarch -R "${digest[@]}"
  compare "$program" "16 threads" "${digest[@]}" --threads=16
done
((failed == 0)) && echo "all digests are equal"
exit "$failed"
