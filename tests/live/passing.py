#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: passed descriptors that are lost, doubled, forgotten or sent twice are told of with the right numbers, those of that
moment; and done right nothing is told.  With both engines by ptrace."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Tap, trace  # noqa: E402

PROGRAM = """import os, resource, socket, struct, sys
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
NOFILE = resource.RLIMIT_NOFILE

def limit(n):
    resource.setrlimit(NOFILE, (n, resource.getrlimit(NOFILE)[1]))

def send(n, data=b"x", flags=0):
    return socket.send_fds(a, [data], [1] * n, flags)

def get(room, flags=0, keep=False):
    control = b.recvmsg(1 << 20, room, flags | socket.MSG_CMSG_CLOEXEC)[1]
    fds = [fd for _, _, data in control for fd, in struct.iter_unpack("i", data[:len(data) & ~3])]
    if not keep:
        [os.close(fd) for fd in fds]
    return fds

space = socket.CMSG_SPACE
opened = len(os.listdir("/proc/self/fd")) - 1
exec(sys.argv[1])
"""
# 300 descriptors, and how many more this process may open
MANY = """[send(100) for i in range(3)]
limit(%s)
fds = [fd for i in range(3) for fd in get(space(400), keep=True)]
limit(1000)
[os.close(fd) for fd in fds]
print(opened, len(fds))
"""
# a socket that takes part of a large message, and descriptors with that; then what is left
SHORT = """a.setblocking(False)
data = b"x" * (4 << 20)
n = send(2, data)
while n < len(data):
    get(space(8))
    try: n += %s
    except BlockingIOError: pass
get(space(8))
"""


def told(engine, program, *rules):
    """[(rule, message with its notes)] of a run of the program, and what it printed"""
    run = trace("-e", "check=" + ",".join(rules), "--engine=" + engine, "--", sys.executable, "-c", PROGRAM, program)
    assert run.status == 0, run.text + run.out
    return [(f["rule"], "\n".join([f["message"]] + f["notes"])) for f in run.findings()], run.out


def has(found, rule, *texts):
    of_rule = [text for its, text in found if its == rule]
    assert len(of_rule) == len(found) == 1, found
    for text in texts:
        assert re.search(text, of_rule[0]), (text, of_rule[0])


def silent(engine, program, *rules):
    found, _ = told(engine, program, *rules)
    assert not found, found


def test_300_descriptors_where_64_may_be_open(engine):
    found, out = told(engine, MANY % "64", "CT301", "CT303", "CT401")
    opened, arrived = map(int, out.split())
    assert opened + arrived == 64, out
    has(found, "CT301", "100 descriptors sent and %d descriptors arrived" % arrived,
        "the process may open no more: 64 descriptors are open, RLIMIT_NOFILE is 64")
    silent(engine, MANY % "1000", "CT301", "CT303", "CT401")


def test_a_buffer_for_two_of_three(engine):
    found, _ = told(engine, "send(3); get(space(4))", "CT301", "CT303", "CT401")
    has(found, "CT301", "3 descriptors sent and 2 descriptors arrived", "msg_controllen is 24, which has room for 2 descriptors")
    silent(engine, "send(3); get(space(12))", "CT301", "CT303", "CT401")


def test_peeked_descriptors(engine):
    found, _ = told(engine, "send(3); get(space(12), socket.MSG_PEEK); get(space(12))", "CT301", "CT303", "CT308")
    has(found, "CT308", "3 descriptors")
    silent(engine, "send(3); b.recv(1, socket.MSG_PEEK); get(space(12))", "CT303", "CT308")


def test_forgotten_descriptors(engine):
    found, _ = told(engine, "send(3); get(space(12), keep=True)", "CT301", "CT303")
    has(found, "CT303", "ended with 3 descriptors")
    silent(engine, "send(3); get(space(12))", "CT301", "CT303")


def test_descriptors_sent_again_after_a_short_write(engine):
    found, _ = told(engine, SHORT % "send(2, data[n:])", "CT301", "CT303", "CT304")
    has(found, "CT304", r"2 descriptors; the send before took \d+ of 4194304 bytes with them")
    silent(engine, SHORT % "a.send(data[n:])", "CT301", "CT303", "CT304")


tap = Tap()
for engine_ in "seccomp", "syscall":
    for test in (test_300_descriptors_where_64_may_be_open, test_a_buffer_for_two_of_three, test_peeked_descriptors,
                 test_forgotten_descriptors, test_descriptors_sent_again_after_a_short_write):
        tap.run(test, engine_)
sys.exit(tap.done())
