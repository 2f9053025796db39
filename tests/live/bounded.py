#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what a live run takes of memory is bounded, whatever the program maps or waits for: symbol tables of 200 MB in each of ten
libraries.  And what a thread has is shown where the leader of its process has ended."""
import os
import re
import shlex
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, CMSGTRACE, Skip, Tap, need, trace  # noqa: E402

TABLE = 200 << 20  # bytes of symbols, none of which is one
LIBRARIES = 10
MOST_MB = 900  # half of what they were read into; what a run under a sanitizer takes besides is less than that
SENDS = """#include <sys/socket.h>
long send_by_%d(int s, struct msghdr *m) { return sendmsg(s, m, 0); }
"""
PROGRAM = """import ctypes, socket, sys
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
header = (ctypes.c_char * 56)()
for i, name in enumerate(sys.argv[1:]):
    getattr(ctypes.CDLL(name), "send_by_%d" % i)(a.fileno(), header)
"""


def blow_up(path):
    """Gives the file a symbol table of TABLE bytes, all of them zero, in a hole at its end."""
    with open(path, "r+b") as f:
        head = f.read(64)
        if head[4] != 2:
            raise Skip("no 64-bit programs")
        shoff, = struct.unpack_from("<Q", head, 40)
        size, count = struct.unpack_from("<HH", head, 58)
        end = (os.fstat(f.fileno()).st_size + 4095) & ~4095
        for i in range(count):
            f.seek(shoff + i * size)
            section = bytearray(f.read(size))
            if struct.unpack_from("<I", section, 4)[0] != 2:  # SHT_SYMTAB
                continue
            struct.pack_into("<QQ", section, 24, end, TABLE // 24 * 24)
            f.seek(shoff + i * size)
            f.write(section)
            f.truncate(end + TABLE)
            return
    raise AssertionError("no symbol table")


def test_ten_libraries_with_symbol_tables_of_200_MB():
    compiler = shlex.split(os.environ.get("CC") or need("cc"))
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for i in range(LIBRARIES):
            names.append(os.path.join(folder, f"lib{i}.so"))
            subprocess.run([*compiler, "-shared", "-fPIC", "-xc", "-", "-o", names[-1]], input=SENDS % i, text=True, check=True)
            blow_up(names[-1])
        process = subprocess.Popen([CMSGTRACE, "-k", "-o", os.path.join(folder, "log"), "--", sys.executable, "-c", PROGRAM, *names])
        _, status, usage = os.wait4(process.pid, 0)
        with open(os.path.join(folder, "log"), encoding="utf-8") as f:
            text = f.read()
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0 and text.count("sendmsg(") >= LIBRARIES, text
    assert all(f"/lib{i}.so(" in text for i in range(LIBRARIES)), text  # each has its frame
    assert usage.ru_maxrss >> 10 < MOST_MB, f"{usage.ru_maxrss >> 10} MB"


def test_paths_where_the_leader_has_ended():
    for engine in "seccomp", "syscall":
        run = trace("-y", f"--engine={engine}", "--", os.path.join(BUILD, "tests/live/torture"), "leader-ends")
        sends = re.findall(r"\bsendmsg\((\d+)(<socket:\[\d+\]>)?", run.text)
        assert run.status == 7 and len(sends) == 15 and all(path for _, path in sends), run.text


tap = Tap()
for name, test in list(globals().items()):
    if name.startswith("test_"):
        tap.run(test)
tap.done()
