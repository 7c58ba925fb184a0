#!/bin/bash
# Compares CMake's lists of sources with Bazel's, or copies Bazel's over them.
#
#   cmake_sources.sh check|update <file of Bazel labels> <CMakeLists.txt>

set -euo pipefail

mode=$1
labels=$2
cmake=$3

# Prints Bazel's files of the given suffix, sorted, as a line of CMakeLists.txt each.
files() {
  sed -n -E "s,^//(.*):(.*\.$1)\$,  \1/\2,p" "$labels" | LC_ALL=C sort -u
}

# Prints CMakeLists.txt with Bazel's files in its lists.
with_bazel_files() {
  local in_list= line
  while IFS= read -r line; do
    [[ $line != ')' ]] || in_list=
    [[ -z $in_list ]] || continue
    printf '%s\n' "$line"
    case $line in
      'set(SLUICE_PROTOS') in_list=1 && files proto ;;
      'set(SLUICE_SOURCES') in_list=1 && files cc ;;
    esac
  done <"$cmake"
}

for wanted in 'set(SLUICE_PROTOS' 'set(SLUICE_SOURCES'; do
  grep -qxF "$wanted" "$cmake" || { echo "$cmake has no line '$wanted'"; exit 1; }
done
for suffix in proto cc; do
  [[ -n $(files "$suffix") ]] || { echo "Bazel names no .$suffix file"; exit 1; }
done

if [[ $mode == update ]]; then
  updated=$(with_bazel_files)
  printf '%s\n' "$updated" >"$BUILD_WORKSPACE_DIRECTORY/CMakeLists.txt"
elif ! diff -u --label CMakeLists.txt --label Bazel "$cmake" <(with_bazel_files); then
  echo "to copy Bazel's: ./bazelw run //tests/build:update_cmake_sources"
  exit 1
fi
