#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: control messages that the running kernel takes and gives are decoded to what they hold.

Each test traces this very file as a program that sends and receives over loopback; what it did is known."""
import ctypes
import errno
import os
import re
import signal
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Skip, Tap, trace  # noqa: E402

SOCKET, IP, IPV6, UDP, TCP, PACKET, NETLINK = 1, 0, 41, 17, 6, 263, 270
GETSID = {"aarch64": 156}.get(os.uname().machine, 124)
LACKING = 77  # status of a program whose kernel or user can't do that


def i32(v):
    return struct.pack("i", v)


def udp(family, address=None):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.settimeout(10)
    if address:
        s.bind((address, 0))
    return s


def errors(s):
    """One message of the error queue, which needs a moment to come."""
    for _ in range(500):
        try:
            return s.recvmsg(2000, 4000, socket.MSG_ERRQUEUE)
        except BlockingIOError:
            time.sleep(0.01)
    raise TimeoutError("nothing in the error queue")


# --- the programs ---

def program_ipv4():
    server = udp(socket.AF_INET, "0.0.0.0")
    for option in (8, 12, 13, 20):  # PKTINFO, RECVTTL, RECVTOS, RECVORIGDSTADDR
        server.setsockopt(IP, option, 1)
    server.setsockopt(SOCKET, 35, 1)
    client = udp(socket.AF_INET)
    client.sendmsg([b"x"], [(IP, 1, bytes([0x2e])), (IP, 2, i32(9))], 0, ("127.0.0.3", server.getsockname()[1]))
    server.recvmsg(10, 1000)


def program_ipv6():
    server = udp(socket.AF_INET6, "::")
    for option in (49, 51, 66, 74):  # RECVPKTINFO, RECVHOPLIMIT, RECVTCLASS, RECVORIGDSTADDR
        server.setsockopt(IPV6, option, 1)
    client = udp(socket.AF_INET6)
    pktinfo = socket.inet_pton(socket.AF_INET6, "::1") + i32(1)
    client.sendmsg([b"x"], [(IPV6, 50, pktinfo), (IPV6, 67, i32(0xb8)), (IPV6, 52, i32(7)), (IPV6, 62, i32(1))], 0,
                   ("::1", server.getsockname()[1]))
    server.recvmsg(10, 1000)


def program_extension_headers():
    server = udp(socket.AF_INET6, "::1")
    server.setsockopt(IPV6, 53, 1)
    server.setsockopt(IPV6, 58, 1)
    client = udp(socket.AF_INET6)
    client.sendmsg([b"x"], [(IPV6, 54, bytes([0, 0, 5, 2, 0, 0, 1, 0])), (IPV6, 59, bytes([0, 0, 1, 4, 0, 0, 0, 0]))], 0,
                   ("::1", server.getsockname()[1]))
    server.recvmsg(10, 1000)


def program_refused():
    for family, level, option, address in ((socket.AF_INET, IP, 11, "127.0.0.1"), (socket.AF_INET6, IPV6, 25, "::1")):
        closed = udp(family, address)
        port = closed.getsockname()[1]
        closed.close()
        s = udp(family)
        s.setsockopt(level, option, 1)
        s.connect((address, port))
        s.send(b"x")
        s.setblocking(False)
        errors(s)


def program_segments():
    server = udp(socket.AF_INET, "127.0.0.1")
    server.setsockopt(UDP, 104, 1)
    client = udp(socket.AF_INET)
    client.sendmsg([b"x" * 3000], [(UDP, 103, struct.pack("H", 1000))], 0, server.getsockname())
    server.recvmsg(65536, 100)


def program_tcp():
    listener = socket.create_server(("127.0.0.1", 0))
    a = socket.create_connection(listener.getsockname(), timeout=10)
    b = listener.accept()[0]
    b.setsockopt(TCP, 36, 1)  # TCP_INQ
    # TX_SOFTWARE, SOFTWARE, OPT_ID, OPT_TSONLY, OPT_STATS
    a.setsockopt(SOCKET, 37, 1 << 1 | 1 << 4 | 1 << 7 | 1 << 11 | 1 << 12)
    a.send(b"hello")
    b.settimeout(10)
    b.recvmsg(1, 100)
    a.setblocking(False)
    errors(a)


def program_unix():
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    b.setsockopt(SOCKET, 16, 1)
    null = os.open("/dev/null", os.O_RDONLY)
    a.sendmsg([b"zz"], [(SOCKET, 1, struct.pack("ii", null, 1)),
                        (SOCKET, 2, struct.pack("iii", os.getpid(), os.getuid(), os.getgid()))])
    print(null, os.getpid(), os.getuid(), os.getgid(), flush=True)
    b.recvmsg(2, 200)


def program_packet():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind(("lo", 0))
    s.settimeout(10)
    s.setsockopt(PACKET, 8, 1)
    udp(socket.AF_INET).sendto(b"q" * 18, ("127.0.0.1", 9))
    s.recvmsg(2000, 100)


def program_netlink():
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    s.settimeout(10)
    s.setsockopt(NETLINK, 3, 1)
    s.send(struct.pack("IHHII16x", 32, 18, 0x301, 1, 0))  # RTM_GETLINK, dump
    s.recvmsg(65536, 100)


def program_made():
    """Descriptors that calls make and messages bring, and a call that a filter of the program's own catches."""
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    b.setsockopt(SOCKET, 76, 1)  # SO_PASSPIDFD
    a.send(b"x")
    b.recvmsg(1, 100)
    listener = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(listener.getsockname(), timeout=10)
    listener.accept()
    print(os.getpid(), listener.getsockname()[1], client.getsockname()[1], flush=True)
    libc = ctypes.CDLL(None)
    signal.signal(signal.SIGSYS, lambda *_: None)
    # load the number; where it is getsid's, SECCOMP_RET_TRAP with E2BIG; else allow
    filters = b"".join(struct.pack("HBBI", *f) for f in (
        (0x20, 0, 0, 0), (0x15, 0, 1, GETSID), (6, 0, 0, 0x30000 | errno.E2BIG), (6, 0, 0, 0x7fff0000)))
    array = ctypes.create_string_buffer(filters)
    program = struct.pack("HxxxxxxP", 4, ctypes.addressof(array))
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    if libc.prctl(22, 2, program):  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        raise OSError(errno.ENOPROTOOPT, "no seccomp filters")
    libc.getsid(0)


