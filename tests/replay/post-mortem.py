#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: an strace log, what ip printed and a capture, put together, tell what a live run would: which address was
asked and which one answered, with the packets' numbers; the corrected program is clean; and less of the three gives less,
never something else.  All is made up here; no traffic, no privileges.
"""
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile

CMSGTRACE = os.environ["CMSGTRACE"]
PEER, ASKED, CHOSEN = "192.0.2.7", "198.51.100.53", "198.51.100.30"
REQUEST, REPLY = b"\xc3 what?", b"\xe6 that."
START = 1700000000

IP = """user@box:~$ ip addr
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 198.51.100.30/24 brd 198.51.100.255 scope global eth0
       valid_lft forever preferred_lft forever
    inet 198.51.100.53/24 brd 198.51.100.255 scope global secondary eth0
       valid_lft forever preferred_lft forever
user@box:~$ ip route
default via 198.51.100.1 dev eth0 proto static
198.51.100.0/24 dev eth0 proto kernel scope link src 198.51.100.30
user@box:~$ ip rule
0:      from all lookup local
32766:  from all lookup main
32767:  from all lookup default
"""

count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        print("# " + str(detail).replace("\n", "\n# ")[:3000])


# ---- the log ----

def escaped(data):
    return "".join(f"\\{b:o}" if b > 126 else chr(b) for b in data)


def log(control, told=True, port=35224, stamps=None, extra=()):
    """A server's request and reply; control: the reply's; told: its requests tell which address was asked."""
    name = f'{{sa_family=AF_INET, sin_port=htons({port}), sin_addr=inet_addr("{PEER}")}}'
    asked = ('msg_control=[{cmsg_len=28, cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO, cmsg_data={ipi_ifindex='
             f'if_nametoindex("eth0"), ipi_spec_dst=inet_addr("{ASKED}"), ipi_addr=inet_addr("{ASKED}")}}}}], '
             'msg_controllen=32')
    none = "msg_controllen=0"
    lines = ["socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 7"]
    if told:
        lines.append("setsockopt(7, SOL_IP, IP_PKTINFO, [1], 4) = 0")
    lines.append('bind(7, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("0.0.0.0")}, 16) = 0')
    for _ in range(1 + len(extra)):
        lines.append(f'recvmsg(7, {{msg_name={name}, msg_namelen=16, msg_iov=[{{iov_base="{escaped(REQUEST)}", '
                     f'iov_len=1500}}], msg_iovlen=1, {asked if told else none}, msg_flags=0}}, 0) = {len(REQUEST)}')
        lines.append(f'sendmsg(7, {{msg_name={name}, msg_namelen=16, msg_iov=[{{iov_base="{escaped(REPLY)}", '
                     f'iov_len={len(REPLY)}}}], msg_iovlen=1, {control or none}, msg_flags=0}}, 0) = {len(REPLY)}')
    if stamps is not None:
        lines = [f"{START + stamps + i * 10}.000000 {line}" for i, line in enumerate(lines)]
    return "\n".join(lines) + "\n"


def elsewhere(receive):
    """As TFTP and socat do: a socket of its own, whose port the log doesn't hold, answers."""
    name = f'{{sa_family=AF_INET, sin_port=htons(35224), sin_addr=inet_addr("{PEER}")}}'
    return "\n".join(['socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 7',
                      'bind(7, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("0.0.0.0")}, 16) = 0',
                      receive.format(name=name),
                      'socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, IPPROTO_IP) = 8',
                      f'connect(8, {name}, 16) = 0',
                      f'sendto(8, "{escaped(REPLY)}", {len(REPLY)}, 0, NULL, 0) = {len(REPLY)}']) + "\n"


def connected(asked, *more):
    """The asked socket itself is connected to its peer, which pins what the routing table chooses."""
    told, _, rest = log(None).replace(ASKED, asked).partition("sendmsg(")
    name = re.search(r"msg_name=({.*?}),", rest).group(1)
    return told + "\n".join([f'connect(7, {name}, 16) = 0', *more, f'sendto(7, "{escaped(REPLY)}", {len(REPLY)}, 0, NULL, 0) = {len(REPLY)}']) + "\n"


