#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: of a log of strace it is known which socket stands behind a descriptor, whatever happened to it: inherited, shared, executed,
duplicated, closed, accepted, asked about; by whom a call was made, and how its process ended.  And what the text output prints is a log
itself: read again it prints the same."""
import json
import os
import re
import subprocess
import sys
import tempfile

CMSGTRACE = os.environ.get("CMSGTRACE", "./cmsgtrace")
SRC = os.environ.get("srcdir", ".")
UDP = "7 socket(AF_INET, SOCK_DGRAM, IPPROTO_IP) = 3\n"
CLOEXEC = UDP.replace("SOCK_DGRAM", "SOCK_DGRAM|SOCK_CLOEXEC")
CHILD = "7 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 8\n"
THREAD = "7 clone(child_stack=0x7f, flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD, tls=0x7f) = 8\n"
CLONE3 = ("7 clone3({flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD, child_tid=0x7f, exit_signal=0, stack=0x7f, "
          "stack_size=0x7fff80} => {parent_tid=[8]}, 88) = 8\n")
EXEC = '7 execve("/bin/true", ["true"], 0x7ffc /* 9 vars */) = 0\n'
TCP = ("7 socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3\n"
       '7 accept4(3, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("192.0.2.1")}, [16], SOCK_CLOEXEC) = 4\n')


def send(tid=7, fd=3):
    return '%d sendto(%d, "x", 1, MSG_NOSIGNAL, NULL, 0) = 1\n' % (tid, fd)


# what happened before: what the socket of the last send is
KINDS = {
    "a socket": (UDP + send(), "udp4"),
    "an unknown descriptor": (send(), None),
    "inherited by a child": (UDP + CHILD + send(8), "udp4"),
    "opened by a child": (CHILD + UDP.replace("7 ", "8 ") + send(7), None),
    "closed by a child": (UDP + CHILD + "8 close(3) = 0\n" + send(7), "udp4"),
    "a child that shows before its clone returns": (
        UDP + CHILD.replace(") = 8", " <unfinished ...>") + send(8) + "7 <... clone resumed>) = 8\n" + send(8), "udp4"),
    "by fork and vfork": (UDP + "7 vfork() = 8\n8 fork() = 9\n" + send(9), "udp4"),
    "a fork that failed": (UDP + "7 fork() = -1 EAGAIN (Resource temporarily unavailable)\n" + send(), "udp4"),
    "opened by a thread": (THREAD + UDP.replace("7 ", "8 ") + send(7), "udp4"),
    "opened for a thread of clone3": (CLONE3 + UDP + send(8), "udp4"),
    "closed by a thread of clone3": (UDP + CLONE3 + "8 close(3) = 0\n" + send(7), None),
    "closed by a thread": (UDP + THREAD + "8 close(3) = 0\n" + send(7), None),
    "stays open on exec": (UDP + EXEC + send(), "udp4"),
    "closes on exec": (CLOEXEC + EXEC + send(), None),
    "an exec of the child alone": (CLOEXEC + CHILD + EXEC.replace("7 ", "8 ") + send(7), "udp4"),
    "an exec unshares": (UDP + THREAD.replace("|CLONE_THREAD", "") + EXEC.replace("7 ", "8 ") + "8 close(3) = 0\n" + send(7), "udp4"),
    "a failed exec": (CLOEXEC + EXEC.replace(" = 0", " = -1 ENOENT (No such file or directory)") + send(), "udp4"),
    "by execveat": (CLOEXEC + '7 execveat(9, "", ["true"], 0x7f /* 9 vars */, AT_EMPTY_PATH) = 0\n' + send(), None),
    "dup": (UDP + "7 dup(3) = 5\n7 close(3) = 0\n" + send(fd=5), "udp4"),
    "dup2": (UDP + "7 dup2(3, 6) = 6\n" + send(fd=6), "udp4"),
    "dup2 of an unknown one": (UDP + "7 dup2(9, 3) = 3\n" + send(), None),
    "dup2 onto itself": (UDP + "7 dup2(3, 3) = 3\n" + send(), "udp4"),
    "dup3 that closes on exec": (UDP + "7 dup3(3, 6, O_CLOEXEC) = 6\n" + EXEC + send(fd=6), None),
    "fcntl(F_DUPFD)": (UDP + "7 fcntl(3, F_DUPFD, 10) = 10\n" + EXEC + send(fd=10), "udp4"),
    "fcntl(F_DUPFD_CLOEXEC)": (UDP + "7 fcntl(3, F_DUPFD_CLOEXEC, 10) = 10\n" + EXEC + send(fd=10), None),
    "close_range": (UDP + "7 close_range(3, 4294967295, 0) = 0\n" + send(), None),
    "close_range beside it": (UDP + "7 close_range(4, 4294967295, 0) = 0\n" + send(), "udp4"),
    "close that was interrupted": (UDP + "7 close(3) = -1 EINTR (Interrupted system call)\n" + send(), None),
    "accepted": (TCP + send(fd=4), "tcp4"),
    "accepted of an unknown listener": (TCP.partition("\n")[2] + send(fd=4), None),
    "socketpair": ("7 socketpair(AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0, [4, 5]) = 0\n" + send(fd=5), "unix-seqpacket"),
    "getsockopt tells": ("7 getsockopt(3, SOL_SOCKET, SO_DOMAIN, [AF_INET6], [4]) = 0\n7 getsockopt(3, SOL_SOCKET, SO_TYPE, [SOCK_DGRAM], [4]) = 0\n"
                         "7 getsockopt(3, SOL_SOCKET, SO_PROTOCOL, [IPPROTO_UDP], [4]) = 0\n" + send(), "udp6"),
    "getsockname tells": ('7 getsockname(3, {sa_family=AF_UNIX, sun_path="/s"}, [5]) = 0\n'
                          "7 getsockopt(3, SOL_SOCKET, SO_TYPE, [SOCK_DGRAM], [4]) = 0\n" + send(), "unix-dgram"),
    "getpeername tells": ('7 getpeername(3, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("192.0.2.1")}, [16]) = 0\n'
                          "7 getsockopt(3, SOL_SOCKET, SO_TYPE, [SOCK_STREAM], [4]) = 0\n"
                          "7 getsockopt(3, SOL_SOCKET, SO_PROTOCOL, [IPPROTO_TCP], [4]) = 0\n" + send(), "tcp4"),
}


def read(log, *options):
    """The records; and the text."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = os.path.join(folder, "log"), os.path.join(folder, "out")
        with open(path, "w", encoding="ascii") as f:
            f.write(log)
        run = subprocess.run([CMSGTRACE, "--format=jsonl:" + out, "-o", os.path.join(folder, "text"), *options, "--read=" + path],
                             capture_output=True, text=True, timeout=60, check=False)
        with open(out, encoding="utf-8") as f:
            records = [json.loads(line) for line in f]
        with open(os.path.join(folder, "text"), encoding="utf-8") as f:
            text = f.read()
    assert "Sanitizer" not in run.stderr and run.returncode in (0, 1), (run.returncode, run.stderr)
    return records, text


