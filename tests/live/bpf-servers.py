#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: the eBPF engine, attached to servers of the newer kinds and without a capture, says of each conversation what the
client saw: quic-go, a server that takes and answers by the batch (recvmmsg, UDP_GRO, sendmmsg, UDP_SEGMENT), servers on
liburing.  Those that are right are silent; a wrong level is CT101, a wrong source CT201, both errors, and none "can't be
told".  (Other servers, node among them: daemons.py.)"""
import os
import re
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import quic  # noqa: E402
from lab import BUILD, Skip, Tap, Traced, TwoHosts, need, sanitized, wait_for, why_no_bpf  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = ("CT201", "CT202", "CT205", "CT206")
RIGHT, WRONG_LEVEL, NO_SOURCE = socket.IPPROTO_IP, socket.IPPROTO_TCP, -1
UDP_SEGMENT = 103
SEGMENT, SEGMENTS = 200, 3


def liburing(folder):
    """The server on liburing, made here: the library needn't be there."""
    binary = os.path.join(folder, "liburing-echo")
    done = subprocess.run([need("cc"), "-O1", "-g", "-o", binary, os.path.join(HERE, "liburing-echo.c"), "-luring"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
    if "liburing.h: No such file" in done.stdout:
        raise Skip("liburing-dev is not installed")
    assert done.returncode == 0, done.stdout
    return binary


class Attached:
    """A server on its host, and the tool attached to it from outside."""

    def __init__(self, *argv):
        self.server = subprocess.Popen(HOSTS.on(HOSTS.server, *argv), stdout=subprocess.PIPE, text=True)
        self.t = None
        try:
            self.port = self.server.stdout.readline().strip()
            if not self.port:
                if self.server.wait(60) == 77:
                    raise Skip("this kernel has no io_uring for us, or none with such requests")
                raise AssertionError("the server ended")
            self.t = Traced(["--engine=bpf", "-p", str(self.server.pid)])
            wait_for("attaching", lambda: "attached" in self.t.read("err") or self.t.process.poll() is not None)
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.communicate()
        if self.t:
            self.t.__exit__()

    def finish(self):
        assert self.server.wait(60) == 0, self.t.read("log")[-2000:]
        return self.t.finish()


def echoed(address, port, segments=1):
    """What comes back of some datagrams that leave as one, and where from."""
    data = [bytes([65 + i]) * SEGMENT for i in range(segments)]
    with HOSTS.far_socket(socket.AF_INET, 0) as s:
        s.settimeout(30)
        if segments > 1:
            s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, SEGMENT)
        s.sendto(b"".join(data), (address, int(port)))
        got = [s.recvfrom(65536) for _ in range(segments)]
    assert [d for d, _ in got] == data, got
    return {peer[0] for _, peer in got}


def assert_said(run, asked, came, rules):
    """One error of each rule, with both addresses; nothing else but notes, and no message that was not seen."""
    assert run.rules("error") == sorted(rules) and not run.rules("warning"), run.text[-4000:]
    for f in run.findings("error"):
        if f["rule"] in SOURCES:
            assert (f["asked"], f["from"]) == (asked, came), f
    assert not [f for f in run.findings() if f["rule"] in (*SOURCES, "CT901") and f["level"] == "note"], run.text[-4000:]


HOSTS = TwoHosts()
CHOICES = {"right": (RIGHT, ()), "a wrong level": (WRONG_LEVEL, ("CT101", "CT201")), "no source": (NO_SOURCE, ("CT201",))}


def test_quic_go(which):
    quic.need_quic_go()
    binary, rules = (quic.packaged(), ()) if which == "as packaged" else (quic.changed(), ("CT101", "CT201"))
    first, second = HOSTS.FIRST, HOSTS.SECOND
    with Attached(binary, "server", "udp4", "1") as a:
        came = quic.Conversation.client(HOSTS, second, a.port)
        run = a.finish()
    assert came == [first if rules else second], came
    assert_said(run, second, first, rules)
    if rules:
        place = {f["rule"]: f["place"] for f in run.findings("error")}["CT101"]
        # none where the server had ended before its stack was walked
        assert not place or "quic-go" in place.get("file", "") or "syscall" in place.get("function", ""), place


def test_batches(which):
    level, rules = CHOICES[which]
    with Attached(os.path.join(BUILD, "tests/live/batch-echo"), str(level), "4") as a:
        for segments in (1, SEGMENTS, SEGMENTS, 1):
            assert echoed(HOSTS.SECOND, a.port, segments) == {HOSTS.FIRST if rules else HOSTS.SECOND}
        run = a.finish()
    assert_said(run, HOSTS.SECOND, HOSTS.FIRST, rules)
    assert run.text.count("recvmmsg(") >= 4 and run.text.count("sendmmsg(") >= 4, run.text


def test_liburing(which, *kind):
    level, rules = CHOICES[which]
    with tempfile.TemporaryDirectory(prefix="cmsgtrace-test-") as folder, Attached(liburing(folder), str(level), "4", *kind) as a:
        for i in range(4):
            if i == 3:  # a program that has ended has no places
                wait_for("the findings", lambda: all(r in a.t.read("log") for r in rules))
            assert echoed(HOSTS.SECOND, a.port) == {HOSTS.FIRST if rules else HOSTS.SECOND}
        run = a.finish()
    assert_said(run, HOSTS.SECOND, HOSTS.FIRST, rules)
    assert all(f["place"].get("function") == "send_answer" for f in run.findings("error")), run.text
    fds = set(re.findall(r" io_uring_(recvmsg|sendmsg)\((\d+), .* = 200$", run.text, re.M))
    assert len(fds) == 2 and len({fd for _, fd in fds}) == 1, run.text
    assert run.text.count("io_uring_recvmsg(") == run.text.count("io_uring_sendmsg(") == 4, run.text


def main():
    if why_no_bpf() or sanitized():
        print(f"1..0 # SKIP {why_no_bpf() or 'a tracer with sanitizers is too slow for servers that end; bpf.py has the engine under them'}")
        return
    tap = Tap()
    try:
        with HOSTS:
            for which in ("as packaged", "with the level changed"):
                tap.run(test_quic_go, which)
            for which in CHOICES:
                tap.run(test_batches, which)
                tap.run(test_liburing, which)
                tap.run(test_liburing, which, "multishot")
    except Skip as why:
        print(f"1..0 # SKIP {why}")
        return
    tap.done()


if __name__ == "__main__":
    main()
