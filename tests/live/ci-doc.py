#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: each command of doc/ci.md does what stands there, on a `make check` that makes the level mistake, and on one
that doesn't.  A command without an expectation here fails: so does one that is only here.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

CMSGTRACE = os.environ["CMSGTRACE"]
SRC = os.environ.get("srcdir", ".")
SITUATIONS = os.path.abspath(os.path.join(os.environ.get("builddir", "."), "tests/rules/situations"))
DOC = os.path.join(SRC, "doc/ci.md")

count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        print("# " + repr(detail)[:2000])


def commands():
    """Indented ones, and those of the YAML examples."""
    with open(DOC, encoding="utf-8") as f:
        for line in f:
            m = re.match(r"(?: {4}| +- run: | +- )((?:printf .* )?cmsgtrace .*)", line)
            if m:
                yield re.sub(r"\s+# .*", "", m.group(1))


def suppression():
    with open(DOC, encoding="utf-8") as f:
        return next(l.strip() for l in f if re.match(r" {4}CT\d+ ", l))


if not shutil.which("make") or not shutil.which("strace"):
    print("1..0 # SKIP make or strace is not installed")
    sys.exit(0)

folder = tempfile.TemporaryDirectory()
D = folder.name
os.mkdir(os.path.join(D, "bin"))
os.symlink(os.path.abspath(CMSGTRACE), os.path.join(D, "bin", "cmsgtrace"))
ENV = {"PATH": os.path.join(D, "bin") + ":" + os.environ["PATH"], "HOME": D, "LC_ALL": "C"}
ENV.update({k: v for k, v in os.environ.items() if k.startswith(("ASAN_", "LSAN_", "UBSAN_"))})


def check_does(which):
    with open(os.path.join(D, "Makefile"), "w", encoding="utf-8") as f:
        f.write(f"check:\n\t@{SITUATIONS} {which}\n")


def run(command):
    return subprocess.run(["sh", "-c", command], cwd=D, env=ENV, capture_output=True, text=True, check=False, timeout=120)


def strace(which):
    os.makedirs(path("logs"), exist_ok=True)
    for name in ("strace.log", "logs/one.log", "logs/two.log"):
        subprocess.run(["strace", "-f", "-o", path(name), SITUATIONS, "CT101", which], capture_output=True, check=False, timeout=60)


def path(name):
    return os.path.join(D, name)


def read(name):
    with open(path(name), encoding="utf-8") as f:
        return f.read()


def console(p):
    return "CT101 error" in p.stderr and '"rule":"CT101"' in read("cmsgtrace.jsonl") and p.returncode == 1


def github(p):
    levels = [r["level"] for r in json.loads(read("cmsgtrace.sarif"))["runs"][0]["results"]]
    return "::error " in p.stdout and "error" in levels and p.returncode == 1


def junit(p):
    return int(ET.fromstring(read("cmsgtrace.xml"))[0].get("failures")) > 0 and p.returncode == 1


def gcc(p):
    return "error: " in p.stdout and "[CT101]" in p.stdout and p.returncode == 1


def directory(p):
    return "logs/one.log:" in p.stdout and "[CT101]" in p.stdout and p.returncode in (1, 123)  # xargs has its own


def baseline_written(p):
    return json.loads(read("cmsgtrace.baseline"))["findings"] and p.returncode == 0


def baseline_held(p):
    return p.returncode == 0


WITH_MISTAKE = {
    "cmsgtrace --findings-only --error-exitcode=1 --record=cmsgtrace.jsonl make check": console,
    "cmsgtrace --error-exitcode=1 --format=github:- --format=sarif:cmsgtrace.sarif make check": github,
    "cmsgtrace --error-exitcode=1 --format=junit:cmsgtrace.xml make check": junit,
    "cmsgtrace --read=strace.log --format=gcc": gcc,
    r"printf -- '--read=%s\0' logs/* | xargs -0 cmsgtrace --findings-only --format=gcc": directory,
    "cmsgtrace --write-baseline=cmsgtrace.baseline make check": baseline_written,
    "cmsgtrace --baseline=cmsgtrace.baseline --error-exitcode=1 make check": baseline_held,
}

found = list(commands())
result(set(found) == set(WITH_MISTAKE), "the commands of doc/ci.md are those that are tested",
       set(found) ^ set(WITH_MISTAKE))
strace("bad")
check_does("CT101 bad")
probe = run("cmsgtrace -o /dev/null true")
if probe.returncode:
    print("1..0 # SKIP tracing is not permitted here: " + probe.stderr.strip())
    sys.exit(0)
for command in found:
    p = run(command)
    result(WITH_MISTAKE.get(command, lambda p: False)(p), command, (p.returncode, p.stdout[-500:], p.stderr[-1000:]))
check_does("CT102 bad")
p = run("cmsgtrace --baseline=cmsgtrace.baseline --error-exitcode=1 make check")
result(p.returncode == 1, "a finding that is not in the baseline fails", (p.returncode, p.stderr[-1000:]))
check_does("CT101 good")
strace("good")
for command in found:
    p = run(command)
    result(p.returncode == 0, "without a mistake: " + command, (p.returncode, p.stdout[-500:], p.stderr[-1000:]))
with open(path(".cmsgtrace.supp"), "w", encoding="utf-8") as f:
    f.write(suppression() + "\n")
p = run("cmsgtrace --read=strace.log")
result(p.returncode == 0 and ".cmsgtrace.supp:1" in p.stdout + p.stderr and "error" not in p.stderr,
       "the suppression is a line that is understood", (p.returncode, p.stdout[-500:], p.stderr))
folder.cleanup()
print(f"1..{count}")
sys.exit(failed != 0)
