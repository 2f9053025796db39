#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what the engine by eBPF sees of an attached program is what ptrace sees of the same program: lines, socket
facts, findings.  What really left and came it tells without capture.  It leaves nothing behind, and says why it can't."""
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, CMSGTRACE, SERVER, Skip, Tap, Traced, ask, trace, wait_for, why_no_bpf  # noqa: E402

PROGRAM = """
import array, os, socket, struct, sys, threading
IP, IPV6, UDP, SOL = socket.IPPROTO_IP, socket.IPPROTO_IPV6, 17, socket.SOL_SOCKET
print("ready", flush=True)
sys.stdin.readline()

def options(s, *pairs):
    for level, name, value in pairs:
        s.setsockopt(level, name, value)

def udp4():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    options(s, (IP, 8, 1), (IP, 12, 1), (IP, 13, 1), (IP, 11, 1), (IP, 15, 1), (IP, 1, 32), (IP, 2, 9), (IP, 50, struct.pack("!I", 1)),
            (IP, 33, 3), (SOL, 6, 1), (SOL, 12, 3), (SOL, 29, 1), (SOL, 40, 1), (SOL, 75, 1), (SOL, 11, 1))
    s.connect(s.getsockname())
    s.sendmsg([b"one", b"two" * 20], [(IP, 8, struct.pack("=I4s4s", 0, socket.inet_aton("127.0.0.1"), bytes(4)))])
    s.recvmsg(100, 300)
    s.send(b"x" * 2000)
    s.recv(4000, socket.MSG_PEEK)
    s.recvfrom(5)
    try:
        s.recvmsg(1, 0, socket.MSG_DONTWAIT)
    except OSError:
        pass
    os.write(s.fileno(), b"by write")
    os.read(s.fileno(), 100)
    s.sendmsg([b"wrong"], [(IPV6, 50, bytes(20)), (41, 99, b"")])
    s.recvmsg_into([bytearray(2) for _ in range(12)], 100)

def udp6():
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    options(s, (IPV6, 49, 1), (IPV6, 51, 1), (IPV6, 66, 1), (IPV6, 25, 1), (IPV6, 67, 8), (IPV6, 16, 7), (IPV6, 26, 1), (SOL, 35, 1),
            (SOL, 37, 0x98))
    s.bind(("::1", 0))
    name = s.getsockname()
    s.sendmsg([b"six"], [(IPV6, 52, struct.pack("=i", 5))], 0, name)
    s.recvmsg(100, 300)
    options(s, (UDP, 103, 500), (UDP, 104, 1))
    s.sendto(b"y" * 1200, name)
    s.recvmsg(4000, 300)

def unix():
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    options(b, (SOL, 16, 1))
    a.sendmsg([b"fds"], [(SOL, 1, array.array("i", [0, 1]))])
    b.recvmsg(100, 24, socket.MSG_CMSG_CLOEXEC)
    c = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    c.bind("\\0cmsgtrace test %d" % os.getpid())
    try:
        c.send(b"nobody")
    except OSError:
        pass
    try:
        socket.socket(fileno=os.open("/dev/null", os.O_RDWR))
    except OSError:
        pass

def others():
    n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    n.bind((0, 0))
    n.sendto(struct.pack("=IHHIIBxxx", 20, 18, 0x301, 1, 0, 0), (0, 0))
    n.recvmsg(70000, 100)
    t = socket.socket()
    t.bind(("127.0.0.1", 0))
    t.listen()
    u = socket.create_connection(t.getsockname())
    v, _ = t.accept()
    u.send(b"stream")
    v.recvmsg(10, 100)

for f in (udp4, udp6, unix, others):
    f()
t = threading.Thread(target=udp4)
t.start()
t.join()
pid = os.fork()
if not pid:
    udp4()
    os._exit(5)
os.waitpid(pid, 0)
"""
# what differs from run to run: addresses, numbers of tasks and ports, counters, times
CHANGES = [(r" +=", " ="), (r"\((0x[^{}]*|\d+)\) ", "(RAW) "), (r'cmsg_data="\\x[^"]*"', "DATA"), (r"^\d+ +", "TID "), (r"htons\(\d{4,5}\)", "PORT"), (r"0x[0-9a-f]{6,}", "ADDR"), (r":\d{4,5}\b", ":PORT"), (r"pid=\d+", "pid=N"),
           (r"test \d+", "test N"), (r"tv_n?u?sec=\d+", "TIME"), (r"\d+ms? ago|\d+(\.\d+)? [mu]?s ago", "AGO"), (r"nl_pid=\d+", "NL"),
           (r"nlmsg_pid=\d+", "NL"), (r"nl_pad=0x[0-9a-f]+, ", "")]