def last_kind(log):
    records, _ = read(log)
    socks = {r["id"]: r for r in records if r["type"] == "sock"}
    sock = [r for r in records if r["type"] == "call" and r["call"] == "sendto"][-1].get("sock")
    return (socks[sock] if isinstance(sock, int) else sock or {}).get("kind")


def test_kind(name):
    log, want = KINDS[name]
    assert (last_kind(log) or "unknown") == (want or "unknown"), (last_kind(log), log)


def test_a_connected_socket_is_unconnected_again():
    to = '{sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("192.0.2.1")}'
    for log, want in ((UDP + "7 connect(3, %s, 16) = 0\n" % to, "192.0.2.1:9"),
                      (UDP + "7 connect(3, %s, 16) = -1 EINPROGRESS (Operation now in progress)\n" % to, "192.0.2.1:9"),
                      (UDP + "7 connect(3, %s, 16) = 0\n7 connect(3, {sa_family=AF_UNSPEC, sa_data=\"\\0\\0\"}, 16) = 0\n" % to, None)):
        last = [r for r in read(log + send())[0] if r["type"] == "sock"][-1]
        assert ((last.get("peer") or {}).get("text")) == want, (log, last)


def test_options_and_what_is_left_of_them():
    """A cut buffer is explained by the options that the log switched on, under whichever name."""
    got = ('7 recvmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="x", iov_len=9}], msg_iovlen=1, '
           "msg_controllen=0, msg_flags=MSG_CTRUNC}, 0) = 1\n")
    for level, option, value, says in (("SOL_SOCKET", "SO_TIMESTAMP_OLD", "[1]", "SCM_TIMESTAMP"), ("SOL_SOCKET", "SO_TIMESTAMPNS_NEW", "[1]", "TIMESTAMPNS"),
                                       ("SOL_IP", "IP_ORIGDSTADDR", "[1]", "ORIGDSTADDR"), ("SOL_IP", "IP_RECVTTL", "[1]", "TTL"), ("SOL_IP", "12", "[1]", "TTL")):
        text = read(UDP + "7 setsockopt(3, %s, %s, %s, 4) = 0\n" % (level, option, value) + got)[1]
        assert re.search(r"lost or cut: .*%s" % says, text), (option, text)
        text = read(UDP + "7 setsockopt(3, %s, %s, {l_onoff=1}, 4) = 0\n" % (level, option) + got)[1]
        assert not re.search(r"lost or cut: .*%s" % says, text), (option, text)


