#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what a run finds, its recording finds too, all of it; and logs of strace of the same program find
nothing else, and the mistakes whose facts a log holds, whatever options strace was given.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

CMSGTRACE = os.environ["CMSGTRACE"]
SRC = os.environ.get("srcdir", ".")
SITUATIONS = os.path.join(os.environ.get("builddir", "."), "tests", "rules", "situations")
# Seen in any log: level, type and length are printed by every strace.
IN_EVERY_LOG = {"CT101", "CT103", "CT204", "CT306", "CT307"}
OPTIONS = ["", "-f", "-v", "-s 4096", "-s 0", "-y", "-yy", "-x", "-xx", "-t", "-tt", "-ttt", "-r", "-T", "-q", "-k",
           "-a 80", "-e trace=network", "-e trace=sendmsg,recvmsg", "-X raw", "-X verbose", "-f -tt -T -yy -v -s 4096",
           "-f -ttt -y -x", "-r -t", "-Y -f"]

count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        print("# " + str(detail).replace("\n", "\n# ")[:2000])


def read(path):
    """Findings of a recording or log, and the rules that said they could not run."""
    p = subprocess.run([CMSGTRACE, "--read=" + path, "--format=jsonl"], capture_output=True, timeout=60, check=False)
    return findings(p.stdout)


def findings(text):
    found, not_run = [], set()
    for line in text.splitlines():
        r = json.loads(line)
        if r["type"] == "finding" and r["rule"] != "CT902":  # that one speaks of what could not run
            found.append(f"{r['rule']} {r['level']}")
        elif r["type"] == "end":
            not_run = {x["rule"] for x in r.get("not_run", [])}
    return sorted(found), not_run


def strace(log, options, *command):
    subprocess.run(["strace", *options.split(), "-o", log, *command], capture_output=True, timeout=60, check=False)


if not shutil.which("strace"):
    print("1..0 # SKIP strace is not installed")
    sys.exit(0)

total = {"live": 0, "recording": 0, "log -yy": 0, "log": 0}
rules = sorted(d for d in os.listdir(os.path.join(SRC, "tests/rules"))
               if d.startswith("CT") and os.path.isdir(os.path.join(SRC, "tests/rules", d)))
with tempfile.TemporaryDirectory() as tmp:
    rec, log = os.path.join(tmp, "r.jsonl"), os.path.join(tmp, "log")
    for rule in rules:
        for which in ("bad", "good"):
            p = subprocess.run([CMSGTRACE, "--record=" + rec, "-o", "/dev/null", "--", SITUATIONS, rule, which],
                               capture_output=True, timeout=60, check=False)
            if p.returncode == 77:
                continue
            with open(rec, "rb") as f:
                live, _ = findings(f.read())
            replayed, _ = read(rec)
            problems = [] if live == replayed else [f"recording: {replayed}, live: {live}"]
            total["live"] += len(live)
            total["recording"] += len(replayed)
            for options, name in (("-f -v -s 4096 -yy", "log -yy"), ("-f", "log")):
                strace(log, options, SITUATIONS, rule, which)
                got, not_run = read(log)
                total[name] += len(got)
                extra = [x for x in got if x not in live]
                lost = [x for x in live if x not in got and x[:5] in IN_EVERY_LOG and x[:5] not in not_run]
                if extra or lost:
                    problems.append(f"{name}: found {got}, live {live}, not run {sorted(not_run)}")
            result(not problems, f"{rule} {which}: {len(live)} live", "\n".join(problems))
    print("# findings: " + ", ".join(f"{n} {k}" for k, n in total.items()))
    for options in OPTIONS:
        strace(log, options, SITUATIONS, "CT101", "bad")
        got, _ = read(log)
        result("CT101 error" in got, f"the level mistake in a log of strace {options}", got)
print(f"1..{count}")
sys.exit(failed != 0)
