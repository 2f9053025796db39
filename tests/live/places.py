#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: a finding's place is the program's own function and line, in every language and however the program was built, wrapped
and attached.  One program each, of tests/live/places, makes one mistake on the line that says HERE."""
import glob
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import CMSGTRACE, Skip, Tap, Traced, need, no_program32, wait_for  # noqa: E402

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
        os.makedirs(os.path.dirname(program), exist_ok=True)
        run(need(compiler), *flags, "-o", program, source(name))
    return program


def c(*flags):
    return [compiled("gcc", "place.c", ["-g", *flags])]


def loaded(*flags):
    """The function is in a library that the program loads."""
    library = compiled("gcc", "place.c", ["-g", "-shared", "-fPIC", "-DPLACE_LIBRARY", *flags])
    return c(f'-DPLACE_LOADS="{library}"')


def fresh(program, *path):
    """A copy of it in a folder of its own."""
    folder = tempfile.mkdtemp(dir=FOLDER)
    os.makedirs(os.path.join(folder, *path[:-1]), exist_ok=True)
    return shutil.copy(program, os.path.join(folder, *path))


def stripped(where):
    """Its debug information is in a file of its own: beside it, in .debug, or by build id or link below /usr/lib/debug of its root."""
    flags = ["-static"] if where.startswith("/") else []
    program = fresh(c("-O2", "-Wl,--build-id=" + ("none" if "link" in where else "sha1"), *flags)[0], "prog")
    folder = os.path.dirname(program)
    debug = os.path.join(folder, "prog.debug")
    run(need("objcopy"), "--only-keep-debug", program, debug)
    if "link" in where:
        run("objcopy", "--strip-all", f"--add-gnu-debuglink={debug}", program)
    else:
        run("objcopy", "--strip-all", program)
    if where == "link":
        return [program]
    if where.startswith("/"):
        if os.geteuid():
            raise Skip("needs root (chroot)")
        to = os.path.join(folder, "usr/lib/debug")
        if "id" in where:
            found = re.search(r"Build ID: (..)(\w+)", run(need("readelf"), "-n", program))
            to = os.path.join(to, ".build-id", found[1])
        os.makedirs(to)
        os.rename(debug, os.path.join(to, found[2] + ".debug" if "id" in where else "prog.debug"))
        return ["chroot", folder, "/prog"]
    os.mkdir(os.path.join(folder, ".debug"))
    os.rename(debug, os.path.join(folder, ".debug", "prog.debug"))
    return [program]


def made(*env):
    """It makes code in its memory, as a JIT compiler does, and says its name as such do."""
    if platform.machine() != "x86_64":
        raise Skip("the code is for x86-64")
    return ["env", *env, *c("-O2", "-fno-omit-frame-pointer", "-DPLACE_JIT")]


def made_by_another():
    if os.geteuid():
        raise Skip("needs root (chown)")
    return made("PLACE_NAME=another's", "PLACE_OWNER=1")


def dumped():
    return made(f"PLACE_FOLDER={tempfile.mkdtemp(dir=FOLDER)}")


def in_chroot():
    if os.geteuid():
        raise Skip("needs root (chroot)")
    program = fresh(c("-O2", "-static")[0], "prog")
    return ["chroot", os.path.dirname(program), "/prog"]


def mini():
    """MiniDebugInfo: the symbols as a packed section."""
    if "liblzma" not in VERSION:
        raise Skip("built without liblzma")
    program = fresh(c("-O2")[0], "prog")
    symbols = program + ".mini"
    run(need("objcopy"), "--strip-debug", program, symbols)
    run("objcopy", "--strip-all", program)
    run(need("xz"), "-f", symbols)
    run("objcopy", "--add-section", f".gnu_debugdata={symbols}.xz", program)
    return [program]


def deleted():
    return ["env", "PLACE_DELETED=1", fresh(c("-O2")[0], "prog")]


def replaced():
    program = fresh(c("-O2")[0], "prog")
    other = shutil.copy(shutil.which("true"), program + ".new")
    return ["env", f"PLACE_REPLACED_BY={other}", program]


def cxx(*flags):
    return [compiled("g++", "place.cc", ["-g", *flags])]


def rust(*flags):
    return [compiled("rustc", "place.rs", ["-g", *flags])]


def go(*flags):
    program = os.path.join(FOLDER, re.sub(r"\W+", "_", "go " + " ".join(flags)), "prog")
    if not os.path.exists(program):
        os.makedirs(os.path.dirname(program), exist_ok=True)
        run(need("go"), "build", *flags, "-o", program, source("place.go"),
            env=dict(os.environ, GOCACHE=os.path.join(FOLDER, "go-cache"), GOFLAGS="", GO111MODULE="off", GOTOOLCHAIN="local"))
    return [program]


def python(release, *args):
    """The system's where release is "", else one that this machine has besides."""
    paths = ["/usr/bin/python3"] if not release else sorted(
        glob.glob(f"/usr/bin/python{release}") + glob.glob(f"/usr/local/bin/python{release}") +
        glob.glob(os.path.expanduser(f"~/.pyenv/versions/{release}.*/bin/python{release}")))
    if not paths or not os.path.exists(paths[0]):
        raise Skip(f"python{release} is not installed")
    return [paths[0], source("place.py"), *args]


