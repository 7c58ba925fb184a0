#!/usr/bin/env python3
"""Changes the library's sources one place at a time, and sees whether tests notice.

  tests/mutation/mutate.py --count=20 --seed=1          a sample
  tests/mutation/mutate.py --all --log=mutants.tsv      every mutant; some 20 s each, resumable

A mutant is named FILE:LINE:COLUMN:KIND and is one of: another relational or logical operator, + for
-, a number one higher, true for false, a negation dropped, min for max, a statement dropped, two
arguments swapped. It is killed if it compiles and a test fails. The checkout is copied; nothing in it
is changed. A mutant listed in equivalent.tsv, with the reason why no test can notice it, is not run.

Prints a line for each mutant, and exits with 1 if one survives.
"""

import argparse
import os
import random
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# What every decision goes through: the kernel.
FILES = [
    "lib/sluice/leaves.cc",
    "lib/sluice/overrides.cc",
    "lib/sluice/policy.cc",
    "lib/sluice/record.cc",
] + [
    os.path.join(folder, name)
    for folder in ("lib/sluice/blockers", "lib/sluice/calendar", "lib/sluice/load", "lib/sluice/metrics",
                   "lib/sluice/record", "lib/sluice/rollout")
    for name in sorted(os.listdir(os.path.join(ROOT, folder))) if name.endswith(".cc")
]

# Tests that are run for every mutant, besides those in the folder that mirrors the file's.
TESTS = ["//tests/conformance/...", "//tests/reference:conformance_test"]

REPLACEMENTS = [
    ("relation", r" <= ", " < "), ("relation", r" < ", " <= "), ("relation", r" >= ", " > "),
    ("relation", r" > ", " >= "), ("relation", r" == ", " != "), ("relation", r" != ", " == "),
    ("logic", r" && ", " || "), ("logic", r" \|\| ", " && "), ("sign", r" \+ ", " - "),
    ("sign", r" - ", " + "), ("truth", r"\btrue\b", "false"), ("truth", r"\bfalse\b", "true"),
    ("negation", r"(?<=[ (])!(?=[a-z(])", ""), ("extreme", r"\bstd::min\b", "std::max"),
    ("extreme", r"\bstd::max\b", "std::min"),
]
NUMBER = re.compile(r"(?<![\w.\"'])(\d+)(?![\w.\"'])")
STATEMENT = re.compile(r"^\s+[a-zA-Z_][\w.>\-:\[\]*]*(\(.*\)| [+\-|&]?= .*);$")
TWO_ARGUMENTS = re.compile(r"(?<=\()([a-z_][\w.\->]*), ([a-z_][\w.\->]*)(?=\))")


