#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a run does to files and streams: modes, planted links, limits, full disks, pipes of the command."""
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time

BUILD = os.environ.get("builddir", os.getcwd())
CMSGTRACE = os.path.join(BUILD, "cmsgtrace")
SENDS = ["python3", "-c", "import socket\na, b = socket.socketpair()\n"
         "a.sendmsg([b'x'], [(0, 8, bytes(12))]); b.recv(9)\nfor i in range(400): a.sendmsg([b'x' * 300]); "
         "b.recv(300)\nraise SystemExit(7)"]
LIMIT = 40
OTHER = 65534

number = failed = 0


def result(ok, name, *why):
    global number, failed
    number += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {number} - {name}", flush=True)
    for line in () if ok else why:
        print("# " + str(line)[-800:].replace("\n", "\n# "))


def skip(name, why):
    global number
    number += 1
    print(f"ok {number} - {name} # SKIP {why}", flush=True)


def run(arguments, **kw):
    return subprocess.run([CMSGTRACE] + arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=LIMIT, check=False, **kw)


def formats():
    done = run(["--format=nonsense", "true"])
    return done.stderr.partition("(")[2].partition(")")[0].split(", ")


def test_modes():
    with tempfile.TemporaryDirectory() as folder:
        names = {kind: os.path.join(folder, kind) for kind in ("text", "record", "json")}
        old = os.umask(0)
        done = run(["-o", names["text"], f"--record={names['record']}", f"--format=jsonl:{names['json']}"] + SENDS)
        os.umask(old)
        for kind, name in names.items():
            mode = stat.S_IMODE(os.stat(name).st_mode)
            result(done.returncode == 7 and mode == 0o600, f"{kind}: a new file is its owner's alone", oct(mode),
                   done.stderr)
        os.chmod(names["text"], 0o644)
        done = run(["-o", names["text"], "true"])
        result(stat.S_IMODE(os.stat(names["text"]).st_mode) == 0o644 and os.path.getsize(names["text"]) < 1000,
               "one that was there keeps its mode, and nothing of what it held", done.stderr)


def test_planted():
    if os.geteuid():
        skip("a planted link", "needs root, to be two users")
        return
    with tempfile.TemporaryDirectory() as folder:
        shared = os.path.join(folder, "shared")
        victim = os.path.join(folder, "victim")
        os.mkdir(shared)
        os.chmod(shared, 0o1777)
        with open(victim, "w", encoding="utf-8") as f:
            f.write("mine")
        link, hard, other, own = (os.path.join(shared, name) for name in ("link", "hard", "other", "own"))
        os.symlink(victim, link)
        os.lchown(link, OTHER, OTHER)
        os.link(victim, hard)
        with open(other, "w", encoding="utf-8"):
            os.chown(other, OTHER, OTHER)
        os.symlink(os.path.join(folder, "target"), own)
        for name, planted in (("a symbolic link of another user", link), ("a hard link", hard),
                              ("another user's file", other)):
            for option in ("-o", "--record=", "--format=jsonl:", "--pcapng="):
                where = ["-o", planted] if option == "-o" else ["-o", "/dev/null", option + planted]
                done = run(where + ["true"])
                with open(victim, encoding="utf-8") as f:
                    kept = f.read() == "mine"
                # the latter is the kernel's own word, where fs.protected_* are on
                said = "another user may have put it there" in done.stderr or "Permission denied" in done.stderr
                result(done.returncode == 125 and kept and not os.path.getsize(other) and said,
                       f"{name} in a sticky directory is not written to ({option})", done.returncode, done.stderr)
        done = run(["-o", own, "true"])
        result(done.returncode == 0 and os.path.exists(os.path.join(folder, "target")), "one's own link is followed",
               done.stderr)


