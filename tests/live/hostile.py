#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: a program whose calls are wrong in every way, and whose memory changes under them, neither ends a tracer nor makes
it grow, with every engine and every output; the program ends as it does alone.

CMSGTRACE_FUZZ is how many seconds each engine has (default 3), CMSGTRACE_FUZZ_CALLS how many calls at most,
CMSGTRACE_FUZZ_SEED where the random numbers start, CMSGTRACE_FUZZ_ENGINES which engines, CMSGTRACE_FUZZ_OUTPUTS which
outputs (by names with commas between)."""
import os
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, CMSGTRACE, Skip, Tap, no_program32, sanitized, wait_for, why_no_bpf, within  # noqa: E402

SECONDS = int(os.environ.get("CMSGTRACE_FUZZ", "3"))
CALLS = int(os.environ.get("CMSGTRACE_FUZZ_CALLS", "1000000000"))
SEED = os.environ.get("CMSGTRACE_FUZZ_SEED", "1")
ENGINES = os.environ.get("CMSGTRACE_FUZZ_ENGINES", "seccomp,syscall,bpf").split(",")
OUTPUTS = os.environ.get("CMSGTRACE_FUZZ_OUTPUTS", "text,jsonl,record").split(",")
STATUS = 42
RESIDENT_KB = 64 * 1024
LIMIT = 120 + 2 * SECONDS  # seconds


def resident_kb(pid):
    """The most that it ever had; the eBPF ring, which is mapped twice in a row, counts once."""
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="replace") as f:
        maps = f.read()
    ring = sum(int(kb) for kb in re.findall(r"bpf-map\nSize: .*(?:\n[A-Z]\w*PageSize: .*)*\nRss: +(\d+)", maps))
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM:")) - ring // 2


def attached(tracer, err):
    with open(err, encoding="utf-8", errors="replace") as f:
        return "attached" in f.read() or tracer.poll() is not None


def fuzz(engine, program, pace="0"):
    argv = [os.path.join(BUILD, program), SEED, "3", "4", str(CALLS), str(SECONDS), pace]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with tempfile.TemporaryDirectory(prefix="cmsgtrace-test-") as folder:
        err, last = (os.path.join(folder, name) for name in ("err", "last"))
        outputs = ["--record=/dev/null" if o == "record" else f"--format={o}:/dev/null" for o in OUTPUTS]
        tracer = [CMSGTRACE, f"--engine={engine}", "-v", "-yy", "-s", "300", "-e", "trace=network,read,write,readv,writev",
                  "-o", os.devnull, *outputs, f"--format=summary:{last}"]
        begun = time.monotonic()
        with open(err, "wb") as to:
            if engine == "bpf":
                p = subprocess.Popen(argv, **pipes)
                ready = p.stdout.readline()
                t = subprocess.Popen([*tracer, "-p", str(p.pid)], stderr=to)
                wait_for("attaching", lambda: attached(t, err))
            else:
                p = t = subprocess.Popen([*tracer, *argv], stderr=to, **pipes)
                ready = p.stdout.readline()
        try:
            with within(LIMIT):
                p.stdin.write("go\n")
                p.stdin.flush()
                made = int(p.stdout.readline() or 0)
                kb = resident_kb(t.pid) if made else 0
                p.stdin.close()
                statuses = p.wait(), t.wait()
        finally:
            for one in (p, t):
                if one.poll() is None:
                    one.kill()
                one.wait()
            p.stdout.close()
        with open(err, encoding="utf-8", errors="replace") as f:
            errors = f.read()
        assert "Sanitizer" not in errors and "runtime error" not in errors, errors
        assert statuses == (STATUS, 0 if engine == "bpf" else STATUS), (statuses, errors[-3000:])
        with open(last, encoding="utf-8") as f:
            shown = int(re.search(r" in (\d+) calls", f.read())[1])
        print(f"# {engine}, {program}: {ready.strip()}; {made} calls, {shown} shown, {time.monotonic() - begun:.0f} s, {kb} kB resident",
              flush=True)
        assert made > 100 and shown > 100, (made, shown)
        if engine != "bpf":
            assert shown >= made, (shown, made)
        assert sanitized() or kb <= RESIDENT_KB, f"{kb} kB"


def test_hostile_calls(engine):
    if engine == "bpf" and why_no_bpf():
        raise Skip(why_no_bpf())
    # nothing holds it back there: it leaves the tracer time to read
    fuzz(engine, "tests/live/hostile", "3000" if engine == "bpf" else "0")


def test_hostile_calls_of_a_32_bit_program(engine):
    why = no_program32(os.path.join(BUILD, "tests/live/hostile32"))
    if why:
        raise Skip(why)
    fuzz(engine, "tests/live/hostile32")


def main():
    tap = Tap()
    for engine in ENGINES:
        tap.run(test_hostile_calls, engine)
    for engine in (e for e in ENGINES if e != "bpf"):
        tap.run(test_hostile_calls_of_a_32_bit_program, engine)
    tap.done()


if __name__ == "__main__":
    main()