def need_bpf():
    why = why_no_bpf()
    assert not (why and os.environ.get("CMSGTRACE_NEEDS_BPF")), why  # in a guest a kernel that refuses the programs is no excuse
    if why:
        raise Skip(why)


def traced(engine, *options, program=PROGRAM):
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as p:
        p.stdout.readline()
        with Traced([f"--engine={engine}", *options, "-p", str(p.pid)]) as t:
            wait_for("attaching", lambda: "attached" in t.read("err") or t.process.poll() is not None)
            time.sleep(0.1)
            p.stdin.write("go\n")
            p.stdin.close()
            assert p.wait(30) == 0
            return t.finish()


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
        return [int(x) for x in f.read().split()]


def comm(pid):
    with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
        return f.read().strip()


def lines_of(run):
    lines = []
    for line in run.text.splitlines():
        # a signal that is ignored is delivered only where somebody traces
        if re.match(r"\d+ +(?!---| )", line):
            for old, new in CHANGES:
                line = re.sub(old, new, line)
            lines.append(line)
    return lines


def socks_of(run):
    """What is known of each kind of socket, as often as it changed; less what one engine alone can know."""
    out = []
    used = {r["sock"]["id"] for r in run.records if r["type"] == "call" and r.get("msgs") and r.get("sock")}
    for r in run.records:
        if r["type"] == "sock" and r["id"] in used:
            opts = {k: v for k, v in r["opts"].items() if not k.startswith("TCP_") and k != "SO_INQ"}
            local = re.sub(r":\d+$|\d+", "", (r.get("local") or {}).get("text", "none"))
            out.append((r["kind"], local, r.get("peer") is not None, json.dumps(opts, sort_keys=True)))
    return out


def test_lines_are_those_of_ptrace():
    need_bpf()
    a, b = (lines_of(traced(e, "-e", "trace=network,read,write", "-s", "64")) for e in ("syscall", "bpf"))
    assert len(a) > 60, a
    different = [f"{x}\n   {y}" for x, y in zip(sorted(a), sorted(b)) if x != y]
    assert sorted(a) == sorted(b), "\n".join(different[:8] + [str(len(a)), str(len(b))])


def test_facts_of_sockets_are_those_that_the_program_sees():
    need_bpf()
    a, b = (set(socks_of(traced(e))) for e in ("syscall", "bpf"))
    if not any("NETLINK_LISTEN_ALL_NSID" in opts for *_, opts in a):  # before Linux 6.2 it can be set, but not asked for
        b = {(*key, opts.replace('"NETLINK_LISTEN_ALL_NSID": 0, ', "")) for *key, opts in b}
    last = {}
    for kind, local, peer, opts in a:
        if (kind, local, peer) in {x[:3] for x in b}:
            last.setdefault((kind, local, peer), set()).add(opts)
    assert len(last) >= 6, (a, b)
    for key, theirs in last.items():
        ours = {o for *k, o in b if tuple(k) == key}
        assert theirs <= ours, (key, theirs - ours, ours - theirs)


def test_findings_are_those_of_ptrace():
    need_bpf()
    # what Python runs is not seen, so what is found once a place there is found once a kind of call
    a, b = ({(f["rule"], f["level"], f["message"].split(" ")[0]) for f in traced(e).findings() if f["rule"] != "CT902"}
            for e in ("syscall", "bpf"))
    assert a and a == b, (a, b)


