#!/usr/bin/env python3
"""Prints what tests covered of the library, per folder: lines, branches, MC/DC. Called by run.sh.

  report.py [--missing=PREFIX] [--hold=FILE] PROFDATA OBJECT...

A branch is one way out of a condition; of MC/DC a condition counts that was shown to change the result
of its decision alone. What several instances of a template or several programs cover is taken together.
Clang 19 never sees a condition of `a && b ? x : y` covered where x is an object or a reference.
That no case of a switch applies is no branch: the compiler sees to it that each has all of its enum's.
--missing lists what is not covered, with its line of source. --hold exits with 1 if a folder has less
than FILE says, or if FILE names folders that are not there.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

MEASURES = ("lines", "branches", "mcdc")

# What a decision goes through, and what stands before it: the first that matches is a file's group.
GROUPS = (
    ("readers", r"(load|internal|known_bad|interchange)/|reader[.]|known_bad[.]"),
    ("compile", r"compile|blockers/(parse_|fields)"),
    ("sentences", r"explain/"),
    ("kernel", r""),
)

Part = collections.namedtuple("Part", "line column text covered")


def llvm(tool, *arguments):
    return subprocess.run([tool + os.environ.get("SLUICE_LLVM_SUFFIX", "-19"), *arguments], check=True,
                          stdout=subprocess.PIPE).stdout.decode()


def group_of(path):
    return next(group for group, pattern in GROUPS if re.match(pattern, path))


def parts_of(profile, objects):
    """What can be covered: {path below lib/sluice: {measure: [Part]}}."""
    arguments = ["-instr-profile=" + profile, "-skip-expansions", "-skip-functions", objects[0]]
    arguments += ["-object=" + name for name in objects[1:]]
    library = os.path.join(ROOT, "lib/sluice") + "/"
    files = {}
    for file in json.loads(llvm("llvm-cov", "export", "-format=text", *arguments))["data"][0]["files"]:
        if not file["filename"].startswith(library):
            continue
        with open(file["filename"], encoding="utf-8") as source:
            lines = source.read().split("\n")
        branches = collections.defaultdict(lambda: [0, 0])
        for line, column, _, _, taken, not_taken, *_ in file["branches"]:
            before, operand = lines[line - 1][:column - 1], lines[line - 1][column - 1:]
            if before.endswith("switch (") or operand.startswith("true)"):
                continue
            branches[line, column][0] += taken
            branches[line, column][1] += not_taken
        decisions = {}
        for line, column, _, _, *_, conditions in file["mcdc_records"]:
            known = decisions.setdefault((line, column), [False] * len(conditions))
            decisions[line, column] = [a or b for a, b in zip(known, conditions)]
        files[file["filename"][len(library):]] = {
            "lines": [],
            "branches": [Part(line, column, "never " + way, count > 0)
                         for (line, column), counts in sorted(branches.items())
                         for way, count in zip(("true", "false"), counts)],
            "mcdc": [Part(line, column, "condition %d of %d" % (i + 1, len(conditions)), covered)
                     for (line, column), conditions in sorted(decisions.items())
                     for i, covered in enumerate(conditions)],
        }
    path = None
    for record in llvm("llvm-cov", "export", "-format=lcov", *arguments).split("\n"):
        kind, _, value = record.partition(":")
        if kind == "SF":
            path = value[len(library):] if value.startswith(library) else None
        elif kind == "DA" and path:
            line, count = value.split(",")[:2]
            files[path]["lines"].append(Part(int(line), 1, "never run", count != "0"))
    return files


def table_of(files):
    """Rows of (name, {measure: (covered, total)}): a group's folders, then the group."""
    counts = collections.defaultdict(lambda: {measure: [0, 0] for measure in MEASURES})
    for path, parts in files.items():
        group = group_of(path)
        for row in ((group, os.path.dirname(path) or "."), (group, "~")):
            for measure in MEASURES:
                counts[row][measure][0] += sum(part.covered for part in parts[measure])
                counts[row][measure][1] += len(parts[measure])
    return [("%s %s" % (group, folder) if folder != "~" else group, counts[group, folder])
            for group, folder in sorted(counts)]


def percent(covered, total):
    """Rounded down to a hundredth, so that 100 means all."""
    return (10000 * covered // total if total else 10000) / 100


def print_table(table):
    print("%-24s" % "lib/sluice" + "".join("%24s" % measure for measure in MEASURES))
    for name, counts in table:
        print("%-24s" % name + "".join(
            "%8d /%6d %6.2f %%" % (*counts[measure], percent(*counts[measure])) for measure in MEASURES))


def print_missing(files, prefix):
    for path in sorted(files):
        if not path.startswith(prefix):
            continue
        with open(os.path.join(ROOT, "lib/sluice", path), encoding="utf-8") as source:
            lines = source.read().split("\n")
        for measure in MEASURES:
            for part in files[path][measure]:
                if not part.covered:
                    print("lib/sluice/%s:%d:%d: %s: %s" % (path, part.line, part.column, part.text,
                                                           lines[part.line - 1][part.column - 1:].strip()))


def hold(table, file):
    """Answers whether every folder has what `file` wants: NAME LINES BRANCHES MCDC, in per cent."""
    held = True
    rows = dict(table)
    with open(file, encoding="utf-8") as lines:
        wanted = [line.rstrip("\n").split("\t") for line in lines if line.strip() and line[0] != "#"]
    for name, *lowest in wanted:
        if name not in rows:
            print("%s: no such folder" % name)
            held = False
            continue
        for measure, least in zip(MEASURES, lowest):
            share = percent(*rows[name][measure])
            if share < float(least):
                print("%s: %s should be at least %s %%, are %.2f %%" % (name, measure, least, share))
                held = False
    return held and len(wanted) > 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--missing", metavar="PREFIX", help="of paths below lib/sluice")
    parser.add_argument("--hold")
    parser.add_argument("profile")
    parser.add_argument("objects", nargs="+")
    arguments = parser.parse_args()
    files = parts_of(arguments.profile, arguments.objects)
    table = table_of(files)
    if arguments.missing is not None:
        print_missing(files, arguments.missing)
    print_table(table)
    return 0 if arguments.hold is None or hold(table, arguments.hold) else 1


if __name__ == "__main__":
    sys.exit(main())
