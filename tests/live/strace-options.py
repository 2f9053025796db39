#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: options that strace has for whom to trace and for how long do here what they do there: -p beside a command, -b execve, -I,
--stack-trace=, --always-show-pid."""
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, Tap, Traced, state_of, trace, tracer_of, wait_for  # noqa: E402

SEND = "import os, socket, sys; a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM); a.sendmsg([b'%s']); "
# it sends for each line that it is given, and tells; it ends with its input
TOLD = "import socket, sys\na, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n" \
       "for line in sys.stdin: a.sendmsg([line.encode()]); b.recv(99); print('sent', flush=True)\nsys.exit(%d)"


class Told:
    """A program of ours that does as it is told.  Use as a context."""

    def __init__(self, status=0):
        self.process = subprocess.Popen([sys.executable, "-c", TOLD % status], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        self.tell("ready")

    def tell(self, word):
        print(word, file=self.process.stdin, flush=True)
        assert self.process.stdout.readline() == "sent\n"

    def end(self):
        self.process.stdin.close()
        return self.process.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()


def taken(pid, sig):
    """Was the signal that was sent to pid taken from its queue?"""
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as f:
        pending = [int(line.split()[1], 16) for line in f if line.startswith(("SigPnd", "ShdPnd"))]
    return not any(p >> (sig - 1) & 1 for p in pending)


def logged(t, text):
    return os.path.exists(t.log) and text in t.read("log")


def test_a_process_beside_a_command():
    with Told() as told, Traced(["-f", "-p", str(told.pid), "--", sys.executable, "-c",
                                 SEND % "by the command" + "sys.exit(3)"]) as t:
        wait_for("the command's end", lambda: logged(t, "+++ exited with 3 +++"))
        assert tracer_of(told.pid) == t.pid
        told.tell("by the process")
        assert told.end() == 0
        run = t.finish()
    assert run.status == 3, run.status
    assert re.search(rf'^{told.pid} +sendmsg\(.*"by the process\\n"', run.text, re.M), run.text
    assert re.search(r'^\d+ +sendmsg\(.*"by the command"', run.text, re.M), run.text


def test_a_process_beside_a_command_is_let_go():
    with Told() as told, Traced(["-p", str(told.pid), "--", sys.executable, "-c", SEND % "here" + "b.recv(9); b.recv(9)"]) as t:
        wait_for("the command's message", lambda: logged(t, '"here"'))
        wait_for("both to be traced", lambda: tracer_of(told.pid) == t.pid)
        t.interrupt()
        run = t.finish()
        told.tell("on my own")
        assert told.end() == 0
    assert run.status == -signal.SIGINT, run.status
    assert "on my own" not in run.text, run.text


def test_a_process_that_is_not_there_beside_a_command():
    run = trace("-p", "999999999", "--", sys.executable, "-c", SEND % "here" + "sys.exit(4)")
    assert run.status == 4 and '"here"' in run.text and "no such process" in run.text, run.text


def test_b_execve():
    child = "os.execv(sys.executable, [sys.executable, '-c', \"%s\"])" % (SEND % "after")
    run = trace("-f", "-b", "execve", "--", sys.executable, "-c", SEND % "before" +
                f"p = os.fork()\nif not p: a.sendmsg([b'child']); {child}\nos.waitpid(p, 0); a.sendmsg([b'parent'])")
    assert run.status == 0, run.text
    assert [w for w in ("before", "child", "after", "parent") if f'"{w}"' in run.text] == ["before", "child", "parent"], run.text


def interruptible(how, sig):
    """A command under -I HOW whose tracer gets sig; it ends by itself, or by that.  Its status, and its tracer's state then."""
    read, write = os.pipe()
    with Traced(["-I", how, "--", sys.executable, "-c", SEND % "here" + "sys.stdin.read(); sys.exit(5)"], stdin=read) as t:
        os.close(read)
        wait_for("the message", lambda: logged(t, '"here"'))
        t.interrupt(sig)
        wait_for("the signal to be taken", lambda: t.process.poll() is not None or state_of(t.pid) == "T" or taken(t.pid, sig))
        state = state_of(t.pid)
        if state == "T":
            t.interrupt(signal.SIGCONT)
        os.close(write)
        return t.finish().status, state


def test_I_never():
    for sig in signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT:
        assert interruptible("3", sig)[0] == 5, sig


def test_I_never_tstp():
    for sig in signal.SIGTERM, signal.SIGTSTP:
        status, state = interruptible("never_tstp", sig)
        assert status == 5 and state != "T", (sig, status, state)


def test_stack_trace():
    program = os.path.join(BUILD, "tests/live/fifty")
    for how, lines in ("--stack-trace", False), ("--stack-trace=symbol", False), ("--stack-trace=source", True):
        run = trace(how, "--", program)
        assert bool(re.search(r"^ > \S*fifty\(\w+\+0x\w+\) \[0x\w+\]", run.text, re.M)), run.text
        assert bool(re.search(r"^ > .* \S*fifty\.c:\d+$", run.text, re.M)) == lines, (how, run.text)


def test_always_show_pid():
    done = subprocess.run([os.environ.get("CMSGTRACE") or "./cmsgtrace", "--always-show-pid", "--no-follow", "--", sys.executable,
                           "-c", SEND % "here"], stderr=subprocess.PIPE, text=True, timeout=60, check=True)
    assert re.search(r"^\[pid +\d+\] sendmsg\(", done.stderr, re.M), done.stderr


def test_fd_selects_other_calls_by_their_first_argument():
    program = "import ctypes; c = ctypes.CDLL(None); c.dup(0); c.dup(1); c.eventfd(0, 0)"
    run = trace("-e", "trace=dup,eventfd2", "-e", "fd=0", "--", sys.executable, "-c", program)
    assert re.search(r"dup\(0, ", run.text) and "dup(1," not in run.text and "eventfd" not in run.text, run.text


tap = Tap()
for name, test in list(globals().items()):
    if name.startswith("test_"):
        tap.run(test)
tap.done()
