#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our lines beside strace's, byte for byte.

tests/live/cmsg-gen sends and receives the same messages under strace and under cmsgtrace, with the same
options.  What no two runs share (pids, times, inodes) is normalised; everything else must be equal, but for
the differences that are listed here: only where strace 6.1 prints a bare number or drops data."""

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import ENGINE, no_program32  # noqa: E402

LIVE = os.path.join(os.environ.get("builddir", "."), "tests/live")
CMSGTRACE = [os.environ.get("CMSGTRACE", "./cmsgtrace")] + (["--engine=" + ENGINE] if ENGINE else [])
MESSAGES = "sendmsg,recvmsg,sendmmsg,recvmmsg,recvmmsg_time64,sendto,recvfrom,send,recv"
CALLS = "socket,bind,connect,setsockopt," + MESSAGES
SECONDS = 30
OUTPUT = 64 << 20  # bytes that a run may write at most

# Groups of messages, and those that need something that a machine may not have.
GROUPS = ("rows decoded blocks addresses faults strings udp4 udp6 errqueue unix netlink packet vectors "
          "plain waiting options descriptors signals").split()

# Options that strace and we share; some on a choice of groups, since what they change is the same in all.
VARIANTS = (
    ([], GROUPS),
    (["-v"], GROUPS),
    (["-x"], "strings addresses decoded unix".split()),
    (["-xx"], "strings addresses decoded udp6".split()),
    (["-s", "8"], "strings decoded faults vectors plain".split()),
    (["-s", "300"], "strings decoded faults".split()),
    (["-s", "0"], "strings decoded faults vectors".split()),
    (["-a", "80"], ["faults"]),
    (["-a", "1"], ["faults"]),
    (["-T"], "plain vectors waiting".split()),
    (["-t"], ["plain"]),
    (["-tt"], ["plain", "waiting"]),
    (["-ttt"], ["plain"]),
    (["-r"], ["plain"]),
    (["-tt", "-r"], ["plain"]),
    (["-y"], "unix udp4 vectors descriptors signals".split()),
    (["-yy"], "unix udp4 udp6 netlink descriptors".split()),  # in this network namespace: strace asks its own
    (["-yy", "-xx"], ["udp4"]),
    (["-q"], ["waiting"]),
    (["-qq"], ["waiting"]),
    (["-z"], "faults vectors waiting".split()),
    (["-Z"], "faults vectors waiting".split()),
    (["-e", "status=successful"], "faults vectors waiting".split()),
    (["-e", "status=failed,unfinished"], "faults vectors waiting".split()),
    (["-e", "signal=none"], ["waiting", "signals"]),
    (["-e", "signal=sigio,chld,SIGRT_1"], ["signals"]),
    (["-e", "signal=!SIGIO,rtmin"], ["signals"]),
    (["-P", "/dev/null"], ["descriptors", "unix"]),
    (["-y", "-P", "LINK"], ["descriptors"]),  # a symbolic link to /dev/null
    (["-e", "fd=3"], "decoded udp4 vectors options descriptors".split()),  # one task: no line ends another
    (["-e", "fd=!3,5"], ["descriptors", "unix"]),
    (["-y", "-e", "fd=4"], ["descriptors"]),
    (["--no-follow"], "decoded unix vectors waiting options descriptors".split()),
    (["--no-follow", "-tt"], ["plain"]),
    (["--no-follow", "-yy"], ["unix", "descriptors"]),
)

# ---- the differences that are allowed ----

# Levels of which strace decodes no message at all: types are numbers there, payloads dropped (6.1) or bytes (6.6 on).
LEVELS_UNKNOWN = set("""SOL_TCP SOL_UDP AF_VSOCK SOL_IPV6 SOL_ICMPV6 SOL_CAN_RAW SOL_CAN_J1939 SOL_SCTP
    SOL_RAW SOL_PACKET SOL_LLC SOL_NETLINK SOL_TIPC SOL_RXRPC SOL_BLUETOOTH SOL_RDS SOL_IUCV SOL_ALG SOL_KCM
    SOL_TLS SOL_XDP SOL_MPTCP SOL_MCTP SOL_SMC SOL_VSOCK SOL_UDPLITE SOL_DCCP SOL_HCI""".split())

# Messages of SOL_SOCKET that strace 6.1 names but shows no payload of, or knows by number only.
SOCKET_DROPPED = set("""SCM_PIDFD SO_WIFI_STATUS SCM_TIMESTAMPING_OPT_STATS SCM_TIMESTAMPING_PKTINFO SO_TXTIME
    SCM_DEVMEM_LINEAR SCM_DEVMEM_DMABUF SO_DEVMEM_DONTNEED SCM_TS_OPT_ID SCM_INQ SO_PRIORITY SO_MARK
    SO_RXQ_OVFL""".split())

# The same of SOL_IP.
IP_DROPPED = set("IP_PROTOCOL IP_RETOPTS_OPTIONS IP_OPTIONS IP_RECVFRAGSIZE IP_RECVFRAGSIZE".split())

# A payload shorter than its type needs, or of a type that nobody knows: strace 6.1 drops it, 6.6 and we show bytes.
BYTES = re.compile(r'cmsg_data="(\\x[0-9a-f]{2})+"$')


def element_allowed(ours, theirs):
    """Why this control message may differ, or None."""
    o = re.match(r"\{cmsg_len=(\d+), cmsg_level=(.+?), cmsg_type=(\S+?(?: /\* \S+ \*/)?)(?:, (cmsg_data=.*))?\}$", ours, re.S)
    t = re.match(r"\{cmsg_len=(\d+), cmsg_level=(.+?), cmsg_type=(\S+?(?: /\* \S+ \*/)?)(?:, (cmsg_data=.*))?\}$", theirs, re.S)
    if not o or not t or o[1] != t[1]:
        return None
    number = re.match(r"(0x[0-9a-f]+|0)( /\* \S+ \*/)?$", t[3])
    if o[2] != t[2] and not (t[2].endswith("/* SOL_??? */") and o[2] in LEVELS_UNKNOWN):
        return None
    if o[3] != t[3] and not number:
        return None
    if (o[2], o[3]) == (t[2], t[3]) and o[4] and t[4] and re.sub(r" /\* .*? \*/", "", o[4]) == t[4]:
        return "comments"
    if (o[2], o[3]) == (t[2], t[3]) and o[4] and t[4] == "cmsg_data=???":
        return "what is left of a timestamp"
    if t[4] and o[4] != t[4] and not BYTES.match(t[4]):
        return None
    if o[2] in LEVELS_UNKNOWN:
        return o[2]
    for level, dropped in ("SOL_SOCKET", SOCKET_DROPPED), ("SOL_IP", IP_DROPPED):
        if o[2] == level and o[3] in dropped:
            return level + " " + o[3]
    if o[3] == t[3] and o[4] and BYTES.match(o[4]) and not t[4]:
        return "payload as bytes"
    return None


# ---- what the eBPF engine prints otherwise (CMSGTRACE_ENGINE=bpf): its manual says so ----

# Of descriptors it knows the sockets.
NO_SOCKET = re.compile(r"(?<=\d)<(?:/|anon_inode:|pid:)[^<>]*(?:<[^<>]*>)?>")
PATHS = "it knows no paths but those of sockets"


def ended(lines):
    """A call is one line, when it has ended: strace's two are joined there."""
    out, begun = [], {}
    for line in lines:
        pid = line.split()[0]
        if line.endswith(" <unfinished ...>"):
            begun[pid] = line[:-len(" <unfinished ...>")]
        elif m := re.search(r"<\.\.\. \w+ resumed>", line):
            out.append(begun.pop(pid) + line[m.end():])
        else:
            out.append(line)
    return out


