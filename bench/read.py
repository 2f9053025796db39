#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What reading large files costs: a recording and two logs of strace, made of one piece over and over.

    bench/read.py [--mb 1000] [--keep FOLDER]

For each: megabytes a second of CPU time and of the clock, the largest resident set beside that of a file half as
long (it must not grow: by then every table is as full as it gets), what `wc -l` and, of a recording, `jq -c .` make of the same
file in the same run, and whether what is printed is the piece's output as many times.
Exit status 1 where memory grows or an output differs.
"""
import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("builddir", os.getcwd())
CMSGTRACE = os.environ.get("CMSGTRACE", os.path.join(BUILD, "cmsgtrace"))
SRC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
GROWTH = 1.05  # of the resident set: page cache effects, no more

SERVER = """\
4242  socket(AF_INET6, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 7
4242  setsockopt(7, SOL_IPV6, IPV6_V6ONLY, [0], 4) = 0
4242  setsockopt(7, SOL_IP, IP_PKTINFO, [1], 4) = 0
4242  bind(7, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::", &sin6_addr), \
sin6_scope_id=0}, 28) = 0
"""
RECEIVED = """\
4242  recvmsg(7, {msg_name={sa_family=AF_INET6, sin6_port=htons(%d), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \
"::ffff:192.0.2.7", &sin6_addr), sin6_scope_id=0}, msg_namelen=28, msg_iov=[{iov_base="\\303\\0\\0\\1 a question of some \
length\\n"..., iov_len=1500}], msg_iovlen=1, msg_control=[{cmsg_len=28, cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO, \
cmsg_data={ipi_ifindex=if_nametoindex("eth0"), ipi_spec_dst=inet_addr("198.51.100.53"), \
ipi_addr=inet_addr("198.51.100.53")}}], msg_controllen=32, msg_flags=0}, 0) = 33
"""
SENT = """\
4242  sendmsg(7, {msg_name={sa_family=AF_INET6, sin6_port=htons(%d), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, \
"::ffff:192.0.2.7", &sin6_addr), sin6_scope_id=0}, msg_namelen=28, msg_iov=[{iov_base="\\346\\0\\0\\0\\1 an answer \
of some length"..., iov_len=1302}], msg_iovlen=1, msg_control=[{cmsg_len=28, cmsg_level=SOL_TCP, cmsg_type=0x8}], \
msg_controllen=28, msg_flags=0}, 0) = 1302
"""
BETWEEN = """\
4242  epoll_wait(5, [{events=EPOLLIN, data={u32=7, u64=7}}], 64, 1000) = 1
4243  futex(0x7f31c4000b60, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 0, NULL, FUTEX_BITSET_MATCH_ANY <unfinished ...>
4242  clock_gettime(CLOCK_REALTIME, {tv_sec=1700000000, tv_nsec=123456789}) = 0
4242  write(2, "2026-01-01T00:00:00Z info: answered a question of 192.0.2.7\\n", 60) = 60
4242  mmap(NULL, 135168, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f31c8a00000
4242  openat(AT_FDCWD, "/var/lib/server/zone.db", O_RDONLY|O_CLOEXEC) = 9
4242  read(9, "$ORIGIN example.org.\\n$TTL 3600\\n@ IN SOA ns.example.org. "..., 4096) = 4096
4242  close(9) = 0
4242  munmap(0x7f31c8a00000, 135168) = 0
4243  <... futex resumed>) = 0
"""
END = "4242  +++ exited with 0 +++\n"


def log_piece(between):
    text = SERVER
    for i in range(10):  # few a socket, so that what is kept of sockets is full soon
        text += RECEIVED % (35224 + i) + (BETWEEN if between else "") + SENT % (35224 + i)
    return (b"", (text + END).encode(), b"")


def recording_piece():
    """Header, calls, end."""
    with open(os.path.join(SRC, "tests/rules/CT101/bad.jsonl"), "rb") as f:
        lines = f.readlines()
    def kind(l, *names):
        return any(l.startswith(b'{"type":"%s"' % n) for n in names)
    before = [l for l in lines if kind(l, b"header", b"proc", b"sock")]
    calls = [l for l in lines if kind(l, b"call")]
    return b"".join(before), b"".join(calls), lines[-1]


def make(path, piece, size):
    before, repeated, after = piece
    times = max(1, size // len(repeated))
    block = repeated * max(1, (1 << 20) // len(repeated))
    with open(path, "wb") as f:
        f.write(before)
        n = times
        while n >= len(block) // len(repeated):
            f.write(block)
            n -= len(block) // len(repeated)
        f.write(repeated * n + after)
        f.flush()
        os.fsync(f.fileno())  # what is written to the disk meanwhile takes a processor's time
    return times


def resident(pid):
    """KiB at most so far. ru_maxrss would count what this program had before the exec."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            return int(next((l for l in f if l.startswith("VmHWM")), "VmHWM: 0").split()[1])
    except OSError:
        return 0


def measure(path):
    """Seconds of CPU, seconds, KiB resident."""
    start, most = time.monotonic(), 0
    p = subprocess.Popen([CMSGTRACE, "--read=" + path, "-c"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        pid, status, used = os.wait4(p.pid, os.WNOHANG)
        if pid:
            break
        most = max(most, resident(p.pid))
        time.sleep(0.05)  # seldom: both processors are the reader's
    p.returncode = os.waitstatus_to_exitcode(status)
    assert p.returncode in (0, 1), p.returncode
    return used.ru_utime + used.ru_stime, time.monotonic() - start, most


def other(*command):
    """Seconds by the clock of another program's reading; None: it is not there."""
    start = time.monotonic()
    try:
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    except FileNotFoundError:
        return None
    return time.monotonic() - start


def printed(path, take):
    """Hands what is printed of calls to take(); findings are left out, since a second one at a place is only counted."""
    with subprocess.Popen([CMSGTRACE, "--read=" + path, "-e", "check=none"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as p:
        for got in iter(lambda: p.stdout.read(1 << 20), b""):
            take(got)


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--mb", type=int, default=1000)
    args.add_argument("--keep", help="a folder for the files (default: removed at the end)")
    args = args.parse_args()
    bad = False
    with tempfile.TemporaryDirectory() as tmp:
        folder = args.keep or tmp
        print(f"{'':28} {'MB':>6} {'MB/s CPU':>9} {'MB/s':>6} {'wc -l':>6} {'jq -c':>6} {'KiB':>7} {'KiB at 1/2':>11}  output")
        for name, piece in (("recording", recording_piece()), ("log, one line in six ours", log_piece(True)),
                            ("log, messages only", log_piece(False))):
            path = os.path.join(folder, name.split(",")[0])
            make(path, piece, args.mb * 1000000 // 2)
            small = measure(path)[2]
            times = make(path, piece, args.mb * 1000000)
            mb = os.path.getsize(path) / 1e6
            cpu, clock, resident = measure(path)
            beside = [other("wc", "-l", path), other("jq", "-c", ".", path) if name == "recording" else None]
            whole, again, one = hashlib.sha256(), hashlib.sha256(), []
            printed(path, whole.update)
            make(path, piece, 1)
            printed(path, one.append)
            for _ in range(times):
                again.update(b"".join(one))
            same = one and again.digest() == whole.digest()
            grows = resident > small * GROWTH
            bad = bad or grows or not same
            print(f"{name:28} {mb:6.0f} {mb / cpu:9.0f} {mb / clock:6.0f} "
                  + " ".join(f"{mb / t:6.0f}" if t else f"{'-':>6}" for t in beside) + f" {resident:7} {small:11}"
                  f"  {'that of the pieces' if same else 'DIFFERS'}{', memory GROWS' if grows else ''}", flush=True)
            os.unlink(path)
    return bad


sys.exit(main())
