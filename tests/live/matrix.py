#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: the source that is predicted for a reply is the one that the client sees, and an errno the one that the
call gets, for families × bindings × control messages × calls, between two hosts."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Tap, Traced, TwoHosts, wait_for  # noqa: E402

FAMILIES = ("v4", "v6", "dual")
BINDINGS = ("wildcard", "bound", "connected")
SOURCES = ("none", "right", "first", "empty", "ignored", "foreign", "absent interface")
WITH_CONTROL = ("sendmsg", "sendmmsg")
PLAIN = {"wildcard": ("sendto",), "bound": ("sendto",), "connected": ("send", "write", "writev")}


def cases(binding):
    return ([(source, call) for source in SOURCES for call in WITH_CONTROL] +
            [("none", call) for call in PLAIN[binding]])


# argv: family, its two addresses, cases as JSON [binding, source, call]
SERVER = r"""
import ctypes, errno, json, os, socket, struct, sys
family, first, second, cases = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
V4 = family != "v6"
AF = socket.AF_INET if family == "v4" else socket.AF_INET6
libc = ctypes.CDLL(None, use_errno=True)

def text(address):
    return "::ffff:" + address if family == "dual" else address

def pktinfo(address, index=0, level=None):
    if V4:
        packed = socket.inet_aton(address) if address else bytes(4)
        return [(socket.IPPROTO_IP if level is None else level, 8, struct.pack("=I", index) + packed + bytes(4))]
    packed = socket.inet_pton(AF, address) if address else bytes(16)
    return [(socket.IPPROTO_IPV6 if level is None else level, 50, packed + struct.pack("=I", index))]

CONTROL = {
    "none": [], "right": pktinfo(second), "first": pktinfo(first), "empty": pktinfo(None),
    "ignored": pktinfo(second, level=socket.SOL_TCP), "foreign": pktinfo("10.99.9.9" if V4 else "fd99::9"),
    "absent interface": pktinfo(second, 99),
}

class iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_char_p), ("len", ctypes.c_size_t)]
class msghdr(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("namelen", ctypes.c_uint32), ("iov", ctypes.POINTER(iovec)),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_char_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int)]
class mmsghdr(ctypes.Structure):
    _fields_ = [("hdr", msghdr), ("len", ctypes.c_uint32)]

def sockaddr(to):
    if AF == socket.AF_INET:
        return struct.pack("=H", AF) + struct.pack("!H", to[1]) + socket.inet_aton(to[0]) + bytes(8)
    return struct.pack("=H", AF) + struct.pack("!HI", to[1], to[2]) + socket.inet_pton(AF, to[0]) + struct.pack("=I", to[3])

def sendmmsg(s, data, control, to):
    block = b"".join(struct.pack("=QII", 16 + len(d), l, t) + d + bytes(-len(d) % 8) for l, t, d in control)
    name = sockaddr(to) if to else None
    m = mmsghdr(msghdr(name, len(name or b""), ctypes.pointer(iovec(data, len(data))), 1, block or None, len(block)))
    if libc.sendmmsg(s.fileno(), ctypes.byref(m), 1, 0) < 0:
        raise OSError(ctypes.get_errno(), "sendmmsg")

def reply(s, call, control, peer):
    to = None if binding == "connected" else peer
    if call == "sendmsg":
        s.sendmsg([b"answer"], control, 0, *([to] if to else []))
    elif call == "sendmmsg":
        sendmmsg(s, b"answer", control, to)
    elif call == "sendto":
        s.sendto(b"answer", to)
    elif call == "send":
        s.send(b"answer")
    elif call == "write":
        os.write(s.fileno(), b"answer")
    else:
        os.writev(s.fileno(), [b"ans", b"wer"])

socks = []
for binding, source, call in cases:
    s = socket.socket(AF, socket.SOCK_DGRAM)
    if family == "dual":
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind((text(second) if binding == "bound" else "", 0))
    if V4:
        s.setsockopt(socket.IPPROTO_IP, 8, 1)
    else:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    s.settimeout(20)
    socks.append(s)
print(json.dumps([s.getsockname()[1] for s in socks]), flush=True)
for s, (binding, source, call) in zip(socks, cases):
    peer = s.recvmsg(99, 256)[3]
    if binding == "connected":
        s.connect(peer)
    try:
        reply(s, call, CONTROL[source], peer)
    except OSError as e:
        pass
"""

