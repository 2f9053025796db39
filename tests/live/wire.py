#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: with --wire a program that never asks for pktinfo is convicted by its packets, and only then; the
recording says the same; the packets open in Wireshark's tools; where capture isn't possible, it is said."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import CMSGTRACE, SERVER, Skip, Tap, Traced, ask, has_wire, need, need_root, need_wire, wait_for  # noqa: E402

LEVELS = ("error", "warning")


def converse(server_args, options=("--wire",), prefix=(), then=None, rounds=3):
    """Asks the server at 127.0.0.2; the Run, who answered, and what then(recording) gave."""
    read_end, write_end = os.pipe()
    with Traced([*options, "--", SERVER, f"--port-fd={write_end}", f"--count={rounds}", *server_args],
                prefix=prefix, pass_fds=[write_end]) as t:
        os.close(write_end)
        with os.fdopen(read_end) as f:
            port = int(f.readline())
        for _ in range(rounds):
            answered = ask("127.0.0.2", port)[1]
        run = t.finish()
        assert run.status == 0, (run.status, run.text)
        return run, answered, then(t.record) if then else None


def messages(run):
    return [m for r in run.records if r["type"] == "call" for m in r.get("msgs", []) if "len" in m]


def replayed(record):
    done = subprocess.run([CMSGTRACE, f"--read={record}", "--format=jsonl"], stdout=subprocess.PIPE, timeout=60,
                          check=False)
    with open(record, "rb") as f:
        return f.read(), done.stdout


def test_a_program_that_never_asks_for_pktinfo_is_convicted(family):
    need_wire()
    run, answered, (recorded, again) = converse(["--calls=to", f"--family={family}"], then=replayed)
    assert answered == "127.0.0.1", answered
    found = [f for f in run.findings("error") if f["rule"] == "CT201"]
    assert len(found) == 1, run.text
    assert found[0]["asked"] == "127.0.0.2" and found[0]["from"] == "127.0.0.1", found
    assert any("seen on the wire" in n for n in found[0]["notes"]), found
    assert "6 matched theirs, 0 did not" in run.text, run.text
    assert [m["wire"]["packet"] for m in messages(run)] == [1, 2, 3, 4, 5, 6], messages(run)
    assert recorded == again


def test_without_it_nothing_told_the_address():
    run, _, _ = converse(["--calls=to"], options=())
    assert "CT201" in run.rules() and "CT201" not in run.rules("error"), run.text
    assert not any("wire" in m for m in messages(run))


def test_another_source_than_asked_is_seen():
    need_wire()
    run, answered, _ = converse(["--calls=msg", "--bug=other"])
    found = [f for f in run.findings("error") if f["rule"] == "CT206"]
    assert answered == "127.0.0.3" and found, run.text
    assert any("seen on the wire" in n for n in found[0]["notes"]), found


def test_correct_servers_are_silent(*args):
    need_wire()
    run, answered, _ = converse(args)
    assert answered == "127.0.0.2" and not run.rules(*LEVELS), run.text
    assert "6 matched theirs, 0 did not" in run.text, run.text


def test_a_client_on_several_addresses_is_silent():
    """Answers to an unbound socket come to the address it asked from, and its next question may leave from another."""
    need_wire()
    code = ("import socket\n"
            "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('127.0.0.2',0))\n"
            "c=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); c.bind(('',0))\n"
            "pktinfo=lambda a:[(0,8,bytes(4)+socket.inet_aton(a)+bytes(4))]\n"
            "for a in ('127.0.0.3','127.0.0.1'):\n"
            "  c.sendmsg([b'q'],pktinfo(a) if a[-1]=='3' else [],0,s.getsockname())\n"
            "  d,p=s.recvfrom(9); s.sendto(b'a',p); c.recvfrom(9)\n")
    with Traced(["--wire", "--", sys.executable, "-c", code]) as t:
        run = t.finish()
    assert run.status == 0 and not run.rules("error"), run.text
    assert "8 matched theirs, 0 did not" in run.text, run.text


