#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Other kernels than this machine's: boots each in qemu, by software emulation, on the tree that was just built, and runs
tests/vm/TESTS there.  Every result of theirs is one of ours, in TAP.

kernels.py [TEST...]: only these; or VM_TESTS, a list of them.  CMSGTRACE_KERNELS: where tests/vm/fetch.sh put them;
VM_SERIES="6.1 6.12": which; VM_VARIABLES="ORACLE_LONG=1": given to every test; VM_SECONDS: instead of each test's own limit.
VM_THREAD=single: both processors on one thread, slower; with one each qemu 7.2 comes to hang, or its guest to panic (int3), now
and then, where the guest patches its own code (static keys, tracepoints).
The guests' console and logs stay in build/vm.
"""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SRC = os.path.abspath(os.environ.get("srcdir", os.path.join(HERE, "..", "..")))
BUILD = os.path.abspath(os.environ.get("builddir", "."))
CACHE = os.environ.get("CMSGTRACE_KERNELS") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "cmsgtrace", "kernels")
NEEDED = ("qemu-system-x86_64", "busybox", "cpio", "modprobe", "xz")
MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay")  # what the root takes
BOOT_SECONDS = 120  # a guest boots in some seconds; these are for a busy host

number = failed = 0


def tell(ok, name, directive=""):
    global number, failed
    number += 1
    failed += not ok
    print("%s %d - %s%s" % ("ok" if ok else "not ok", number, name, directive and " # " + directive), flush=True)


def find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


class Kernel:
    """One that fetch.sh unpacked."""

    def __init__(self, series):
        self.series = series
        self.base = os.path.realpath(os.path.join(CACHE, series))
        releases = sorted(os.listdir(os.path.join(self.base, "lib", "modules")))
        self.release = releases[-1]
        self.image = os.path.join(self.base, "boot", "vmlinuz-" + self.release)
        self.modules = os.path.join(self.base, "lib", "modules", self.release)

    def initramfs(self, folder):
        """busybox, the modules that the root takes, in their order, and init."""
        root = os.path.join(folder, "initramfs")
        shutil.rmtree(root, ignore_errors=True)
        os.makedirs(os.path.join(root, "bin"))
        os.makedirs(os.path.join(root, "modules"))
        shutil.copy(find("busybox"), os.path.join(root, "bin", "busybox"))
        shutil.copy(os.path.join(HERE, "init"), os.path.join(root, "init"))
        os.chmod(os.path.join(root, "init"), 0o755)
        shown = subprocess.run([find("modprobe"), "-D", "-d", self.base, "-S", self.release, "-a", *MODULES], check=True,
                               capture_output=True, text=True).stdout
        order = []
        for line in shown.splitlines():
            if not line.startswith("insmod "):
                continue  # built in
            path = line.split()[1]
            name = os.path.basename(path).removesuffix(".xz")
            if name in order:
                continue
            order.append(name)
            with open(os.path.join(root, "modules", name), "wb") as out:
                subprocess.run(["xz", "-dc", path] if path.endswith(".xz") else ["cat", path], check=True, stdout=out)
        with open(os.path.join(root, "modules", "order"), "w") as out:
            out.write("".join(name + "\n" for name in order))
        image = os.path.join(folder, "initramfs.cpio")
        names = subprocess.run(["find", "."], cwd=root, check=True, capture_output=True).stdout
        with open(image, "wb") as out:
            subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names, check=True, stdout=out)
        shutil.rmtree(root)
        return image


def boot(kernel, folder, limit):
    """Runs the guest to its end; why not, where it had to be ended."""
    command = [
        find("qemu-system-x86_64"), "-accel", "tcg,thread=" + os.environ.get("VM_THREAD", "multi"), "-cpu", "max", "-smp", "2", "-m", "4000", "-nographic",
        "-no-reboot", "-nic", "none", "-kernel", kernel.image, "-initrd", kernel.initramfs(folder),
        "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
        "-virtfs", "local,path=%s,mount_tag=out,security_model=none,multidevs=remap" % folder,
        "-append", "console=ttyS0 quiet oops=panic panic=-1 mitigations=off vm.guest=%s vm.modules=%s" % (
            os.path.join(HERE, "guest.sh"), kernel.modules)]
    with open(os.path.join(folder, "console"), "wb") as console:
        guest = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
                                 start_new_session=True)

        def end(_signal, _frame):
            guest.kill()
            sys.exit(1)

        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(s, end)
        try:
            guest.wait(limit)
        except subprocess.TimeoutExpired:
            guest.kill()
            guest.wait()
            return "the guest hung and was ended after %d seconds" % limit
    if guest.returncode:
        return "qemu ended with status %d" % guest.returncode
    with open(os.path.join(folder, "console"), errors="replace") as console:
        said = console.read()
    if "Kernel panic" not in said:
        return None
    # A breakpoint that the other processor has removed meanwhile: qemu's, not the kernel's
    return "the guest's kernel panicked" + (": qemu's fault, try VM_THREAD=single" if "Oops: int3" in said else "")


def report(kernel, test, folder, why):
    """The results of one test, as the guest left them."""
    label = "%s: %s: " % (kernel.series, test)
    base = os.path.join(folder, os.path.splitext(test)[0].replace("/", "-"))
    try:
        with open(base + ".log", errors="replace") as f:
            lines = f.read().splitlines()
    except OSError:
        tell(False, label + (why or "it was not run"))
        return
    try:
        with open(base + ".status") as f:
            status = int(f.read())
    except (OSError, ValueError):
        status = None
    told = bad = 0
    plan = None
    for line in lines:
        if m := re.match(r"(not )?ok\b\s*\d*\s*-?\s*(.*)", line):
            name, _, directive = m[2].partition(" # ")
            told += 1
            bad += bool(m[1])
            tell(not m[1], label + name, directive)
        elif m := re.match(r"1\.\.(\d+)(?:\s*#\s*(SKIP.*))?", line):
            plan = int(m[1])
            if m[2]:
                tell(True, label + "all", m[2])
        elif line.startswith("#"):
            print(line)
    if status is None:
        tell(False, label + (why or "the guest ended within it"))
    elif status == 124 or status == 137:
        tell(False, label + "it took too long and was ended")
    elif status and not bad:
        tell(False, label + "it ended with status %d" % status)
    elif plan != told and not (plan == 0 and told == 0):
        tell(False, label + "it planned %s results and gave %d" % (plan, told))


def tests(only):
    """[(seconds, test, variables)]"""
    with open(os.path.join(HERE, "TESTS")) as f:
        rows = [line.split(None, 2) for line in f if line.strip() and not line.startswith("#")]
    known = {row[1]: row for row in rows}
    chosen = [known.get(test, ["300", test]) for test in only] or rows
    more = os.environ.get("VM_VARIABLES", "")
    return [(int(os.environ.get("VM_SECONDS") or row[0]), row[1], " ".join(row[2:] + [more])) for row in chosen]


def run(series, chosen):
    missing = [program for program in NEEDED if not find(program)]
    if missing:
        tell(True, series, "SKIP not installed: %s (./bootstrap --with-kernels)" % " ".join(missing))
        return
    if not glob.glob(os.path.join(CACHE, series, "boot", "vmlinuz-*")):
        tell(True, series, "SKIP this kernel isn't in %s (./bootstrap --with-kernels)" % CACHE)
        return
    kernel = Kernel(series)
    folder = os.path.join(BUILD, "build", "vm", series)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(folder, "list"), "w") as f:
        f.write("".join("%d %s %s\n" % row for row in chosen))
    with open(os.path.join(folder, "environment"), "w") as f:
        for name, value in (("srcdir", SRC), ("builddir", BUILD), ("CMSGTRACE", os.path.join(BUILD, "cmsgtrace")),
                            ("CMSGTRACE_NEEDS_BPF", "1")):
            f.write("%s='%s'; export %s\n" % (name, value, name))
    print("# %s: %s" % (series, kernel.release), flush=True)
    why = boot(kernel, folder, BOOT_SECONDS + sum(row[0] for row in chosen))
    if why:
        with open(os.path.join(folder, "console"), errors="replace") as f:
            for line in f.read().splitlines()[-15:]:
                print("# " + line)
    for _, test, _ in chosen:
        report(kernel, test, folder, why)


chosen_ = tests(sys.argv[1:] or os.environ.get("VM_TESTS", "").split())
for series_ in os.environ.get("VM_SERIES", "6.1 6.12").split():
    run(series_, chosen_)
print("1..%d" % number)
sys.exit(bool(failed))
