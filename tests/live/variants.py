#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: the neighbours of each situation (tests/rules/variants-*.c) give what stands beside them, and no more: mistakes in other
clothes are found, right programs that look like them are not; in a 64-bit and a 32-bit program, in a thread and in a child."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, Skip, Tap, no_program32, trace  # noqa: E402

SITUATIONS = {64: os.path.join(BUILD, "tests", "rules", "situations"), 32: os.path.join(BUILD, "tests", "rules", "situations32")}


def variants(program):
    """[(name, ["CT101 error", ...]), ...], as the program lists them for its own word size."""
    out = subprocess.run([program, "list"], check=True, capture_output=True, text=True, timeout=20).stdout
    for line in out.splitlines():
        name, _, findings = line.partition(":")
        yield name, sorted(f.strip() for f in findings.split(",") if f.strip())


def test_variant(name, bits, how):
    program = SITUATIONS[bits]
    if bits == 32 and (why := no_program32(program)):
        raise Skip(why)
    want = dict(variants(program))[name]
    # a filter's stops don't show what other threads do with descriptors: the other engine's do
    run = trace(*(["--engine=syscall"] if how == "thread" else []), "--", program, "variant", name, how)
    if run.status == 77:
        raise Skip((run.text.strip() or "this machine can't make it").splitlines()[-1])
    assert run.status == 0, (run.status, run.text)
    got = sorted("%s %s" % (f["rule"], f["level"]) for f in run.findings())
    assert got == want, "found %s, expected %s\n%s" % (got, want, run.text)


LONG = os.environ.get("CMSGTRACE_TESTS") == "long"
tap = Tap()
for bits in SITUATIONS:
    for n, (name_, _) in enumerate(variants(SITUATIONS[64])):  # both have the same
        for how_ in ("plain", "thread", "child"):
            # each in one way; CMSGTRACE_TESTS=long: in all three
            if not LONG and how_ != ("plain", "thread", "child")[n % 3]:
                continue
            tap.run(test_variant, name_, bits, how_)
sys.exit(tap.done())
