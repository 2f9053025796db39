// SPDX-License-Identifier: LGPL-2.1-or-later
/* The ABIs of tracees: which layouts their structures have. */
#include "config.h"

#include <linux/audit.h>
#include <string.h>

#include "event/event.h"

#ifndef AUDIT_ARCH_RISCV64
#define AUDIT_ARCH_RISCV64 (243 | __AUDIT_ARCH_64BIT | __AUDIT_ARCH_LE)
#endif

enum { X32_BIT = 0x40000000 }; /* __X32_SYSCALL_BIT */

/* The first row is the native one. compat: the kernel's CONFIG_COMPAT layer handles its calls. */
const struct abi abi_table[] = {
#if defined(__x86_64__)
	{ AUDIT_ARCH_X86_64, false, 8, 8, false, "x86_64" },
	{ AUDIT_ARCH_I386, false, 4, 4, true, "i386" },
	{ AUDIT_ARCH_X86_64, true, 4, 8, true, "x32" },
#elif defined(__aarch64__)
	{ AUDIT_ARCH_AARCH64, false, 8, 8, false, "aarch64" },
	{ AUDIT_ARCH_ARM, false, 4, 4, true, "arm" },
#elif defined(__riscv) && __riscv_xlen == 64
	{ AUDIT_ARCH_RISCV64, false, 8, 8, false, "riscv64" },
#else
#error "this machine's ABI is not described yet: add its row to abi_table"
#endif
/* Not this machine's: for recordings and logs made elsewhere. */
#if !defined(__x86_64__)
	{ AUDIT_ARCH_X86_64, false, 8, 8, false, "x86_64" },
	{ AUDIT_ARCH_I386, false, 4, 4, true, "i386" },
	{ AUDIT_ARCH_X86_64, true, 4, 8, true, "x32" },
#endif
#if !defined(__aarch64__)
	{ AUDIT_ARCH_AARCH64, false, 8, 8, false, "aarch64" },
	{ AUDIT_ARCH_ARM, false, 4, 4, true, "arm" },
#endif
#if !defined(__riscv)
	{ AUDIT_ARCH_RISCV64, false, 8, 8, false, "riscv64" },
#endif
	{ .name = NULL },
};

const struct abi *abi_native(void)
{
	return &abi_table[0];
}

const struct abi *abi_of(uint32_t audit_arch, uint64_t nr)
{
	bool x32 = audit_arch == AUDIT_ARCH_X86_64 && (nr & X32_BIT);

	for (const struct abi *a = abi_table; a->name; a++) {
		if (a->audit_arch == audit_arch && a->x32 == x32)
			return a;
	}
	return NULL;
}

const struct abi *abi_by_name(const char *name)
{
	for (const struct abi *a = abi_table; a->name; a++) {
		if (!strcmp(a->name, name))
			return a;
	}
	return NULL;
}
