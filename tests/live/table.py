#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: the summary's table says where real sockets were asked, where their answers left from and what gave that
source, as their clients saw it; live, attached, by the packets, from the recording and from a log of strace."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import CMSGTRACE, Tap, Traced, need, need_wire, wait_for  # noqa: E402

PATIENCE = 60

# Prints its ports, waits for a line, serves: one request each that is answered by a control message (IPv4, v4-mapped,
# IPv6), by the bound address, by the route, by a connected socket, by a new socket connected and by a new one bound.
SERVER = r"""
import socket, struct, sys
AF4, AF6, DGRAM, PKTINFO, PKTINFO6 = socket.AF_INET, socket.AF_INET6, socket.SOCK_DGRAM, 8, 50
def new(family, address, *options):
    s = socket.socket(family, DGRAM)
    s.settimeout(30)
    for level, name in options:
        s.setsockopt(level, name, 1)
    if address is not None:
        s.bind((address, 0))
    return s
ask4, ask6 = (0, PKTINFO), (41, 49)
told, bound, route, pinned, tftp = (new(AF4, a, ask4) for a in ("", "127.0.0.3", "", "", ""))
dual = socket.socket(AF6, DGRAM)
dual.settimeout(30)
dual.setsockopt(41, 26, 0)
dual.setsockopt(*ask4, 1)
dual.setsockopt(*ask6, 1)
dual.bind(("::", 0))
print(*(s.getsockname()[1] for s in (told, bound, route, pinned, tftp, dual)), flush=True)
sys.stdin.readline()
def request(s):
    data, control, _, peer = s.recvmsg(100, 200)
    v4 = [d[8:12] for level, kind, d in control if (level, kind) == (0, PKTINFO)]
    v6 = [d[:16] for level, kind, d in control if (level, kind) == (41, PKTINFO6)]
    return peer, v4[0] if v4 else None, v6[0] if v6 else None
def reply4(s):
    peer, v4, _ = request(s)
    s.sendmsg([b"pong"], [(0, PKTINFO, struct.pack("i4s4s", 0, v4, bytes(4)))], 0, peer)
reply4(told)
bound.sendto(b"pong", request(bound)[0])
route.sendto(b"pong", request(route)[0])
peer = request(pinned)[0]
pinned.connect(peer)
pinned.send(b"pong")
for right in (False, True):
    peer, v4, _ = request(tftp)
    session = new(AF4, socket.inet_ntoa(v4) if right else None)
    session.connect(peer)
    session.send(b"pong")
    session.recv(100)
    session.send(b"pong")
reply4(dual)
peer, _, v6 = request(dual)
dual.sendmsg([b"pong"], [(41, PKTINFO6, v6 + bytes(4))], 0, peer)
"""

# rows as the table must show them; the port of a socket that asked for none is any
WANT = {
    "udp4 0.0.0.0:told": ("1", "1", "1", ["127.0.0.2"], ["127.0.0.2"], ["cmsg"]),
    "udp4 127.0.0.3:bound": ("1", "1", "1", ["127.0.0.3"], ["127.0.0.3"], ["bind"]),
    "udp4 0.0.0.0:route": ("1", "1", "1", ["127.0.0.4"], ["127.0.0.1"], ["route"]),
    "udp4 127.0.0.1:pinned": ("1", "1", "1", ["127.0.0.5"], ["127.0.0.1"], ["connect"]),
    "udp4 127.0.0.1:any": ("1", "1", "2", ["127.0.0.6* 1", "127.0.0.1 1"], ["127.0.0.1"], ["connect"]),
    "udp4 127.0.0.7:any": ("1", "1", "2", ["127.0.0.7* 1", "127.0.0.7 1"], ["127.0.0.7"], ["bind"]),
    "udp4 0.0.0.0:tftp": ("2", "2", "0", ["127.0.0.6 1", "127.0.0.7 1"], [], []),
    "udp6 [::]:dual": ("2", "2", "2", ["127.0.0.8 1", "::1 1"], ["127.0.0.8 1", "::1 1"], ["cmsg"]),
}
NAMES = ("told", "bound", "route", "pinned", "tftp", "dual")


def converse(ports):
    """Asks as the server expects; the addresses of the answers."""
    import socket
    seen = []
    plan = [(p, f"127.0.0.{i + 2}", 1) for i, p in enumerate(ports[:4])]
    plan += [(ports[4], "127.0.0.6", 2), (ports[4], "127.0.0.7", 2), (ports[5], "127.0.0.8", 1), (ports[5], "::1", 1)]
    for port, address, rounds in plan:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(30)
            s.sendto(b"ping", (address, port))
            for left in range(rounds, 0, -1):
                _, peer = s.recvfrom(100)
                if left > 1:
                    s.sendto(b"ack", peer)
            seen.append(peer[0])
    return seen


