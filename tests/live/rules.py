#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: each situation of tests/rules, run for real, gives what tests/rules/expected says, done right nothing."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Skip, Tap, trace  # noqa: E402

SRC = os.environ.get("srcdir", ".")
SITUATIONS = os.path.join(os.environ.get("builddir", "."), "tests", "rules", "situations")


def expected():
    with open(os.path.join(SRC, "tests", "rules", "expected")) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                rule, _, findings = line.partition(":")
                yield rule, sorted(x.strip() for x in findings.split(",") if x.strip())


def found(rule, which):
    run = trace("--", SITUATIONS, rule, which)
    if run.status == 77:
        raise Skip((run.text.strip() or "this machine can't make it").splitlines()[-1])
    assert run.status == 0, (run.status, run.text)
    return sorted("%s %s" % (f["rule"], f["level"]) for f in run.findings())


def test_situation(rule, want):
    got = found(rule, "bad")
    assert got == want, "bad: found %s, expected %s" % (got, want)
    got = found(rule, "good")
    assert got == [], "good: found %s, expected none" % got


tap = Tap()
for rule_, want_ in expected():
    if sys.argv[1:] and rule_ not in sys.argv[1:]:
        continue
    tap.run(test_situation, rule_, want_)
sys.exit(tap.done())
