#!/usr/bin/env python3
"""Prints which components of a bill of materials the advisories of a database concern.

  advisories_of_sbom.py ADVISORIES.tar.gz SBOM.cdx.json

ADVISORIES.tar.gz holds OSV documents of Go modules, SBOM.cdx.json is CycloneDX in JSON. Each line of
the answer is a component's package URL, a tab and the id of an advisory, sorted. What is withdrawn
counts only with --withdrawn.

Reads both files by itself and orders versions by semver.org alone, so that its answer can be held
against the importer's.
"""

import argparse
import json
import re
import sys
import tarfile
import urllib.parse

VERSION = re.compile(
    r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?")


def precedence(text):
    """What to compare versions by: semver.org, rule 11. Raises ValueError for other texts."""
    match = VERSION.fullmatch(text)
    if not match:
        raise ValueError("no semantic version: %r" % text)
    numbers = tuple(int(number) for number in match.group(1, 2, 3))
    if match.group(4) is None:
        return (numbers, 1, ())
    # Numbers come before words and are compared as numbers; fewer parts come first.
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part)
                  for part in match.group(4).split("."))
    return (numbers, 0, parts)


def event_order(event):
    (kind, version), = event.items()
    if kind == "introduced" and version == "0":
        return (0, None)
    return (1, precedence(version))


def in_range(version, events):
    """Whether the OSV schema's evaluation finds `version` in the range."""
    limits = [event["limit"] for event in events if "limit" in event]
    if limits and not any(limit == "*" or version < precedence(limit) for limit in limits):
        return False
    vulnerable = False
    changes = [event for event in events if "limit" not in event]
    keyed = sorted(((event_order(event), number) for number, event in enumerate(changes)),
                   key=lambda pair: (pair[0][0], pair[0][1] or ((), 0, ()), pair[1]))
    for _, number in keyed:
        (kind, bound), = changes[number].items()
        if kind == "introduced" and (bound == "0" or version >= precedence(bound)):
            vulnerable = True
        elif kind == "fixed" and version >= precedence(bound):
            vulnerable = False
        elif kind == "last_affected" and version > precedence(bound):
            vulnerable = False
    return vulnerable


def is_affected(version, affected):
    if version in affected.get("versions", []):
        return True
    order = precedence(version)
    return any(in_range(order, each["events"]) for each in affected.get("ranges", []))


def advisories(path):
    with tarfile.open(path, "r:gz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".json"):
                yield json.load(archive.extractfile(member))


def components(value):
    """All components, nested ones and the one the bill is about included."""
    about = value.get("metadata", {}).get("component")
    waiting = list(value.get("components", [])) + ([about] if about else [])
    while waiting:
        component = waiting.pop()
        waiting.extend(component.get("components", []))
        yield component


def module_and_version(purl):
    """The module path, in lower case as package URLs have it, and the version; or None."""
    if not purl.startswith("pkg:golang/"):
        return None
    rest = purl[len("pkg:golang/"):].split("#")[0].split("?")[0]
    path, at, version = rest.rpartition("@")
    if not at:
        return None
    return urllib.parse.unquote(path).lower(), urllib.parse.unquote(version)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("advisories")
    parser.add_argument("sbom")
    parser.add_argument("--withdrawn", action="store_true", help="count withdrawn advisories too")
    arguments = parser.parse_args()

    by_module = {}
    for advisory in advisories(arguments.advisories):
        if "withdrawn" in advisory and not arguments.withdrawn:
            continue
        for affected in advisory["affected"]:
            if affected["package"]["ecosystem"] != "Go":
                sys.exit("%s: only Go is understood" % advisory["id"])
            name = affected["package"]["name"].lower()
            by_module.setdefault(name, []).append((advisory["id"], affected))
            if name == "stdlib":
                by_module.setdefault("std", []).append((advisory["id"], affected))

    lines = set()
    with open(arguments.sbom, encoding="utf-8") as sbom:
        for component in components(json.load(sbom)):
            purl = component.get("purl", "")
            named = module_and_version(purl)
            if named is None:
                if purl:
                    print("not a versioned Go module: %s" % purl, file=sys.stderr)
                continue
            module, version = named
            for advisory, affected in by_module.get(module, []):
                if is_affected(version, affected):
                    lines.add("%s\t%s" % (purl, advisory))
    for line in sorted(lines):
        print(line)


if __name__ == "__main__":
    main()
