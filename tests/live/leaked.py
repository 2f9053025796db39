#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: CT303 counts each received descriptor that a process neither used nor closed, however many there are and whatever else it
calls, across an exec, dup2, close_range and passing on; with both engines."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Tap, trace  # noqa: E402

PROGRAM = """import ctypes, os, signal, socket, struct, sys
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
def get(n, flags=socket.MSG_CMSG_CLOEXEC):
    socket.send_fds(a, [b"x"], [1] * n)
    data, control, out, peer = b.recvmsg(1, socket.CMSG_LEN(4 * n), flags)
    return struct.unpack("%di" % n, control[0][2])
exec(sys.argv[1])
os._exit(0)
"""
# what it does: how many are left
WAYS = {
    "[get(100) for i in range(3)]": 300,
    "get(8); [signal.signal(s, signal.SIG_DFL) for s in (10, 12)]; os.umask(7); os.getpgid(0)": 8,
    "get(2); os.execv('/bin/true', ['true'])": 0,  # closed by that
    "get(2, 0); os.execv('/bin/true', ['true'])": 2,
    "f = get(1, 0); os.execv('/bin/sh', ['sh', '-c', 'echo x >&%d' % f[0]])": 0,
    "f = get(3); os.closerange(f[0], f[1] + 1)": 1,
    "f = get(3); ctypes.CDLL(None).close_range(f[0], f[2], 4)": 3,  # CLOSE_RANGE_CLOEXEC
    "f = get(3); os.dup2(2, f[0]); os.dup(f[1])": 1,
    "f = get(2); os.close(f[0]); get(1)": 2,
    "f = get(2); socket.send_fds(a, [b'y'], [f[0]])": 1,
    "f = get(2); a.send(b'y')": 2,
}


def test_every_descriptor_that_is_left_is_counted(way, engine):
    run = trace("-e", "check=CT303", "--engine=" + engine, "--", sys.executable, "-c", PROGRAM, way)
    assert run.status == 0, run.text
    left = [int(re.search(r"ended with (\d+) descriptor", f["message"])[1]) for f in run.findings()]
    assert left == [WAYS[way]][:bool(WAYS[way])], run.text


tap = Tap()
for way_ in WAYS:
    for engine_ in "seccomp", "syscall":
        tap.run(test_every_descriptor_that_is_left_is_counted, way_, engine_)
sys.exit(tap.done())
