# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: the outputs of a known log are well-formed and add up; suppressions and baselines do what they promise."""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pages  # noqa: E402

CMSGTRACE = os.environ["CMSGTRACE"]
SRC = os.environ.get("srcdir", ".")
LOG = os.path.join(SRC, "tests/replay/data/level-mistake.strace")
ENV = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "LC_ALL": "C"}

count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        print("# " + str(detail).replace("\n", "\n# ")[:3000])


def run(*args, cwd=None):
    return subprocess.run([CMSGTRACE, "-e", "check=CT1,CT2", *args], capture_output=True, timeout=60, check=False, env=ENV, cwd=cwd,
                          text=True)


abslog = os.path.abspath(LOG)
for fmt in ("text", "gcc", "github", "junit"):
    p = run(f"--read={abslog}", f"--format={fmt}")
    result(p.returncode == 1, f"{fmt}: the format does not change the exit status", p.returncode)

# an error and a warning
for level, tags in (("error", ["failure", "system-out"]), ("warning", ["failure"] * 2), ("never", ["system-out"] * 2)):
    p = run(f"--read={abslog}", f"--fail-on={level}", "--format=junit")
    suite = ET.fromstring(p.stdout)[0]
    result([case[0].tag for case in suite] == tags and suite.get("failures") == str(tags.count("failure")) and
           (p.returncode == 1) == ("failure" in tags), f"junit: what counts by --fail-on={level} fails, the rest passes", p.stdout)
p = run(f"--read={abslog}", "-e", "check=CT110,CT902", "--format=junit")
suite = ET.fromstring(p.stdout)[0]
result([suite.get(x) for x in ("tests", "failures", "skipped")] == ["1", "0", "1"] and suite[0][0].tag == "skipped" and
       "CT110 [control-misaligned] could not be checked" in suite[0][0].text,
       "junit: a rule that could not run is a skipped case", p.stdout)

# the table of sockets: bound and not, dual stack, answered from another socket, of unknown address, two of one
sockets = os.path.abspath(os.path.join(SRC, "tests/replay/data/sockets.strace"))
p = run(f"--read={sockets}", "--format=summary")
result(run(f"--read={sockets}", "-c").stdout == p.stdout, "-c and --format=summary print the same", p.stdout)
p = run(f"--read={sockets}", "--format=jsonl")
sums = [json.loads(line) for line in p.stdout.splitlines() if line.startswith('{"type":"summary"')]
calls = [json.loads(line) for line in p.stdout.splitlines() if line.startswith('{"type":"call"')]
inet = [c for c in calls if c.get("result", -1) > 0 and c.get("sock", {}).get("kind", "")[:3] == "udp" and c["tid"] != 105]
result(sum(s["requests"] for s in sums) == len([c for c in inet if c["call"].startswith("recv")]) and
       sum(s["replies"] for s in sums) == len([c for c in inet if c["call"].startswith("send")]),
       "every request and reply of a server is counted once", sums)
result(all(sum(a["count"] for a in s[k]) + s.get(k + "_others", 0) + s.get(k + "_unknown", 0) == s[n]
           for s in sums for k, n in (("asked_at", "requests"), ("answered_from", "replies"))) and
       all(sum(s["source_by"].values()) == s["replies"] for s in sums), "addresses and sources add up", sums)

p = run(f"--read={abslog}", "--format=sarif")
sarif = json.loads(p.stdout)["runs"][0]
rules = sarif["tool"]["driver"]["rules"]
found = sarif["results"][0]
result(rules[found["ruleIndex"]]["id"] == found["ruleId"] == "CT101", "sarif: ruleIndex points to the rule")
result(all(r["help"]["markdown"] and r["defaultConfiguration"]["level"] for r in rules),
       "sarif: every rule has its help and level")
result(found["locations"][0]["logicalLocations"][0]["name"] == "sendmsg" and
       found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith(os.path.basename(abslog)),
       "sarif: without source lines, the log, program and call")
results = json.loads(run(f"--read={abslog}", "-e", "check=all", "--format=sarif").stdout)["runs"][0]["results"]
result("CT902" in [r["ruleId"] for r in results] and all("physicalLocation" in place for r in results for place in r["locations"]),
       "sarif: each result has a file, for hosts that want one", results)