WHOLE = f'recvfrom(7, "{escaped(REQUEST)}", 1500, 0, {{name}}, [16]) = {len(REQUEST)}'
PEEKED = f'recvfrom(7, "{escaped(REQUEST[:1])}", 1, MSG_PEEK, {{name}}, [16]) = 1'
WRONG = ("msg_control=[{cmsg_len=28, cmsg_level=SOL_TCP, cmsg_type=0x8, "
         r'cmsg_data="\0\0\0\0\306\63\144\65\0\0\0\0"}], msg_controllen=32')
RIGHT = ("msg_control=[{cmsg_len=28, cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO, cmsg_data={ipi_ifindex=0, "
         f'ipi_spec_dst=inet_addr("{ASKED}"), ipi_addr=inet_addr("0.0.0.0")}}}}], msg_controllen=32')


# ---- the capture ----

def datagram(src, sport, dst, dport, payload):
    udp = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, socket.inet_aton(src),
                       socket.inet_aton(dst)) + udp


def ethernet(packet, _out, tags=b""):
    return b"\2\0\0\0\0\1" b"\2\0\0\0\0\2" + tags + b"\x08\x00" + packet


LINKS = {
    "Ethernet": (1, ethernet),
    "a VLAN": (1, lambda p, out: ethernet(p, out, b"\x81\x00\x00\x05")),
    "two VLANs": (1, lambda p, out: ethernet(p, out, b"\x88\xa8\x00\x05\x81\x00\x00\x06")),
    "raw": (101, lambda p, out: p),
    "any, version 1": (113, lambda p, out: struct.pack(">HHH8sH", 4 if out else 0, 1, 6, b"", 0x0800) + p),
    "any, version 2": (276, lambda p, out: struct.pack(">HHIHBB8s", 0x0800, 0, 2, 1, 4 if out else 0, 6, b"") + p),
    "null": (0, lambda p, out: struct.pack("<I", 2) + p),
    "loop": (108, lambda p, out: struct.pack(">I", 2) + p),
}


def capture(packets, link="Ethernet", ng=False):
    """packets: (time, leaves, bytes from the IP header on)"""
    number, frame = LINKS[link]
    frames = [(t, frame(p, out)) for t, out, p in packets]
    if ng:
        text = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
        text += struct.pack("<IIHHII", 1, 20, number, 0, 0, 20)
        for t, f in frames:
            pad = -len(f) % 4
            micro = int(t * 1000000)
            size = 32 + len(f) + pad
            text += struct.pack("<IIIIIII", 6, size, 0, micro >> 32, micro & 0xffffffff, len(f), len(f))
            text += f + bytes(pad) + struct.pack("<I", size)
        return text
    text = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, number)
    for t, f in frames:
        text += struct.pack("<IIII", int(t), int(t % 1 * 1000000), len(f), len(f)) + f
    return text


def seen(source, asked=ASKED, port=35224, at=30.0, clock=0, own=443):
    other = datagram("192.0.2.99", 1, "192.0.2.98", 2, b"of somebody else")
    return [(START + clock + at - 1, False, other),
            (START + clock + at - 0.001, False, datagram(PEER, port, asked, 443, REQUEST)),
            (START + clock + at + 10.001, True, datagram(source, own, PEER, port, REPLY))]


# ---- what comes of it ----

def run(text, ip=None, pcap=None, *options):
    """(status, findings of CT1 and CT2, stderr)"""
    command = [CMSGTRACE, "--format=jsonl", "-e", "check=CT101,CT103,CT2"]
    with tempfile.TemporaryDirectory() as tmp:
        for data, name in ((text, "read"), (ip, "net"), (pcap, "pcap")):
            if data is not None:
                path = os.path.join(tmp, "file." + name)
                with open(path, "wb") as f:
                    f.write(data if isinstance(data, bytes) else data.encode())
                command.append(f"--{name}={path}")
        p = subprocess.run(command + list(options), capture_output=True, timeout=120, check=False, text=True)
    records = [json.loads(line) for line in p.stdout.splitlines()]
    return p.returncode, [r for r in records if r["type"] == "finding"], p.stderr


