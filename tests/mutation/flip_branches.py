#!/usr/bin/env python3
"""Changes one conditional jump of the compiled library at a time, and sees whether tests notice.

  tests/mutation/flip_branches.py --seconds=50 --seed=7        as many as fit: for every run of all checks
  tests/mutation/flip_branches.py --count=200 --seed=1         a sample
  tests/mutation/flip_branches.py --all --log=flips.tsv        all; resumed where the log ends

What sources alone don't show, a compiler's branches do: each of a kernel source's conditional jumps that stands for
a line of that source, not of a header, is negated, always taken or never taken. Such a flip is named
FILE:LINE:NUMBER:KIND, NUMBER being the jump's place among those of its line. It is killed if a conformance case
fails, crashes or hangs, or else a differential run does. Names are those of one compiler and its version.

Prints a line for each flip, and in the end how many survived. Exits with 1 if more than `--most_surviving` percent
do: a jump that only saves work, or leaves early what would end the same, can't be noticed.
"""

import argparse
import random
import re
import sys
import time

import changed_source
import mutate

SECONDS = 3  # What one flip takes on one core, about.
# For each source line a `.loc`; no jumps that the compiler adds for itself.
OPTIONS = ["-S", "-g", "-fno-stack-protector"]
NEGATED = {}
for one, other in (("e", "ne"), ("g", "le"), ("ge", "l"), ("a", "be"), ("ae", "b"), ("s", "ns"), ("p", "np"),
                   ("o", "no")):
    NEGATED[one], NEGATED[other] = other, one

FILE = re.compile(r"^\t\.file (\d+) (?:\"[^\"]*\" )?\"([^\"]*)\"")
LOCATION = re.compile(r"^\t\.loc (\d+) (\d+)")
JUMP = re.compile(r"^\tj(%s)\t(\.L\w+)$" % "|".join(NEGATED))


def flips_of(path, assembly):
    """Yields (path, name, line index, new line) of each flip of a source's assembly."""
    own = {found.group(1) for found in map(FILE.match, assembly) if found and found.group(2) == path}
    place = None
    seen = {}
    for index, line in enumerate(assembly):
        location = LOCATION.match(line)
        if location:
            place = location.groups()
        jump = JUMP.match(line)
        if not jump or not place or place[0] not in own:
            continue
        seen[place] = seen.get(place, 0) + 1
        condition, target = jump.groups()
        for kind, new_line in (("negated", "\tj%s\t%s" % (NEGATED[condition], target)),
                               ("taken", "\tjmp\t" + target), ("not_taken", "")):
            yield path, "%s:%s:%d:%s" % (path, place[1], seen[place], kind), index, new_line


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=20, help="flips to try")
    parser.add_argument("--seconds", type=int, help="try as many as begin within this time, and no more")
    parser.add_argument("--seed", type=int, default=1, help="chooses them")
    parser.add_argument("--all", action="store_true", help="try every flip")
    parser.add_argument("--files", nargs="*", default=changed_source.kernel_sources(), help="sources of the library")
    parser.add_argument("--sample_files", type=int, default=6, help="how many of them, unless --all")
    parser.add_argument("--most_surviving", type=int, default=15, help="percent")
    parser.add_argument("--log", help="results; flips that it names already are not run again")
    parser.add_argument("--scratch", help="folder for what is compiled; one for each run at a time")
    parser.add_argument("--bazel", default="", help="further options of Bazel")
    arguments = parser.parse_args()

    tests = changed_source.Tests([changed_source.CONFORMANCE, changed_source.DIFFERENTIAL],
                                 arguments.bazel.split(), arguments.scratch)
    chance = random.Random(arguments.seed)
    files = arguments.files
    if not arguments.all:
        files = chance.sample(files, min(arguments.sample_files, len(files)))
    done = mutate.read_names(arguments.log) if arguments.log else set()
    assemblies = {}
    flips = []
    for path in files:
        compiled = tests.compile(path, changed_source.read(path), OPTIONS, ".s", "assembly")
        with open(compiled, encoding="utf-8") as text:
            assemblies[path] = text.read().split("\n")
        flips += [flip for flip in flips_of(path, assemblies[path]) if flip[1] not in done]
    if not arguments.all:
        chance.shuffle(flips)
        flips = flips if arguments.seconds else flips[:arguments.count]
    print("# %s" % ("%d s" % arguments.seconds if arguments.seconds else
                    "%d flips, some %d s each: %.1f h" % (len(flips), SECONDS, len(flips) * SECONDS / 3600)),
          flush=True)

    began = time.monotonic()
    totals = {"killed": 0, "survived": 0}
    for path, name, index, new_line in flips:
        if arguments.seconds and time.monotonic() - began > arguments.seconds:
            break
        flipped = list(assemblies[path])
        flipped[index] = new_line
        result, noticed = judge(tests, flipped)
        totals[result] += 1
        line = "%s\t%s\t%s" % (name, result, noticed)
        print(line, flush=True)
        if arguments.log:
            with open(arguments.log, "a", encoding="utf-8") as log:
                log.write(line + "\n")
    print("# %(killed)d killed, %(survived)d survived" % totals)
    return 1 if 100 * totals["survived"] > arguments.most_surviving * sum(totals.values()) else 0


def judge(tests, assembly):
    """Answers what became of a source's assembly as changed, and the test that noticed."""
    path = tests.write("flipped.s", "\n".join(assembly))
    library = tests.link(path, "flipped")
    for label, arguments, seconds in ((changed_source.CONFORMANCE, (), 60),
                                      (changed_source.DIFFERENTIAL, ["--policies=5", "--shrink=0"], 600)):
        found = tests.run(label, library, arguments, seconds).result
        if found != changed_source.PASSED:
            return "killed", label + (", hangs" if found == changed_source.HUNG else "")
    return "survived", ""


if __name__ == "__main__":
    sys.exit(main())
