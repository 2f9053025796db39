// SPDX-License-Identifier: LGPL-2.1-or-later
/* The seccomp filter, by libseccomp.  Documentation/userspace-api/seccomp_filter.rst */
#include "config.h"

#include "ptrace/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"

/* The rule for calls whose argument number arg has these bits of mask. */
static int filter_rule_if(scmp_filter_ctx ctx, uint32_t action, int nr, unsigned int arg,
			  uint64_t mask, uint64_t bits)
{
	const struct scmp_arg_cmp cmp = {
		.arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = bits
	};

	return seccomp_rule_add_array(ctx, action, nr, 1, &cmp);
}

/* Calls whose argument number arg is one of these; ended by -1. */
static int filter_rule_any(scmp_filter_ctx ctx, uint32_t action, int nr, unsigned int arg,
			   const int64_t *values)
{
	for (; *values >= 0; values++) {
		int err = filter_rule_if(ctx, action, nr, arg, UINT32_MAX, (uint64_t)*values);

		if (err && err != -EEXIST)
			return err;
	}
	return 0;
}

/* Of fcntl's commands only those that make a descriptor. */
static int filter_rule_fds(scmp_filter_ctx ctx, uint32_t action, int nr, const char *name)
{
	static const int64_t commands[] = { F_DUPFD, F_DUPFD_CLOEXEC, -1 };

	if (strncmp(name, "fcntl", 5))
		return seccomp_rule_add(ctx, action, nr, 0);
	return filter_rule_any(ctx, action, nr, 1, commands);
}

/*
 * One rule: libseccomp translates the name to the number of each ABI (and knows that i386 has the socket
 * calls twice: directly and through socketcall).
 */
static int filter_rule(scmp_filter_ctx ctx, const struct call_entry *e)
{
	static const int64_t prctls[] = { PR_SET_NAME, PR_SET_SECCOMP, PR_GET_SECCOMP, -1 };
	static const int64_t modes[] = { SECCOMP_SET_MODE_STRICT, SECCOMP_SET_MODE_FILTER, -1 };
	static const int64_t ioctls[] = { CALLS_IOC_USERFAULTFD, -1 };
	uint32_t action = SCMP_ACT_TRACE(FILTER_MARK | (uint32_t)e->call);
	int nr = seccomp_syscall_resolve_name(e->name);

	if (nr == __NR_SCMP_ERROR)
		return -EINVAL;
	if (e->use == USE_EVENT)
		return seccomp_rule_add(ctx, action, nr, 0);
	switch (e->side) {
	case SIDE_IDS:
		return seccomp_rule_add(ctx, action, nr, 0);
	case SIDE_MAPS:
		if (e->files && filter_rule_if(ctx, action, nr, 3, MAP_ANONYMOUS, 0))
			return -EINVAL;
		return filter_rule_if(ctx, action, nr, 2, PROT_EXEC, PROT_EXEC);
	case SIDE_FDS:
		return filter_rule_fds(ctx, action, nr, e->name);
	case SIDE_COMM:
		return filter_rule_any(ctx, action, nr, 0, prctls);
	case SIDE_SECCOMP:
		return filter_rule_any(ctx, action, nr, 0, modes);
	case SIDE_WAITS:
		return strcmp(e->name, "ioctl") ? seccomp_rule_add(ctx, action, nr, 0)
						: filter_rule_any(ctx, action, nr, 1, ioctls);
	case SIDE_TRACED: /* clone3's flags lie in memory */
		return strcmp(e->name, "clone3")
			       ? filter_rule_if(ctx, action, nr, 0, CLONE_UNTRACED, CLONE_UNTRACED)
			       : seccomp_rule_add(ctx, action, nr, 0);
	case SIDE_NONE:
		break;
	}
	return 0; /* USE_DEMAND: too common, a stop each would cost more than it tells */
}

static int filter_rules(scmp_filter_ctx ctx, const struct calls *c)
{
	unsigned int n;
	const struct call_table *t = calls_tables(c, &n);

	for (unsigned int i = 0; i < n; i++) {
		for (uint32_t k = 0; k < t[i].n; k++) {
			const struct call_entry *e = &t[i].v[k];
			int err = e->name ? filter_rule(ctx, e) : 0;

			if (err && err != -EEXIST) /* the same name in another ABI */
				return err;
		}
	}
	return 0;
}

static int filter_context(scmp_filter_ctx ctx, const struct calls *c)
{
	unsigned int n;
	const struct call_table *t = calls_tables(c, &n);
	/* An ABI that is none of ours must run as it would without us. */
	int err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);

