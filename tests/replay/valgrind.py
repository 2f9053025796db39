#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: reading recordings and logs of strace, whole, damaged or cut short, and writing them in each way, uses no memory that it
doesn't have and none that holds nothing: valgrind finds no error."""
import os
import shutil
import subprocess
import sys
import tempfile

BUILD = os.environ.get("builddir", os.getcwd())
SRC = os.environ.get("srcdir", ".")
CMSGTRACE = os.path.join(BUILD, "cmsgtrace")
INPUTS = ("replay/data/level-mistake.strace", "replay/data/raw-constants.strace", "replay/data/calls.jsonl", "rules/CT201/bad.jsonl")
FORMATS = ("text", "jsonl", "summary", "sarif", "junit", "github", "gcc")
ERROR = 99


def why_not():
    with open(CMSGTRACE, "rb") as f:
        if b"__asan_init" in f.read():
            return "built with AddressSanitizer, which looks for the same"
    return None if shutil.which("valgrind") else "valgrind is not installed"


def errors(path):
    """What valgrind says; the exit status of the program itself is not its business."""
    outputs = [f"--format={f}:/dev/null" for f in FORMATS]
    done = subprocess.run(["valgrind", "-q", f"--error-exitcode={ERROR}", CMSGTRACE, f"--read={path}", "-v", "--record=/dev/null", *outputs],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", timeout=300, check=False)
    if done.returncode == ERROR or "== Invalid" in done.stderr or done.returncode < 0:
        return done.stderr[-3000:]
    assert done.returncode in (0, 1, 2), (done.returncode, done.stderr[-3000:])
    return None


def cut(path, folder):
    """The first half, with a byte that is no text in it."""
    with open(path, "rb") as f:
        data = bytearray(f.read())
    del data[len(data) // 2:]
    data[len(data) // 2] = 0x80
    name = os.path.join(folder, "cut" + os.path.splitext(path)[1])
    with open(name, "wb") as f:
        f.write(data)
    return name


def main():
    why, n, failed = why_not(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name in INPUTS:
            path = os.path.join(SRC, "tests", name)
            for what, one in (("", path), (", cut and damaged", cut(path, folder))):
                n += 1
                found = None if why else errors(one)
                failed += bool(found)
                print(f"{'not ok' if found else 'ok'} {n} - {name}{what}{f' # SKIP {why}' if why else ''}", flush=True)
                for line in (found or "").splitlines():
                    print(f"# {line}")
    print(f"1..{n}")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
