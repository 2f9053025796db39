#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what a tracer can do wrong to whom it traces, it does not: 24 hazards of ptrace(2), by name, each with both engines that stop
tasks, and with the one that only watches where there is something to see.

The workloads check themselves (tests/live/torture*.c); what is tested are facts, never how long something took."""
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import torture  # noqa: E402
from lab import CMSGTRACE, no_program32, why_no_bpf  # noqa: E402
from torture import BUILD, ENGINES, LIMIT, PROBE, TORTURE, Run, Target, attach, finished, result, session, skip, stat, wait_for, \
    wait_for_end  # noqa: E402

GEN = os.path.join(BUILD, "tests/live/cmsg-gen")
BOTH = [engine for engine, _ in ENGINES]
done = {}  # hazard -> engines that were heard about


def name_of(number, what, engine):
    done.setdefault(number, set()).add(engine.split(",")[0])
    return f"hazard-{number:02}: {what} ({engine})"


def wrapped(number, what, words, check=None, status=0, engines=BOTH, bpf=None, program=TORTURE):
    """One workload under each engine; bpf: what is checked where tasks are only watched (None: it is not run)."""
    for engine, options in ENGINES:
        if engine not in engines:
            continue
        run = Run(options + [program] + words)
        if run.status == 77:
            skip(name_of(number, what, engine), "this machine can't do it")
        else:
            result(run.clean(status) and (not check or check(run.count)), name_of(number, what, engine), *run.why())
    if bpf is None:
        return
    name = name_of(number, what, "bpf")
    if why := why_no_bpf():
        skip(name, why)
        return
    run = Run(["-B", program] + words)
    if run.status == 77:
        skip(name, "this machine can't do it")
    else:
        result(run.clean(status) and bpf(run.count), name, *run.why())


def attached(number, what, ok, *why):
    """What can only be said of a process that is attached to: it gets no filter, every call stops."""
    result(ok, name_of(number, what, "syscall, attached"), *why)


def nothing(_):
    return True


def hazard_01_group_stops():
    wrapped(1, "group stops and SIGCONT", ["group-stop"], lambda c: c["stopped"] == 5, bpf=nothing)
    target = Target(["busy", "4"])
    os.kill(target.pid, signal.SIGSTOP)
    wait_for(lambda: set(target.states()) == {"T"})
    run = attach(["-p", str(target.pid), "-d", "50"])
    attached(1, "a stopped process stays stopped", run.clean() and set(target.states()) == {"T"}, *run.why(), target.states())
    os.kill(target.pid, signal.SIGCONT)
    finished(target)


def hazard_02_signals():
    wrapped(2, "each signal exactly once", ["once"], lambda c: c["signal"] == 300, bpf=nothing)


def hazard_03_gone_at_any_time():
    wrapped(3, "a kill storm: 60 processes of threads end at any moment", ["killed", "60"], lambda c: c["killed"] >= 60, bpf=nothing)


def hazard_04_entry_or_exit():
    wrapped(4, "entries and exits are told apart where a filter of the program's own answers", ["own-answers"],
            lambda c: c["sendmmsg"] == 4 and c["sendmsg"] == 12 and c["end_died"] == 2)
    target = Target(["blocked"])
    for how in (["-d", "30"], ["-d", "1"]):
        run = attach(["-p", str(target.pid)] + how)
        attached(4, "attached within a call, detached from it", run.clean() and not target.traced() and run.count["detached"] == 1,
                 *run.why())
    right, why = target.finish("x")
    attached(4, "… which then receives, and never sees EINTR", right, why)


def hazard_05_children_before_their_event():
    # 1 + 6 + 36 + 216 processes, three messages each
    wrapped(5, "a fork storm", ["storm", "3", "6"], lambda c: c["sendmsg"] == 3 * 259 and c["attached"] == 258, bpf=nothing)
    run = Run(["-S", "-F", TORTURE, "clone-ptrace"])
    result(run.clean(), name_of(5, "CLONE_PTRACE without -f", "syscall, no -f"), *run.why())


def hazard_06_parents_that_end_first():
    wrapped(6, "80 children whose parent ends before their first stop", ["orphans", "40"],
            lambda c: c["sendmsg"] == 240 and c["attached"] == 120 and c["exited"] == 121, bpf=nothing)


def hazard_07_execve_by_a_thread():
    wrapped(7, "execve in a thread that is not the leader", ["thread-exec"],
            lambda c: c["superseded"] == 8 and c["end_died"] >= 8, bpf=nothing)
    # 4 chains of 21 programs, of which every second one is executed by a thread
    wrapped(7, "an exec storm", ["exec-storm", "4", "20"], lambda c: c["superseded"] == 40 and c["sendmsg"] >= 84, bpf=nothing)


def hazard_08_leaders_that_end_first():
    wrapped(8, "the leader ends before its threads", ["leader-ends"],
            lambda c: c["sendmsg"] == 15 and c["exited"] == 4, status=7, bpf=nothing)
    target = Target(["leaderless"])
    run = attach(["-p", str(target.pid), "-m", "10"])
    attached(8, "a process whose leader has ended", run.clean() and run.count["call"] >= 10, *run.why())
    finished(target)


def hazard_09_exec_waits_for_threads():
    """The one that executes waits for threads that stand in stops of ours."""
    wrapped(9, "threads that send while another one executes", ["exec-storm", "1", "60"], lambda c: c["superseded"] == 30)
    target = Target(["exec-for-ever"])
    pid = int(target.first)
    problems = []
    for i in range(25):
        run = attach(["-p", str(pid), "-d", str(1 + i % 5 * 9)])
        if not run.clean():
            problems.append(run.why())
    attached(9, "attached 25 times while threads execute", not problems and not traced_tasks(pid), *problems[:3])
    finished(target)


def hazard_10_vfork():
    wrapped(10, "vfork and execve", ["vforks", "60"], lambda c: c["sendmsg"] >= 180, bpf=nothing)
    wrapped(10, "a vfork child that takes its time", ["vfork-slow", "300"], bpf=nothing)
    target = Target(["vfork-slow", "1500"])  # "ready" is that it sits in its second vfork()
    run = attach(["-p", str(target.pid), "-d", "50"])
    attached(10, "detached from a parent that sits in vfork()", run.clean(), *run.why())
    finished(target)


def hazard_11_detaching():
    """At any moment: in stops of calls, of signals, of the start."""
    target = Target(["queued"])
    problems = []
    for i in range(60):
        run = attach(["-p", str(target.pid)] + (["-m", str(1 + i % 9)], ["-d", str(1 + i % 7)])[i % 2])
        if not run.clean() or run.count.get("detached") != 2:
            problems.append(run.why())
    attached(11, "detached 60 times while signals come", not problems, *problems[:3])
    right, why = target.finish()
    attached(11, "… each of which came, once", right, why)
    # with an engine that wraps: where the run ends, the command is told to, or goes on
    for engine, options in ENGINES:
        run = Run(options + ["-m", "100", TORTURE, "busy", "4", "30000"])
        ok = not run.hung and (engine == "syscall" or not run.left)
        for pid, _ in run.left:
            ok = wait_for_end(pid, LIMIT) and ok
        result(ok, name_of(11, "a wrapped command is let go", engine), *run.why())


def hazard_12_real_stops():
    """PTRACE_SEIZE sends no SIGSTOP that could be mistaken for a real one, or the other way round."""
    wrapped(12, "stops are those that were sent", ["group-stop"], lambda c: c["stopped"] == 5)
    target = Target(["stop-and-go"])
    with open(f"/proc/{target.pid}/task/{target.pid}/children", encoding="utf-8") as f:
        child = int(f.read().split()[0])
    problems = []
    for i in range(40):
        run = attach(["-p", str(child), "-d", str(1 + i % 11)])
        if not run.clean() or run.count.get("detached") != 1:
            problems.append(run.why())
    attached(12, "attached 40 times to a process that is stopped and continued", not problems, *problems[:3])
    finished(target)


def hazard_13_fairness():
    for engine, options in ENGINES:
        run = Run(options + [TORTURE, "busy", "512", "2500"])
        least, median = run.count.get("least", 0), run.count.get("median", 0)
        result(run.clean() and run.count["tids"] == 512 and least * 2 >= median > 0,
               name_of(13, f"512 busy threads: the slowest has {least} calls, the median {median}", engine), *run.why())


def traced_tasks(pid):
    """How many tasks of pid have a tracer."""
    n = 0
    for tid in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{tid}/status", encoding="utf-8", errors="replace") as f:
                text = f.read()
        except OSError:  # it is gone
            continue
        n += "TracerPid:\t0\n" not in text
    return n


def hazard_14_threads_that_come_meanwhile():
    """An attach storm to threads that replace themselves: a look at /proc/PID/task misses those that come behind it."""
    target = Target(["breeding", "24"])

    def untraced():
        target.process.stdin.write("x")
        target.process.stdin.flush()
        return int(target.process.stdout.readline())

    problems = []
    for i in range(10):
        tracer = subprocess.Popen([PROBE, "-o", os.devnull, "-p", str(target.pid)], stderr=subprocess.PIPE, text=True)
        said = tracer.stderr.readline()
        if " attached" not in said:
            problems.append(f"round {i}: {said}")
        # a thread that was being made is caught a moment later; one that is missed makes others that are, for ever
        if not wait_for(lambda: not untraced(), 10):
            problems.append(f"round {i}: {untraced()} looks found no tracer")
        tracer.send_signal(signal.SIGINT)
        _, err = tracer.communicate(timeout=LIMIT)
        if tracer.returncode or traced_tasks(target.pid):
            problems.append(f"round {i}: status {tracer.returncode}, {traced_tasks(target.pid)} left traced {err}")
    attached(14, "attached 10 times to 24 chains of threads that replace themselves", not problems, *problems[:3])
    finished(target)
    wrapped(14, "a thread storm: 1000", ["threads", "1000"], lambda c: c["sendmsg"] == 6000 and c["attached"] == 1000, bpf=nothing)


def hazard_15_interrupted_before_it_waits():
    """A signal that comes between a look at what was asked and the wait must not be lost."""
    for engine, options in ENGINES:
        problems = []
        for i in range(25):
            tracer = subprocess.Popen([PROBE, "-o", os.devnull] + options + [TORTURE, "busy", "2"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
            tracer.stdout.readline()
            time.sleep(i * 0.0003)  # any moment is good
            tracer.send_signal(signal.SIGTERM)
            try:
                tracer.wait(LIMIT)
            except subprocess.TimeoutExpired:
                problems.append(f"{i}: it waits on")
                os.killpg(tracer.pid, signal.SIGKILL)
                tracer.wait()
            for pipe in tracer.stdin, tracer.stdout, tracer.stderr:
                pipe.close()
            wait_for(lambda: not session(tracer.pid))  # pylint: disable=cell-var-from-loop
        result(not problems, name_of(15, "25 signals at any moment", engine), *problems)
    target = Target(["blocked"])
    problems = []
    for i in range(25):
        tracer = subprocess.Popen([PROBE, "-q", "-o", os.devnull, "-p", str(target.pid)])
        wait_for(lambda: traced_tasks(target.pid))
        time.sleep(i * 0.0003)
        tracer.send_signal(signal.SIGINT)
        if tracer.wait(LIMIT) or target.traced():
            problems.append(f"{i}: status {tracer.returncode}, {target.states()}")
    attached(15, "25 signals while nothing happens", not problems, *problems)
    right, why = target.finish("x")
    attached(15, "… and what waited was never interrupted", right, why)


def hazard_16_filters():
    wrapped(16, "a seccomp filter of the program's own: the call that it refuses is seen, and the one that it ends", ["own-filter"],
            lambda c: c["sendmmsg"] == 1 and c["bind"] == 1 and c["end_died"] == 1)
    wrapped(16, "a call that another thread answers (SECCOMP_RET_USER_NOTIF)", ["user-notif"],
            lambda c: c["sendmmsg"] == 5 and c["sendmsg"] == 5 and c["errors"] == 5)
    wrapped(16, "children that no tracer follows have no filter that fails their calls", ["untraced"])


def hazard_17_the_tracer_ends():
    """By SIGKILL, at any moment of a fork storm: who has a filter must die with it, others go on unharmed."""
    for engine, options in ENGINES:
        problems = []
        for i in range(12):
            tracer = subprocess.Popen([PROBE, "-o", os.devnull] + options + [TORTURE, "storm", "2", "5"], start_new_session=True,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            time.sleep(0.002 * i)
            tracer.kill()
            tracer.wait()
            if not wait_for(lambda: not session(tracer.pid)):  # pylint: disable=cell-var-from-loop
                problems.append(f"{i}: left are {session(tracer.pid)}")
            problems += [tracer.stderr.read()] if engine == "syscall" else []
            tracer.stderr.close()
        result(not any(problems), name_of(17, "the tracer is killed 12 times", engine), *problems)
        tracer = subprocess.Popen([CMSGTRACE, f"--engine={engine}", "--kill-on-exit", "-o", os.devnull, TORTURE, "busy", "4"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        tracer.stdout.readline()
        tracer.kill()
        tracer.wait()
        result(wait_for(lambda: not session(tracer.pid)),  # pylint: disable=cell-var-from-loop
               name_of(17, "--kill-on-exit", engine), session(tracer.pid))
        tracer.stdin.close()
        tracer.stdout.close()


def hazard_18_restarts():
    wrapped(18, "a signal every 100 µs in recvmsg", ["signals"], lambda c: c["restarts"] > 0 and c["signal"] > 100, bpf=nothing)


def hazard_19_memory():
    wrapped(19, "memory that comes and goes under a message", ["shifting", "400"], lambda c: c["sendmsg"] == 800, bpf=nothing)
    wrapped(19, "addresses that lead nowhere, lengths that wrap around", ["faults"], program=GEN, bpf=nothing)
    for engine, options in ENGINES:
        run = Run(options + ["-v", "-e", "sendmsg", TORTURE, "userfault"])
        name = name_of(19, "messages in pages of a userfaultfd", engine)
        if run.status == 77:
            skip(name, "this user gets none")
        else:
            result(run.clean() and run.count["sendmsg"] == 16, name, *run.why())
    for engine, options in ENGINES:
        name = name_of(19, "a message in a page of a file on FUSE that nobody brings", engine)
        with tempfile.TemporaryDirectory() as folder:
            hang = [os.path.join(BUILD, "tests/live/hang-fs"), folder]
            if subprocess.run([*hang, "true"], stderr=subprocess.DEVNULL, timeout=LIMIT, check=False).returncode:
                skip(name, "no /dev/fuse, or this user can't mount it")
                continue
            run = Run(options + ["-v", "-e", "sendmsg", TORTURE, "hangs", folder], prefix=hang)
            result(run.clean() and run.count["sendmsg"] == 21, name, *run.why())


def hazard_20_personalities():
    wrapped(20, "numbers of calls of another ABI", ["foreign"], lambda c: c["sendmsg"] - c.get("errors", 0) <= 3, bpf=nothing)
    for engine, options in ENGINES:
        name = name_of(20, "i386", engine)
        if why := no_program32(TORTURE + "32"):
            skip(name, why)
        else:
            run = Run(options + [TORTURE + "32", "threads", "20"])
            result(run.clean() and run.count["sendmsg"] == 120 and run.count["recvmsg"] == 120, name, *run.why())


def hazard_21_nothing_is_changed():
    wrapped(21, "registers and strict mode are what they are without a tracer", ["strict"], lambda c: c["killed"] == 2)
    wrapped(21, "what CLONE_UNTRACED asks for, and its register", ["untraced"])


def hazard_22_transparency():
    # the same shell, untraced and traced: signals, mask and descriptors must not differ; nor with none of 0, 1, 2 open
    look = ["sh", "-c", "trap '' HUP; grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; ls /proc/self/fd | wc -l"]

    def odd_signals():
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2, signal.SIGRTMAX])

    def closed():
        os.closerange(0, 3)

    plain = subprocess.run(look, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, check=True,
                           preexec_fn=odd_signals).stdout
    with tempfile.TemporaryDirectory() as folder:
        for engine, options in ENGINES:
            run = Run(options + look, preexec_fn=odd_signals)
            result(run.clean() and run.out == plain, name_of(22, "signals and descriptors are inherited unchanged", engine), plain,
                   *run.why())
            look_at = " || ".join(f"[ -e /proc/$$/fd/{fd} ]" for fd in range(3))
            status = subprocess.run([CMSGTRACE, f"--engine={engine}", "-o", os.path.join(folder, engine), "sh", "-c",
                                     f"{look_at} && exit 1; exit 42"], preexec_fn=closed, timeout=LIMIT, check=False).returncode
            result(status == 42, name_of(22, "closed standard streams stay closed", engine), status)
    wrapped(22, "all 256 exit statuses, eight signals", ["ends"],
            lambda c: c["exited"] == 257 and c["killed"] == 8 and c["attached"] == 264, bpf=nothing)
    wrapped(22, "death by a signal", ["kill", str(int(signal.SIGTERM))], status=-signal.SIGTERM, bpf=nothing)


def hazard_23_each_other():
    """Oneself, and who traces us: both would wait for ever."""
    for engine, options in ENGINES:
        # exec keeps the number
        run = Run(options + ["sh", "-c", f"exec {PROBE} -q -p $$"])
        result(run.clean(125) and "cannot trace itself" in run.err, name_of(23, "itself", engine), *run.why())
        run = Run(options + ["sh", "-c", f"{PROBE} -q -p $PPID; exit $?"])
        result(run.clean(125) and "it traces this program" in run.err, name_of(23, "its tracer", engine), *run.why())


def hazard_24_pid_namespaces():
    unshare = shutil.which("unshare")
    possible = unshare and not subprocess.run([unshare, "-pf", "true"], stderr=subprocess.DEVNULL, check=False).returncode
    engines = [(engine, options, "as ptrace has them") for engine, options in ENGINES] + [("bpf", ["-B"], why_no_bpf())]
    for engine, options, why in engines:
        name = name_of(24, "the numbers of a pid namespace's tasks", engine)
        if not possible or (engine == "bpf" and why):
            skip(name, why if possible else "unshare -pf is not possible here")
            continue
        run = Run(options + [unshare, "-pf", TORTURE, "storm", "1", "5"])
        ok = run.clean() and (engine == "bpf" or (run.count["sendmsg"] == 18 and run.count["socks"] >= 36))
        result(ok, name, *run.why())
        # /proc of the outer one: what stands there by a number is another task
        run = Run(options + [TORTURE, "storm", "1", "5"], prefix=[unshare, "-pf"]) if engine != "bpf" else None
        if run:
            result(run.clean() and run.count["sendmsg"] == 18, name_of(24, "all of it in one, under /proc of another", engine), *run.why())


def main():
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # orphans of the workloads come to us: whatever is left of them is seen
    chosen = sys.argv[1:]
    for name, test in list(globals().items()):
        if name.startswith("hazard_") and (not chosen or name[7:9] in chosen):
            begun = time.monotonic()
            test()
            print(f"# {name[7:]}: {time.monotonic() - begun:.1f} s", flush=True)
    missing = [f"{n} ({engine})" for n in range(1, 25) for engine in BOTH if engine not in done.get(n, ())]
    if not chosen:
        # a process that is attached to can't be given a filter
        result(not missing, "24 hazards of 24, with each engine that stops tasks", missing)
    print(f"1..{torture.number}")
    return torture.failed != 0


if __name__ == "__main__":
    sys.exit(main())