def bpf_allowed(o, t, seen):
    # strace keeps what it saw of a connection first; here it is gone once a peer closed or reset it.
    o, t = (re.sub(r" += (?=\S+( \w+ \(.*\))?$)", " = ", s) for s in (o, t))
    if o == t:
        return True  # one or two lines of it, or a path less: it is aligned otherwise
    gone = re.sub(r"<(UNIX[A-Z-]*|TCP):\[[^]]*->[^]]*\]>", r"<\1:[INODE]>", t)
    if o != gone:
        return False
    seen["eBPF engine: the connection was gone"] = seen.get("eBPF engine: the connection was gone", 0) + 1
    return True


def balanced(text, at):
    """The end of the bracket that opens at text[at], quotes respected."""
    depth = 0
    quoted = False
    i = at
    while i < len(text):
        c = text[i]
        if quoted:
            if c == "\\":
                i += 1
            elif c == '"':
                quoted = False
        elif c == '"':
            quoted = True
        elif c in "[{(":
            depth += 1
        elif c in "]})":
            depth -= 1
            if not depth:
                return i + 1
        i += 1
    return len(text)


def split_elements(block):
    """The elements of "[{...}, {...}, ...]"."""
    found = []
    i = 1
    while i < len(block):
        if block[i] == "{":
            end = balanced(block, i)
            found.append(block[i:end])
            i = end
        else:
            i += 1
    return found


