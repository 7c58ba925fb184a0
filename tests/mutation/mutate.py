#!/usr/bin/env python3
"""Changes the library's sources one place at a time, and sees whether tests notice.

  tests/mutation/mutate.py --count=50 --seed=1          a sample
  tests/mutation/mutate.py --seconds=100 --seed=7       as many of a sample as fit: for every run of all checks
  tests/mutation/mutate.py --all --log=mutants.tsv      every mutant; resumed where the log ends

A mutant is named FILE:LINE:COLUMN:KIND and is one of: another relational or logical operator, + for -, a number
one higher, true for false, a negation dropped, min for max, a statement dropped, two arguments swapped. It is
killed if it compiles and a test fails or hangs: the conformance cases first, then the unit tests of its folder,
then the differential runs. One that is listed in equivalent.tsv, with the reason why no test can notice it, is not
run. Nothing in the checkout is changed.

Prints a line for each mutant: its name, what became of it, the test that noticed, and the line as changed. Exits
with 1 if one survives.
"""

import argparse
import os
import random
import re
import sys
import time

import changed_source

SECONDS = 7  # What one mutant takes on one core, about.

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
CHARACTER = re.compile(r"'(\\.|[^'\\])'")


def mutants_of(path):
    """Yields (path, name, line index, new line) of a file."""
    for index, line in enumerate(changed_source.read(path).split("\n")):
        code = line.split("//")[0]
        if not code.strip() or code.lstrip().startswith(("#", "using ", "template", "namespace", "constexpr")):
            continue
        if "static_assert" in code or '"' in code or CHARACTER.search(code):
            continue

        def mutant(column, kind, new_line):
            return path, "%s:%d:%d:%s" % (path, index + 1, column + 1, kind), index, new_line

        for kind, pattern, replacement in REPLACEMENTS:
            for found in re.finditer(pattern, code):
                yield mutant(found.start(), kind, code[:found.start()] + replacement + code[found.end():])
        for found in NUMBER.finditer(code):
            yield mutant(found.start(), "number",
                         code[:found.start()] + str(int(found.group(1)) + 1) + code[found.end():])
        for found in TWO_ARGUMENTS.finditer(code):
            yield mutant(found.start(), "swap",
                         code[:found.start()] + found.group(2) + ", " + found.group(1) + code[found.end():])
        if STATEMENT.match(code):
            yield mutant(len(code) - len(code.lstrip()), "statement", "")


def folder_of_tests(path):
    folder = os.path.dirname(path).replace("lib/sluice", "tests", 1)
    # Those of the library's own folder are of all sorts, and walks of rollouts are long.
    return "" if folder in ("tests", "tests/rollout") else folder


class Runner:
    """Runs mutants of `paths`."""

    def __init__(self, paths, bazel_options, scratch):
        folders = sorted({folder_of_tests(path) for path in paths} - {""})
        targets = [changed_source.CONFORMANCE, changed_source.DIFFERENTIAL]
        self.tests = changed_source.Tests(targets + ["//%s/..." % folder for folder in folders], bazel_options,
                                          scratch)
        self._labels = {}
        self._passes = {}

    def unit_tests(self, path):
        """The tests of the source's folder that are linked with it, and pass as they are."""
        folder = folder_of_tests(path)
        if folder and folder not in self._labels:
            self._labels[folder] = self.tests.queried("kind(cc_test, //%s/...)" % folder)
        for label in self._labels.get(folder, []):
            if not self.tests.calls(label, path):
                continue
            if label not in self._passes:
                self._passes[label] = self.tests.run(label, None, seconds=20).result == changed_source.PASSED
            if self._passes[label]:
                yield label

    def _runs(self, path):
        """What is run with a mutant: labels, arguments, and after how many seconds it hangs."""
        yield changed_source.CONFORMANCE, (), 60
        for label in self.unit_tests(path):
            yield label, (), 60
        yield changed_source.DIFFERENTIAL, ["--policies=5", "--shrink=0"], 600

    def run(self, path, index, new_line):
        """Answers what became of a mutant, and the test that noticed."""
        lines = changed_source.read(path).split("\n")
        lines[index] = new_line
        compiled = self.tests.compile(path, "\n".join(lines))
        if compiled is None:
            return "not compiled", ""
        library = self.tests.link(compiled)
        for label, arguments, seconds in self._runs(path):
            found = self.tests.run(label, library, arguments, seconds).result
            if found != changed_source.PASSED:
                return "killed", label + (", hangs" if found == changed_source.HUNG else "")
        return "survived", ""


def read_names(path):
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as listed:
        return {line.split("\t")[0] for line in listed if line.strip() and not line.startswith("#")}


def equivalents():
    return read_names(os.path.join(changed_source.ROOT, "tests/mutation/equivalent.tsv"))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=10, help="mutants to try")
    parser.add_argument("--seconds", type=int, help="try as many as begin within this time, and no more")
    parser.add_argument("--seed", type=int, default=1, help="chooses them")
    parser.add_argument("--all", action="store_true", help="try every mutant")
    parser.add_argument("--files", nargs="*", default=changed_source.kernel_sources(), help="sources to change")
    parser.add_argument("--log", help="results; mutants that it names already are not run again")
    parser.add_argument("--list", action="store_true", help="print the mutants and do no more")
    parser.add_argument("--scratch", help="folder for what is compiled; one for each run at a time")
    parser.add_argument("--bazel", default="", help="further options of Bazel")
    arguments = parser.parse_args()

    left_out = equivalents() | (read_names(arguments.log) if arguments.log else set())
    mutants = [m for path in arguments.files for m in mutants_of(path) if m[1] not in left_out]
    if arguments.list:
        print("\n".join(mutant[1] for mutant in mutants))
        print(len(mutants), "mutants")
        return 0
    if not arguments.all:
        random.Random(arguments.seed).shuffle(mutants)
        mutants = mutants if arguments.seconds else mutants[:arguments.count]
    hours = len(mutants) * SECONDS / 3600
    print("# %s" % ("%d s" % arguments.seconds if arguments.seconds else
                    "%d mutants, some %d s each: %.1f h" % (len(mutants), SECONDS, hours)), flush=True)

    runner = Runner(arguments.files if arguments.all else sorted({mutant[0] for mutant in mutants}),
                    arguments.bazel.split(), arguments.scratch)
    began = time.monotonic()
    totals = {"killed": 0, "survived": 0, "not compiled": 0}
    for path, name, index, new_line in mutants:
        if arguments.seconds and time.monotonic() - began > arguments.seconds:
            break
        result, noticed = runner.run(path, index, new_line)
        totals[result] += 1
        line = "%s\t%s\t%s\t%s" % (name, result, noticed, new_line.strip())
        print(line, flush=True)
        if arguments.log:
            with open(arguments.log, "a", encoding="utf-8") as log:
                log.write(line + "\n")
    print("# %(killed)d killed, %(survived)d survived, %(not compiled)d not compiled" % totals)
    return 1 if totals["survived"] else 0


if __name__ == "__main__":
    sys.exit(main())
