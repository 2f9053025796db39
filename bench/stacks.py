#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a stack costs in each language: µs of CPU time of all processes on one CPU, by cmsgtrace -k and strace -k in the same run.

Each program sends itself datagrams, from functions that call each other.  Warm is what a further stack adds: a long run less a
short one, less the same without -k.  Cold is what the first one adds: a run of one datagram with -k less one without.  Medians
of all rounds; the ratio is the median of the rounds' own.

    stacks.py [--rounds N] [--build DIR] [--strace PROGRAM] [WORD...]        WORD: only languages whose name has one of them
"""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import tempfile

OURS, STRACES = 4000, 100  # datagrams of a long run: so many that their stacks take tens of milliseconds at least
TRACED = "sendto,sendmsg,sendmmsg"

C = r"""
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
static int fd;
static struct sockaddr_in to = { .sin_family = AF_INET };
__attribute__((noinline)) static long reply(void) { return sendto(fd, "x", 1, MSG_DONTWAIT, (void *)&to, sizeof(to)) + 1; }
__attribute__((noinline)) static long serve(void) { return reply() + 1; }
__attribute__((noinline)) static long loop(long n) { long sum = 0; while (n--) sum += serve(); return sum; }
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
    "static long reply(void)", "static long reply(void) noexcept(false)")

RUST = r"""
use std::net::UdpSocket;
#[inline(never)]
fn reply(s: &UdpSocket) -> usize { s.send_to(b"x", s.local_addr().unwrap()).unwrap_or(0) + std::hint::black_box(1) }
#[inline(never)]
fn serve(s: &UdpSocket) -> usize { reply(s) + std::hint::black_box(1) }
fn main() {
    let s = UdpSocket::bind("127.0.0.1:0").unwrap();
    s.set_nonblocking(true).unwrap();
    for _ in 0..std::env::args().nth(1).unwrap().parse::<usize>().unwrap() { serve(&s); }
}
"""

GO = r"""
package main

import ("net"; "os"; "strconv")

//go:noinline
func reply(c *net.UDPConn) int { n, _ := c.WriteToUDP([]byte("x"), c.LocalAddr().(*net.UDPAddr)); return n + 1 }

//go:noinline
func serve(c *net.UDPConn) int { return reply(c) + 1 }

func main() {
	c, _ := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	n, _ := strconv.Atoi(os.Args[1])
	buf := make([]byte, 8)
	for ; n > 0; n-- {
		serve(c)
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
def reply():
    try:
        return s.sendto(b"x", to)
    except BlockingIOError:
        return 0
def serve():
    return reply() + 1
def loop(n):
    for _ in range(n):
        serve()
loop(int(sys.argv[1]))
"""

ASYNCIO = r"""
import asyncio, sys
async def reply(transport):
    transport.sendto(b"x", transport.get_extra_info("sockname"))
async def serve(transport):
    await reply(transport)
async def main():
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    for _ in range(int(sys.argv[1])):
        await serve(transport)
asyncio.run(main())
"""

NODE = r"""
const s = require('dgram').createSocket('udp4');
let left = Number(process.argv[2]);
function reply() { s.send('x', s.address().port, '127.0.0.1', next); }
function next() { if (left-- > 0) reply(); else s.close(); }
s.bind(0, '127.0.0.1', next);
"""

JAVA = r"""
import java.net.*;
public class Loop {
	static void reply(DatagramSocket s, DatagramPacket p) throws Exception { s.send(p); }
	static void serve(DatagramSocket s, DatagramPacket p) throws Exception { reply(s, p); }
	public static void main(String[] args) throws Exception {
		DatagramSocket s = new DatagramSocket(0, InetAddress.getLoopbackAddress());
		DatagramPacket p = new DatagramPacket(new byte[1], 1, s.getLocalSocketAddress());
		for (int n = Integer.parseInt(args[0]); n > 0; n--)
			serve(s, p);
	}
}
"""


def build(folder, name, text, *words):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
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
    """µs of a warm and of a cold stack, and its frames."""
    t = {}
    for stacks in ([], k):
        for n in (1, many):
            t[bool(stacks), n] = cpu([*tracer, *stacks, "-o", log, "--", *program, str(n)], log)
    cold = t[True, 1] - t[False, 1]
    warm = (t[True, many] - t[True, 1] - (t[False, many] - t[False, 1])) / (many - 1)
    return warm * 1e6, cold * 1e6, frames(log)


def row(name, values, ratios):
    ours, theirs = ([statistics.median(v[i] for v in values[w]) for i in range(3)] for w in (0, 1))
    warm, cold = (statistics.median(r[i] for r in ratios) for i in range(2))
    print(f"| {name} | {ours[0]:,.0f} | {theirs[0]:,.0f} | {warm:.3f} | {ours[1]:,.0f} | {theirs[1]:,.0f} | {cold:.3f} | "
          f"{ours[2]:.0f}, {theirs[2]:.0f} |", flush=True)


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
    print("| | warm | strace -k | ratio | cold | strace -k | ratio | frames |\n|---|---|---|---|---|---|---|---|")
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
            row(name, list(zip(*rounds)), [(o[0] / s[0], o[1] / s[1]) for o, s in rounds])


if __name__ == "__main__":
    main()