def take_controls(line):
    """The line with its control messages taken out, and these."""
    found = []
    rest = ""
    i = 0
    while True:
        at = line.find("msg_control=[", i)
        if at < 0:
            return rest + line[i:], found
        at += len("msg_control=")
        end = balanced(line, at)
        block = line[at:end]
        elements = split_elements(block)
        for e in elements:
            block = block.replace(e, "{}", 1)
        found += elements
        rest += line[i:at] + block
        i = end


def line_allowed(ours, theirs, options, seen):
    """True where the two lines differ only as listed; what was met is counted in seen."""
    if ENGINE == "bpf":  # the program and its namespace may have ended before anybody could ask for a name
        ours, theirs = (re.sub(r'=if_nametoindex\("(lo|\\x6c\\x6f)"\)', "=1", s) for s in (ours, theirs))
    o, oc = take_controls(ours)
    t, tc = take_controls(theirs)
    if len(oc) != len(tc):
        return False
    for a, b in zip(oc, tc):
        if a != b:
            why = element_allowed(a, b)
            if not why:
                return False
            seen[why] = seen.get(why, 0) + 1
    # Ours with -v: the room that was offered for control messages, which strace never shows.
    if "-v" in options:
        o, n = re.subn(r"msg_controllen=\d+ => ", "msg_controllen=", o)
        if n:
            seen["room for control messages (-v)"] = seen.get("room for control messages (-v)", 0) + n
    # Options newer than 6.1, which it shows by number.
    new = re.match(r"(.*setsockopt\(\S+, \w+, )([A-Z]\w+)(, .*)", re.sub(r" +=", " =", o))
    if new and re.fullmatch(re.escape(new[1]) + r"0x[0-9a-f]+ /\* \w+_\?\?\? \*/" + re.escape(new[3]),
                            re.sub(r" +=", " =", t)):
        seen["option " + new[2]] = seen.get("option " + new[2], 0) + 1
        return True
    # 6.1 doesn't know this flag; 7.2 prints it as we do.
    if "MSG_SOCK_DEVMEM" in o:
        o = re.sub(r"MSG_SOCK_DEVMEM\|(MSG_\S*?)(0x[0-9a-f]+)", lambda m: m[1] + hex(int(m[2], 16) | 0x2000000), o)
        seen["MSG_SOCK_DEVMEM"] = seen.get("MSG_SOCK_DEVMEM", 0) + 1
    # 6.15 and we decode these addresses, 6.1 doesn't.
    if "{sa_family=AF_TIPC, addrtype=" in o and "{sa_family=AF_TIPC, sa_data=" in t:
        o, t = (re.sub(r"AF_TIPC, .*?(, msg_namelen)", r"AF_TIPC\1", s) for s in (o, t))
        seen["AF_TIPC"] = seen.get("AF_TIPC", 0) + 1
    if o == t:
        return True
    return netlink_allowed(o, t, seen) or (ENGINE == "bpf" and bpf_allowed(o, t, seen))


def netlink_allowed(o, t, seen):
    """Netlink: strace asks netlink_diag for the family, which kernels may lack: then types are numbers to it.
    Where it knows the family it decodes attributes, of which we show the bytes."""
    if "{nlmsg_len=" not in o or "{nlmsg_len=" not in t:
        return False

    def bare(line):
        line = re.sub(r"NETLINK:\[(\d+|ROUTE:PORT)\]", "NETLINK", line)
        line = re.sub(r"nlmsg_type=(\w+( /\* NLMSG_\?\?\? \*/)?), nlmsg_flags=[\w|]+", "nlmsg_type=T, nlmsg_flags=F", line)
        return re.sub(r"(nlmsg_pid=PID\}, )(\{.*?\}|\".*?\"(?:\.\.\.)?)(, iov_len=|, \d+, )", r"\1PAYLOAD\3", line)

    if bare(o) != bare(t):
        return False
    seen["netlink family or payload"] = seen.get("netlink family or payload", 0) + 1
    return True


