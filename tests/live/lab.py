# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the live tests in Python share: TAP, running cmsgtrace, reading its recordings, small UDP clients.

Every wait has a bound; every process that is started is ended by its pid."""
import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

CMSGTRACE = os.path.abspath(os.environ.get("CMSGTRACE") or "cmsgtrace")
BUILD = os.environ.get("builddir") or os.getcwd()
SERVER = os.path.join(BUILD, "pktinfo-server")
ENGINE = os.environ.get("CMSGTRACE_ENGINE")  # by-bpf.py: where a test names none
SHORT = os.environ.get("CMSGTRACE_TESTS") == "short"
PATIENCE = 60


class Skip(Exception):
    """This test can't run here; says why."""


class TwoHosts:
    """Two network namespaces joined by a veth pair; the server's has two addresses of each family, and its
    route prefers the first, as does its default route, which leads to the client's other addresses.  Needs
    root.  Use as a context."""

    FIRST, SECOND, CLIENT, FAR = "10.77.0.1", "10.77.0.11", "10.77.0.2", "10.78.0.2"
    FIRST6, SECOND6, CLIENT6, FAR6 = "fd77::1", "fd77::11", "fd77::2", "fd78::2"

    def __enter__(self):
        need_root()
        self.ip = need("ip")
        self.server, self.client = (f"cmsgtrace-{end}-{os.getpid()}" for end in "sc")
        try:
            self.build()
        except subprocess.CalledProcessError as e:
            self.__exit__()
            raise Skip(f"the namespaces can't be made here: {e.stderr.strip()}") from e
        return self

    def __exit__(self, *_):
        for name in (self.server, self.client):
            # servers may have made others that are nobody's children any more
            left = subprocess.run([self.ip, "netns", "pids", name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                  timeout=30, check=False)
            for pid in left.stdout.split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            subprocess.run([self.ip, "netns", "del", name], stderr=subprocess.DEVNULL, check=False)

    def run(self, *args):
        subprocess.run([self.ip, *args], stderr=subprocess.PIPE, text=True, timeout=30, check=True)

    def build(self):
        for name in (self.server, self.client):
            self.run("netns", "add", name)
            self.run("-n", name, "link", "set", "lo", "up")
        self.run("-n", self.server, "link", "add", "veth0", "type", "veth", "peer", "name", "veth0", "netns",
                 self.client)
        # of equals, the first IPv4 address and the last IPv6 one are preferred
        for name, addresses in ((self.server, (self.FIRST, self.SECOND, self.SECOND6, self.FIRST6)),
                                (self.client, (self.CLIENT, self.CLIENT6))):
            for a in addresses:
                flags = [a + "/64", "nodad"] if ":" in a else [a + "/24"]
                self.run("-n", name, "addr", "add", *flags, "dev", "veth0")
            self.run("-n", name, "link", "set", "veth0", "up")
        self.run("-n", self.client, "addr", "add", self.FAR + "/32", "dev", "veth0")
        self.run("-n", self.client, "addr", "add", self.FAR6 + "/128", "nodad", "dev", "veth0")
        for to, first in ((self.CLIENT, self.FIRST), (self.CLIENT6, self.FIRST6)):
            self.run("-n", self.server, "route", "add", "default", "via", to, "src", first)

    def far_socket(self, family, port):
        """A UDP socket of the client's, bound to its far address.  Of this process, which stays where it is."""
        libc = ctypes.CDLL(None, use_errno=True)
        here, there = (os.open(p, os.O_RDONLY | os.O_CLOEXEC)
                       for p in ("/proc/self/ns/net", f"/run/netns/{self.client}"))
        try:
            if libc.setns(there, 0):
                raise OSError(ctypes.get_errno(), "setns")
            s = socket.socket(family, socket.SOCK_DGRAM)
        finally:
            if libc.setns(here, 0):
                os._exit(1)  # nothing that follows would be true
            os.close(here)
            os.close(there)
        s.bind((self.FAR6 if family == socket.AF_INET6 else self.FAR, port))
        return s

    def on(self, host, *argv):
        """The words of a command that runs on a host (self.server, self.client)."""
        return [self.ip, "netns", "exec", host, *argv]


class Tap:
    """Runs functions as tests: test_the_name becomes "the name"."""

    def __init__(self):
        self.n = self.failed = 0

    def tell(self, ok, name, directive=""):
        """A result, with "SKIP why" where there is none."""
        self.n += 1
        self.failed += not ok
        print(f"{'' if ok else 'not '}ok {self.n} - {name}{directive and ' # ' + directive}", flush=True)

    def run(self, test, *args):
        name = test.__name__.removeprefix("test_").replace("_", " ")
        if args:
            name += " (" + ", ".join(str(a) for a in args) + ")"
        try:
            test(*args)
        except Skip as why:
            self.tell(True, name, f"SKIP {why}")
        except Exception:
            self.tell(False, name)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
        else:
            self.tell(True, name)

    def done(self):
        print(f"1..{self.n}", flush=True)
        sys.exit(1 if self.failed else 0)


def need(program):
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin:/usr/local/sbin")
    if not path:
        raise Skip(f"{program} is not installed")
    return path


def need_known(program, option, word):
    """Other packages have programs of the same name: it is the one we know where what it says with option holds word."""
    path = need(program)
    done = subprocess.run([path, option], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=30, check=False)
    if word.encode() not in done.stdout:
        raise Skip(f"{path} is another program of that name: {option} says nothing of {word}")
    return path


def need_root():
    if os.geteuid():
        raise Skip("needs root (a network namespace of its own)")


def need_users():
    """A rootless container may have one user: servers that give root up end there."""
    with open("/proc/self/uid_map", encoding="ascii") as f:
        if not os.geteuid() and sum(int(line.split()[2]) for line in f) < 65534:
            raise Skip("this user namespace has no other users")


def no_program32(program):
    """Why this 32-bit program can't run here, or None: it is started and ended at once."""
    if not os.access(program, os.X_OK):
        return "no compiler for 32-bit programs"
    try:
        process = subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
    except OSError as e:
        return f"this kernel runs no 32-bit programs: {e.strerror}"
    process.kill()
    process.wait()
    return None


def sanitized():
    """Is cmsgtrace built with AddressSanitizer, which takes memory of its own?"""
    with open(CMSGTRACE, "rb") as f:
        return b"__asan_init" in f.read()


def has_wire():
    """Was cmsgtrace built with libpcap?"""
    return "no libpcap" not in subprocess.run([CMSGTRACE, "--wire", "-o", os.devnull, "--", "true"], check=False,
                                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr


def need_wire():
    if not has_wire():
        raise Skip("built without libpcap")
    # a capability of this process may not be one in its network namespace
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    except PermissionError:
        raise Skip("needs CAP_NET_RAW") from None


def why_no_bpf(told={}):
    """Why --engine=bpf can't be used here, or None."""
    if not told:
        done = subprocess.run([CMSGTRACE, "--engine=bpf", "-p", str(os.getppid()), "--duration=10ms", "-o", os.devnull],
                              check=False, stderr=subprocess.PIPE, text=True, timeout=60)
        told["why"] = next((line.partition(": ")[2] for line in done.stderr.splitlines() if "eBPF engine" in line), None)
    return told["why"]


class Run:
    """One finished run of cmsgtrace: status, text, records."""

    def __init__(self, status, text, out, records):
        self.status, self.text, self.out, self.records = status, text, out, records

    def findings(self, level=None):
        """Without what the eBPF engine always says where descriptors arrive."""
        return [r for r in self.records if r["type"] == "finding" and level in (None, r["level"]) and
                not (ENGINE == "bpf" and r["rule"] == "CT902" and "CT303 [fds-leaked]" in r["message"])]

    def rules(self, *levels):
        return sorted({r["rule"] for r in self.findings() if not levels or r["level"] in levels})

    def calls(self, name):
        return [r for r in self.records if r["type"] == "call" and r.get("name") == name] or \
               [r for r in self.records if r.get("call") == name]


def read_records(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f]


class Traced:
    """cmsgtrace with a command or -p, in the background.  Use as a context; finish() gives the Run."""

    def __init__(self, args, prefix=(), **popen):
        self.folder = tempfile.mkdtemp(prefix="cmsgtrace-test-")
        self.record = os.path.join(self.folder, "record")
        self.log = os.path.join(self.folder, "log")
        popen.setdefault("stdin", subprocess.DEVNULL)
        if ENGINE and not any(a.startswith("--engine") for a in args):
            args = [f"--engine={ENGINE}", *args]
        with open(os.path.join(self.folder, "out"), "wb") as out, \
                open(os.path.join(self.folder, "err"), "wb") as err:
            self.process = subprocess.Popen(
                list(prefix) + [CMSGTRACE, "--record", self.record, "-o", self.log] + list(args),
                stdout=out, stderr=err, **popen)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as f:
            return f.read()

    def interrupt(self, sig=signal.SIGINT):
        self.process.send_signal(sig)

    def finish(self, timeout=PATIENCE):
        status = self.process.wait(timeout)
        text = self.read("log") + self.read("err")
        assert "Sanitizer" not in text, text
        return Run(status, text, self.read("out"), read_records(self.record))


def trace(*args, timeout=PATIENCE, **popen):
    with Traced(args, **popen) as t:
        return t.finish(timeout)


@contextlib.contextmanager
def within(seconds):
    """Raises TimeoutError in what takes longer, in a read too."""
    def late(*_):
        raise TimeoutError(f"it took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def wait_for(what, condition, timeout=PATIENCE):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"waited {timeout} s in vain for {what}")


def ask(address, port, data=b"question\n", family=socket.AF_INET, timeout=10, source=None):
    """Sends one datagram (from source) and returns (answer, address that it came from)."""
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        if source:
            s.bind((source, 0))
        s.settimeout(timeout)
        s.sendto(data, (address, port))
        answer, peer = s.recvfrom(65536)
        return answer, peer[0]


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("", 0))
        return s.getsockname()[1]


def state_of(pid):
    """Letter of /proc/PID/stat, or None where it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None


def tracer_of(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as f:
        for line in f:
            if line.startswith("TracerPid:"):
                return int(line.split()[1])
    return 0


def bound(pid, port):
    """Is a UDP socket bound to port in the network namespace of pid?"""
    for name in ("udp", "udp6"):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/net/{name}", encoding="ascii") as f:
            if any(line.split()[1].endswith(f":{port:04X}") for line in list(f)[1:]):
                return True
    return False
