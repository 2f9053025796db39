#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tracing costs, beside strace in the same run.

Runs every tracer in turn, round by round, so that a machine whose speed drifts drifts for all of them; prints the
median of the cost that each adds to a call and its ratio to strace --seccomp-bpf.  ONE: all processes on one CPU, and
what counts is the CPU time of all of them, which others on the machine hardly change; FREE: the scheduler's choice, and
wall time.

    bench.py [--rounds N] [--calls N] [--build DIR] [--against DIR] [--fair THREADS]

--against: another build, an older one say, is run in turn with this one, twice: its two rows differ by noise alone.
"""
import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

FEWEST = 20  # calls: what a workload takes at least


def tracers(build, log, against=None):
    ours = os.path.join(build, "cmsgtrace")
    found = {"untraced": [],
             "cmsgtrace": [ours, "-qq", "-o", log],
             "cmsgtrace --findings-only": [ours, "-qq", "--findings-only", "-o", log],
             "cmsgtrace --engine=syscall": [ours, "-qq", "--engine=syscall", "-o", log]}
    if not os.geteuid():
        found["cmsgtrace --engine=bpf"] = [ours, "-qq", "--engine=bpf", "-o", log]
    if against:
        for name in "the other cmsgtrace", "the same once more":
            found[name] = [os.path.join(against, "cmsgtrace"), "-qq", "-o", log]
    strace = shutil.which("strace")
    if strace:
        names = "trace=sendmsg,recvmsg,sendmmsg,recvmmsg,sendto,recvfrom"
        found["strace --seccomp-bpf"] = [strace, "-f", "-qq", "--seccomp-bpf", "-e", names, "-o", log]
        found["strace"] = [strace, "-f", "-qq", "-e", names, "-o", log]
    return found


def run(words):
    """The program's own last word, and the CPU time of all processes in ns."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run(words, stdout=subprocess.PIPE, check=True, timeout=300).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return float(out.split()[-1]), used * 1e9


def words_of(workload, calls, tracer, pinned, build):
    program = os.path.join(build, "bench", workload)
    words = tracer + [program, str(calls)] if workload == "selfsend" else [program, str(calls)] + tracer
    return ["taskset", "-c", "0"] + words if pinned else words


def once(workload, calls, tracer, pinned, build, start):
    wall, used = run(words_of(workload, calls, tracer, pinned, build))
    return (used - start) / (calls - FEWEST) if pinned else wall


def starting(workload, tracer, pinned, build):
    """CPU time of a run that does next to nothing."""
    if not pinned:
        return 0
    return min(run(words_of(workload, FEWEST, tracer, pinned, build))[1] for _ in range(5))


def measure(workload, args, log, pinned):
    found = tracers(args.build, log, args.against)
    costs = {name: [] for name in found}
    ratios = {name: [] for name in found}
    start = {name: starting(workload, words, pinned, args.build) for name, words in found.items()}
    for _ in range(args.rounds):
        times = {name: once(workload, args.calls, words, pinned, args.build, start[name])
                 for name, words in found.items()}
        base = times["untraced"]
        beside = times.get("strace --seccomp-bpf", 0) - base
        for name, ns in times.items():
            costs[name].append(ns - base if name != "untraced" else ns)
            if beside > 0 and name != "untraced":
                ratios[name].append((ns - base) / beside)
    print(f"\n{workload}, {'ONE' if pinned else 'FREE'}: ns added to a call (median of {args.rounds}), "
          f"ratio to strace --seccomp-bpf")
    for name, values in costs.items():
        ratio = f"{statistics.median(ratios[name]):6.2f}" if ratios[name] else "      "
        print(f"  {name:28} {statistics.median(values):10.0f}  {ratio}")


def fair(args, log):
    print(f"\n{args.fair} busy threads, 3 seconds: calls of the slowest and the median thread")
    for name, words in tracers(args.build, log).items():
        program = os.path.join(args.build, "bench", "selfsend")
        out = subprocess.run(words + [program, "3", str(args.fair)], stdout=subprocess.PIPE, check=True,
                             timeout=300).stdout.decode().split()
        slowest, median = int(out[3]), int(out[5])
        print(f"  {name:28} {slowest:8} {median:8}  {slowest / median if median else 0:5.2f}")


def main():
    parser = argparse.ArgumentParser(description="cost of tracing beside strace")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--calls", type=int, default=20000)
    parser.add_argument("--build", default=".")
    parser.add_argument("--against", metavar="DIR")
    parser.add_argument("--fair", type=int, default=0, metavar="THREADS")
    args = parser.parse_args()
    args.build = os.path.abspath(args.build)
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        for workload in ("selfsend", "pingpong"):
            for pinned in (True, False):
                measure(workload, args, log, pinned)
                sys.stdout.flush()
        if args.fair:
            fair(args, log)


if __name__ == "__main__":
    main()
