# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: each line of tests/replay/TESTLIST gives its golden file, every output has such a line, and no golden
file is left without one.  `make update-golden` writes the golden files anew.
"""
import json
import os
import re
import shlex
import subprocess
import sys

CMSGTRACE = os.environ["CMSGTRACE"]
TESTS = os.path.join(os.environ.get("srcdir", "."), "tests")
LIST = os.path.join(TESTS, "replay/TESTLIST")
GOLDEN = os.path.join(TESTS, "replay/golden")
UPDATE = os.environ.get("UPDATE_GOLDEN")
ENV = {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent", "LC_ALL": "C", "TZ": "UTC"}

count = failed = 0


def result(ok, name, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}")
    if not ok:
        print("# " + str(detail).replace("\n", "\n# ")[:3000])


def cases():
    with open(LIST, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                line, _, only = line.rstrip("\n").partition(" | ")
                name, path, status, *options = shlex.split(line)
                yield name, path, int(status), options, only


def stable(text, options):
    """Without what no two runs or releases share: times, versions, arguments, the rules' texts in SARIF."""
    if "--format=sarif" in options:
        doc = json.loads(text)
        one = doc["runs"][0]
        del one["tool"]["driver"]["rules"], one["tool"]["driver"]["version"], one["invocations"]
        for r in one["results"]:
            r.pop("ruleIndex")
        return json.dumps(doc, indent=1) + "\n"
    text = re.sub(r' timestamp="[^"]*"', "", text)
    return re.sub(r'^\{"type":"header".*\n', "", text)


def check(name, path, status, options, only):
    run = subprocess.run([CMSGTRACE, "--read=" + os.path.basename(path), *options], capture_output=True, timeout=60,
                         cwd=os.path.dirname(os.path.join(TESTS, path)),
                         check=False, env=ENV, text=True)
    text = stable(run.stdout, options)
    if only:
        text = "".join(line for line in text.splitlines(True) if re.search(only, line))
    golden = os.path.join(GOLDEN, name)
    if UPDATE:
        with open(golden, "w", encoding="utf-8") as f:
            f.write(text)
    if not os.path.exists(golden):
        return result(False, f"{name}: its golden file", "there is none: make update-golden")
    with open(golden, encoding="utf-8") as f:
        want = f.read()
    result(text == want and run.returncode == status and text, f"{name} is as the golden file",
           f"status {run.returncode}\n{text}{run.stderr}")


def outputs():
    said = subprocess.run([CMSGTRACE, "--format=none-such", "--read=" + os.devnull], capture_output=True, timeout=60,
                          check=False, env=ENV, text=True).stderr
    return re.search(r"\((.*)\)", said).group(1).split(", ")


listed = list(cases())
for case in listed:
    check(*case)
names = [case[0] for case in listed]
result(len(set(names)) == len(names), "each golden file belongs to one case", names)
with open(os.path.join(TESTS, "../man/cmsgtrace.1"), encoding="utf-8") as man:
    manual = man.read()
shown = {option.partition("=")[2] for case in listed for option in case[3] if option.startswith("--format=")} | {"text"}
for output in outputs():
    result(output in shown, f"the output {output} has a golden case", "add a line to tests/replay/TESTLIST")
    result(f"\n.BR {output} " in manual or f"\n.B {output}\n" in manual, f"the output {output} is in the manual",
           "name it in man/cmsgtrace.1")
stray = sorted(set(os.listdir(GOLDEN)) - set(names))
result(not stray, "no golden file is without its case", stray)
print(f"1..{count}")
sys.exit(failed != 0)
