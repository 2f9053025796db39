/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ABIs that system calls are made by: which layouts their structures have. */
#ifndef CMSGTRACE_ARCH_ABI_H
#define CMSGTRACE_ARCH_ABI_H

#include <stdbool.h>
#include <stdint.h>

/* The layout of a tracee's structures. */
struct abi {
	uint32_t audit_arch; /* AUDIT_ARCH_* */
	bool x32;            /* x86-64 with the x32 bit: 32-bit pointers, compat msghdr */
	uint8_t word;        /* bytes of a pointer and of size_t: 4 or 8 */
	uint8_t kword;       /* bytes of the kernel's long for this ABI (x32: 8) */
	bool compat;         /* a 32-bit call on a 64-bit kernel: 12-byte cmsghdr, other errors */
	const char *name;    /* "x86_64", "i386", "x32", "aarch64" … */
};

const struct abi *abi_native(void);
/* NULL where that is not known.  nr tells x32 from x86-64. */
const struct abi *abi_of(uint32_t audit_arch, uint64_t nr);
const struct abi *abi_by_name(const char *name);

#endif
