#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: however often a mistake repeats, a new place of it is named at its first occurrence, and what is accepted at
one place is accepted there only."""
import collections
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, CMSGTRACE, PATIENCE, Tap, trace  # noqa: E402

PLACES = os.path.join(BUILD, "tests/live/fifty")
ALL = {f"place_{i:02}" for i in range(50)}


def named(run):
    return collections.Counter(f["place"]["function"] for f in run.findings() if f["rule"] == "CT101")


def test_fifty_places_in_random_order_are_all_named(seed):
    run = trace(PLACES, seed, "3000")
    found = named(run)
    assert set(found) == ALL and set(found.values()) == {1}, (len(found), found)


def test_each_is_named_at_its_own_first_call():
    """-k walks every stack: both must say the same places at the same calls."""
    firsts = [{f["place"]["function"]: f["event"] for f in trace(*options, PLACES, "7", "400").findings()}
              for options in ((), ("-k",))]
    assert len(firsts[0]) == 50 and firsts[0] == firsts[1], firsts


def test_a_suppression_of_one_leaves_the_others():
    with tempfile.TemporaryDirectory() as folder:
        accepted = os.path.join(folder, "accepted")
        with open(accepted, "w", encoding="utf-8") as f:
            f.write("CT101 fun=place_00 # known\n")
        run = trace("--suppressions=" + accepted, "--error-exitcode=9", PLACES, "2", "3000")
        assert run.status == 9, run.status
        left = {f["place"]["function"] for f in run.findings() if f["rule"] == "CT101" and not f.get("suppressed")}
        assert left == ALL - {"place_00"}, sorted(ALL - left)


def test_a_baseline_of_one_leaves_the_others():
    with tempfile.TemporaryDirectory() as folder:
        base = os.path.join(folder, "base")
        subprocess.run([CMSGTRACE, "--write-baseline=" + base, "-o", "/dev/null", PLACES, "1", "9"], check=True,
                       stdout=subprocess.DEVNULL, timeout=PATIENCE)
        with open(base, encoding="utf-8") as f:
            lines = f.read().splitlines()
        one = [line for line in lines if "place_00" in line]
        assert len(one) == 1, one
        with open(base, "w", encoding="utf-8") as f:
            f.write("\n".join([lines[0], one[0].rstrip(","), "]}"]))
        run = trace("--baseline=" + base, "--error-exitcode=9", PLACES, "2", "500")
        assert run.status == 9, run.status
        assert len(set(named(run))) == 50 - (0 if "place_00" in named(run) else 1), named(run)


def test_two_mistakes_at_one_place_are_two():
    run = trace(PLACES, "1", "1", "kinds")
    found = named(run)
    assert found == {"place_00": 3}, found


def test_a_recording_tells_the_same_places():
    with tempfile.TemporaryDirectory() as folder:
        record = os.path.join(folder, "record")
        texts = []
        for args in (["--record=" + record, PLACES, "5", "500"], ["--read=" + record]):
            p = subprocess.run([CMSGTRACE, "--format=summary", "-o", "/dev/stdout"] + args, check=False,
                               stdout=subprocess.PIPE, text=True, timeout=PATIENCE)
            texts.append(re.findall(r"^ \|      .*", p.stdout, re.M))
        assert texts[0] and texts[0] == texts[1], texts


def test_a_named_level_decides_the_status():
    for options, status in ((["--fail-on=error"], 1), ([], 0), (["--fail-on=never"], 0),
                            (["--fail-on=error", "--error-exitcode=7"], 7)):
        run = trace(*options, PLACES, "1", "1", "kinds")
        assert run.status == status, (options, run.status)
    assert trace("--fail-on=note", "true").status == 0


def main():
    tap = Tap()
    for seed in ("1", "2", "3"):
        tap.run(test_fifty_places_in_random_order_are_all_named, seed)
    tap.run(test_each_is_named_at_its_own_first_call)
    tap.run(test_a_suppression_of_one_leaves_the_others)
    tap.run(test_a_baseline_of_one_leaves_the_others)
    tap.run(test_two_mistakes_at_one_place_are_two)
    tap.run(test_a_recording_tells_the_same_places)
    tap.run(test_a_named_level_decides_the_status)
    tap.done()


if __name__ == "__main__":
    main()
