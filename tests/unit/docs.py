#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: what documents and comments point to is there: links, files, the sections of doc/kernel.md, the folders of src."""
import glob
import os
import re
import sys

TOP = os.environ.get("srcdir", ".")
DOCS = sorted(glob.glob(os.path.join(TOP, "doc/*.md"))) + [os.path.join(TOP, d) for d in ("README.md", "CONTRIBUTING.md")]
CITED = re.compile(r"doc/kernel\.md ((?:\d+(?:\.\d+)*(?:, )?)+)")
NAMED = re.compile(r'"(\d\.\d+) [A-Za-z]')  # names of tests: "1.4 IP_PKTINFO sets the source"
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
# `src/check/rules/ctNNN-name.c` is a pattern: words in capitals stand for a name
PATH = re.compile(r"`((?:src|tests|doc|bench|man|completions)/[a-zA-Z0-9_./-]*)`")
PATTERN = re.compile(r"NNN|NAME|LEVEL")

count = failed = 0


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def result(bad, name):
    """bad: what is wrong, a line each."""
    global count, failed
    count += 1
    failed += bool(bad)
    print(f"{'not ok' if bad else 'ok'} {count} - {name}")
    for line in bad:
        print("#", line)


def there(path):
    """In the source tree; programs and libraries are where they are built."""
    return any(os.path.exists(os.path.join(top, path)) for top in (TOP, os.environ.get("builddir", TOP)))


sections = set(re.findall(r"^#+ (\d+(?:\.\d+)?)\.? ", read(os.path.join(TOP, "doc/kernel.md")), re.M))
sections |= {f"4.{n}" for n in re.findall(r"^(\d+)\. ", read(os.path.join(TOP, "doc/kernel.md")), re.M)}
cites, bad = 0, []
for where in ("src", "tests"):
    for path in glob.glob(os.path.join(TOP, where, "**", "*.[ch]"), recursive=True):
        text = read(path)
        found = [n for m in CITED.findall(text) for n in m.strip(", ").split(", ")]
        if "tests/kernel" in path:
            found += NAMED.findall(text) + re.findall(r"\((4\.\d+)\)", text)
        cites += len(found)
        bad += [f"{path}: {n}" for n in found if n not in sections]
result(bad + (["nothing cites it"] if cites < 50 else []), "doc/kernel.md has the sections that comments and tests name")

links, bad = 0, []
for doc in DOCS:
    for target in LINK.findall(read(doc)):
        links += 1
        if not os.path.exists(os.path.join(os.path.dirname(doc), target)):
            bad.append(f"{doc}: {target}")
result(bad + (["no link was found"] if not links else []), "links lead to a file")

paths, bad = 0, []
for doc in DOCS:
    for path in PATH.findall(read(doc)):
        paths += 1
        if not PATTERN.search(path) and not there(path):
            bad.append(f"{doc}: {path}")
result(bad + (["no path was found"] if not paths else []), "files that documents name are there")
rows = set(re.findall(r"^\| `src/([a-z]+)` \|", read(os.path.join(TOP, "doc/architecture.md")), re.M))
folders = {os.path.basename(os.path.dirname(p)) for p in glob.glob(os.path.join(TOP, "src/*/*.[ch]"))}
result(sorted(rows ^ folders), "doc/architecture.md has a row for each folder of src and for no other")
print(f"1..{count}")
sys.exit(failed != 0)
