#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: of a program's messages, sent and received by 16 threads, each engine shows every one, once, with every byte of
its payload and its control message; and what the eBPF engine loses, since it stops nobody, it counts.

CMSGTRACE_AUDIT is the number of messages (default 8000), CMSGTRACE_AUDIT_PAUSE how many microseconds each thread rests after a
call (default none: more than the eBPF engine's ring takes)."""
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, CMSGTRACE, Skip, Tap, wait_for, why_no_bpf, within  # noqa: E402

MESSAGES = int(os.environ.get("CMSGTRACE_AUDIT", "8000"))
THREADS, VECTOR = 16, 4
STATUS = 44
NOTE = "lost before this: the ring was full"
# seconds: generous where the machine is slow and busy, and many messages were asked for
LIMIT = 120 + MESSAGES // 200


class Audit:
    """What was shown, against what the program says it sent."""

    def __init__(self, kind, messages):
        self.mixed, self.each = kind == "mixed", messages // THREADS
        self.seen = {True: bytearray(messages), False: bytearray(messages)}
        self.crc = {}
        self.calls = self.altered = 0
        self.said = 0
        self.tid, self.why = {}, []

    def alter(self, why):
        self.altered += 1
        if len(self.why) < 5:
            self.why.append(why)

    def message(self, call, m):
        sent = bool(m.get("sent"))
        data = b"".join(bytes.fromhex(v["data"]["hex"]) for v in m.get("iov", ()) if "data" in v)[:m["len"]]
        if len(data) < 8:
            return self.alter(call)
        thread, no = struct.unpack_from("=II", data)
        if thread >= THREADS or no >= self.each or self.tid.setdefault(thread, call["tid"]) != call["tid"]:
            return self.alter(call)
        at = thread * self.each + no
        self.seen[sent][at] += self.seen[sent][at] < 255
        if self.crc.setdefault(at, zlib.crc32(data)) != zlib.crc32(data):
            return self.alter(call)
        if self.mixed and thread % 4 >= 2:
            control = [(c["level"], c["type"], c["data"]) for c in m.get("cmsgs", ())]
            if control != [(0, 2, struct.pack("=i", 1 + no % 255).hex())]:
                return self.alter(call)
        return None

    def line(self, line):
        if '"call"' not in line:
            if NOTE in line:
                self.said += int(json.loads(line)["note"].split()[0])
            return
        call = json.loads(line)
        if call.get("call") not in ("sendmsg", "recvmsg", "sendto", "recvfrom", "sendmmsg", "recvmmsg"):
            return
        self.calls += 1
        for m in call["msgs"]:
            self.message(call, m)

    def result(self, log):
        """(calls lost, messages doubled, altered); a message's line in the log is what was sent in truth."""
        with open(log, "rb") as f:
            truth = struct.unpack(f"={THREADS * self.each}I", f.read())
        self.altered += sum(truth[at] != crc for at, crc in self.crc.items())
        seen = self.seen[True] + self.seen[False]
        return self.lost_calls(), sum(n > 1 for n in seen), self.altered

    def lost_calls(self):
        lost = 0
        for at in range(THREADS * self.each):
            thread, no = divmod(at, self.each)
            if not (self.mixed and thread % 4 == 3 and no % VECTOR):  # else it is the first message of its call
                lost += (not self.seen[True][at]) + (not self.seen[False][at])
        return lost


class Program:
    """The program and its tracer, and what the latter writes."""

    def __init__(self, folder, engine, kind, messages):
        self.log = os.path.join(folder, "log")
        argv = [os.path.join(BUILD, "tests/live/audit"), kind, str(THREADS), str(messages), self.log]
        read_end, write_end = os.pipe()
        self.err = os.path.join(folder, "err")
        tracer = [CMSGTRACE, f"--engine={engine}", "--format=jsonl", "-s", "64", "-e", "trace=sendmsg,recvmsg,sendto,recvfrom,sendmmsg,recvmmsg",
                  "-o", f"|exec cat >&{write_end}"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with open(self.err, "wb") as err:
            if engine == "bpf":
                self.program = subprocess.Popen(argv, **pipes)
                self.expect("ready")
                self.tracer = subprocess.Popen([*tracer, "-p", str(self.program.pid)], pass_fds=[write_end], stderr=err)
                wait_for("attaching", lambda: "attached" in self.errors() or self.tracer.poll() is not None)
            else:
                self.program = self.tracer = subprocess.Popen([*tracer, *argv], pass_fds=[write_end], stderr=err, **pipes)
                self.expect("ready")
        os.close(write_end)
        self.lines = os.fdopen(read_end, encoding="utf-8", errors="replace")

    def errors(self):
        with open(self.err, encoding="utf-8", errors="replace") as f:
            return f.read()

    def expect(self, word):
        line = self.program.stdout.readline()
        assert line.strip() == word, (line, self.errors())

    def go(self):
        self.program.stdin.write("go\n")
        self.program.stdin.flush()

    def finish(self):
        self.program.stdin.close()

    def end(self):
        for p in {self.program, self.tracer}:
            if p.poll() is None:
                p.kill()
            p.wait()
        for f in (self.program.stdin, self.program.stdout, self.lines):
            f.close()


def audited(engine, kind, messages, steps):
    with tempfile.TemporaryDirectory(prefix="cmsgtrace-test-") as folder:
        begun = time.monotonic()
        p = Program(folder, engine, kind, messages)
        try:
            audit = Audit(kind, messages // THREADS * THREADS)
            with within(LIMIT):
                steps(p, audit)
                statuses = p.program.wait(), p.tracer.wait()
            lost, doubled, altered = audit.result(p.log)
            print(f"# {engine}, {kind}: {messages} messages in {audit.calls} calls, {time.monotonic() - begun:.0f} s: "
                  f"lost {lost}, said {audit.said}, doubled {doubled}, altered {altered}", flush=True)
            errors = p.errors()
            assert "Sanitizer" not in errors, errors
            assert statuses == (STATUS, 0 if engine == "bpf" else STATUS), (statuses, errors)
            assert not doubled and not altered, audit.why
            return lost, audit.said
        finally:
            p.end()


def at_once(p, audit):
    p.go()
    p.finish()
    for line in p.lines:
        audit.line(line)


def test_every_message_is_shown_once_and_whole(engine):
    if engine == "bpf" and why_no_bpf():
        raise Skip(why_no_bpf())
    lost, said = audited(engine, "mixed", MESSAGES, at_once)
    assert lost == said, (lost, said)
    assert lost == 0 or engine == "bpf", lost


def while_stopped(p, audit):
    """The tracer is stopped until the ring is full for certain."""
    p.tracer.send_signal(signal.SIGSTOP)
    try:
        p.go()
        p.expect("done")
    finally:
        p.tracer.send_signal(signal.SIGCONT)
    for line in p.lines:
        audit.line(line)
        if audit.said:  # it is told once all that was in the ring was read
            break
    p.finish()
    for line in p.lines:
        audit.line(line)


def test_what_is_lost_is_counted():
    if why_no_bpf():
        raise Skip(why_no_bpf())
    lost, said = audited("bpf", "unix", 32000, while_stopped)
    assert lost == said > 0, (lost, said)


def main():
    tap = Tap()
    for engine in ("seccomp", "syscall", "bpf"):
        tap.run(test_every_message_is_shown_once_and_whole, engine)
    tap.run(test_what_is_lost_is_counted)
    tap.done()


if __name__ == "__main__":
    main()
