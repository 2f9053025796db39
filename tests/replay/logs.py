#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what a log of strace tells beyond its calls is understood: which ABI wrote a control message, which
descriptor was closed before it was sent, and how older releases print a length that changed."""
import json
import os
import subprocess
import tempfile
import threading
import traceback

TRACER = os.environ.get("CMSGTRACE", "./cmsgtrace")
RECEIVED = ('7 recvmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, '
            'msg_control=[%s], msg_controllen=%d, msg_flags=0}, 0) = 1\n')
SENT = ('7 sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, '
        'msg_control=[{cmsg_len=%d, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[%s]}], '
        'msg_controllen=%d, msg_flags=0}, 0) = %s\n')
PAIR = "7 socketpair(AF_UNIX, SOCK_STREAM, 0, [3, 4]) = 0\n"
EBADF = "-1 EBADF (Bad file descriptor)"


def read(log):
    """The text, and the decoded control messages with the ABI of their calls."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = os.path.join(folder, "log"), os.path.join(folder, "out")
        with open(path, "w", encoding="ascii") as f:
            f.write(log)
        run = subprocess.run([TRACER, "--format=jsonl:" + out, "--read=" + path], capture_output=True, text=True,
                             timeout=60)
        with open(out, encoding="utf-8") as f:
            records = [json.loads(line) for line in f]
    assert "Sanitizer" not in run.stderr, run.stderr
    return run.stdout + run.stderr, [
        (r.get("abi"), int(c["len"], 0), c.get("decoded")) for r in records if r["type"] == "call"
        for m in r.get("msgs", ()) for c in m.get("cmsgs", ())]


def received(length, kind, data, room):
    return read(PAIR + RECEIVED % ("{cmsg_len=%d, cmsg_level=SOL_SOCKET, cmsg_type=%s, cmsg_data=%s}"
                                   % (length, kind, data), room))[1]


def test_a_32bit_program_is_known_by_its_lengths():
    stamp = "{tv_sec=1700000000, tv_%ssec=5}"
    for length, kind, data, want in (
            (16, "SCM_RIGHTS", "[5]", [5]),
            (20, "SCM_RIGHTS", "[5</dev/null>, 6]", [5, 6]),
            (24, "SCM_CREDENTIALS", "{pid=70, uid=1000, gid=100}", {"pid": 70, "uid": 1000, "gid": 100}),
            (20, "SO_TIMESTAMP_OLD", stamp % "u", {"tv_sec": 1700000000, "tv_usec": 5}),
            (20, "SO_TIMESTAMPNS_OLD", stamp % "n", {"tv_sec": 1700000000, "tv_nsec": 5}),
            (28, "SO_TIMESTAMP_NEW", stamp % "u", {"tv_sec": 1700000000, "tv_usec": 5}),
            (36, "SO_TIMESTAMPING_OLD", "[%s, {tv_sec=0, tv_nsec=0}, {tv_sec=0, tv_nsec=0}]" % (stamp % "n"),
             [{"tv_sec": 1700000000, "tv_nsec": 5}] + 2 * [{"tv_sec": 0, "tv_nsec": 0}])):
        got = received(length, kind, data, length)
        assert got == [("i386", length, want)], (kind, got)


def test_a_64bit_program_stays_one():
    for length, kind, data, want in (
            (20, "SCM_RIGHTS", "[5]", [5]),
            (24, "SCM_RIGHTS", "[5, 6]", [5, 6]),
            (28, "SCM_CREDENTIALS", "{pid=70, uid=1000, gid=100}", {"pid": 70, "uid": 1000, "gid": 100}),
            (32, "SO_TIMESTAMP_OLD", "{tv_sec=9, tv_usec=5}", {"tv_sec": 9, "tv_usec": 5})):
        got = received(length, kind, data, length)
        assert len(got) == 1 and got[0][0] != "i386" and got[0][1:] == (length, want), (kind, got)


def test_a_descriptor_that_the_log_closed():
    text, _ = read(PAIR + "7 close(5) = 0\n" + SENT % (20, "5", 24, EBADF))
    assert "CT108 note: sendmsg fails with EBADF because of control message 0: a descriptor in it is not open" in text, text
    assert "descriptor 5 was closed before: line 2 of the log" in text, text
    # of several, the first that is known to be closed can't be told from one that nobody saw
    text, _ = read(PAIR + "7 close(5) = 0\n" + SENT % (24, "5, 6", 24, EBADF))
    assert "descriptor 5 was closed before: line 2 of the log" in text, text
    text, _ = read(PAIR + "7 close(5) = 0\n" + SENT % (24, "6, 5", 24, EBADF))
    assert "closed before" not in text, text


def test_a_descriptor_that_was_opened_again_is_not_said_to_be_closed():
    text, _ = read(PAIR + "7 close(5) = 0\n7 dup(4) = 5\n" + SENT % (20, "5", 24, EBADF))
    assert "is not open" in text and "closed before" not in text, text
    text, _ = read(PAIR + "7 close(5) = 0\n" + SENT % (20, "5", 24, "1"))
    assert "EBADF" not in text, text