# --- what must be seen ---

class Seen:
    """The decoded control messages of a traced program, by direction and name."""

    def __init__(self, name):
        run = trace("--", sys.executable, os.path.abspath(__file__), "program", name)
        if run.status == LACKING:
            raise Skip(run.out.strip())
        assert run.status == 0, (run.status, run.text)
        self.out = run.out
        self.cmsgs = [(call["call"], c["level_name"], c["type_name"], c.get("decoded"))
                      for call in run.records if call["type"] == "call"
                      for msg in call.get("msgs", ()) for c in msg.get("cmsgs", ())]

    def sent(self, level, name):
        return self.one("sendmsg", level, name)

    def got(self, level, name):
        return self.one("recvmsg", level, name)

    def one(self, *key):
        found = [c[3] for c in self.cmsgs if c[:3] == key]
        assert len(found) == 1, (key, self.cmsgs)
        return found[0]


def expect(what, **fields):
    for name, wanted in fields.items():
        assert what[name] == wanted, (name, wanted, what)


def test_ipv4_source_ttl_tos_time_and_original_destination():
    s = Seen("ipv4")
    assert s.sent("SOL_IP", "IP_TOS") == ["0x2e"]
    assert s.sent("SOL_IP", "IP_TTL") == [9]
    assert s.got("SOL_IP", "IP_TOS") == ["0x2e"]
    assert s.got("SOL_IP", "IP_TTL") == [9]
    expect(s.got("SOL_IP", "IP_PKTINFO"), ipi_ifindex=1, ipi_ifindex_name="lo", ipi_spec_dst="127.0.0.3",
           ipi_addr="127.0.0.3")
    assert s.got("SOL_IP", "IP_ORIGDSTADDR").startswith("127.0.0.3:")
    stamp = s.got("SOL_SOCKET", "SO_TIMESTAMPNS_OLD")
    assert abs(stamp["tv_sec"] - time.time()) < 60 and 0 <= stamp["tv_nsec"] < 10**9, stamp


def test_ipv6_source_hop_limit_class_and_original_destination():
    s = Seen("ipv6")
    for direction in (s.sent, s.got):
        expect(direction("SOL_IPV6", "IPV6_PKTINFO"), ipi6_addr="::1", ipi6_ifindex=1, ipi6_ifindex_name="lo")
        assert direction("SOL_IPV6", "IPV6_TCLASS") == ["0xb8"]
        assert direction("SOL_IPV6", "IPV6_HOPLIMIT") == [7]
    assert s.sent("SOL_IPV6", "IPV6_DONTFRAG") == [1]
    assert s.got("SOL_IPV6", "IPV6_ORIGDSTADDR").startswith("[::1]:")


def test_ipv6_extension_headers():
    s = Seen("extension_headers")
    for direction, following in ((s.sent, (0, 0)), (s.got, (60, 17))):
        hop, dst = direction("SOL_IPV6", "IPV6_HOPOPTS"), direction("SOL_IPV6", "IPV6_DSTOPTS")
        assert (hop["nexthdr"], dst["nexthdr"]) == following, (hop, dst)
        assert [o["type_name"] for o in hop["options"]] == ["IPV6_TLV_ROUTERALERT", "IPV6_TLV_PADN"], hop
        expect(dst["options"][0], type_name="IPV6_TLV_PADN", len=4, value="00000000")


