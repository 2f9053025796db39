#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: with --try-fix the broken server's client hears from the address that it asked, without it from another; the trace,
the table and the summary say what was changed; the program itself can't tell; what can't be changed is said; and nobody is
changed who was not named."""
import os
import signal
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, CMSGTRACE, SERVER, Skip, Tap, Traced, TwoHosts, ask, trace, tracer_of, wait_for, within  # noqa: E402
import quic  # noqa: E402

PROBE = os.path.join(BUILD, "tests", "live", "amend-probe")
ENGINES = ("seccomp", "syscall")
# asks at 127.0.0.2 by recvmsg, answers by sendto: "python3 -c SENDTO PORT-FD"
SENDTO = """
import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(0, 8, 1)
s.bind(("0.0.0.0", 0))
os.write(int(sys.argv[1]), b"%d\\n" % s.getsockname()[1])
for _ in range(2):
    peer = s.recvmsg(99, 99)[3]
    s.sendto(b"answer\\n", 0, peer)
"""


def converse(command, options=(), requests=(b"one\n", b"two\n"), attach=False):
    """Two requests of one client to 127.0.0.2: the Run, and from which addresses it was answered."""
    read_end, write_end = os.pipe()
    server = None
    try:
        command = [*command, str(write_end)] if command[0] != SERVER else [*command, f"--port-fd={write_end}", "--count=2"]
        if attach:
            server = subprocess.Popen(command, pass_fds=[write_end], stdout=subprocess.DEVNULL)
            options = [*options, "-p", str(server.pid)]
        else:
            options = [*options, "--", *command]
        with Traced(options, pass_fds=[write_end]) as t, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s, within(60):
            os.close(write_end)
            with os.fdopen(read_end) as f:
                port = int(f.readline())
            if attach:
                wait_for("the tracer", lambda: tracer_of(server.pid) == t.pid)
            peers = []
            for data in requests:
                s.sendto(data, ("127.0.0.2", port))
                peers.append(s.recvfrom(99)[1][0])
            run = t.finish()
            if not attach:
                assert run.status == 0, (run.status, run.text)
            return run, peers
    finally:
        if server:
            server.kill()
            server.wait()


def tried(run):
    return [m["tried"] for r in run.records if r["type"] == "call" for m in r.get("msgs", []) if "tried" in m]


BROKEN = {
    "CT101": [SERVER, "--family=4", "--bug=level"],
    "CT101, dual": [SERVER, "--family=dual", "--bug=level"],
    "CT201": [SERVER, "--family=4", "--bug=missing"],
    "CT201, dual": [SERVER, "--family=dual", "--bug=missing"],
    "CT201, sendto": ["python3", "-c", SENDTO],
}


def test_the_client_hears_from_the_address_that_it_asked(name, engine):
    rule = name.split(",", maxsplit=1)[0]
    off, peers = converse(BROKEN[name], [f"--engine={engine}"])
    assert peers == ["127.0.0.1"] * 2 and not tried(off) and "--try-fix" not in off.text, (peers, off.text)
    run, peers = converse(BROKEN[name], [f"--engine={engine}", "-C", f"--try-fix={rule}"])
    assert peers == ["127.0.0.2"] * 2, (peers, run.text)
    assert [rule in t["what"] and "failed" not in t for t in tried(run)] == [True, True], tried(run)
    # the program's mistake is told all the same, as it is without
    assert rule in run.rules("error"), run.text
    assert run.text.count(" |  --try-fix: sent with ") == 2, run.text
    assert "2 messages were changed, for 1 peer; then the next request was another 1 time, the same again 0 times" in run.text, \
        run.text
    # the table shows that it left from where it was asked
    socks = [s for r in run.records if r["type"] == "end" for s in r.get("sockets", [])]
    assert not socks or "127.0.0.2" in str(socks), socks


def test_the_same_request_again_is_counted():
    run, _ = converse(BROKEN["CT201"], ["-C", "--try-fix=CT201"], requests=(b"same\n", b"same\n"))
    assert "the next request was another 0 times, the same again 1 time" in run.text, run.text


def test_a_rule_that_was_not_named_changes_nothing():
    run, peers = converse(BROKEN["CT101"], ["--try-fix=CT201"])
    assert peers == ["127.0.0.2"] * 2, (peers, run.text)  # its source, added behind the ignored one
    run, peers = converse(BROKEN["CT201"], ["--try-fix=CT101"])
    assert peers == ["127.0.0.1"] * 2 and not tried(run), (peers, run.text)


def test_a_correct_server_is_left_alone():
    run, peers = converse([SERVER, "--family=4"], ["-C", "--try-fix=CT101,CT201"])
    assert peers == ["127.0.0.2"] * 2 and not tried(run) and "--try-fix" not in run.text, run.text


def test_what_is_not_changed_is_said():
    run, peers = converse([SERVER, "--family=4", "--calls=mmsg", "--bug=level"], ["-C", "--try-fix=CT101"])
    assert peers == ["127.0.0.1"] * 2, peers
    assert all("sendmmsg" in t["failed"] for t in tried(run)) and len(tried(run)) == 2, tried(run)
    assert "2 messages not changed: sendmmsg is left as it is" in run.text, run.text


def test_the_program_can_not_tell(mode, engine):
    with Traced([f"--engine={engine}", "--try-fix=CT101", "--", PROBE, mode]) as t:
        run = t.finish()
    if run.status == 77:
        raise Skip("the probe knows x86-64 alone")
    result = -4 if mode == "eintr" else 6
    assert run.out.split("\n")[-3:] == [f"result={result} fd={'no' if mode == 'eintr' else 'yes'}", "unchanged", ""], run.out
    # a call that restarts is one more, changed anew
    assert len(tried(run)) == (2 if mode == "restart" else 1), (tried(run), run.text)
    assert not any("failed" in x for x in tried(run)), tried(run)


def test_a_tracer_that_leaves_puts_back_what_it_changed():
    """The program waits in the changed call when it is let go: it makes its own call again, and can't tell."""
    read_end, write_end = os.pipe()
    with subprocess.Popen([PROBE, "input"], stdin=read_end, stdout=subprocess.PIPE, text=True) as probe, within(60):
        os.close(read_end)
        try:
            if probe.poll() == 77:
                raise Skip("the probe knows x86-64 alone")
            assert probe.stdout.readline() == "waits\n"
            with Traced(["--try-fix=CT101", "--yes-change-the-program", "-p", str(probe.pid)]) as t:
                wait_for("the call that is made again, changed", lambda: os.path.exists(t.log) and "sendmsg" in t.read("log"))
                t.interrupt()
                run = t.finish()
            os.close(write_end)
            # its own call, with the level that passes nothing
            assert probe.stdout.read() == "result=6 fd=no\nunchanged\n"
            assert run.status == 0 and probe.wait() == 0
        finally:
            probe.kill()