def table(text, ports):
    """{socket: (peers, requests, replies, [asked], [answered], [by])}, ports by their names."""
    lines = text.splitlines()
    head = next(i for i, l in enumerate(lines) if l.startswith(" |  socket "))
    spans = [m.span() for m in re.finditer("-+", lines[head + 1])]
    rows, last = {}, None
    for line in lines[head + 2:]:
        if not line.startswith((" |  udp", " |    ")):
            break
        cells = [line[a:b].strip() for a, b in spans]
        if cells[0].startswith("fd "):  # several have this address
            rows[last + " " + cells[0]] = rows.pop(last)
            last += " " + cells[0]
        elif cells[0]:
            last = cells[0]
            for name, port in zip(NAMES, ports):
                last = re.sub(f":{port}$", ":" + name, last)
            last = re.sub(r":(\d+|\?)$", ":any", last)
            assert last not in rows, text
            rows[last] = (*cells[1:4], [], [], [])
        for cell, column in zip(cells[4:7], rows[last][3:]):
            column.extend([cell] if cell else [])
    return rows


def run_server(options, prefix=(), attach=False):
    """Answers' addresses, ports, the table's text, what a replay prints, and whether it gives the same bytes."""
    command = [sys.executable, "-c", SERVER]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) if attach else None
    with Traced(["-c", *options, *(["-p", str(server.pid)] if attach else ["--", *command])],
                prefix=prefix, stdin=subprocess.PIPE) as t:
        out = server.stdout if attach else None
        if attach:
            ports = [int(w) for w in out.readline().split()]
            wait_for("the tracer", lambda: "attached" in t.read("err"))
            server.stdin.write("\n")
            server.stdin.flush()
        else:
            ports = [int(w) for w in wait_for("ports", lambda: t.read("out").split())]
            t.process.stdin.write(b"\n")
            t.process.stdin.flush()
        seen = converse(ports)
        if attach:
            assert server.wait(PATIENCE) == 0
            server.stdin.close()
            server.stdout.close()
        t.process.wait(PATIENCE)
        t.process.stdin.close()
        again = subprocess.run([CMSGTRACE, "-c", f"--read={t.record}"], stdout=subprocess.PIPE, text=True, timeout=PATIENCE,
                               check=False).stdout
        copy = subprocess.run([CMSGTRACE, "--format=jsonl", f"--read={t.record}"], stdout=subprocess.PIPE,
                              timeout=PATIENCE, check=False).stdout
        with open(t.record, "rb") as f:
            recorded = f.read()
        return seen, ports, t.read("log"), again, recorded, copy


def check(seen, ports, log, again, recorded, copy):
    got = table(log, ports)
    assert got == WANT, json.dumps(got, indent=1) + log
    assert seen == ["127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.7", "127.0.0.8", "::1"], seen
    assert table(again, ports) == got, again
    assert recorded == copy
    assert max(len(line) for line in log.splitlines() if line.startswith((" |  udp", " |  ---"))) <= 100, log


def test_the_table_is_what_the_clients_saw(*options):
    check(*run_server(options))


def test_by_the_packets():
    need_wire()
    check(*run_server(["--wire"]))


def test_attached():
    check(*run_server([], attach=True))


def test_a_log_of_strace_says_what_it_can():
    strace = need("strace")
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        with subprocess.Popen([strace, "-f", "-o", log, "-e", "trace=network", sys.executable, "-c", SERVER], text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
            ports = [int(w) for w in p.stdout.readline().split()]
            p.stdin.write("\n")
            p.stdin.flush()
            converse(ports)
            assert p.wait(PATIENCE) == 0
        text = subprocess.run([CMSGTRACE, "-c", "--read", log], stdout=subprocess.PIPE, text=True, timeout=PATIENCE,
                              check=False).stdout
    # ports that the kernel chose are in getsockname's line; where connect() pins is not, nor what the route would say
    got = [(re.sub(r":[^:\]]+$", "", s), *row) for s, row in table(text, ports).items()]
    assert ("udp4 0.0.0.0", "1", "1", "1", ["127.0.0.2"], ["127.0.0.2"], ["cmsg"]) in got, text
    assert ("udp4 127.0.0.3", "1", "1", "1", ["127.0.0.3"], ["127.0.0.3"], ["bind"]) in got, text
    assert ("udp4 0.0.0.0", "1", "1", "1", ["127.0.0.4"], ["?"], ["route"]) in got, text
    # strace 6 doesn't decode IPV6_PKTINFO
    six = [row for row in got if row[0] == "udp6 [::]"][0]
    assert six[1:4] == ("2", "2", "2") and six[4] in (["127.0.0.8 1", "? 1"], ["127.0.0.8 1", "::1 1"]), text
    assert ("udp4 127.0.0.7", "1", "1", "2", ["127.0.0.7* 1", "127.0.0.7 1"], ["127.0.0.7"], ["bind"]) in got, text
    pinned = [row for row in got if row[-1] == ["connect"]]
    assert sorted(row[5] for row in pinned) == [["?"], ["?"]], text


def main():
    tap = Tap()
    tap.run(test_the_table_is_what_the_clients_saw)
    tap.run(test_the_table_is_what_the_clients_saw, "--engine=syscall")
    tap.run(test_by_the_packets)
    tap.run(test_attached)
    tap.run(test_a_log_of_strace_says_what_it_can)
    tap.done()


main()
