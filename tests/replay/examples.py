#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: both examples of every --explain compile as they stand, without a warning."""
import os
import shlex
import subprocess
import sys

TRACER = os.environ.get("CMSGTRACE", "./cmsgtrace")
CC = shlex.split(os.environ.get("CC", "cc"))
HEADS = ("The mistake", "Done right")


def run(*args, **kw):
    return subprocess.run(args, capture_output=True, text=True, timeout=60, **kw)


def examples(rule):
    """What stands, indented, below the two headings."""
    out, head = {}, None
    for line in run(TRACER, "--explain=" + rule, check=True).stdout.splitlines():
        if line and not line[0].isspace():
            head = line if line in HEADS else None
        elif head:
            out.setdefault(head, []).append(line[4:])
    return {h: "\n".join(lines) + "\n" for h, lines in out.items()}


def main():
    if run(*CC, "--version").returncode:
        print("1..0 # SKIP no C compiler (%s)" % CC[0])
        return 0
    rules = [line.split()[0] for line in run(TRACER, "--list-rules", check=True).stdout.splitlines()]
    print("1..%d" % (2 * len(rules)))
    n = failed = 0
    for rule in rules:
        code = examples(rule)
        for head in HEADS:
            n += 1
            cc = run(*CC, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c", "-",
                     input=code.get(head, "#error there is none"))
            failed += cc.returncode != 0
            print("%s %d - %s: %s" % ("not ok" if cc.returncode else "ok", n, rule, head.lower()))
            for line in cc.stderr.splitlines():
                print("#", line)
    return 1 if failed else 0


sys.exit(main())