def normalise(lines, options):
    out = []
    for line in lines:
        if line.startswith(("*** ", " |  ")):
            continue  # our findings
        line = re.sub(r"^\d+ +", "PID ", line)
        if "-t" in options or "-tt" in options:
            line = re.sub(r"\d\d:\d\d:\d\d(\.\d{6})? ", r"TIME ", line, 1)
        if "-ttt" in options:
            line = re.sub(r"\d{10}\.\d{6} ", "TIME ", line, 1)
        if "-r" in options:
            line = re.sub(r" {0,5}\d+\.\d{6}", "SINCE", line, 1)
        if "-T" in options:
            line = re.sub(r" <\d+\.\d{6}>$", " <SPENT>", line)
        if line.split("(")[0].split()[-1:] and re.search(r"recv|left", line):
            line = re.sub(r"tv_sec=\d+, tv_(u|n)sec=\d+", r"tv_sec=S, tv_\1sec=N", line)
        line = re.sub(r"\b(pid|si_pid|nl_pid|nlmsg_pid)=\d+", r"\1=PID", line)
        line = re.sub(r"<pid:\d+>", "<pid:PID>", line)
        line = re.sub(r"si_([us])time=\d+( /\* \d+\.\d+ s \*/)?", r"si_\1time=N", line)
        line = re.sub(r"socket:\[\d+\]", "socket:[INODE]", line)
        line = re.sub(r"((?:UNIX|UDP|TCP|RAW|PING)[A-Za-z0-9-]*:\[)\d+(->\d+)?(?=[],])",
                      lambda m: m[1] + "INODE" + ("->INODE" if m[2] else ""), line)
        line = re.sub(r"NETLINK:\[ROUTE:\d+\]", "NETLINK:[ROUTE:PORT]", line)
        out.append(line)
    return out


# The same for both tracers: addresses on the stack depend on it.
ENVIRONMENT = {"PATH": os.environ["PATH"], "TZ": "UTC",
               **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}}


def bounded(cmd, err):
    """Runs cmd; at the end of its time it is killed, and so is what it traces."""
    p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err,
                         env=dict(ENVIRONMENT), start_new_session=True,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT)))
    try:
        return p.wait(SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, signal.SIGKILL)
        p.wait()
        raise


def run(tool, options, program, group, rows, directory):
    out = os.path.join(directory, "out")
    # With -yy strace keeps what it saw of an inode first, for ever: it must not see sockets before they are bound.
    # fd= tells of no call that has no descriptor yet, as socket().
    calls = "trace=" + (MESSAGES if "-yy" in options or without_fd(options)[1] else CALLS)
    given = [os.path.join(directory, "link") if o == "LINK" else o for o in options]
    if tool == ["strace"]:  # 6.1 has no fd=; and no option that says what is its default
        given = without_fd(given)[0]
        given = [o for o in given if o != "--no-follow"] + ["-f"] * ("--no-follow" not in given)
    cmd = ["setarch", "-R"] + tool + ["-q", "-o", out, "-e", calls] + given + [program] + \
        (["-h"] if "-yy" in options else []) + [group]
    if group == "rows":
        cmd.append(rows)
    with open(os.path.join(directory, "err"), "w+", encoding="latin-1") as err:
        rc = bounded(cmd, err)
        err.seek(0)
        with open(out, encoding="latin-1") as f:
            return rc, f.read().splitlines(), err.read()


class Tap:
    def __init__(self):
        self.n = 0
        self.failed = 0

    def result(self, ok, name, notes=()):
        self.n += 1
        self.failed += not ok
        print(("ok" if ok else "not ok"), self.n, "-", name)
        for note in notes:
            print("#", note[:1500])
        sys.stdout.flush()

    def skip(self, name, why):
        self.n += 1
        print("ok", self.n, "-", name, "# SKIP", why)


# Two tasks run at once: which of them is stopped first is the scheduler's choice, under either tracer.
UNORDERED = {"waiting": 6}


def without_fd(options):
    """The options without -e fd=SET, and SET or None."""
    for i, o in enumerate(options):
        if o.startswith("fd="):
            return options[:i - 1] + options[i + 1:], o[3:]
    return options, None


