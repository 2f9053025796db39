#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: the room for control data that CT401 (or CT301) advises is enough, and a byte less is not: a program receives with too
little under cmsgtrace, then without it with what was advised, and with a byte less; and every message that is missing is named."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Skip, Tap, trace  # noqa: E402

# Each leaves a socket to receive from in r; IP options that exist are all switched on by on().
HEAD = """import os, struct, sys, time
from socket import *
room = int(sys.argv[1])
flags = MSG_DONTWAIT
def on(s, level, *options):
    for o in options: s.setsockopt(level, o, 1)
def pair(family, address):
    r = socket(family, SOCK_DGRAM); r.bind((address, 0))
    return r, socket(family, SOCK_DGRAM)
def gone(family, address, level):
    c, s = pair(family, address); c.connect(s.getsockname()[:2] if s.bind((address, 0)) is None else 0); s.close()
    on(c, level, IP_RECVERR if level == IPPROTO_IP else 25)
    return c
IP_RECVERR = 11
V4 = 8, 12, 13, 20          # IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVORIGDSTADDR
V6 = 49, 51, 66, 74, 2, 8   # IPV6_RECVPKTINFO, -HOPLIMIT, -TCLASS, -ORIGDSTADDR, 2292PKTINFO, 2292HOPLIMIT
"""
TAIL = """
time.sleep(.05)
try: data, control, out, peer = r.recvmsg(200, room, flags)
except OSError as e: print(e); sys.exit(77)
for level, type, payload in control:
    if (level, type) == (SOL_SOCKET, SCM_RIGHTS): [os.close(fd) for fd, in struct.iter_unpack("i", payload[:len(payload) & ~3])]
print("cut" if out & MSG_CTRUNC else "whole")
"""
# name: (program, room to begin with, what is named as lost)
PROGRAMS = {
    "IPv4, all options and a timestamp": ("""
r, s = pair(AF_INET, "127.0.0.1"); on(r, IPPROTO_IP, *V4); on(r, SOL_SOCKET, 35); s.sendto(b"x", r.getsockname())
""", 40, ["IP_PKTINFO", "IP_TTL", "IP_TOS", "IP_ORIGDSTADDR"]),
    "IPv6, all options and a timestamp": ("""
r, s = pair(AF_INET6, "::1"); on(r, IPPROTO_IPV6, *V6); on(r, IPPROTO_IP, *V4); on(r, SOL_SOCKET, 29, 75)
s.sendto(b"x", r.getsockname())
""", 0, ["SCM_TIMESTAMP", "SO_MARK", "IPV6_PKTINFO", "IPV6_HOPLIMIT", "IPV6_TCLASS", "IPV6_2292PKTINFO",
        "IPV6_2292HOPLIMIT", "IPV6_ORIGDSTADDR"]),
    "an IPv4 packet on an IPv6 socket": ("""
r, s = pair(AF_INET6, "::"); on(r, IPPROTO_IPV6, *V6); on(r, IPPROTO_IP, *V4)
s = socket(AF_INET, SOCK_DGRAM); s.sendto(b"x", ("127.0.0.1", r.getsockname()[1]))
""", 20, ["IPV6_PKTINFO", "IP_PKTINFO", "IP_TTL", "IP_TOS", "IP_ORIGDSTADDR"]),
    "IP options of 40 bytes": ("""
r, s = pair(AF_INET, "127.0.0.1"); on(r, IPPROTO_IP, 8, 6, 7)
s.setsockopt(IPPROTO_IP, 4, bytes((7, 39, 4)) + bytes(37)); s.sendto(b"x", r.getsockname())
""", 60, ["IP_RECVOPTS"]),
    "the error queue, an ICMP error": ("""
r = gone(AF_INET, "127.0.0.1", IPPROTO_IP); on(r, IPPROTO_IP, *V4); on(r, SOL_SOCKET, 29); r.send(b"question"); flags |= MSG_ERRQUEUE
""", 80, ["IP_TTL", "IP_TOS", "IP_RECVERR"]),
    "the error queue, an ICMPv6 error": ("""
r = gone(AF_INET6, "::1", IPPROTO_IPV6); on(r, IPPROTO_IPV6, 49, 51, 66); r.send(b"question"); flags |= MSG_ERRQUEUE
""", 24, ["IPV6_PKTINFO", "IPV6_HOPLIMIT", "IPV6_TCLASS", "IPV6_RECVERR"]),
    "the error queue of an IPv6 socket, an ICMP error": ("""
l = socket(AF_INET, SOCK_DGRAM); l.bind(("127.0.0.1", 0)); r = socket(AF_INET6, SOCK_DGRAM)
r.connect(("::ffff:127.0.0.1", l.getsockname()[1])); l.close(); on(r, IPPROTO_IP, 8, 11, 12); on(r, IPPROTO_IPV6, 25, 49, 51)
r.send(b"question"); flags |= MSG_ERRQUEUE
""", 40, ["IP_PKTINFO", "IP_TTL", "IPV6_RECVERR"]),
    "the error queue, no room at all": ("""
r = gone(AF_INET, "127.0.0.1", IPPROTO_IP); on(r, IPPROTO_IP, *V4); r.send(b"question"); flags |= MSG_ERRQUEUE
""", 0, ["IP_RECVERR"]),
    "the error queue, a transmit timestamp": ("""
s, r = pair(AF_INET, "127.0.0.1"); on(r, IPPROTO_IP, *V4); r.setsockopt(SOL_SOCKET, 37, 2 | 16 | 2048); flags |= MSG_ERRQUEUE
r.sendto(b"x", s.getsockname())
""", 64, ["IP_RECVERR"]),
    "software timestamps": ("""
r, s = pair(AF_INET, "127.0.0.1"); r.setsockopt(SOL_SOCKET, 37, 8 | 16); on(r, SOL_SOCKET, 64); on(r, IPPROTO_IP, 8)
time.sleep(.2); s.sendto(b"x", r.getsockname())
""", 32, ["SCM_TIMESTAMPING_NEW", "IP_PKTINFO"]),
    "a stream's timestamps": ("""
l = create_server(("127.0.0.1", 0)); s = create_connection(l.getsockname()); r, _ = l.accept()
r.setsockopt(SOL_SOCKET, 37, 8 | 16); on(r, SOL_SOCKET, 35); on(r, IPPROTO_TCP, 36); time.sleep(.2); s.send(b"x")
""", 48, ["SCM_TIMESTAMPING", "TCP_CM_INQ"]),
    "five descriptors": ("""
s, r = socketpair(AF_UNIX, SOCK_DGRAM); send_fds(s, [b"x"], [2] * 5)
""", 24, []),
    "five descriptors, credentials and a timestamp": ("""
s, r = socketpair(AF_UNIX, SOCK_SEQPACKET); on(r, SOL_SOCKET, SO_PASSCRED, 29); send_fds(s, [b"x"], [2] * 5)
""", 64, []),
    "as many descriptors as there may be": ("""
s, r = socketpair(AF_UNIX, SOCK_STREAM); send_fds(s, [b"x"], [2] * 253)
""", 24, []),
    "bytes that are left (SCM_INQ)": ("""
s, r = socketpair(AF_UNIX, SOCK_STREAM)
try: on(r, SOL_SOCKET, 84)
except OSError as e: print(e); sys.exit(77)
send_fds(s, [b"x"], [2])
""", 24, ["SCM_INQ"]),
    "a process's descriptor (SCM_PIDFD)": ("""
s, r = socketpair(AF_UNIX, SOCK_DGRAM)
try: on(r, SOL_SOCKET, SO_PASSCRED, 76)
except OSError as e: print(e); sys.exit(77)
s.send(b"x")
""", 32, ["SCM_PIDFD"]),
    "netlink: its own before credentials": ("""
r = socket(AF_NETLINK, SOCK_RAW, 0); on(r, 270, 3); on(r, SOL_SOCKET, SO_PASSCRED)
r.send(struct.pack("IHHIIBxxx", 20, 18, 0x301, 1, 0, 0))
""", 24, ["SCM_CREDENTIALS"]),
}