def node(*flags):
    return [need("node"), *flags, source("place.js")]


def node_dumps():
    folder = tempfile.mkdtemp(dir=FOLDER)  # it writes the dump where it is started
    return ["env", "-C", folder, *node("--perf-prof", "--interpreted-frames-native-stack")]


def java():
    """Its own code is compiled before it runs: HotSpot tells perf of no interpreted function."""
    need("java")
    classes = os.path.join(FOLDER, "java")
    if not os.path.exists(classes):
        run(need("javac"), "-d", classes, source("Place.java"))
    return ["java", "-XX:+PreserveFramePointer", "-Xcomp", "-XX:TieredStopAtLevel=1", "-XX:CompileCommand=quiet", "-XX:CompileCommand=compileonly,Place::*",
            "-XX:CompileCommand=dontinline,Place::*", "-cp", classes, "Place"]


def i386():
    program = c("-m32", "-idirafter", "/usr/include/x86_64-linux-gnu", "-O2")[0]
    why = no_program32(program)
    if why:
        raise Skip(why)
    return [program]


def no_demangling():
    if "libiberty" not in VERSION:
        raise Skip("built without libiberty")


REPLY = r"(long )?demo::Server<int, 7>::reply\(.*msghdr\*\) const( \[clone .*\])?"
GO_REPLY = r"main\.\(\*server\)\.reply"
RUST_REPLY = r"<std::net::udp::UdpSocket as \w+::Reply>::reply|<std::net::UdpSocket as .*>::reply"

