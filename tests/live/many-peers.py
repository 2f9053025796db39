#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: ten thousand peers of one socket are all counted, more than there is room for are counted too and said to be
dropped, nobody is accused for having been forgotten; memory has its bound; a server that answers rightly costs no
question to the routing table."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench"))
from lab import BUILD, CMSGTRACE, SHORT, Skip, Tap, need, sanitized  # noqa: E402
from peers import replay  # noqa: E402

PEERS = os.path.join(BUILD, "bench/peers")
ROOM = 65536  # CONVO_MAX
MANY = 70000
PEAK_KB = 64 * 1024  # what it may take at most; 30 MB are usual
ONCE = 10  # netlink questions that a run may put whatever the number of messages


def live(mode, peers, requests, prefix=()):
    """The server's own numbers, and the summary."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        done = subprocess.run([PEERS, mode, str(peers), str(requests), *prefix, CMSGTRACE, "-qq", "-c", "-o", log],
                              stdout=subprocess.PIPE, timeout=120, check=True)
        with open(log, encoding="utf-8") as f:
            return json.loads(done.stdout), f.read()


def row(text):
    """Peers, requests, replies, asked at, answered from, source by, the findings of the table's only socket."""
    found = re.findall(r"^ \|  udp4 \S+ +(\d+) +(\d+) +(\d+)  (\S+) +(\S+) +(\S+) *(.*)$", text, re.M)
    assert len(found) == 1, text
    return tuple(map(int, found[0][:3])) + found[0][3:]


def test_ten_thousand_peers_are_counted(mode, asked, answered, by, findings):
    peers, requests = (2000, 4000) if SHORT else (10000, 12000)
    server, text = live(mode, peers, requests)
    assert row(text) == (peers, requests, requests, asked, answered, by, findings.format(requests)), text
    assert server["right"] == (requests if answered == "127.0.0.2" else 0), server
    assert "dropped" not in text, text
    if not sanitized():
        assert server["hwm_kb"] < PEAK_KB, server


def test_more_peers_than_there_is_room_for():
    requests = 2 * MANY
    status, text, peak_kb, _ = replay(CMSGTRACE, MANY, requests)
    assert status == 0, (status, text)
    assert "nothing found" in text.splitlines()[0] or ": 0 errors, 0 warnings" in text.splitlines()[0], text
    # all come again after they were forgotten: each counts twice
    assert row(text) == (requests, requests, requests, "198.51.100.53", "198.51.100.53", "cmsg", ""), text
    assert f"least recently used peers were dropped: {requests - ROOM} (" in text, text
    if not sanitized():
        assert peak_kb < PEAK_KB, peak_kb


def test_memory_does_not_grow_with_time():
    if sanitized():
        raise Skip("what is freed is kept for a while: AddressSanitizer")
    peaks = [live("right", 500, requests)[0]["hwm_kb"] for requests in (1000, 20000)]
    assert peaks[1] < peaks[0] + 1024, peaks


def test_questions_to_the_routing_table(mode, per_peer):
    strace = need("strace")
    peers, requests = 1000, 2000
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "strace")
        live(mode, peers, requests, prefix=[strace, "-o", log, "-e", "trace=sendto,sendmsg"])
        with open(log, encoding="utf-8") as f:
            asked = sum("nlmsg_type=" in line for line in f)
    assert asked <= per_peer * peers + ONCE, asked
    assert asked >= per_peer * peers, asked


def main():
    tap = Tap()
    tap.run(test_ten_thousand_peers_are_counted, "right", "127.0.0.2", "127.0.0.2", "cmsg", "")
    tap.run(test_ten_thousand_peers_are_counted, "bound", "127.0.0.2", "127.0.0.2", "bind", "")
    tap.run(test_ten_thousand_peers_are_counted, "wrong", "127.0.0.2", "127.0.0.1", "route", "CT201 {}")
    tap.run(test_ten_thousand_peers_are_counted, "plain", "?", "127.0.0.1", "route", "CT201 {}")
    tap.run(test_more_peers_than_there_is_room_for)
    tap.run(test_memory_does_not_grow_with_time)
    tap.run(test_questions_to_the_routing_table, "right", 0)
    tap.run(test_questions_to_the_routing_table, "bound", 0)
    tap.run(test_questions_to_the_routing_table, "plain", 1)
    tap.done()


main()
