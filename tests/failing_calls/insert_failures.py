#!/usr/bin/env python3
"""Copies sources of the library, with a question at the beginning of each function that returns a status.

  insert_failures.py --output=FOLDER SOURCE...

Each `absl::Status F(...) {` and `absl::StatusOr<T> F(...) {` becomes one that asks `CallFails` first (see
failing_calls.h) and, if it answers yes, returns an error. The copy of lib/sluice/record/lookup.cc is
FOLDER/record_lookup.cc; sources include the copies of headers in the place of the headers. FOLDER/sites.cc
lists where it asks, and each SLUICE_NEVER, which asks too. Lines keep their numbers.
"""

import argparse
import os
import re
import sys

DEFINITION = re.compile(r"^ *(?:static |inline )?absl::Status(?:Or<.+>)? ([\w:]+)\(", re.MULTILINE)
# Of a function that only makes an error.
ERROR = re.compile(r"\s*return absl::\w+Error\(")
LIBRARY = "lib/sluice/"


def body_after(text, opening):
    """Where the body begins of the function whose parameters begin at `opening`; None: it has none here."""
    depth = 0
    for i in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            body = re.match(r"\)\s*(?:const\s*)?\{", text[i:])
            return i + body.end() if body else None
    sys.exit("parentheses that do not close")


def insert(path, text):
    """Answers the changed text, and the sites."""
    changed, end, sites = [], 0, []
    for match in DEFINITION.finditer(text):
        body = body_after(text, match.end() - 1)
        if body is None or ERROR.match(text, body):
            continue
        site = "%s:%d %s" % (path, text.count("\n", 0, match.start()) + 1, match.group(1))
        sites.append(site)
        changed += [text[end:body], ' if (::sluice::CallFails("%s")) return ::absl::InternalError("made to fail");' % site]
        end = body
    sites += ["%s:%d SLUICE_NEVER" % (path, text.count("\n", 0, match.start()) + 1)
              for match in re.finditer(r"\bSLUICE_NEVER\(", text)]
    return "".join(changed) + text[end:], sites


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", required=True)
    parser.add_argument("sources", nargs="+")
    arguments = parser.parse_args()
    headers = {"sluice/" + path[len(LIBRARY):]: path[len(LIBRARY):].replace("/", "_")
               for path in arguments.sources if path.endswith(".h")}
    all_sites = []
    for source in arguments.sources:
        path = source[len(LIBRARY):]
        with open(source, encoding="utf-8") as file:
            text, sites = insert(path, file.read())
        if not sites:
            sys.exit("%s: nothing in it can fail" % source)
        all_sites += sites
        for name, copy in headers.items():
            text = text.replace('#include "%s"' % name, '#include "tests/failing_calls/%s"' % copy)
        with open(os.path.join(arguments.output, path.replace("/", "_")), "w", encoding="utf-8") as file:
            file.write('#include "tests/failing_calls/failing_calls.h"\n#line 1 "%s"\n' % source + text)
    with open(os.path.join(arguments.output, "sites.cc"), "w", encoding="utf-8") as file:
        file.write('#include "tests/failing_calls/failing_calls.h"\n\nnamespace sluice {\n\n'
                   "std::vector<std::string> AllSites() {\n  return {%s};\n}\n\n}  // namespace sluice\n"
                   % ",\n          ".join('"%s"' % site for site in all_sites))


if __name__ == "__main__":
    main()
