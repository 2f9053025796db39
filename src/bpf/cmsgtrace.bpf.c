// SPDX-License-Identifier: GPL-2.0-only
/*
 * The programs that run in the kernel while a tracer is attached.  At a call's entry they note what it
 * overwrites and the socket's facts; at its end they copy what it offered and returned into one record of the
 * ring.  Packets that it queued, and datagrams that came, are records of their own.  Nothing is stopped.
 *
 * Order of work: the number of the call decides first, then the task, so that other processes pay for two
 * look-ups.  All reads are bounded; what can't be read is told.
 */
#include "records.h"

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "kernel.h"
#include "read.bpf.h"

char LICENSE[] SEC("license") = "GPL";

enum {
	UNDER_WAY = 16384,
	SHAPES = 16384,
	VECTORS = 1024,
	INTERPRETERS = 4096,
	THREADS = 16384,
	TARGETS = 16384,
	RING = 16 * 1024 * 1024,
	WAKE_AT = RING / 4,
	STACKS_UNTIL = RING / 4,
	PLACES_NS = 20000000, /* at least, between two that wake */
	ARCH_X86_64 = 0xc000003e,
	ARCH_I386 = 0x40000003,
	ARCH_AARCH64 = 0xc00000b7,
	ARCH_ARM = 0x40000028,
	ARCH_RISCV64 = 0xc00000f3,
	MMSGHDR = 64,
	IOVEC = 16,
	IOVEC32 = 8,
	EAGAIN = 11,
	PAGE = 4096, /* the smallest of all machines */
};

const volatile struct rec_config config;
volatile struct rec_waking waking;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RING);
} ring SEC(".maps");

/* Class of each call by its number: struct rec_classes. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, REC_CALLS);
	__type(key, uint32_t);
	__type(value, struct rec_classes);
} calls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, REC_SOCKETCALLS);
	__type(key, uint32_t);
	__type(value, struct rec_socketcall);
} socketcalls SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, TARGETS);
	__type(key, uint32_t);
	__type(value, uint8_t);
} targets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, UNDER_WAY);
	__type(key, uint64_t);
	__type(value, struct rec_inside);
} under_ways SEC(".maps");

/* That of --cgroup. */
struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, uint32_t);
} cgroups SEC(".maps");

/* Stacks that are known, as the tracer says. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, SHAPES);
	__type(key, struct rec_beginning);
	__type(value, struct rec_shape);
} shapes SEC(".maps");

/* Processes that run Python, as the tracer says. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, INTERPRETERS);
	__type(key, uint32_t);
	__type(value, struct rec_interpreter);
} interpreters SEC(".maps");

/* What an interpreter has for a task, where it wasn't the newest: the oldest is found behind all others. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, THREADS);
	__type(key, uint32_t);
	__type(value, uint64_t);
} threads SEC(".maps");

/* Headers of a vector that a receive offers: overwritten by it. */
struct offered_vector {
	uint8_t p[REC_ELEMENTS * MMSGHDR];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, VECTORS);
	__type(key, uint64_t);
	__type(value, struct offered_vector);
} offered_vectors SEC(".maps");

struct scratch {
	struct rec_call call;
	uint8_t bytes[REC_BYTES + 8192]; /* so that a bounded write never passes the end */
};

/* One a CPU (the tracer sets how many): larger than a per-CPU map's values may be. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct scratch);
} scratches SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct rec_inside);
} fresh_under_way SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct offered_vector);
} fresh_vector SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct rec_lost);
} lost SEC(".maps");

struct sock_copy {
	uint8_t p[4096];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct sock_copy);
} sock_copies SEC(".maps");

enum lost { LOST_CALLS, LOST_OTHERS, LOST_UNDER_WAY, LOST_PARTS };

static __always_inline void count_lost(enum lost what)
{
	uint32_t zero = 0;
	struct rec_lost *l = bpf_map_lookup_elem(&lost, &zero);

	if (!l)
		return;
	l->calls += what == LOST_CALLS;
	l->others += what == LOST_OTHERS;
	l->under_way += what == LOST_UNDER_WAY;
	l->parts += what == LOST_PARTS;
}

static __always_inline bool is_target(uint32_t tgid)
{
	return tgid != config.own_tgid && bpf_map_lookup_elem(&targets, &tgid);
}

/* Carries messages: --all makes who calls it a target. */
static __always_inline bool is_messages(uint32_t class)
{
	return class != REC_ARGS && class != REC_ADDR && class != REC_OPT && class != REC_SOCKET;
}

