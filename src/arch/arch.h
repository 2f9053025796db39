/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What differs from machine to machine: one file arch-NAME.c and one row in arch.c each.  ABIs are known
 * everywhere, since recordings come from everywhere; the rest on the machine itself only.
 */
#ifndef CMSGTRACE_ARCH_ARCH_H
#define CMSGTRACE_ARCH_ARCH_H

#include <stddef.h>

#include "arch/abi.h"

enum {
	ARCH_ABIS = 3,
	ARCH_REGS = 65, /* RISC-V counts its floating point registers before pc */
	ARCH_CODE = 8,  /* bytes of code that are looked at before a return address */
};

/* The general ones of a task, by libunwind's numbers; a 32-bit task's in the places of the native ones. */
struct registers {
	unsigned char word; /* of the task: 4 or 8 bytes */
	uint64_t v[ARCH_REGS];
};

struct arch {
	struct abi abi[ARCH_ABIS + 1]; /* the native one first; ended by one without name */

	/* What NT_PRSTATUS holds (ptrace(2)): 0, or -ENOSYS for tasks whose stacks nobody can walk. */
	int (*registers)(struct registers *to, const void *regset, size_t len);
	unsigned int pc, sp, fp; /* where struct registers has them */
	unsigned int lr;         /* … and the return address; 0: calls push it */
	/* A frame record, in words from fp: the caller's fp, the return address. */
	int next_at, return_at;
	/* Does this code, which ends at a return address, call?  NULL where there is lr. */
	bool (*calls)(const unsigned char code[ARCH_CODE]);
	/* Where it has DWARF's registers of a 32-bit task, the last one the return address; NULL: not known. */
	const unsigned char *regs32;
	unsigned int nregs32;
	/*
	 * Where PTRACE_POKEUSER has a call's number, its result and, for each ABI, its first argument.  All 0:
	 * PTRACE_SET_SYSCALL_INFO alone changes a call, and the result comes where the first argument was.
	 */
	struct {
		unsigned int nr, result, arg0[ARCH_ABIS];
	} user;
	/*
	 * The words of NT_PRSTATUS that hold a native call's second and third argument; and its number, where
	 * writing it there before the call makes it another one.  0: none.
	 */
	struct {
		unsigned int arg1, arg2, nr;
	} word;
};

/* This machine's; a machine whose file is missing doesn't link. */
extern const struct arch *const arch_native;

#endif
