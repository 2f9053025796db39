#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What attaching costs: ns added to a message of a program that makes 20 other calls beside each (bench/mixed.c), by
every tracer in turn, round by round; medians, and the ratio to strace -f -p of the same round.

    attached.py [--rounds N] [--build DIR] [--one]      --one: all on one CPU
"""
import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

WARM, TAKEN = 16, 4  # quarters of a second: until the tracer is there, and what is taken then


def tracers(build, log):
    ours = os.path.join(build, "cmsgtrace")
    found = {"untraced": None}
    for engine in ("syscall", "bpf"):
        found[f"cmsgtrace --engine={engine}"] = [ours, "-qq", f"--engine={engine}", "-o", log, "-p"]
    if shutil.which("strace"):
        found["strace -f"] = ["strace", "-f", "-qq", "-e", "trace=sendmsg,recvmsg", "-o", log, "-p"]
    if shutil.which("perf"):
        found["perf trace"] = ["perf", "trace", "-e", "sendmsg,recvmsg", "-o", log, "-p"]
    return found


def once(tracer, build):
    with subprocess.Popen([os.path.join(build, "bench/mixed")], stdout=subprocess.PIPE, text=True) as p:
        t = subprocess.Popen(tracer + [str(p.pid)], stderr=subprocess.DEVNULL) if tracer else None
        try:
            values = [int(p.stdout.readline()) for _ in range(WARM + TAKEN)]
            if t and t.poll() is not None:
                return None
            return statistics.median(values[WARM:])
        finally:
            if t:
                t.send_signal(signal.SIGINT)
                try:
                    t.wait(20)
                except subprocess.TimeoutExpired:
                    t.kill()
            p.kill()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--build", default=".")
    parser.add_argument("--one", action="store_true")
    args = parser.parse_args()
    if args.one:
        os.sched_setaffinity(0, {0})
    added, ratio = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        found = tracers(args.build, os.path.join(folder, "log"))
        for _ in range(args.rounds):
            times = {name: once(words, args.build) for name, words in found.items()}
            beside = (times.get("strace -f") or 0) - times["untraced"]
            for name, ns in times.items():
                if ns is not None:
                    added.setdefault(name, []).append(ns if name == "untraced" else ns - times["untraced"])
                    if beside > 0:
                        ratio.setdefault(name, []).append((ns - times["untraced"]) / beside)
            time.sleep(0.1)
    print(f"ns added to a message (median of {args.rounds}), ratio to strace -f -p; {'one CPU' if args.one else 'all CPUs'}")
    for name, values in added.items():
        print(f"  {name:28} {statistics.median(values):10.0f}", end="")
        print(f" {statistics.median(ratio[name]):8.3f}" if name != "untraced" and name in ratio else "")


if __name__ == "__main__":
    sys.exit(main())
