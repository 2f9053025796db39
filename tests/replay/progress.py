# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: reading a large file shows a line of progress on a terminal, never wider than that, gone at the end and
before anything else is written; and nothing in a pipe.
"""
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios

CMSGTRACE = os.environ["CMSGTRACE"]
SRC = os.environ.get("srcdir", ".")
LOG = os.path.join(SRC, "tests/replay/data/level-mistake.strace")
ENV = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "LC_ALL": "C", "TERM": "xterm"}
CLEAR = "\r\x1b[K"
count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        print("# " + repr(detail)[:2000])


def on_terminal(*args, width=80, stdout=subprocess.DEVNULL, narrow=None, term="xterm"):
    """All that a terminal on standard error gets.  stdout None: it is that terminal, too.  narrow: a new width, once
    the first line is there."""
    ours, theirs = pty.openpty()

    def resize(columns):
        fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    resize(width)
    p = subprocess.Popen([CMSGTRACE, *args], stdin=subprocess.DEVNULL, env=dict(ENV, TERM=term), stderr=theirs,
                         stdout=theirs if stdout is None else stdout)
    os.close(theirs)
    got = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # EIO: nobody holds its other end
            break
        if not more:
            break
        got += more
        if narrow and b"\x1b[K" in got:
            resize(narrow)
            narrow = None
    os.close(ours)
    p.wait()
    return got.decode().replace("\r\n", "\n"), p.returncode


def lines_of(text):
    return re.findall(r"\r([^\r\x1b\n]+)\x1b\[K", text)


with tempfile.TemporaryDirectory() as d:
    big = os.path.join(d, "big")
    with open(LOG, "rb") as f:
        log = f.read()
    with open(big, "wb") as f:
        for _ in range(66 * 1000 * 1000 // len(log) + 1):
            f.write(log)
        while f.tell() <= 64 << 20:
            f.write(log)
    size = os.path.getsize(big) // 1000000

    text, status = on_terminal(f"--read={big}")
    shown = lines_of(text)
    result(shown and all(re.match(rf"cmsgtrace: \d+ of {size} MB \(\d+%\), \d+ events, \d+ findings?", l) for l in shown),
           "a large file: bytes, events, findings", text)
    result(any(re.search(r", \d+ s left$", l) for l in shown) or len(shown) < 6, "the time left, once it can be told", shown)
    done = [int(re.match(r"cmsgtrace: (\d+)", l).group(1)) for l in shown]
    result(done == sorted(done) and len(done) > 1, "it goes on", done)
    result(text.endswith(CLEAR), "it is gone at the end", text[-200:])
    result(status == 1, "the exit status is the same", status)
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(every)})  # one thread reads and judges
    text, _ = on_terminal(f"--read={big}")
    os.sched_setaffinity(0, every)
    result(len(lines_of(text)) > 1, "on one CPU it is shown, too", text[-200:])
    for width in (1, 2, 20, 200):
        text, _ = on_terminal(f"--read={big}", width=width)
        result(max(map(len, lines_of(text)), default=0) < max(width, 1), f"{width} columns: never wider",
               lines_of(text))
    text, _ = on_terminal(f"--read={big}", narrow=30)
    result(all(len(l) < 30 for l in lines_of(text)[3:]), "a terminal that is made narrower", lines_of(text))
    text, _ = on_terminal(f"--read={big}", "--findings-only", "--color=never", stdout=None, width=2000)
    result(lines_of(text) and not re.search(r"\r[^\r\x1b\n]+\x1b\[K(?!\r)", text),
           "it goes before anything else is written to the terminal", text[:500])
    alone = subprocess.run([CMSGTRACE, f"--read={big}", "--findings-only"], capture_output=True, text=True, check=False, env=ENV)
    result(re.sub(r"\r[^\r\x1b\n]*\x1b\[K", "", text) == alone.stdout, "which is the same as without", text[:500])
    result(alone.stderr == "", "nothing in a pipe", alone.stderr[:500])
    p = subprocess.run([CMSGTRACE, f"--read={big}", "--progress", "-c"], capture_output=True, text=True, check=False, env=ENV)
    result(p.stderr == "", "nothing in a pipe with --progress", p.stderr[:500])
    text, _ = on_terminal(f"--read={big}", term="dumb")
    result(text == "", "nothing on a dumb terminal", text)
    text, _ = on_terminal(f"--read={LOG}")
    result(text == "", "a small file shows none", text)
    text, _ = on_terminal(f"--read={LOG}", "--progress")
    result(lines_of(text) and text.endswith(CLEAR), "--progress: a small one, too", text)

print(f"1..{count}")
sys.exit(failed != 0)
