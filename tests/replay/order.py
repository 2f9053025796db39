#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: a finding stands right behind the call that it speaks of, in documents and in text, whatever else is left out."""
import glob
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
CMSGTRACE = os.environ.get("CMSGTRACE") or "./cmsgtrace"
FILTERS = (["-z"], ["-Z"], ["-e", "status=unavailable"], ["-e", "fd=1000"], ["-P", "/nonexistent"], ["--findings-only"])
AT_ITS_END = ("CT114", "CT303", "CT406")  # these may speak when a process ends, and name it
number = failed = 0


def tell(ok, name, detail=""):
    global number, failed
    number += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {number} - {name}")
    if not ok:
        print("".join(f"# {line}\n" for line in str(detail).splitlines()), end="")


def output(path, *options):
    return subprocess.run([CMSGTRACE, f"--read={path}", *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=60, check=False).stdout


def misplaced_in_json(path):
    """Findings of a call that is not the last one told, and how many findings there are."""
    out, last, n, wrong = output(path, "--format=jsonl"), None, 0, []
    for record in map(json.loads, out.splitlines()):
        if record["type"] == "call":
            last = record["no"]
        elif record["type"] == "finding" and "event" in record:
            n += 1
            if record["event"] != last and record["rule"] not in AT_ITS_END:
                wrong.append(record)
    return n, wrong


def misplaced_in_text(path, filter_):
    """Findings that stand under no line of a call."""
    wrong, line = [], ""
    for line_ in output(path, *filter_).splitlines():
        if m := re.match(r"\*\*\* (CT\d+) ", line_):
            if m[1] in AT_ITS_END and re.search(r"process \d+", line_) or m[1] == "CT902":
                continue
            if not re.match(r"(\[pid +\d+\] |\d+ +)?(<\.\.\. )?\w+[( ]", line):
                wrong.append((line, line_))
        elif not line_.startswith(" |"):
            line = line_
    return wrong


def main():
    found, wrong = 0, []
    paths = sorted(glob.glob(os.path.join(HERE, "..", "rules", "CT*", "bad.jsonl")))
    for path in paths:
        n, bad = misplaced_in_json(path)
        found += n
        wrong += [(path, f["rule"], f["event"]) for f in bad]
    tell(len(paths) > 40 and found > 40 and not wrong, "findings come behind their call, in every rule's situation", (found, wrong))
    for filter_ in FILTERS:
        wrong = [(path, *w) for path in paths for w in misplaced_in_text(path, filter_)]
        tell(not wrong, f"{' '.join(filter_)}: findings stand under their call", "\n".join(map(str, wrong)))
    print(f"1..{number}")
    sys.exit(bool(failed))


main()