def test_a_quic_client_connects_to_the_server_with_the_wrong_level(options, connects):
    """The client is behind a firewall: what comes from another address than it wrote to does not reach it."""
    binary = quic.changed()
    with TwoHosts() as hosts:
        command = hosts.on(hosts.server, binary, "server", "udp4", "1")
        with Traced([*options, "-C", "--", *command]) as t:
            port = wait_for("the port", lambda: t.read("out").strip() or t.process.poll() is not None)
            assert str(port).isdigit(), t.read("err")
            client = subprocess.run(hosts.on(hosts.client, quic.packaged(), "client", hosts.SECOND, port, "3000", "strict"),
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
            if not connects:
                assert client.returncode == 1 and "timeout" in client.stdout, client.stdout
                return
            run = t.finish()
            assert client.returncode == 0 and client.stdout.split()[-1] == hosts.SECOND, (client.stdout, run.text[-3000:])
            assert tried(run) and not any("failed" in x for x in tried(run)), tried(run)
            assert "changed, for 1 peer;" in run.text, run.text[-3000:]


def refused(*options):
    done = subprocess.run([CMSGTRACE, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60, check=False)
    assert done.returncode, options
    return done.stdout


def test_who_is_attached_to_is_changed_only_where_that_was_said():
    assert "--yes-change-the-program" in refused("--try-fix=CT101", "-p", str(os.getpid()))
    run, peers = converse(BROKEN["CT201, sendto"], ["--try-fix=CT201", "--yes-change-the-program"], attach=True)
    assert peers == ["127.0.0.2"] * 2 and len(tried(run)) == 2, (peers, run.text)


def test_what_makes_no_sense_is_refused():
    assert "CT101 and CT201, not 'CT102'" in refused("--try-fix=CT102", "true")
    assert "CT101 and CT201, not ''" in refused("--try-fix=", "true")
    assert "engine that stops it" in refused("--try-fix=CT101", "--engine=bpf", "true")
    assert "engine that stops it" in refused("--try-fix=CT101", "--read=/dev/null")


tap = Tap()
for each in BROKEN:
    for by in ENGINES:
        tap.run(test_the_client_hears_from_the_address_that_it_asked, each, by)
tap.run(test_the_same_request_again_is_counted)
tap.run(test_a_rule_that_was_not_named_changes_nothing)
tap.run(test_a_correct_server_is_left_alone)
tap.run(test_what_is_not_changed_is_said)
for each in ("room", "restart", "eintr", "write"):
    for by in ENGINES:
        tap.run(test_the_program_can_not_tell, each, by)
tap.run(test_a_tracer_that_leaves_puts_back_what_it_changed)
tap.run(test_a_quic_client_connects_to_the_server_with_the_wrong_level, (), False)
tap.run(test_a_quic_client_connects_to_the_server_with_the_wrong_level, ("--try-fix=CT101",), True)
tap.run(test_who_is_attached_to_is_changed_only_where_that_was_said)
tap.run(test_what_makes_no_sense_is_refused)
tap.done()