def served(options, rounds=3, server_args=("--calls=to",), alive=None):
    """A server that answers from the wrong address, attached; the Run.  alive(t): before it is asked for the last time."""
    read_end, write_end = os.pipe()
    # an emulated processor takes longer than ten seconds to load the programs
    command = [SERVER, f"--port-fd={write_end}", f"--count={rounds}", "--patience=120", *server_args]
    with subprocess.Popen(command, pass_fds=[write_end]) as server:
        os.close(write_end)
        try:
            with os.fdopen(read_end) as f:
                port = int(f.readline())
            with Traced(["--engine=bpf", *options, "-p", str(server.pid)]) as t:
                wait_for("attaching", lambda: "attached" in t.read("err") or t.process.poll() is not None)
                for i in range(rounds):
                    if alive and i == rounds - 1:
                        alive(t)
                    assert ask("127.0.0.2", port)[1] == "127.0.0.1"
                server.wait(20)
                return t.finish()
        finally:
            server.kill()


def test_a_wrong_source_is_an_error_without_capture():
    need_bpf()
    run = served([])
    found = [f for f in run.findings() if f["rule"] == "CT201"]
    assert [f["level"] for f in found][-1] == "error", run.text
    assert found[-1]["asked"] == "127.0.0.2" and found[-1]["from"] == "127.0.0.1", found


def test_a_command_is_wrapped():
    need_bpf()
    a, b = (trace(f"--engine={e}", "-e", "trace=network,read,write", "-s", "64", "--", sys.executable, "-c", PROGRAM,
                  stdin=subprocess.DEVNULL) for e in ("syscall", "bpf"))
    ours, theirs = sorted(lines_of(b)), sorted(lines_of(a))
    # what its start writes and reads without a socket depends on the environment
    ours, theirs = ([x for x in v if not re.match(r"TID (read|write)\(\d+, .*ELF|TID \+\+\+", x)] for v in (ours, theirs))
    different = [f"{x}\n   {y}" for x, y in zip(theirs, ours) if x != y]
    assert len(ours) > 60 and ours == theirs, "\n".join(different[:8] + [str(len(theirs)), str(len(ours))])
    assert (a.status, b.status) == (0, 0)


def test_a_command_keeps_its_status():
    need_bpf()
    for command, status in (("exit 3", 3), ("kill -9 $$", 128 + 9), ("kill -15 $$", 128 + 15)):
        run = trace("--engine=bpf", "--", "sh", "-c", command)
        assert run.status in (status, -(status - 128)), (command, run.status)
        assert f"exited with {status}" in run.text or "killed by" in run.text, run.text
    assert trace("--engine=bpf", "--", "/nonexistent/program").status == 127
    with Traced(["--engine=bpf", "--", "sleep", "60"]) as t:
        wait_for("the command", lambda: (p := children(t.pid)) and comm(p[0]) == "sleep")
        t.interrupt(signal.SIGTERM)
        run = t.finish()
        assert run.status in (143, -15) and "killed by SIGTERM" in run.text, (run.status, run.text)


def test_findings_and_calls_name_their_place():
    need_bpf()
    run = served(["-k"], server_args=["--bug=level"], alive=lambda t: wait_for("a finding", lambda: "CT201" in t.read("log")))
    found = run.findings()
    assert {f["rule"] for f in found} >= {"CT101", "CT201"}, run.text
    assert all(f["place"].get("function") == "send_reply" and f["place"]["file"].endswith("pktinfo-server.c") for f in found
               if f["rule"] in ("CT101", "CT201")), found
    assert re.search(r"\(sendmsg\+.*\n.*\(send_reply\+.*\n.*\(main\+.*\n.*\n.*\n.*\(_start\+", run.text), run.text


def test_a_socket_is_connected_at_a_place():
    """Which pins the source of replies: CT205."""
    need_bpf()
    run = trace("--engine=bpf", "-k", "-e", "trace=connect", "--", "/usr/bin/python3", "-c", """
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("127.0.0.1", 9))
time.sleep(.2)""")
    assert re.search(r"\bconnect\(3, .*\n > .*\(connect\+", run.text), run.text