def test_inputs():
    """What is read is never written over, by whatever name."""
    with tempfile.TemporaryDirectory() as folder:
        log, other = os.path.join(folder, "log"), os.path.join(folder, "other")
        for option in ("-o", "--record=", "--format=html:", "--write-baseline="):
            with open(log, "w", encoding="ascii") as f:
                f.write("sendmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=NULL, msg_iovlen=0, msg_controllen=0, msg_flags=0}, 0) = 0\n")
            if not os.path.exists(other):
                os.symlink(log, other)
            was = os.path.getsize(log)
            done = run([f"--read={log}", *(option + other if option.startswith("--") else f"{option} {other}").split(" ")])
            result(done.returncode and os.path.getsize(log) == was and "it is read in this run" in done.stderr,
                   f"{option} of the log that is read is refused", done.returncode, done.stderr)


def test_collisions():
    """Two outputs never share a file, nor standard output, where one would destroy the other."""
    with tempfile.TemporaryDirectory() as folder:
        x, other, log = (os.path.join(folder, name) for name in ("x", "other", "log"))
        os.symlink(x, other)
        both = (["--format=sarif:" + x, "--format=junit:" + x], ["--format=sarif:" + x, "--format=junit:" + other],
                ["-o", x, "--format=jsonl:" + x], ["-o", x, "--format=gcc:" + other], ["-o", x, "--record=" + x],
                ["-o", x, "--record=" + folder + "/./x"], ["-o", x, "--write-baseline=" + x],
                ["--record=" + x, "--gen-suppressions=" + other], ["--write-baseline=" + x, "--gen-suppressions=" + x],
                ["--format=html:" + other, "--pcapng=" + x], ["-o", x, "-o", x, "--format=text:" + x],
                ["--format=jsonl", "--format=sarif"], ["--format=junit", "--record=-"], ["--format=sarif", "--gen-suppressions"],
                ["--format=gcc", "--write-baseline=-"], ["-o", "|cat >&2", "--record=|cat >&2"])
        for options in both:
            done = run(options + ["echo", "ran"])
            result(done.returncode == 125 and "ran" not in done.stdout.split("\n") and
                   ("can't write both" in done.stderr or "another output of this run" in done.stderr),
                   " ".join(options).replace(folder, "") + ": refused", done.returncode, done.stdout, done.stderr)
        for options in (["-o", x, "--format=gcc:" + x], ["--format=gcc", "--format=summary"],
                        ["--format=github", "--gen-suppressions"], ["-o", "/dev/null", "--format=sarif:/dev/null"]):
            done = run(options + SENDS)
            result(done.returncode == 7, " ".join(options).replace(folder, "") + ": lines stand beside lines",
                   done.returncode, done.stderr)
        for option, written in (("--suppressions=", "--gen-suppressions="), ("--suppressions=", "--write-baseline="),
                                ("--suppressions=", "--output="), ("--baseline=", "--gen-suppressions="), ("--baseline=", "--output=")):
            with open(log, "w", encoding="ascii") as f:
                f.write("CT902 # why\n" if option == "--suppressions=" else
                        '{"format": "cmsgtrace-baseline", "version": "2.0", "findings": []}\n')
            done = run([option + log, written + log, "echo", "ran"])
            result(done.returncode == 125 and not done.stdout and os.path.getsize(log) > 10 and
                   "it is read in this run" in done.stderr,
                   f"{written} of what {option} reads is refused", done.returncode, done.stdout, done.stderr)


