#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: wrapping and attaching work on real programs, change nothing in them, and the right ones are clean."""
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import (BUILD, SERVER, Skip, Tap, Traced, ask, free_port, need, no_program32, state_of, trace, tracer_of,  # noqa: E402
                 wait_for)

SOUND = ("error", "warning")


def dns_query(name, ident=0x1234):
    labels = b"".join(bytes([len(p)]) + p.encode() for p in name.split("."))
    return struct.pack("!6H", ident, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)


def test_python3_server_with_the_level_mistake_is_named():
    code = ("import socket,struct,os\n"
            "s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('',0))\n"
            "s.setsockopt(socket.IPPROTO_IP,8,1)\n"
            "c=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); c.sendto(b'q',('127.0.0.2',s.getsockname()[1]))\n"
            "d,anc,f,peer=s.recvmsg(99,64)\n"
            "dst=anc[0][2][8:12]\n"
            "s.sendmsg([b'a'],[(6,8,struct.pack('=i',0)+dst+bytes(4))],0,peer)\n"
            "print(c.recvfrom(9)[1][0])\n")
    run = trace("--", sys.executable, "-c", code)
    assert run.status == 0 and run.out == "127.0.0.1\n", (run.status, run.out, run.text)
    assert "CT101" in run.rules("error"), run.text


def test_node_dgram_server():
    node = need("node")
    code = ("const d=require('dgram');const s=d.createSocket('udp4');let n=0;"
            "s.on('message',(m,r)=>{s.send('answer',r.port,r.address,()=>{if(++n==3)s.close()})});"
            "s.bind(0,()=>console.log(s.address().port));")
    with Traced(["--", node, "-e", code]) as t:
        port = int(wait_for("the port", lambda: t.read("out").strip()))
        for _ in range(3):
            ask("127.0.0.1", port)
        run = t.finish()
    assert run.status == 0, run.text
    assert len(run.calls("recvmsg")) >= 3 and len(run.calls("sendmsg")) + len(run.calls("sendmmsg")) >= 3, run.text


GO_PROGRAM = r"""package main

import (
	"fmt"
	"net"
	"os"
	"sync"
	"time"
)

// 50 goroutines, each with a socket of its own, send and verify what comes back.
func main() {
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		panic(err)
	}
	go func() {
		buf := make([]byte, 2048)
		for {
			n, peer, err := server.ReadFromUDP(buf)
			if err != nil {
				return
			}
			server.WriteToUDP(buf[:n], peer)
		}
	}()
	if len(os.Args) > 1 {
		fmt.Println("ready")
		time.Sleep(500 * time.Millisecond)
	}
	var wg sync.WaitGroup
	bad := make(chan string, 5000)
	for g := 0; g < 50; g++ {
		wg.Add(1)
		go func(g int) {
			defer wg.Done()
			c, err := net.DialUDP("udp4", nil, server.LocalAddr().(*net.UDPAddr))
			if err != nil {
				bad <- err.Error()
				return
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(50 * time.Second))
			buf := make([]byte, 2048)
			for i := 0; i < 20; i++ {
				want := fmt.Sprintf("%d/%d", g, i)
				if _, _, err := c.WriteMsgUDP([]byte(want), nil, nil); err != nil {
					bad <- err.Error()
				}
				n, _, _, _, err := c.ReadMsgUDP(buf, nil)
				if err != nil || string(buf[:n]) != want {
					bad <- fmt.Sprintf("%v: got %q, want %q", err, buf[:n], want)
				}
			}
		}(g)
	}
	wg.Wait()
	server.Close()
	if len(bad) > 0 {
		fmt.Println(<-bad)
		os.Exit(1)
	}
	fmt.Println("all right")
}
"""


def go_binary():
    go = need("go")
    folder = os.path.join(BUILD, "tests", "live", "go")
    binary = os.path.join(folder, "goroutines")
    if not os.path.exists(binary):
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "goroutines.go"), "w", encoding="utf-8") as f:
            f.write(GO_PROGRAM)
        env = dict(os.environ, GOCACHE=os.path.join(folder, "cache"), GO111MODULE="off", CGO_ENABLED="0",
                   HOME=folder)
        subprocess.run([go, "build", "-o", binary, "goroutines.go"], cwd=folder, env=env, check=True, timeout=300)
    return binary


def test_go_binary_with_50_goroutines_wrapped():
    run = trace("--", go_binary())
    assert run.status == 0 and run.out == "all right\n", (run.status, run.out, run.text[-2000:])
    assert len(run.calls("sendmsg")) >= 1000, len(run.calls("sendmsg"))
    assert not run.rules(*SOUND), run.rules(*SOUND)


