#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: a request is a request, however it was received and whoever wrote first, and its reply is judged; a client's own conversation
is not; and the summary's table counts what the findings speak of.  Small programs; beside each what is found, and peers, requests and
replies of the socket under test."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Tap, trace  # noqa: E402

# s is the socket under test, c another's.  Both are the program's, so that nothing has to be waited for.
PRELUDE = """
import struct, sys
from socket import *
INFO = lambda spec: struct.pack("i4s4s", 0, inet_aton(spec), bytes(4))
def udp(addr=None, port=0, info=False):
    s = socket(AF_INET, SOCK_DGRAM)
    s.settimeout(30)
    if info: s.setsockopt(0, 8, 1)
    if addr is not None: s.bind((addr, port))
    return s
def fixed(info=False):
    with udp("0.0.0.0") as t: port = t.getsockname()[1]
    return udp("0.0.0.0", port, info)
def asks(addr="127.0.0.2", who=None): (who or c).sendto(b"ask", (addr, s.getsockname()[1]))
def got(flags=0): return s.recvmsg(99, 99, flags)[3]
def told(peer, source="127.0.0.2"): s.sendmsg([b"answer"], [(0, 8, INFO(source))], 0, peer)
c = udp("127.0.0.1")
"""
INFORMED, BLIND, FIXED = "s = udp('0.0.0.0', info=True)\n", "s = udp('0.0.0.0')\n", "s = fixed()\n"
PEEK, FIRST = "asks(); p = got(MSG_PEEK)\n", "s.sendto(b'hello', c.getsockname()); c.recvfrom(9); asks(); p = got()\n"
HOST = "d = udp('127.0.0.1'); s.sendto(b'hello', d.getsockname()); asks(); p = got()\n"
GROUP = "s.setsockopt(0, 32, inet_aton('127.0.0.1')); s.sendto(b'hello', ('239.1.2.3', 9)); asks(); p = got()\n"
ALL = "s.setsockopt(1, SO_BROADCAST, 1); s.sendto(b'hello', ('127.255.255.255', 9)); asks(); p = got()\n"
NAMELESS = "asks(); s.recv(9); p = c.getsockname()\n"
PLAIN, RIGHT = "s.sendto(b'answer', p)\n", "told(p)\n"
CASES = {
    # ---- a request that only MSG_PEEK showed; it counts once
    "peeked": (INFORMED + PEEK + PLAIN, "CT201 error", "1 1 1"),
    "peeked, answered rightly": (INFORMED + PEEK + RIGHT, "", "1 1 1"),
    "peeked, then received": (INFORMED + PEEK + PEEK[8:] + "got()\n" + PLAIN, "CT201 error", "1 1 1"),
    "peeked, answered, then received": (INFORMED + PEEK + PLAIN + "got()\n", "CT201 error", "1 1 1"),
    "peeked, received without its name": (INFORMED + PEEK + "s.recv(9)\n" + PLAIN, "CT201 error", "1 1 1"),
    "peeked without its address, which came later": (INFORMED + "asks(); p = s.recvfrom(9, MSG_PEEK)[1]; got()\n" + PLAIN,
                                                     "CT201 error", "1 1 1"),
    "peeked where nothing tells the address": (BLIND + PEEK + PLAIN, "CT201 warning", "1 1 1"),
    "peeked at each of two": (INFORMED + (PEEK + RIGHT + "got()\n") * 2, "", "1 2 2"),
    "peeked and connected": (INFORMED + PEEK + "s.connect(p); s.recv(9); s.send(b'answer')\n", "CT205 error", "1 1 1"),
    "connected, and asked again at the pinned address": (
        INFORMED + "asks(); s.connect(got()); s.send(b'answer'); asks('127.0.0.1'); s.recv(9); s.send(b'answer')\n",
        "CT205 error", "1 2 2"),
    # ---- we wrote to the peer first, and it asks at another address than we wrote from
    "peer written to first": (INFORMED + FIRST + PLAIN, "CT201 error", "1 1 1"),
    "peer written to first, answered rightly": (INFORMED + FIRST + RIGHT, "", "1 1 1"),
    "peer written to first answers that": (INFORMED + FIRST.replace("asks()", "asks('127.0.0.1')") + PLAIN, "", ""),
    # ---- … or to its host: another of its programs asks
    "host written to first": (INFORMED + HOST + PLAIN, "CT201 error", "1 1 1"),
    "host written to first, answered rightly": (INFORMED + HOST + RIGHT, "", "1 1 1"),
    "host written to first by a socket with a port": (FIXED + HOST + PLAIN, "CT201 warning", "1 1 1"),
    # ---- … or to a group, or to all
    "after a multicast": (INFORMED + GROUP + PLAIN, "CT201 error", "1 1 1"),
    "after a multicast, answered rightly": (INFORMED + GROUP + RIGHT, "", "1 1 1"),
    "after a multicast, nothing tells the address": (BLIND + GROUP + PLAIN, "CT201 warning", "1 1 1"),
    "after a broadcast": (INFORMED + ALL + PLAIN, "CT201 error", "1 1 1"),
    "after a broadcast, answered rightly": (INFORMED + ALL + RIGHT, "", "1 1 1"),
    # ---- received without msg_name: whom the reply answers is not certain
    "nameless": (INFORMED + NAMELESS + PLAIN, "CT201 warning", "1 1 1"),
    "nameless, nothing tells the address": (BLIND + NAMELESS + PLAIN, "CT201 warning", "1 1 1"),
    "nameless, answered rightly": (INFORMED + NAMELESS + RIGHT, "", "1 1 1"),
    "nameless, passed on": (BLIND + NAMELESS + "s.sendto(b'on', ('127.0.0.1', 514))\n", "", "0 1 0"),
    # ---- clients
    "client": ("s = udp()\nfor i in range(3): s.sendto(b'q', c.getsockname()); c.sendto(b'a', c.recvfrom(9)[1]); s.recvfrom(9)\n", "", ""),
    "client that peeks": ("s = udp()\nfor i in range(3):\n s.sendto(b'q', c.getsockname()); c.sendto(b'a', c.recvfrom(9)[1])\n"
                          " s.recvfrom(9, MSG_PEEK); s.recvfrom(9)\n", "", ""),
    "client without names": ("s = udp()\nfor i in range(3): s.sendto(b'q', c.getsockname()); c.sendto(b'a', c.recvfrom(9)[1]); s.recv(9)\n",
                             "", ""),
    "client of TFTP": ("""
s, d = udp(), udp("127.0.0.1")
s.sendto(b"get", c.getsockname()); p = c.recvfrom(9)[1]
for i in range(3): d.sendto(b"block", p); s.sendto(b"ack", s.recvfrom(9)[1]); d.recv(9)
""", "", ""),
    "client of a group, which goes on with who answered": ("""
s = udp(); s.setsockopt(0, 32, inet_aton("127.0.0.1")); s.sendto(b"who", ("239.1.2.3", 9))
asks("127.0.0.1"); p = s.recvfrom(9)[1]
for i in range(3): s.sendto(b"more", p); c.sendto(b"it", c.recvfrom(9)[1]); s.recvfrom(9)
""", "", ""),
    "client with a port that learns its address": ("""
s = fixed(info=True)
for i in range(3): s.sendto(b"q", c.getsockname()); c.sendto(b"a", c.recvfrom(9)[1]); got()
""", "", ""),
    # ---- both directions on one socket
    "forwarder: its clients rightly, its upstream as the route says": ("""
s, u = fixed(info=True), udp("127.0.0.1")
for i in range(3):
    asks(); p = got(); s.sendto(b"q", u.getsockname()); u.sendto(b"a", u.recvfrom(9)[1]); got(); told(p)
""", "", "1 3 3"),
    "forwarder: its clients wrongly": ("""
s, u = fixed(info=True), udp("127.0.0.1")
for i in range(3):
    asks(); p = got(); s.sendto(b"q", u.getsockname()); u.sendto(b"a", u.recvfrom(9)[1]); got(); s.sendto(b"a", p)
""", "CT201 error", "1 3 3"),
    "peers that ask each other": ("""
s = fixed(info=True)
for i in range(3):
    s.sendto(b"poll", c.getsockname()); c.sendto(b"poll", c.recvfrom(9)[1]); got()
    s.sendto(b"answer", c.getsockname()); c.sendto(b"answer", c.recvfrom(9)[1]); got()
""", "", ""),
}