/* Does it become one with this call? */
static __always_inline bool joins(uint32_t tgid, uint32_t class)
{
	uint8_t one = 1;

	if (!config.all || tgid == config.own_tgid || !is_messages(class))
		return false;
	if (config.cgroup && bpf_current_task_under_cgroup(&cgroups, 0) != 1)
		return false;
	if (!bpf_map_update_elem(&targets, &tgid, &one, BPF_ANY))
		return true;
	count_lost(LOST_UNDER_WAY);
	return false;
}

static __always_inline void fill_head(struct rec_head *h, uint32_t type, uint32_t size)
{
	uint64_t id = bpf_get_current_pid_tgid();

	h->size = size;
	h->type = type;
	h->ns = bpf_ktime_get_ns();
	h->tgid = id >> 32;
	h->tid = (uint32_t)id;
}

/* Who reads looks every few milliseconds; woken only where the ring fills up, or after a time when nothing happened. */
static __always_inline uint64_t wake_up(void)
{
	return waking.asleep || bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > WAKE_AT
		       ? BPF_RB_FORCE_WAKEUP
		       : BPF_RB_NO_WAKEUP;
}

/* The stack of a place that is not known can be walked only while its process is there: a short command's would be gone. */
static __always_inline uint64_t wake_for_place(uint64_t ns)
{
	if (ns - waking.for_place < PLACES_NS)
		return wake_up();
	waking.for_place = ns;
	return BPF_RB_FORCE_WAKEUP;
}

#include "sock.bpf.h"
#include "packet.bpf.h"

/* ---- the call ---- */

static __always_inline bool is_compat(void)
{
#if defined(__TARGET_ARCH_x86)
	struct task_struct *task = (void *)bpf_get_current_task();

	return READ(struct task_struct, task, thread_info.status) & 2; /* TS_COMPAT */
#elif defined(__TARGET_ARCH_arm64)
	struct task_struct *task = (void *)bpf_get_current_task();

	return READ(struct task_struct, task, thread_info.flags) >> 22 & 1; /* TIF_32BIT */
#else
	return false;
#endif
}

static __always_inline void read_args(const struct pt_regs *r, bool compat, uint64_t *args)
{
#if defined(__TARGET_ARCH_x86)
	if (compat) {
		args[0] = (uint32_t)READ(struct pt_regs, r, bx);
		args[1] = (uint32_t)READ(struct pt_regs, r, cx);
		args[2] = (uint32_t)READ(struct pt_regs, r, dx);
		args[3] = (uint32_t)READ(struct pt_regs, r, si);
		args[4] = (uint32_t)READ(struct pt_regs, r, di);
		args[5] = (uint32_t)READ(struct pt_regs, r, bp);
		return;
	}
	args[0] = READ(struct pt_regs, r, di);
	args[1] = READ(struct pt_regs, r, si);
	args[2] = READ(struct pt_regs, r, dx);
	args[3] = READ(struct pt_regs, r, r10);
	args[4] = READ(struct pt_regs, r, r8);
	args[5] = READ(struct pt_regs, r, r9);
#elif defined(__TARGET_ARCH_arm64)
	args[0] = READ(struct pt_regs, r, orig_x0);
	args[1] = READ(struct pt_regs, r, regs[1]);
	args[2] = READ(struct pt_regs, r, regs[2]);
	args[3] = READ(struct pt_regs, r, regs[3]);
	args[4] = READ(struct pt_regs, r, regs[4]);
	args[5] = READ(struct pt_regs, r, regs[5]);
#elif defined(__TARGET_ARCH_riscv)
	args[0] = READ(struct pt_regs, r, orig_a0);
	args[1] = READ(struct pt_regs, r, a1);
	args[2] = READ(struct pt_regs, r, a2);
	args[3] = READ(struct pt_regs, r, a3);
	args[4] = READ(struct pt_regs, r, a4);
	args[5] = READ(struct pt_regs, r, a5);
#endif
}

