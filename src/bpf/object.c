// SPDX-License-Identifier: LGPL-2.1-or-later
/* The compiled programs, as a part of this binary: nothing is looked for at run time. */
#include "config.h"

#include "bpf/object.h"

__asm__(".section .rodata\n"
	".balign 8\n"
	".global bpf_object_size\n"
	"bpf_object_size:\n"
	".quad 1f - bpf_object\n"
	".global bpf_object\n"
	"bpf_object:\n"
	".incbin \"" BPF_OBJECT "\"\n"
	"1:\n"
	".previous\n");
