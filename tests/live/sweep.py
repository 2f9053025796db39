#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random messages, right and wrong, on many kinds of sockets: sweep.py send|receive|reply SEED N.  Each is sent or received by a function
of its own, so that a tracer takes none for a repetition.  What the kernel says of them is the tracer's to explain."""
import contextlib
import ctypes
import os
import random
import struct
import sys
from socket import *  # noqa: F403

WHAT, SEED, N = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rnd = random.Random(SEED)
libc = ctypes.CDLL(None)
choice = rnd.choice
ZEROS = bytes(4)


class Iovec(ctypes.Structure):
    _fields_ = [("p", ctypes.c_void_p), ("n", ctypes.c_size_t)]


class Msghdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint), ("iov", ctypes.c_void_p), ("iovlen", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t), ("flags", ctypes.c_int)]


class Mmsghdr(ctypes.Structure):
    _fields_ = [("hdr", Msghdr), ("len", ctypes.c_uint)]


class Buffers:
    """A msghdr and what it points to, which lives as long as the program."""

    all = []

    def __init__(self, room=512, size=8192):
        Buffers.all.append(self)
        self.name, self.data, self.control = (ctypes.create_string_buffer(n) for n in (128, size, room + 16))
        self.iov = Iovec(ctypes.addressof(self.data), size)
        self.hdr = Msghdr(None, 0, ctypes.addressof(self.iov), 1, ctypes.addressof(self.control), room, 0)

    def to(self, sockaddr):
        if sockaddr:
            self.name[:len(sockaddr)] = sockaddr
            self.hdr.name, self.hdr.namelen = ctypes.addressof(self.name), len(sockaddr)

    def holds(self, block, shift=0):
        self.control[shift:shift + len(block)] = block
        self.hdr.control, self.hdr.controllen = ctypes.addressof(self.control) + shift, len(block)


def raw_address(s, to):
    if not to:
        return b""
    if s.family == AF_INET:
        return struct.pack("=H", AF_INET) + struct.pack(">H", to[1]) + inet_aton(to[0]) + bytes(8)
    if s.family == AF_INET6:
        return struct.pack("=H", AF_INET6) + struct.pack(">HI", to[1], 0) + inet_pton(AF_INET6, to[0]) + ZEROS
    return struct.pack("=HHII", s.family, 0, 0, 0)


def block(control):
    out = b""
    for level, kind, data in control:
        out += struct.pack("=Qii", 16 + len(data), level, kind) + data + bytes(-len(data) % 8)
    return out


def alone(i, call, *args):
    """Calls it from a function of its own: no other frame of Python's is between."""
    scope = {}
    exec(f"def message_{i}(call, args):\n    call(*args)\n", scope)
    with contextlib.suppress(OSError, OverflowError):
        scope[f"message_{i}"](call, args)


def udp(family, addr, options=(), port=0):
    s = socket(family, SOCK_DGRAM)
    for level, option, v in options:
        with contextlib.suppress(OSError):
            s.setsockopt(level, option, v)
    s.bind((addr, port))
    s.setblocking(False)
    return s


# ---- sends

LEVELS = [0, 1, 6, 17, 41, 58, 0xffff, 255, 132, 270, 282]
TYPES = [1, 2, 3, 6, 7, 8, 11, 12, 19, 20, 29, 36, 37, 42, 50, 49, 52, 57, 59, 61, 66, 67, 103, 104, 77]
GOOD = [(0, 8), (0, 1), (0, 2), (41, 50), (41, 52), (41, 67), (1, 1), (1, 2), (1, 36), (1, 61), (17, 103), (1, 37), (0, 7)]
SIZES = [0, 1, 5, 100, 1500, 4000]


def info4(spec="0.0.0.0", addr="0.0.0.0", index=0):
    return struct.pack("i4s4s", index, inet_aton(spec), inet_aton(addr))


def info6(addr, index=0):
    return inet_pton(AF_INET6, addr) + struct.pack("i", index)


