#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: on real servers with two addresses the verdict is what the client sees.  Each server is asked at its second
and at its first address, plain, with --wire, attached by eBPF, and by strace, ip and a capture, whose files are read afterwards; by a
client that notes where the answers come from.  What the tool says of that conversation must be just that; nothing here knows which
servers are right.

  with --wire, by eBPF, from files
                an error, where and only where the client saw another address than it asked
  without       an error only there, and at least a warning; and a server whose answers were all right gets neither"""
import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import (CMSGTRACE, PATIENCE, Run, Skip, Tap, Traced, TwoHosts, bound, has_wire, need, read_records, wait_for,  # noqa: E402
                 why_no_bpf)
from servers import SERVERS, V4, V6, Setting  # noqa: E402

ADDRESSES = {V4: (TwoHosts.FIRST, TwoHosts.SECOND), V6: (TwoHosts.FIRST6, TwoHosts.SECOND6)}
PORTS = itertools.count(20000, 2)  # coturn takes the next one too
SOURCE_RULES = ("CT201", "CT202", "CT205", "CT206")
RANK = {"none": 0, "note": 1, "warning": 2, "error": 3}
MODES = {"plain": ["--engine=ptrace"], "wire": ["--wire"], "bpf": ["--engine=bpf"]}
STRICT = ("wire", "bpf", "files")  # both addresses are their packets' own
LAST_PACKET = b"the capture ends here"
TRIES = (0.4, 1, 2, 4, 8, 16)
MET = []  # (mode, talks, run) of each server that was judged
ATTACHED = ("dnsmasq", "unbound", "knotd", "in.tftpd v4", "socat UDP4-LISTEN", "python3 socketserver udp6", "node dgram udp4")


class Talk:
    """One client with its own port: what it asked, where from it was answered."""

    def __init__(self, hosts, asked):
        self.family = V6 if ":" in asked else V4
        self.asked = asked
        self.sock = hosts.far_socket(self.family, next(PORTS))
        self.port = self.sock.getsockname()[1]
        self.saw = []
        self.verdict = self.finding = None

    def take(self, timeout):
        self.sock.settimeout(timeout)
        try:
            answer, peer = self.sock.recvfrom(65536)
        except socket.timeout:
            return None
        self.saw.append(peer[0])
        return answer, peer

    def hold(self, server, port):
        for patience in TRIES:
            self.sock.sendto(server.ask, (self.asked, port))
            got = self.take(patience)
            if got:
                if server.then:
                    server.then(self.sock, *got)
                return
        raise AssertionError(f"no answer when asked at {self.asked}")

    def end(self):
        while self.take(0.001):
            pass
        self.sock.close()

    @property
    def wrong(self):
        return any(a != self.asked for a in self.saw)

    def __str__(self):
        return f"asked {self.asked}, answered from {', '.join(sorted(set(self.saw)))}: {self.verdict}"


# ---- what the tool says of one conversation ----

def peers_of(record, socks):
    """Ports of those that the messages of a call came from or went to."""
    if record["type"] != "call" or "msgs" not in record:
        return set()
    addresses = [side["addr"] for m in record["msgs"] for side in (m.get("in", {}), m.get("out", {})) if "addr" in side]
    addresses += [socks.get(record.get("sock", {}).get("id"), "")]
    return {int(a.rsplit(":", 1)[1]) for a in addresses if re.search(r":\d+$", a)}


def findings_of(record_lines, talk, talks):
    """Replays the recording without the messages of other clients."""
    others = {t.port for t in talks} - {talk.port}
    socks, kept = {}, []
    for line in record_lines:
        r = json.loads(line)
        if r["type"] == "sock":
            socks[r["id"]] = (r.get("peer") or {}).get("text", "")
        if r["type"] != "finding" and not peers_of(r, socks) & others:
            kept.append(line)
    done = subprocess.run([CMSGTRACE, "--read=-", "--format=jsonl", "-o", "/dev/stdout"], input="".join(kept), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [r for r in map(json.loads, done.stdout.splitlines()) if r["type"] == "finding"]


def judge(lines, talks):
    for t in talks:
        found = [f for f in findings_of(lines, t, talks) if f["rule"] in SOURCE_RULES]
        t.finding = max(found, key=lambda f: RANK[f["level"]], default=None)
        t.verdict = t.finding["level"] if t.finding else "none"


def assert_true(mode, talks, run):
    told = "\n".join(map(str, talks)) + "\n" + run.text[-6000:]
    for t in talks:
        if mode in STRICT or t.verdict == "error":
            assert (t.verdict == "error") == t.wrong, told
        assert not t.wrong or RANK[t.verdict] >= RANK["warning"], told
        if t.verdict == "error":
            assert t.finding["asked"] == t.asked and t.finding["from"] in t.saw, (t.finding, told)
    for family in (V4, V6):
        ours = [t for t in talks if t.family == family]
        if not any(t.wrong for t in ours):
            assert not any(RANK[t.verdict] >= RANK["warning"] for t in ours), told
    if not any(t.wrong for t in talks):
        assert not [rule for rule in run.rules("error", "warning") if rule.startswith("CT2")], told


def assert_told_once(talks, run):
    """Of the whole run: each kind of mistake once, with all that it happened counted."""
    errors = [f for f in run.findings("error") if f["rule"] in SOURCE_RULES]
    kinds = {(t.family, t.finding["rule"]) for t in talks if t.verdict == "error"}
    assert len(errors) == len(kinds), (len(errors), kinds, run.text)
    ended = [r for r in run.records if r["type"] == "end"][0]["findings"]
    assert ended["error"] >= sum(t.wrong for t in talks if t.verdict == "error"), (ended, run.text)
    if errors:
        assert all(any("remedy: " in n for n in f["notes"]) for f in errors), errors


# ---- a server under the tool ----

class Files:
    """A server under strace, with a capture of its host beside, which the tool sees afterwards.  As a Traced."""

    def __init__(self, argv, hosts, folder):
        self.hosts, self.folder = hosts, folder
        self.record, self.log, self.net, self.packets = (os.path.join(folder, n) for n in ("record", "log", "ip", "packets"))
        self.traced = []
        on = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "cwd": folder}
        strace, dumpcap = need("strace"), need("dumpcap")
        with open(os.path.join(folder, "capture-err"), "wb") as err:
            self.capture = subprocess.Popen(hosts.on(hosts.server, dumpcap, "-q", "-i", "any", "-f", "udp", "-w", self.packets),
                                            stderr=err, **on)
        with open(os.path.join(folder, "err"), "wb") as err:
            self.process = subprocess.Popen(hosts.on(hosts.server, strace, "-f", "-o", self.log, *argv), stderr=err, **on)
        self.pid = self.process.pid
        try:
            wait_for("the capture", lambda: self.read("capture-err"))
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for one in (self.process, self.capture):
            if one.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    for pid in family_of(one.pid)[::-1]:
                        os.kill(pid, signal.SIGKILL)
            one.wait()

    def read(self, name):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            return ""
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def captured(self):
        with open(self.packets, "rb") as f:
            return f.read()

    def interrupt(self, sig):
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as f:
            first = int(f.read().split()[0])
        self.traced = family_of(first)
        os.kill(first, sig)  # strace is not asked to pass it on

    def finish(self, timeout=PATIENCE):
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:  # processes that outlive the one that made them
            for pid in self.traced:
                with contextlib.suppress(OSError), open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as f:
                    if f"TracerPid:\t{self.pid}\n" in f.read():
                        os.kill(pid, signal.SIGKILL)
        self.process.wait(timeout)
        with self.hosts.far_socket(V4, next(PORTS)) as s:  # what is written to the file comes in blocks
            s.sendto(LAST_PACKET, (TwoHosts.FIRST, 9))
        wait_for("the last packet", lambda: LAST_PACKET in self.captured())
        self.capture.send_signal(signal.SIGINT)
        self.capture.wait(timeout)
        with open(self.net, "w", encoding="utf-8") as f:
            for command in ("addr", "-4 route show table all", "-6 route show table all", "rule", "-6 rule"):
                f.write(f"$ ip {command}\n")
                f.flush()
                subprocess.run([self.hosts.ip, "-n", self.hosts.server, *command.split()], stdout=f, stderr=subprocess.DEVNULL,
                               timeout=60, check=True)
        done = subprocess.run([CMSGTRACE, f"--read={self.log}", f"--net={self.net}", f"--pcap={self.packets}", "--record", self.record],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False, text=True, errors="replace")
        assert done.returncode in (0, 1), done.stderr
        return Run(done.returncode, done.stdout + done.stderr, "", read_records(self.record))



def setting(server, listen, folder):
    families = server.families
    asked = [a for f in families for a in reversed(ADDRESSES[f])]
    addresses = []
    if listen == "each":
        addresses = [a for f in families for a in ADDRESSES[f]]
    elif listen == "one":
        addresses = asked = [ADDRESSES[families[-1]][1]]
    os.chmod(folder, 0o755)
    return Setting(folder, next(PORTS), addresses), asked


def converse(hosts, server, where, asked, pid):
    wait_for(f"{server.name} at its port", lambda: bound(pid(), where.port))
    talks = [Talk(hosts, a) for a in asked]
    for t in talks:
        t.hold(server, where.port)
    return talks


def conclude(mode, talks, t):
    run = t.finish()
    for talk in talks:
        talk.end()
    with open(t.record, encoding="utf-8") as f:
        judge(f.readlines(), talks)
    for talk in talks:
        print(f"# {mode}: {talk}", flush=True)
    assert_true(mode, talks, run)
    assert_told_once(talks, run)
    MET.append((mode, talks, run))


def wrapped(hosts, server, listen, modes):
    """Both at once: most of the time is waiting for servers to begin and end."""
    with tempfile.TemporaryDirectory(prefix="cmsgtrace-test-") as top:
        running = []
        try:
            for mode in modes:
                folder = os.path.join(top, mode)
                os.mkdir(folder)
                where, asked = setting(server, listen, folder)
                t = Files(server.argv(where), hosts, folder) if mode == "files" else \
                    Traced([*MODES[mode], "--", *server.argv(where)], prefix=hosts.on(hosts.server), cwd=folder)
                running.append((mode, t, where, asked))
            held = [converse(hosts, server, where, asked, lambda p=t.pid: p) for mode, t, where, asked in running]
            for _, t, _, _ in running:
                t.interrupt(signal.SIGTERM)
            for (mode, t, _, _), talks in zip(running, held):
                conclude(mode, talks, t)
        except BaseException:
            for mode, t, _, _ in running:
                if t.process.poll() is None:
                    print(f"# {mode}: " + (t.read("out") + t.read("err"))[-2000:].replace("\n", "\n# "), flush=True)
            raise
        finally:
            for _, t, _, _ in running:
                t.__exit__()


def family_of(pid):
    """A process and all that it made, and they: a server may have made those that answer before we came."""
    parents = {}
    for other in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{other}/stat", encoding="utf-8", errors="replace") as f:
            parents.setdefault(int(f.read().rsplit(")", 1)[1].split()[1]), []).append(int(other))
    found = [pid]
    for p in found:
        found += parents.get(p, [])
    return found


def attached(hosts, server, mode):
    """The tool stays outside of the server's network namespace."""
    with tempfile.TemporaryDirectory(prefix="cmsgtrace-test-") as folder:
        where, asked = setting(server, "wildcard", folder)
        with subprocess.Popen(hosts.on(hosts.server, *server.argv(where)), stdin=subprocess.DEVNULL, cwd=folder,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as p:
            try:
                wait_for(f"{server.name} at its port", lambda: bound(p.pid, where.port))
                if mode == "bpf":
                    time.sleep(1)  # it may be making them
                pids = family_of(p.pid) if mode == "bpf" else [p.pid]
                with Traced([*MODES[mode], *(word for pid in pids for word in ("-p", str(pid)))]) as t:
                    wait_for("attach", lambda: "attached" in t.read("err"))
                    time.sleep(0.1)  # its other threads
                    talks = converse(hosts, server, where, asked, lambda: p.pid)
                    t.interrupt()
                    conclude(mode, talks, t)
            finally:
                os.killpg(p.pid, signal.SIGKILL)  # its children too
                p.wait()


# ---- the tests ----

def test_both_right_and_wrong_answers_were_met():
    seen = {(mode, t.wrong) for mode, talks, _ in MET for t in talks}
    assert {wrong for _, wrong in seen} == {True, False}, seen


def test_another_verdict_than_the_client_saw_fails():
    for mode, talks, run in MET:
        for t in talks if mode in STRICT else ():
            saw, t.saw = t.saw, ["192.0.2.1"] if not t.wrong else [t.asked]
            try:
                assert_true(mode, talks, run)
            except AssertionError:
                continue
            finally:
                t.saw = saw
            raise AssertionError(f"nobody would have noticed: {t}")


def main():
    tap = Tap()
    chosen = [s for s in SERVERS if all(word in s.name for word in sys.argv[1:])]

    def test_the_verdict_is_what_the_client_saw(name, listen):
        wrapped(hosts, *[s for s in chosen if s.name == name], listen, modes + ([] if missing else ["files"]))

    def test_attached_the_verdict_is_what_the_client_saw(name, mode):
        attached(hosts, *[s for s in chosen if s.name == name], mode)

    try:
        hosts = TwoHosts().__enter__()
    except Skip as why:
        print(f"1..0 # SKIP {why}")
        return
    modes = ["plain", "wire"] if has_wire() else ["plain"]
    missing = [p for p in ("strace", "dumpcap") if not shutil.which(p)] or ([] if has_wire() else ["libpcap"])
    print(f"# from files: {', '.join(missing) + ' missing' if missing else 'yes'}", flush=True)
    by_bpf = [] if why_no_bpf() else ["bpf"]
    print(f"# by eBPF: {why_no_bpf() or 'yes'}", flush=True)
    try:
        for s in chosen:
            for listen in s.listen:
                tap.run(test_the_verdict_is_what_the_client_saw, s.name, listen)
        for s in chosen:
            for mode in (modes if s.name in ATTACHED else []) + by_bpf:
                tap.run(test_attached_the_verdict_is_what_the_client_saw, s.name, mode)
    finally:
        hosts.__exit__()
    tap.run(test_both_right_and_wrong_answers_were_met)
    tap.run(test_another_verdict_than_the_client_saw_fails)
    tap.done()


main()
