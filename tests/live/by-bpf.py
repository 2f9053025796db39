#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what the other live tests ask of ptrace's engines holds with the eBPF engine: the same programs, the same findings.
What it can't do is listed here, each with its reason; an exception that passes is one no more, and fails."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from lab import SHORT, Tap, sanitized, why_no_bpf  # noqa: E402

LIST = ("rules.py", "variants.py", "verdicts.py", "conversations.py", "findings.py", "clean.py", "advised.py", "predicted.py", "voices.py", "differential.py")
LONGER = 600  # seconds that one of them may take on a busy machine

DUPS = "calls that copy and close descriptors aren't seen: CT902 says that CT303 could not be checked"
PASSCRED = "SO_PASSCRED of the time of the send is known of sockets that were seen then, not of their peers: CT902 says it"
RIGHTS = "a process in a user namespace of its own may not load programs: the engine says so"
SEEN = "CT201 is an error here, since the packet was seen; predictions make it a warning"
LIMITS = "limits and rights of the process at the time of the call aren't asked"
EXCEPTIONS = {
    ("rules.py", "situation (CT307, ['CT307 warning', 'CT902 note'])"): DUPS,
    ("rules.py", "situation (CT303, ['CT303 note'])"): DUPS,
    ("rules.py", "situation (CT703, ['CT703 warning'])"): PASSCRED,
    ("rules.py", "situation (CT901, ['CT901 note'])"): "what io_uring sends and receives is seen here",
    ("variants.py", "variant (one_of_two_kept, 64, plain)"): DUPS,
    ("variants.py", "variant (only_marked, 64, child)"): DUPS,
    ("variants.py", "variant (stream_heard_late, 64, plain)"): PASSCRED,
    ("verdicts.py", "case (uid without a mapping)"): RIGHTS,
    ("verdicts.py", "case (gid without a mapping)"): RIGHTS,
    ("verdicts.py", "case (pid of another, in a user namespace)"): RIGHTS,
    ("verdicts.py", "case (ids of one's own)"): RIGHTS,
    ("verdicts.py", "case (descriptor of io_uring)"): "what io_uring sends and receives is seen here",
    ("variants.py", "variant (from_outside, 64, plain)"): PASSCRED,
    ("advised.py", "lost descriptors are counted and have the cause of that moment"): LIMITS,
    ("advised.py", "what is advised is enough and a byte less is not (a stream's timestamps)"):
        "the flavour of a TCP socket's stamps isn't read: the cut ones are named, without the lost ones",
    ("conversations.py", "case (peeked where nothing tells the address)"): SEEN,
    ("conversations.py", "case (host written to first by a socket with a port)"): SEEN,
    ("conversations.py", "case (after a multicast, nothing tells the address)"): SEEN,
}
tap = Tap()


def relay(test):
    """Its results are ours, but for the exceptions."""
    told = 0
    with subprocess.Popen([sys.executable, os.path.join(HERE, test)], stdout=subprocess.PIPE, text=True, errors="replace",
                          env=dict(os.environ, CMSGTRACE_ENGINE="bpf")) as child:
        for line in child.stdout:
            if not (m := re.match(r"(not )?ok \d+ - (.*?)(?: # (SKIP.*))?$", line)):
                if line.startswith("# "):
                    print(line, end="")
                continue
            told += 1
            name = f"{test}: {m[2]}"
            reason = EXCEPTIONS.get((test, m[2]))
            if reason and m[1]:
                tap.tell(True, name, "SKIP " + reason)
            elif reason and not m[3]:
                tap.tell(False, name + ": listed as an exception, and passes")
            else:
                tap.tell(not m[1], name, m[3] or "")
        status = child.wait(LONGER)
    if status not in (0, 1) or not told:
        tap.tell(False, f"{test} ended with status {status} after {told} results")


why_not = why_no_bpf() or (sanitized() and "the tests themselves run under the sanitizers; this only repeats them") or \
    (SHORT and "only in the whole run")
if why_not:
    print(f"1..0 # SKIP {why_not}")
    sys.exit(0)
for test_ in sys.argv[1:] or LIST:
    relay(test_)
tap.done()
