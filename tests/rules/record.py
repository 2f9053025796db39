#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records the situations anew: record.py CMSGTRACE SITUATIONS [CTnnn...], into the folder that this file is in.

The program is run from a copy in a folder of its own in /tmp, so that no path of the machine gets into a recording, and what
differs from run to run without meaning anything (pids, times, ports) is left as it came."""
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = "/tmp/cmsgtrace-rules"


def record(tracer, program, rule, which):
    path = os.path.join(HERE, rule, which + ".jsonl")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    made = os.path.join(FOLDER, "made.jsonl")
    # what sanitizers are told is theirs to hear, too: what is traced can't look for its leaks
    env = {"PATH": "/usr/bin:/bin", **{k: v for k, v in os.environ.items() if k == "ASAN_OPTIONS"}}
    run = subprocess.run([tracer, "--record=" + made, "-o", "/dev/null", "--", program, rule, which], timeout=60, env=env)
    if run.returncode == 77:
        print("%s %s can't be made on this machine: its recording stays as it is" % (rule, which))
        return
    run.check_returncode()
    with open(made) as f:
        lines = f.read().splitlines()
    header = json.loads(lines[0])
    header["kernel"] = header["kernel"].split("-")[0]
    header["argv"] = ["cmsgtrace", "--record=%s.jsonl" % which, "situations", rule, which]
    lines[0] = json.dumps(header, separators=(",", ":"))
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")


def without_routes(rule, of, which):
    """The situation of another rule as a tracer would have seen it that could not ask for routes."""
    os.makedirs(os.path.join(HERE, rule), exist_ok=True)
    with open(os.path.join(HERE, of, which + ".jsonl")) as f, \
            open(os.path.join(HERE, rule, which + ".jsonl"), "w") as out:
        for line in f:
            record = json.loads(line)
            if record["type"] == "finding":
                continue
            record.pop("answers", None)
            for msg in record.get("msgs", ()):
                msg.pop("route", None)
            out.write(json.dumps(record, separators=(",", ":")) + "\n")


def main():
    tracer, situations = (os.path.abspath(p) for p in sys.argv[1:3])
    listed = subprocess.run([tracer, "--list-rules"], check=True, capture_output=True, text=True).stdout
    rules = sys.argv[3:] or [line.split()[0] for line in listed.splitlines()]
    os.mkdir(FOLDER, 0o755)
    try:
        program = shutil.copy(situations, FOLDER)
        for rule in rules:
            for which in ("bad", "good"):
                if rule == "CT902":
                    without_routes(rule, "CT201", which)
                    continue
                record(tracer, program, rule, which)
    finally:
        shutil.rmtree(FOLDER)


main()
