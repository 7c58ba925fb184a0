#!/bin/sh
# The example repository can be copied and used as its README says, and its check.sh refuses what it
# is there to refuse.
#
#   repository_test.sh SLUICE FILE...
set -eu
sluice=$PWD/$1
shift
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/bin"
ln -s "$sluice" "$scratch/bin/sluice"
PATH=$scratch/bin:$PATH
unset TEST_UNDECLARED_OUTPUTS_DIR
for file; do
  to=$scratch/repository/${file#*examples/repository/}
  mkdir -p "$(dirname "$to")"
  cp -L "$file" "$to"
done
chmod -R u+w "$scratch/repository"

# Makes a copy to break and goes there.
copy() {
  rm -rf "$scratch/copy"
  cp -R "$scratch/repository" "$scratch/copy"
  cd "$scratch/copy"
}

# Sees that check.sh fails and says so: refused TEXT.
refused() {
  if ./check.sh >said 2>&1; then
    echo "check.sh takes what says: $1"
    exit 1
  fi
  cat said
  grep -qF -e "$1" said
}

copy
./check.sh
grep -q '<testsuites' results/tests.xml
grep -q '<html' results/coverage.html
# What else the README runs. Its first block is check.sh.
awk '/^```/ { inside = ($0 == "```sh"); next } inside' README.md >commands
[ "$(sed -n 1p commands)" = ./check.sh ]
[ "$(wc -l <commands)" -eq 4 ]
sed 1d commands | sh -eux

copy
rm tests/keep_despite_test.json
refused 'below what --min-coverage asks for'

copy
sed -i 's/bound_ppm: 1000/bound_ppm: 2000/' policies/catalogue.textproto
refused 'three_in_two_thousand_four_hundred_are_not'

copy
sed -i 's/max_validity { seconds: 28800 }/max_validity { seconds: 86400 }/' policies/catalogue.textproto
refused 'override_limit.max_validity'

copy
sed -i 's/min_remaining { seconds: 3600 }/min_remaining { seconds: 28801 }/' policies/catalogue.textproto
refused 'window-'

copy
sed -i 's/growth_percent: 200/growth_percent: 199/' policies/catalogue.textproto
refused '-    eu-central (weight 24, 24.00%), us-east'
