#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: doc/howto-add-cmsg.md, doc/howto-add-rule.md and doc/howto-add-output.md are the whole truth.  Each is followed on a
copy of the tree: what was added is then known wherever it must be; and with any of its steps left out a test fails, by name.

What is added stands beside this file, in made-up/.  A copy is built with the objects that are there: a few files are
compiled anew.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import traceback

SRC = os.path.realpath(os.environ.get("srcdir") or ".")
BUILD = os.path.realpath(os.environ.get("builddir") or ".")
MADE_UP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "made-up")
# other trees that may lie in this one, and what only a clone needs
LEFT_OUT = {".git", "build", "autom4te.cache"}

count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}", flush=True)
    if not ok:
        for line in [x for x in str(detail).splitlines() if not re.match("ok |1[.][.]", x)][-40:]:
            print("#", line, flush=True)


def skip(name, why):
    global count
    count += 1
    print(f"ok {count} - {name} # SKIP {why}", flush=True)


class CantBuild(Exception):
    """What make said."""


class Copy:
    """The tree with its objects, in a folder of its own.  Paths are relative to the source tree."""

    def __init__(self, folder):
        self.src = os.path.join(folder, "tree")
        os.mkdir(self.src)
        for name in os.listdir(SRC):
            if name not in LEFT_OUT and not name.startswith("build-") or name == "build-aux":
                # what tests that run meanwhile take away is not missed
                subprocess.run(["cp", "-a", os.path.join(SRC, name), self.src], stderr=subprocess.DEVNULL, check=False)
        subprocess.run(["chmod", "-R", "u+w", self.src], check=True)
        self.build = os.path.normpath(os.path.join(self.src, os.path.relpath(BUILD, SRC)))
        self.cmsgtrace = os.path.join(self.build, "cmsgtrace")

    def path(self, name):
        return os.path.join(self.src, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def insert(self, name, before, text):
        """text before what the pattern finds first; returns the file as it was."""
        with open(self.path(name), encoding="utf-8") as f:
            old = f.read()
        at = re.search(before, old, re.M).start()
        self.write(name, old[:at] + text + old[at:])
        return old

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEFILES")}
        return {**env, "srcdir": self.src, "builddir": self.build, "CMSGTRACE": self.cmsgtrace,
                "CMOCKA_MESSAGE_OUTPUT": "TAP", **more}

    def make(self, *targets):
        run = subprocess.run(["make", "-s", "CFLAGS=-O0 -g0", *targets], cwd=self.build, env=self.environment(), capture_output=True,
                             text=True, check=False, timeout=600)
        if run.returncode:
            raise CantBuild(run.stdout + run.stderr)

    def test(self, name, *args, **env):
        """What fails in a test of the tree: a list of names; with all that was said."""
        kind = {".py": [sys.executable], ".sh": ["sh"]}.get(os.path.splitext(name)[1])
        words = [*kind, self.path(name)] if kind else [os.path.join(self.build, name)]
        run = subprocess.run([*words, *args], cwd=self.build, env=self.environment(**env), capture_output=True, text=True,
                             check=False, timeout=300)
        said = run.stdout + run.stderr
        names = re.findall(r"^not ok (?:\d+ )?- (.*)$", said, re.M)
        return names, said

    def passes(self, what, name, *args, **env):
        names, said = self.test(name, *args, **env)
        result(not names and re.search(r"^ok ", said, re.M), f"{what}: {name} passes", said)

    def fails(self, what, name, pattern, *args, **env):
        names, said = self.test(name, *args, **env)
        result(any(re.search(pattern, n) for n in names), f"{what}: {name} fails by name",
               f"no failure matches {pattern!r}, but {names}\n{said}")

    def run(self, *args, text=""):
        return subprocess.run([self.cmsgtrace, *args], input=text, capture_output=True, text=True, check=False, timeout=60,
                              env=self.environment())


def made_up(name):
    with open(os.path.join(MADE_UP, name), encoding="utf-8") as f:
        return f.read()


# before the end of a level's rows, of the payloads, of the situations
ROWS_END = r"^\};\n\nconst struct cmsg_level "
GOLDEN_END = r"^\t\{ NULL, 999, 1, "
SITUATIONS_END = r"\{ 0 \},\n\};"


def listed(copy, level, name):
    """A control message as --list-cmsgs has it for programs."""
    rows = json.loads(copy.run("--list-cmsgs", "--format=jsonl").stdout)
    return next((r for r in rows if (r["level_name"], r["type_name"]) == (level, name)), {})


def read(copy, log):
    """What a log of strace gives: text, records."""
    return (copy.run("--read=-", text=log).stdout,
            [json.loads(line) for line in copy.run("--read=-", "--format=jsonl", text=log).stdout.splitlines()])


def findings(records):
    return [r["rule"] for r in records if r["type"] == "finding" and r["rule"] != "CT902"]


SEND_LOG = """7 socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 3
7 sendmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.1")}, msg_namelen=16, \
msg_iov=[{iov_base="abc", iov_len=3}], msg_iovlen=1, msg_control=[{cmsg_len=%d, cmsg_level=SOL_UDP, cmsg_type=0x69, \
cmsg_data="\\7\\0\\0\\0"}], msg_controllen=24, msg_flags=0}, 0) = %s
"""


RECV_LOG = """7 socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP) = 3
7 setsockopt(3, SOL_IP, IP_RECVTTL, [1], 4) = 0
7 setsockopt(3, SOL_IP, IP_RECV_MADE_UP, [1], 4) = 0
7 recvmsg(3, {msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="abc", iov_len=3}], msg_iovlen=1, \
msg_control=[{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=IP_TTL, cmsg_data=[64]}, \
{cmsg_len=20, cmsg_level=SOL_IP, cmsg_type=0x35, cmsg_data="\\7\\0\\0\\0"}], msg_controllen=48, msg_flags=MSG_CTRUNC}, 0) = 3
"""


SENT, RECEIVED = "a control message that is sent", "a control message that is received"


def broken(copy, old, rows, name, *proofs):
    """A test fails, for each (what, pattern in a failure's name, text in what it says), with such rows."""
    for path, row in rows.items():
        copy.write(path, old[path])
        copy.insert(path, ROWS_END, row)
    copy.make(name)
    names, said = copy.test(name)
    for what, pattern, text in proofs:
        result(any(re.search(pattern, n) for n in names) and text in said, f"{what}: {name} fails by name",
               f"no failure matches {pattern!r}, {text!r}, but {names}\n{said}")


def cmsg_sent(copy):
    """SOL_UDP/105 can be sent, from a release of the kernel that is not there yet."""
    what = SENT
    one = listed(copy, "SOL_UDP", "UDP_MADE_UP")
    result(one.get("sent_on") == ["udp4", "udp6"] and one.get("received_on") == [], f"{what}: --list-cmsgs has it", one)
    text, records = read(copy, SEND_LOG % (20, "3"))
    result("cmsg_type=UDP_MADE_UP, cmsg_data=[7]" in text, f"{what}: its name and payload are told", text)
    result(not findings(records), f"{what}: it is accepted, as the kernel did", records)
    text, records = read(copy, SEND_LOG % (18, "-1 EINVAL (Invalid argument)"))
    result("CT104" in findings(records) and "it takes an int" in text, f"{what}: its size is", text)


def cmsg_received(copy):
    """SOL_IP/53 is received where an option of its own, SOL_IP/54, asks for it."""
    what = RECEIVED
    one = listed(copy, "SOL_IP", "IP_MADE_UP")
    result("udp4" in one.get("received_on", []) and not one.get("sent_on"), f"{what}: --list-cmsgs has it", one)
    text = copy.run("--list-cmsgs").stdout
    result(re.search(r"IP_MADE_UP .*\n.*\n +received with: IP_RECV_MADE_UP\n", text), f"{what}: with its option",
           text[text.find("IP_MADE_UP"):][:400])
    text, records = read(copy, RECV_LOG)
    result("cmsg_type=IP_MADE_UP, cmsg_data=[7]" in text, f"{what}: its name and payload are told", text)
    told = copy.run("--read=-", text="".join(json.dumps({**r, "print": True}) + "\n" for r in records)).stdout
    result("setsockopt(3, SOL_IP, IP_RECV_MADE_UP, " in told, f"{what}: its option is told by name", told)
    result(any(r.get("opts", {}).get("IP_RECV_MADE_UP") == 1 for r in records), f"{what}: its option is a fact", records)
    result("CT401" in findings(records) and "IP_TTL 24 + IP_MADE_UP 24" in text, f"{what}: it is in the receive's sum", text)


def cmsgs(copy):
    """doc/howto-add-cmsg.md: one row each, and data in the tests."""
    udp, ip, golden = "src/cmsg/sol-udp.c", "src/cmsg/sol-ip.c", "tests/unit/cmsg-golden.h"
    test_cmsg, test_kernel = "tests/unit/test-cmsg", "tests/unit/test-kernel"
    send, recv = made_up("sol-udp.row"), made_up("sol-ip.row")
    old = {}
    for path in (udp, ip, golden):
        with open(copy.path(path), encoding="utf-8") as f:
            old[path] = f.read()
    broken(copy, old, {udp: send, ip: recv}, test_cmsg,
           (SENT + ", without data in the tests", "every_row_has_a_payload", "UDP_MADE_UP has no payload"),
           (RECEIVED + ", without data in the tests", "every_row_has_a_payload", " IP_MADE_UP has no payload"))
    copy.insert(golden, GOLDEN_END, made_up("sol-udp.golden") + made_up("sol-ip.golden"))
    copy.make("cmsgtrace", test_cmsg, test_kernel)
    for name in (test_cmsg, test_kernel):
        copy.passes(f"{SENT}, {RECEIVED}", name)
    cmsg_sent(copy)
    cmsg_received(copy)

    def without(row, pattern, instead=""):
        changed = re.sub(pattern, instead, row, flags=re.S)
        assert changed != row
        return changed

    neither, no_option = "%s is neither sent nor received", "%s is in the receive's sum without an option"
    part = r"\t\t\.%s = \{.*?\n\t\t\},\n"
    broken(copy, old, {udp: without(send, part % "send"), ip: without(recv, part % "recv")}, test_cmsg,
           (SENT + ", without .send", "every_row_is_sane", neither % "UDP_MADE_UP"),
           (RECEIVED + ", without .recv", "every_row_is_sane", neither % "IP_MADE_UP"))
    broken(copy, old, {udp: without(send, r"\t\t\t\.by = BY_UDP,\n"), ip: without(recv, r"\t*\.own = [^\n]*\n")}, test_cmsg,
           (SENT + ", without .by", "every_row_is_sane", neither % "UDP_MADE_UP"),
           (RECEIVED + ", without its option", "every_row_is_sane", no_option % "IP_MADE_UP"))
    broken(copy, old, {udp: without(send, "BY_UDP", "BY_IP"), ip: without(recv, r"\.nth = 10", ".nth = 3")}, test_kernel,
           (SENT + ", without its own parser", "what_a_row_says_of_a_send", "UDP_MADE_UP"),
           (RECEIVED + ", without a place of its own", "the_order_of_a_receive", "IP_MADE_UP"))
    for path, text in old.items():
        copy.write(path, text)


def rule(copy):
    """doc/howto-add-rule.md: CT999 counts what is sent on a socket."""
    what = "a rule with state"
    situations, before = "tests/rules/situations", {"builddir": BUILD, "CMSGTRACE": os.path.join(BUILD, "cmsgtrace")}
    expected = copy.insert("tests/rules/expected", r"\Z", "CT999: CT999 warning\n")
    copy.fails(what + ", without its file", "tests/replay/rules.py", "no expectation without a rule", "CT999", **before)
    copy.write("src/check/rules/ct999-made-up.c", made_up("ct999-made-up.c"))
    copy.make("cmsgtrace", "man/print-rules")
    copy.fails(what + ", without its recordings", "tests/replay/rules.py", "^CT999", "CT999")
    copy.fails(what + ", without its manual", "tests/unit/man-rules.sh", "the page differs")
    if copy.run("-o", os.devnull, "--", "true").returncode:
        return skip(f"{what}: its situations", "nothing can be traced here")
    copy.fails(what + ", without its situation", "tests/live/rules.py", "CT999", "CT999", **before)
    copy.insert("tests/rules/situations-rest.c", "^const struct situation ", made_up("situations.c"))
    copy.insert("tests/rules/situations-rest.c", SITUATIONS_END, '{ "CT999", ct999_bad, ct999_good }, ')
    copy.make(situations)
    record = subprocess.run([sys.executable, copy.path("tests/rules/record.py"), copy.cmsgtrace,
                             os.path.join(copy.build, situations), "CT999"], capture_output=True, text=True, check=False,
                            env=copy.environment())
    result(not record.returncode, f"{what}: its situations are recorded", record.stdout + record.stderr)
    copy.make("update-man")
    copy.passes(what, "tests/replay/rules.py", "CT999")
    copy.passes(what, "tests/unit/man-rules.sh")
    copy.passes(what, "tests/live/rules.py", "CT999")
    copy.write("tests/rules/expected", expected)
    copy.fails(what + ", not expected", "tests/replay/rules.py", "^CT999", "CT999")


def output_file(copy):
    """doc/howto-add-output.md: its row and its file.  What a new file makes the build do is done once, for the rule's too."""
    copy.insert("src/report/report.h", r"^\tLINES\(summary\)", "\tROW(words) \\\n")
    result(refused(copy, "report_words_new"), "an output, without its file: it can't be built")
    copy.write("src/report/words.c", made_up("words.c"))


def output(copy):
    """doc/howto-add-output.md: --format=words, the ids of findings."""
    what, log = "an output", ("tests/replay/data/level-mistake.strace", "replay/data/level-mistake.strace")
    copy.make("cmsgtrace")
    copy.fails(what + ", without a golden case", "tests/replay/golden.py", "the output words has a golden case")
    copy.fails(what + ", without its manual", "tests/replay/golden.py", "the output words is in the manual")
    copy.insert("tests/replay/TESTLIST", r"^level-mistake.gcc", f"level-mistake.words {log[1]} 1 --format=words\n")
    copy.insert("man/cmsgtrace.1", r"^\.BR junit ,", ".BR words ,\n")
    copy.fails(what + ", without its golden file", "tests/replay/golden.py", "level-mistake.words: its golden file")
    copy.make("update-golden", "abs_top_builddir=" + copy.build)
    copy.passes(what, "tests/replay/golden.py")
    text = copy.run("--read=" + copy.path(log[0]), "--format=words").stdout
    result(text.startswith("CT101\n"), f"{what}: it says what it is to say", text)


def refused(copy, symbol):
    """Does the build end, and name that?"""
    try:
        copy.make("cmsgtrace")
    except CantBuild as e:
        return symbol in str(e)
    return False


def main():
    rel = os.path.relpath(BUILD, SRC)
    with open(os.path.join(BUILD, "Makefile"), encoding="utf-8") as f:
        srcdir = re.search(r"^srcdir = (.*)$", f.read(), re.M).group(1)
    if rel.startswith("..") or os.path.isabs(srcdir):
        print("1..0 # SKIP built neither in the source tree nor below it by a relative path: it can't be copied")
        return 0
    if not os.path.exists(os.path.join(BUILD, "tests/unit/test-cmsg")):
        print("1..0 # SKIP built without cmocka")
        return 0
    with tempfile.TemporaryDirectory(prefix="cmsgtrace-howto-") as folder:
        copy = Copy(folder)
        for follow in (cmsgs, output_file, rule, output):
            try:
                follow(copy)
            except Exception as e:
                result(False, follow.__doc__, str(e) if isinstance(e, CantBuild) else traceback.format_exc())
    print(f"1..{count}")
    return failed != 0


sys.exit(main())
