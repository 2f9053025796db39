#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: the broken server is named for every family and every pair of calls, the right one is clean."""
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import SERVER, Skip, Tap, Traced, ask, need, need_root  # noqa: E402

LEVELS = ("error", "warning")


def converse(server_args, address, family=socket.AF_INET, rounds=2, options=(), source=None):
    """Traces the server, asks it at address; the Run and the address that answered last."""
    read_end, write_end = os.pipe()
    with Traced(list(options) + ["--", SERVER, f"--port-fd={write_end}", f"--count={rounds}"] + server_args,
                pass_fds=[write_end]) as t:
        os.close(write_end)
        with os.fdopen(read_end) as f:
            port = int(f.readline())
        answered = None
        for _ in range(rounds):
            answered = ask(address, port, family=family, source=source)[1]
        run = t.finish()
        assert run.status == 0, (run.status, run.text)
        return run, answered


def test_wrong_level_over_ipv4_names_cause_and_both_addresses(family, calls):
    run, answered = converse([f"--family={family}", f"--calls={calls}", "--bug=level"], "127.0.0.2")
    assert answered == "127.0.0.1", answered
    assert "CT101" in run.rules("error"), run.text
    finding = [f for f in run.findings() if f["rule"] == "CT101"][0]
    said = finding["message"] + " ".join(finding["notes"])
    assert "IP_PKTINFO" in said and "127.0.0.1" in said and "127.0.0.2" in said, said
    assert "CT201" in run.rules(), run.text


def test_no_source_fires_CT201(family, calls):
    bug = [] if calls == "to" else ["--bug=missing"]
    run, answered = converse([f"--family={family}", f"--calls={calls}"] + bug, "127.0.0.2")
    assert answered == "127.0.0.1", answered
    level = LEVELS if calls == "to" else ("error",)
    assert "CT201" in run.rules(*level), (run.rules(), run.text)
    assert "CT101" not in run.rules()


def test_ipi_addr_in_place_of_spec_dst_fires_CT204(family):
    run, answered = converse([f"--family={family}", "--bug=addr"], "127.0.0.2")
    assert answered == "127.0.0.1", answered
    assert "CT204" in run.rules("error"), run.text


def test_another_source_than_asked_fires_CT206(family):
    run, answered = converse([f"--family={family}", "--bug=other"], "127.0.0.2")
    assert answered == "127.0.0.3", answered
    assert "CT206" in run.rules("error"), run.text


def test_corrected_server_is_clean(family, calls):
    run, answered = converse([f"--family={family}", f"--calls={calls}"], "127.0.0.2")
    assert answered == "127.0.0.2", answered
    assert not run.rules(*LEVELS), run.text


def test_server_bound_to_one_address_is_clean(calls):
    run, answered = converse(["--family=4", "--bind=127.0.0.2", f"--calls={calls}"], "127.0.0.2")
    assert answered == "127.0.0.2", answered
    assert not run.rules(*LEVELS), run.text


def test_client_is_clean():
    need("python3")
    code = ("import socket,threading\n"
            "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('127.0.0.2',0))\n"
            "c=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
            "for i in range(3):\n"
            "  c.sendto(b'q',s.getsockname()); d,p=s.recvfrom(9); s.sendto(b'a',p); c.recvfrom(9)\n")
    with Traced(["--", sys.executable, "-c", code]) as t:
        run = t.finish()
    assert run.status == 0, run.text
    assert run.calls("sendto") and not run.rules(*LEVELS), run.text


def in_namespace():
    """This file again in a network namespace where ::1 isn't the only IPv6 address."""
    script = ("ip link set lo up && ip -6 addr add fd00:77::1/64 dev lo nodad && "
              "ip -6 addr add fd00:77::2/64 dev lo nodad && exec \"$@\"")
    return ["unshare", "-n", "sh", "-c", script, "sh", sys.executable, os.path.abspath(__file__)]


def test_real_ipv6(calls, bug):
    need_root()
    need("unshare")
    need("ip")
    done = subprocess.run(in_namespace() + [calls, bug], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=120, check=False)
    if b"unshare failed" in done.stdout:
        raise Skip("no network namespace may be made here")
    assert done.returncode == 0, done.stdout.decode()


def inside(calls, bug):
    # asked from ...::1, the automatic source of the answer is ...::1: another than asked
    asked = "fd00:77::2"
    args = ["--family=6", f"--calls={calls}"] + ([f"--bug={bug}"] if bug != "none" else [])
    run, answered = converse(args, asked, socket.AF_INET6, source="fd00:77::1")
    if bug == "level":
        assert answered != asked, answered
        assert "CT101" in run.rules("error") and "CT201" in run.rules(), run.text
    elif bug == "missing" or calls == "to":
        assert "CT201" in run.rules(*LEVELS), (answered, run.text)
    else:
        assert answered == asked and not run.rules(*LEVELS), run.text


def main():
    if len(sys.argv) == 3:
        inside(sys.argv[1], sys.argv[2])
        return
    tap = Tap()
    for family in ("4", "dual"):
        for calls in ("msg", "mmsg"):
            tap.run(test_wrong_level_over_ipv4_names_cause_and_both_addresses, family, calls)
            tap.run(test_corrected_server_is_clean, family, calls)
        for calls in ("msg", "mmsg", "to"):
            tap.run(test_no_source_fires_CT201, family, calls)
        tap.run(test_ipi_addr_in_place_of_spec_dst_fires_CT204, family)
        tap.run(test_another_source_than_asked_fires_CT206, family)
    for calls in ("msg", "mmsg", "to"):
        tap.run(test_server_bound_to_one_address_is_clean, calls)
        for bug in ("none",) if calls == "to" else ("level", "missing", "none"):
            tap.run(test_real_ipv6, calls, bug)
    tap.run(test_client_is_clean)
    tap.done()


main()