def payload():
    k = rnd.randrange(12)
    if k == 0:
        return info4(choice(["0.0.0.0", "127.0.0.2", "192.0.2.9", "127.255.255.255", "224.0.0.1"]), index=choice([0, 0, 1, 99]))
    if k == 1:
        return info6(choice(["::", "::1", "2001:db8::9", "::ffff:127.0.0.2", "ff02::1", "fe80::1"]), choice([0, 1, 99]))
    if k == 2:
        return struct.pack("i", choice([0, 1, 2, 255, 256, -1, 12345]))
    if k == 3:
        return struct.pack("iII", choice([os.getpid(), 1, 0]), choice([os.getuid(), 12345, 0xffffffff]), os.getgid())
    if k == 4:
        return struct.pack("H", choice([0, 1, 100, 1400, 65535]))
    if k == 5:
        return struct.pack("Q", rnd.randrange(1 << 62))
    if k == 6:
        return bytes([choice([0, 1, 64, 255])])
    if k == 7:
        return struct.pack("iI", 1, 0)
    return bytes(choice([0, 1, 2, 3, 4, 8, 12, 16, 20, 24, 32]))


def some_control():
    return [(choice(GOOD) if rnd.random() < 0.6 else (choice(LEVELS), choice(TYPES))) + (payload(),)
            for _ in range(choice([1, 1, 1, 2, 3]))]


def bent(b):
    """The block as a program with another mistake lays it out; and at which offset."""
    b = bytearray(b)
    k = rnd.randrange(7)
    if k == 0:
        return bytes(b) + bytes(choice([1, 7, 8, 16, 24])), 0
    if k == 1:
        b[0:8] = struct.pack("=Q", choice([0, 4, 15, 1000, 1 << 40, (1 << 40) + 20]))
        return bytes(b), 0
    if k == 2:
        return bytes(b[:rnd.randrange(len(b))]), 0
    if k == 3:
        return bytes(b), choice([1, 4])
    if k == 4:
        b[0:8] = struct.pack("=Q", (struct.unpack("=Q", b[0:8])[0] + 7) // 8 * 8)
        return bytes(b), 0
    if k == 5:
        return bytes(b) + bytes([rnd.randrange(256) for _ in range(choice([3, 16]))]), 0
    return bytes(b), 0


def senders(keep):
    out = []

    def pair(make):
        with contextlib.suppress(OSError):
            out.append(make())

    def on_unix(kind):
        a, b = socketpair(AF_UNIX, kind)
        keep.append(b)
        return a, None

    def tcp():
        listening = create_server(("127.0.0.1", 0))
        keep.append(listening)
        s = create_connection(listening.getsockname())
        keep.append(listening.accept()[0])
        return s, None

    def segmented():
        s = udp(AF_INET, "0.0.0.0")
        s.setsockopt(17, 103, choice([1, 10, 1400]))
        return s, ("127.0.0.1", 9)

    pair(lambda: (udp(AF_INET, "0.0.0.0"), ("127.0.0.1", 9)))
    pair(lambda: (udp(AF_INET, "127.0.0.2", [(0, 1, choice([0, 0xb8]))]), ("127.0.0.1", 9)))
    pair(lambda: (udp(AF_INET6, "::"), (choice(["::1", "::ffff:127.0.0.1"]), 9)))
    pair(lambda: (udp(AF_INET6, "::1", [(41, 67, choice([0, 0xb8]))]), ("::1", 9)))
    pair(segmented)
    pair(tcp)
    for kind in (SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET):
        pair(lambda kind=kind: on_unix(kind))
    pair(lambda: (socket(AF_NETLINK, SOCK_RAW, 0), (0, 0)))
    pair(lambda: (socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), ("127.0.0.1", 0)))
    return out


def raw_send(s, to, size, control):
    b = Buffers()
    b.iov.n = size
    b.to(raw_address(s, to))
    laid, shift = bent(block(control))
    b.holds(laid, shift)
    k = rnd.randrange(12)
    if k == 0:
        b.hdr.controllen = 0
    elif k == 1:
        b.hdr.controllen |= 0x7f00 << 32
    elif k == 2:
        b.hdr.iovlen |= 0x7f00 << 32
    return libc.sendmsg, s.fileno(), ctypes.byref(b.hdr), MSG_DONTWAIT


def vector(s, to, size):
    """Three messages, the first of them right."""
    all_ = [Buffers() for _ in range(3)]
    array = (Mmsghdr * 3)()
    for i, b in enumerate(all_):
        b.iov.n = size
        b.to(raw_address(s, to))
        b.holds(block(some_control()) if i else b"")
        array[i].hdr = b.hdr
    return libc.sendmmsg, s.fileno(), array, 3, MSG_DONTWAIT


def send(n):
    keep, all_ = [], []
    for i in range(n):
        if i % 50 == 0:
            for s in keep + [s for s, _ in all_]:
                s.close()
            keep.clear()
            all_ = senders(keep)
        s, to = choice(all_)
        s.setblocking(False)
        size, control, how = choice(SIZES), some_control(), rnd.random()
        if how < 0.3:
            alone(i, *raw_send(s, to, size, control))
        elif how < 0.4:
            alone(i, *vector(s, to, size))
        else:
            alone(i, s.sendmsg, [bytes(size)], control, 0, *([to] if to else []))


