// SPDX-License-Identifier: LGPL-2.1-or-later
/* x86-64 with i386 and x32.  Registers: arch/x86/include/asm/user_64.h and user_32.h */
#include "config.h"

#include "arch/arch.h"

#include <linux/audit.h>

extern const struct arch arch_x86_64;

#if defined(__x86_64__)

#include <errno.h>
#include <libunwind.h>
#include <string.h>
#include <sys/user.h>

enum {
	I386_REGS = 17,
	NOWHERE = 0xff
}; /* words of i386's struct user_regs_struct; no general one */

static const unsigned char i386_place[I386_REGS] = {
	UNW_X86_64_RBX, UNW_X86_64_RCX, UNW_X86_64_RDX, UNW_X86_64_RSI, UNW_X86_64_RDI,
	UNW_X86_64_RBP, UNW_X86_64_RAX, NOWHERE,        NOWHERE,        NOWHERE,
	NOWHERE,        NOWHERE,        UNW_X86_64_RIP, NOWHERE,        NOWHERE,
	UNW_X86_64_RSP, NOWHERE,
};

/* By the numbers of the i386 psABI, table 2.14: eax … edi, and eip. */
static const unsigned char i386_dwarf[] = {
	UNW_X86_64_RAX, UNW_X86_64_RCX, UNW_X86_64_RDX, UNW_X86_64_RBX, UNW_X86_64_RSP,
	UNW_X86_64_RBP, UNW_X86_64_RSI, UNW_X86_64_RDI, UNW_X86_64_RIP,
};

static int i386_registers(struct registers *to, const uint32_t *r)
{
	to->word = 4;
	for (unsigned int i = 0; i < I386_REGS; i++) {
		if (i386_place[i] != NOWHERE)
			to->v[i386_place[i]] = r[i];
	}
	return 0;
}

static int registers(struct registers *to, const void *regset, size_t len)
{
	const struct user_regs_struct *r = regset;

	memset(to, 0, sizeof(*to));
	if (len == I386_REGS * sizeof(uint32_t))
		return i386_registers(to, regset);
	if (len != sizeof(*r))
		return -ENOSYS;
	to->word = 8;
	to->v[UNW_X86_64_RAX] = r->rax;
	to->v[UNW_X86_64_RDX] = r->rdx;
	to->v[UNW_X86_64_RCX] = r->rcx;
	to->v[UNW_X86_64_RBX] = r->rbx;
	to->v[UNW_X86_64_RSI] = r->rsi;
	to->v[UNW_X86_64_RDI] = r->rdi;
	to->v[UNW_X86_64_RBP] = r->rbp;
	to->v[UNW_X86_64_RSP] = r->rsp;
	to->v[UNW_X86_64_R8] = r->r8;
	to->v[UNW_X86_64_R9] = r->r9;
	to->v[UNW_X86_64_R10] = r->r10;
	to->v[UNW_X86_64_R11] = r->r11;
	to->v[UNW_X86_64_R12] = r->r12;
	to->v[UNW_X86_64_R13] = r->r13;
	to->v[UNW_X86_64_R14] = r->r14;
	to->v[UNW_X86_64_R15] = r->r15;
	to->v[UNW_X86_64_RIP] = r->rip;
	return 0;
}

/* E8 rel32, or FF /2 with 2 to 7 bytes. */
static bool calls(const unsigned char code[ARCH_CODE])
{
	if (code[3] == 0xe8)
		return true;
	for (unsigned int len = 2; len <= 7; len++) {
		const unsigned char *p = code + ARCH_CODE - len;

		if (p[0] == 0xff && (p[1] & 0x38) == 0x10)
			return true;
	}
	return false;
}

const struct arch *const arch_native = &arch_x86_64;
#endif

const struct arch arch_x86_64 = {
	.abi = {
		{ AUDIT_ARCH_X86_64, false, 8, 8, false, "x86_64" },
		{ AUDIT_ARCH_I386, false, 4, 4, true, "i386" },
		{ AUDIT_ARCH_X86_64, true, 4, 8, true, "x32" },
	},
#if defined(__x86_64__)
	.registers = registers,
	.pc = UNW_X86_64_RIP,
	.sp = UNW_X86_64_RSP,
	.fp = UNW_X86_64_RBP,
	.next_at = 0,
	.return_at = 1,
	.calls = calls,
	.regs32 = i386_dwarf,
	.nregs32 = sizeof(i386_dwarf),
	.user = {
		.nr = offsetof(struct user, regs.orig_rax),
		.result = offsetof(struct user, regs.rax),
		.arg0 = { offsetof(struct user, regs.rdi), offsetof(struct user, regs.rbx),
			  offsetof(struct user, regs.rdi) },
	},
	.word = {
		.arg1 = offsetof(struct user_regs_struct, rsi) / 8,
		.arg2 = offsetof(struct user_regs_struct, rdx) / 8,
		.nr = offsetof(struct user_regs_struct, orig_rax) / 8,
	},
#endif
};
