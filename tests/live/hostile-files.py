#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Proves: a program's file that is made to hold a tracer up, to end it or to fill its memory does none of it: the mistake of the
program is told, in a few seconds and MB, whatever its call frame information and debug information are."""
import os
import resource
import struct
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lab import CMSGTRACE, Skip, Tap, need, sanitized  # noqa: E402

LIMIT = 60  # seconds: a run takes less than one
GROWTH_KB = 256 * 1024

PROGRAM = r"""
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <netinet/in.h>
int fd_of_it;
struct msghdr m_of_it;
void hostile(void);
int main(void)
{
	static struct { struct cmsghdr h; int fd[2]; } control = { { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS }, { 0 } };
	static struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = 2304 };
	static struct iovec iov = { "x", 1 };

	fd_of_it = socket(AF_INET, SOCK_DGRAM, 0);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	m_of_it = (struct msghdr){ &to, sizeof(to), &iov, 1, &control, CMSG_SPACE(sizeof(int)), 0 };
	hostile();
	return 0;
}
"""

# what calls it, with what stands at @ beside the directives of its call frame information
CALLER = r"""
	.text
	.file 1 "caller.c"
	.globl hostile
	.type hostile, @function
hostile:
	.cfi_startproc
	@
	.loc 1 7
	sub $8, %rsp
	mov fd_of_it(%rip), %edi
	lea m_of_it(%rip), %rsi
	xor %edx, %edx
	.loc 1 9
	call sendmsg@plt
	.loc 1 10
	add $8, %rsp
	ret
	.cfi_endproc
.Lend:
	.size hostile, . - hostile
	.section .note.GNU-stack, "", @progbits
"""

# DWARF 4: a unit of .Ldepth blocks, each in the one before
NESTED = r"""
	.section .debug_abbrev, "", @progbits
.Labbrev:
	.uleb128 1, 0x11
	.byte 1
	.uleb128 0x10, 0x17, 0x11, 1, 0x12, 7
	.byte 0, 0
	.uleb128 2, 0x0b
	.byte 1
	.uleb128 0x11, 1, 0x12, 7
	.byte 0, 0
	.byte 0
	.section .debug_line, "", @progbits
.Lline:
	.section .debug_info, "", @progbits
	.long .Linfo_end - .Linfo
.Linfo:
	.short 4
	.long .Labbrev
	.byte 8
	.uleb128 1
	.long .Lline
	.quad hostile
	.quad .Lend - hostile
	.rept DEPTH
	.uleb128 2
	.quad hostile
	.quad .Lend - hostile
	.endr
	.rept DEPTH + 1
	.byte 0
	.endr
.Linfo_end:
"""


def build(folder, caller, *flags):
    paths = [os.path.join(folder, name) for name in ("main.c", "caller.s", "prog")]
    for path, text in zip(paths, (PROGRAM, caller)):
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
    done = subprocess.run([need("gcc"), "-O1", "-no-pie", *flags, "-o", paths[2], *paths[:2]], check=False, capture_output=True, text=True)
    if done.returncode:
        raise Skip(f"gcc can't build it: {(done.stderr.strip() or '?').splitlines()[-1]}")
    return paths[2]


def check(program, *options):
    """The finding is there, in time, and the tracer has not grown."""
    done = subprocess.run([CMSGTRACE, *options, "--findings-only", "--", program], check=False, capture_output=True, text=True, timeout=LIMIT,
                          errors="replace")
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    assert "CT111" in done.stderr, done.stderr
    kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    assert kb < GROWTH_KB or sanitized(), f"{kb} KB"


def test_an_expression_that_jumps_back_ends():
    with tempfile.TemporaryDirectory(prefix="cmsgtrace-test-") as folder:
        # DW_CFA_def_cfa_expression: DW_OP_skip to itself
        check(build(folder, CALLER.replace("@\n", ".cfi_escape 0x0f, 3, 0x2f, 0xfd, 0xff\n", 1)))


def test_entries_within_each_other_have_an_end():
    with tempfile.TemporaryDirectory(prefix="cmsgtrace-test-") as folder:
        check(build(folder, CALLER.replace("@\n", "\n", 1) + NESTED.replace("DEPTH", "200000")))


def test_what_unpacks_to_gigabytes_stays_packed():
    with tempfile.TemporaryDirectory(prefix="cmsgtrace-test-") as folder:
        program = build(folder, CALLER.replace("@\n", "\n", 1), "-g")
        size, packer, mb = 1 << 30, zlib.compressobj(9), bytes(1 << 20)
        packed = b"".join(packer.compress(mb) for _ in range(size >> 20)) + packer.flush()
        section = os.path.join(folder, "section")
        with open(section, "wb") as f:
            f.write(struct.pack("<IIQQ", 1, 0, size, 1) + packed)  # Elf64_Chdr: ELFCOMPRESS_ZLIB
        # objcopy sets no SHF_COMPRESSED: that bit is put into the section's header here
        subprocess.run([need("objcopy"), "--add-section", f".debug_macro={section}", program], check=True)
        with open(program, "r+b") as f:
            image = f.read()
            shoff, = struct.unpack_from("<Q", image, 40)
            entry, count, names = struct.unpack_from("<HHH", image, 58)
            strings, = struct.unpack_from("<Q", image, shoff + names * entry + 24)
            for at in range(shoff, shoff + count * entry, entry):
                name = strings + struct.unpack_from("<I", image, at)[0]
                if image[name:].startswith(b".debug_macro\0"):
                    f.seek(at + 8)
                    f.write(struct.pack("<Q", struct.unpack_from("<Q", image, at + 8)[0] | 0x800))
        check(program)


def main():
    if os.uname().machine != "x86_64":
        print("1..0 # SKIP its program is one of x86-64")
        return
    tap = Tap()
    tap.run(test_an_expression_that_jumps_back_ends)
    tap.run(test_entries_within_each_other_have_an_end)
    tap.run(test_what_unpacks_to_gigabytes_stays_packed)
    tap.done()


main()
