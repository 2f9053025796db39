#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The engine under torture: each workload checks itself (tests/live/torture.c), this checks the tracer.

What is tested are facts (statuses, counts, states), never how long something took; every step has a limit, and
the whole stays below a minute.
"""
import ctypes
import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("builddir", os.getcwd())
PROBE = os.path.join(BUILD, "tests/live/engine-probe")
TORTURE = os.path.join(BUILD, "tests/live/torture")
LIMIT = 40  # seconds for one step: far more than any needs
ENGINES = (("seccomp", []), ("syscall", ["-S"]))

number = failed = 0


def result(ok, name, *why):
    global number, failed
    number += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {number} - {name}", flush=True)
    if not ok:
        for line in why:
            for part in str(line).splitlines():
                print(f"#   {part}")


def skip(name, why):
    global number
    number += 1
    print(f"ok {number} - {name} # SKIP {why}", flush=True)


class Run:
    """A traced run: the command's status and output, and what the probe counted."""

    def __init__(self, arguments, prefix=(), **kw):
        with tempfile.NamedTemporaryFile("r", prefix="torture") as out:
            process = subprocess.Popen(list(prefix) + [PROBE, "-o", out.name] + arguments, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                                       text=True, **kw)
            try:
                self.out, self.err = process.communicate(timeout=LIMIT)
                self.hung = False
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                self.out, self.err = process.communicate()
                self.hung = True
            self.status = process.returncode
            text = out.read().splitlines()
        self.lines = text[:-1]
        self.count = json.loads(text[-1]) if text and text[-1].startswith("{") else {}
        self.left = session(process.pid)

    def why(self):
        return (f"status {self.status}{', hung' if self.hung else ''}, left behind: {self.left}", self.out[-400:],
                self.err[-1500:], self.count)

    def clean(self, status=0):
        return not self.hung and self.status == status and not self.left


