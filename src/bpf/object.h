/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The compiled programs of cmsgtrace.bpf.c. */
#ifndef CMSGTRACE_BPF_OBJECT_H
#define CMSGTRACE_BPF_OBJECT_H

#include <stdint.h>

extern const char bpf_object[];
extern const uint64_t bpf_object_size;

#endif
