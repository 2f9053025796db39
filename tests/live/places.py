#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: a finding's place is the program's own function and line, in every language and however the program was built, wrapped
and attached.  One program each, of tests/live/places, makes one mistake on the line that says HERE."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import CMSGTRACE, Skip, Tap, Traced, need, tracer_of, wait_for  # noqa: E402

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "places")
FOLDER = tempfile.mkdtemp(prefix="cmsgtrace-places-")
VERSION = subprocess.run([CMSGTRACE, "--version"], check=True, capture_output=True, text=True).stdout


def source(name):
    return os.path.join(SOURCES, name)


def run(*args, **more):
    done = subprocess.run(args, check=False, capture_output=True, text=True, timeout=300, **more)
    if done.returncode:
        raise Skip(f"{os.path.basename(args[0])} can't build it: {(done.stderr.strip() or '?').splitlines()[-1]}")
    return done.stdout


def compiled(compiler, name, flags):
    """Builds places/NAME in a folder of its own, once."""
    program = os.path.join(FOLDER, re.sub(r"\W+", "_", " ".join([compiler, name, *flags])), "prog")
    if not os.path.exists(program):
        os.makedirs(os.path.dirname(program))
        run(need(compiler), *flags, "-o", program, source(name))
    return program


def c(*flags):
    return [compiled("gcc", "place.c", ["-g", *flags])]


def cxx(*flags):
    return [compiled("g++", "place.cc", ["-g", *flags])]


def rust(*flags):
    return [compiled("rustc", "place.rs", ["-g", *flags])]


def no_demangling():
    if "libiberty" not in VERSION:
        raise Skip("built without libiberty")


REPLY = r"(long )?demo::Server<int, 7>::reply\(.*msghdr\*\) const( \[clone .*\])?"
RUST_REPLY = r"<std::net::udp::UdpSocket as \w+::Reply>::reply|<std::net::UdpSocket as .*>::reply"

# name, (maker, its arguments), the function, a pattern; what the line says in which source (None: not told)
PLACES = [
    ("C -O0", (c, "-O0"), "user_code", ("place.c", "HERE")),
    ("C -O2", (c, "-O2"), "user_code", ("place.c", "HERE")),
    ("C -O2 -fomit-frame-pointer", (c, "-O2", "-fomit-frame-pointer"), "user_code", ("place.c", "HERE")),
    ("C++, a template, in a handler", (cxx, "-O0"), REPLY, ("place.cc", "HERE")),
    ("C++ -O2", (cxx, "-O2"), REPLY, ("place.cc", "HERE")),
    ("Rust", (rust,), RUST_REPLY, ("place.rs", "HERE")),
    ("Rust -O, v0 names", (rust, "-O", "-Csymbol-mangling-version=v0"), RUST_REPLY, ("place.rs", "HERE")),
]
NEEDS = {cxx: no_demangling, rust: no_demangling}


def line_of(where):
    name, mark = where
    with open(source(name), encoding="utf-8") as f:
        return [n for n, line in enumerate(f, 1) if re.search(rf"(/\*|//|#) {mark}\b", line)][0]


def wrapped(argv):
    with Traced(["-kk", "--", *argv]) as t:
        return t.finish()


def attached(argv):
    with subprocess.Popen([*argv, "wait"], stdin=subprocess.PIPE) as program:
        try:
            with Traced(["-kk", "-p", str(program.pid)]) as t:
                wait_for("the tracer", lambda: tracer_of(program.pid) == t.pid)
                program.stdin.write(b"\n")
                program.stdin.close()
                return t.finish()
        finally:
            program.kill()


def test_place(name, how, made, function, where):
    maker, *flags = made
    NEEDS.get(maker, lambda: None)()
    result = how(maker(*flags))
    findings = [f for f in result.findings() if f["rule"] == "CT111"]
    assert len(findings) == 1, result.text
    place = findings[0].get("place", {})
    assert re.fullmatch(function, place.get("function", "")), (place, result.text)
    line = place.get("file") and (os.path.basename(place["file"]), place["line"])
    assert line == (where and (where[0], line_of(where))), (place, result.text)


class Places(Tap):
    """A row's data is no part of its test's name."""

    def row(self, name, how, *rest):
        def test():
            test_place(name, how, *rest)
        test.__name__ = f"{name}, {how.__name__}"
        self.run(test)


tap = Places()
try:
    for row in PLACES:
        if len(sys.argv) > 1 and not any(word in row[0] for word in sys.argv[1:]):
            continue
        for how_ in (wrapped, attached):
            tap.row(row[0], how_, *row[1:])
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(tap.done())
