#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: a finding's place is the program's own function and line, in every language and however the program was built, wrapped,
attached and watched by eBPF.  One program each, of tests/live/places, makes one mistake on the line that says HERE."""
import concurrent.futures
import contextlib
import glob
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import CMSGTRACE, Skip, Tap, Traced, need, no_program32, sanitized, wait_for, why_no_bpf  # noqa: E402

SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "places")
FOLDER = tempfile.mkdtemp(prefix="cmsgtrace-places-")
GUARD, LOCKS = threading.Lock(), {}
VERSION = subprocess.run([CMSGTRACE, "--version"], check=True, capture_output=True, text=True).stdout


def source(name):
    return os.path.join(SOURCES, name)


def run(*args, **more):
    done = subprocess.run(args, check=False, capture_output=True, text=True, timeout=900, **more)
    if done.returncode:
        raise Skip(f"{os.path.basename(args[0])} can't build it: {(done.stderr.strip() or '?').splitlines()[-1]}")
    return done.stdout


@contextlib.contextmanager
def building(*words):
    """Where it is built, and whether it is already: once, and by one thread."""
    folder = os.path.join(FOLDER, re.sub(r"\W+", "_", " ".join(words)))
    with GUARD:
        lock = LOCKS.setdefault(folder, threading.Lock())
    with lock:
        os.makedirs(folder, exist_ok=True)
        program = os.path.join(folder, "prog")
        yield program, os.path.exists(program)


def compiled(compiler, name, flags):
    with building(compiler, name, *flags) as (program, done):
        if not done:
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


def replaced(by):
    """What stands there now is not what is mapped: to open some of these would block, read without end, or act."""
    program = fresh(c("-O2")[0], "prog")
    other = program + ".new"
    {"file": lambda: shutil.copy(shutil.which("true"), other), "FIFO": lambda: os.mkfifo(other),
     "link": lambda: os.symlink("/dev/zero", other)}[by]()
    return ["env", f"PLACE_REPLACED_BY={other}", program]


def cxx(*flags):
    return [compiled("g++", "place.cc", ["-g", *flags])]


def rust(*flags):
    return [compiled("rustc", "place.rs", ["-g", *flags])]


GO_FLAGS = {"GOFLAGS": "", "GO111MODULE": "off", "GOTOOLCHAIN": "local", "CGO_ENABLED": "1"}


if not os.access(os.path.expanduser("~"), os.W_OK):
    GO_FLAGS["GOCACHE"] = os.path.join(FOLDER, "go-cache")


def go(*flags, what="place.go", by="go", env=()):
    """What is a file, or a folder of several."""
    folder = os.path.isdir(source(what))
    with building(by, what, *flags) as (program, done):
        if not done:
            run(need(by), "build", *flags, "-o", program, "." if folder else source(what), env=dict(os.environ, **GO_FLAGS),
                cwd=source(what) if folder else None)
    return ["env", *env, program] if env else [program]


def go_inlined(*flags, **more):
    return go(*flags, env=["PLACE_INLINE=1"], **more)


def cgo(*env):
    need("gcc")
    return go(what="cgo", env=env)


def other_go(maker, *flags):
    """By a compiler of before 1.20 or since, whichever the first isn't: what describes inlined functions differs."""
    def release(compiler):
        found = subprocess.run([compiler, "env", "GOVERSION"], check=False, capture_output=True, text=True, env=dict(os.environ, **GO_FLAGS))
        return int((re.match(r"go1\.(\d+)", found.stdout) or [0, 0])[1])

    first = release(need("go"))
    for compiler in glob.glob("/usr/lib/go-1.*/bin/go") + glob.glob(os.path.expanduser("~/sdk/go1.*/bin/go")):
        if (release(compiler) < 20) != (first < 20):
            return maker(*flags, by=compiler)
    raise Skip(f"no Go {'since' if first < 20 else 'before'} 1.20 beside 1.{first}")