def test_case(name):
    program, want, row = CASES[name]
    run = trace("-C", "--", sys.executable, "-c", PRELUDE + program)
    assert run.status == 0 or want, (run.status, run.text)
    got = sorted({"%s %s" % (f["rule"], f["level"]) for f in run.findings() if f["rule"] != "CT902"})
    assert got == sorted(w for w in want.split(", ") if w), "found %s, expected %s\n%s" % (got, want, run.text)
    rows = [" ".join(m.groups()) for m in re.finditer(r"^ \|  udp4 \S+:\d+ +(\d+) +(\d+) +(\d+) ", run.text, re.M)
            if "127.0.0.1:" not in m.group().split("udp4 ")[1].split()[0] or "connect" in name]
    assert rows == ([row] if row else []), "counted %s, expected %s\n%s" % (rows, row, run.text)
    nameless = "requests received without their sender's name (msg_name): 1\n"
    assert (nameless in run.text) == name.startswith("nameless"), run.text


# Where the remedy has to fit: what the socket has switched on, the call, the peer's family.
DUAL = """
s = socket(AF_INET6, SOCK_DGRAM); s.settimeout(30); s.setsockopt(41, 26, 0)
for o in OPTIONS: s.setsockopt(*o, 1)
s.bind(("::", 0)); asks()
"""
MAPPED = "IPV6_PKTINFO's ipi6_addr, v4-mapped as it came, or its last 4 bytes in IP_PKTINFO's ipi_spec_dst"
REMEDIES = {
    "option off": (BLIND + "asks(); p = s.recvfrom(9)[1]\n" + PLAIN, "enable IP_PKTINFO, receive with recvmsg, and send the address back in "
                   "IP_PKTINFO's ipi_spec_dst, with sendmsg;"),
    "recvfrom": (INFORMED + "asks(); p = s.recvfrom(9)[1]\n" + PLAIN, "IP_PKTINFO is on, but recvfrom throws away what it brings: receive with "
                 "recvmsg, and"),
    "recvmsg without room": (INFORMED + "asks(); p = s.recvmsg(9)[3]; s.sendmsg([b'answer'], [], 0, p)\n", "IP_PKTINFO is on, but recvmsg had no "
                             "room for what it brings: receive with a msg_control that has room, and send the address back in IP_PKTINFO's ipi_spec_dst;"),
    "used": (INFORMED + "asks(); p = got()\n" + PLAIN, "send 127.0.0.2 back in IP_PKTINFO's ipi_spec_dst, with sendmsg, or"),
    "mapped, off": (DUAL.replace("OPTIONS", "[]") + "p = s.recvfrom(9)[1]\n" + PLAIN, "enable IPV6_RECVPKTINFO, receive with recvmsg, and send the "
                    "address back in " + MAPPED),
    "mapped, on": (DUAL.replace("OPTIONS", "[(41, 49)]") + "p = s.recvfrom(9)[1]\n" + PLAIN, "IPV6_RECVPKTINFO is on, but recvfrom throws away"),
    "mapped, used": (DUAL.replace("OPTIONS", "[(41, 49)]") + "p = got()\n" + PLAIN, "send 127.0.0.2 back in " + MAPPED),
    "mapped, IP_PKTINFO on": (DUAL.replace("OPTIONS", "[(0, 8)]") + "p = s.recvfrom(9)[1]\n" + PLAIN, "IP_PKTINFO is on, but recvfrom throws away what"),
}


def test_remedy(name):
    program, words = REMEDIES[name]
    run = trace("--", sys.executable, "-c", PRELUDE + program)
    notes = [n for f in run.findings() if f["rule"] == "CT201" for n in f["notes"] if n.startswith("remedy: ")]
    assert len(notes) == 1 and notes[0].startswith("remedy: " + words), "%s\n%s" % (notes, run.text)


def test_a_rule_of_several_severities_is_counted_by_each():
    program = INFORMED + "for a in ('127.0.0.2', '127.0.0.1', '127.0.0.2'): asks(a, udp('127.0.0.1')); s.sendto(b'a', got())\n"
    run = trace("-C", "--", sys.executable, "-c", PRELUDE + program)
    assert "CT201 error [reply-without-source]: 2 errors, 1 note at 1 place: " in run.text, run.text


tap = Tap()
tap.run(test_a_rule_of_several_severities_is_counted_by_each)
for name_ in REMEDIES:
    tap.run(test_remedy, name_)
for name_ in CASES:
    if len(sys.argv) < 2 or any(w in name_ for w in sys.argv[1:]):
        tap.run(test_case, name_)
sys.exit(tap.done())