WRONG = ('%s sendmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("192.0.2.1")}, msg_namelen=16, '
         'msg_iov=[{iov_base="x", iov_len=1}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_TCP, cmsg_type=0x2}], '
         "msg_controllen=24, msg_flags=0}, 0) = 1\n")


def test_stacks_of_strace_k_are_places():
    frames = (" > /lib/libc.so.6(__sendmsg+0x12) [0x103b02]\n > /srv/server(reply+0x2a) [0x115a]\n > /srv/server(+0x30) [0x1030]\n"
              " > unexpected_backtracing_error [0x0]\n")
    found = [r for r in read(UDP + WRONG % 7 + frames)[0] if r["type"] == "finding" and r["rule"] == "CT101"]
    assert [f["place"]["function"] for f in found] == ["reply"] and found[0]["place"]["module"] == "/srv/server", found


def test_ends_of_processes():
    text = read(UDP + send() + "7 +++ exited with 3 +++\n8 +++ killed by SIGSEGV (core dumped) +++\n9 +++ superseded by execve in pid 7 +++\n")[1]
    for word in "exited with 3", "killed by SIGSEGV (core dumped)", "superseded by execve in pid 7":
        assert word in text, (word, text)
    # its number comes again: what it had is gone
    assert last_kind(UDP + "7 +++ killed by SIGKILL +++\n" + send()) in (None, "unknown")


def test_modes_tell_the_abi():
    for line, want in (("7 [ Process PID=7 runs in 32 bit mode. ]\n", "i386"), ("7 [ Process PID=7 runs in x32 mode. ]\n", None), ("", "x86_64")):
        calls = [r for r in read(line + UDP + send())[0] if r["type"] == "call"]
        assert want is None or calls[-1].get("abi", "x86_64") == want, (line, calls[-1])


def test_a_send_that_never_returned_is_seen():
    log = UDP + (WRONG % 7).replace("}, 0) = 1\n", "}, 0 <unfinished ...>\n")
    for end in "7 +++ killed by SIGKILL +++\n", "", "7 <... recvmsg resumed>{}, 0) = 0\n":
        records, text = read(log + end)
        assert [r["call"] for r in records if r["type"] == "call" and r["call"] == "sendmsg"] == ["sendmsg"], (end, text)


# What a line can't tell when it is read: pointers, faults, addresses that were cut, and what only strace's newest prints.
UNREAD = re.compile(r"nlmsg_len|sa_data=|EFAULT|EAGAIN|NULL, 0\)|NULL, MSG_DONTWAIT\)|SOF_TIMESTAMPING_TX|IPV6_(HOP|DST)OPTS|IPV6_RTHDR|IPV6_FLOWINFO|NULL, 0, 0\)|, 99\)")


def plain(text):
    out = []
    for line in text.splitlines():
        line = re.sub(r"^\d+ +", "", line)
        if re.match("send|recv", line) and not UNREAD.search(line):
            out.append(re.sub(r"0x[0-9a-f]{4,}|(?<=iov_base=)0x\w+|\{msg_namelen=\d+\}", "POINTER", re.sub(r" /\* 0x\w+ \*/| +(?== )", "", line)))
    return out


def test_what_is_printed_reads_the_same():
    folder, n = os.path.join(SRC, "tests/rules"), 0
    paths = [os.path.join(folder, r, w + ".jsonl") for r in sorted(os.listdir(folder)) if r.startswith("CT") for w in ("bad", "good")]
    options = ["-f", "-v", "-qq", "-s", "100000", "-e", "check=none", "-e", "trace=all"]
    for path in paths + [os.path.join(SRC, "tests/replay/data/calls.jsonl")]:
        with tempfile.TemporaryDirectory() as d:
            first = os.path.join(d, "text")
            subprocess.run([CMSGTRACE, "--read=" + path, "-o", first, *options], check=True, timeout=60, capture_output=True)
            with open(first, encoding="utf-8") as f:
                before = f.read()
        if not plain(before):
            continue
        after = set(plain(read(before, *options)[1]))
        lost = [line for line in plain(before) if line not in after]
        assert not lost, (path, lost[:3], sorted(after)[:20])
        n += len(plain(before))
    assert n > 200, n


def main():
    tests = [(name, test_kind, name) for name in KINDS]
    tests += [(n[5:].replace("_", " "), f) for n, f in globals().items() if n.startswith("test_") and n != "test_kind"]
    failed = 0
    print("1..%d" % len(tests))
    for i, (name, test, *args) in enumerate(tests, 1):
        try:
            test(*args)
            print("ok %d - %s" % (i, name))
        except Exception as e:  # pylint: disable=broad-except
            failed += 1
            print("not ok %d - %s\n# %s: %s" % (i, name, type(e).__name__, str(e).replace("\n", "\n# ")[:3000]))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
