#!/usr/bin/env python3
"""Seeds the bugs of tests/mutation/bugs one at a time, and sees that two kinds of test notice each of them.

  tests/mutation/seeded_bugs.py                        all, some 10 s each
  tests/mutation/seeded_bugs.py bugs/07-*.patch        some
  tests/mutation/seeded_bugs.py --policies=1000 --seed=5000

A bug is a patch of one source of the library, below a line that says what it does. The conformance cases alone
have to notice it, and so do the differential runs alone, within `--policies` policies. Prints a line for each:
the bug, how many cases fail and the first of them, and the first seed at which library and reference model
disagree. Exits with 1 if one is missed by either. Nothing in the checkout is changed.
"""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

import changed_source

BUGS = os.path.join(changed_source.ROOT, "tests/mutation/bugs")
BATCHES = 8  # Of the differential test: `--policies` is the size of one.


def patched(patch):
    """Answers the source that a patch changes, and its text with the change."""
    with open(patch, encoding="utf-8") as text:
        path = re.search(r"^\+\+\+ b/(\S+)", text.read(), re.MULTILINE).group(1)
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, path)
        os.makedirs(os.path.dirname(copy))
        shutil.copyfile(os.path.join(changed_source.ROOT, path), copy)
        subprocess.run(["git", "apply", os.path.abspath(patch)], cwd=folder, check=True)
        with open(copy, encoding="utf-8") as changed:
            return path, changed.read()


def conformance(tests, library):
    """The names of the cases that fail."""
    found = tests.run(changed_source.CONFORMANCE, library, stop_early=False)
    if found.result == changed_source.HUNG:
        return ["hangs"]
    failed = re.findall(r"^\[  FAILED  \] (\S+?)(?: \(\d+ ms\))?$", found.output, re.MULTILINE)
    # The summary that every case is reached is no case.
    cases = [name for name in dict.fromkeys(failed) if "." in name and not name.startswith("zz_")]
    return cases or ([] if found.result == changed_source.PASSED else ["ends without a summary"])


def differential(tests, library, policies, seed):
    """The first seed at which library and model disagree, as text; empty: none."""
    found = tests.run(changed_source.DIFFERENTIAL, library,
                      ["--policies=%d" % -(-policies // BATCHES), "--seed=%d" % seed, "--shrink=0"], seconds=1200)
    if found.result == changed_source.PASSED:
        return ""
    seeds = re.search(r"^seed (\d+)", found.output, re.MULTILINE)
    return seeds.group(1) if seeds else "hangs" if found.result == changed_source.HUNG else "ends early"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("patches", nargs="*", help="all, if none is named")
    parser.add_argument("--policies", type=int, default=320, help="of the differential runs")
    parser.add_argument("--seed", type=int, default=1, help="the first of them")
    parser.add_argument("--scratch", help="folder for what is compiled")
    parser.add_argument("--bazel", default="", help="further options of Bazel")
    arguments = parser.parse_args()

    tests = changed_source.Tests([changed_source.CONFORMANCE, changed_source.DIFFERENTIAL],
                                 arguments.bazel.split(), arguments.scratch)
    if conformance(tests, None) or differential(tests, None, BATCHES, arguments.seed):
        sys.exit("tests fail without any bug")
    patches = arguments.patches or sorted(glob.glob(os.path.join(BUGS, "*.patch")))
    print("bug | conformance cases that fail | differential: first seed of %d policies" % arguments.policies)
    missed = 0
    for patch in patches:
        compiled = tests.compile(*patched(patch))
        if compiled is None:
            sys.exit("%s does not compile" % patch)
        library = tests.link(compiled)
        cases = conformance(tests, library)
        seed = differential(tests, library, arguments.policies, arguments.seed)
        missed += not cases or not seed
        print("%s | %s | %s" % (os.path.basename(patch)[:-len(".patch")],
                                "%d, %s" % (len(cases), cases[0]) if cases else "MISSED", seed or "MISSED"),
              flush=True)
    print("%d bugs, %d missed" % (len(patches), missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