def test_a_command_that_ends_at_once_has_its_place():
    """Its mappings are gone with it: they were looked at when it made its first call."""
    need_bpf()
    run = trace("--engine=bpf", "--", "/usr/bin/python3", "-c", """
import os, socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
s.setsockopt(socket.IPPROTO_IP, 8, 1)
time.sleep(.1)
s.sendmsg([b"x"], [(socket.IPPROTO_TCP, 8, bytes(12))], 0, s.getsockname())
os._exit(0)""")
    places = [f["place"] for f in run.findings() if f["rule"] == "CT101"]
    assert len(places) == 1 and places[0].get("module"), run.text


def test_a_stack_that_is_known_is_not_taken_for_another():
    """Fifty functions whose calls begin alike: each is named at the same call as with ptrace, and counts as often."""
    need_bpf()
    said = []
    for engine in ("auto", "bpf"):
        run = trace("--engine=" + engine, os.path.join(BUILD, "tests/live/fifty"), "4", "400", "pauses")
        firsts = sorted((f["event"], f["place"]["function"]) for f in run.findings())
        said.append(([(e - firsts[0][0], function) for e, function in firsts], re.findall(r"^ \|  +\d+x .*", run.text, re.M)))
    assert len(said[0][0]) == 50 and said[0][1] and said[0] == said[1], said


def test_functions_of_python_are_told_apart():
    """Their calls are made by the same functions of C; the thread of one has ended before anybody looks at its stack."""
    need_bpf()
    program = """
import socket, sys, threading, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
def send(): s.sendmsg([b"x"], [(socket.IPPROTO_TCP, 8, bytes(12))], 0, s.getsockname())
def first(): send()
def second(): send()
def third(): s.sendmsg([b"x"], [(socket.IPPROTO_TCP, 8, bytes(12))], 0, s.getsockname())
def fourth(): s.sendmsg([b"x"], [(socket.IPPROTO_TCP, 8, bytes(12))], 0, s.getsockname())
print("ready", flush=True)
sys.stdin.readline()
for _ in range(3):
    first(), second(), third()
    thread = threading.Thread(target=fourth)
    thread.start()
    thread.join()
time.sleep(.5)
"""
    run = traced("bpf", "-k", program=program)
    told = {(f["place"].get("function"), f["place"].get("line")) for f in run.findings() if f["rule"] == "CT101"}
    assert told == {("send", 5), ("third", 8), ("fourth", 9)}, (told, run.text)
    assert all(len(re.findall(rf"\(send\+.*\n > .*\({name}\+", run.text)) == 3 for name in ("first", "second")), run.text


def by_uring(level, rounds=3):
    """A server whose messages go through an io_uring, wrapped: the Run, and the address that it answered from."""
    program = os.path.join(os.environ.get("builddir", "."), "tests", "live", "uring-echo")
    with Traced(["--engine=bpf", "--", program, str(level), str(rounds)]) as t:
        wait_for("its port", lambda: "\n" in t.read("out") or t.process.poll() is not None)
        if t.process.poll() == 77:
            raise Skip("this kernel has no io_uring for us")
        port = int(t.read("out"))
        answers = {ask("127.0.0.2", port)[1] for _ in range(rounds)}
        return t.finish(), answers


def test_messages_of_an_io_uring_are_seen():
    need_bpf()
    for level, rules, source in ((socket.IPPROTO_TCP, {"CT101", "CT201"}, "127.0.0.1"), (-1, {"CT201"}, "127.0.0.1"),
                                 (socket.IPPROTO_IP, set(), "127.0.0.2")):
        run, answers = by_uring(level)
        assert answers == {source}, answers
        assert set(run.rules("error")) == rules and not run.rules("warning"), (level, run.text)
        assert "CT901" not in run.rules(), run.text
        assert run.text.count("io_uring_recvmsg(") == 3 and run.text.count("io_uring_sendmsg(") == 3, run.text
        for f in (f for f in run.findings() if f["rule"] == "CT201"):
            assert f["asked"] == "127.0.0.2" and f["from"] == "127.0.0.1", f