def tokio():
    """By cargo, from the sources that Debian has of it."""
    registry = "/usr/share/cargo/registry"
    if not glob.glob(registry + "/tokio-1*"):
        raise Skip("librust-tokio-dev is not installed")
    with building("tokio") as (program, done):
        folder = os.path.dirname(program)
        if not done:
            os.mkdir(os.path.join(folder, ".cargo"))
            shutil.copy(source("tokio.rs"), folder)
            with open(os.path.join(folder, "Cargo.toml"), "w", encoding="utf-8") as f:
                f.write('[package]\nname = "prog"\nversion = "0.1.0"\nedition = "2021"\n[[bin]]\nname = "prog"\npath = "tokio.rs"\n'
                        '[dependencies]\ntokio = { version = "1", features = ["net", "rt"] }\n')
            with open(os.path.join(folder, ".cargo", "config.toml"), "w", encoding="utf-8") as f:
                f.write(f'[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "{registry}"\n')
            run(need("cargo"), "build", "--offline", "-q", cwd=folder)
            os.rename(os.path.join(folder, "target", "debug", "prog"), program)
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


JAVA_FLAGS = ["-XX:+PreserveFramePointer", "-Xcomp", "-XX:TieredStopAtLevel=1", "-XX:CompileCommand=quiet", "-XX:CompileCommand=compileonly,Place::*",
              "-XX:CompileCommand=dontinline,Place::*"]
NODE_FLAGS = ["--perf-basic-prof", "--interpreted-frames-native-stack"]


def java():
    """Its own code is compiled before it runs: HotSpot tells perf of no interpreted function."""
    need("java")
    with building("java") as (program, done):
        classes = os.path.dirname(program)
        if not done:
            run(need("javac"), "-d", classes, source("Place.java"))
            os.rename(os.path.join(classes, "Place.class"), program)
            os.link(program, os.path.join(classes, "Place.class"))
    return ["java", *JAVA_FLAGS, "-cp", classes, "Place"]


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
GO_INLINED = r"main\.\(\*server\)\.inlined"
GO_REPLY = r"main\.\(\*server\)\.reply"
RUST_REPLY = r"<std::net::udp::UdpSocket as \w+::Reply>::reply|<std::net::UdpSocket as .*>::reply"

