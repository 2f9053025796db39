#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: every SARIF document validates against the 2.1.0 schema, every JUnit one against its XSD, every record
against ours: of all recordings in the tree, of runs without a finding and of interrupted ones, and with hostile
bytes wherever a tracee can put some.  Real validators do it (python3-jsonschema, xmllint, the SARIF project's);
.ci/schemas fetches the schemas.
"""
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CMSGTRACE = os.environ["CMSGTRACE"]
SRC = os.environ.get("srcdir", ".")
SITUATIONS = os.path.abspath(os.path.join(os.environ.get("builddir", "."), "tests/rules/situations"))
SCHEMAS = os.environ.get("CMSGTRACE_SCHEMAS", os.path.join(SRC, "build/schemas"))
ENV = dict(os.environ, HOME="/nonexistent", LC_ALL="C")
LIMIT = 30
# controls, the end of a CDATA section, markup, no UTF-8, U+FFFE and U+FFFF, a surrogate, C1, right-to-left
HOSTILE = b"\x01\x1b]0;t\x07]]>&<\"'\xff\xc0\x80\xed\xa0\x80\xef\xbf\xbe\xef\xbf\xbf\x7f\xc2\x85\xe2\x80\xae\t\r\nend"

count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}", flush=True)
    if not ok:
        print("# " + repr(detail)[:3000])


def skip(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


try:
    import jsonschema
except ImportError:
    skip("python3-jsonschema is not installed")
if not shutil.which("xmllint"):
    skip("xmllint is not installed (libxml2-utils)")
if not os.path.exists(os.path.join(SCHEMAS, "sarif-2.1.0.json")):
    skip("the schemas are not there: .ci/schemas fetches them")

with open(os.path.join(SCHEMAS, "sarif-2.1.0.json"), encoding="utf-8") as f:
    SARIF = jsonschema.Draft4Validator(json.load(f), format_checker=jsonschema.FormatChecker())
with open(os.path.join(SRC, "doc/events.schema.json"), encoding="utf-8") as f:
    EVENTS = jsonschema.Draft202012Validator(json.load(f))
XSD = os.path.join(SCHEMAS, "junit.xsd")
TOOL = os.path.join(SCHEMAS, "sarif-multitool")

tmp = tempfile.TemporaryDirectory()
D = tmp.name
made = 0


seen_rules = []


def without_seen(doc):
    """The rules' texts are most of a document, and the same in each: valid once, valid for ever."""
    out = dict(doc, runs=[dict(r) for r in doc["runs"]])
    for run in out["runs"]:
        rules = run.get("tool", {}).get("driver", {}).get("rules")
        if rules and rules in seen_rules[:1]:
            run["tool"] = {"driver": dict(run["tool"]["driver"], rules=rules[:1])}
    return out


class Documents:
    """The files that one run writes."""

    def __init__(self):
        global made
        made += 1
        self.sarif, self.junit, self.jsonl = (os.path.join(D, f"{made:03}.{x}") for x in ("sarif", "junit", "jsonl"))
        self.args = [f"--format=sarif:{self.sarif}", f"--format=junit:{self.junit}", f"--format=jsonl:{self.jsonl}"]

    def wrong(self, records=True):
        """The first thing that a validator says against one of them; None."""
        try:
            with open(self.sarif, encoding="utf-8") as f:
                doc = json.load(f)
            e = next(SARIF.iter_errors(without_seen(doc)), None)
            if e:
                return f"sarif: {list(e.path)}: {e.message}"[:500]
            for run in doc["runs"]:
                seen_rules.append(run["tool"]["driver"]["rules"])
            with open(self.jsonl, encoding="utf-8") as f:
                for line in f if records else ():
                    e = next(EVENTS.iter_errors(json.loads(line)), None)
                    if e:
                        return f"jsonl: {list(e.path)}: {e.message}: {line}"[:1000]
        except (OSError, ValueError) as e:
            return repr(e)
        p = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", XSD, self.junit], capture_output=True,
                           check=False, timeout=LIMIT)
        return f"junit: {p.stderr}" if p.returncode else None

    def run_of_sarif(self):
        with open(self.sarif, encoding="utf-8") as f:
            return json.load(f)["runs"][0]


