#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what a run finds, its recording finds too, all of it; and a log of strace of the same program finds the
same, but for the rules that cmsgtrace itself lists as not run on it; whatever options strace was given.
"""
import collections
import contextlib
import itertools
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Skip, need_wire  # noqa: E402

CMSGTRACE = os.environ["CMSGTRACE"]
SRC = os.environ.get("srcdir", ".")
SITUATIONS = os.path.join(os.environ.get("builddir", "."), "tests", "rules", "situations")
OPTIONS = ["", "-f", "-v", "-s 4096", "-s 0", "-y", "-yy", "-x", "-xx", "-t", "-tt", "-ttt", "-r", "-T", "-q", "-k",
           "-a 80", "-e trace=network", "-e trace=sendmsg,recvmsg", "-X raw", "-X verbose", "-f -tt -T -yy -v -s 4096",
           "-f -ttt -y -x", "-r -t", "-Y -f"]
# Every strace prints level, type, length and flags: with these no option may cost the finding.
IN_EVERY_LOG = ["CT101", "CT307"]

count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        print("# " + str(detail).replace("\n", "\n# ")[:2000])


def recording(path, *options):
    return subprocess.run([CMSGTRACE, "--read=" + path, "--format=jsonl", *options], capture_output=True, timeout=60,
                          check=False).stdout


def net(path):
    """What ip(8) prints of this host, as people paste it; False: it isn't installed."""
    if not shutil.which("ip"):
        return False
    with open(path, "w", encoding="utf-8") as f:
        for command in ("ip addr", "ip -4 route show table all", "ip -6 route show table all", "ip rule", "ip -6 rule"):
            f.write(f"$ {command}\n")
            f.flush()
            subprocess.run(command.split(), stdout=f, stderr=subprocess.DEVNULL, timeout=60, check=False)
    return True


