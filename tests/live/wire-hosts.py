#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: between two hosts, over IPv4 and IPv6, --wire convicts programs that never asked which address they
were asked at, and only the wrong ones; segmented, merged, copied and dropped packets are accounted for."""
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Skip, Tap, Traced, TwoHosts, need, need_wire, wait_for  # noqa: E402

LEVELS = ("error", "warning")
FAMILIES = {"v4": (TwoHosts.FIRST, TwoHosts.SECOND, TwoHosts.CLIENT),
            "v6": (TwoHosts.FIRST6, TwoHosts.SECOND6, TwoHosts.CLIENT6)}

# What the programs of both hosts have: argv is family, second address of the server, port (client)
COMMON = """
import os, socket, struct, sys, time
V6 = sys.argv[1] == "v6"
FAMILY = socket.AF_INET6 if V6 else socket.AF_INET
SERVER = sys.argv[2]
SOL_UDP, UDP_SEGMENT, UDP_GRO = 17, 103, 104
def udp(address="", port=0):
    s = socket.socket(FAMILY, socket.SOCK_DGRAM)
    if V6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.settimeout(20)
    if address is not None:
        s.bind((address, port))
    return s
def source(address):
    packed = socket.inet_pton(FAMILY, address)
    if V6:
        return [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, packed + bytes(4))]
    return [(socket.IPPROTO_IP, 8, bytes(4) + packed + bytes(4))]
def serve(*options):
    s = udp()
    for option in options:
        s.setsockopt(*option, 1)
    print(s.getsockname()[1], flush=True)
    return s
"""

ASK = """
c = udp(None)
for question in (b"one", b"two"):
    c.sendto(question, (SERVER, int(sys.argv[3])))
    print(c.recvfrom(65536)[1][0])