/* Of the call that ends. */
static __always_inline uint64_t call_number(const struct pt_regs *r)
{
	/* the verifier knows what r is: no helper is needed */
#if defined(__TARGET_ARCH_x86)
	return r->orig_ax;
#elif defined(__TARGET_ARCH_arm64)
	return (uint32_t)r->syscallno;
#else
	return r->a7;
#endif
}

static __always_inline uint32_t arch_of(bool compat)
{
#if defined(__TARGET_ARCH_x86)
	return compat ? ARCH_I386 : ARCH_X86_64;
#elif defined(__TARGET_ARCH_arm64)
	return compat ? ARCH_ARM : ARCH_AARCH64;
#else
	return ARCH_RISCV64;
#endif
}

static __always_inline bool receives(uint32_t class)
{
	return class == REC_RECVMSG || class == REC_RECVMMSG || class == REC_RECVFROM ||
	       class == REC_READ || class == REC_READV || class == REC_MULTISHOT;
}

static __always_inline bool has_fd(uint32_t class)
{
	return class != REC_ARGS && class != REC_SOCKET;
}

static __always_inline bool is_read_or_write(uint32_t class)
{
	return class == REC_READ || class == REC_WRITE || class == REC_READV || class == REC_WRITEV;
}

/* ---- it begins ---- */

static __always_inline void offer_vector(struct rec_inside *u, uint64_t id, bool compat)
{
	uint32_t zero = 0;
	struct offered_vector *v = bpf_map_lookup_elem(&fresh_vector, &zero);
	uint64_t n = u->args[2];

	u->timeout_ok = !bpf_probe_read_user(u->timeout, REC_TIMESPEC, (void *)u->args[4]);
	if (!v)
		return;
	if (n > REC_ELEMENTS)
		n = REC_ELEMENTS;
	n *= compat ? MMSGHDR32 : MMSGHDR;
	asm volatile("" : "+r"(n));
	if (n > sizeof(v->p) || bpf_probe_read_user(v->p, n, (void *)u->args[1]))
		return;
	u->offered_ok = n;
	if (bpf_map_update_elem(&offered_vectors, &id, v, BPF_ANY))
		count_lost(LOST_PARTS);
}

static __always_inline void offer(struct rec_inside *u, uint64_t id, bool compat)
{
	switch (u->class) {
	case REC_RECVMSG:
		u->offered_ok = !bpf_probe_read_user(u->offered, compat ? MSGHDR32 : REC_MSGHDR,
						     (void *)u->args[1]);
		break;
	case REC_RECVFROM:
		if (u->args[5])
			u->namelen_ok = !bpf_probe_read_user(&u->namelen, 4, (void *)u->args[5]);
		break;
	case REC_RECVMMSG:
		offer_vector(u, id, compat);
		break;
	}
}

/*
 * What is wanted of the call with that number, in the ABI that it is made in.  Most calls are not wanted in either:
 * only else the task is asked which it is.
 */
static __always_inline uint8_t wanted_of(uint32_t nr, bool *compat)
{
	struct rec_classes *c = bpf_map_lookup_elem(&calls, &nr);

	if (!c || !(c->native | c->compat))
		return 0;
	*compat = is_compat();
	return *compat ? c->compat : c->native;
}