def annotated(packets):
    """[(bytes, comments)] of what --pcapng makes of a capture, and that."""
    with tempfile.TemporaryDirectory() as tmp:
        for name, data in (("log", log(None).encode()), ("pcap", packets)):
            with open(os.path.join(tmp, name), "wb") as f:
                f.write(data)
        subprocess.run([CMSGTRACE, "-o", os.devnull, f"--read={tmp}/log", f"--pcap={tmp}/pcap", f"--pcapng={tmp}/out"],
                       capture_output=True, timeout=60, check=False)
        with open(f"{tmp}/out", "rb") as f:
            data = f.read()
    blocks = []
    while data:
        kind, size = struct.unpack("=II", data[:8])
        if kind == 6:
            held = struct.unpack("=I", data[20:24])[0]
            blocks.append((data[28:28 + held], data[28 + held + -held % 4 + 8:size - 8].rstrip(b"\0")))
        data = data[size:]
    return blocks, packets


def names(found):
    return sorted(f"{r['rule']} {r['level']}" for r in found if r["rule"] != "CT902")


def of(found, rule):
    return next((r for r in found if r["rule"] == rule), {})


def text_of(finding):
    return "\n".join([finding.get("message", ""), *finding.get("notes", [])])


def compare(name, got, want, *texts, rule="CT201"):
    status, found, err = got
    text = text_of(of(found, rule))
    missing = [t for t in texts if t not in text and t not in err]
    result(names(found) == want and status == any(w.endswith("error") for w in want) and not missing, name,
           f"status {status}, found {names(found)}, want {want}, not said: {missing}\n{text}\n{err}")


LIBPCAP = "no libpcap" not in run(log(None), None, capture(seen(CHOSEN)))[2]
BAD = ["CT101 error", "CT201 error"]
BOTH = (f"leaves from {CHOSEN}", f"asked at {ASKED}")
PACKETS = ("packet 2 of", "packet 3 of", "file.pcap")

compare("a log alone", run(log(WRONG)), ["CT101 error", "CT201 warning"], "--net", "--pcap", f"asked at {ASKED}")
compare("log and ip", run(log(WRONG), IP), BAD, *BOTH)
compare("the corrected twin: log", run(log(RIGHT)), [])
compare("the corrected twin: log and ip", run(log(RIGHT), IP), [])
compare("a reply without control messages: log", run(log(None)), ["CT201 warning"], f"asked at {ASKED}")
compare("a reply without control messages: log and ip", run(log(None), IP), ["CT201 error"], *BOTH)
compare("nothing told the asked address: log", run(log(None, told=False)), [])
compare("nothing told the asked address: log and ip", run(log(None, told=False), IP), ["CT201 warning"],
        f"leaves from {CHOSEN}, whichever of the host's addresses")
compare("connect() pins the source: log", run(connected(ASKED)), ["CT205 warning"], "--net", f"asked at {ASKED}", rule="CT205")
compare("connect() pins the source, asked at the peer's own address: log", run(connected(PEER)), [])
request = next(line for line in log(None).splitlines() if line.startswith("recvmsg"))
compare("asked after connect(): log", run(connected(ASKED, request)), [])
for receive, want in ((request.replace("{", "{{").replace("}", "}}"), ["CT205 warning"]), (WHOLE, [])):
    for first in True, False:
        text = elsewhere(receive) if first else re.sub(r"connect.*\n", "", elsewhere(receive)).replace(
            "NULL, 0)", f'{{sa_family=AF_INET, sin_port=htons(35224), sin_addr=inet_addr("{PEER}")}}, 16)')
        compare(f"a new socket answers, {'connected' if first else 'unbound'}, asked address {'told' if want else 'not told'}: log", run(text), want)
compare("connect() pins the source: log and ip", run(connected(ASKED), IP), ["CT205 error"], *BOTH, "connect() on a socket", rule="CT205")
compare("connect() pins what was asked: log and ip", run(connected(CHOSEN), IP), [])
again = f'connect(7, {{sa_family=AF_INET, sin_port=htons(35224), sin_addr=inet_addr("{PEER}")}}, 16) = 0'
compare("connected again it keeps the source: log and ip", run(connected(ASKED, again), IP), ["CT205 error"], *BOTH, rule="CT205")
no_routes = IP[:IP.index("user@box:~$ ip route")]
compare("ip addr alone: what is missing is named", run(log(WRONG), no_routes), ["CT101 error", "CT201 warning"],
        "ip -4 route show table all")
