#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Memory that reading takes is bounded, whatever an input claims: calls of millions of messages, lines of 60 MB."""
import json
import os
import subprocess
import sys
import tempfile

BUILD = os.environ.get("builddir", os.getcwd())
SRC = os.environ.get("srcdir", ".")
CMSGTRACE = os.path.join(BUILD, "cmsgtrace")
LIMIT_MB = 300  # three times what the largest input that is taken needs
MESSAGES = 1024  # of a call, as the kernel has it: UIO_MAXIOV
# AddressSanitizer keeps what was freed, 256 MB of it: that is not the reader's
ENVIRONMENT = dict(os.environ, ASAN_OPTIONS=":".join(filter(None, (os.environ.get("ASAN_OPTIONS"),
                                                                 "quarantine_size_mb=0"))))

number = failed = 0


def result(ok, name, *why):
    global number, failed
    number += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {number} - {name}", flush=True)
    for line in () if ok else why:
        print("# " + str(line)[-600:].replace("\n", "\n# "))


def reads(text, folder, *more):
    """Status, output and most memory in MB of reading this."""
    name = os.path.join(folder, "input")
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)
    process = subprocess.Popen([CMSGTRACE, f"--read={name}", "-v", *more], stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=ENVIRONMENT)
    out = process.stdout.read().decode(errors="replace")
    _, status, usage = os.wait4(process.pid, 0)
    process.stdout.close()
    return os.waitstatus_to_exitcode(status), out, usage.ru_maxrss // 1024


def mmsg(n):
    head = '1 sendmmsg(3, [{msg_hdr={msg_name=NULL, msg_namelen=0, msg_iov=NULL, msg_iovlen=0, msg_flags=0}}'
    return head + ", {msg_hdr={}}" * (n - 1) + f"], {n}, 0) = {n}\n"


def recording(n):
    """The first call of a pair with n messages."""
    with open(os.path.join(SRC, "tests/rules/CT101/bad.jsonl"), encoding="utf-8") as f:
        lines = f.read().splitlines()
    for i, line in enumerate(lines):
        event = json.loads(line)
        if event.get("msgs"):
            event["msgs"] = []
            lines[i] = json.dumps(event).replace('"msgs": []', '"msgs": [' + ",".join(["{}"] * n) + "]")
            break
    return "\n".join(lines) + "\n"


def main():
    with tempfile.TemporaryDirectory() as folder:
        status, out, memory = reads(mmsg(MESSAGES), folder)
        result(status == 0 and out.count("msg_hdr") == MESSAGES and memory < LIMIT_MB, "a log's call of 1024 messages",
               status, memory, out.count("msg_hdr"))
        for n in (20_000, 500_000, 2_000_000):
            status, out, memory = reads(mmsg(n), folder)
            result(status in (0, 2) and out.count("msg_hdr") <= MESSAGES and memory < LIMIT_MB,
                   f"a log's call of {n} messages", status, f"{memory} MB", out)
            status, out, memory = reads(recording(n), folder)
            result(status in (0, 1, 2) and memory < LIMIT_MB, f"a recording's call of {n} messages", status,
                   f"{memory} MB", out)
        for what, text in (("bytes", '1 sendmsg(3, {msg_name=NULL, msg_iov=[{iov_base="' + "x" * 60_000_000 +
                            '", iov_len=60000000}], msg_iovlen=1}, 0) = 1\n'),
                           ("arguments", "1 sendmsg(" + "1, " * 20_000_000 + "0) = 1\n"),
                           ("brackets", "1 sendmsg(3, " + "[" * 60_000_000 + "\n")):
            status, out, memory = reads(text, folder)
            result(status in (0, 2) and memory < LIMIT_MB, f"a log's line of 60 MB of {what}", status, f"{memory} MB",
                   out)
    print(f"1..{number}")
    return failed != 0


sys.exit(main())