def test_refused_datagrams_name_error_origin_and_offender():
    s = Seen("refused")
    v4, v6 = s.got("SOL_IP", "IP_RECVERR"), s.got("SOL_IPV6", "IPV6_RECVERR")
    expect(v4, ee_errno=errno.ECONNREFUSED, ee_errno_name="ECONNREFUSED", ee_origin_name="SO_EE_ORIGIN_ICMP",
           ee_type_name="ICMP_DEST_UNREACH", ee_code_name="ICMP_PORT_UNREACH", offender="127.0.0.1:0")
    expect(v6, ee_errno_name="ECONNREFUSED", ee_origin_name="SO_EE_ORIGIN_ICMP6", ee_type_name="ICMPV6_DEST_UNREACH",
           ee_code_name="ICMPV6_PORT_UNREACH", offender="[::1]:0")


def test_segments_sent_and_joined():
    s = Seen("segments")
    assert s.sent("SOL_UDP", "UDP_SEGMENT") == [1000]
    assert s.got("SOL_UDP", "UDP_GRO") == [1000]


def test_tcp_bytes_left_and_statistics_of_a_timestamp():
    s = Seen("tcp")
    assert s.got("SOL_TCP", "TCP_CM_INQ") == [4]
    stats = {a["nla_type_name"]: a["nla_data"] for a in s.got("SOL_SOCKET", "SCM_TIMESTAMPING_OPT_STATS")}
    assert stats["TCP_NLA_BYTES_SENT"] == 5 and stats["TCP_NLA_DATA_SEGS_OUT"] == 1, stats
    stamps = s.got("SOL_SOCKET", "SO_TIMESTAMPING_OLD")
    assert len(stamps) == 3 and stamps[0]["tv_sec"] and not stamps[1]["tv_sec"], stamps
    expect(s.got("SOL_IP", "IP_RECVERR"), ee_errno_name="ENOMSG", ee_origin_name="SO_EE_ORIGIN_TIMESTAMPING",
           ee_info_name="SCM_TSTAMP_SND", ee_data=4)


def test_descriptors_and_credentials():
    s = Seen("unix")
    null, pid, uid, gid = map(int, s.out.split())
    assert s.sent("SOL_SOCKET", "SCM_RIGHTS") == [null, 1]
    got = s.got("SOL_SOCKET", "SCM_RIGHTS")
    assert len(got) == 2 and min(got) > null, got
    for direction in (s.sent, s.got):
        assert direction("SOL_SOCKET", "SCM_CREDENTIALS") == {"pid": pid, "uid": uid, "gid": gid}


def test_packet_auxdata():
    aux = Seen("packet").got("SOL_PACKET", "PACKET_AUXDATA")
    expect(aux, tp_mac=0, tp_net=14, tp_vlan_tci="0x0")
    assert "TP_STATUS_USER" in aux["tp_status_name"] and aux["tp_len"] == aux["tp_snaplen"] > 14, aux


def test_netlink_group():
    assert Seen("netlink").got("SOL_NETLINK", "NETLINK_PKTINFO") == {"group": 0}


def made(option):
    run = trace(option, "-e", "trace=recvmsg,accept4", "--", sys.executable, os.path.abspath(__file__), "program", "made")
    if run.status == LACKING:
        raise Skip(run.out.strip())
    assert run.status == 0, (run.status, run.text)
    return run.text, run.out.split()


def test_a_pidfd_and_an_accepted_connection_have_their_details():
    text, (pid, port, client) = made("-yy")
    assert re.search(r"cmsg_type=SCM_PIDFD, cmsg_data=\d+<pid:%s>}" % pid, text), text
    assert re.search(r"accept4\(.* = \d+<TCP:\[127.0.0.1:%s->127.0.0.1:%s\]>\n" % (port, client), text), text
    text, _ = made("-y")
    assert re.search(r"cmsg_type=SCM_PIDFD, cmsg_data=\d+<anon_inode:\[pidfd\]>}", text), text
    assert re.search(r"accept4\(.* = \d+<socket:\[\d+\]>\n", text), text


def test_a_caught_call_has_its_name():
    if os.uname().machine not in ("x86_64", "aarch64"):
        raise Skip("the number of getsid() is known for x86-64 and aarch64 only")
    text, _ = made("-q")
    assert re.search(r"--- SIGSYS {si_signo=SIGSYS, si_code=SYS_SECCOMP, si_errno=E2BIG, si_call_addr=0x[0-9a-f]+, "
                     r"si_syscall=__NR_getsid, si_arch=AUDIT_ARCH_\w+} ---", text), text


def main():
    if sys.argv[1:2] == ["program"]:
        try:
            globals()["program_" + sys.argv[2]]()
        except PermissionError as e:
            print("no permission:", e)
            sys.exit(LACKING)
        except OSError as e:
            if e.errno not in (errno.ENOPROTOOPT, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                raise
            print("not in this kernel:", e)
            sys.exit(LACKING)
        return
    tap = Tap()
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            tap.run(test)
    tap.done()


if __name__ == "__main__":
    main()
