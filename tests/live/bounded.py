#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what a live run takes of memory is bounded, whatever the program maps or waits for: symbol tables of 200 MB in each of ten
libraries, a vector of two million messages, threads that wait in calls of 16 messages with 1,024
buffers and 64 KiB of control data.  And what a thread has is
shown where the leader of its process has ended."""
import os
import re
import shlex
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, CMSGTRACE, Skip, Tap, need, sanitized, trace, within  # noqa: E402

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
THREADS = 200
WAITING_MB = 150 if sanitized() else 64  # each took 0.75 MB
WAITS = """import ctypes, os, socket, sys, threading
libc = ctypes.CDLL(None)
call, threads, messages, words = sys.argv[1], int(sys.argv[2]), 16, 8
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
a.setblocking(False)
try:
    while call == "sendmmsg":
        a.send(bytes(1 << 16))
except BlockingIOError:
    pass
a.setblocking(True)
data, control = ctypes.create_string_buffer(1 << 20), ctypes.create_string_buffer(1 << 16)
vector = (ctypes.c_uint64 * 2048)(*(w for i in range(1024) for w in (ctypes.addressof(data) + i * 1024, 1024)))
headers = (ctypes.c_uint64 * (1024 * words))()
for i in range(messages):
    headers[i * words:(i + 1) * words] = [0, 0, ctypes.addressof(vector), 1024, ctypes.addressof(control), 65536 if i else 0, 0, 0]
def waits(tid):
    with open(f"/proc/self/task/{tid}/stat") as f, open(f"/proc/self/task/{tid}/syscall") as g:
        arguments = [hex(a.fileno()), hex(ctypes.addressof(headers))]
        return f.read().rpartition(")")[2].split()[0] == "S" and g.read().split()[1:3] == arguments
threading.stack_size(65536)
todo = [threading.Thread(target=getattr(libc, call), args=(a.fileno(), headers, messages if call == "sendmmsg" else 1024, 0, None))
        for _ in range(threads)]
for t in todo:
    t.start()
    while not waits(t.native_id):
        pass
print("all wait", flush=True)
sys.stdin.readline()
a.shutdown(socket.SHUT_RDWR)
for t in todo:
    t.join()
os._exit(6)
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


VECTOR_MB = 150 if sanitized() else 64  # 2.2 GB, once
VECTOR = """import ctypes, mmap, socket
libc = ctypes.CDLL(None)
n = 2_000_000  # empty messages; the kernel takes 1,024 of them
room = mmap.mmap(-1, n * 64)
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
b.setblocking(False)
v = ctypes.addressof(ctypes.c_char.from_buffer(room))
assert 0 < libc.sendmmsg(a.fileno(), ctypes.c_void_p(v), n, 0x40) <= 1024
assert 0 < libc.recvmmsg(b.fileno(), ctypes.c_void_p(v), n, 0x40, None) <= 1024
"""


def test_a_vector_of_two_million_messages():
    """As the kernel does, no more than 1,024 of them are looked at."""
    for engine in "seccomp", "syscall":
        process = subprocess.Popen([CMSGTRACE, f"--engine={engine}", "-e", "check=none", "-o", os.devnull, "--", sys.executable, "-c", VECTOR])
        with within(120):
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, process.returncode
        print(f"# a vector of 2,000,000 messages, {engine}: {usage.ru_maxrss >> 10} MB", flush=True)
        assert usage.ru_maxrss >> 10 < VECTOR_MB, f"{usage.ru_maxrss >> 10} MB"


def waiting(call, engine):
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        argv = [CMSGTRACE, f"--engine={engine}", "-o", log, "--", sys.executable, "-c", WAITS, call, str(THREADS)]
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            with within(120):
                assert process.stdout.readline() == "all wait\n"
                with open(f"/proc/{process.pid}/status", encoding="ascii", errors="replace") as f:
                    mb = int(re.search(r"VmHWM:\s*(\d+)", f.read())[1]) >> 10
                process.communicate("end\n")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        with open(log, encoding="utf-8") as f:
            text = f.read()
    print(f"# {call}, {engine}: {mb} MB", flush=True)
    assert process.returncode == 6, process.returncode
    assert mb < WAITING_MB, f"{mb} MB"
    return [line[-200:] for line in text.splitlines() if f"{call}(" in line or f"{call} resumed" in line]


def test_threads_that_wait():
    for engine in "seccomp", "syscall":
        lines = waiting("sendmmsg", engine)
        assert sum("EPIPE" in line for line in lines) == THREADS, lines[-3:]
        lines = waiting("recvmmsg", engine)
        assert sum(line.endswith("= 1024") for line in lines) == THREADS, lines[-3:]


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