"""


class Talk:
    """A traced program on the server, and one on the client that gets its port."""

    def __init__(self, family, server, client=ASK, options=("--wire",), prepare=None, meanwhile=None):
        need_wire()
        second = FAMILIES[family][1]
        with TwoHosts() as hosts:
            if prepare:
                prepare(hosts)
            with Traced([*options, "--", *hosts.on(hosts.server, sys.executable, "-c", COMMON + server, family,
                                                   second)]) as t:
                port = wait_for("the port", lambda: t.read("out").strip() or t.process.poll() is not None)
                assert str(port).isdigit(), t.read("err")
                if meanwhile:
                    meanwhile(t)
                done = subprocess.run(hosts.on(hosts.client, sys.executable, "-c", COMMON + client, family, second,
                                               port.split()[0]),
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
                if meanwhile:
                    meanwhile(t)
                assert done.returncode == 0, done.stderr
                self.saw = done.stdout.split()
                self.run = t.finish()
        assert self.run.status == 0, self.run.text
        told = re.findall(r"--wire: (\d+) packets captured, (\d+) dropped; of the messages, (\d+) matched theirs, "
                          r"(\d+) did not", self.run.text)
        assert len(told) == 1, self.run.text
        self.captured, self.dropped, self.matched, self.unmatched = (int(n) for n in told[0])

    def messages(self):
        """(call, length, local address by its packet or None), in order."""
        return [(r["call"], m["len"], m["wire"]["local"]["text"].rsplit(":", 1)[0].strip("[]") if "wire" in m else None)
                for r in self.run.records if r["type"] == "call" for m in r.get("msgs", []) if "len" in m]

    def finding(self, rule):
        found = [f for f in self.run.findings() if f["rule"] == rule]
        assert len(found) == 1, (rule, self.run.findings())
        return found[0]


def proven(talk, rule, level, family, seen="both addresses"):
    first, second, _ = FAMILIES[family]
    f = talk.finding(rule)
    assert (f["level"], f["asked"], f["from"]) == (level, second, first), f
    assert any(f"seen on the wire: {seen}" in n for n in f["notes"]), f
    assert talk.unmatched == 0 and talk.dropped == 0, talk.run.text


def test_a_reply_without_source(family):
    talk = Talk(family, "s = serve()\nfor _ in 1, 2: s.sendto(b'answer', s.recvfrom(99)[1])\n")
    assert talk.saw == [FAMILIES[family][0]] * 2, talk.saw
    proven(talk, "CT201", "error", family)
    assert talk.run.rules(*LEVELS) == ["CT201"], talk.run.text


def test_one_reply_with_source_and_one_without(family):
    talk = Talk(family, "s = serve()\n"
                        "s.sendmsg([b'answer'], source(SERVER), 0, s.recvfrom(99)[1])\n"
                        "s.sendto(b'answer', s.recvfrom(99)[1])\n")
    assert talk.saw == list(reversed(FAMILIES[family][:2])), talk.saw
    proven(talk, "CT202", "error", family)
    assert talk.run.rules(*LEVELS) == ["CT202"], talk.run.text


def test_another_source_than_asked(family):
    talk = Talk(family, "s = serve()\n"
                        f"for _ in 1, 2: s.sendmsg([b'answer'], source('{FAMILIES[family][0]}'), 0, s.recvfrom(99)[1])\n")
    assert talk.saw == [FAMILIES[family][0]] * 2, talk.saw
    proven(talk, "CT206", "error", family)
    assert talk.run.rules(*LEVELS) == ["CT206"], talk.run.text


def test_the_asked_socket_connects_to_its_peer(family):
    talk = Talk(family, "s = serve()\ns.connect(s.recvfrom(99)[1])\ns.send(b'answer')\n",
                ASK.replace(', b"two"', ","))
    assert talk.saw == [FAMILIES[family][0]], talk.saw
    proven(talk, "CT205", "error", family, "the destination of the request's packet")  # it speaks before the answer
    assert talk.run.rules(*LEVELS) == ["CT205"], talk.run.text


def test_a_new_socket_answers(family, how):
    answer = {"sendto": "n.sendto(b'answer', peer)", "connect": "n.connect(peer); n.send(b'answer')"}[how]
    talk = Talk(family, f"s = serve()\nfor _ in 1, 2:\n  peer = s.recvfrom(99)[1]; n = udp(None); {answer}\n")
    assert talk.saw == [FAMILIES[family][0]] * 2, talk.saw
    proven(talk, "CT205", "error", family)
    assert talk.run.rules(*LEVELS) == ["CT205"], talk.run.text


RIGHT = {
    "with the source": "s = serve()\nfor _ in 1, 2: s.sendmsg([b'answer'], source(SERVER), 0, s.recvfrom(99)[1])\n",
    "bound": "s = udp(SERVER); print(s.getsockname()[1], flush=True)\n"
             "for _ in 1, 2: s.sendto(b'answer', s.recvfrom(99)[1])\n",
    "bound new socket": "s = serve()\nfor _ in 1, 2: udp(SERVER).sendto(b'answer', s.recvfrom(99)[1])\n",
}


def test_more_ports_than_the_filter_names():
    talk = Talk("v4", "s = serve()\nkept = []\nfor _ in range(90):\n  peer = s.recvfrom(99)[1]; n = udp(None)\n"
                      "  n.sendto(b'answer', peer); kept.append(n)\n",
                "c = udp(None)\nfor _ in range(90): c.sendto(b'q', (SERVER, int(sys.argv[3]))); c.recvfrom(99)\n")
    assert (talk.captured, talk.matched, talk.unmatched) == (180, 180, 0), talk.run.text
    proven(talk, "CT205", "error", "v4")


def test_right_ones_are_silent(family, how):
    talk = Talk(family, RIGHT[how])
    assert talk.saw == [FAMILIES[family][1]] * 2, talk.saw
    assert not talk.run.rules(*LEVELS), talk.run.text
    assert (talk.matched, talk.unmatched, talk.dropped) == (4, 0, 0), talk.run.text
    assert {m[2] for m in talk.messages()} == {FAMILIES[family][1]}, talk.messages()


def locals_of(talk, *calls):
    return [m[2] for m in talk.messages() if m[0] in calls]


SEGMENTS = """
s = serve()
peer = s.recvfrom(99)[1]
data = os.urandom(3500)
s.sendmsg([data], source(SERVER) + [(SOL_UDP, UDP_SEGMENT, struct.pack("=H", 1200))], 0, peer)
s.sendmsg([data[:1100]], source(SERVER), 0, peer)
"""
TAKE_SEGMENTS = """
c = udp(None)
c.sendto(b"question", (SERVER, int(sys.argv[3])))
print(*(len(c.recvfrom(65536)[0]) for _ in range(4)))
"""


def test_a_send_in_segments(family, how):
    """They pass the interface as one packet, or, where it takes none of several segments, one by one."""
    def cut(hosts):
        hosts.run("-n", hosts.server, "link", "set", "veth0", "gso_max_segs", "1")
    talk = Talk(family, SEGMENTS, TAKE_SEGMENTS, prepare=cut if how == "cut" else None)
    assert talk.saw == ["1200", "1200", "1100", "1100"], talk.saw
    assert (talk.captured, talk.matched, talk.unmatched) == (5 if how == "cut" else 3, 3, 0), talk.run.text
    assert locals_of(talk, "sendmsg") == [FAMILIES[family][1]] * 2, talk.messages()


MERGED = """
c = udp(None)
for i in range(3):
    c.sendmsg([os.urandom(3500)], [(SOL_UDP, UDP_SEGMENT, struct.pack("=H", 1000))], 0, (SERVER, int(sys.argv[3])))
    c.sendto(b"plain", (SERVER, int(sys.argv[3])))
