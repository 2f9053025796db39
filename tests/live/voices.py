#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: one cause has one voice.  Every rule answers questions about a message, and all pairs of rules that can speak of one message
follow from the table below: of one question the first that knows the answer speaks alone, or each of its findings is a mistake of its own
(EACH); of two questions both may speak, and say nothing that differs.  Thousands of random messages, right and wrong (sweep.py), are sent,
received and answered; two findings of one of them are a pair that the table lets stand, or the test fails and names seed and message.
CMSGTRACE_SEED=N: that seed in place of three fixed ones."""
import collections
import itertools
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import CMSGTRACE, SHORT, Tap, trace  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.environ.get("srcdir", ".")
EACH = "each"
# moment: question: (who answers it, the last being for want of another; EACH: every answer is another mistake)
TABLE = {
    "a send that was refused": {
        "why was it refused?": "CT102 CT103-refused CT104 CT105-refused CT106-refused CT107 CT203-refused CT208-refused CT302-refused "
                               "CT409 CT501 CT701-refused CT108",
        "what else does nothing?": "CT101 CT103",
        "how does the buffer lie?": "CT109 CT110",
    },
    "a send that left": {
        "where does it leave from?": "CT202 CT204 CT205 CT206 CT208 CT201",
        "by which interface?": "CT203 CT207",
        "what does a control message do?": "CT101 CT103 CT111 CT112 CT113 CT115 CT306 CT502 CT504",
        "what becomes of descriptors?": ("CT105 CT302 CT304 CT305", EACH),
        "who hears the credentials?": "CT701",
        "how does the buffer lie?": ("CT106 CT109 CT110", EACH),
        "what of the vector before?": "CT114",
    },
    "a receive": {
        "what was cut?": "CT301 CT503 CT401",
        "why is the buffer too small?": "CT403-control CT401",
        "why does the address not fit?": "CT403-name CT407",
        "how much of the data is gone?": "CT408",
        "what do the descriptors do?": ("CT307 CT308", EACH),
        "what did not come?": "CT402",
        "how does the time come?": "CT405",
        "who sent it?": "CT702 CT703",
    },
}
# of a process, a socket or the run: what happened to many messages, or to none
OF_NO_MESSAGE = "CT303 CT406 CT601 CT901 CT902".split()
# The second is the first's consequence, and names it.
NAMES = {("CT101", "CT201"): r"because control message \d+ is ignored \(CT101\)",
         ("CT103", "CT201"): r"because control message \d+ is ignored \(CT103\)"}


def voices():
    for moment, questions in TABLE.items():
        for question, who in questions.items():
            names, each = (who[0], True) if isinstance(who, tuple) else (who, False)
            yield moment, question, names.split(), each


def pairs():
    """{moment: {(voice, voice): the one that speaks, or None where both do}}"""
    out = collections.defaultdict(dict)
    for (moment, _, a, each), (moment2, _, b, _) in itertools.combinations_with_replacement(list(voices()), 2):
        if moment != moment2:
            continue
        for p in itertools.combinations(a, 2) if a is b else itertools.product(a, b):
            one = a is b and not each
            if p[0] != p[1]:
                out[moment].setdefault(tuple(sorted(p)), p[0] if one else None)
                if one:
                    out[moment][tuple(sorted(p))] = p[0]
    return out


def voice(f):
    """The rule, and which of its two questions it answers."""
    if f["rule"] == "CT403":
        return "CT403-control" if f["message"].startswith("msg_controllen") else "CT403-name"
    refused = f["rule"] + "-refused"
    said = " ".join([f["message"]] + f.get("notes", []))
    return refused if refused in TABLE["a send that was refused"]["why was it refused?"] and " fails with " in said or \
        "makes the send fail" in said and f["rule"] == "CT103" else f["rule"]


def test_every_rule_has_its_place_among_the_others():
    listed = subprocess.run([CMSGTRACE, "--list-rules"], check=True, capture_output=True, text=True, timeout=60).stdout
    rules = {line.split()[0] for line in listed.splitlines() if line.startswith("CT")}
    placed = {v[:5] for _, _, who, _ in voices() for v in who} | set(OF_NO_MESSAGE)
    assert rules == placed, (rules - placed, placed - rules)
    for moment, all_ in pairs().items():
        print("# %s: %d pairs, of %d one speaks" % (moment, len(all_), sum(v is not None for v in all_.values())))


def test_what_situations_give_is_what_the_table_says():
    """tests/rules/expected lists all that each situation gives."""
    both = {p for all_ in pairs().values() for p, one in all_.items() if one is None}
    with open(os.path.join(SRC, "tests", "rules", "expected"), encoding="utf-8") as f:
        for line in f:
            found = set() if line.startswith("#") else set(re.findall(r"CT\d+", line.partition(":")[2]))
            for p in itertools.combinations(sorted(found - set(OF_NO_MESSAGE)), 2):
                assert p in both, (line, p)


def agree(a, b):
    """Two findings that may stand beside each other: do they name one errno, and the same addresses?"""
    errnos = [set(re.findall(r"\bE[A-Z]{3,}\b", f["message"])) for f in (a, b)]
    names = NAMES.get(tuple(sorted((a["rule"], b["rule"]))))
    return not ((all(errnos) and not errnos[0] & errnos[1]) or
                any(a.get(k) and b.get(k) and a[k] != b[k] for k in ("asked", "from")) or
                (names and not any(re.search(names, n) for f in (a, b) for n in f.get("notes", []))))


def test_no_two_findings_of_one_message_name_two_causes(what, seed, n):
    run = trace("--", sys.executable, os.path.join(HERE, "sweep.py"), what, str(seed), str(n), timeout=300)
    assert run.status in (0, 9), (run.status, run.text[-2000:])
    allowed = {p for all_ in pairs().values() for p, one in all_.items() if one is None}
    by, found, bad = collections.defaultdict(list), collections.Counter(), []
    for f in run.findings():
        if "event" in f and f["rule"] not in OF_NO_MESSAGE:
            by[(f["event"], f.get("msg", 0))].append(f)
    for all_ in by.values():
        for a, b in itertools.combinations(all_, 2):
            # of two control messages each may have its own
            if voice(a) == voice(b) or None not in (a.get("cmsg"), b.get("cmsg")) and a["cmsg"] != b["cmsg"]:
                continue
            p = tuple(sorted((voice(a), voice(b))))
            found[p] += 1
            if p not in allowed or not agree(a, b):
                bad.append("%s (event %d)\n   %s\n   %s" % (p, a["event"], (a["message"], a["notes"]), (b["message"], b["notes"])))
    print("# %s, seed %d: %d messages with findings of %d rules; beside each other: %s"
          % (what, seed, len(by), len(run.rules()), " ".join("%s+%s:%d" % (*p, k) for p, k in sorted(found.items()))))
    assert len(by) > n / 8, len(by)
    assert not bad, "\n".join(bad[:5])


# Both would have something to say of one message: who does.
WHO = {
    "CT503, not CT401: what was cut": ("s = udp('127.0.0.1', [(17, 104, 1), (0, 8, 1)]); c.sendto(b'q', s.getsockname()); s.recvmsg(9, 16)",
                                       "CT503", ["lost or cut: IP_PKTINFO", "56 bytes are enough for all"]),
    "CT301, not CT401: what was cut": ("a, b = socketpair(AF_UNIX, SOCK_DGRAM); a.sendmsg([b'q'], [(1, 1, struct.pack('3i', 1, 1, 1))]);"
                                       "b.recvmsg(9, 24, 0x40000000)", "CT301", ["3 descriptors sent and 2 descriptors arrived"]),
    "CT403, not CT401: why the buffer is too small": (
        "s = udp('127.0.0.1', [(0, 8, 1)]); again(s, 256); s.setsockopt(0, 12, 1); again(s)", "CT403", ["(MSG_CTRUNC)"]),
    "CT403, not CT407: why the address does not fit": (
        "s = unix('\\0s'); m.name, m.namelen, m.controllen = ctypes.addressof(name), 100, 0\n"
        "for who in ('\\0a', '\\0abcdefgh'): unix(who).sendto(b'q', s.getsockname()); take(s)", "CT403", ["so this sender's address does not fit"]),
    "CT203, not CT208: no such interface": (
        "with suppress(OSError): d.sendmsg([b'q'], [(41, 50, inet_pton(AF_INET6, '2001:db8::9') + struct.pack('i', 99))], 0, d.getsockname())",
        "CT203", ["ENODEV"]),
    "CT208, not CT108: no such address": (
        "with suppress(OSError): udp('0.0.0.0').sendmsg([b'q'], [(0, 8, info('192.0.2.9'))], 0, c.getsockname())", "CT208", ["none of this host's"]),
    "CT104, not CT108: the size": ("with suppress(OSError): udp('0.0.0.0').sendmsg([b'q'], [(0, 8, bytes(8))], 0, c.getsockname())", "CT104", ["EINVAL"]),
    "CT202, not CT201: this one alone gives no source": (
        "s = udp('0.0.0.0', [(0, 8, 1)]); a = ('127.0.0.2', s.getsockname()[1])\n"
        "for control in ([(0, 8, info('127.0.0.2'))], []): c.sendto(b'q', a); s.sendmsg([b'a'], control, 0, s.recvmsg(9, 99)[3])",
        "CT202", ["so it leaves from 127.0.0.1; it was asked at 127.0.0.2", "remedy: give the source with every packet"]),
    "CT206, not CT201: another source": ("s = udp('0.0.0.0', [(0, 8, 1)]); c.sendto(b'q', ('127.0.0.2', s.getsockname()[1])); p = s.recvmsg(9, 99)[3];"
                                         "s.sendmsg([b'a'], [(0, 8, info('127.0.0.3'))], 0, p)", "CT206", ["127.0.0.3"]),
}
PRELUDE = """
import ctypes, os, struct
from contextlib import suppress
from socket import *
libc = ctypes.CDLL(None)
class Iovec(ctypes.Structure): _fields_ = [("p", ctypes.c_void_p), ("n", ctypes.c_size_t)]
class Msghdr(ctypes.Structure): _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint), ("iov", ctypes.c_void_p),
    ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t), ("flags", ctypes.c_int)]
