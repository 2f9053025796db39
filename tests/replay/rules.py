#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: every rule (or those that are named) speaks on its bad recording, as tests/rules/expected says, and is silent on
the good one."""
import json
import os
import subprocess
import sys

TRACER = os.environ.get("CMSGTRACE", "./cmsgtrace")
SRC = os.environ.get("srcdir", ".")
RULES = os.path.join(SRC, "tests", "rules")


def listed_names():
    """[("CT101", "cmsg-ignored"), …]"""
    out = subprocess.run([TRACER, "--list-rules"], capture_output=True, text=True, check=True, timeout=20).stdout
    return [tuple(line.split()[:3:2]) for line in out.splitlines()]


def listed_rules():
    return [rule for rule, _ in listed_names()]


def expected():
    """{"CT101": ["CT101 error", …]}"""
    out = {}
    with open(os.path.join(RULES, "expected")) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                rule, _, findings = line.partition(":")
                out[rule] = sorted(x.strip() for x in findings.split(",") if x.strip())
    return out


def replay(path):
    """The findings of a recording, judged anew: ["CT101 error", …]"""
    run = subprocess.run([TRACER, "--read=" + path, "--format=jsonl"], capture_output=True, text=True, timeout=20)
    assert run.returncode in (0, 1), "exit %d: %s" % (run.returncode, run.stderr)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    assert records[-1]["type"] == "end" and records[-1]["events"] > 0, "the recording is cut or empty"
    return sorted("%s %s" % (r["rule"], r["level"]) for r in records if r["type"] == "finding")


def check(rule, want):
    bad, good = (os.path.join(RULES, rule, name + ".jsonl") for name in ("bad", "good"))
    for path in (bad, good):
        assert os.path.exists(path), "there is no %s: tests/rules/record.py makes it" % path
    assert want and any(w.startswith(rule + " ") for w in want), "tests/rules/expected does not list it"
    found = replay(bad)
    assert found == want, "bad: found %s, expected %s" % (found, want)
    found = replay(good)
    assert found == [], "good: found %s, expected none" % found


def main():
    listed, want = listed_rules(), expected()
    rules = [r for r in listed if r in (sys.argv[1:] or listed)]
    print("1..%d" % (len(rules) + 2))
    failed = 0
    for n, rule in enumerate(rules, 1):
        try:
            check(rule, want.get(rule))
            print("ok %d - %s speaks on the bad recording only" % (n, rule))
        except Exception as e:
            failed += 1
            print("not ok %d - %s\n# %s" % (n, rule, str(e).replace("\n", "\n# ")))
    stray = sorted(set(want) - set(listed))
    failed += bool(stray)
    print("%s %d - no expectation without a rule%s" % ("not ok" if stray else "ok", len(rules) + 1,
                                                     "\n# " + " ".join(stray) if stray else ""))
    names = {f"ct{r[2:]}-{name}.c" for r, name in listed_names()}
    here = set(os.listdir(os.path.join(SRC, "src/check/rules")))
    odd = sorted(names ^ {f for f in here if f.startswith("ct") and f.endswith(".c")})
    failed += bool(odd)
    print("%s %d - each rule has the file of its id and name%s" % ("not ok" if odd else "ok", len(rules) + 2,
                                                               "\n# " + " ".join(odd) if odd else ""))
    return 1 if failed else 0


sys.exit(main())