p = subprocess.run([CMSGTRACE, "--net=/dev/null", "true"], capture_output=True, timeout=60, check=False, text=True)
result(p.returncode and "--read" in p.stderr, "ip's output without a log is refused, with what to give", p.stderr)
p = run(log(WRONG), "nothing of ip's\n")
result(p[0] and "ip addr" in p[2], "a file that is not ip's is refused", p)
if LIBPCAP:
    compare("log and capture", run(log(WRONG), None, capture(seen(CHOSEN))), BAD, *BOTH, *PACKETS)
    compare("log, ip and capture", run(log(WRONG), IP, capture(seen(CHOSEN))), BAD, *BOTH, *PACKETS)
    compare("the corrected twin: all three", run(log(RIGHT), IP, capture(seen(ASKED))), [])
    compare("the corrected twin: log and capture", run(log(RIGHT), None, capture(seen(ASKED))), [])
    compare("nothing told the asked address: log and capture", run(log(None, told=False), None, capture(seen(CHOSEN))),
            ["CT201 error"], *BOTH, *PACKETS)
    compare("nothing told the asked address: all three", run(log(None, told=False), IP, capture(seen(CHOSEN))),
            ["CT201 error"], *BOTH, *PACKETS)
    for what, receive in (("a new socket answers", WHOLE), ("a new socket answers what was peeked at", PEEKED)):
        compare(f"{what}: log and capture", run(elsewhere(receive), None, capture(seen(CHOSEN, own=50007))), ["CT205 error"], *BOTH, *PACKETS,
                rule="CT205")
        compare(f"{what}: from the asked address", run(elsewhere(receive), None, capture(seen(ASKED, own=50007))), [])
        compare(f"{what}: its packet is missing", run(elsewhere(receive), None, capture(seen(CHOSEN)[:2])), ["CT205 warning"],
                "what the routing table chooses", rule="CT205")
        compare(f"{what}: another socket's packet is not its", run(elsewhere(receive), None, capture(seen(CHOSEN))), ["CT205 warning"],
                "what the routing table chooses", rule="CT205")
    compare("a capture of other packets", run(log(WRONG), None, capture(seen(CHOSEN, port=9))),
            ["CT101 error", "CT201 warning"], "2 are none of them")
    for link in LINKS:
        compare(f"a capture of {link}", run(log(WRONG), None, capture(seen(CHOSEN), link)), BAD, *BOTH, *PACKETS)
    compare("pcapng", run(log(WRONG), None, capture(seen(CHOSEN), ng=True)), BAD, *BOTH, *PACKETS)
    cut = capture(seen(CHOSEN))[:-5]
    compare("a capture that is cut", run(log(WRONG), None, cut), ["CT101 error", "CT201 warning"],
            "the capture ends after packet 2")
    # the same request at both addresses: without times nothing tells which was which
    twice = seen(CHOSEN, ASKED) + seen(CHOSEN, CHOSEN, at=50.0)
    one = run(log(None, told=False, extra=(1,)), None, capture(twice))
    compare("the same request at two addresses, without times", one, [], "2 could be several that differ")
    # the first pair that is sure tells how far the clocks are apart
    for clock in (0, 3, 7200, -19800 + 2):
        sure = log(None, told=False, port=5, stamps=0)
        later = log(None, told=False, stamps=0)
        text = sure + "\n".join(line for line in later.splitlines() if "msg(" in line) + "\n"
        packets = seen(ASKED, port=5, at=20.0, clock=clock) + seen(CHOSEN, ASKED, at=20.0, clock=clock) + \
            seen(CHOSEN, CHOSEN, at=90.0, clock=clock)
        compare(f"the same request at two addresses, clocks {clock} s apart", run(text, None, capture(packets)),
                ["CT201 error"], *BOTH)
    for ng in (False, True):
        written, original = annotated(capture(seen(CHOSEN), ng=ng))
        result(len(written) == 3 and [c for _, c in written[:2]] == [b"", b""] and b"CT201 error: this reply to" in written[2][1] and
               all(p in original for p, _ in written), f"--pcapng: the capture{' (pcapng)' if ng else ''} with the findings", written)
    p = subprocess.run([CMSGTRACE, "--read=/dev/null", "--pcap=-", "--pcapng=/dev/null"], capture_output=True, timeout=60, check=False,
                       text=True)
    result(p.returncode == 2 and "reads the capture of --pcap again" in p.stderr, "--pcapng of a capture that can't be read twice", p.stderr)
else:
    print("# built without libpcap: captures are left out")
print(f"1..{count}")
sys.exit(failed != 0)
