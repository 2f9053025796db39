/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * i386 functions that nobody runs: test-unwind lays a stack out for them and walks it.  Linked at 0x1000; each starts
 * at a multiple of 64 and is left at its 16th byte.  What unwind tables say of them is what compilers write.
 */
	.macro function name
	.balign 64, 0x90
	.globl \name
	.type \name, @function
\name:
	nop
	.endm
	.macro done name
	.balign 64, 0x90
	.size \name, . - \name
	.endm
	.text

	/* 0x1000: esp alone leads to the caller's frame; ebx is saved */
	function leaf
	.cfi_startproc
	push %ebx
	.cfi_def_cfa_offset 8
	.cfi_offset %ebx, -8
	done leaf
	.cfi_endproc

	/* 0x1040: a realigned stack, as main() has it: the frame's address was saved below ebp */
	function aligned
	.cfi_startproc
	.cfi_escape 0x10, 5, 2, 0x75, 0          /* ebp is saved at ebp */
	.cfi_escape 0x0f, 3, 0x75, 0x7c, 6       /* the frame is where ebp - 4 points to */
	done aligned
	.cfi_endproc

	/* 0x1080: the frame is found by ebx, which only leaf's table restores */
	function by_ebx
	.cfi_startproc
	.cfi_def_cfa %ebx, 8
	done by_ebx
	.cfi_endproc

	/* 0x10c0: the outermost one */
	function first
	.cfi_startproc
	.cfi_undefined %eip
	done first
	.cfi_endproc

	/* 0x1100, 0x1140: no table, frame pointers */
	function plain
	done plain
	function plainer
	done plainer

	.section .note.GNU-stack, "", @progbits