with tempfile.TemporaryDirectory() as d:
    def write(name, text):
        with open(os.path.join(d, name), "w", encoding="utf-8") as f:
            f.write(text)
        return os.path.join(d, name)

    p = run(f"--read={abslog}", "--gen-suppressions", cwd=d)
    lines = [l for l in (p.stdout + p.stderr).splitlines() if l.startswith("CT101 ")]
    result(len(lines) == 1 and " sock=udp6" in lines[0], "--gen-suppressions prints a ready line", p.stdout + p.stderr)
    out = os.path.join(d, "out.supp")
    run(f"--read={abslog}", "--check=all", f"--gen-suppressions={out}", cwd=d)
    with open(out, encoding="utf-8") as f:
        written = [l.split("   # ")[0] for l in f]
    result(len(written) == 3 == len(set(written)), "each line is there once", written)
    p = run(f"--read={abslog}", "--check=all", f"--suppressions={out}", "--fail-on=note", cwd=d)
    result(p.returncode == 0 and "matched nothing" not in p.stderr, "the lines match all findings, and each one some",
           p.stdout + p.stderr)
    supp = write("s.supp", (lines or ["CT101 # x"])[0] + "\nCT201 fun=never   # of another time\n")
    p = run(f"--read={abslog}", f"--suppressions={supp}", cwd=d)
    result(p.returncode == 0, "a suppressed finding does not fail", p.stdout + p.stderr)
    result("s.supp:2" in p.stdout + p.stderr, "an entry that matched nothing is told", p.stdout + p.stderr)
    for glob, matched in (("udp", True), ("udp?", True), ("tcp", False), ("ud", False), ("udp4", False)):
        p = run(f"--read={abslog}", f"--suppressions={write('sock.supp', f'CT101 sock={glob} # x')}", cwd=d)
        result(p.returncode == 1 - matched, f"a suppression sock={glob} {'matches' if matched else 'is not'} udp6", p.stderr)
    p = run(f"--read={abslog}", f"--suppressions={supp}", "--format=sarif", cwd=d)
    res = json.loads(p.stdout)["runs"][0]["results"]
    result([(r["ruleId"], [s["kind"] for s in r.get("suppressions", [])]) for r in res] == [("CT101", ["external"]), ("CT201", [])],
           "sarif: a suppressed finding stays, marked", res)
    p = run(f"--read={abslog}", f"--suppressions={supp}", "--format=junit", cwd=d)
    result(ET.fromstring(p.stdout)[0][0][0].tag == "skipped", "junit: a suppressed finding is a skipped case")
    write(".cmsgtrace.supp", "cmsg-ignored comm=*  sock=udp* # by name, but the name of the task is not known\n"
          "cmsg-ignored sock=udp?   # a reason\n")
    p = run(f"--read={abslog}", cwd=d)
    result(p.returncode == 0, "./.cmsgtrace.supp is read; a key whose fact is unknown does not match", p.stderr)
    result("accepted is in .cmsgtrace.supp" in run(f"--read={abslog}", "--format=summary", cwd=d).stdout,
           "the summary names the file")
    here = os.path.join(d, ".cmsgtrace.supp")
    for mode in (0o666, 0o664, 0o602):
        os.chmod(here, mode)
        p = run(f"--read={abslog}", cwd=d)
        result(p.returncode == 1 and "not used: others can write it" in p.stderr,
               f"./.cmsgtrace.supp that others can write ({mode:o}) is not used", p.stderr)
    p = run(f"--read={abslog}", "--suppressions=.cmsgtrace.supp", cwd=d)
    result(p.returncode == 0, "but where it is named", p.stderr)
    os.unlink(here)
    for what, make in (("FIFO", os.mkfifo), ("directory", os.mkdir),
                       ("link to a device", lambda name: os.symlink("/dev/zero", name))):
        make(here)
        p = run(f"--read={abslog}", cwd=d)
        result(p.returncode == 1 and "no regular file" in p.stderr, f"./.cmsgtrace.supp, a {what}, is not opened",
               p.stderr)
        (os.rmdir if what == "directory" else os.unlink)(here)
    for bad, why in (("CT101 sock=udp6\n", "no reason"), ("CT101 sock=udp6 #\n", "no reason"),
                     ("CT999 # x\n", "is no rule"), ("CT101 colour=red # x\n", "is none of fun, obj, sock, comm, fingerprint"),
                     ("CT101 sock # x\n", "is no KEY=GLOB"), ("CT101 sock=a sock=b # x\n", "there twice")):
        p = run(f"--read={abslog}", f"--suppressions={write('bad.supp', bad)}", cwd=d)
        result("bad.supp:1: error: " in p.stderr and why in p.stderr and p.returncode != 1,
               f"told: {bad.strip()!r}: {why}", f"{p.returncode} {p.stderr}")

    # every name and payload hostile
    rules = sorted(r for r in os.listdir(pages.RULES) if r.startswith("CT"))
    for fmt in "text", "summary", "gcc", "github", "junit", "sarif", "jsonl":
        bad = {}
        for r in rules:
            out = subprocess.run([CMSGTRACE, "--read=" + pages.write(os.path.join(d, r), pages.hostile(r)), "--format=" + fmt], timeout=60,
                                 capture_output=True, check=False, env=ENV).stdout.decode("utf-8")  # or it isn't
            if found := re.findall("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", out):
                bad[r] = found[:3]
        result(not bad, f"{fmt}: hostile names and payloads, no control characters", bad)

    many = pages.write(os.path.join(d, "many"), pages.many(33000, 16500))
    p = run(f"--read={many}", "--format=summary", "-e", "check=CT101")
    result("\n |  116 findings at places beyond the first 16384: counted, but not told apart" in p.stdout, "places beyond the bound are counted",
           p.stdout[-600:])

    base = os.path.join(d, "base.json")
    p = run(f"--read={abslog}", f"--write-baseline={base}", cwd=d)
    doc = json.load(open(base, encoding="utf-8"))
    result(sorted(f["rule"] for f in doc["findings"]) == ["CT101", "CT201"], "a baseline holds the findings", doc)
    p = run(f"--read={abslog}", f"--baseline={base}", cwd=d)
    result(p.returncode == 0, "known findings don't fail", p.stdout + p.stderr)
    doc["findings"][0]["fingerprint"] = "0" * 16
    other = write("other.json", json.dumps(doc))
    p = run(f"--read={abslog}", f"--baseline={other}", cwd=d)
    result(p.returncode == 1, "a new finding fails", p.returncode)
    result("0" * 16 in p.stdout + p.stderr, "a vanished one is told", p.stdout + p.stderr)
    p = run(f"--read={abslog}", f"--baseline={write('no.json', '{')}", cwd=d)
    result(p.returncode not in (0, 1) and "not JSON" in p.stderr, "a broken baseline is refused", p.stderr)
    doc["version"] = "1.0"
    p = run(f"--read={abslog}", f"--baseline={write('old.json', json.dumps(doc))}", cwd=d)
    result(p.returncode not in (0, 1) and "another version" in p.stderr, "a baseline of other fingerprints is refused", p.stderr)

print(f"1..{count}")
sys.exit(failed != 0)