class Capture:
    """What passes the loopback interface, as a pcap file; as a context."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))  # ETH_P_ALL
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        self.sock.bind(("lo", 0))
        self.sock.setblocking(False)
        return self

    def __exit__(self, *_):
        """All is there: a packet of this interface is queued while it is sent."""
        with open(self.path, "wb") as f, contextlib.suppress(BlockingIOError), self.sock:
            f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
            while True:
                packet, address = self.sock.recvfrom(262144)
                if address[2] == socket.PACKET_OUTGOING:  # each passes twice
                    f.write(struct.pack("<IIII", 0, 0, len(packet), len(packet)) + packet)


def read(path, *options):
    return records(recording(path, *options))


def records(text):
    """The findings, whole, and what is told of rules that could not run."""
    found, not_run = [], None
    for line in text.splitlines():
        r = json.loads(line)
        if r["type"] == "finding" and r["rule"] != "CT902":  # that one repeats not_run
            found.append(r)
        elif r["type"] == "end":
            not_run = r.get("not_run", [])
    return found, not_run


def names(found):
    return collections.Counter(f"{r['rule']} {r['level']}" for r in found)


def listed(not_run):
    return {x["rule"] for x in not_run}


# what a log alone leaves open: which address the routing table chooses
UNROUTED = ("CT201", "CT202", "CT205")
# where the first can't run, the second speaks of what came of it
STAND_INS = {"CT403": "CT401 warning", "CT208": "CT108 note"}


def differs(live, got, not_run, routed=False):
    """What a log's findings lack, or have too many; None where they are live's but for the rules listed.  routed: what ip
    prints was there too."""
    missing = {x: n for x, n in (names(live) - names(got)).items() if x[:5] not in listed(not_run)}
    extra = names(got) - names(live)
    for rule, level in itertools.product(() if routed else UNROUTED, ("error", "note")):
        told, instead = f"{rule} {level}", f"{rule} warning"
        if extra[instead] and missing.get(told) == extra[instead]:
            del missing[told], extra[instead]
    for rule, other in STAND_INS.items():
        if rule in listed(not_run) and any(x.startswith(rule) for x in names(live) - names(got)):
            extra.pop(other, None)
    return (dict(missing), dict(extra)) if missing or extra else None


def can_capture():
    try:
        need_wire()
    except Skip:
        return False
    return True


def strace(log, options, *command):
    subprocess.run(["strace", *options.split(), "-o", log, *command], capture_output=True, timeout=60, check=False)


if not shutil.which("strace"):
    print("1..0 # SKIP strace is not installed")
    sys.exit(0)

total = {"live": 0, "recording": 0, "log -yy": 0, "log -yy, not run": 0, "log": 0, "log, not run": 0,
         "log -yy and ip": 0, "log and ip": 0, "log -yy, ip and a capture": 0, "log, ip and a capture": 0}
rules = sorted(d for d in os.listdir(os.path.join(SRC, "tests/rules"))
               if d.startswith("CT") and os.path.isdir(os.path.join(SRC, "tests/rules", d)))
with tempfile.TemporaryDirectory() as tmp:
    rec, log, ip, packets = (os.path.join(tmp, name) for name in ("r.jsonl", "log", "ip", "pcap"))
    has_ip = net(ip)
    has_capture = can_capture()
    for rule in rules:
        for which in ("bad", "good"):
            p = subprocess.run([CMSGTRACE, "--record=" + rec, "-o", "/dev/null", "--", SITUATIONS, rule, which],
                               capture_output=True, timeout=60, check=False)
            if p.returncode == 77:
                continue
            with open(rec, "rb") as f:
                live, live_not_run = records(f.read())
            replayed, replay_not_run = read(rec)
            problems = []
            if live != replayed or live_not_run != replay_not_run:
                problems.append(f"recording: {replayed} {replay_not_run}, live: {live} {live_not_run}")
            total["live"] += len(live)
            total["recording"] += len(replayed)
            for options, name in (("-f -v -s 4096 -yy", "log -yy"), ("-f", "log")):
                with Capture(packets) if has_capture else contextlib.nullcontext():
                    strace(log, options, SITUATIONS, rule, which)
                got, not_run = read(log)
                total[name] += len(got)
                total[name + ", not run"] += sum((names(live) - names(got)).values())
                made = recording(log)
                with open(rec, "wb") as f:
                    f.write(made)
                if recording(rec) != made:
                    problems.append(f"{name}: its recording gives another one")
                if has_ip:
                    routed, routed_not_run = read(log, "--net=" + ip)
                    total[name + " and ip"] += len(routed)
                    if differs(live, routed, routed_not_run, True):
                        problems.append(f"{name} and ip: {differs(live, routed, routed_not_run, True)}, "
                                        f"not run: {routed_not_run}")
                if has_ip and has_capture:
                    joined, joined_not_run = read(log, "--net=" + ip, "--pcap=" + packets)
                    total[name + ", ip and a capture"] += len(joined)
                    if differs(live, joined, joined_not_run, True):
                        problems.append(f"{name}, ip and a capture: {differs(live, joined, joined_not_run, True)}, "
                                        f"not run: {joined_not_run}")
                if differs(live, got, not_run):
                    problems.append(f"{name}: (missing, extra): {differs(live, got, not_run)}, not run: {not_run}")
            result(not problems, f"{rule} {which}: {len(live)} live", "\n".join(problems))
    print("# findings: " + ", ".join(f"{n} {k}" for k, n in total.items()))
    for rule in IN_EVERY_LOG:
        subprocess.run([CMSGTRACE, "--record=" + rec, "-o", "/dev/null", "--", SITUATIONS, rule, "bad"],
                       capture_output=True, timeout=60, check=False)
        live, _ = read(rec)
        for options in OPTIONS:
            strace(log, options, SITUATIONS, rule, "bad")
            got, not_run = read(log)
            result(not differs(live, got, not_run) and rule not in listed(not_run) and
                   any(r["rule"] == rule for r in got), f"{rule} in a log of strace {options}",
                   f"(missing, extra): {differs(live, got, not_run)}, not run: {not_run}")
print(f"1..{count}")
sys.exit(failed != 0)