# name, (maker, its arguments), the function, a pattern; what the line says in which source (None: not told)
PLACES = [
    ("C -O0", (c, "-O0"), "user_code", ("place.c", "HERE")),
    ("C -O2", (c, "-O2"), "user_code", ("place.c", "HERE")),
    ("C -O2 -fomit-frame-pointer", (c, "-O2", "-fomit-frame-pointer"), "user_code", ("place.c", "HERE")),
    ("C, inlined", (c, "-O2", "-DPLACE_INLINE"), "inlined", ("place.c", "INLINED")),
    ("C, i386", (i386,), "user_code", ("place.c", "HERE")),
    ("C, code that it made", (made, "PLACE_NAME=made reply"), "made reply", None),
    ("C, code that it made, by a map that isn't its", (made_by_another,), "made", ("place.c", "MADE")),
    ("C, code that it made, as a dump", (dumped,), "dumped reply", ("made.cx", 9)),
    ("C static", (c, "-static", "-O2"), "user_code", ("place.c", "HERE")),
    ("C static-pie", (c, "-static-pie", "-O2"), "user_code", ("place.c", "HERE")),
    ("C static, frame pointers", (c, "-static", "-O1", "-fno-omit-frame-pointer", "-fno-asynchronous-unwind-tables"), "user_code",
     ("place.c", "HERE")),
    ("C, loaded", (loaded, "-O2"), "user_code", ("place.c", "HERE")),
    ("C, debug information beside it", (stripped, "link"), "user_code", ("place.c", "HERE")),
    ("C, debug information in .debug", (stripped, ".debug link"), "user_code", ("place.c", "HERE")),
    ("C, debug information by its path in a chroot", (stripped, "/ link"), "user_code", ("place.c", "HERE")),
    ("C, debug information by build id in a chroot", (stripped, "/ id"), "user_code", ("place.c", "HERE")),
    ("C, MiniDebugInfo", (mini,), "user_code", None),
    ("C, deleted", (deleted,), "user_code", ("place.c", "HERE")),
    ("C, replaced", (replaced,), "user_code", ("place.c", "HERE")),
    ("C in a chroot", (in_chroot,), "user_code", ("place.c", "HERE")),
    ("C++, a template, in a handler", (cxx, "-O0"), REPLY, ("place.cc", "HERE")),
    ("C++ -O2", (cxx, "-O2"), REPLY, ("place.cc", "HERE")),
    ("Go", (go,), GO_REPLY, ("place.go", "HERE")),
    ("Go, stripped", (go, "-ldflags=-s -w"), GO_REPLY, ("place.go", "HERE")),
    ("Go, position-independent, stripped", (go, "-buildmode=pie", "-ldflags=-s -w"), GO_REPLY, ("place.go", "HERE")),
    ("Python", (python, ""), r"Server\.reply", ("place.py", "SENDS")),
    ("Python, asyncio", (python, "", "asyncio"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python 3.11", (python, "3.11"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python 3.12", (python, "3.12"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python 3.13", (python, "3.13"), r"Server\.reply", ("place.py", "SENDS")),
    ("node", (node, "--perf-basic-prof", "--interpreted-frames-native-stack"), "lookup", ("place.js", "HERE")),
    ("node, jitdump", (node_dumps,), "lookup", ("place.js", "HERE")),
    ("Java", (java,), r"Place\.reply\(java\.net\.DatagramSocket, java\.net\.DatagramPacket\)", None),
    ("Rust", (rust,), RUST_REPLY, ("place.rs", "HERE")),
    ("Rust -O, v0 names", (rust, "-O", "-Csymbol-mangling-version=v0"), RUST_REPLY, ("place.rs", "HERE")),
]
NEEDS = {cxx: no_demangling, rust: no_demangling}


def line_of(where):
    name, mark = where
    if isinstance(mark, int):
        return mark
    with open(source(name), encoding="utf-8") as f:
        return [n for n, line in enumerate(f, 1) if re.search(rf"(/\*|//|#) {mark}\b", line)][0]


def wrapped(argv):
    with Traced(["-kk", "--", *argv]) as t:
        return t.finish()


def comm_of(pid):
    with open(f"/proc/{pid}/comm", encoding="utf-8") as f:
        return f.read().strip()


def attached(argv):
    with subprocess.Popen([*argv, "wait"], stdin=subprocess.PIPE) as program:
        try:
            if argv[0] == "chroot":  # it becomes the program
                wait_for("the program", lambda: comm_of(program.pid) != "chroot")
            with Traced(["-kk", "-p", str(program.pid)]) as t:
                wait_for("attaching", lambda: "attached" in t.read("err"))
                program.stdin.write(b"\n")
                program.stdin.close()
                return t.finish()
        finally:
            program.kill()


def test_place(name, how, made, function, where):
    maker, *flags = made
    NEEDS.get(maker, lambda: None)()
    result = how(maker(*flags))
    findings = [f for f in result.findings() if f["rule"] in ("CT111", "CT201")]
    assert len(findings) == 1, result.text
    place = findings[0].get("place", {})
    assert re.fullmatch(function, place.get("function", "")), (place, result.text)
    line = place.get("file") and (os.path.basename(place["file"]), place["line"])
    assert line == (where and (where[0], line_of(where))), (place, result.text)


def test_two_mistakes_in_functions_inlined_into_one_are_two():
    with Traced(["--", "env", "PLACE_TWICE=1", *c("-O2", "-DPLACE_INLINE")]) as t:
        result = t.finish()
    places = [f["place"]["function"] for f in result.findings() if f["rule"] == "CT111"]
    assert places == ["inlined", "again"], result.text


def test_second(name, made):
    """A baseline of one mistake doesn't hide the same mistake in another function."""
    maker, *flags = made
    NEEDS.get(maker, lambda: None)()
    baseline = os.path.join(tempfile.mkdtemp(dir=FOLDER), "baseline")
    argv = maker(*flags)
    with Traced([f"--write-baseline={baseline}", "--", *argv]) as t:
        t.finish()
    known = len(json.load(open(baseline, encoding="utf-8"))["findings"])
    assert known >= 1
    for twice in ([], ["PLACE_TWICE=1"]):
        with Traced([f"--baseline={baseline}", "--", "env", *twice, *argv]) as t:
            result = t.finish()
        new = [f["place"].get("function", "") for f in result.findings() if not f.get("known")]
        assert len(new) == len(twice), (name, result.text)
        assert not new or "again" in new[0], (new, result.text)


SECONDS = [
    ("C", (c, "-O2")), ("C, inlined", (c, "-O2", "-DPLACE_INLINE")), ("C++", (cxx, "-O2")), ("Rust", (rust, "-O")), ("Go", (go,)),
    ("Go, stripped", (go, "-ldflags=-s -w")), ("Python", (python, "")),
    ("node", (node, "--perf-basic-prof", "--interpreted-frames-native-stack")), ("Java", (java,)),
]


class Places(Tap):
    """A row's data is no part of its test's name."""

    def row(self, name, how, *rest):
        def test():
            test_place(name, how, *rest)
        test.__name__ = f"{name}, {how.__name__}"
        self.run(test)

    def second(self, name, made_):
        def test():
            test_second(name, made_)
        test.__name__ = f"{name}: a baseline hides no second mistake"
        self.run(test)


tap = Places()
try:
    if len(sys.argv) < 2 or "baseline" in sys.argv:
        tap.run(test_two_mistakes_in_functions_inlined_into_one_are_two)
        for row in SECONDS:
            tap.second(*row)
    for row in PLACES:
        if len(sys.argv) > 1 and not any(word in row[0] for word in sys.argv[1:]):
            continue
        for how_ in (wrapped, attached):
            tap.row(row[0], how_, *row[1:])
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(tap.done())