/* i386's multiplexer: which call it is, and its arguments, are words in memory.  Its class; 0: it isn't wanted. */
static __always_inline uint32_t look_through(struct rec_inside *u)
{
	uint32_t which = u->args[0], words[REC_WORDS] = {};
	struct rec_socketcall *c = bpf_map_lookup_elem(&socketcalls, &which);
	uint64_t n = c ? c->nargs * sizeof(words[0]) : 0;

	asm volatile("" : "+r"(n));
	if (n > sizeof(words) || bpf_probe_read_user(words, n, (void *)u->args[1]))
		return 0;
	__builtin_memcpy(u->multiplexed, u->args, sizeof(u->multiplexed));
	for (uint32_t i = 0; i < REC_WORDS; i++)
		u->args[i] = words[i];
	u->nwords = n / sizeof(words[0]);
	return c ? c->class : 0;
}

SEC("raw_tp/sys_enter")
int on_sys_enter(struct bpf_raw_tracepoint_args *ctx)
{
	struct pt_regs *regs = (void *)ctx->args[0];
	uint64_t id, nr = ctx->args[1];
	struct rec_inside *u;
	struct sock *sk = NULL;
	uint32_t zero = 0, class;
	bool compat = false, target;
	uint8_t wanted;

	if (nr >= REC_CALLS)
		return 0;
	wanted = wanted_of(nr, &compat);
	if (!wanted)
		return 0;
	id = bpf_get_current_pid_tgid();
	class = wanted & REC_CLASS;
	if (wanted & REC_OWN && id >> 32 == config.own_tgid) {
		sk = sock_of_fd((int)READ(struct pt_regs, regs, FIRST_ARG));
		if (sk && is_udp_sock(sk))
			watch(sk);
		return 0;
	}
	target = class && is_target(id >> 32);
	if (!class || !(target || config.all))
		return 0;
	u = bpf_map_lookup_elem(&fresh_under_way, &zero);
	if (!u)
		return 0;
	__builtin_memset(u, 0, offsetof(struct rec_inside, sock));
	__builtin_memset(&u->sock, 0, sizeof(u->sock));
	read_args(regs, compat, u->args);
	if (class == REC_SOCKETCALL)
		class = look_through(u);
	if (!class || !(target || joins(id >> 32, class)))
		return 0;
	if (has_fd(class))
		sk = sock_of_fd((int)u->args[0]);
	if (is_read_or_write(class) && !(wanted & REC_ALWAYS) && (!sk || !carries_datagrams(sk)))
		return 0;
	u->enter_ns = bpf_ktime_get_ns();
	u->nr = nr;
	u->arch = arch_of(compat);
	u->class = class;
	if (sk)
		read_sock_of(u, sk);
	offer(u, id, compat);
	if (u->udp && receives(class))
		watch(sk);
	if (bpf_map_update_elem(&under_ways, &id, u, BPF_ANY))
		count_lost(LOST_UNDER_WAY);
	return 0;
}

/* ---- it ends ---- */

#include "take.bpf.h"

/* Its entry was not seen: the tracer says what it was when it attached.  Is it that one which ends here? */
static __always_inline bool begin_late(struct rec_inside *u, uint64_t nr)
{
	struct sock *sk = has_fd(u->class) ? sock_of_fd((int)u->args[0]) : NULL;

	if (nr != u->nr)
		return false;
	if (is_read_or_write(u->class) && !(u->unseen & REC_ALWAYS) &&
	    (!sk || !carries_datagrams(sk)))
		return false;
	if (sk)
		read_sock_of(u, sk);
	return true;
}

enum { EINTR = 4, ERESTARTSYS = 512, ERESTART_RESTARTBLOCK = 516, SIGNAL_GROUP_EXIT = 4 };

static __always_inline bool is_being_ended(struct task_struct *task)
{
	return READ(struct task_struct, task, signal, flags) & SIGNAL_GROUP_EXIT;
}

