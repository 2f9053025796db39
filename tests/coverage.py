#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which lines and branches of the pure folders ran, as gcov counted: tests/coverage.py SRCDIR [--files] [--missing=PATH]
Run it in the build tree.  Exit status 1 where a folder has less than LEAST percent of its lines.

--files lists files too; --missing=PATH prints the lines of a file that never ran."""
import collections
import json
import os
import subprocess
import sys

PURE = ("base", "arch", "uapi", "event", "cmsg", "kernel", "check", "report", "record", "strace")
LEAST = 90.0


class Counts:
    def __init__(self):
        self.lines = collections.Counter()
        self.branches = collections.Counter()

    def add(self, line):
        n = line["line_number"]
        self.lines[n] += line["count"]
        for i, b in enumerate(line["branches"]):
            self.branches[n, i] += b["count"]


def files_of(srcdir):
    """Path below src: Counts.  A header's lines are of all files that include it."""
    files = collections.defaultdict(Counts)
    for folder in PURE:
        for where, _, names in os.walk(os.path.join("src", folder)):
            for name in sorted(names):
                if name.endswith(".gcno"):
                    take(files, srcdir, os.path.join(where, name))
    return files


def take(files, srcdir, notes):
    done = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", notes], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True)
    for text in done.stdout.splitlines():
        report = json.loads(text)
        for f in report["files"]:
            path = os.path.relpath(os.path.join(report["current_working_directory"], f["file"]), os.path.join(srcdir, "src"))
            if path.split(os.sep)[0] in PURE:
                for line in f["lines"]:
                    files[path].add(line)


def ran(counter):
    return sum(n > 0 for n in counter.values()), len(counter)


def percent(part):
    return 100.0 * part[0] / part[1] if part[1] else 100.0


def row(name, lines, branches):
    print(f"{name:32} {lines[0]:6} of {lines[1]:6} lines {percent(lines):5.1f} %   "
          f"{branches[0]:6} of {branches[1]:6} branches {percent(branches):5.1f} %")


def main():
    srcdir, options = sys.argv[1], sys.argv[2:]
    files = files_of(srcdir)
    missing = [o.partition("=")[2] for o in options if o.startswith("--missing=")]
    for path in missing:
        print(path + ":", *sorted(n for n, count in files[path].lines.items() if not count))
    low = []
    total = [0, 0], [0, 0]
    for folder in PURE:
        mine = {p: c for p, c in files.items() if p.split(os.sep)[0] == folder}
        sums = [[sum(x) for x in zip((0, 0), *(ran(getattr(c, what)) for c in mine.values()))] for what in ("lines", "branches")]
        if "--files" in options:
            for path, c in sorted(mine.items()):
                row("  " + path, ran(c.lines), ran(c.branches))
        if sums[0][1]:
            row("src/" + folder, *sums)
            low += [folder] if percent(sums[0]) < LEAST else []
        for t, s in zip(total, sums):
            t[0] += s[0]
            t[1] += s[1]
    row("all", *total)
    if not total[0][1] or low:
        print(f"below {LEAST:.0f} % of lines: {' '.join(low) or 'nothing was counted'}")
        return 1
    return 0


sys.exit(main())
