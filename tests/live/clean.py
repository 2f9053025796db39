#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: no rule on the bytes of a send (CT1xx, CT5xx) fires on real programs that are right.

Each is traced while it does its work; what it did is checked too, so that silence is not idleness."""
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import Skip, Tap, Traced, ask, free_port, need, need_users, trace, wait_for  # noqa: E402

FAMILIES = ("CT1", "CT5")


def bytes_findings(run):
    """Findings of the families in question, but for notes: those are worth knowing, not mistakes."""
    return [f for f in run.findings() if f["rule"].startswith(FAMILIES) and f["level"] != "note"]


def assert_clean(run, *calls):
    for call in calls:
        assert run.calls(call), f"no {call} was seen\n" + run.text[-2000:]
    found = bytes_findings(run)
    assert not found, [(f["rule"], f["message"]) for f in found]


def dns_query(name):
    labels = b"".join(bytes([len(p)]) + p.encode() for p in name.split("."))
    return struct.pack("!6H", 0x1234, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)


def ask_dns(address, port, name):
    def once():
        try:
            return ask(address, port, dns_query(name), timeout=1)[1]
        except (socket.timeout, ConnectionError):
            return None
    return wait_for("an answer", once, 30)


def tcp_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def open_tcp(port, data, want):
    """Sends data until the server is there; what it answers begins with want."""
    def once():
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as s:
                s.sendall(data)
                return s.recv(4096)
        except (ConnectionError, socket.timeout):
            return None
    answer = wait_for("a connection", once, 30)
    assert answer.startswith(want), answer


def test_dnsmasq():
    need_users()
    port = free_port()
    with Traced(["--", need("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", f"--port={port}", "--no-resolv",
                 "--no-hosts", "--pid-file=", "--log-facility=-", "--address=/test.example/192.0.2.1"] +
                (["--user=root"] if not os.geteuid() else [])) as t:
        assert ask_dns("127.0.0.2", port, "test.example") == "127.0.0.2"
        t.interrupt(signal.SIGTERM)
        assert_clean(t.finish(), "recvmsg", "sendmsg")


def test_unbound_with_interface_automatic():
    unbound = need("unbound")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        with open(f"{folder}/conf", "w", encoding="utf-8") as f:
            f.write(f"server:\n interface-automatic: yes\n port: {port}\n do-daemonize: no\n chroot: \"\"\n"
                    f" username: \"\"\n directory: \"{folder}\"\n pidfile: \"\"\n use-syslog: no\n"
                    " access-control: 127.0.0.0/8 allow\n local-data: \"test.example. A 192.0.2.1\"\n"
                    "remote-control:\n control-enable: no\n")
        with Traced(["--", unbound, "-d", "-c", f"{folder}/conf"]) as t:
            assert ask_dns("127.0.0.2", port, "test.example") == "127.0.0.2"
            t.interrupt(signal.SIGTERM)
            run = t.finish()
    assert_clean(run, "recvmsg", "sendmsg")
    assert not run.rules("error"), run.text


def test_chrony():
    chronyd = need("chronyd")
    if os.geteuid():
        raise Skip("chronyd wants to be root")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        with open(f"{folder}/conf", "w", encoding="utf-8") as f:
            f.write(f"port {port}\nallow 127/8\nlocal stratum 8\ncmdport 0\nbindcmdaddress /\n"
                    f"pidfile {folder}/pid\ndriftfile {folder}/drift\n")
        with Traced(["--", chronyd, "-d", "-x", "-u", "root", "-f", f"{folder}/conf"]) as t:
            def once():
                try:
                    return ask("127.0.0.2", port, b"\x23" + bytes(47), timeout=1)
                except (socket.timeout, ConnectionError):
                    return None
            answer, peer = wait_for("the time", once, 30)
            assert len(answer) == 48 and peer == "127.0.0.2", (answer, peer)
            t.interrupt(signal.SIGTERM)
            run = t.finish()
    assert_clean(run)
    assert run.calls("recvmmsg") or run.calls("recvmsg"), run.text
    assert not run.rules("error"), run.text


def test_openssh():
    need_users()
    sshd, keygen, scan = need("sshd"), need("ssh-keygen"), need("ssh-keyscan")
    port = tcp_port()
    if not os.geteuid():
        os.makedirs("/run/sshd", exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/key"], check=True, timeout=30)
        with Traced(["--", sshd, "-D", "-e", "-f", "/dev/null", "-p", str(port), "-h", f"{folder}/key", "-o",
                     "PidFile=none", "-o", "ListenAddress=127.0.0.1"]) as t:
            open_tcp(port, b"SSH-2.0-test\r\n", b"SSH-2.0-")
            done = subprocess.run([scan, "-p", str(port), "-t", "ed25519", "127.0.0.1"], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, timeout=30, check=False)
            assert b"ssh-ed25519" in done.stdout, done
            t.interrupt(signal.SIGTERM)
            assert_clean(t.finish())


def test_dbus_daemon():
    daemon, send = need("dbus-daemon"), need("dbus-send")
    with tempfile.TemporaryDirectory() as folder:
        address = f"unix:path={folder}/bus"
        with Traced(["--", daemon, "--session", "--nofork", "--nopidfile", f"--address={address}"]) as t:
            wait_for("the bus", lambda: os.path.exists(f"{folder}/bus"))
            done = subprocess.run([send, f"--bus={address}", "--print-reply", "--dest=org.freedesktop.DBus", "/",
                                   "org.freedesktop.DBus.ListNames"], stdout=subprocess.PIPE, timeout=30, check=True)
            assert b"org.freedesktop.DBus" in done.stdout
            t.interrupt(signal.SIGTERM)
            assert_clean(t.finish(), "recvmsg")


def test_systemd_tools():
    """systemd-notify sends with credentials, the journal's client passes a descriptor, udevadm speaks netlink."""
    tools = 0
    with tempfile.TemporaryDirectory() as folder:
        notify, udevadm = shutil.which("systemd-notify"), shutil.which("udevadm")
        if notify:
            tools += 1
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
                s.bind(f"{folder}/notify")
                s.settimeout(10)
                # systemd waits for a barrier descriptor to be closed: told not to
                run = trace("--", notify, "--ready", "--no-block", "--status=testing",
                            env=dict(os.environ, NOTIFY_SOCKET=f"{folder}/notify"))
                assert run.status == 0, run.text
                assert b"READY=1" in s.recv(4096)
            assert_clean(run, "sendmsg")
        if udevadm:
            tools += 1
            with Traced(["--", udevadm, "monitor", "--kernel"]) as t:
                wait_for("udevadm", lambda: "monitor will print" in t.read("out"))
                t.interrupt(signal.SIGTERM)
                run = t.finish()
            assert_clean(run)
    if not tools:
        raise Skip("systemd's tools are not installed")