def test_before_the_run():
    """What can't be written is told before anything runs, and what can be is there for the end."""
    for option in ("--output=", "--record=", "--format=html:", "--write-baseline=", "--gen-suppressions=", "--pcapng="):
        done = run([option + "/nonexistent/x", "echo", "ran"])
        result(done.returncode == 125 and not done.stdout and done.stderr, f"{option} of what can't be written: nothing runs",
               done.returncode, done.stdout, done.stderr)
    done = run(["-o", "/dev/null", "--gen-suppressions"] + SENDS)
    result(done.returncode == 7 and done.stdout.count("CT101 ") == 1, "--gen-suppressions of a command is on standard output",
           done.returncode, done.stdout, done.stderr)
    with tempfile.TemporaryDirectory() as folder:
        base, out = os.path.join(folder, "base"), os.path.join(folder, "out")
        held = []
        for known in ([], [f"--baseline={base}"]):
            done = run(["-o", "/dev/null", f"--write-baseline={base}", *known] + SENDS)
            with open(base, encoding="utf-8") as f:
                held.append(f.read())
        result(done.returncode == 7 and "CT101" in held[0] and held[0] == held[1] and "gone" not in done.stderr,
               "a baseline is read, and then written anew", done.returncode, done.stderr, held)
        # --read prints to standard output; what a file of it holds stays
        done = run(["-o", "/dev/null", f"--record={folder}/run"] + SENDS)
        with open(out, "w", encoding="utf-8") as f:
            subprocess.run([CMSGTRACE, f"--read={folder}/run", "--gen-suppressions"], stdout=f, stderr=subprocess.DEVNULL,
                           timeout=LIMIT, check=False)
        with open(out, encoding="utf-8") as f:
            text = f.read()
        result("*** CT101" in text and "\nCT101 " in text, "--gen-suppressions comes after the text", text[-500:])


def test_limits():
    """A write that fails is said, and the command ends as it would."""
    for form in formats():
        done = run(["-v", f"--format={form}", "-o", "/dev/full"] + SENDS)
        # a format may have nothing to say before its end, but it does not end without a byte
        result(done.returncode == 125 and "No space left" in done.stderr, f"{form}: a full disk is said",
               done.returncode, done.stderr)

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    with tempfile.TemporaryDirectory() as folder:
        name = os.path.join(folder, "out")
        ended = os.path.join(folder, "ended")
        for which, option in (("-o", ["-o", name]), ("--record", ["-o", "/dev/null", f"--record={name}"])):
            done = run(option + ["sh", "-c", 'for i in 1 2 3 4 5 6 7 8; do "$@"; done; : > $0', ended] + SENDS,
                       preexec_fn=small)
            result(done.returncode == 125 and "File too large" in done.stderr and os.path.exists(ended),
                   f"RLIMIT_FSIZE ends the file and nothing else ({which})", done.returncode,
                   done.stderr)
            os.unlink(ended)
        done = run(["-o", "/dev/null", "sh", "-c", 'head -c 9999 /dev/zero > "$0"', name], preexec_fn=small)
        result(done.returncode in (128 + signal.SIGXFSZ, 1), "the command's own SIGXFSZ is as it was", done.returncode,
               done.stderr)


def test_streams():
    for engine in ("seccomp", "syscall"):
        go_in, go_out = os.pipe()
        process = subprocess.Popen([CMSGTRACE, f"--engine={engine}", "-o", "/dev/null", "sh", "-c",
                                    f"exec <&- >&-; echo closed >&2; read x <&{go_in}"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=(go_in,), bufsize=0)
        os.close(go_in)
        process.stderr.readline()
        broken = False
        deadline = time.monotonic() + 5
        while not broken and time.monotonic() < deadline:
            try:
                os.write(process.stdin.fileno(), b"x")
                time.sleep(0.01)
            except BrokenPipeError:
                broken = True
        result(broken and process.poll() is None, f"a writer gets EPIPE when the command closes its input ({engine})")
        os.set_blocking(process.stdout.fileno(), False)
        try:
            end = os.read(process.stdout.fileno(), 1)
        except BlockingIOError:
            end = None
        result(end == b"" and process.poll() is None, f"a reader sees the end of its output ({engine})", end)
        os.close(go_out)
        process.wait(LIMIT)
        process.stdin.close()
        process.stdout.close()
        process.stderr.close()


def main():
    chosen = sys.argv[1:]
    for name, test in list(globals().items()):
        if name.startswith("test_") and (not chosen or name[5:] in chosen):
            test()
    print(f"1..{number}")
    return failed != 0


sys.exit(main())