def test_go_binary_with_50_goroutines_attached():
    with subprocess.Popen([go_binary(), "wait"], stdout=subprocess.PIPE) as p:
        try:
            assert p.stdout.readline() == b"ready\n"
            with Traced(["--engine=ptrace", "-p", str(p.pid)]) as t:
                assert p.stdout.read() == b"all right\n"
                assert p.wait(60) == 0
                run = t.finish()
        finally:
            p.kill()
    assert run.status == 0, run.text[-2000:]
    assert len(run.calls("sendmsg")) > 500, len(run.calls("sendmsg"))


def dnsmasq(port, *more):
    return [need("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", f"--port={port}", "--no-resolv",
            "--no-hosts", "--pid-file=", "--user=" if os.geteuid() else "--user=root", "--log-facility=-",
            "--address=/test.example/192.0.2.1", *more]


def ask_dns(address, port):
    """Until the server is there: the address that answered."""
    def once():
        try:
            answer, peer = ask(address, port, dns_query("test.example"), timeout=1)
        except (socket.timeout, ConnectionError):
            return None
        assert answer[:2] == b"\x12\x34" and b"\xc0\x00\x02\x01" in answer, answer
        return peer
    return wait_for("dnsmasq's answer", once, 30)


def test_dnsmasq_is_clean_wrapped():
    port = free_port()
    with Traced(["--"] + dnsmasq(port)) as t:
        assert ask_dns("127.0.0.2", port) == "127.0.0.2"
        assert ask_dns("127.0.0.1", port) == "127.0.0.1"
        t.interrupt(signal.SIGTERM)
        run = t.finish()
    assert run.calls("recvmsg") and run.calls("sendmsg"), run.text
    assert not run.rules(*SOUND), run.text


def test_dnsmasq_is_clean_attached_and_goes_on_after_detach():
    port = free_port()
    with subprocess.Popen(dnsmasq(port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
        try:
            ask_dns("127.0.0.1", port)
            with Traced(["--engine=ptrace", "-p", str(p.pid)]) as t:
                wait_for("attach", lambda: tracer_of(p.pid) == t.pid)
                assert ask_dns("127.0.0.2", port) == "127.0.0.2"
                t.interrupt()
                run = t.finish()
            assert run.status == 0, (run.status, run.text)
            assert run.calls("recvmsg") and not run.rules(*SOUND), run.text
            assert state_of(p.pid) in ("S", "R"), state_of(p.pid)
            assert tracer_of(p.pid) == 0
            assert ask_dns("127.0.0.2", port) == "127.0.0.2"
        finally:
            p.terminate()
            p.wait(10)


def test_dbus_daemon_is_clean():
    daemon, send = need("dbus-daemon"), need("dbus-send")
    with tempfile.TemporaryDirectory() as folder:
        address = f"unix:path={folder}/bus"
        with Traced(["--", daemon, "--session", "--nofork", "--nopidfile", f"--address={address}"]) as t:
            wait_for("the bus", lambda: os.path.exists(f"{folder}/bus"))
            for _ in range(3):
                done = subprocess.run([send, f"--bus={address}", "--print-reply", "--dest=org.freedesktop.DBus", "/",
                                       "org.freedesktop.DBus.ListNames"], stdout=subprocess.PIPE, timeout=30,
                                      check=True)
                assert b"org.freedesktop.DBus" in done.stdout
            t.interrupt(signal.SIGTERM)
            run = t.finish()
    assert run.calls("recvmsg") and not run.rules(*SOUND), run.text


def test_tmux_passes_its_descriptors():
    tmux = need("tmux")
    with tempfile.TemporaryDirectory() as folder:
        env = dict(os.environ, TERM="xterm", LC_ALL="C.UTF-8")
        sock = f"{folder}/socket"
        with Traced(["--", tmux, "-S", sock, "-f", "/dev/null", "new-session", "-d", "sleep 30"], env=env) as t:
            wait_for("the server", lambda: os.path.exists(sock))
            def sessions():
                return subprocess.run([tmux, "-S", sock, "list-sessions"], env=env, stdout=subprocess.PIPE,
                                      stderr=subprocess.DEVNULL, timeout=30, check=False).stdout
            wait_for("the session", lambda: b"1 windows" in sessions())
            subprocess.run([tmux, "-S", sock, "kill-server"], env=env, timeout=30, check=True)
            run = t.finish()
    assert run.status == 0, run.text
    assert "SCM_RIGHTS" in run.text, run.text
    assert not run.rules("error"), run.text


def test_i386_program():
    program = os.path.join(BUILD, "tests", "live", "pktinfo-server32")
    if why := no_program32(program):
        raise Skip(why)
    read_end, write_end = os.pipe()
    with Traced(["--", program, "--bug=level", f"--port-fd={write_end}"], pass_fds=[write_end]) as t:
        os.close(write_end)
        with os.fdopen(read_end) as f:
            port = int(f.readline())
        assert ask("127.0.0.2", port)[1] == "127.0.0.1"
        run = t.finish()
    assert run.status == 0, run.text
    assert "CT101" in run.rules("error"), run.text
    assert "cmsg_len=24" in run.text, run.text


def test_statuses_are_the_commands_own():
    for status in (0, 1, 42, 125, 255):
        assert trace("--", "sh", "-c", f"exit {status}").status == status
    for sig in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV):
        assert trace("--", "sh", "-c", f"kill -{int(sig)} $$").status == -sig
    with Traced(["--", "/nonexistent/program"]) as t:
        assert t.process.wait(20) == 127
        assert "nonexistent" in t.read("err")
    with tempfile.NamedTemporaryFile() as f:
        os.chmod(f.name, 0o600)
        with Traced(["--", f.name]) as t:
            assert t.process.wait(20) == 126
    for arg in ("0", "999999999", "x"):
        with Traced(["--engine=ptrace", "-p", arg]) as t:
            assert t.process.wait(20) != 0
            assert t.read("err")


def test_a_command_runs_where_standard_error_is_closed():
    """And has it closed too: the lines of the trace, which would go there, go nowhere."""
    code = "import os\ntry:\n os.fstat(2)\nexcept OSError:\n os._exit(7)"
    run = subprocess.run([os.environ.get("CMSGTRACE") or os.path.abspath("cmsgtrace"), sys.executable, "-c", code],
                         preexec_fn=lambda: os.close(2), stdin=subprocess.DEVNULL, timeout=30, check=False)
    assert run.returncode == 7, run.returncode


def test_sigint_ends_what_a_script_attached_in_the_background():
    """A shell without job control has SIGINT ignored in what it starts by &."""
    with subprocess.Popen(["sleep", "60"]) as p:
        try:
            with Traced(["--engine=ptrace", "-p", str(p.pid)], preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) as t:
                wait_for("the attaching", lambda: tracer_of(p.pid) == t.pid)
                t.interrupt()
                assert t.process.wait(20) == 0
            assert state_of(p.pid) == "S" and tracer_of(p.pid) == 0
        finally:
            p.kill()


def test_a_child_that_is_left_does_not_keep_a_run_that_was_told_to_end():
    with Traced(["--", "sh", "-c", "sleep 100 & echo $$ $!; wait"]) as t:
        command, child = map(int, wait_for("the child", lambda: t.read("out").split()))
        wait_for("its sleep", lambda: state_of(child) == "S")
        t.interrupt(signal.SIGSTOP)  # so that it finds both at once
        wait_for("the stop", lambda: state_of(t.pid) == "T")
        os.kill(command, signal.SIGKILL)
        wait_for("its end", lambda: state_of(command) == "Z")
        t.interrupt(signal.SIGTERM)
        t.interrupt(signal.SIGCONT)
        run = t.finish(10)
        assert run.status == -signal.SIGKILL, (run.status, run.text)
        wait_for("the child's end", lambda: state_of(child) is None)


def test_error_exitcode_counts_findings():
    for bug, status in (("level", 9), ("none", 0)):
        read_end, write_end = os.pipe()
        with Traced(["--error-exitcode=9", "--", SERVER, f"--bug={bug}", f"--port-fd={write_end}"],
                    pass_fds=[write_end]) as t:
            os.close(write_end)
            with os.fdopen(read_end) as f:
                port = int(f.readline())
            ask("127.0.0.2", port)
            assert t.finish().status == status


def test_duration_and_max_events_detach():
    code = ("import socket,time\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM);s.bind(('127.0.0.1',0))\n"
            "print(1,flush=True)\n"
            "while True: s.sendto(b'x',s.getsockname());s.recv(9);time.sleep(0.005)\n")
    for option in ("--duration=300ms", "--max-events=20"):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as p:
            try:
                p.stdout.readline()
                run = trace("--engine=ptrace", option, "-p", str(p.pid))
                assert run.status == 0, run.text
                assert run.calls("sendto"), run.text
                time.sleep(0.1)
                assert state_of(p.pid) in ("S", "R") and tracer_of(p.pid) == 0
            finally:
                p.kill()


def main():
    tap = Tap()
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            tap.run(test)
    tap.done()


main()