def read(name, *args, want=None, records=True):
    d = Documents()
    p = subprocess.run([CMSGTRACE, *d.args, *args], env=ENV, capture_output=True, check=False, timeout=LIMIT,
                       cwd=D)
    wrong = d.wrong(records)
    if not wrong and want and not want(d.run_of_sarif()):
        wrong = "not what the document should hold"
    result(p.returncode in (0, 1) and not wrong, name, (p.returncode, p.stderr, wrong))
    return d


# Can they fail at all?
d = Documents()
for path, text in ((d.sarif, '{"version": "2.1.0", "runs": [{"results": []}]}'), (d.jsonl, "{}"), (d.junit, "<testsuites/>")):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
result("'tool' is a required property" in (d.wrong() or ""), "the validator refuses a SARIF run without its tool", d.wrong())
with open(d.sarif, "w", encoding="utf-8") as f:
    f.write('{"version": "2.1.0", "runs": []}')
with open(d.jsonl, "w", encoding="utf-8") as f:
    f.write('{"type":"end","events":"many"}\n')
result((d.wrong() or "").startswith("jsonl"), "the validator refuses a record with a wrong member", d.wrong())
open(d.jsonl, "w", encoding="utf-8").close()
with open(d.junit, "w", encoding="utf-8") as f:
    f.write('<testsuites><testsuite name="x" tests="1"><testcase/></testsuite></testsuites>')
result((d.wrong() or "").startswith("junit"), "the validator refuses a JUnit case without a name", d.wrong())
for path in (d.sarif, d.jsonl, d.junit):
    os.unlink(path)

recordings = sorted(os.path.abspath(p) for p in glob.glob(os.path.join(SRC, "tests/rules/CT*/*.jsonl")))
for path in recordings:
    read("/".join(path.split("/")[-2:]), f"--read={path}", records=False)  # all of them: below
read("all of them together", *(f"--read={p}" for p in recordings), want=lambda r: len(r["results"]) > 30)
LOG = os.path.abspath(os.path.join(SRC, "tests/replay/data/level-mistake.strace"))
read("a log of strace", f"--read={LOG}",
     want=lambda r: r["invocations"][0]["toolExecutionNotifications"])

BAD = next(p for p in recordings if p.endswith("CT101/bad.jsonl"))
GOOD = next(p for p in recordings if p.endswith("CT101/good.jsonl"))
with open(BAD, encoding="utf-8") as f:
    records = [json.loads(line) for line in f]
hostile = {"hex": HOSTILE.hex()}
for r in records:
    if r["type"] == "header":
        r["argv"] = ["cmsgtrace", hostile, HOSTILE.decode("latin-1")]
    for key in ("exe", "comm"):
        if key in r:
            r[key] = hostile
    for f in r.get("stack", []):
        f.update(module={"hex": ("/" + "x" * 3).encode().hex() + HOSTILE.hex()}, function=hostile, file=hostile, line=7)
    for i in r.get("ifnames", []):
        i["name"] = hostile
path = os.path.join(D, "hostile")
with open(path, "w", encoding="utf-8") as f:
    f.writelines(json.dumps(r) + "\n" for r in records)
d = read("hostile bytes in names, paths and arguments", f"--read={path}", want=lambda r: r["results"])
with open(d.sarif, "rb") as f:
    text = f.read()
with open(d.junit, "rb") as f:
    xml = f.read()
result(not any(c in text + xml for c in b"\x01\x1b\x07\x7f\xff") and b"]]>" not in xml, "no byte of them is raw in a document",
       xml)
with open(os.path.join(D, "supp"), "wb") as f:
    f.write(b"CT101 # reason " + HOSTILE.replace(b"\n", b"").replace(b"\r", b"") + b"\n")
read("a hostile reason of a suppression", f"--read={BAD}", f"--suppressions={D}/supp",
     want=lambda r: [x for x in r["results"] if x["suppressions"]])
subprocess.run([CMSGTRACE, f"--read={BAD}", f"--write-baseline={D}/base"], env=ENV, capture_output=True, check=False, timeout=LIMIT)
read("a baseline", f"--read={BAD}", f"--baseline={D}/base",
     want=lambda r: [x for x in r["results"] if x.get("baselineState") == "unchanged"])
with open(BAD, "rb") as f:
    whole = f.read()