# name, (maker, its arguments), the function, a pattern; what the line says in which source (None: not told)
PLACES = [
    ("C -O0", (c, "-O0"), "user_code", ("place.c", "HERE")),
    ("C -O2", (c, "-O2"), "user_code", ("place.c", "HERE")),
    ("C -O2 -fomit-frame-pointer", (c, "-O2", "-fomit-frame-pointer"), "user_code", ("place.c", "HERE")),
    ("C, inlined", (c, "-O2", "-DPLACE_INLINE"), "inlined", ("place.c", "INLINED")),
    ("C, inlined, many levels deep", (c, "-O2", "-DPLACE_INLINE", "-DPLACE_DEEP"), "inlined", ("place.c", "INLINED")),
    ("C, inlined, by the linker's optimization", (c, "-O2", "-DPLACE_INLINE", "-flto"), "inlined", ("place.c", "INLINED")),
    ("C, its first thread has ended", (c, "-O2", "-pthread", "-DPLACE_THREAD"), "user_code", ("place.c", "HERE")),
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
    ("C, replaced", (replaced, "file"), "user_code", ("place.c", "HERE")),
    ("C, replaced by a FIFO", (replaced, "FIFO"), "user_code", ("place.c", "HERE")),
    ("C, replaced by a link to a device", (replaced, "link"), "user_code", ("place.c", "HERE")),
    ("C in a chroot", (in_chroot,), "user_code", ("place.c", "HERE")),
    ("C++, a template, in a handler", (cxx, "-O0"), REPLY, ("place.cc", "HERE")),
    ("C++ -O2", (cxx, "-O2"), REPLY, ("place.cc", "HERE")),
    ("Go", (go,), GO_REPLY, ("place.go", "HERE")),
    ("Go static", (go, "-tags=netgo,osusergo"), GO_REPLY, ("place.go", "HERE")),
    ("Go, stripped", (go, "-ldflags=-s -w"), GO_REPLY, ("place.go", "HERE")),
    ("Go, position-independent, stripped", (go, "-buildmode=pie", "-ldflags=-s -w"), GO_REPLY, ("place.go", "HERE")),
    ("Go, inlined", (go_inlined,), GO_INLINED, ("place.go", "INLINED")),
    ("Go, inlined, stripped", (go_inlined, "-ldflags=-s -w"), GO_INLINED, ("place.go", "INLINED")),
    ("Go, inlined, position-independent, stripped", (go_inlined, "-buildmode=pie", "-ldflags=-s -w"), GO_INLINED, ("place.go", "INLINED")),
    ("Go, C called", (cgo,), "c_reply", ("cgo/reply.c", "HERE")),
    ("Go, called by C", (cgo, "PLACE_BACK=1"), r"main\.go_reply", ("cgo/main.go", "BACK")),
    ("Go of another release", (other_go, go), GO_REPLY, ("place.go", "HERE")),
    ("Go of another release, inlined, stripped", (other_go, go_inlined, "-ldflags=-s -w"), GO_INLINED, ("place.go", "INLINED")),
    ("Python", (python, ""), r"Server\.reply", ("place.py", "SENDS")),
    ("Python, asyncio", (python, "", "asyncio"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python, names that aren't ASCII", (python, "", "names"), "ответ", ("place.py", "NAMED")),
    ("Python, beside 300 threads", (python, "", "threads"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python, beside a subinterpreter", (python, "", "beside"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python, in a subinterpreter", (python, "", "inside"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python, named as libc's call is", (python, "", "named"), "send", ("place.py", "LIKE_LIBC")),
    ("Python 3.11", (python, "3.11"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python 3.12", (python, "3.12"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python 3.12, beside a subinterpreter", (python, "3.12", "beside"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python 3.13", (python, "3.13"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python 3.13, beside 300 threads", (python, "3.13", "threads"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python 3.13, beside a subinterpreter", (python, "3.13", "beside"), r"Server\.reply", ("place.py", "SENDS")),
    ("Python 3.13, in a subinterpreter", (python, "3.13", "inside"), r"Server\.reply", ("place.py", "SENDS")),
    ("node", (node, *NODE_FLAGS), "lookup", ("place.js", "HERE")),
    ("node, jitdump", (node_dumps,), "lookup", ("place.js", "HERE")),
    ("Java", (java,), r"Place\.reply\(java\.net\.DatagramSocket, java\.net\.DatagramPacket\)", None),
    ("Rust", (rust,), RUST_REPLY, ("place.rs", "HERE")),
    ("Rust, async, by tokio", (tokio,), r"prog::reply::\{\{closure\}\}", ("tokio.rs", "HERE")),
    ("Rust -O, inlined", (rust, "-O", "--cfg", "place_inline"), RUST_REPLY, ("place.rs", "HERE")),
    ("Rust -O, v0 names", (rust, "-O", "-Csymbol-mangling-version=v0"), RUST_REPLY, ("place.rs", "HERE")),
]
COARSE = (made_by_another,)
NEEDS = {cxx: no_demangling, rust: no_demangling, tokio: no_demangling}


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


def findings_in(record):
    """So far."""
    with open(record, "rb") as f:
        return re.search(rb"CT(111|201)", f.read())


def attached(argv, *engine):
    with subprocess.Popen([*argv, "wait"], stdin=subprocess.PIPE) as program:
        try:
            if argv[0] == "chroot":  # it becomes the program
                wait_for("the program", lambda: comm_of(program.pid) != "chroot")
            with Traced([*engine, "-kk", "-p", str(program.pid)]) as t:
                wait_for("attaching", lambda: "attached" in t.read("err"))
                program.stdin.write(b"\n")
                program.stdin.flush()
                if engine:  # it looks at stacks later, by the map of a process that has to be there
                    wait_for("the finding", lambda: findings_in(t.record))
                program.stdin.close()
                return t.finish()
        finally:
            program.kill()


def watched(argv):
    """As attached, by the eBPF engine, from its copies of stacks."""
    why = why_no_bpf()
    if why:
        raise Skip(why)
    return attached(argv, "--engine=bpf")


def test_place(name, how, made, function, where):
    maker, *flags = made
    NEEDS.get(maker, lambda: None)()
    result = how(maker(*flags))
    findings = [f for f in result.findings() if f["rule"] in ("CT111", "CT201")]
    assert len(findings) == 1, result.text
    place = findings[0].get("place", {})
    assert re.fullmatch(function, place.get("function", "")), (place, result.text)
    assert ("coarse" in findings[0]) == (maker in COARSE), result.text
    line = place.get("file") and (os.path.basename(place["file"]), place["line"])
    assert line == (where and (os.path.basename(where[0]), line_of(where))), (place, result.text)


def test_two_mistakes_in_functions_inlined_into_one_are_two():
    with Traced(["--", "env", "PLACE_TWICE=1", *c("-O2", "-DPLACE_INLINE")]) as t:
        result = t.finish()
    places = [f["place"]["function"] for f in result.findings() if f["rule"] == "CT111"]
    assert places == ["inlined", "again"], result.text


def test_goroutines_stack_goes_on_above_that_of_c():
    """Go runs C on another stack than its own."""
    with Traced(["-k", "--", *cgo()]) as t:
        text = t.finish().text
    assert re.search(r"\(c_reply\+.*\(runtime\.asmcgocall[.+].*\(main\.asked\+.*\(main\.main\+", text, re.DOTALL), text


def compare(name, baseline, argv):
    with open(baseline, encoding="utf-8") as f:
        assert json.load(f)["findings"]
    for twice in ([], ["PLACE_TWICE=1"]):
        with Traced([f"--baseline={baseline}", "--", "env", *twice, *argv]) as t:
            result = t.finish()
        new = [f["place"].get("function", "") for f in result.findings() if not f.get("known")]
        assert len(new) == len(twice), (name, result.text)
        assert not new or "again" in new[0], (new, result.text)


def test_second(name, made):
    """A baseline of one mistake doesn't hide the same mistake in another function."""
    maker, *flags = made
    NEEDS.get(maker, lambda: None)()
    baseline = os.path.join(tempfile.mkdtemp(dir=FOLDER), "baseline")
    argv = maker(*flags)
    with Traced([f"--write-baseline={baseline}", "--", *argv]) as t:
        t.finish()
    compare(name, baseline, argv)


NAMES = ["ответ", "отказ", "réply", "rèply", "\U00010330\U00010331", "\\x1b[31m", "\\x1b]0;", "\\u202e", "\\udc80", "a*b", "a#b"]


def test_python_names(release):
    """Each is itself, wherever it is told; a baseline or a suppression of one hides no other."""
    argv = python(release, "names")
    folder = tempfile.mkdtemp(dir=FOLDER)
    baseline, accepted = (os.path.join(folder, name) for name in ("baseline", "accepted"))
    with Traced([f"--write-baseline={baseline}", f"--gen-suppressions={accepted}", "--", *argv]) as t:
        t.finish()
    for more in ([], [f"--baseline={baseline}"], [f"--suppressions={accepted}"]):
        with Traced(["-k", *more, "--", "env", "PLACE_TWICE=1", *argv]) as t:
            result = t.finish()
        found = [f for f in result.findings() if not f.get("known") and not f.get("suppressed")]
        assert [f["place"]["function"] for f in found] == NAMES[bool(more):], (found, result.text)
        assert len({f["fingerprint"] for f in found}) == len(found), found
        assert all(f"({name}+0x0)" in result.text for name in NAMES), result.text
        assert not re.search("[\x1b\u202e\x80-\x9f]", result.text), result.text


def test_moved():
    """In another folder a baseline knows the mistake again, and only that one."""
    baseline = os.path.join(tempfile.mkdtemp(dir=FOLDER), "baseline")
    with Traced([f"--write-baseline={baseline}", "--", fresh(c("-O2")[0], "prog")]) as t:
        t.finish()
    compare("moved", baseline, [fresh(c("-O2")[0], "prog")])


def java_run(folder):
    return ["java", *JAVA_FLAGS, "-cp", folder, "Place"]


# name, file, what builds it in its folder first and then, what runs it, what is added before which line
REBUILDS = [
    ("C", "place.c", (("gcc", "-g", "-O2"), ("gcc", "-O1")), None, "int added(int n);\nint added(int n)\n{\n\treturn n + 1;\n}\n\n", ""),
    ("C, inlined", "place.c", (("gcc", "-g", "-O2", "-DPLACE_INLINE"), ("gcc", "-g", "-O3", "-DPLACE_INLINE")), None,
     "int added(int n);\nint added(int n)\n{\n\treturn n + 1;\n}\n\n", ""),
    ("C++", "place.cc", (("g++", "-g", "-O2"), ("g++", "-g", "-O1")), None, "int added(int n)\n{\n\treturn n + 1;\n}\n\n", ""),
    ("Rust", "place.rs", (("rustc", "-g", "-O"), ("rustc", "-g", "-Copt-level=1")), None,
     "#[no_mangle]\npub fn added(n: i32) -> i32 {\n    n + 1\n}\n\n", ""),
    ("Go", "place.go", (("go", "build"), ("go", "build", "-ldflags=-s -w")), None,
     "func added(n int) int {\n\treturn n + 1\n}\n\nvar _ = added\n\n", "type server"),
    ("Python", "place.py", None, lambda folder: ["/usr/bin/python3", os.path.join(folder, "place.py")], "\n\n", ""),
    ("node", "place.js", None, lambda folder: node(*NODE_FLAGS)[:-1] + [os.path.join(folder, "place.js")], "\n\n", ""),
    ("Java", "Place.java", (("javac",), ("javac", "-g")), java_run, "\n\n", ""),
]


def write_changed(name, path, added, before):
    with open(source(name), encoding="utf-8") as f:
        text = f.read()
    with open(path, "w", encoding="utf-8") as f:
        f.write(text.replace(before, added + before, 1) if before else added + text)


def rebuild(name, build, folder):
    path = os.path.join(folder, name)
    if build and build[0] == "javac":
        run(need("javac"), *build[1:], "-d", folder, path)
    elif build:
        run(need(build[0]), *build[1:], "-o", os.path.join(folder, "prog"), path, env=dict(os.environ, **GO_FLAGS))


def test_rebuilt(name, file, builds, run_as, added, before):
    """Lines that moved, another optimisation or no debug information: a baseline knows the mistake again, and only that one."""
    NEEDS.get({"C++": cxx, "Rust": rust}.get(name), lambda: None)()
    folder = tempfile.mkdtemp(dir=FOLDER)
    argv = run_as(folder) if run_as else [os.path.join(folder, "prog")]
    baseline = os.path.join(folder, "baseline")
    write_changed(file, os.path.join(folder, file), "", "")
    rebuild(file, builds and builds[0], folder)
    with Traced([f"--write-baseline={baseline}", "--", *argv]) as t:
        t.finish()
    write_changed(file, os.path.join(folder, file), added, before)
    rebuild(file, builds and builds[1], folder)
    compare(name, baseline, argv)


SECONDS = [
    ("C", (c, "-O2")), ("C, inlined", (c, "-O2", "-DPLACE_INLINE")), ("C++", (cxx, "-O2")), ("Rust", (rust, "-O")), ("Go", (go,)),
    ("Go, stripped", (go, "-ldflags=-s -w")), ("Python", (python, "")),
    ("node", (node, *NODE_FLAGS)), ("Java", (java,)),
]


class Places(Tap):
    """Rows, several at once; a row's data is no part of its test's name."""

    def __init__(self):
        super().__init__()
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
        self.rows = []

    def row(self, name, test, *args):
        self.rows.append((name, self.pool.submit(test, *args)))

    def results(self):
        for name, future in self.rows:
            def test(future=future):
                future.result()
            test.__name__ = name
            self.run(test)


def main():
    tap = Places()
    words = sys.argv[1:]
    if not words or "baseline" in words:
        tap.row("two mistakes in functions inlined into one are two", test_two_mistakes_in_functions_inlined_into_one_are_two)
        tap.row("a goroutine's stack goes on above that of C", test_goroutines_stack_goes_on_above_that_of_c)
        for name, made_ in SECONDS:
            tap.row(f"{name}: a baseline hides no second mistake", test_second, name, made_)
        tap.row("C: a baseline knows it again in another folder", test_moved)
        for row in REBUILDS:
            tap.row(f"{row[0]}: a baseline knows it again when it was built anew", test_rebuilt, *row)
    for release in ("", "3.12", "3.13"):
        name = f"Python {release}".strip()
        if not words or any(word in name for word in words):
            tap.row(f"{name}: names that aren't ASCII are themselves", test_python_names, release)
    # the eBPF engine walks what it copied by the same code: once is enough for the sanitizers, which make it slow
    ways = (wrapped, attached) if sanitized() else (wrapped, attached, watched)
    for row in PLACES:
        if not words or any(word in row[0] for word in words):
            for how in ways:
                tap.row(f"{row[0]}, {how.__name__}", test_place, row[0], how, *row[1:])
    tap.results()
    tap.done()


try:
    main()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