def test_the_socket_itself_may_be_what_was_closed():
    text, _ = read(PAIR + "7 close(5) = 0\n7 close(3) = 0\n" + SENT % (20, "5", 24, EBADF))
    assert "CT108" not in text.split("not checked")[0].split("could not")[0], text


UDP = "7 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3\n"
PKTINFO = ('{cmsg_len=28, cmsg_level=SOL_IP, cmsg_type=IP_PKTINFO, cmsg_data={ipi_ifindex=0, '
           'ipi_spec_dst=inet_addr("127.0.0.2"), ipi_addr=inet_addr("0.0.0.0")}}')
ZERO = "{cmsg_len=0, cmsg_level=SOL_IP, cmsg_type=0 /* IP_??? */}, ... /* 0x7ffdf2c72000 */"
GARBAGE = "{cmsg_len=11936128518282651045, cmsg_level=0xa5a5a5a5 /* SOL_??? */, cmsg_type=0xa5a5a5a5}"
EINVAL = "-1 EINVAL (Invalid argument)"


def refused(controls, room, result=EINVAL):
    """The lines of CT106 and CT108 on a send with these control messages."""
    text, _ = read(UDP + '7 sendmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.1")}, '
                   'msg_namelen=16, msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, msg_control=[%s], %smsg_flags=0}, 0) = %s\n'
                   % (", ".join(controls), "msg_controllen=%d, " % room if room else "", result))
    return [line for line in text.splitlines() if line.startswith(("*** CT106 ", "*** CT108 "))]


def test_a_malformed_header_is_told_though_what_follows_is_not_known():
    zeros = ("*** CT106 error: after control message 0 come 16 zero bytes, which the kernel reads as a header with "
             "cmsg_len 0 [control-layout] ***")
    assert refused([PKTINFO, ZERO], 56) == [zeros]
    assert refused([PKTINFO, ZERO], 512) == [zeros]
    assert refused([PKTINFO, GARBAGE], 56) == [
        "*** CT106 error: the cmsg_len of control message 1 is 11936128518282651045, and only 24 bytes are left of "
        "msg_controllen [control-layout] ***"]
    half, = refused([PKTINFO, GARBAGE.replace("11936128518282651045", "1103806595092")], 56)
    assert "its lower half, 20, is what was meant" in half, half


def test_a_header_that_the_log_lost_or_that_the_kernel_took_is_none():
    for controls, room, result in (
            ([PKTINFO, ZERO], 56, "1"),  # it was another header when the kernel read it
            ([PKTINFO, GARBAGE], 56, "-1 ENETUNREACH (Network is unreachable)"),
            ([PKTINFO], 56, EINVAL),  # lost: nothing is known of what follows
            (["0x7ffdf2c72000"], 56, EINVAL),  # strace could not read it
            ([PKTINFO, "..."], 56, EINVAL),
            # redacted: where the next one stands, and how long it is, would be guessed
            (["{cmsg_len=28, cmsg_level=XXX, cmsg_type=XXX}", ZERO], 56, EINVAL),
            ([PKTINFO, PKTINFO.replace("28", "XXX").partition(", cmsg_data")[0] + "}"], 56, EINVAL)):
        got = [line for line in refused(controls, room, result) if "CT106 error" in line]
        assert not got, (controls, room, result, got)


def cut_receive(name, controls, before=""):
    """Findings on a receive that was cut, and whether CT301 is among the rules that could not run."""
    text, _ = read(before + '7 recvmsg(3, {msg_name=%s, msg_namelen=2, msg_iov=[{iov_base="x", iov_len=10}], msg_iovlen=1, '
                   "msg_control=[%s], msg_controllen=24, msg_flags=MSG_CTRUNC|MSG_CMSG_CLOEXEC}, MSG_CMSG_CLOEXEC) = 1\n"
                   % (name, controls))
    return ([line for line in text.splitlines() if line.startswith(("*** CT3", "*** CT4"))],
            "not checked: CT301 [fds-lost]" in text)


def test_a_receive_tells_the_family_of_a_socket_that_the_log_does_not_open():
    """As all logs of strace -p: descriptors, and names of Unix sockets, come from Unix sockets only."""
    rights = "{cmsg_len=24, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[11, 12]}"
    lost = "descriptors were lost: 2 descriptors arrived and MSG_CTRUNC is set [fds-lost] ***"
    for name in "NULL", "{sa_family=AF_UNIX}":  # other options might bring what was cut
        assert cut_receive(name, rights) == (["*** CT301 warning: " + lost], False), name
    assert cut_receive("NULL", rights, PAIR) == (["*** CT301 error: " + lost], False)
    # none came: the family is known, and not what was cut
    assert cut_receive("{sa_family=AF_UNIX}", "") == (
        ["*** CT401 warning: MSG_CTRUNC: the control data did not fit [control-truncated] ***"], True)
    # credentials come from netlink, too; those of IPv4 to sockets of IPv6
    for controls in ("{cmsg_len=28, cmsg_level=SOL_SOCKET, cmsg_type=SCM_CREDENTIALS, cmsg_data={pid=1, uid=0, gid=0}}",
                     PKTINFO):
        assert cut_receive("NULL", controls) == ([], True), controls
    # a name that a send is given need not fit its socket
    text, _ = read('7 sendmsg(3, {msg_name={sa_family=AF_UNIX, sun_path="/x"}, msg_namelen=5, msg_iov=[{iov_base="x", iov_len=1}], '
                   "msg_iovlen=1, msg_control=[%s], msg_controllen=24, msg_flags=0}, 0) = 1\n" % rights)
    assert "the kind of socket is not known" in text, text


