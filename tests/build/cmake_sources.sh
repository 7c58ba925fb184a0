#!/bin/bash
# Compares CMake's lists of sources with Bazel's, or copies Bazel's over them.
#
#   cmake_sources.sh check|update <labels of the library> <labels of the program> <CMakeLists.txt>
#
# Each of the two files has Bazel's labels; what the program has of the library is not listed again.

set -euo pipefail

mode=$1
labels=$2
cli_labels=$3
cmake=$4

# Prints Bazel's files of the given suffix in a file of labels, sorted, as a line of CMakeLists.txt each.
files() {
  sed -n -E "s,^//(.*):(.*\.$1)\$,  \1/\2,p" "$2" | LC_ALL=C sort -u
}

cli_files() {
  LC_ALL=C comm -13 <(files "$1" "$labels") <(files "$1" "$cli_labels")
}

# Prints CMakeLists.txt with Bazel's files in its lists.
with_bazel_files() {
  local in_list= line
  while IFS= read -r line; do
    [[ $line != ')' ]] || in_list=
    [[ -z $in_list ]] || continue
    printf '%s\n' "$line"
    case $line in
      'set(SLUICE_PROTOS') in_list=1 && files proto "$labels" ;;
      'set(SLUICE_SOURCES') in_list=1 && files cc "$labels" ;;
      'set(SLUICE_CLI_SOURCES') in_list=1 && cli_files cc ;;
    esac
  done <"$cmake"
}

for wanted in 'set(SLUICE_PROTOS' 'set(SLUICE_SOURCES' 'set(SLUICE_CLI_SOURCES'; do
  grep -qxF "$wanted" "$cmake" || { echo "$cmake has no line '$wanted'"; exit 1; }
done
for suffix in proto cc; do
  [[ -n $(files "$suffix" "$labels") ]] || { echo "Bazel names no .$suffix file"; exit 1; }
done
[[ -n $(cli_files cc) && -z $(cli_files proto) ]] || { echo "the program has no source, or a proto"; exit 1; }

if [[ $mode == update ]]; then
  updated=$(with_bazel_files)
  printf '%s\n' "$updated" >"$BUILD_WORKSPACE_DIRECTORY/CMakeLists.txt"
elif ! diff -u --label CMakeLists.txt --label Bazel "$cmake" <(with_bazel_files); then
  echo "to copy Bazel's: ./bazelw run //tests/build:update_cmake_sources"
  exit 1
fi
