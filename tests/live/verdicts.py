#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what a finding says is right, and one cause has one voice.  Small programs, each a mistake, its neighbours, or right; beside
each stand the findings that it gives, and no more, and what they say (or, after a "!", don't say)."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import CMSGTRACE, PATIENCE, Skip, Tap, need, need_root, trace  # noqa: E402

PRELUDE = """
from socket import *
import os, socket, struct, subprocess, sys, time, threading
INFO4 = lambda index, spec, addr="0.0.0.0": struct.pack("i4s4s", index, inet_aton(spec), inet_aton(addr))
INFO6 = lambda index, addr: inet_pton(AF_INET6, addr) + struct.pack("I", index)
CREDS = lambda pid, uid, gid: struct.pack("iII", pid, uid, gid)
def sh(text): subprocess.run(text, shell=True, check=True, capture_output=True)
def udp(addr, family=AF_INET):
    s = socket.socket(family, SOCK_DGRAM)
    s.bind((addr, 0))
    return s
def send(s, to, *cmsgs, data=b"data"):
    try:
        return s.sendmsg([data], list(cmsgs), 0, *([to] if to else []))
    except OSError as e:
        print(e)
def tcp():
    l = socket.create_server(("127.0.0.1", 0))
    c = socket.create_connection(l.getsockname())
    return c, l.accept()[0], l
"""
# two interfaces with addresses of their own
LINKS = """
sh("ip link set lo up; ip link add va type veth peer name vb; ip link set vb up; ip link set va up")
"""
CASES = {
    # ---- IPv6 sources that ip6_datagram_send_ctl() refuses: CT108 and CT208 give the same cause
    "source tentative": ("net", LINKS + """
sh("ip addr add fe80::77/64 dev va")
i = if_nametoindex("va")
send(udp("::", AF_INET6), ("ff02::fb", 5353, 0, i), (41, 50, INFO6(i, "fe80::77")))
""", "CT208 error", ["which is tentative", "!no route"]),
    "source no longer tentative": ("net", LINKS + """
sh("ip addr add fe80::77/64 dev va nodad")
i = if_nametoindex("va")
send(udp("::", AF_INET6), ("ff02::fb", 5353, 0, i), (41, 50, INFO6(i, "fe80::77")))
""", "", []),
    "source of another interface": ("net", LINKS + """
sh("ip addr add fe80::77/64 dev va nodad")
i = if_nametoindex("vb")
send(udp("::", AF_INET6), ("ff02::fb", 5353, 0, i), (41, 50, INFO6(i, "fe80::77")))
""", "CT208 error", ["another interface's", "!no route"]),
    "source local by a route": ("net", LINKS + """
sh("ip -6 route add local 2001:db8:9::/64 dev lo")
s = udp("::", AF_INET6)
send(s, ("::1", 9), (41, 50, INFO6(0, "2001:db8:9::1")))
""", "CT208 error", ["IPV6_FREEBIND", "!no route"]),
    "source local by a route, freely bound": ("net", LINKS + """
sh("ip -6 route add local 2001:db8:9::/64 dev lo")
s = udp("::", AF_INET6)
s.setsockopt(41, 78, 1)
send(s, ("2001:db8:9::2", 9), (41, 50, INFO6(0, "2001:db8:9::1")))
""", "", []),
    # ---- credentials: CT701 alone knows, or both say the same
    "uid without a mapping": ("user", """
a, b = socketpair(AF_UNIX, SOCK_DGRAM); b.setsockopt(1, SO_PASSCRED, 1)
send(a, None, (1, SCM_CREDENTIALS, CREDS(os.getpid(), 65534, os.getgid())))
""", "CT701 error", ["uid 65534 has no mapping", "!not because of the control messages"]),
    "gid without a mapping": ("user", """
a, b = socketpair(AF_UNIX, SOCK_DGRAM); b.setsockopt(1, SO_PASSCRED, 1)
send(a, None, (1, SCM_CREDENTIALS, CREDS(os.getpid(), os.getuid(), 7)))
""", "CT701 error", ["gid 7 has no mapping", "!not because of the control messages"]),
    "uid without a mapping, traced from outside": ("", """
if not os.path.exists("/proc/self/ns/user"): sys.exit(77)
os.execvp("unshare", ["unshare", "-Ur", sys.executable, "-c", '''
from socket import *
import os, struct
a, b = socketpair(AF_UNIX, SOCK_DGRAM); b.setsockopt(1, SO_PASSCRED, 1)
try: a.sendmsg([b"x"], [(1, SCM_CREDENTIALS, struct.pack("iII", os.getpid(), 65534, 0))])
except OSError as e: print(e)
'''])
""", "CT701 error", ["uid 65534 has no mapping"]),
    "pid of another, in a user namespace": ("user", """
a, b = socketpair(AF_UNIX, SOCK_DGRAM); b.setsockopt(1, SO_PASSCRED, 1)
send(a, None, (1, SCM_CREDENTIALS, CREDS(1, os.getuid(), os.getgid())))
""", "CT701 error", ["!not because of the control messages", "!CT108 [send-errno] could not"]),
    "uid -1": ("", """
a, b = socketpair(AF_UNIX, SOCK_DGRAM); b.setsockopt(1, SO_PASSCRED, 1)
send(a, None, (1, SCM_CREDENTIALS, CREDS(os.getpid(), 0xffffffff, os.getgid())))
""", "CT701 error", ["-1 is no uid"]),
    "ids of one's own": ("user", """
a, b = socketpair(AF_UNIX, SOCK_DGRAM); b.setsockopt(1, SO_PASSCRED, 1)
send(a, None, (1, SCM_CREDENTIALS, CREDS(os.getpid(), os.getuid(), os.getgid())))
""", "", []),
    # ---- AF_UNIX: netfilter never sees it
    "receiver takes no descriptors": ("", """
a, b = socketpair(AF_UNIX, SOCK_DGRAM)
try: b.setsockopt(1, 83, 0)
except OSError: sys.exit(77)
send(a, None, (1, SCM_RIGHTS, struct.pack("i", 0)))
""", "CT108 note", ["its SO_PASSRIGHTS is off", "!netfilter"]),
    "receiver is another's": ("", """
a, b = socketpair(AF_UNIX, SOCK_DGRAM); c = socket.socket(AF_UNIX, SOCK_DGRAM)
d = socket.socket(AF_UNIX, SOCK_DGRAM); d.bind("\\0cmsgtrace-%d" % os.getpid()); e = socket.socket(AF_UNIX, SOCK_DGRAM)
e.bind("\\0cmsgtrace-e%d" % os.getpid()); d.connect(e.getsockname())
send(c, d.getsockname(), (1, SCM_RIGHTS, struct.pack("i", 0)))
send(c, d.getsockname(), (1, SCM_CREDENTIALS, CREDS(os.getpid(), os.getuid(), os.getgid())))
""", "CT108 note", ["connected to another one", "!netfilter", "!CT701"]),
    "descriptor of io_uring": ("", """
import ctypes
fd = ctypes.CDLL(None).syscall(425, 4, (ctypes.c_char * 120)())
if fd < 0: sys.exit(77)
a, b = socketpair()
send(a, None, (1, SCM_RIGHTS, struct.pack("i", fd)))
""", "CT108 note, CT901 note", ["io_uring's, which can't be passed", "!not because"]),
    # ---- CT101 on TCP
    "tos on tcp": ("", """
send(tcp()[0], None, (0, IP_TOS, struct.pack("i", 0xb8)))
""", "CT101 error", ["meant: setsockopt(SOL_IP, IP_TOS)", "!TLS"]),
    "hop limit on tcp": ("", """
send(tcp()[0], None, (41, IPV6_HOPLIMIT, struct.pack("i", 8)))
""", "CT101 error", ["meant: setsockopt(SOL_IPV6, IPV6_UNICAST_HOPS)", "!TLS"]),
    # ---- CT108/CT501: EIO is of the segments, and said once
    "segments on UDP-Lite": ("", """
try: s = socket.socket(AF_INET, SOCK_DGRAM, 136)
except OSError: sys.exit(77)
send(s, ("127.0.0.1", 9), (17, 103, struct.pack("H", 100)), data=bytes(3000))
""", "CT501 error", ["UDP-Lite has none", "EIO", "!not because of the control messages"]),
    # ---- CT111: nothing is chosen
    "pktinfo all zero": ("", """
send(udp("0.0.0.0"), udp("127.0.0.1").getsockname(), (0, 8, INFO4(0, "0.0.0.0")))
""", "CT111 warning", ["it is all zero"]),
    "pktinfo with an interface": ("", """
send(udp("0.0.0.0"), udp("127.0.0.1").getsockname(), (0, 8, INFO4(1, "0.0.0.0")))
""", "", []),
    "pktinfo all zero on a bound socket": ("", """
send(udp("127.0.0.2"), udp("127.0.0.1").getsockname(), (0, 8, INFO4(0, "0.0.0.0")))
""", "CT204 error", []),
    # ---- CT204: the address of the request's group can't be given anywhere else
    "answer to a broadcast": ("", """
send(udp("0.0.0.0"), udp("127.0.0.1").getsockname(), (0, 8, INFO4(1, "0.0.0.0", "255.255.255.255")))
send(udp("0.0.0.0"), udp("127.0.0.1").getsockname(), (0, 8, INFO4(1, "0.0.0.0", "239.1.2.3")))
send(udp("0.0.0.0"), udp("127.0.0.1").getsockname(), (0, 8, INFO4(1, "0.0.0.0", "127.255.255.255")))
""", "", []),
    # ---- CT202: what gives its source in vain is CT101's or CT103's
    "source given at the wrong level": ("", """
s, c = udp("0.0.0.0"), udp("127.0.0.1"); s.setsockopt(0, 8, 1)
for level in (0, 6):
    c.sendto(b"q", ("127.0.0.2", s.getsockname()[1]))
    peer = s.recvmsg(9, 64)[3]
    send(s, peer, (level, 8, INFO4(0, "127.0.0.2")))
""", "CT101 error, CT201 error", []),
    # ---- CT403: an error where something was lost
    "control length not restored, and more came": ("", """
import ctypes
libc = ctypes.CDLL(None)
class Iovec(ctypes.Structure): _fields_ = [("p", ctypes.c_void_p), ("n", ctypes.c_size_t)]
class Msghdr(ctypes.Structure): _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint), ("iov", ctypes.c_void_p),
    ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t), ("flags", ctypes.c_int)]
s, c = udp("127.0.0.1"), udp("127.0.0.1"); s.setsockopt(0, 8, 1)
data, room = ctypes.create_string_buffer(64), ctypes.create_string_buffer(256)
iov = Iovec(ctypes.addressof(data), 64)
m = Msghdr(None, 0, ctypes.addressof(iov), 1, ctypes.addressof(room), 256, 0)
for i in range(2):
    if i: s.setsockopt(0, 12, 1)
    c.sendto(b"q", s.getsockname())
    libc.recvmsg(s.fileno(), ctypes.byref(m), 0)
""", "CT403 error", []),
    # ---- CT702: how much is there to read?
    "netlink read in two steps": ("", """
s = socket.socket(AF_NETLINK, SOCK_RAW, 0); s.bind((0, 0))
s.send(struct.pack("IHHII", 17, 18, 0x301, 1, 0) + b"\\0")
s.recv(0, MSG_PEEK | MSG_TRUNC)
s.recvfrom(65536)
""", "", []),
    "netlink read without its sender": ("", """
s = socket.socket(AF_NETLINK, SOCK_RAW, 0); s.bind((0, 0))
s.send(struct.pack("IHHII", 17, 18, 0x301, 1, 0) + b"\\0")
s.recv(0, MSG_PEEK | MSG_TRUNC)
s.recv(65536)
""", "CT702 note", []),
}
PREFIX = {"": [], "net": ["unshare", "-n"], "user": ["unshare", "-Ur"]}


def test_case(name):
    where, program, want, words = CASES[name]
    if where == "user" or "unshare" in program:
        need("unshare")
        if subprocess.run(["unshare", "-Ur", "true"], stderr=subprocess.DEVNULL, timeout=60, check=False).returncode:
            raise Skip("no user namespace can be made here (a chroot, or the system forbids it)")
    if where == "net":
        need("unshare")
        need_root()
        need("ip")
    run = trace("--", sys.executable, "-c", PRELUDE + program, prefix=PREFIX[where])
    if run.status == 77:
        raise Skip("this machine can't make it")
    assert run.status == 0, (run.status, run.text)
    got = sorted({"%s %s" % (f["rule"], f["level"]) for f in run.findings() if f["rule"] != "CT902"})
    said = "\n".join("%s: %s\n%s" % (f["rule"], f["message"], "\n".join(f.get("notes", ()))) for f in run.findings())
    assert got == sorted(w for w in want.split(", ") if w), "found %s, expected %s\n%s\n%s" % (got, want, said, run.text)
    for w in words:
        assert (w[1:] not in said) if w[0] == "!" else (w in said), "%r\n%s" % (w, said)


def test_a_rule_is_counted_by_severity():
    """Three replies right by luck and three wrong ones of one line."""
    run = trace("--", sys.executable, "-c", PRELUDE + """
s, c = udp("0.0.0.0"), udp("127.0.0.1"); s.setsockopt(0, 8, 1)
for address in ("127.0.0.1", "127.0.0.2") * 3:
    c.sendto(b"q", (address, s.getsockname()[1]))
    s.sendto(b"a", s.recvmsg(9, 64)[3])
""")
    assert "CT201 error [reply-without-source]: 3 errors, 3 notes at 1 place" in run.text, run.text


def test_a_missing_fact_is_told_once_for_each_cause():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log")
        with open(path, "w", encoding="ascii") as f:
            f.write("7 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3\n")
            for _ in range(8):
                f.write('7 sendmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("192.0.2.1")}, msg_namelen=16, '
                        'msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_IP, '
                        'cmsg_type=IP_TTL, cmsg_data=[64]}], msg_controllen=24, msg_flags=0}, 0) = 1\n')
        run = subprocess.run([CMSGTRACE, "--read=" + path], capture_output=True, text=True, timeout=PATIENCE, check=False)
    told = [line.rpartition(": ")[2] for line in (run.stdout + run.stderr).splitlines() if line.startswith("*** CT902")]
    assert told and len(told) == len(set(told)), run.stdout + run.stderr


tap = Tap()
if len(sys.argv) < 2:
    tap.run(test_a_rule_is_counted_by_severity)
    tap.run(test_a_missing_fact_is_told_once_for_each_cause)
for name_ in CASES:
    if len(sys.argv) < 2 or any(w in name_ for w in sys.argv[1:]):
        tap.run(test_case, name_)
sys.exit(tap.done())