def test_an_address_that_strace_kept_from_before_connect_is_not_believed():
    """-yy asks once for each socket: a connected one is bound to no wildcard."""
    udp, peer = "3<UDP:[0.0.0.0:4000]>", '{sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}'
    log = ("7 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3<UDP:[77]>\n"
           '7 bind(3<UDP:[77]>, {sa_family=AF_INET, sin_port=htons(4000), sin_addr=inet_addr("0.0.0.0")}, 16) = 0\n'
           '7 recvfrom(%s, "x", 9, 0, %s, [16]) = 1\n7 connect(%s, %s, 16) = 0\n7 sendto(%s, "y", 1, 0, NULL, 0) = 1\n'
           % (udp, peer, udp, peer, udp))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log")
        with open(path, "w", encoding="ascii") as f:
            f.write(log)
        out = subprocess.run([TRACER, "--format=jsonl", "--read=" + path], capture_output=True, text=True, timeout=60, check=False).stdout
    socks = [r for r in map(json.loads, out.splitlines()) if r["type"] == "sock"]
    assert "0.0.0.0" in socks[0]["local"]["text"] and not socks[-1].get("local", {}).get("text") and socks[-1]["peer"], socks
    assert not any(r["rule"] == "CT201" for r in map(json.loads, out.splitlines()) if r["type"] == "finding"), out


def test_older_releases_print_an_arrow_of_their_own():
    for arrow in "->", " => ":
        text, _ = read(
            "7 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3\n"
            '7 recvmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(54511), sin_addr=inet_addr("192.0.2.1")}, '
            'msg_namelen=28%s16, msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, msg_controllen=0, '
            "msg_flags=0}, 0) = 1\n" % arrow)
        assert 'inet_addr("192.0.2.1")}, msg_namelen=28 => 16' in text, text


def test_a_finding_names_its_line_of_the_log():
    """In every output, and from a recording of it; a log without a name has lines, too."""
    log = PAIR + "7 close(5) = 0\n" + SENT % (20, "5", 24, EBADF)
    with tempfile.TemporaryDirectory() as folder:
        path, record = os.path.join(folder, "strace.log"), os.path.join(folder, "record")
        with open(path, "w", encoding="ascii") as f:
            f.write(log)

        def out(read, how, data=""):
            run = subprocess.run([TRACER, "--read=" + read, *how], capture_output=True, text=True, timeout=60, input=data, check=False)
            assert "Sanitizer" not in run.stderr, run.stderr
            return run.stdout + run.stderr

        for how, said in (("text", " |  in %s:3\n"), ("gcc", "%s:3: note: sendmsg fails with EBADF"), ("github", "::notice file=%s,line=3,title"),
                          ("junit", "\nat %s:3</system-out>")):
            text = out(path, ["--record=" + record, "--format=" + how])
            assert said % path in text, (how, text)
            assert said % path in out(record, ["--format=" + how]), how
        place, = [r["locations"][0]["physicalLocation"] for r in json.loads(out(path, ["--format=sarif"]))["runs"][0]["results"]
                  if r["ruleId"] == "CT108"]
        assert place["artifactLocation"]["uri"].endswith("strace.log") and place["region"] == {"startLine": 3}, place
        assert " |  in line 3\n" in out("-", [], log)


def shown(p):
    while "recvmsg(3" not in (line := p.stdout.readline()):
        assert line, "a line was not shown before more came"


def test_a_log_in_a_pipe_is_shown_while_it_grows():
    """By two threads, and by the one that a single CPU gets.  All but the last call: a line below could be of its stack."""
    every = os.sched_getaffinity(0)
    for cpus in (every, {min(every)}):
        with subprocess.Popen([TRACER, "--read=-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              preexec_fn=lambda c=cpus: os.sched_setaffinity(0, c)) as p:
            guard = threading.Timer(60, p.kill)
            guard.start()
            for calls in (9, 1, 1):
                p.stdin.write(RECEIVED % ("{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[5]}", 24) * calls)
                p.stdin.flush()
                for _ in range(8 if calls == 9 else 1):
                    shown(p)
            guard.cancel()
            p.stdin.close()
            p.stdout.read()


def main():
    tests = [(n[5:].replace("_", " "), f) for n, f in globals().items() if n.startswith("test_")]
    failed = 0
    print("1..%d" % len(tests))
    for i, (name, test) in enumerate(tests, 1):
        try:
            test()
            print("ok %d - %s" % (i, name))
        except Exception:
            failed += 1
            print("not ok %d - %s" % (i, name))
            print("".join("# %s\n" % line for line in traceback.format_exc().splitlines()), end="")
    return failed != 0


if __name__ == "__main__":
    raise SystemExit(main())