#if SCMP_VER_MAJOR > 2 || (SCMP_VER_MAJOR == 2 && SCMP_VER_MINOR >= 5)
	/* A binary tree.  Kernels before 5.11 run the filter at each call; later ones remember which
	 * numbers are always allowed. */
	if (!err)
		err = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
#endif
	for (unsigned int i = 0; !err && i < n; i++) {
		err = seccomp_arch_add(ctx, t[i].token);
		if (err == -EEXIST) /* the native one is there from the start */
			err = 0;
	}
	return err ? err : filter_rules(ctx, c);
}

/* libseccomp writes programs to descriptors only. */
static int filter_export(scmp_filter_ctx ctx, struct filter *f)
{
	int fd = memfd_create("filter", MFD_CLOEXEC);
	off_t size = -1;
	int err;

	if (fd < 0)
		return -errno;
	err = seccomp_export_bpf(ctx, fd);
	if (!err)
		size = lseek(fd, 0, SEEK_END);
	if (!err && (size <= 0 || size / (off_t)sizeof(struct sock_filter) > BPF_MAXINSNS))
		err = -E2BIG;
	if (!err) {
		f->prog.filter = alloc_bytes((size_t)size);
		f->prog.len = (unsigned short)((size_t)size / sizeof(struct sock_filter));
		if (pread(fd, f->prog.filter, (size_t)size, 0) != size)
			err = -EIO;
	}
	close(fd);
	return err;
}

/* The classic BPF that seccomp allows and libseccomp uses; anything else ends as KILL_PROCESS. */
uint32_t filter_eval(const struct filter *f, uint32_t audit_arch, uint32_t nr, const uint64_t *args)
{
	struct seccomp_data d = { .nr = (int)nr, .arch = audit_arch };
	uint32_t a = 0;

	if (args)
		memcpy(d.args, args, sizeof(d.args));
	for (uint32_t pc = 0; pc < f->prog.len; pc++) {
		const struct sock_filter *i = &f->prog.filter[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k > sizeof(d) - sizeof(a))
				return SECCOMP_RET_KILL_PROCESS;
			memcpy(&a, (const char *)&d + i->k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			pc += a > i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			return SECCOMP_RET_KILL_PROCESS;
		}
	}
	return SECCOMP_RET_KILL_PROCESS;
}

static bool filter_agrees(const struct filter *f, const struct call_table *t, uint32_t i)
{
	const struct call_entry *e = &t->v[i];
	/* the arguments that the conditional rules ask for: all at once */
	const uint64_t args[6] = {
		e->side == SIDE_TRACED    ? CLONE_UNTRACED
		: e->side == SIDE_SECCOMP ? SECCOMP_SET_MODE_FILTER
					  : PR_SET_NAME,
		e->side == SIDE_WAITS ? CALLS_IOC_USERFAULTFD : F_DUPFD,
		PROT_EXEC,
	};
	uint32_t got = filter_eval(f, t->abi->audit_arch, t->first | i, args);
	bool stop = e->name && call_entry_stops(e);

	/* old i386 mmap has its arguments in memory: what its rule makes of it doesn't matter */
	if (e->side == SIDE_MAPS)
		return true;
	if (!stop)
		return got == SECCOMP_RET_ALLOW;
	return got == (SECCOMP_RET_TRACE | FILTER_MARK | (uint32_t)e->call);
}

static int filter_verify(const struct filter *f, const struct calls *c)
{
	unsigned int n;
	const struct call_table *t = calls_tables(c, &n);

	for (unsigned int i = 0; i < n; i++) {
		for (uint32_t k = 0; k < t[i].n; k++) {
			if (!filter_agrees(f, &t[i], k))
				return -EBADMSG;
		}
	}
	return 0;
}

int filter_build(struct filter *f, const struct calls *c)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int err;

	*f = (struct filter){ 0 };
	if (!ctx)
		return -ENOMEM;
	err = filter_context(ctx, c);
	if (!err)
		err = filter_export(ctx, f);
	seccomp_release(ctx);
	if (!err)
		err = filter_verify(f, c);
	if (err)
		filter_free(f);
	return err;
}

void filter_free(struct filter *f)
{
	alloc_free(f->prog.filter);
	*f = (struct filter){ 0 };
}

static int filter_set(const struct sock_fprog *prog)
{
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, prog) ? -errno : 0;
}

int filter_install(const struct filter *f)
{
	int err = filter_set(&f->prog);

	if (err != -EACCES)
		return err;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return filter_set(&f->prog);
}

int filter_probe(void)
{
	/* The program's address is looked at before privileges are: EFAULT where filters exist. */
	int err = filter_set(NULL);

	return err == -EFAULT || err == -EACCES ? 0 : err;
}
