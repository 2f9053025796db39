// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of architectures, and the ABIs in it. */
#include "config.h"

#include "arch/arch.h"

#include <linux/audit.h>
#include <string.h>

enum { X32_BIT = 0x40000000 }; /* __X32_SYSCALL_BIT */

/* list.h names the files arch-NAME.c, ARCH(x86_64) and so on: src/lists. */
#define ARCH(name) extern const struct arch arch_##name;
#include "arch/list.h"
#undef ARCH

static const struct arch *const archs[] = {
#define ARCH(name) &arch_##name,
#include "arch/list.h"
#undef ARCH
};

enum { ARCHS = sizeof(archs) / sizeof(archs[0]) };

const struct abi *abi_native(void)
{
	return &arch_native->abi[0];
}

const struct abi *abi_of(uint32_t audit_arch, uint64_t nr)
{
	bool x32 = audit_arch == AUDIT_ARCH_X86_64 && (nr & X32_BIT);

	for (unsigned int i = 0; i < ARCHS; i++) {
		for (const struct abi *a = archs[i]->abi; a->name; a++) {
			if (a->audit_arch == audit_arch && a->x32 == x32)
				return a;
		}
	}
	return NULL;
}

const struct abi *abi_by_name(const char *name)
{
	for (unsigned int i = 0; i < ARCHS; i++) {
		for (const struct abi *a = archs[i]->abi; a->name; a++) {
			if (!strcmp(a->name, name))
				return a;
		}
	}
	return NULL;
}