# argv: the server's second address, its ports as JSON
CLIENT = r"""
import json, select, socket, sys
ports = json.loads(sys.argv[2])
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
socks = []
for port in ports:
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.sendto(b"question", (sys.argv[1], port))
    socks.append(s)
saw = {}
while len(saw) < len(socks):
    # the last one is always answered, and after all others
    ready = select.select([s for s in socks if s not in saw], [], [], 0.5 if socks[-1] in saw else 20)[0]
    if not ready:
        break
    for s in ready:
        saw[s] = s.recvfrom(99)[1][0]
print(json.dumps([saw.get(s) for s in socks]))
"""

LAST = ["wildcard", "right", "sendmsg"]


def host(text):
    """Of "10.77.0.1:53", "[fd77::1%2]:53" or a bare address, as IPv4 where it is a mapped one."""
    text = re.sub(r"^\[(.*)\](:\d+)?$", r"\1", text)
    text = text.rsplit(":", 1)[0] if text.count(":") == 1 else text
    return text.split("%")[0].removeprefix("::ffff:")


def claims_of(records, ports):
    """What is predicted of each port's reply: its source, or an errno."""
    socks = {r["id"]: r for r in records if r["type"] == "sock"}
    claims, errors = {}, {}
    for r in records:
        local = (socks.get(r.get("sock", {}).get("id"), {}).get("local") or {}).get("text", "")
        if r["type"] != "call" or not r.get("msgs") or r["call"].startswith("recv") or r["call"] == "read":
            continue
        port = int(local.rsplit(":", 1)[1])
        m = r["msgs"][0]
        predicted = m.get("predicted", {})
        if predicted.get("errno") or "unknown" in predicted:
            claims[port] = predicted.get("errno") or "unknown"
        elif host(predicted.get("source", "0.0.0.0")) not in ("0.0.0.0", "::", ""):
            claims[port] = host(predicted["source"])
        elif "source" in m.get("route", {}):
            claims[port] = host(m["route"]["source"]["text"])
        else:
            claims[port] = host(local)
        errors[port] = r.get("errno_name") or r.get("errno") or (r["result"] if r["result"] < 0 else None)
    assert set(claims) == set(ports), (len(claims), len(ports))
    return claims, errors


class Family:
    """One run with all cases of a family."""

    def __init__(self, family):
        self.cases = [[b, *c] for b in BINDINGS for c in cases(b) if [b, *c] != LAST] + [LAST]
        with TwoHosts() as hosts:
            first, second = ((hosts.FIRST6, hosts.SECOND6) if family == "v6" else (hosts.FIRST, hosts.SECOND))
            with Traced(["--engine=syscall", "--", *hosts.on(hosts.server, sys.executable, "-c", SERVER, family, first,
                                                             second, json.dumps(self.cases))]) as t:
                line = wait_for("the ports", lambda: t.read("out").strip() or t.process.poll() is not None)
                assert isinstance(line, str), t.read("err")
                done = subprocess.run(hosts.on(hosts.client, sys.executable, "-c", CLIENT, second, line),
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
                assert done.returncode == 0, done.stderr
                run = t.finish()
        assert run.status == 0, run.text
        ports = json.loads(line)
        self.found = run.findings("error")
        claims, errors = claims_of(run.records, ports)
        self.rows = {tuple(case): (claims[port], saw, errors[port])
                     for case, port, saw in zip(self.cases, ports, json.loads(done.stdout))}


def family_of(name, runs={}):
    if name not in runs:
        runs[name] = Family(name)
    return runs[name]


def test_prediction_is_what_was_seen(family, binding, source, call):
    claim, saw, error = family_of(family).rows[(binding, source, call)]
    print(f"# predicted {claim}, seen {error or saw}", flush=True)
    assert claim == (error or saw), (claim, error, saw)


def test_each_kind_of_wrong_source_is_told(family):
    first, second = ((TwoHosts.FIRST6, TwoHosts.SECOND6) if family == "v6" else (TwoHosts.FIRST, TwoHosts.SECOND))
    told = {(f["rule"], re.sub(r"\d+", "N", note)) for f in family_of(family).found for note in f["notes"]
            if note.startswith("because")}
    for cause in ("control message N gives no address: the routing table chose", "control message N is ignored (CTN)",
                  "the socket is bound to no address and the reply gives none: the routing table chose"):
        assert ("CT201", "because " + cause) in told, told
    for rule in ("CT201", "CT205", "CT206"):
        ends = {(host(f["asked"]), host(f["from"])) for f in family_of(family).found if f["rule"] == rule}
        assert ends == {(second, first)}, (rule, ends)


def main():
    tap = Tap()
    for family in FAMILIES:
        for binding in BINDINGS:
            for source, call in cases(binding):
                tap.run(test_prediction_is_what_was_seen, family, binding, source, call)
        tap.run(test_each_kind_of_wrong_source_is_told, family)
    tap.done()


if __name__ == "__main__":
    main()