def test_an_audit_finds_the_servers_of_the_machine():
    need_bpf()
    servers = {}
    with Traced(["--all", "-c"]) as t:
        wait_for("attaching", lambda: "attached" in t.read("err") or t.process.poll() is not None)
        for bug in ("missing", "none"):
            read_end, write_end = os.pipe()
            with subprocess.Popen([SERVER, f"--port-fd={write_end}", "--count=4", *([] if bug == "none" else [f"--bug={bug}"])],
                                  pass_fds=[write_end]) as server:
                os.close(write_end)
                with os.fdopen(read_end) as f:
                    port = int(f.readline())
                for _ in range(4):
                    ask("127.0.0.2", port)
                servers[bug] = server.pid
                assert server.wait(20) == 0
        time.sleep(0.2)
        t.interrupt()
        run = t.finish()
    if re.search(r"[1-9]\d* calls and|and [1-9]\d* other records were lost", run.text):
        raise Skip("the machine is too busy: records were lost, as was said")
    socks = {bug: r for bug, pid in servers.items() for r in run.records if r["type"] == "summary" and r.get("tgid") == pid}
    assert set(socks) == set(servers), run.text
    for bug, source, rules in (("missing", "127.0.0.1", {"CT201"}), ("none", "127.0.0.2", set())):
        r = socks[bug]
        assert (r["requests"], r["replies"]) == (4, 4), r
        assert [a["addr"] for a in r["asked_at"]] == ["127.0.0.2"] and [a["addr"] for a in r["answered_from"]] == [source], r
        assert {f["rule"] for f in r["findings"]} == rules, r
    assert str(servers["missing"]) in run.text, run.text
    for wrong, why in ((["--all", "--engine=syscall"], "--all and --cgroup need --engine=bpf"), (["--all", "--", "true"], "exclude each other")):
        done = subprocess.run([CMSGTRACE, *wrong], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        assert done.returncode and why in done.stderr, done


def test_a_control_group_is_watched_and_no_other():
    need_bpf()
    mounts = [line.split()[1] for line in open("/proc/mounts", encoding="utf-8") if line.split()[2] == "cgroup2"]
    group = os.path.join(mounts[0], f"cmsgtrace-test-{os.getpid()}") if mounts else None
    try:
        os.mkdir(group or "")
    except OSError as e:
        raise Skip(f"no control group can be made: {e}") from e
    join = "import os, sys; open(sys.argv[1], 'w').write(str(os.getpid())) if sys.argv[1] else 0; os.execv(sys.argv[2], sys.argv[2:])"
    try:
        pids = []
        with Traced(["--cgroup=" + group]) as t:
            wait_for("attaching", lambda: "attached" in t.read("err") or t.process.poll() is not None)
            for procs in (os.path.join(group, "cgroup.procs"), ""):
                with subprocess.Popen([sys.executable, "-c", join, procs, os.path.join(BUILD, "tests/live/fifty"), "1", "1"],
                                      stdout=subprocess.DEVNULL) as p:
                    assert p.wait(60) == 0
                    pids.append(p.pid)
            wait_for("its messages", lambda: "sendmsg" in t.read("log"))
            t.interrupt()
            run = t.finish()
    finally:
        os.rmdir(group)
    assert {e["tgid"] for e in run.records if e["type"] == "call" and e.get("msgs")} == {pids[0]}, (pids, run.text[:2000])
    for path, why in (("/proc", "no directory of a cgroup2"), ("/nowhere", "No such file")):
        done = subprocess.run([CMSGTRACE, "--cgroup=" + path], stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        assert done.returncode and why in done.stderr, done


KINDS = ("prog", "map", "link")


def held_by(pid):
    """The kernel's BPF objects that a process holds, as its descriptors say: (kind, number)."""
    held = set()
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        with open(f"/proc/{pid}/fdinfo/{fd}", encoding="ascii") as f:
            held |= {(k, int(n)) for k, n in re.findall(r"^(prog|map|link)_id:\s*(\d+)", f.read(), re.M)}
    return held


def loaded():
    """All BPF objects of this kernel."""
    found = set()
    for kind in KINDS:
        try:
            done = subprocess.run(["bpftool", "-j", kind], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=True)
        except (OSError, subprocess.CalledProcessError) as e:
            raise Skip(f"bpftool can't list what is loaded: {e}") from e
        found |= {(kind, o["id"]) for o in json.loads(done.stdout)}
    return found


def test_a_killed_tracer_leaves_nothing():
    """Nor does the server notice, which answers all the while.  CMSGTRACE_KILLS: how often."""
    need_bpf()
    loaded()
    ours, wrong, over = set(), [], threading.Event()
    answered = 0

    def load():
        nonlocal answered
        while not over.is_set():
            try:
                data, source = ask("127.0.0.1", port)
            except OSError as e:
                wrong.append(e)
                return
            answered += 1
            if source != "127.0.0.1" or not data:
                wrong.append((data, source))

    read_end, write_end = os.pipe()
    with subprocess.Popen([SERVER, f"--port-fd={write_end}", "--count=1000000000"], pass_fds=[write_end]) as server:
        os.close(write_end)
        with os.fdopen(read_end) as f:
            port = int(f.readline())
        clients = threading.Thread(target=load)
        clients.start()
        try:
            for _ in range(int(os.environ.get("CMSGTRACE_KILLS", "4"))):
                with Traced(["--engine=bpf", "-p", str(server.pid)]) as t:
                    wait_for("a line", lambda t=t: "attached" in t.read("err") and "recvmsg(" in t.read("log"))
                    mine = held_by(t.process.pid)
                    assert {k for k, _ in mine} == set(KINDS) and mine <= loaded(), mine
                    ours |= mine
                    t.interrupt(signal.SIGKILL)
                    t.process.wait()
                before = answered
                wait_for("an answer", lambda before=before: answered > before or wrong)
            assert not wrong, wrong[:3]
            # the kernel frees them some time after the last descriptor is closed
            wait_for("what was loaded to go", lambda: not ours & loaded(), 60)
        finally:
            over.set()
            clients.join()
            server.kill()
    print(f"# {answered} answers")


def test_without_rights_it_says_so():
    need_bpf()
    target = subprocess.Popen(["sleep", "20"], user=65534)
    try:
        done = subprocess.run([CMSGTRACE, "--engine=bpf", "-p", str(target.pid)], user=65534, group=65534, extra_groups=[],
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False, cwd="/")
        if "Permission denied" in done.stderr and "eBPF" not in done.stderr:
            raise Skip("the program can't be executed by another user here")
        assert done.returncode == 1 and "needs root, or CAP_BPF and CAP_PERFMON" in done.stderr, done
    finally:
        target.kill()
        target.wait()


def test_auto_takes_it_for_what_runs_where_it_shows_as_much():
    need_bpf()
    python = [sys.executable, "-c", "import time; time.sleep(60)"]
    for command, options, told in ((["sleep", "60"], [], "by --engine=bpf, which stops nothing"),
                                   (["sleep", "60"], ["-y"], "by --engine=syscall, which stops at each call; not by bpf: eBPF knows no paths"),
                                   (["sleep", "60"], ["-k"], "not by bpf: eBPF takes a part of each stack"),
                                   (["sleep", "60"], ["--engine=ptrace"], None),
                                   (["sleep", "60"], ["-q"], None),
                                   (python, [], "by --engine=bpf, which stops nothing")):
        with subprocess.Popen(command) as p:
            try:
                wait_for("its program", lambda word=os.path.basename(command[0]): comm(p.pid).startswith(word[:6]))
                done = subprocess.run([CMSGTRACE, *options, "--duration=50ms", "-p", str(p.pid)], stderr=subprocess.PIPE, text=True,
                                      timeout=60, check=True)
            finally:
                p.kill()
        assert (told in done.stderr) if told else "by --engine" not in done.stderr, (options, done.stderr)


def test_where_the_programs_are_refused_auto_goes_on_with_stops():
    need_bpf()
    with subprocess.Popen(["sleep", "60"]) as p:
        try:
            wait_for("its program", lambda: comm(p.pid) == "sleep")
            done = subprocess.run([CMSGTRACE, "--duration=50ms", "-p", str(p.pid)], stderr=subprocess.PIPE, text=True, timeout=60, check=True,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16)))
        finally:
            p.kill()
    assert re.search("cannot use the eBPF engine .*\n.*by --engine=syscall, .*\n.* attached\n.* detached", done.stderr), done.stderr


