/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The compiled programs of cmsgtrace.bpf.c. */
#ifndef CMSGTRACE_BPF_OBJECT_H
#define CMSGTRACE_BPF_OBJECT_H

extern const char bpf_object_start[], bpf_object_end[];

#endif
