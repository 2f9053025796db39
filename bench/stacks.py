#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a stack costs in each language: µs of CPU time of all processes on one CPU, by cmsgtrace -k and strace -k in the same run.

Each program sends itself datagrams, from functions that call each other, the innermost another one each time until all had
their turn.  First is what the first stack of a program adds, that no file was read for yet: a run of one datagram with -k less
one without.  New is what one adds that differs from all before it by a call in files that are open already: a run in which
each function sends once, less the former.  Seen is one that was there before: a long run less that.  Both write each frame's function and
offset.  Medians of all rounds; the ratio is the median of the rounds' own.

    stacks.py [--rounds N] [--build DIR] [--strace PROGRAM] [WORD...]        WORD: only languages whose name has one of them
"""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import tempfile

SITES = 64  # functions that send; in a program's text a line with @ stands for one line each, ALL for the list of them
OURS, STRACES = 4000 + SITES, 100 + SITES  # datagrams of a long run: stacks for tens of milliseconds at least
TRACED = "sendto,sendmsg,sendmmsg"

C = r"""
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
static int fd;
static struct sockaddr_in to = { .sin_family = AF_INET };
__attribute__((noinline)) static long reply@(void) { return sendto(fd, "x", 1, MSG_DONTWAIT, (void *)&to, sizeof(to)) + @; }
static long (*const replies[])(void) = { ALL };
__attribute__((noinline)) static long serve(long n) { return replies[n % 64]() + 1; }
__attribute__((noinline)) static long loop(long n) { long sum = 0; while (n--) sum += serve(n); return sum; }
int main(int argc, char **argv)
{
	socklen_t len = sizeof(to);

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(fd, (void *)&to, sizeof(to));
	getsockname(fd, (void *)&to, &len);
	return argc > 1 && loop(atol(argv[1])) < 0;
}
"""

CXX = C.replace("#include <stdlib.h>", "#include <cstdlib>").replace("(void *)&to", "(sockaddr *)&to").replace(
    "static struct sockaddr_in to = { .sin_family = AF_INET };", "static sockaddr_in to = { AF_INET };").replace(
    "static long reply@(void)", "static long reply@(void) noexcept(false)")

RUST = r"""
use std::net::UdpSocket;
#[inline(never)] fn reply@(s: &UdpSocket) -> usize { s.send_to(b"x", s.local_addr().unwrap()).unwrap_or(0) + std::hint::black_box(@) }
static REPLIES: [fn(&UdpSocket) -> usize; 64] = [ALL];
#[inline(never)]
fn serve(s: &UdpSocket, n: usize) -> usize { REPLIES[n % 64](s) + std::hint::black_box(1) }
fn main() {
    let s = UdpSocket::bind("127.0.0.1:0").unwrap();
    s.set_nonblocking(true).unwrap();
    for n in 0..std::env::args().nth(1).unwrap().parse::<usize>().unwrap() { serve(&s, n); }
}
"""

GO = r"""
package main

import ("net"; "os"; "strconv")

func reply@(c *net.UDPConn) int { n, _ := c.WriteToUDP([]byte("x"), c.LocalAddr().(*net.UDPAddr)); return n + @ }

var replies = []func(*net.UDPConn) int{ALL}

//go:noinline
func serve(c *net.UDPConn, n int) int { return replies[n % 64](c) + 1 }

func main() {
	c, _ := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	n, _ := strconv.Atoi(os.Args[1])
	buf := make([]byte, 8)
	for ; n > 0; n-- {
		serve(c, n)
		c.Read(buf)
	}
}
"""

PYTHON = r"""
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
s.setblocking(False)
to = s.getsockname()
def reply@(): return s.sendto(b"x", to)
replies = [ALL]
def serve(n):
    return replies[n % 64]() + 1
def loop(count):
    for n in range(count):
        serve(n)
loop(int(sys.argv[1]))
"""

ASYNCIO = r"""
import asyncio, sys
async def reply@(transport): transport.sendto(b"x", transport.get_extra_info("sockname"))
replies = [ALL]
async def serve(transport, n):
    await replies[n % 64](transport)
async def main():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    for n in range(int(sys.argv[1])):
        await serve(transport, n)
