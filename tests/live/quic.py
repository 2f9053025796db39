#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: --wire shows both directions of a Go QUIC server between two hosts.  Debian's quic-go is clean; a copy
that writes its pktinfo at the level of TCP is named, with both addresses as their packets had them."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, CMSGTRACE, Skip, Tap, Traced, TwoHosts, need, need_wire, wait_for  # noqa: E402

GOCODE = "/usr/share/gocode"
QUIC = "src/github.com/lucas-clemente/quic-go"
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "quic-echo.go")
BYTES = 300000

# where the packaged version (0.29) makes the control message of every packet it sends
PLACE = "func (info *packetInfo) OOB() []byte {\n"
RIGHT = "return cm.Marshal()"
WRONG = "return atLevelTCP(cm.Marshal())"
MISTAKE = """
// atLevelTCP writes SOL_TCP where SOL_IP or SOL_IPV6 belongs, and changes nothing else.
func atLevelTCP(oob []byte) []byte {
	(*unix.Cmsghdr)(unsafe.Pointer(&oob[0])).Level = unix.SOL_TCP
	return oob
}
"""


def build(name, gopath):
    """quic-echo with what gopath holds; made once."""
    folder = os.path.join(BUILD, "tests", "live", "go")
    binary = os.path.join(folder, name)
    if not os.path.exists(binary) or os.path.getmtime(binary) < os.path.getmtime(SOURCE):
        env = dict(os.environ, GOPATH=gopath, GOCACHE=os.path.join(folder, "cache"), GO111MODULE="off", GOFLAGS="",
                   GOPROXY="off", CGO_ENABLED="0", HOME=folder)
        done = subprocess.run([need("go"), "build", "-o", binary, SOURCE], env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=540, check=False)
        assert done.returncode == 0, done.stdout
    return binary


def need_quic_go():
    need("go")
    if not os.path.exists(os.path.join(GOCODE, QUIC)):
        raise Skip("golang-github-lucas-clemente-quic-go-dev is not installed")


def packaged():
    need_quic_go()
    os.makedirs(os.path.join(BUILD, "tests", "live", "go"), exist_ok=True)
    return build("quic-echo", GOCODE)


def changed():
    """With a copy of the package in front of it, where the one place has another level."""
    packaged()
    with tempfile.TemporaryDirectory(prefix="cmsgtrace-test-") as gopath:
        copy = os.path.join(gopath, QUIC)
        shutil.copytree(os.path.join(GOCODE, QUIC), copy)
        path = os.path.join(copy, "sys_conn_oob.go")
        with open(path, encoding="utf-8") as f:
            before, place, after = f.read().partition(PLACE)
        if not place or after.count(RIGHT) != 2:
            raise Skip("this version of quic-go makes its control messages elsewhere")
        before = before.replace('"syscall"', '"syscall"\n\t"unsafe"', 1)
        os.chmod(path, 0o644)
        with open(path, "w", encoding="utf-8") as f:
            f.write(before + place + after.replace(RIGHT, WRONG) + MISTAKE)
        return build("quic-echo-changed", gopath + ":" + GOCODE)


def hears_packets(pid):
    with open(f"/proc/{pid}/net/packet", encoding="ascii") as f:
        return len(f.readlines()) > 1