def info(a, i=0): return struct.pack("i4s4s", i, inet_aton(a), bytes(4))
def udp(a, options=(), family=AF_INET):
    s = socket(family, SOCK_DGRAM)
    for o in options: s.setsockopt(*o)
    s.bind((a, 0))
    return s
def unix(a):
    s = socket(AF_UNIX, SOCK_DGRAM); s.bind(a + "-%d" % os.getpid() if a else a)
    return s
def udp6(a): return udp(a, (), AF_INET6)
data, room, name = (ctypes.create_string_buffer(n) for n in (64, 256, 128))
iov = Iovec(ctypes.addressof(data), 64)
m = Msghdr(None, 0, ctypes.addressof(iov), 1, ctypes.addressof(room), 0, 0)
def take(s): libc.recvmsg(s.fileno(), ctypes.byref(m), 0)
def again(s, n=None):
    if n: m.controllen = n
    c.sendto(b"q", ("::ffff:127.0.0.1" if s.family == c.family == AF_INET6 else "127.0.0.1", s.getsockname()[1]))
    take(s)
c, d = udp("127.0.0.1"), udp6("::1")
"""


def test_who_speaks(name):
    program, who, words = WHO[name]
    run = trace("--", sys.executable, "-c", PRELUDE + program)
    assert run.status == 0, (run.status, run.text)
    found = [f for f in run.findings() if f["rule"] not in OF_NO_MESSAGE]
    said = "\n".join("%s: %s\n%s" % (f["rule"], f["message"], "\n".join(f["notes"])) for f in found)
    assert {f["rule"] for f in found} == {who}, said
    for w in words:
        assert w in said, (w, said)


tap = Tap()
tap.run(test_every_rule_has_its_place_among_the_others)
tap.run(test_what_situations_give_is_what_the_table_says)
for name_ in WHO:
    tap.run(test_who_speaks, name_)
SEEDS = [int(os.environ["CMSGTRACE_SEED"])] if "CMSGTRACE_SEED" in os.environ else range(1, 4)
for what_, (seed_, n_) in itertools.product(("send", "receive", "reply"), ((s, 100 if SHORT else 300) for s in SEEDS)):
    tap.run(test_no_two_findings_of_one_message_name_two_causes, what_, seed_, n_)
sys.exit(tap.done())
