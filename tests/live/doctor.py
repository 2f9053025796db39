#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what --doctor says of each engine is what happens, as this user, as an ordinary one and in namespaces of its own; each
"no" comes with a remedy; the exit status says whether a command can be traced."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import CMSGTRACE, Skip, Tap  # noqa: E402

NOBODY = 65534


# name: (command before, how it is run)
SETTINGS = {
    "this user": ([], {}),
    "an ordinary user": ([], {"user": NOBODY, "group": NOBODY, "extra_groups": []}),
    "another user namespace": (["unshare", "--user"], {}),
    "other namespaces, their /proc not mounted": (["unshare", "--user", "--map-root-user", "--pid", "--fork"], {}),
}
BINARY = []  # a copy that every user can execute


def run(before, how, *args):
    return subprocess.run([*before, BINARY[0], *args], capture_output=True, text=True, timeout=120, check=False, cwd="/", **how)


def rows(before, how):
    done = run(before, how, "--doctor", "--format=json")
    doc = json.loads(done.stdout)
    assert doc["type"] == "doctor" and doc["tool"].startswith("cmsgtrace "), doc
    assert done.returncode == (0 if doc["works"] else 1), (done.returncode, doc["works"])
    return doc, {(r["section"], r["what"]): r for r in doc["rows"]}


def setting(name):
    before, how = SETTINGS[name]
    if how and os.geteuid():
        raise Skip("needs root")
    if how and subprocess.run(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "true"], capture_output=True, check=False).returncode:
        raise Skip("this user namespace has no ordinary user")
    if before and (not shutil.which("unshare") or subprocess.run([*before, "true"], capture_output=True, check=False).returncode):
        raise Skip("namespaces can't be made here")
    return before, how


def test_what_it_says_is_so(name):
    before, how = setting(name)
    doc, found = rows(before, how)
    for engine in ("seccomp", "syscall", "bpf"):
        row = found["Engines", engine]
        if engine == "bpf" and row["state"] == "yes" and name != "this user":
            raise AssertionError("eBPF without privilege?")
        went = run(before, how, "--engine=" + engine, "-o", "/dev/null", "true")
        assert (went.returncode == 0) == (row["state"] == "yes"), (name, row, went.returncode, went.stderr)
    works = [e for e in ("seccomp", "syscall") if found["Engines", e]["state"] == "yes"]
    assert doc["works"] == bool(works), (doc["works"], works)
    for r in doc["rows"]:
        assert r["state"] != "no" or r.get("remedy"), r
    inner = found["Limits", "user namespace"]["value"]
    assert ("another" in inner) if before else True, inner
    if "--pid" in before:
        assert found["Limits", "/proc"]["state"] == "no", found["Limits", "/proc"]


def test_the_engine_that_attaches_is_the_one_it_names(name):
    before, how = setting(name)
    _, found = rows(before, how)
    row = found["Engines", "-p"]
    if row["state"] == "no" or found["Limits", "/proc"]["state"] == "no":
        raise Skip("it attaches to nothing here")
    # what is attached to is of the same user and in the same namespaces
    went = subprocess.run([*before, "sh", "-c", 'sleep 1 & exec timeout 20 "$0" -o /dev/null -p $!', BINARY[0]], capture_output=True, text=True,
                          timeout=120, check=False, cwd="/", **how)
    assert f"by --engine={row['value'].split()[-1]}," in went.stderr, (row, went.stderr)


def test_the_text_says_the_same(name):
    before, how = setting(name)
    _, found = rows(before, how)
    text = run(before, how, "--doctor")
    for r in found.values():
        assert r["what"] in text.stdout and r["value"] in text.stdout, (r, text.stdout)
        assert r["state"] != "no" or "-> " + r["remedy"] in text.stdout, (r, text.stdout)


def main():
    tap = Tap()
    with tempfile.TemporaryDirectory(prefix="cmsgtrace-test-") as d:
        os.chmod(d, 0o755)
        BINARY.append(shutil.copy(CMSGTRACE, os.path.join(d, "cmsgtrace")))
        for name in SETTINGS:
            tap.run(test_what_it_says_is_so, name)
            tap.run(test_the_text_says_the_same, name)
            tap.run(test_the_engine_that_attaches_is_the_one_it_names, name)
    tap.done()


main()