def test_what_has_ended_or_is_the_kernels_is_not_waited_for():
    need_bpf()
    with subprocess.Popen(["true"]) as p:
        wait_for("its end", lambda: "\nState:\tZ" in open(f"/proc/{p.pid}/status", encoding="ascii").read())
        for options, told in ((["-p", str(p.pid)], "it has ended"), (["--engine=bpf", "-p", str(p.pid)], "it has ended"),
                              (["--engine=bpf", "-p", "2"], "it is a kernel thread"), (["--all", "--engine=ptrace"], "need --engine=bpf")):
            done = subprocess.run([CMSGTRACE, *options], stderr=subprocess.PIPE, text=True, timeout=60, check=False)
            assert done.returncode and told in done.stderr, (options, done)


def test_a_call_that_waited_when_it_attached_has_its_times():
    need_bpf()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to:
        to.bind(("127.0.0.1", 0))
        receive = "import socket; s = socket.socket(fileno=int(__import__('sys').argv[1])); print(1, flush=True); [s.recv(9) for _ in range(5)]"
        with subprocess.Popen([sys.executable, "-c", receive, str(to.fileno())], pass_fds=[to.fileno()], stdout=subprocess.PIPE) as p:
            p.stdout.readline()
            time.sleep(.2)
            with Traced(["--engine=bpf", "-T", "--max-events=3", "-p", str(p.pid)]) as t:
                wait_for("attaching", lambda: "attached" in t.read("err"))
                for _ in range(5):
                    to.sendto(b"x", to.getsockname())
                run = t.finish()
            p.kill()
    times = [float(x) for x in re.findall(r"recvfrom.* <([\d.]+)>$", run.text, re.M)]
    assert len(times) == 3 and max(times) < 60, run.text


