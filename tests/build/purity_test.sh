#!/bin/sh
# What the library decides by is its arguments. None of the objects may refer to a clock, the environment,
# files, randomness or the locale; loading time zones, which Compile does, is the one exception and goes
# through Abseil alone.
#
#   purity_test.sh <defined> <referred to> <allowed> <archive>...
#
# The first two are parts of symbols that must be there, so that the check sees what it is there to find; the
# third is a symbol that may be.
set -u

defined=$1
referred=$2
allowed=$3
shift 3

forbidden='^(time|gettimeofday|clock_gettime|clock|ftime|localtime|localtime_r|gmtime|gmtime_r|mktime|tzset)$
^(getenv|secure_getenv|setenv|putenv|environ)$
^(open|open64|openat|fopen|fopen64|freopen|read|write|stat|stat64|opendir|mmap|socket|popen|system)$
^(rand|srand|random|srandom|drand48|arc4random|getrandom|getentropy|rand_r)$
^(setlocale|localeconv|newlocale|uselocale|nl_langinfo|strftime|printf|puts)$
^_ZN4absl.*3NowEv$
^_ZNSt6chrono.*clock3nowEv$
^_ZNSt13random_device
^_ZNSt6localeC
^_ZNSt(13|14)basic_[io]*fstream
^_ZSt4(cout|cerr|clog)$'

symbols=$(nm --undefined-only --format=posix "$@" | awk '$2 == "U" {print $1}' | sort -u)
if ! printf '%s\n' "$symbols" | grep -q "$referred"; then
  echo "no reference to $referred, so these are other symbols"
  exit 1
fi
if ! nm --defined-only "$@" | grep -q "$defined"; then
  echo "no definition of $defined"
  exit 1
fi
found=$(printf '%s\n' "$symbols" | grep -v -x "$allowed" | grep -E "$forbidden")
if [ -n "$found" ]; then
  echo "these refer to what is outside their arguments:"
  printf '%s\n' "$found"
  exit 1
fi
