// SPDX-License-Identifier: LGPL-2.1-or-later
/* RISC-V, 64 bits.  Registers: arch/riscv/include/uapi/asm/ptrace.h struct user_regs_struct */
#include "config.h"

#include "arch/arch.h"

#include <linux/audit.h>

#ifndef AUDIT_ARCH_RISCV64
#define AUDIT_ARCH_RISCV64 (243 | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE)
#endif

extern const struct arch arch_riscv64;

#if defined(__riscv) && __riscv_xlen == 64

#include <asm/ptrace.h>
#include <errno.h>
#include <libunwind.h>
#include <string.h>

static int registers(struct registers *to, const void *regset, size_t len)
{
	if (len != sizeof(struct user_regs_struct))
		return -ENOSYS;
	memset(to, 0, sizeof(*to));
	to->word = 8;
	memcpy(to->v, regset, 32 * sizeof(to->v[0])); /* pc, x1 … x31 */
	to->v[UNW_RISCV_PC] = to->v[0];
	to->v[0] = 0;
	return 0;
}

const struct arch *const arch_native = &arch_riscv64;
#endif

const struct arch arch_riscv64 = {
	.abi = {
		{ AUDIT_ARCH_RISCV64, false, 8, 8, false, "riscv64" },
	},
#if defined(__riscv) && __riscv_xlen == 64
	.registers = registers,
	.pc = UNW_RISCV_PC,
	.sp = UNW_RISCV_X2,
	.fp = UNW_RISCV_X8,
	.lr = UNW_RISCV_X1,
	.next_at = -2,
	.return_at = -1,
	/* struct user_regs_struct: pc, ra, sp, gp, tp, t0-t2, s0, s1, a0-a7 */
	.word = { .arg1 = 11, .arg2 = 12, .nr = 17 },
#endif
};