def main():
    tap = Tap()
    tap.run(test_lines_are_those_of_ptrace)
    tap.run(test_facts_of_sockets_are_those_that_the_program_sees)
    tap.run(test_findings_are_those_of_ptrace)
    tap.run(test_a_wrong_source_is_an_error_without_capture)
    tap.run(test_a_command_is_wrapped)
    tap.run(test_a_command_keeps_its_status)
    tap.run(test_findings_and_calls_name_their_place)
    tap.run(test_a_socket_is_connected_at_a_place)
    tap.run(test_a_command_that_ends_at_once_has_its_place)
    tap.run(test_a_stack_that_is_known_is_not_taken_for_another)
    tap.run(test_functions_of_python_are_told_apart)
    tap.run(test_messages_of_an_io_uring_are_seen)
    tap.run(test_an_audit_finds_the_servers_of_the_machine)
    tap.run(test_a_control_group_is_watched_and_no_other)
    tap.run(test_a_killed_tracer_leaves_nothing)
    tap.run(test_without_rights_it_says_so)
    tap.run(test_auto_takes_it_for_what_runs_where_it_shows_as_much)
    tap.run(test_where_the_programs_are_refused_auto_goes_on_with_stops)
    tap.run(test_what_has_ended_or_is_the_kernels_is_not_waited_for)
    tap.run(test_a_call_that_waited_when_it_attached_has_its_times)
    tap.done()


if __name__ == "__main__":
    main()
