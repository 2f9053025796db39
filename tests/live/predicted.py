#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what the model predicts of a send is what the kernel then says, where that hangs on facts of the live system: open descriptors,
existing processes, net.core.optmem_max of a network namespace, capabilities and ids in user and pid namespaces; on replay as well."""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import BUILD, CMSGTRACE, Skip, Tap, need, need_root  # noqa: E402

SITUATIONS = os.path.join(BUILD, "tests", "rules", "situations")
PYTHON = "/usr/bin/python3"  # other users can execute it, too

BIG = """import socket
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('127.0.0.1',0))
for n in 3000, 5000:
    try: s.sendmsg([b'x'],[(99,1,b'a'*(n-16))],0,s.getsockname())
    except OSError: pass
"""
CREDENTIALS = """import os,socket,struct
a,b=socket.socketpair(socket.AF_UNIX,socket.SOCK_DGRAM); b.setsockopt(socket.SOL_SOCKET,socket.SO_PASSCRED,1)
for pid in os.getpid(), 1, 4194000:
    for id in os.getuid(), 0, 12345:
        try: a.sendmsg([b'x'],[(socket.SOL_SOCKET,2,struct.pack('iII',pid,id,id))],socket.MSG_DONTWAIT)
        except OSError: pass
"""
DESCRIPTORS = """import socket,struct
a,b=socket.socketpair(socket.AF_UNIX,socket.SOCK_DGRAM)
for l in ([2,1],[2,99],[99,2],[-1],[2]*253,[2]*254):
    try: a.sendmsg([b'x'],[(socket.SOL_SOCKET,1,struct.pack('%di'%len(l),*l))])
    except OSError: pass
"""
MARK = """import socket,struct
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('127.0.0.1',0))
for type in 36, 12:
    try: s.sendmsg([b'x'],[(socket.SOL_SOCKET,type,struct.pack('I',7))],0,s.getsockname())
    except OSError: pass
"""
USER = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups"]
UP = "ip link set lo up && exec \"$@\""


def compared(path):
    """[(predicted, real), ...] of the messages with control data that reached the kernel; None where nothing was predicted."""
    out = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            r = json.loads(line)
            if r["type"] != "call" or r["call"] not in ("sendmsg", "sendmmsg"):
                continue
            for i, m in enumerate(r["msgs"]):
                vector = r["call"] == "sendmmsg"
                if int(m["in"].get("controllen", "0x0"), 16) == 0 or (vector and i >= r["result"] >= 0):
                    continue
                real = r.get("errno") if not (vector and i < r["result"]) else None
                predicted = m.get("predicted")
                # what it assumes is told with it: where that does not hold, it is not wrong
                sure = predicted and "exists" not in predicted.get("assumes", "")
                out.append(((predicted.get("errno"),) if sure else None, (real,)))
    return out


def check(command, least, may_not_know=False):
    with tempfile.TemporaryDirectory() as folder:
        recording, again = f"{folder}/1.jsonl", f"{folder}/2.jsonl"
        run = subprocess.run([CMSGTRACE, "--record=" + recording, "-o", "/dev/null", "--", *command], timeout=60,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if run.returncode == 77 or b"ermission denied" in run.stdout or b"not permitted" in run.stdout or \
                run.stdout.startswith(b"unshare: "):
            raise Skip(run.stdout.decode().strip() or "this machine can't make it")
        got = compared(recording)
        subprocess.run([CMSGTRACE, "--read=" + recording, "--record=" + again, "-o", "/dev/null", "--fail-on=never"],
                       check=True, timeout=60)
        assert compared(again) == got, (got, compared(again))
    assert len(got) >= least, (got, run.stdout)
    wrong = [(p, r) for p, r in got if (p != r and p is not None) or (p is None and not may_not_know)]
    assert not wrong, wrong


def test_descriptors():
    check([PYTHON, "-c", DESCRIPTORS], 6)


def test_optmem_max_of_a_network_namespace():
    need_root()
    check(["unshare", "-n", "sh", "-c", "echo 4096 >/proc/sys/net/core/optmem_max && " + UP, "sh", PYTHON, "-c", BIG], 2)


def test_optmem_max_of_our_own():
    check([PYTHON, "-c", BIG], 2)


def test_credentials_of_a_user():
    need_root()
    need("setpriv")
    check(USER + [PYTHON, "-c", CREDENTIALS], 9)


def test_credentials_of_root():
    need_root()
    check([PYTHON, "-c", CREDENTIALS], 9)


def test_credentials_in_a_pid_namespace():
    need_root()
    # whether another process exists there can't be asked from here
    check(["unshare", "-pf", "--mount-proc", PYTHON, "-c", CREDENTIALS], 9, may_not_know=True)
    check(["unshare", "-pf", "--mount-proc"] + USER + [PYTHON, "-c", CREDENTIALS], 9)


def test_credentials_in_a_user_namespace():
    need_root()
    need("setpriv")
    # which ids are mapped there is not looked up: not to know is right, to be wrong is not
    check(USER + ["unshare", "-U", PYTHON, "-c", CREDENTIALS], 9, may_not_know=True)
    check(USER + ["unshare", "-Ur", PYTHON, "-c", CREDENTIALS], 9, may_not_know=True)


def test_network_capabilities():
    need_root()
    need("setpriv")
    check([PYTHON, "-c", MARK], 2)
    check(USER + [PYTHON, "-c", MARK], 2)
    check(USER + ["unshare", "-Ur", PYTHON, "-c", MARK], 2)
    check(USER + ["unshare", "-Urn", "sh", "-c", UP, "sh", PYTHON, "-c", MARK], 2)


def test_every_situation():
    with open(os.path.join(os.environ.get("srcdir", "."), "tests", "rules", "expected"), encoding="utf-8") as f:
        rules = [line.partition(":")[0] for line in f if line.startswith("CT1") or line.startswith("CT5")]
    for rule in rules:
        for which in ("bad", "good"):
            check([SITUATIONS, rule, which], 0)


def main():
    tap = Tap()
    if not os.path.exists(PYTHON):
        print("1..0 # SKIP there is no " + PYTHON)
        return
    for name, test in list(globals().items()):
        if name.startswith("test_"):
            tap.run(test)
    tap.done()


main()