def stat(pid):
    """State, parent, session and the like of a task, or None."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as f:
            return f.read().rpartition(")")[2].split()
    except OSError:
        return None


def session(sid):
    """Processes of a session that are still there: zombies too."""
    found = []
    for name in os.listdir("/proc"):
        fields = stat(name) if name.isdigit() else None
        if not fields or fields[3] != str(sid):
            continue
        if fields[0] == "Z" and fields[1] == str(os.getpid()) and name != str(sid):
            os.waitpid(int(name), 0)  # its parent ended before it: we have adopted it
        else:
            found.append((name, fields[0]))
    return found


def wrapped(name, words, check=None, engines=ENGINES, status=0):
    for engine, options in engines:
        run = Run(options + [TORTURE] + words)
        ok = run.clean(status)
        if ok and check:
            ok = check(run.count)
        result(ok, f"{name} ({engine})", *run.why())


class Target:
    """A workload of its own, to attach to."""

    def __init__(self, words, program=TORTURE, **kw):
        self.process = subprocess.Popen([program] + words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, start_new_session=True, **kw)
        self.pid = self.process.pid
        self.first = self.process.stdout.readline()  # "ready", or what it tells before

    def finish(self, text=""):
        """Lets it end; whether all that it verified was right."""
        try:
            _, err = self.process.communicate(text, timeout=LIMIT)
            return self.process.returncode == 0, f"status {self.process.returncode} {err}"
        except subprocess.TimeoutExpired:
            states = self.states()
            os.killpg(self.pid, signal.SIGKILL)
            self.process.communicate()
            return False, f"it hung, its tasks' states: {states}"

    def states(self):
        states = {}
        for tid in os.listdir(f"/proc/{self.pid}/task"):
            fields = stat(f"{self.pid}/task/{tid}")
            if fields:
                states[fields[0]] = states.get(fields[0], 0) + 1
        return states

    def traced(self):
        """Tasks that have a tracer, or stand in a stop of one."""
        n = 0
        for tid in os.listdir(f"/proc/{self.pid}/task"):
            try:
                with open(f"/proc/{self.pid}/task/{tid}/status", encoding="utf-8", errors="replace") as f:
                    text = f.read()
            except OSError:
                continue
            n += "TracerPid:\t0\n" not in text or "State:\tt" in text or "State:\tT" in text
        return n


def attach(arguments):
    return Run(["-q"] + arguments)


def test_wrapped():
    wrapped("a plain exit status", ["exit", "42"], lambda c: c["judges"] == c["call"] == c["enters"], status=42)
    wrapped("a process that wants to trace itself", ["self-trace"])
    wrapped("children with CLONE_UNTRACED: all seen by the filter's engine", ["untraced"],
            lambda c: c["sendmsg"] == 120, engines=ENGINES[:1])
    wrapped("children that are not followed", ["storm", "1", "6"], lambda c: c["sendmsg"] == 3,
            engines=(("no -f", ["-F"]),))
    for engine, options in ENGINES:
        run = Run(options + ["-v", "-e", "sendmsg", TORTURE, "x32"])
        if run.status == 77:
            skip(f"x32 ({engine})", "this kernel has no x32 ABI")
        else:
            result(run.clean() and any(" x32 sendmsg " in line for line in run.lines), f"x32 ({engine})", *run.why())


def test_starting():
    for words, status in ((["/nonexistent/program"], 127), (["no-such-program-in-path"], 127), (["/etc/passwd"], 126),
                          (["/"], 126)):
        run = Run(words)
        result(run.clean(status) and run.err.startswith("engine-probe: cannot "), f"{words[0]}: status {status}",
               *run.why())
    with tempfile.TemporaryDirectory() as folder:
        script = os.path.join(folder, "script")
        with open(script, "w", encoding="utf-8") as f:
            f.write("exit $1\n")
        os.chmod(script, 0o755)
        run = Run([script, "9"])
        result(run.clean(9), "a script without #! runs, as execvp has it", *run.why())
    run = Run(["-E", "TORTURE_A=1", "-E", "TORTURE_B", "sh", "-c", 'echo "$TORTURE_A,${TORTURE_B-unset}"'],
              env=dict(os.environ, TORTURE_B="2"))
    result(run.clean() and run.out == "1,unset\n", "-E sets and removes", *run.why())
    run = Run(["-D", "sh", "-c", "echo $PPID; exit 6"])
    deadline = time.monotonic() + LIMIT
    while run.left and time.monotonic() < deadline:  # the tracer is on its own and may end a little later
        time.sleep(0.02)
        run.left = session(run.left[0][0])
    result(run.status == 6 and run.out == f"{os.getpid()}\n", "-D: the command keeps its parent", *run.why())


def test_users():
    if os.geteuid():
        skip("-u", "needs root")
        skip("a setuid program", "needs root")
        return
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        program = os.path.join(folder, "torture")
        shutil.copy(TORTURE, program)
        os.chmod(program, 0o755)
        run = Run(["-u", "nobody", program, "ids"])
        result(run.clean() and "uid 65534 euid 65534" in run.out, "-u runs the command as another user", *run.why())
        os.chmod(program, 0o4755)
        if os.statvfs(folder).f_flag & os.ST_NOSUID:
            skip("a setuid program", "the folder for temporary files is mounted nosuid")
            return
        for engine, options in ENGINES:
            run = Run(options + ["-u", "nobody", program, "ids"])
            result(run.clean() and "uid 65534 euid 0" in run.out, f"a setuid program keeps its rights under root ({engine})",
                   *run.why())


def test_attach():
    target = Target(["busy", "64", "0", "3000"])  # some 40 000 calls a second
    problems = []
    calls = 0
    for i in range(200):
        # mostly short looks; each way of ending in turn
        how = (["-m", str(1 + i % 50)], ["-d", str(1 + i % 7)])[i % 2]
        run = attach(["-p", str(target.pid)] + how)
        calls += run.count.get("call", 0)
        if not run.clean() or run.count.get("detached") != 65:
            problems.append((i, run.why()))
        if target.traced():
            problems.append((i, f"{target.traced()} tasks traced or stopped"))
        if len(problems) > 3:
            break
    right, why = target.finish()
    result(not problems, f"200 times attached to 64 busy threads and detached, {calls} calls seen", *problems)
    result(right, "… and each message was whole", why)

    run = attach(["-p", str(os.getpid()), "-d", "10"]) if not os.geteuid() else None
    result(run is None or run.clean(), "attached to the parent of the tracer", *(run.why() if run else ()))


def finished(target):
    right, why = target.finish()
    result(right, "… and what it verified was right", why)


def wait_for(condition, limit=LIMIT):
    deadline = time.monotonic() + limit
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return value


def test_refused():
    target = Target(["busy", "2"])
    first = subprocess.Popen([PROBE, "-q", "-p", str(target.pid)], stdout=subprocess.DEVNULL)
    wait_for(lambda: target.traced() == 3)
    run = attach(["-p", str(target.pid), "-d", "10"])
    result(run.clean(125) and f"process {first.pid} (engine-probe) traces it" in run.err,
           "another tracer is named", *run.why())
    first.send_signal(signal.SIGINT)
    first.wait(LIMIT)
    result(not target.traced(), "SIGINT to a tracer that attached leaves the process running", target.states())
    finished(target)
    run = attach(["-p", "999999999"])
    result(run.clean(125) and "no such process" in run.err, "no such process", *run.why())
    # a child that is not waited for
    zombie = subprocess.Popen(["true"])
    wait_for(lambda: (stat(zombie.pid) or ["Z"])[0] == "Z")
    run = attach(["-p", str(zombie.pid)])
    result(run.clean(125) and "it has ended" in run.err, "a zombie", *run.why())
    zombie.wait()


def test_refused_to_users():
    """Why an ordinary user may not attach."""
    if os.geteuid():
        skip("refused to a user", "needs root, to become one")
        return

    def nobody():
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)

    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        probe, program = (shutil.copy(path, folder) for path in (PROBE, TORTURE))

        def ask(pid, *more):
            return subprocess.run([probe, "-q", "-p", str(pid), "-d", "10"] + list(more), stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, preexec_fn=nobody, check=False, timeout=LIMIT)

        run = ask(os.getpid())
        result(run.returncode == 125 and "runs as uid 0 and this program as uid 65534" in run.stderr, "another user's",
               run.stderr)
        target = Target(["undumpable"], program=program, preexec_fn=nobody)
        run = ask(target.pid)
        result(run.returncode == 125 and "not dumpable" in run.stderr, "one that is not dumpable", run.stderr)
        finished(target)
        target = Target(["busy", "2"], program=program, preexec_fn=nobody)
        run = ask(target.pid)
        yama = os.path.exists("/proc/sys/kernel/yama/ptrace_scope")
        result(run.returncode == 0 or (yama and "Yama" in run.stderr), "one's own, unless Yama forbids it", run.stderr)
        finished(target)
        # unprivileged, a filter needs no_new_privs
        run = subprocess.run([probe, program, "storm", "1", "3"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, preexec_fn=nobody, check=False, timeout=LIMIT)
        count = json.loads(run.stdout.splitlines()[-1])
        result(run.returncode == 0 and count["sendmsg"] == 12 and not run.stderr, "wrapping without privilege",
               run.stderr, run.stdout)


def test_children_of_others():
    """A child that the tracer got from whoever it was before: it is none of its business."""
    begun = time.monotonic()
    process = subprocess.Popen(["sh", "-c", f"sleep 30 & exec {PROBE} {TORTURE} storm 1 3"], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        status = process.wait(LIMIT // 2)
    except subprocess.TimeoutExpired:
        status = "hung"
    os.killpg(process.pid, signal.SIGKILL)
    out = process.stdout.read()
    result(status == 0 and '"sendmsg":12' in out and time.monotonic() - begun < 30,
           "a child that the tracer had before does not hold it", status, out)
    process.wait()


def test_tracer_dies():
    """SIGKILL to the tracer: with a filter the command must die too, without it must go on unharmed."""
    for engine, options, survives in (("seccomp", [], False), ("syscall", ["-S"], True)):
        tracer = subprocess.Popen([PROBE, "-o", "/dev/null"] + options + [TORTURE, "busy", "8"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        tracer.stdout.readline()
        with open(f"/proc/{tracer.pid}/task/{tracer.pid}/children", encoding="utf-8") as f:
            command = int(f.read().split()[0])
        tracer.kill()
        tracer.wait()
        if survives:
            alive = not wait_for_end(command, 0.3)
            tracer.stdin.close()
            out = tracer.stdout.read()
            result(alive and out == "ok busy\n", "the tracer is killed: the command goes on (syscall)", out,
                   tracer.stderr.read())
        else:
            result(wait_for_end(command, LIMIT), "the tracer is killed: the command dies too (seccomp)")
            tracer.stdin.close()
        tracer.stdout.close()
        tracer.stderr.close()


def wait_for_end(pid, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        fields = stat(pid)
        if not fields or fields[0] in "ZX":
            return True
        time.sleep(0.01)
    return False


# longer than what a command gets where --duration ends the run
SLOW_END = 'trap "sleep 2.5; exit 6" TERM; echo ready; while :; do sleep 0.05; done'


def test_ending():
    for engine, options in ENGINES:
        tracer = subprocess.Popen([PROBE, "-o", "/dev/null"] + options + [TORTURE, "busy", "4", "30000"],
                                  stdout=subprocess.PIPE, start_new_session=True)
        tracer.stdout.readline()
        tracer.send_signal(signal.SIGTERM)
        try:
            tracer.wait(LIMIT)
            ok = wait_for(lambda: not session(tracer.pid))
        except subprocess.TimeoutExpired:
            ok = False
            tracer.kill()
        result(ok, f"SIGTERM to the tracer ends the command ({engine})", session(tracer.pid))
        tracer.stdout.close()
        tracer = subprocess.Popen([PROBE, "-o", "/dev/null"] + options + ["sh", "-c", SLOW_END], stdout=subprocess.PIPE)
        while b"ready" not in tracer.stdout.readline():
            pass
        tracer.send_signal(signal.SIGTERM)
        tracer.send_signal(signal.SIGTERM)  # as timeout(1) does
        try:
            status = tracer.wait(LIMIT)
        except subprocess.TimeoutExpired:
            status = None
            tracer.kill()
        result(status == 6, f"a command that needs time to end has it ({engine})", f"status {status}")
        tracer.stdout.close()


def test_terminal():
    """^C reaches the command by the terminal: once, and how it ends is how we end."""
    words = 'trap "echo caught; exit 5" INT; echo ready; while :; do sleep 0.05; done'
    for engine, options in ENGINES:
        pid, terminal = pty.fork()
        if not pid:
            os.execv(PROBE, [PROBE, "-o", "/dev/null"] + options + ["sh", "-c", words])
        text = b""
        sent = False
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            try:
                part = os.read(terminal, 4096) if select.select([terminal], [], [], 1)[0] else b""
            except OSError:  # EIO: all have closed it
                break
            text += part
            if b"ready" in text and not sent:
                sent = True
                os.write(terminal, b"\x03")
        if time.monotonic() >= deadline:
            os.kill(pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(terminal)
        result(status == 5 and text.count(b"caught") == 1, f"^C at the terminal ({engine})", status, text)


def main():
    # orphans of the workloads come to us: whatever is left of them is seen
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
    started = time.monotonic()
    chosen = sys.argv[1:]
    for name, test in list(globals().items()):
        if name.startswith("test_") and (not chosen or name[5:] in chosen):
            begun = time.monotonic()
            test()
            print(f"# {name[5:]}: {time.monotonic() - begun:.1f} s", flush=True)
    print(f"1..{number}")
    print(f"# {time.monotonic() - started:.1f} seconds")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