def of_fds(lines, options):
    """Those that strace's -e fd= would have left: calls on these descriptors, and what is no call."""
    fds = without_fd(options)[1]
    if not fds:
        return lines
    left = []
    unfinished = set()  # tasks that have a call of theirs left out
    for line in lines:
        task = line.split()[0]
        resumed = "resumed>" in line
        call = re.match(r"(?:\d+ +)?\w+\((-?\d+)[,<)]", line)
        out = bool(call) and (call[1] in fds.strip("!").split(",")) == fds.startswith("!")
        if not (task in unfinished if resumed else out):
            left.append(line)
        if out and "<unfinished ...>" in line:
            unfinished.add(task)
        elif resumed:
            unfinished.discard(task)
    return left


def compare(tap, name, program, group, options, rows, directory, total):
    for left in reversed(range(UNORDERED.get(group, 1))):
        if compare_once(tap, name, program, group, options, rows, directory, total, not left):
            break


def compare_once(tap, name, program, group, options, rows, directory, total, last):
    """False where the lines differ and it is not the last try: then nothing was reported."""
    name = " ".join([name, group] + options)
    try:
        rc, theirs, _ = run(["strace"], options, program, group, rows, directory)
        if rc == 77:
            tap.skip(name, "cmsg-gen can't run this group here")
            return True
        ours_rc, ours, err = run(CMSGTRACE + ["-e", "check=none"], options, program, group, rows, directory)
    except subprocess.TimeoutExpired as e:
        tap.result(False, name, ["%s did not end in %d s" % (e.cmd[2], SECONDS)])
        return True
    if ours_rc == 77:
        tap.skip(name, "cmsg-gen can't run this group here: " + err)
        return True
    theirs = of_fds(theirs, options)
    if ENGINE == "bpf":
        theirs = [NO_SOCKET.sub("", line) for line in ended(theirs)]
    a, b = normalise(ours, options), normalise(theirs, options)
    notes = []
    if rc != ours_rc:
        notes.append("exit status %d, under strace %d; %s" % (ours_rc, rc, err))
    if len(a) != len(b):
        notes.append("%d lines, strace has %d" % (len(a), len(b)))
    for x, y in zip(a, b):
        if x != y and not line_allowed(x, y, options, total["allowed"]):
            notes += ["ours:   " + x, "strace: " + y]
            if len(notes) > 12:
                notes.append("and more")
                break
    if notes and not last:
        return False
    total["lines"] += len(b)
    total["distinct"].update(re.sub(r"^PID ", "", x) for x in a if "msg(" in x or "to(" in x or "from(" in x)
    tap.result(not notes, name, notes)
    return True


def main():
    tap = Tap()
    try:
        version = subprocess.run(["strace", "-V"], stdout=subprocess.PIPE, check=True).stdout.decode().split("\n")[0]
    except (OSError, subprocess.CalledProcessError):
        print("1..0 # SKIP strace is not installed")
        return 0
    if subprocess.run(["setarch", "-R", "true"], stderr=subprocess.DEVNULL).returncode:
        print("1..0 # SKIP setarch can't switch address randomisation off here")
        return 0
    print("#", version)
    total = {"lines": 0, "distinct": set(), "allowed": {}}
    only = sys.argv[1:]
    with tempfile.TemporaryDirectory() as directory:
        rows = os.path.join(directory, "rows")
        os.symlink("/dev/null", os.path.join(directory, "link"))
        with open(rows, "wb") as f:
            subprocess.run([os.path.join(LIVE, "cmsg-rows")], stdout=f, check=True)
        for program, name in ("cmsg-gen", "native"), ("cmsg-gen32", "i386"):
            path = os.path.abspath(os.path.join(LIVE, program))
            if name == "i386" and (why := no_program32(path)):
                tap.skip(name, why)
                continue
            for options, groups in VARIANTS:
                if ENGINE == "bpf" and "-P" in options:
                    tap.skip(" ".join([name] + options), PATHS)
                    continue
                for group in groups + (["socketcall"] if name == "i386" and not options else []):
                    if not only or group in only:
                        compare(tap, name, path, group, options, rows, directory, total)
            # strace prints these for ever; here it counts that we end.
            if not only:
                rc, lines, err = run(CMSGTRACE, [], path, "wrapping", rows, directory)
                tap.result(rc == 0 and len(lines) >= 8, name + " lengths that wrap around", [err] if err else [])
    if not only:
        tap.result(len(total["distinct"]) >= 150, "%d distinct messages in %d lines" %
                   (len(total["distinct"]), total["lines"]))
    for why, n in sorted(total["allowed"].items()):
        print("# allowed: %s: %d" % (why, n))
    print("1..%d" % tap.n)
    return tap.failed != 0


if __name__ == "__main__":
    sys.exit(main())