"""


def test_datagrams_that_came_in_one_packet(family, how):
    """A socket without UDP_GRO gets them one by one, one with it as they came."""
    whole = how == "whole"
    talk = Talk(family, f"s = serve({'(SOL_UDP, UDP_GRO)' if whole else ''})\n"
                        f"for _ in range({6 if whole else 15}): "
                        f"{'s.recvfrom(1000)' if how == 'one by one, filling the buffer' else 's.recvmsg(9999, 99)'}\n",
                MERGED)
    lengths = [3500, 5] if whole else [1000, 1000, 1000, 500, 5]
    assert [m[1] for m in talk.messages()] == lengths * 3, talk.messages()
    assert (talk.captured, talk.matched, talk.unmatched) == (6, 3 * len(lengths), 0), talk.run.text
    assert set(locals_of(talk, "recvmsg", "recvfrom")) == {FAMILIES[family][1]}, talk.messages()


def test_datagrams_in_fragments(family):
    talk = Talk(family, "s = serve()\nd, peer = s.recvfrom(9999)\ns.sendto(d, peer)\n",
                "c = udp(None); c.sendto(bytes(5000), (SERVER, int(sys.argv[3]))); print(c.recvfrom(9999)[1][0])")
    assert talk.saw == [FAMILIES[family][0]], talk.saw
    proven(talk, "CT201", "error", family)


def test_a_bridge_that_shows_each_packet_twice(family):
    """Requests that are equal but for the address asked: each is found with its own."""
    first, second, _ = FAMILIES[family]

    def bridge(hosts):
        hosts.run("-n", hosts.server, "link", "add", "br0", "type", "bridge")
        hosts.run("-n", hosts.server, "link", "set", "br0", "up")
        hosts.run("-n", hosts.server, "addr", "flush", "dev", "veth0")
        hosts.run("-n", hosts.server, "link", "set", "veth0", "master", "br0")
        for a in (hosts.FIRST, hosts.SECOND):
            hosts.run("-n", hosts.server, "addr", "add", a + "/24", "dev", "br0")
        for a in (hosts.SECOND6, hosts.FIRST6):
            hosts.run("-n", hosts.server, "addr", "add", a + "/64", "dev", "br0", "nodad")
    talk = Talk(family, "s = serve()\nfor _ in range(6): s.sendto(b'same', s.recvfrom(99)[1])\n",
                "c = udp(None)\n"
                f"for a in ['{first}', SERVER] * 3: c.sendto(b'same', (a, int(sys.argv[3]))); c.recvfrom(99)\n",
                prepare=bridge)
    assert locals_of(talk, "recvfrom") == [first, second] * 3, talk.messages()
    assert locals_of(talk, "sendto") == [first] * 6, talk.messages()
    assert (talk.captured, talk.matched, talk.unmatched) == (24, 12, 0), talk.run.text


GROUPS = {
    "v4": "s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('239.7.7.7') + "
          "socket.inet_aton(SERVER))",
    "v6": "s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(FAMILY, 'ff05::7') + "
          "struct.pack('=I', socket.if_nametoindex('veth0')))",
}
ADDRESSED_TO_MANY = [("v4", "239.7.7.7"), ("v4", "10.77.0.255"), ("v4", "255.255.255.255"), ("v6", "ff05::7")]


def test_requests_to_many_may_be_answered_from_anywhere(family, group, how):
    answer = {"itself": "s.sendto(b'answer', peer)", "new": "udp(None).sendto(b'answer', peer)",
              "source": "s.sendmsg([b'answer'], source(SERVER), 0, peer)",
              "connect": "n = udp(None); n.connect(peer); n.send(b'answer')"}[how]
    ask = f"""
c = udp({'"0.0.0.0"' if family == "v4" else '"::"'})
if V6:
    c.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex("veth0"))
else:
    c.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for _ in 1, 2: c.sendto(b"all", ("{group}", int(sys.argv[3]))); print(c.recvfrom(99)[1][0])