asyncio.run(main())
"""

NODE = r"""
const s = require('dgram').createSocket('udp4');
let left = Number(process.argv[2]);
function reply@() { s.send('x', s.address().port, '127.0.0.1', next); }
const replies = [ALL];
function next() { if (left-- > 0) replies[left % 64](); else s.close(); }
s.bind(0, '127.0.0.1', next);
"""

JAVA = r"""
import java.net.*;
public class Loop {
	static void reply@(DatagramSocket s, DatagramPacket p) throws Exception { s.send(p); }
	static void serve(DatagramSocket s, DatagramPacket p, int n) throws Exception {
		switch (n % 64) {
		case @: reply@(s, p); break;
		}
	}
	public static void main(String[] args) throws Exception {
		DatagramSocket s = new DatagramSocket(0, InetAddress.getLoopbackAddress());
		DatagramPacket p = new DatagramPacket(new byte[1], 1, s.getLocalSocketAddress());
		for (int n = Integer.parseInt(args[0]); n > 0; n--)
			serve(s, p, n);
	}
}
"""


def build(folder, name, text, *words):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        for line in text.replace("ALL", ", ".join(f"reply{i}" for i in range(SITES))).splitlines(True):
            f.writelines(line.replace("@", str(i)) for i in range(SITES if "@" in line else 1))
    if words:
        program = os.path.join(folder, name.replace(".", "-"))
        subprocess.run([w.replace("SOURCE", path).replace("PROGRAM", program).replace("FOLDER", folder) for w in words], check=True,
                       stdout=subprocess.DEVNULL, env=dict(os.environ, GO111MODULE="off", GOFLAGS=""))
        return program
    return path


def languages(folder):
    """Name, and what makes its words."""
    yield "C -O2", "gcc", lambda: [build(folder, "loop.c", C, "gcc", "-g", "-O2", "-o", "PROGRAM", "SOURCE")]
    yield "C static", "gcc", lambda: [build(folder, "static.c", C, "gcc", "-g", "-O2", "-static", "-o", "PROGRAM", "SOURCE")]
    yield "C++", "g++", lambda: [build(folder, "loop.cc", CXX, "g++", "-g", "-O2", "-o", "PROGRAM", "SOURCE")]
    yield "Rust", "rustc", lambda: [build(folder, "loop.rs", RUST, "rustc", "-g", "-O", "-o", "PROGRAM", "SOURCE")]
    yield "Go", "go", lambda: [build(folder, "loop.go", GO, "go", "build", "-o", "PROGRAM", "SOURCE")]
    yield "Go, stripped", "go", lambda: [build(folder, "bare.go", GO, "go", "build", "-ldflags=-s -w", "-o", "PROGRAM", "SOURCE")]
    yield "Python", "python3", lambda: ["/usr/bin/python3", build(folder, "loop.py", PYTHON)]
    yield "Python, asyncio", "python3", lambda: ["/usr/bin/python3", build(folder, "asynchronous.py", ASYNCIO)]
    yield "node", "node", lambda: ["node", "--perf-basic-prof", "--interpreted-frames-native-stack", build(folder, "loop.js", NODE)]
    yield "Java", "javac", lambda: (build(folder, "Loop.java", JAVA, "javac", "-d", "FOLDER", "SOURCE"), [
        "java", "-XX:+PreserveFramePointer", "-Xcomp", "-XX:TieredStopAtLevel=1", "-XX:CompileCommand=quiet",
        "-XX:CompileCommand=compileonly,Loop::*", "-cp", folder, "Loop"])[1]


def cpu(words, log):
    """Seconds of CPU time of a run, its output in log."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert os.path.getsize(log) > 0
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def frames(log):
    """Of a stack, in the middle of them all."""
    counts = [0]
    with open(log, encoding="utf-8", errors="replace") as f:
        for line in f:
            if line.startswith(" > "):
                counts[-1] += 1
            else:
                counts.append(0)
    counts = [n for n in counts if n]
    return int(statistics.median(counts)) if counts else 0


def measure(tracer, k, program, many, log):
    """µs of a stack that was seen before, of a new one and of the first, and its frames."""
    t = {}
    for stacks in ([], k):
        for n in (1, SITES, many):
            # one stack is little beside a program's start
            t[bool(stacks), n] = statistics.median(cpu([*tracer, *stacks, "-o", log, "--", *program, str(n)], log)
                                                   for _ in range(5 if n == 1 else 1))
    first, new, seen = (t[True, n] - t[False, n] for n in (1, SITES, many))
    return (seen - new) / (many - SITES) * 1e6, (new - first) / (SITES - 1) * 1e6, first * 1e6, frames(log)


def row(name, rounds):
    """A difference of runs that is not above nothing says nothing."""
    cells = [name]
    for i in range(3):
        both = [statistics.median(r[w][i] for r in rounds) for w in (0, 1)]
        cells += [f"{v:,.0f}" if v > 0 else "not to be told" for v in both]
        cells.append(f"{statistics.median(o[i] / s[i] for o, s in rounds):.3f}" if min(both) > 0 else "")
    cells.append(", ".join(f"{statistics.median(r[w][3] for r in rounds):.0f}" for w in (0, 1)))
    print("|", " | ".join(cells), "|", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--build", default=".")
    parser.add_argument("--strace", default="strace")
    parser.add_argument("words", nargs="*")
    args = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    ours = [os.path.join(os.path.abspath(args.build), "cmsgtrace"), "-qq"]
    strace = [args.strace, "-f", "-qq", "--seccomp-bpf", "-e", "trace=" + TRACED]
    print("| | seen | strace -k | ratio | new | strace -k | ratio | first | strace -k | ratio | frames: ours, strace's |\n" + "|---" * 11 + "|")
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        for name, needs, make in languages(folder):
            if args.words and not any(w in name for w in args.words):
                continue
            if not shutil.which(needs):
                print(f"| {name} | {needs} is not installed |")
                continue
            program = make()
            rounds = [(measure(ours, ["-k"], program, OURS, log), measure(strace, ["-k"], program, STRACES, log))
                      for _ in range(args.rounds)]
            row(name, rounds)


if __name__ == "__main__":
    main()