def receive(program, room):
    run = subprocess.run([sys.executable, "-c", program, str(room)], capture_output=True, text=True, timeout=20, check=False)
    if run.returncode == 77:
        raise Skip(run.stdout.strip().splitlines()[-1])
    assert run.returncode == 0, run.stderr
    return run.stdout.strip().splitlines()[-1]


def test_what_is_advised_is_enough_and_a_byte_less_is_not(name):
    program, room, lost = PROGRAMS[name]
    program = HEAD + program + TAIL
    run = trace("-e", "check=CT301,CT401", "--", sys.executable, "-c", program, str(room))
    if run.status == 77:
        raise Skip(run.out.strip().splitlines()[-1])
    assert len(run.findings()) == 1, run.text + run.out
    finding, = run.findings()
    notes = "\n".join(finding["notes"])
    for message in lost:
        assert re.search(r"lost or cut: .*\b%s\b" % message, notes), notes
    assert not lost or notes.split("lost or cut: ")[1].split("\n")[0].count(",") == len(lost) - 1, notes
    needs = re.search(r"needs .* = (\d+) bytes(?: \((\d+) without)?", notes)
    advised, least = int(needs[1]), int(needs[2] or needs[1])
    often = re.search(r"(\d+) bytes are enough for all", notes)
    if often and receive(program, advised) == "cut":  # what comes at times came
        advised = least = int(often[1])
        least -= 7  # padding: which is last isn't said
        assert any(receive(program, least + k) == "whole" for k in range(8)), notes
        assert receive(program, advised - 8) == "cut", notes
        return
    assert receive(program, advised) == "whole", notes
    assert receive(program, least) == "whole", notes
    assert receive(program, least - 1) == "cut", notes


PASSING = """import os, resource, socket, sys
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
if sys.argv[1] == "apart":
    if not os.fork():
        socket.send_fds(a, [b"x"], [2] * 3); os._exit(0)
    os.wait()
else:
    socket.send_fds(a, [b"x"], [2] * 3)
if sys.argv[1] == "limit": resource.setrlimit(resource.RLIMIT_NOFILE, (7, 7))
if sys.argv[1] == "recv": b.recv(9)
else: b.recvmsg(9, 64 if sys.argv[1] == "limit" else 24)
"""


def passing(how):
    finding, = trace("-e", "check=CT301,CT401", "--", sys.executable, "-c", PASSING, how).findings()
    assert finding["rule"] == "CT301", finding
    return finding["message"], "\n".join(finding["notes"])


def test_lost_descriptors_are_counted_and_have_the_cause_of_that_moment():
    for how in "buffer", "apart":
        message, notes = passing(how)
        assert "3 descriptors sent and 2 descriptors arrived" in message, message
        assert "cause: msg_controllen is 24, which has room for 2 descriptors" in notes, notes
    message, notes = passing("limit")
    assert "3 descriptors sent and 2 descriptors arrived" in message, message
    assert "cause: the process may open no more: 7 descriptors are open, RLIMIT_NOFILE is 7" in notes, notes
    message, notes = passing("recv")
    assert "3 descriptors sent and none arrived" in message, message
    assert "no control data" in notes, notes


tap = Tap()
tap.run(test_lost_descriptors_are_counted_and_have_the_cause_of_that_moment)
for name_ in PROGRAMS:
    tap.run(test_what_is_advised_is_enough_and_a_byte_less_is_not, name_)
sys.exit(tap.done())
