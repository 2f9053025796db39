#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: no two folders of src need each other, and files do only where tests/unit/exceptions says why; ptrace() is called in
src/ptrace alone; the kernel's numbers stand in src/uapi and the rows alone.

src/sock is four parts, each of which needs only those before it.  A module is a .c file with its header.  An include counts from a module to another; main and what lies beside it is a folder
too, "src".
"""
import os
import re
import sys

SRC = os.path.join(os.environ.get("srcdir", "."), "src")
EXCEPTIONS = os.path.join(os.environ.get("srcdir", "."), "tests/unit/exceptions")
INCLUDE = re.compile(r'^#\s*include\s+"([^"]+)"')

count = failed = 0


def result(bad, name):
    """bad: what is wrong, a line each."""
    global count, failed
    count += 1
    failed += bool(bad)
    print(f"{'not ok' if bad else 'ok'} {count} - {name}")
    for line in bad:
        print("#", line)


def sources():
    for where, _, files in os.walk(SRC):
        for name in files:
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(where, name), SRC)


def lines(path):
    with open(os.path.join(SRC, path), encoding="utf-8") as f:
        return f.read().splitlines()


def folder(path):
    return path.split("/")[0] if "/" in path else "src"


def module(path):
    return path[:-2]


def edges(files):
    """[(includer, "line", included), ...] for the includes that lead to another file of src."""
    for path in files:
        for number, line in enumerate(lines(path), 1):
            if found := INCLUDE.match(line):
                for base in (os.path.dirname(path), ""):
                    target = os.path.normpath(os.path.join(base, found.group(1)))
                    if target in files:
                        yield path, f"{path}:{number}: {line}", target
                        break


def graph(found, name):
    """{from: {to: a line that needs it}}"""
    out = {}
    for path, line, target in found:
        if name(path) != name(target):
            out.setdefault(name(path), {}).setdefault(name(target), line)
    return out


def way(edge, start, goal):
    """The shortest way from start to goal, as a list of nodes, or None."""
    seen, ways = {start}, [[start]]
    for w in ways:
        for to in sorted(edge.get(w[-1], ())):
            if to == goal:
                return w + [to]
            if to not in seen:
                seen.add(to)
                ways.append(w + [to])
    return None


def circles(edge):
    """The shortest circle through each node that has one, each once."""
    found = {}
    for node in sorted(edge):
        if circle := way(edge, node, node):
            found.setdefault(frozenset(circle), circle)
    return list(found.values())


def told(edge, circle):
    for a, b in zip(circle, circle[1:]):
        yield f"{a} needs {b}: {edge[a][b]}"


# of src/sock, the lowest first; priv.h is what the files behind facts.h share
PARTS = {"namespaces": "enter mnl-static nl netns addrs qdisc", "routes": "route",
         "facts": "sockread facts priv proc sockdiag ask", "packets": "pcapng tap wire"}


def part(path):
    """Number of the part of src/sock that a file belongs to; None: of none."""
    name = os.path.basename(path).rsplit(".", 1)[0]
    return next((i for i, names in enumerate(PARTS.values()) if name in names.split()), None)


def parts_in_order(found):
    inside = [(p, line, t) for p, line, t in found if folder(p) == "sock" == folder(t)]
    result(sorted(f"{p}: belongs to no part" for p in files if folder(p) == "sock" and part(p) is None)
           + [f"{list(PARTS)[part(p)]} need {list(PARTS)[part(t)]}: {line}" for p, line, t in inside
              if part(p) is not None and part(t) is not None and part(p) < part(t)],
           "no part of src/sock needs one above it")


CODE = re.compile(r'"(?:\\.|[^"\\])*"' r"|'(?:\\.|[^'\\])*'|/\*.*?\*/|//[^\n]*", re.S)
# a constant named like one of src/uapi/uapi.h or of the kernel's headers; a member; a comparison; a pair in a table
NUMBER = r"(?:0x[0-9a-fA-F]+|[1-9][0-9]*)\b"
NUMBERS = re.compile(rf"\b(?:L|T|O|F|SOL|SCM|MSG|LEVEL)_(?!MAX_)[A-Z0-9_]+\s*=\s*{NUMBER}"
                     rf"|^\s*#\s*define\s+(?:SOL|SCM|SO|IP|IPV6|UDP|TCP|MSG)_\w+\s+\(?{NUMBER}"
                     rf"|(?:\.|->|\b)(?:cmsg_)?(?:level|type)\s*[!=]?=\s*{NUMBER}"
                     rf"|\bL_[A-Z0-9]+,\s*{NUMBER}", re.M)
PTRACE = re.compile(r"\bptrace\s*\(")


def code(path):
    """A file without comments and strings, its lines where they were."""
    with open(os.path.join(SRC, path), encoding="utf-8") as f:
        return CODE.sub(lambda m: "\n" * m.group().count("\n") if m.group()[0] == "/" else '""', f.read())


def uses(pattern, files):
    """{file: ["file:line: text", ...]}"""
    out = {}
    for path in files:
        text = code(path)
        whole = lines(path)
        for m in pattern.finditer(text):
            number = text.count("\n", 0, m.end()) + 1
            out.setdefault(path, []).append(f"{path}:{number}: {whole[number - 1].strip()}")
    return out


def allowed():
    """tests/unit/exceptions: {kind: {(word, ...): reason}}"""
    out = {"circle": {}, "ptrace": {}, "number": {}}
    with open(EXCEPTIONS, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                words, _, reason = line.partition(":")
                kind, *words = words.split()
                out[kind][tuple(words)] = reason.strip()
    return out


def no_circles(edge, listed, what):
    """edge: graph(); listed: the pairs that may close one."""
    stale = [f"{a} {b}: no circle is closed by it: take it out" for a, b in listed
             if b not in edge.get(a, {}) or not (edge.get(b) and (a in edge[b] or way(edge, b, a)))]
    rest = {a: {b: line for b, line in to.items() if (a, b) not in listed} for a, to in edge.items()}
    result([line for c in circles(rest) for line in told(rest, c)], f"no two {what} need each other")
    result(stale, f"each listed circle of {what} is there")


def only_in(pattern, files, listed, what):
    found = uses(pattern, files)
    result([line for path in sorted(found) if (path,) not in listed for line in found[path]], what)
    result([f"{path}: nothing like it is there: take it out" for path, in listed if path not in found],
           f"{what}: each exception is there")


files = set(sources())
found = list(edges(files))
exceptions = allowed()
pairs = exceptions["circle"]
result(["there are none"] if len(files) < 100 or len(found) < len(files) else [], "the sources and their includes are found")
result([" ".join(words) for kind in exceptions.values() for words, reason in kind.items() if not reason],
       "each exception has its reason")
seen = [len(circles({"a": {"b": "", "c": ""}, "b": {"c": ""}, "c": back})) for back in ({}, {"a": ""}, {"d": ""})]
seen += [bool(NUMBERS.search(t)) for t in ("{ L_IP, 8 }", ".type = 103,", "enum { T_X = 0x2 }", "{ L_IP, T_X }", ".type = T_X")]
result([str(seen)] if seen != [0, 2, 0, True, True, True, False, False] else [], "circles and numbers are seen where they are made")
no_circles(graph(found, folder), {(a[:-1], b[:-1]) for a, b in pairs if a[-1] == "/"}, "folders")
no_circles(graph(found, module), {(a, b) for a, b in pairs if a[-1] != "/"}, "files")
parts_in_order(found)
only_in(PTRACE, [f for f in files if folder(f) != "ptrace"], exceptions["ptrace"], "ptrace() is called in src/ptrace alone")
# a control message's row is its type's place, that of a socket option its number's
only_in(NUMBERS, [f for f in files if folder(f) not in ("uapi", "cmsg") and f != "event/sock-options.h"], exceptions["number"],
        "levels and types are numbers in src/uapi and the rows alone")
print(f"1..{count}")
sys.exit(failed != 0)