# ---- receives

OPTIONS4 = [(0, 8, 1), (0, 12, 1), (0, 13, 1), (0, 6, 1), (0, 20, 1), (1, 29, 1), (1, 35, 1), (1, 63, 1), (1, 40, 1), (17, 104, 1),
            (0, 11, 1), (1, 37, 0x18), (1, 37, 0x58)]
OPTIONS6 = OPTIONS4 + [(41, 49, 1), (41, 51, 1), (41, 66, 1), (41, 25, 1)]
UNIX = [(1, 16, 1), (1, 29, 1), (1, 35, 1)]


def some(options):
    return rnd.sample(options, rnd.randrange(len(options) // 2 + 1))


class Receiver:
    """A socket that is sent to, and the msghdr that its program uses over and over."""

    def __init__(self):
        k = rnd.randrange(7)
        self.fds = k > 2
        self.keep = []
        if k < 3:
            v6 = k == 2
            self.s = udp(AF_INET6 if v6 else AF_INET, "::" if v6 else "0.0.0.0", some(OPTIONS6 if v6 else OPTIONS4))
            port = self.s.getsockname()[1]
            self.other = udp(AF_INET6, "::1") if v6 and rnd.random() < 0.5 else udp(AF_INET, "127.0.0.1")
            self.to = ("::1" if self.other.family == AF_INET6 else choice(["127.0.0.1", "127.0.0.3"]), port)
        elif k < 6:
            self.s, self.other = socketpair(AF_UNIX, [SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET][k - 3])
            self.to = None
            self.passcred = [o for o in some(UNIX)]
            if rnd.random() < 0.5:
                self.set_options()
        else:
            self.s = self.other = socket(AF_NETLINK, SOCK_RAW, 0)
            self.s.bind((0, 0))
            self.to, self.fds = (0, 0), False
        self.s.setblocking(False)
        self.b = Buffers(256)
        self.fresh = True

    def set_options(self):
        for level, option, v in self.passcred:
            self.s.setsockopt(level, option, v)
        self.passcred = []

    def is_sent(self):
        size, control = choice([1, 10, 300, 3000]), []
        if self.s is self.other:
            self.other.sendto(struct.pack("IHHII", 16, 16, 5, 1, 0), (0, 0))  # an answer of the kernel's to nothing
            return
        if self.fds and rnd.random() < 0.6:
            control.append((1, 1, struct.pack("i", 1) * choice([1, 2, 5])))
        if self.fds and rnd.random() < 0.2:
            control.append((1, 2, struct.pack("iII", os.getpid(), os.getuid(), os.getgid())))
        if not self.fds and rnd.random() < 0.3:
            control.append((17, 103, struct.pack("H", 10)))
        self.other.sendmsg([bytes(size)], control, MSG_DONTWAIT, *([self.to] if self.to else []))
        if self.fds and self.passcred and rnd.random() < 0.3:
            self.set_options()

    def receive(self):
        h, b = self.b.hdr, self.b
        if self.fresh or rnd.random() < 0.5:
            h.controllen = choice([0, 8, 16, 20, 24, 32, 40, 64, 128, 256])
            h.control = choice([ctypes.addressof(b.control)] * 5 + [None])
        if self.fresh or rnd.random() < 0.5:
            h.name, h.namelen = choice([(None, 0), (ctypes.addressof(b.name), choice([2, 16, 28, 128]))])
        self.fresh = False
        b.iov.n = choice([0, 5, 100, 4000, 4000])
        flags = MSG_DONTWAIT | choice([0, 0, 0, 0, MSG_PEEK, MSG_TRUNC, 0x40000000, 0x2000])
        k = rnd.random()
        if k < 0.15:
            return libc.recv, self.s.fileno(), b.data, b.iov.n, MSG_DONTWAIT
        if k < 0.25:
            length = ctypes.c_uint(choice([2, 16, 28, 128]))
            return libc.recvfrom, self.s.fileno(), b.data, b.iov.n, MSG_DONTWAIT, b.name, ctypes.byref(length)
        return libc.recvmsg, self.s.fileno(), ctypes.byref(h), flags


def close_new(first=100):
    """What was passed comes with numbers above all of ours."""
    os.closerange(first, 1000)


def receive(n):
    all_ = []
    for i in range(n):
        if i % 40 == 0:
            for r in all_:
                r.s.close()
                r.other.close()
            close_new(40)
            all_ = [Receiver() for _ in range(8)]
        r = choice(all_)
        with contextlib.suppress(OSError):
            r.is_sent()
        alone(i, *r.receive())


# ---- replies

def servers():
    informed = rnd.random() < 0.7
    k = rnd.randrange(5)
    options = [(0, 8, 1)] if informed else []
    if k < 2:
        return udp(AF_INET, "0.0.0.0", options)
    if k == 2:
        return udp(AF_INET, "127.0.0.2", options)
    return udp(AF_INET6, "::", [(41, 49, 1)] if informed else [])


def reply_control(s, asked, received):
    """What a program may give with its reply, right or wrong."""
    v6 = s.family == AF_INET6
    other = choice(["127.0.0.1", "127.0.0.2", "127.0.0.3", "192.0.2.9", "224.0.0.1", "127.255.255.255"])

    def give(a, index=0):
        return (41, 50, info6("::ffff:" + a if ":" not in a else a, index)) if v6 else (0, 8, info4(a, index=index))
    ways = [
        lambda: [],
        lambda: [give(asked)],
        lambda: [give(asked)],
        lambda: [give(asked, 1)],
        lambda: [give(asked, 99)],
        lambda: [give(other)],
        lambda: [give("0.0.0.0")],
        lambda: [(0, 8, info4(addr="127.0.0.1" if v6 else asked if ":" not in asked else "127.0.0.1"))],
        lambda: [(6,) + give(asked)[1:]],
        lambda: [(41, 50, info6("::1"))],
        lambda: [give(asked), give(other)],
        lambda: [give(other), (0, 2, struct.pack("i", choice([0, 1, 64])))],
        lambda: [(17, 103, struct.pack("H", choice([1, 4, 100])))],
        lambda: [(0, 1, struct.pack("i", choice([1, 2])))],
        lambda: [(1, 36, struct.pack("I", 5)), give(asked)],
        lambda: list(received),
    ]
    return choice(ways)()


def answer(s, peer, control, data=b"answer to it"):
    k = rnd.random()
    if k < 0.3 and not control:
        return s.sendto, data, peer
    if k < 0.6:
        b = Buffers()
        b.iov.n = len(data)
        b.to(raw_address(s, peer))
        b.holds(block(control))
        return libc.sendmsg, s.fileno(), ctypes.byref(b.hdr), MSG_DONTWAIT
    return s.sendmsg, [data], control, MSG_DONTWAIT, peer


def taken(s):
    """The request: who asked, and what came with it."""
    k = rnd.randrange(4)
    if k == 0:
        return s.recvfrom(99)[1], []
    if k == 1:
        s.recvmsg(99, 256, MSG_PEEK)
    elif k == 2:
        s.recvfrom(99, MSG_PEEK)
    _, control, _, peer = s.recvmsg(99, choice([0, 24, 256]))
    return peer, control


def reply(n):
    old, i = [], 0
    while i < n:
        for s in old:
            s.close()
        s = servers()
        clients = [udp(AF_INET, "127.0.0.1"), udp(AF_INET, "127.0.0.9")] + ([udp(AF_INET6, "::1")] if s.family == AF_INET6 else [])
        old = [s] + clients
        if rnd.random() < 0.2:
            s.sendto(b"hello", ("::ffff:127.0.0.1" if s.family == AF_INET6 else "127.0.0.1", clients[0].getsockname()[1]))
        for _ in range(rnd.randrange(1, 7)):
            c = choice(clients)
            asked = "::1" if c.family == AF_INET6 else choice(["127.0.0.1", "127.0.0.2", "127.0.0.3"])
            with contextlib.suppress(OSError):
                c.sendto(b"question", (asked, s.getsockname()[1]))
                peer, received = taken(s)
                how = rnd.random()
                if how < 0.08:
                    alone(i, s.connect, peer)
                    alone(i + n, s.send, b"answer")
                elif how < 0.2:
                    new = udp(s.family, "::" if s.family == AF_INET6 else "0.0.0.0")
                    old.append(new)
                    if how < 0.14:
                        new.connect(peer)
                        alone(i, new.send, b"answer")
                    else:
                        alone(i, *answer(new, peer, reply_control(new, asked, received)))
                else:
                    alone(i, *answer(s, peer, reply_control(s, asked, received)))
            i += 1


{"send": send, "receive": receive, "reply": reply}[WHAT](N)