def mutants_of(path):
    """Yields (name, line index, new line) of a file."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as source:
        lines = source.read().split("\n")
    for index, line in enumerate(lines):
        code = line.split("//")[0]
        if not code.strip() or code.lstrip().startswith(("#", "using ", "template", "namespace", "constexpr")):
            continue
        if "static_assert" in code or '"' in code:
            continue

        def name(column, kind):
            return "%s:%d:%d:%s" % (path, index + 1, column + 1, kind)

        for kind, pattern, replacement in REPLACEMENTS:
            for found in re.finditer(pattern, code):
                yield name(found.start(), kind), index, code[:found.start()] + replacement + code[found.end():]
        for found in NUMBER.finditer(code):
            yield (name(found.start(), "number"), index,
                   code[:found.start()] + str(int(found.group(1)) + 1) + code[found.end():])
        for found in TWO_ARGUMENTS.finditer(code):
            yield (name(found.start(), "swap"), index,
                   code[:found.start()] + found.group(2) + ", " + found.group(1) + code[found.end():])
        if STATEMENT.match(code):
            yield name(len(code) - len(code.lstrip()), "statement"), index, ""


def tests_of(path):
    folder = os.path.dirname(path).replace("lib/sluice", "tests", 1)
    mirrored = ["//%s/..." % folder] if os.path.isdir(os.path.join(ROOT, folder)) and folder != "tests" else []
    # Long walks of rollouts are a campaign of their own.
    return TESTS + [t for t in mirrored if t != "//tests/rollout/..."]


def run(copy, path, index, new_line, bazel):
    """Answers `killed`, `survived` or `not compiled` of one mutant."""
    target = os.path.join(copy, path)
    with open(os.path.join(ROOT, path), encoding="utf-8") as source:
        lines = source.read().split("\n")
    lines[index] = new_line
    with open(target, "w", encoding="utf-8") as mutant:
        mutant.write("\n".join(lines))
    try:
        # Warnings of unused variables and the like must not count as noticing.
        quiet = ["--color=no", "--curses=no", "--noshow_progress", "--test_output=summary"]
        lenient = ["--per_file_copt=^lib/@-Wno-error"]
        built = subprocess.run([os.path.join(copy, "bazelw"), "build"] + bazel + quiet + lenient +
                               ["--per_file_copt=^lib/,^tests/,^docs/@-O1"] + ["//lib/sluice:sluice"],
                               cwd=copy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if built.returncode != 0:
            return "not compiled"
        tested = subprocess.run([os.path.join(copy, "bazelw"), "test"] + bazel + quiet + lenient +
                                ["--test_timeout=60", "--notest_keep_going"] + tests_of(path),
                                cwd=copy, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return "survived" if tested.returncode == 0 else "killed"
    finally:
        shutil.copyfile(os.path.join(ROOT, path), target)


def read_names(path):
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as listed:
        return {line.split("\t")[0] for line in listed if line.strip() and not line.startswith("#")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=10, help="mutants to try")
    parser.add_argument("--seed", type=int, default=1, help="chooses them")
    parser.add_argument("--all", action="store_true", help="try every mutant")
    parser.add_argument("--files", nargs="*", default=FILES, help="sources to change")
    parser.add_argument("--log", help="results; mutants that it names already are not run again")
    parser.add_argument("--list", action="store_true", help="print the mutants and do no more")
    parser.add_argument("--copy", default="/tmp/sluice-mutants", help="where the checkout is copied to")
    parser.add_argument("--bazel", default="", help="further options of Bazel")
    arguments = parser.parse_args()

    equivalent = read_names(os.path.join(ROOT, "tests/mutation/equivalent.tsv"))
    tried = read_names(arguments.log) if arguments.log else set()
    mutants = [(path,) + mutant for path in arguments.files for mutant in mutants_of(path)]
    mutants = [m for m in mutants if m[1] not in equivalent and m[1] not in tried]
    if arguments.list:
        for mutant in mutants:
            print(mutant[1])
        print(len(mutants), "mutants")
        return 0
    if not arguments.all:
        random.Random(arguments.seed).shuffle(mutants)
        mutants = mutants[:arguments.count]

    shutil.rmtree(arguments.copy, ignore_errors=True)
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    for name in tracked.decode().split("\0"):
        if name and os.path.exists(os.path.join(ROOT, name)):
            os.makedirs(os.path.dirname(os.path.join(arguments.copy, name)), exist_ok=True)
            shutil.copy(os.path.join(ROOT, name), os.path.join(arguments.copy, name))

    totals = {"killed": 0, "survived": 0, "not compiled": 0}
    for path, name, index, new_line in mutants:
        result = run(arguments.copy, path, index, new_line, arguments.bazel.split())
        totals[result] += 1
        print("%s\t%s\t%s" % (name, result, new_line.strip()), flush=True)
        if arguments.log:
            with open(arguments.log, "a", encoding="utf-8") as log:
                log.write("%s\t%s\t%s\n" % (name, result, new_line.strip()))
    print("%(killed)d killed, %(survived)d survived, %(not compiled)d not compiled" % totals)
    return 1 if totals["survived"] else 0


if __name__ == "__main__":
    sys.exit(main())
