#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: one cause has one voice.  Thousands of random messages, at right and wrong levels, sizes and values, on many kinds of sockets, are
sent to the running kernel, each from a function of its own, so that none is a repetition.  Two findings of one message are a pair of PAIRS
below, which says why both speak, or the test fails and names seed and message.  CMSGTRACE_SEED=N: that seed in place of three fixed ones."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import SHORT, Tap, trace  # noqa: E402

# Who speaks beside whom, of one control message or of the message as a whole, and what each adds.
CHECK = "CT108 names the kernel's check and the bytes, the other the mistake: of the same control message, with the same errno"
PAIRS = {
    ("CT102", "CT108"): CHECK,
    ("CT103", "CT108"): CHECK,
    ("CT104", "CT108"): CHECK,
    ("CT105", "CT108"): CHECK,
    ("CT105", "CT305"): "two mistakes: a descriptor too many, and none of them arrives",
    ("CT108", "CT203"): CHECK,
    ("CT108", "CT208"): CHECK,
    ("CT108", "CT501"): CHECK,
    ("CT108", "CT701"): CHECK,
}
PROGRAM = r"""
import random, sys, os, struct
from socket import *
rnd = random.Random(int(sys.argv[1]))
def socks():
    out = []
    def add(make):
        try: out.append(make())
        except OSError: pass
    def udp(family, addr, *options):
        s = socket(family, SOCK_DGRAM)
        for o in options: s.setsockopt(*o, 1)
        s.bind((addr, 0))
        return s, (("127.0.0.1", 9) if family == AF_INET else (rnd.choice(["::1", "::ffff:127.0.0.1"]), 9))
    add(lambda: udp(AF_INET, "0.0.0.0"))
    add(lambda: udp(AF_INET, "127.0.0.2"))
    add(lambda: udp(AF_INET6, "::"))
    add(lambda: udp(AF_INET6, "::1"))
    def tcp():
        l = create_server(("127.0.0.1", 0)); c = create_connection(l.getsockname()); keep.append((l, l.accept()))
        return c, None
    add(tcp)
    for t in (SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET):
        def pair(t=t):
            a, b = socketpair(AF_UNIX, t); keep.append(b)
            return a, None
        add(pair)
    add(lambda: (socket(AF_NETLINK, SOCK_RAW, 0), (0, 0)))
    add(lambda: (socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), ("127.0.0.1", 0)))
    return out
keep = []
LEVELS = [0, 1, 6, 17, 41, 58, 0xffff, 255, 132, 270, 282]
TYPES = [1, 2, 3, 6, 7, 8, 11, 12, 19, 20, 29, 36, 37, 42, 50, 49, 52, 57, 59, 61, 66, 67, 103, 104, 77]
def payload():
    k = rnd.randrange(12)
    if k == 0: return struct.pack("i4s4s", rnd.choice([0, 0, 1, 99]), inet_aton(rnd.choice(["0.0.0.0", "127.0.0.2", "192.0.2.9", "127.255.255.255", "224.0.0.1"])), bytes(4))
    if k == 1: return inet_pton(AF_INET6, rnd.choice(["::", "::1", "2001:db8::9", "::ffff:127.0.0.2", "ff02::1", "fe80::1"])) + struct.pack("i", rnd.choice([0, 1, 99]))
    if k == 2: return struct.pack("i", rnd.choice([0, 1, 2, 255, 256, -1, 12345]))
    if k == 3: return struct.pack("iII", rnd.choice([os.getpid(), 1, 0]), rnd.choice([os.getuid(), 12345, 0xffffffff]), os.getgid())
    if k == 4: return struct.pack("H", rnd.choice([0, 1, 100, 1400, 65535]))
    if k == 5: return struct.pack("Q", rnd.randrange(1 << 62))
    if k == 6: return bytes([rnd.choice([0, 1, 64, 255])])
    if k == 7: return struct.pack("iI", 1, 0)
    return bytes(rnd.choice([0, 1, 2, 3, 4, 8, 12, 16, 20, 24, 32]))
def control():
    n = rnd.choice([1, 1, 1, 2, 3])
    good = [(0, 8), (0, 1), (0, 2), (41, 50), (41, 52), (41, 67), (1, 1), (1, 2), (1, 36), (1, 61), (17, 103), (1, 37), (0, 7)]
    return [((rnd.choice(good) if rnd.random() < 0.6 else (rnd.choice(LEVELS), rnd.choice(TYPES))) + (payload(),)) for i in range(n)]
SIZES = [0, 1, 5, 100, 1500, 4000]
n = int(sys.argv[2])
for i in range(n):
    if i % 50 == 0:
        for k in keep: 
            for s in (k if isinstance(k, tuple) else (k,)):
                for x in (s if isinstance(s, tuple) else (s,)):
                    if isinstance(x, socket): x.close()
        keep.clear()
        all_ = socks()
    s, to = rnd.choice(all_)
    s.setblocking(False)
    scope = {}
    exec("def message_%d(s, *a):\n s.sendmsg(*a)\n" % i, scope)
    try: scope["message_%d" % i](s, [bytes(rnd.choice(SIZES))], control(), 0, *([to] if to else []))
    except (OSError, OverflowError): pass
"""


def test_no_two_findings_of_one_message_but_those_listed(seed, n):
    run = trace("--", sys.executable, "-c", PROGRAM, str(seed), str(n), timeout=120)
    assert run.status in (0, 9), (run.status, run.text[-2000:])
    by = {}
    for f in run.findings():
        if "event" in f:
            by.setdefault((f["event"], f.get("msg", 0)), []).append(f)
    pairs = {}
    for all_ in by.values():
        for i, a in enumerate(all_):
            for b in all_[i + 1:]:
                # of two control messages each may have its own
                if a["rule"] == b["rule"] or None not in (a.get("cmsg"), b.get("cmsg")) and a["cmsg"] != b["cmsg"]:
                    continue
                pairs.setdefault(tuple(sorted((a["rule"], b["rule"]))), []).append((a, b))
    print("# seed %d: %d messages with findings; pairs: %s" % (seed, len(by), {k: len(v) for k, v in sorted(pairs.items())}))
    assert len(by) > n / 4, len(by)
    bad = {k: [p for p in v if k not in PAIRS or not agree(*p)] for k, v in pairs.items()}
    bad = {k: v for k, v in bad.items() if v}
    assert not bad, "\n".join("%s (event %d)\n   %s\n   %s" % (k, a["event"], (a["message"], a["notes"]), (b["message"], b["notes"]))
                              for k, v in bad.items() for a, b in v[:3])


def agree(a, b):
    """Do they speak of one control message, and of one errno where both name it?"""
    errnos = [set(re.findall(r"\bE[A-Z]{3,}\b", f["message"])) for f in (a, b)]
    return a.get("cmsg") == b.get("cmsg") and (not all(errnos) or bool(errnos[0] & errnos[1]))


tap = Tap()
for seed_ in [int(os.environ["CMSGTRACE_SEED"])] if "CMSGTRACE_SEED" in os.environ else range(1, 4):
    tap.run(test_no_two_findings_of_one_message_but_those_listed, seed_, 300 if SHORT else 1500)
sys.exit(tap.done())
