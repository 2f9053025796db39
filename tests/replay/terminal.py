#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: on a terminal, notes that are too long go on behind their mark and lose nothing; places are links where the terminal has
them, and only there; a file or a pipe gets neither."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios

CMSGTRACE = os.environ["CMSGTRACE"]
RULES = os.path.join(os.environ.get("srcdir", "."), "tests/rules")
LINK = re.compile("\033\\]8;;([^\033]*)\033\\\\")

count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        print("# " + repr(detail)[:2000])


def env(**more):
    return {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "TERM": "xterm-256color", **more}


def shown(path, columns, *args, **more):
    """What a terminal of so many columns gets."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with subprocess.Popen([CMSGTRACE, "--read=" + path, "--findings-only", *args], stdout=slave, stderr=slave, stdin=subprocess.DEVNULL,
                          env=env(**more)) as p:
        os.close(slave)
        data = b""
        while True:
            try:
                got = os.read(master, 65536)
            except OSError:  # nobody writes any more
                break
            if not got:
                break
            data += got
        p.wait(120)
    os.close(master)
    return data.decode().replace("\r\n", "\n")


def notes(text):
    return [line for line in text.split("*** cmsgtrace:")[0].splitlines() if line.startswith(" |  ")]


bad = os.path.join(RULES, "CT101/bad.jsonl")
piped = subprocess.run([CMSGTRACE, "--read=" + bad, "--findings-only"], capture_output=True, text=True, timeout=120, check=False, env=env()).stdout
whole = notes(piped)
result(max(map(len, whole)) > 100, "a note is longer than 100 columns in a pipe", whole)
for columns in (60, 100):
    lines = notes(shown(bad, columns, "--color=never"))
    result(lines and max(map(len, lines)) <= columns, f"{columns} columns: no note is wider", lines)
    joined = []
    for line in lines:
        if line.startswith(" |      "):
            joined[-1] += " " + line[8:]
        else:
            joined.append(line)
    result(joined == whole, f"{columns} columns: what is wrapped is all there", (joined, whole))
result(notes(shown(bad, 1000, "--color=never")) == whole, "a wide terminal gets them as they are")
result(notes(shown(bad, 20, "--color=never")) == whole, "so does one that is too narrow to wrap for")

with tempfile.TemporaryDirectory() as d:
    place = os.path.join(d, "placed.jsonl")
    with open(bad, encoding="utf-8") as f, open(place, "w", encoding="utf-8") as out:
        for line in f:
            r = json.loads(line)
            if "msgs" in r and r["call"].startswith("send"):
                r["stack"] = [{"pc": "0x401000", "module": "/srv/server", "module_off": "0x1000", "function": "reply", "function_off": "0x1",
                               "file": "/srv/a b\033]8;;http:evil\033\\.c", "line": 7}]
            out.write(json.dumps(r) + "\n")
    text = shown(place, 100, KITTY_WINDOW_ID="1")
    links = LINK.findall(text)
    result(links[:2] == ["file:///srv/a%20b%1B%5D8%3B%3Bhttp%3Aevil%1B%5C.c", ""] and set(links) == set(links[:2]),
           "a place is a link, whatever stands in its name", links)
    result(not LINK.search(shown(place, 100)), "none in a terminal that may not have them")
    result(not LINK.search(shown(place, 100, "--color=never", KITTY_WINDOW_ID="1")), "none with --color=never")
    run = subprocess.run([CMSGTRACE, "--read=" + place], capture_output=True, text=True, timeout=120, check=False, env=env(KITTY_WINDOW_ID="1"))
    result(not LINK.search(run.stdout), "none in a pipe")

print(f"1..{count}")
sys.exit(failed != 0)