class Conversation:
    """The server on one host, traced; on the other host one client for each address asked.  attach: the
    server has begun before the tracer comes, from another network namespace."""

    def __init__(self, binary, network, asked, options=(), attach=False):
        with TwoHosts() as hosts, tempfile.TemporaryDirectory(prefix="cmsgtrace-test-") as folder:
            self.pcapng = os.path.join(folder, "packets")
            command = hosts.on(hosts.server, binary, "server", network, str(len(asked)))
            options = ["--wire", *options, f"--pcapng={self.pcapng}"]
            if attach:
                with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
                    try:
                        port = server.stdout.readline().strip()
                        with Traced([*options, "-p", str(server.pid)]) as t:
                            wait_for("its packet socket", lambda: hears_packets(server.pid))
                            self.converse(hosts, asked, port, t)
                    finally:
                        server.kill()
            else:
                with Traced([*options, "--", *command]) as t:
                    port = wait_for("the port", lambda: t.read("out").strip() or t.process.poll() is not None)
                    self.converse(hosts, asked, port, t)

    def converse(self, hosts, asked, port, t):
        assert str(port).isdigit(), t.read("err") + t.read("log")
        self.answered = [self.client(hosts, address, port) for address in asked]
        self.run = t.finish()
        assert self.run.status == 0, (self.run.status, self.run.text[-3000:])
        self.replayed = subprocess.run([CMSGTRACE, f"--read={t.record}", "--format=jsonl"],
                                       stdout=subprocess.PIPE, timeout=120, check=False).stdout
        with open(t.record, "rb") as f:
            self.recorded = f.read()
        self.packets = tshark(self.pcapng)

    @staticmethod
    def client(hosts, address, port):
        done = subprocess.run(hosts.on(hosts.client, packaged(), "client", address, port, str(BYTES)),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def facts(self):
        """As the packets had it: local address and port -> how many requests came to it, replies left from it."""
        asked, answered = Counter(), Counter()
        for r in self.run.records:
            for m in r.get("msgs", []) if r["type"] == "call" else []:
                if "wire" in m:
                    count = asked if r["call"] in ("recvmsg", "recvmmsg") else answered
                    count[m["wire"]["local"]["text"].rsplit(":", 1)[0].strip("[]")] += 1
        return asked, answered

    def all_matched(self):
        told = re.findall(r"--wire: (\d+) packets captured, (\d+) dropped; of the messages, (\d+) matched theirs, "
                          r"(\d+) did not", self.run.text)
        assert len(told) == 1, self.run.text[-1000:]
        captured, dropped, matched, unmatched = (int(n) for n in told[0])
        assert captured >= matched > 2 * BYTES // 1452 and (dropped, unmatched) == (0, 0), told


def tshark(path):
    """The packets as (source, destination, comment); None without tshark."""
    try:
        program = need("tshark")
    except Skip:
        return None
    fields = ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "frame.comment"]
    done = subprocess.run([program, "-n", "-r", path, "-T", "fields", "-E", "separator=/t"] +
                          [word for f in fields for word in ("-e", f)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    return [(v4from or v6from, v4to or v6to, comment) for v4from, v4to, v6from, v6to, comment in lines]


V4, V6 = TwoHosts.SECOND, TwoHosts.SECOND6
NETWORKS = {"udp": [V4, V6], "udp4": [V4], "udp6": [V6]}
PREFERRED = {V4: TwoHosts.FIRST, V6: TwoHosts.FIRST6}


def test_the_packaged_one_is_clean_and_its_packets_say_so(network, *attach):
    need_wire()
    asked = NETWORKS[network]
    c = Conversation(packaged(), network, asked, attach=bool(attach))
    assert c.answered == [[a] for a in asked], c.answered
    came, left = c.facts()
    assert set(came) == set(left) == set(asked), (came, left)
    assert min(came.values()) > 50 and min(left.values()) > BYTES // 1452, (came, left)
    c.all_matched()
    assert not c.run.findings(), c.run.text[-3000:]
    assert c.recorded == c.replayed
    if c.packets is not None:
        assert len(c.packets) >= sum(came.values()) + sum(left.values())
        assert not any(comment for _, _, comment in c.packets)


def test_a_copy_with_the_level_changed_is_named(network, *attach):
    need_wire()
    asked = NETWORKS[network]
    c = Conversation(changed(), network, asked, attach=bool(attach))
    assert c.answered == [[PREFERRED[a]] for a in asked], c.answered
    came, left = c.facts()
    # once it has closed, the client resets what still comes: at the address that it comes from
    resets = sum(came.pop(PREFERRED[a], 0) for a in asked)
    assert set(came) == set(asked) and resets < 5, (came, resets)
    assert set(left) == {PREFERRED[a] for a in asked}, left
    c.all_matched()
    found = c.run.findings()
    assert Counter(f["rule"] for f in found) == {"CT101": len(asked), "CT201": len(asked)}, found
    for f in found:
        assert f["level"] == "error" and f["from"] == PREFERRED[f["asked"]], f
        assert any("seen on the wire: both addresses" in n for n in f["notes"]), f
        assert any("SOL_TCP" in line for line in (f["message"], *f["notes"])) or f["rule"] == "CT201", f
    assert sorted(f["asked"] for f in found) == sorted(asked * 2), found
    assert c.recorded == c.replayed
    if c.packets is None:
        raise Skip("tshark is not installed: the packets' comments were not looked at")
    named = [p for p in c.packets if p[2]]
    assert [p[0] for p in named] == [PREFERRED[a] for a in asked], named
    for source, _, comment in named:
        assert "CT101 error" in comment and "CT201 error" in comment and f"leaves from {source}" in comment, comment


def main():
    tap = Tap()
    for test in (test_the_packaged_one_is_clean_and_its_packets_say_so, test_a_copy_with_the_level_changed_is_named):
        for network in NETWORKS:
            tap.run(test, network)
        tap.run(test, "udp", "attached")
    tap.done()


if __name__ == "__main__":
    main()