"""

    def route(hosts):
        hosts.run("-n", hosts.client, "route", "add", "default", "dev", "veth0")
    talk = Talk(family, f"s = serve()\n{GROUPS[family]}\nfor _ in 1, 2:\n  peer = s.recvfrom(99)[1]; {answer}\n",
                ask, prepare=route)
    assert locals_of(talk, "recvfrom") == [group] * 2, talk.messages()
    assert not talk.run.rules(*LEVELS), talk.run.text
    assert (talk.matched, talk.unmatched) == (4, 0), talk.run.text


def test_packets_that_leave_late_are_waited_for(family):
    """A queueing discipline lets them go at 15 Mbit/s, one at a time."""
    def slow(hosts):
        try:
            subprocess.run(hosts.on(hosts.server, need("tc"), "qdisc", "add", "dev", "veth0", "root", "tbf", "rate",
                                    "15mbit", "burst", "1600", "latency", "1s"), stderr=subprocess.PIPE, check=True)
        except subprocess.CalledProcessError as e:
            raise Skip(e.stderr.decode().strip()) from e
    talk = Talk(family, "s = serve()\npeer = s.recvfrom(99)[1]\nfor _ in range(9): s.sendto(bytes(1400), peer)\n",
                "c = udp(None)\nc.sendto(b'q', (SERVER, int(sys.argv[3])))\nfor _ in range(9): c.recvfrom(9999)\n",
                prepare=slow)
    # not all on a machine that is busy elsewhere; without waiting, the burst and what the queue holds meanwhile
    assert talk.matched >= 8 and talk.matched + talk.unmatched == 10, talk.run.text


def test_what_never_leaves_has_no_packet(family):
    """Corked: nine sends, one packet."""
    talk = Talk(family, "s = serve()\npeer = s.recvfrom(99)[1]\ns.connect(peer)\n"
                        "s.setsockopt(SOL_UDP, 1, 1)\nfor _ in range(9): s.send(b'part')\ns.setsockopt(SOL_UDP, 1, 0)\n",
                "c = udp(None)\nc.sendto(b'q', (SERVER, int(sys.argv[3])))\nprint(len(c.recvfrom(9999)[0]))\n")
    assert talk.saw == ["36"], talk.saw
    assert (talk.captured, talk.matched, talk.unmatched) == (2, 1, 9), talk.run.text


def test_packets_of_calls_that_were_not_seen_are_told(engine):
    """write() to a connected socket stops in no seccomp filter of ours."""
    talk = Talk("v4", "s = serve()\npeer = s.recvfrom(99)[1]\ns.connect(peer)\nos.write(s.fileno(), b'answer')\n"
                      "os.write(s.fileno(), b'another')\n",
                "c = udp(None)\nc.sendto(b'q', (SERVER, int(sys.argv[3])))\nc.recvfrom(99), c.recvfrom(99)\n",
                options=("--wire", f"--engine={engine}"))
    if engine == "seccomp":
        assert (talk.captured, talk.matched, talk.unmatched) == (3, 1, 0), talk.run.text
        assert "--wire: 2 packets left from these ports by calls that were not seen" in talk.run.text, talk.run.text
    else:
        assert (talk.captured, talk.matched, talk.unmatched) == (3, 3, 0), talk.run.text
        assert "not seen" not in talk.run.text, talk.run.text


def test_dropped_packets_are_counted():
    """The tracer stands still while more comes than its packet socket holds."""
    stop = [signal.SIGSTOP, signal.SIGCONT]
    talk = Talk("v4", "s = serve()\ns.recvfrom(9999)\n",
                "c = udp(None)\nfor _ in range(20000): c.sendto(bytes(1400), (SERVER, int(sys.argv[3])))\n",
                meanwhile=lambda t: t.interrupt(stop.pop(0)))
    assert talk.dropped > 0 and talk.captured + talk.dropped == 20000, (talk.captured, talk.dropped)
    assert (talk.matched, talk.unmatched) == (1, 0), talk.run.text


def main():
    tap = Tap()
    for family in FAMILIES:
        tap.run(test_a_reply_without_source, family)
        tap.run(test_one_reply_with_source_and_one_without, family)
        tap.run(test_another_source_than_asked, family)
        tap.run(test_the_asked_socket_connects_to_its_peer, family)
        tap.run(test_a_new_socket_answers, family, "sendto")
        tap.run(test_a_new_socket_answers, family, "connect")
        for how in RIGHT:
            tap.run(test_right_ones_are_silent, family, how)
        tap.run(test_a_send_in_segments, family, "whole")
        tap.run(test_a_send_in_segments, family, "cut")
        tap.run(test_datagrams_that_came_in_one_packet, family, "whole")
        tap.run(test_datagrams_that_came_in_one_packet, family, "one by one")
        tap.run(test_datagrams_that_came_in_one_packet, family, "one by one, filling the buffer")
        tap.run(test_datagrams_in_fragments, family)
        tap.run(test_a_bridge_that_shows_each_packet_twice, family)
        tap.run(test_packets_that_leave_late_are_waited_for, family)
        tap.run(test_what_never_leaves_has_no_packet, family)
    for family, group in ADDRESSED_TO_MANY:
        for how in ("itself", "new", "connect", "source"):
            tap.run(test_requests_to_many_may_be_answered_from_anywhere, family, group, how)
    tap.run(test_more_ports_than_the_filter_names)
    for engine in ("seccomp", "syscall"):
        tap.run(test_packets_of_calls_that_were_not_seen_are_told, engine)
    tap.run(test_dropped_packets_are_counted)
    tap.done()


main()
