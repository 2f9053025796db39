#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What very many peers of one socket cost: memory, and the tracer's own processor time a message.

Live: a server that answers rightly by IP_PKTINFO, one that is bound, one that answers wrongly though told, one that
never asks where it was asked; all processes on one CPU, so that the tracer doesn't spin.  "known" is the time for peers
that were met before.  Replayed: a log of strace with as many peers.  Medians.

    peers.py [--rounds N] [--build DIR] [--peers N,N,...]
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys

MODES = ("right", "bound", "wrong", "plain")
LEAST = 20000  # requests, where peers are fewer


def live(build, mode, peers):
    command = ["taskset", "-c", "0", os.path.join(build, "bench/peers"), mode, str(peers), str(max(2 * peers, LEAST)),
               os.path.join(build, "cmsgtrace"), "-qq", "-c", "-o", "/dev/null"]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=600).stdout)


def address(n):
    return ".".join(str(n >> s & 255) for s in (24, 16, 8, 0))


def log_of(peers, requests):
    """Lines of strace: each peer in turn asks at 198.51.100.53 and is answered from there."""
    def message(call, peer, spec, addr):
        return (f'7 {call}(3, {{msg_name={{sa_family=AF_INET, sin_port=htons(4000), sin_addr=inet_addr("{peer}")}}, '
                'msg_namelen=16, msg_iov=[{iov_base="ping", iov_len=4}], msg_iovlen=1, msg_control=[{cmsg_len=28, '
                f'cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO, cmsg_data={{ipi_ifindex=0, ipi_spec_dst=inet_addr("{spec}"), '
                f'ipi_addr=inet_addr("{addr}")}}}}], msg_controllen=32, msg_flags=0}}, 0) = 4\n')
    yield "7 socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 3\n"
    yield "7 setsockopt(3, SOL_IP, IP_PKTINFO, [1], 4) = 0\n"
    yield '7 bind(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("0.0.0.0")}, 16) = 0\n'
    for i in range(requests):
        peer = address(0x0a000001 + i % peers)
        yield message("recvmsg", peer, "198.51.100.53", "198.51.100.53")
        yield message("sendmsg", peer, "198.51.100.53", "0.0.0.0")


def replay(tracer, peers, requests):
    """Exit status, output, kB at most, ns of processor time a message."""
    with subprocess.Popen([tracer, "-c", "--read=-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as p:
        chunk = []
        for line in log_of(peers, requests):
            chunk.append(line)
            if len(chunk) == 1000:
                p.stdin.write("".join(chunk))
                chunk.clear()
        p.stdin.write("".join(chunk))
        p.stdin.close()
        out = p.stdout.read()
        _, status, used = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(status)
    return p.returncode, out, used.ru_maxrss, (used.ru_utime + used.ru_stime) * 1e9 / (2 * requests)


def main():
    parser = argparse.ArgumentParser(description="cost of many peers")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--build", default=".")
    parser.add_argument("--peers", default="100,1000,10000,100000")
    args = parser.parse_args()
    print(f"{'':9} {'peers':>7} {'peak kB':>8} {'ns a message':>13} {'known':>7}")
    for mode in MODES:
        for peers in map(int, args.peers.split(",")):
            runs = [live(args.build, mode, peers) for _ in range(args.rounds)]
            print(f"{mode:9} {peers:7} {max(r['hwm_kb'] for r in runs):8} "
                  f"{statistics.median(r['first_ns'] for r in runs):13.0f} "
                  f"{statistics.median(r['later_ns'] for r in runs):7.0f}", flush=True)
    for peers in map(int, args.peers.split(",")):
        runs = [replay(os.path.join(args.build, "cmsgtrace"), peers, max(2 * peers, LEAST)) for _ in range(args.rounds)]
        print(f"{'replayed':9} {peers:7} {max(r[2] for r in runs):8} {statistics.median(r[3] for r in runs):13.0f}",
              flush=True)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"(a replay's peak is never shown below this script's own, {own} kB)")


if __name__ == "__main__":
    sys.exit(main())