/* A signal interrupted it, and its process is being ended. */
static __always_inline bool died(struct task_struct *task, int64_t result)
{
	return (result == -EINTR || (result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK)) &&
	       is_being_ended(task);
}

/* A call or request that ended: all of it as one record.  regs: where it was made; NULL: elsewhere. */
static __always_inline void tell_call(struct scratch *s, struct rec_inside *u, uint64_t id,
				      int64_t result, uint64_t request, const struct pt_regs *regs)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	bool new_place = false;
	struct sock *sk;
	uint64_t size;

	s->call.enter_ns = u->enter_ns;
	s->call.mm = (uint64_t)READ(struct task_struct, task, mm);
	s->call.stack = 0;
	__builtin_memcpy(s->call.args, u->args, sizeof(s->call.args));
	if (u->nwords)
		__builtin_memcpy(s->call.args, u->multiplexed, sizeof(u->multiplexed));
	s->call.result = result;
	s->call.request = request;
	s->call.nr = u->nr;
	s->call.arch = u->arch;
	s->call.class = u->class;
	s->call.cut = 0;
	s->call.nbytes = 0;
	s->call.died = !request && died(task, result);
	bpf_get_current_comm(s->call.comm, sizeof(s->call.comm));
	__builtin_memcpy(&s->call.sock, &u->sock, sizeof(s->call.sock));
	if (u->class == REC_SOCKET && result >= 0) {
		sk = sock_of_fd(result);
		if (sk)
			read_sock(&s->call.sock, sk);
	}
	if (u->nwords)
		take_words(s, u);
	take_call(s, u, id, result);
	if (regs && has_place(u->class, result))
		new_place = take_place(s, id >> 32, regs);
	if (s->call.cut)
		count_lost(LOST_PARTS);
	size = sizeof(s->call) + s->call.nbytes;
	fill_head(&s->call.head, REC_CALL, size);
	s->call.head.tgid = id >> 32;
	s->call.head.tid = (uint32_t)id;
	asm volatile("" : "+r"(size));
	if (size > sizeof(*s))
		size = sizeof(*s);
	if (bpf_ringbuf_output(&ring, s, size,
			       new_place ? wake_for_place(s->call.head.ns) : wake_up()))
		count_lost(LOST_CALLS);
}

/* Most calls are not wanted: their number costs others less than a look for what is under way. */
SEC("tp_btf/sys_exit")
int on_sys_exit(uint64_t *ctx)
{
	uint64_t id, nr = call_number((void *)ctx[0]);
	const struct pt_regs *regs = NULL;
	struct rec_classes *c;
	struct rec_inside *u;
	struct scratch *s;
	uint32_t key = nr;

	c = nr < REC_CALLS ? bpf_map_lookup_elem(&calls, &key) : NULL;
	if (!c || !(c->native | c->compat))
		return 0;
	id = bpf_get_current_pid_tgid();
	u = bpf_map_lookup_elem(&under_ways, &id);
	if (!u)
		return 0;
	if (u->unseen && !begin_late(u, nr)) {
		bpf_map_delete_elem(&under_ways, &id);
		return 0;
	}
	s = scratch_of_cpu();
	if (!s)
		return 0;
	bpf_probe_read_kernel(&regs, sizeof(regs),
			      ctx); /* as an address: registers are found by their place */
	tell_call(s, u, id, (int64_t)ctx[1], 0, regs);
	bpf_map_delete_elem(&under_ways, &id);
	return 0;
}

static __always_inline struct rec_task *new_task_record(uint32_t type)
{
	struct rec_task *r = bpf_ringbuf_reserve(&ring, sizeof(*r), 0);

	if (!r) {
		count_lost(LOST_OTHERS);
		return NULL;
	}
	__builtin_memset(r, 0, sizeof(*r));
	fill_head(&r->head, type, sizeof(*r));
	bpf_get_current_comm(r->comm, sizeof(r->comm));
	return r;
}

#include "uring.bpf.h"
#include "task.bpf.h"