def test_a_socket_of_the_caller_is_heard_before_it_is_read():
    """As under socket activation: the first request comes while the program waits in select()."""
    need_wire()
    code = ("import select,socket,sys\n"
            "s=socket.socket(fileno=int(sys.argv[1])); print('up',flush=True)\n"
            "select.select([s],[],[],30); d,p=s.recvfrom(9); s.sendto(d,p)\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("", 0))
        fd = s.fileno()
        with Traced(["--wire", "--", sys.executable, "-c", code, str(fd)], pass_fds=[fd]) as t:
            wait_for("the server", lambda: t.read("out"))
            assert ask("127.0.0.2", s.getsockname()[1], b"q")[1] == "127.0.0.1"
            run = t.finish()
    assert "CT201" in run.rules("error"), run.text
    assert "2 matched theirs, 0 did not" in run.text, run.text


def test_the_packets_open_in_tshark_with_the_finding():
    need_wire()
    tshark = need("tshark")
    folder = tempfile.mkdtemp(prefix="cmsgtrace-test-")
    try:
        path = os.path.join(folder, "packets")
        converse(["--calls=to"], options=(f"--pcapng={path}",))
        done = subprocess.run([tshark, "-n", "-r", path, "-T", "json", "-e", "ip.src", "-e", "ip.dst", "-e",
                               "frame.comment"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                              check=False)
        assert done.returncode == 0, done.stderr
        packets = [p["_source"]["layers"] for p in json.loads(done.stdout)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    assert len(packets) == 6, packets
    assert [p["ip.dst"][0] for p in packets[::2]] == ["127.0.0.2"] * 3, packets
    assert [p["ip.src"][0] for p in packets[1::2]] == ["127.0.0.1"] * 3, packets
    comments = [p for p in packets if "frame.comment" in p]
    assert comments == [packets[1]] and "CT201 error" in comments[0]["frame.comment"][0], packets


def test_without_the_capability_it_is_said_once_and_the_run_goes_on():
    if not has_wire():
        raise Skip("built without libpcap")
    need_root()
    run, answered, _ = converse(["--calls=to"], prefix=(need("setpriv"), "--bounding-set=-net_raw,-sys_admin",
                                                        "--inh-caps=-net_raw,-sys_admin"))
    assert answered == "127.0.0.1" and run.text.count("CAP_NET_RAW") == 1, run.text
    assert "CT201" in run.rules() and "CT201" not in run.rules("error"), run.text


def refused(*args):
    done = subprocess.run([CMSGTRACE, *args], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          timeout=60, check=False)
    assert done.returncode in (2, 125), done
    return done.stderr


def test_what_it_can_not_be_had_with_is_said():
    assert "need a command or -p" in refused("--wire", "--read=/dev/null")
    if has_wire():
        assert "/nowhere/file" in refused("--pcapng=/nowhere/file", "--", "true")
    else:
        assert "no libpcap" in refused("--wire", "--", "true")


def main():
    tap = Tap()
    for family in ("4", "dual"):
        tap.run(test_a_program_that_never_asks_for_pktinfo_is_convicted, family)
    tap.run(test_without_it_nothing_told_the_address)
    tap.run(test_another_source_than_asked_is_seen)
    tap.run(test_correct_servers_are_silent, "--calls=msg")
    tap.run(test_correct_servers_are_silent, "--calls=mmsg")
    tap.run(test_correct_servers_are_silent, "--family=4", "--calls=to", "--bind=127.0.0.2")
    tap.run(test_a_client_on_several_addresses_is_silent)
    tap.run(test_a_socket_of_the_caller_is_heard_before_it_is_read)
    tap.run(test_the_packets_open_in_tshark_with_the_finding)
    tap.run(test_without_the_capability_it_is_said_once_and_the_run_goes_on)
    tap.run(test_what_it_can_not_be_had_with_is_said)
    tap.done()


main()
