#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What attaching costs, beside strace -f -p, perf trace -p and the engine by ptrace: lines to a file, rules on, every tracer in
turn, round by round; medians, as rows for doc/performance.md.

    attached.py [--rounds N] [--build DIR] [--only WORD]     --only: what has WORD in its name

Workloads (bench/mixed.c) run for ever: ns added to a message, and the median ratio to strace of the same round.  Then a
server's throughput (bench/pingpong.c), what others' calls pay, and what a tracer takes that has nothing to do.  What a wrapped
command pays: bench.py.
"""
import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

COMES, WARM, TAKEN = 240, 4, 4  # quarters of a second: that a tracer may take to write something, until then, and what is taken
SETTLE, IDLE = 3, 10  # seconds: until a tracer is there that has nothing to write; what is looked at
MESSAGES = 100000  # of the server
# others, batch, threads
WORKLOADS = {"mixed": (20, 1, 1), "self-send": (0, 1, 1), "mmsg of 32": (0, 32, 1), "64 threads": (0, 1, 64), "512 threads": (0, 1, 512)}
CALLS = "sendmsg,recvmsg,sendmmsg,recvmmsg"
BESIDE = "strace -f"


def tracers(build, log):
    ours = os.path.join(build, "cmsgtrace")
    found = {"untraced": None}
    if shutil.which("strace"):
        found[BESIDE] = ["strace", "-f", "-qq", "-e", f"trace={CALLS}", "-o", log, "-p"]
    if shutil.which("perf"):
        found["perf trace"] = ["perf", "trace", "-e", CALLS, "-o", log, "-p"]
    for engine in ("syscall", "bpf"):
        found[f"cmsgtrace --engine={engine}"] = [ours, "-qq", f"--engine={engine}", "-o", log, "-p"]
    return found


class Traced:
    """A program, and a tracer that attached to it."""

    def __init__(self, tracer, *program, err=subprocess.DEVNULL):
        # a session of its own: where the scheduler shares by session, a tracer has its part beside hundreds of threads
        self.program = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.tracer = subprocess.Popen(tracer + [str(self.program.pid)], stderr=err) if tracer else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.tracer:
            self.tracer.send_signal(signal.SIGINT)
            try:
                self.tracer.wait(60)
            except subprocess.TimeoutExpired:
                self.tracer.kill()
                self.tracer.wait()
        self.program.kill()
        self.program.communicate()

    def told(self, log=None):
        """The median of what the program says, once the tracer has written something to its log."""
        for _ in range(COMES):
            if not log or not self.tracer or (os.path.exists(log) and os.path.getsize(log)):
                break
            self.program.stdout.readline()
        values = [int(self.program.stdout.readline()) for _ in range(WARM + TAKEN)]
        if self.tracer and self.tracer.poll() is not None:
            return None
        return statistics.median(values[WARM:])


def mixed(build, tracer, sizes, log=None):
    if log and os.path.exists(log):
        os.remove(log)
    with Traced(tracer, os.path.join(build, "bench/mixed"), *map(str, sizes)) as t:
        return t.told(log)


class Table:
    """Values by tracer, each with its ratio to strace in the same round."""

    def __init__(self):
        self.added, self.ratio, self.perf = {}, {}, {}

    def take(self, times):
        base = times["untraced"]
        for name, ns in times.items():
            if ns is None:
                continue
            self.added.setdefault(name, []).append(ns if name == "untraced" else ns - base)
            for other, ratios in ((BESIDE, self.ratio), ("perf trace", self.perf)):
                beside = (times.get(other) or 0) - base
                if beside > 0 and name != "untraced":
                    ratios.setdefault(name, []).append((ns - base) / beside)

    def show(self, title):
        print(f"\n| {title} | ns added to a message | of `strace -f -p` | of `perf trace -p` |\n|---|---|---|---|")
        for name, values in self.added.items():
            row = [f"{statistics.median(values):,.0f}"]
            row += [f"{statistics.median(r[name]):.3f}" if name in r else "" for r in (self.ratio, self.perf)]
            print(f"| {name}{' (a message itself)' if name == 'untraced' else ''} | {' | '.join(row)} |", flush=True)


def workloads(args, found, log):
    for name, sizes in WORKLOADS.items():
        for where, cpus in (("all CPUs", args.cpus), ("one CPU", {min(args.cpus)})):
            title = f"{name}, {where}"
            if args.only not in title:
                continue
            table = Table()
            os.sched_setaffinity(0, cpus)
            for _ in range(args.rounds):
                table.take({n: mixed(args.build, tracer, sizes, log) for n, tracer in found.items()})
            os.sched_setaffinity(0, args.cpus)
            table.show(title)


def pingpong(build, tracer):
    """ns of a call of the server, and how many messages its tracer lost."""
    done = subprocess.run([os.path.join(build, "bench/pingpong"), str(MESSAGES), *tracer], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=True, timeout=300)
    lost = re.search(r"(\d+) calls and \d+ other records were lost", done.stderr)
    return float(done.stdout.split()[-1]), int(lost[1]) if lost else 0


def throughput(args, log):
    """The server is a command: its tracer is there from its first call on."""
    ours = [os.path.join(args.build, "cmsgtrace"), "-q", "-o", log]
    found = {"cmsgtrace --engine=bpf": ours + ["--engine=bpf"], "cmsgtrace (ptrace)": ours}
    if shutil.which("strace"):
        found["strace -f --seccomp-bpf"] = ["strace", "-f", "--seccomp-bpf", "-qq", "-e", f"trace={CALLS}", "-o", log]
    ratio, lost = {n: [] for n in found}, dict.fromkeys(found, 0)
    for _ in range(args.rounds):
        base, _ = pingpong(args.build, [])
        for name, words in found.items():
            ns, gone = pingpong(args.build, words)
            ratio[name].append(base / ns)
            lost[name] += gone
    print("\n| server of a ping-pong | throughput, of untraced | messages lost |\n|---|---|---|")
    for name, values in ratio.items():
        print(f"| {name} | {statistics.median(values):.2f} | {lost[name]:,} |")


def tax(args, found):
    """Another process is traced: ns that each call of this one takes longer."""
    added = {n: [] for n in found if n != "untraced"}
    for _ in range(args.rounds):
        base = mixed(args.build, None, (1000, 0, 1))
        for name in added:
            with Traced(found[name], "sleep", "1000"):
                time.sleep(SETTLE)
                added[name].append(mixed(args.build, None, (1000, 0, 1)) - base)
    print("\n| another process is traced | ns that a call takes longer |\n|---|---|")
    for name, values in added.items():
        print(f"| {name} | {statistics.median(values):.0f} |")


def cpu_ns(pid):
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as f:
        return int(f.read().split()[0])


def idle(found):
    print("\n| attached to a process that sleeps | % of a CPU |\n|---|---|")
    for name, tracer in found.items():
        if tracer:
            with Traced(tracer, "sleep", "1000") as t:
                time.sleep(SETTLE)
                before, start = cpu_ns(t.tracer.pid), time.monotonic_ns()
                time.sleep(IDLE)
                used = (cpu_ns(t.tracer.pid) - before) / (time.monotonic_ns() - start)
            print(f"| {name} | {100 * used:.3f} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--build", default=".")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    args.cpus = os.sched_getaffinity(0)
    print(f"Medians of {args.rounds}, {len(args.cpus)} CPUs, Linux {os.uname().release}")
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        found = tracers(args.build, log)
        workloads(args, found, log)
        if args.only in "throughput":
            throughput(args, log)
        if args.only in "tax":
            tax(args, found)
        if args.only in "idle":
            idle(found)


if __name__ == "__main__":
    sys.exit(main())