with open(os.path.join(D, "cut"), "wb") as f:
    f.write(whole[:len(whole) * 9 // 10])
read("a recording that was cut", f"--read={D}/cut", want=lambda r: not r["invocations"][0]["executionSuccessful"])


def interrupt(name, sig, start, cut):
    """Once the first finding is written, sig; the documents hold it, and whether the run was cut short."""
    d = Documents()
    p = start(d)
    until = time.monotonic() + LIMIT
    while time.monotonic() < until and not (os.path.exists(d.jsonl) and b'"finding"' in open(d.jsonl, "rb").read()):
        time.sleep(0.02)
    p.send_signal(sig)
    try:
        p.wait(LIMIT)
    except subprocess.TimeoutExpired:
        p.kill()
        p.wait()
    wrong = d.wrong()
    if not wrong:
        run = d.run_of_sarif()
        if not run["results"] or run["invocations"][0]["executionSuccessful"] == cut:
            wrong = ("not the finding, or not whether it was cut", run["results"], run["invocations"])
    result(not wrong and p.returncode == -sig, f"{name}, {signal.Signals(sig).name}", (p.returncode, wrong))
    os.unlink(d.jsonl)


def wrapped(d):
    return subprocess.Popen([CMSGTRACE, "-o", "/dev/null", *d.args, "--", "sh", "-c", f"{SITUATIONS} CT101 bad; exec sleep 60"],
                            env=ENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def replayed(d):
    """Reads a pipe that nobody closes; more than a batch is in it, so that the finding is written."""
    fifo = d.sarif + ".fifo"
    os.mkfifo(fifo)
    p = subprocess.Popen([CMSGTRACE, f"--read={fifo}", *d.args], env=ENV, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    replayed.fd = os.open(fifo, os.O_WRONLY)
    lines = whole.splitlines(keepends=True)
    os.write(replayed.fd, b"".join(lines[:-1]))
    calls = [l for l in lines if b'"type":"call"' in l]
    for _ in range(64 * 1024 // sum(map(len, calls)) + 1):
        os.write(replayed.fd, b"".join(calls))
    return p


live = not subprocess.run([CMSGTRACE, "-o", "/dev/null", "true"], env=ENV, capture_output=True, check=False,
                          timeout=LIMIT).returncode
for sig in (signal.SIGINT, signal.SIGTERM):
    if live and os.path.exists(SITUATIONS):
        interrupt("a wrapped command", sig, wrapped, False)  # it ended by the signal, and was seen to
    interrupt("a replay", sig, replayed, True)
    os.close(replayed.fd)
if live:
    d = read("a run without a finding", "-o", "/dev/null", "--", "true", want=lambda r: not r["results"])
    d = Documents()
    ours, theirs = os.pipe()
    os.close(ours)
    p = subprocess.run([CMSGTRACE, "--format=sarif", *d.args, "--", SITUATIONS, "CT101", "bad"], env=ENV, check=False,
                       stdout=theirs, stderr=subprocess.DEVNULL, timeout=LIMIT)
    result(not d.wrong() and d.run_of_sarif()["results"], "a wrapped command, SIGPIPE at another output", (p.returncode, d.wrong()))
    p = subprocess.run([CMSGTRACE, *d.args, f"--read={BAD}"], env=ENV, check=False, stdout=theirs, stderr=subprocess.DEVNULL,
                       timeout=LIMIT)
    result(p.returncode == 1 and not d.wrong() and d.run_of_sarif()["results"], "a replay, SIGPIPE at another output",
           (p.returncode, d.wrong()))
    os.close(theirs)
else:
    print("# what is live was left out: tracing is not permitted here")

documents = sorted(glob.glob(os.path.join(D, "*.sarif")))
if os.path.exists(TOOL):
    with open(os.path.join(D, "no-tool.sarif"), "w", encoding="utf-8") as f:
        f.write('{"version": "2.1.0", "runs": [{"results": []}]}')
    says = {}
    for name, files in (("all", documents), ("bad", [f"{D}/no-tool.sarif"])):
        p = subprocess.run([TOOL, "validate", *files, "--level", "Error", "--output", f"{D}/{name}.report"],
                           env=dict(ENV, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT="1", HOME=D), capture_output=True, text=True, check=False,
                           timeout=300)
        says[name] = [l for l in p.stdout.splitlines() if ": error" in l]
        if name == "all":
            result(f"{len(documents)} files scanned" in p.stdout and not says[name],
                   f"the SARIF project's own validator finds no error in {len(documents)} documents", (p.stdout[-1500:], p.stderr[-500:]))
    result(says["bad"], "and one where there is one", says["bad"])
else:
    print("# the SARIF project's own validator is not there")
tmp.cleanup()
print(f"1..{count}")
sys.exit(failed != 0)
