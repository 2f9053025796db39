/* SPDX-License-Identifier: GPL-2.0-only */
/* How members of the kernel's structures are read: those that lie in the kernel itself, not in a module. */
#ifndef CMSGTRACE_BPF_READ_BPF_H
#define CMSGTRACE_BPF_READ_BPF_H

enum { LINUX_6_2 = 0x60200 };

extern int LINUX_KERNEL_VERSION __kconfig;
extern void *bpf_rdonly_cast(const void *address, uint32_t type) __ksym __weak;

/*
 * From Linux 6.2 on an address can be called a pointer to a structure: its members are loads then, and what can't be read is 0.
 * Before, each member is a call of bpf_probe_read_kernel().  A member that is a pointer is one of its type: to have it as a number,
 * for a key or another function, take BPF_CORE_READ().
 */
#define LOADS (LINUX_KERNEL_VERSION >= LINUX_6_2)

/* Where LOADS is true: p as a pointer to type. */
#define AS(type, p) ((type *)bpf_rdonly_cast((const void *)(p), bpf_core_type_id_kernel(type)))

/* READ(struct file, f, f_inode, i_mode) is f->f_inode->i_mode; f is an address. */
#define READ(type, p, ...)                                                                         \
	({                                                                                         \
		___type(((type *)0), __VA_ARGS__) r_;                                              \
		if (LOADS)                                                                         \
			r_ = ___arrow(AS(type, p), __VA_ARGS__);                                   \
		else                                                                               \
			BPF_CORE_READ_INTO(&r_, (type *)(p), __VA_ARGS__);                         \
		r_;                                                                                \
	})

/* The same of a bit-field, or of a member that was one in other releases. */
#define READ_BITS(type, p, member)                                                                 \
	({                                                                                         \
		uint64_t r_;                                                                       \
		if (LOADS)                                                                         \
			r_ = BPF_CORE_READ_BITFIELD(AS(type, p), member);                          \
		else                                                                               \
			r_ = BPF_CORE_READ_BITFIELD_PROBED((type *)(p), member);                   \
		r_;                                                                                \
	})

#endif
