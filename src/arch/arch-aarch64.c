// SPDX-License-Identifier: LGPL-2.1-or-later
/* AArch64 with arm.  Registers: arch/arm64/include/uapi/asm/ptrace.h struct user_pt_regs */
#include "config.h"

#include "arch/arch.h"

#include <linux/audit.h>

extern const struct arch arch_aarch64;

#if defined(__aarch64__)

#include <errno.h>
#include <libunwind.h>
#include <string.h>
#include <sys/user.h>

static int registers(struct registers *to, const void *regset, size_t len)
{
	const struct user_regs_struct *r = regset;

	if (len != sizeof(*r)) /* arm: there is no convention for frame pointers */
		return -ENOSYS;
	memset(to, 0, sizeof(*to));
	to->word = 8;
	for (unsigned int i = 0; i < 31; i++)
		to->v[i] = r->regs[i];
	to->v[UNW_AARCH64_SP] = r->sp;
	to->v[UNW_AARCH64_PC] = r->pc;
	return 0;
}

const struct arch *const arch_native = &arch_aarch64;
#endif

const struct arch arch_aarch64 = {
	.abi = {
		{ AUDIT_ARCH_AARCH64, false, 8, 8, false, "aarch64" },
		{ AUDIT_ARCH_ARM, false, 4, 4, true, "arm" },
	},
#if defined(__aarch64__)
	.registers = registers,
	.pc = UNW_AARCH64_PC,
	.sp = UNW_AARCH64_SP,
	.fp = UNW_AARCH64_X29,
	.lr = UNW_AARCH64_X30,
	.next_at = 0,
	.return_at = 1,
	.word = { .arg1 = 1, .arg2 = 2 },
#endif
};