def test_nginx():
    nginx = need("nginx")
    port = tcp_port()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for name in ("body", "proxy", "fastcgi", "uwsgi", "scgi"):
            os.mkdir(f"{folder}/{name}")
        with open(f"{folder}/conf", "w", encoding="utf-8") as f:
            f.write(f"daemon off; master_process on; worker_processes 2; pid {folder}/pid; error_log stderr;\n"
                    + ("user root;\n" if not os.geteuid() else "") +
                    f"events {{}} http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;"
                    f" fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;"
                    f" server {{ listen 127.0.0.1:{port}; location / {{ return 200 hello; }} }} }}\n")
        with Traced(["--", nginx, "-p", folder, "-c", f"{folder}/conf"]) as t:
            open_tcp(port, b"GET / HTTP/1.0\r\n\r\n", b"HTTP/1.1 200")
            t.interrupt(signal.SIGTERM)
            run = t.finish()
    assert_clean(run, "sendmsg")
    assert "SCM_RIGHTS" in run.text, "nginx's master passes channels to its workers"


def test_python3_multiprocessing():
    code = ("import multiprocessing as m, multiprocessing.reduction as r, os, socket\n"
            "def work(c):\n"
            "    s=c.recv(); s.sendall(b'passed')\n"
            "if __name__=='__main__':\n"
            "    m.set_start_method('forkserver'); a,b=m.Pipe(); x,y=socket.socketpair()\n"
            "    p=m.Process(target=work,args=(b,)); p.start(); a.send(x); print(y.recv(9).decode()); p.join()\n")
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/main.py", "w", encoding="utf-8") as f:
            f.write(code)
        run = trace("--", sys.executable, f"{folder}/main.py")
    assert run.status == 0 and run.out == "passed\n", (run.status, run.out, run.text[-2000:])
    assert_clean(run, "sendmsg", "recvmsg")
    assert "SCM_RIGHTS" in run.text


def main():
    tap = Tap()
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            tap.run(test)
    tap.done()


main()
