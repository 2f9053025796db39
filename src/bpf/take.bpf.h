/* SPDX-License-Identifier: GPL-2.0-only */
/* At the end of a call or request: what it offered and returned is copied out of its task's memory. */
#ifndef CMSGTRACE_BPF_TAKE_BPF_H
#define CMSGTRACE_BPF_TAKE_BPF_H

static __always_inline struct scratch *scratch_of_cpu(void)
{
	uint32_t cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&scratches, &cpu);
}

/*
 * Copies len bytes at addr of the task as one part; at most max, and a page.  1: not all could be read.  A fault can then be on the second
 * page only: the first is read alone.  Functions that are not static are verified once, not for each call.
 */
int take(uint64_t addr, uint64_t len, uint32_t max)
{
	struct scratch *s = scratch_of_cpu();
	uint64_t at, n = len, first = PAGE - (addr & (PAGE - 1));
	struct rec_part *p;

	if (!s || !addr || !n)
		return 0;
	at = s->call.nbytes;
	if (n > max || n > PAGE) {
		s->call.cut++;
		n = max < PAGE ? max : PAGE;
	}
	if (at > REC_BYTES - sizeof(*p)) {
		s->call.cut++;
		return 0;
	}
	at &= REC_BYTES - 1;
	p = (void *)&s->bytes[at];
	p->addr = addr;
	p->when = REC_LEAVE;
	p->fault = 0;
	p->len = 0;
	asm volatile("" : "+r"(n));
	if (n > PAGE)
		return 0;
	if (!bpf_probe_read_user(&s->bytes[at + sizeof(*p)], n, (void *)addr)) {
		p->len = n;
	} else {
		p->fault = 1;
		asm volatile("" : "+r"(first));
		if (first < n && first <= PAGE &&
		    !bpf_probe_read_user(&s->bytes[at + sizeof(*p)], first, (void *)addr))
			p->len = first;
	}
	s->call.nbytes = at + sizeof(*p) + ((p->len + 7) & ~7u);
	return p->fault;
}

/* Bytes that the kernel holds. */
static __always_inline void take_own(struct scratch *s, uint64_t addr, const void *from,
				     uint32_t len, enum rec_when when)
{
	uint64_t at = s->call.nbytes;
	struct rec_part *p;

	if (at > REC_BYTES - sizeof(*p))
		return;
	at &= REC_BYTES - 1;
	p = (void *)&s->bytes[at];
	p->addr = addr;
	p->when = when;
	p->fault = 0;
	p->len = len;
	bpf_probe_read_kernel(&s->bytes[at + sizeof(*p)], len, from);
	s->call.nbytes = at + sizeof(*p) + ((len + 7) & ~7u);
}

/* A part that was taken last is shorter than it was taken. */
static __always_inline void shorten(struct scratch *s, uint32_t taken, uint32_t len)
{
	uint64_t at = s->call.nbytes - taken - sizeof(struct rec_part);
	struct rec_part *p;

	at &= REC_BYTES - 1;
	p = (void *)&s->bytes[at];
	p->len = len;
	s->call.nbytes = at + sizeof(*p) + ((len + 7) & ~7u);
}

/* The arguments that the multiplexer was given, where they stood. */
static __always_inline void take_words(struct scratch *s, const struct rec_inside *u)
{
	uint32_t words[REC_WORDS];

	for (uint32_t i = 0; i < REC_WORDS; i++)
		words[i] = u->args[i];
	take_own(s, u->multiplexed[1], words, sizeof(words), REC_ENTRY);
	shorten(s, sizeof(words), u->nwords * sizeof(words[0]));
}

struct hdr {
	uint64_t name, namelen, iov, iovlen, control, controllen;
};

static __always_inline void parse_hdr(struct hdr *h, const uint64_t *w, bool compat)
{
	if (compat) {
		h->name = (uint32_t)w[0];
		h->namelen = w[0] >> 32;
		h->iov = (uint32_t)w[1];
		h->iovlen = w[1] >> 32;
		h->control = (uint32_t)w[2];
		h->controllen = w[2] >> 32;
		return;
	}
	h->name = w[0];
	h->namelen = (uint32_t)w[1];
	h->iov = w[2];
	h->iovlen = w[3];
	h->control = w[4];
	h->controllen = w[5];
}

/* The iovec at iov and the payload of its first buffers. */
int take_iov(uint64_t iov, uint64_t iovlen, uint64_t moved, uint32_t compat)
{
	struct scratch *s = scratch_of_cpu();
	uint64_t one = compat ? IOVEC32 : IOVEC, left = REC_PAYLOAD;

	if (!s)
		return 0;
	take(iov, iovlen > REC_IOVS ? REC_IOVS * IOVEC : iovlen * one, REC_IOVS * IOVEC);
	for (uint32_t i = 0; i < REC_IOVS_DATA; i++) {
		uint64_t v[2] = {}, base, len;

		if (i >= iovlen || !moved)
			return 0;
		bpf_probe_read_user(v, compat ? IOVEC32 : IOVEC, (void *)(iov + i * one));
		base = compat ? (uint32_t)v[0] : v[0];
		len = compat ? v[0] >> 32 : v[1];
		if (len > moved)
			len = moved;
		moved -= len;
		if (len > config.payload)
			len = config.payload;
		if (len > left)
			len = left;
		left -= len;
		take(base, len, REC_PAYLOAD);
	}
	if (iovlen > REC_IOVS_DATA && moved)
		s->call.cut++;
	return 0;
}

/* A message whose header is at addr now: its parts. */
int take_message(uint64_t addr, uint64_t moved, uint32_t compat)
{
	struct scratch *s = scratch_of_cpu();
	uint64_t raw[REC_MSGHDR / 8] = {};
	struct hdr h;

	if (!s)
		return 0;
	take(addr, compat ? MSGHDR32 : REC_MSGHDR, REC_MSGHDR);
	if (bpf_probe_read_user(raw, compat ? MSGHDR32 : REC_MSGHDR, (void *)addr))
		return 0;
	parse_hdr(&h, raw, compat);
	if (h.namelen < 1u << 31)
		take(h.name, h.namelen > REC_NAME ? REC_NAME : h.namelen, REC_NAME);
	take(h.control, h.controllen, REC_CONTROL);
	take_iov(h.iov, h.iovlen, moved, compat);
	return 0;
}

static __always_inline void take_vector(struct scratch *s, const struct rec_inside *u, bool compat,
					uint64_t n)
{
	uint64_t one = compat ? MMSGHDR32 : MMSGHDR;

	for (uint32_t i = 0; i < REC_ELEMENTS; i++) {
		uint64_t at = u->args[1] + i * one;
		uint32_t len = 0;

		if (i >= n)
			return;
		bpf_probe_read_user(&len, 4, (void *)(at + (compat ? MSGHDR32 : REC_MSGHDR)));
		take(at + (compat ? MSGHDR32 : REC_MSGHDR), compat ? 4 : 8, 8);
		take_message(at, u->class == REC_RECVMMSG ? len : ~0ull, compat);
	}
	if (n > REC_ELEMENTS)
		s->call.cut++;
}

/* What recvmmsg overwrote. */
static __always_inline void take_offered_vector(struct scratch *s, const struct rec_inside *u,
						uint64_t id)
{
	struct offered_vector *v = bpf_map_lookup_elem(&offered_vectors, &id);

	if (u->timeout_ok) {
		take_own(s, u->args[4], u->timeout, REC_TIMESPEC, REC_ENTRY);
		take(u->args[4], REC_TIMESPEC, REC_TIMESPEC);
	}
	if (!v)
		return;
	if (u->offered_ok) {
		take_own(s, u->args[1], v->p, sizeof(v->p), REC_ENTRY);
		shorten(s, sizeof(v->p), u->offered_ok);
	}
	bpf_map_delete_elem(&offered_vectors, &id);
}

/* As struct io_uring_recvmsg_out, which the buffer begins with. */
struct multishot_out {
	uint32_t namelen, controllen, payloadlen, flags;
};

/* The header that the receive would have had is made up: offered, with what came instead of the rooms. */
static __always_inline void take_multishot(struct scratch *s, const struct rec_inside *u)
{
	struct multishot_out out = {};
	uint64_t h[REC_MSGHDR / 8], iov[2];

	__builtin_memcpy(h, u->offered, sizeof(h));
	__builtin_memcpy(iov, u->timeout, sizeof(iov));
	take_own(s, u->args[1], h, sizeof(h), REC_ENTRY);
	if (bpf_probe_read_user(&out, sizeof(out), (void *)(h[0] - sizeof(out))))
		return;
	h[1] = out.namelen;
	h[5] = out.controllen;
	h[6] = out.flags;
	take_own(s, u->args[1], h, sizeof(h), REC_LEAVE);
	take_own(s, h[2], iov, sizeof(iov), REC_LEAVE);
	take(h[0], out.namelen > REC_NAME ? REC_NAME : out.namelen, REC_NAME);
	take(h[4], out.controllen, REC_CONTROL);
	take(iov[0], out.payloadlen < config.payload ? out.payloadlen : config.payload,
	     REC_PAYLOAD);
}

static __always_inline void take_buffer(uint64_t addr, uint64_t len)
{
	take(addr, len < config.payload ? len : config.payload, REC_PAYLOAD);
}

/* Where the call was made: what a walk from there needs, if the stack is no deeper. */
int take_stack(uint64_t sp)
{
	struct scratch *s = scratch_of_cpu();

	for (uint32_t at = 0; s && at < REC_STACK_MOST; at += PAGE) {
		if (at >= config.stack || s->call.nbytes > REC_BYTES - 2 * PAGE ||
		    take(sp + at, PAGE, PAGE))
			return 0;
	}
	return 0;
}

static __always_inline uint64_t word_at(uint64_t addr)
{
	uint64_t v = 0;

	bpf_probe_read_user(&v, sizeof(v), (void *)addr);
	return v;
}

/* The number of the running thread as it sees it itself. */
static __always_inline uint64_t inner_tid(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	uint64_t pid = (uint64_t)BPF_CORE_READ(task, thread_pid);
	uint32_t level = READ(struct pid, pid, level);
	int nr = 0;

	bpf_probe_read_kernel(&nr, sizeof(nr),
			      (void *)(pid + bpf_core_field_offset(struct pid, numbers) +
				       level * bpf_core_type_size(struct upid)));
	return nr;
}

/* Is thread still this one's, which sees itself as tid, and in its interpreter's list?  What was freed keeps its number. */
static __noinline bool is_thread(const struct rec_interpreter *p, uint64_t thread, uint64_t in,
				 uint64_t tid)
{
	uint64_t previous;

	if (word_at(thread + p->native_id) != tid || word_at(thread + p->interpreter) != in)
		return false;
	previous = word_at(thread + p->previous_thread);
	return word_at(previous ? previous + p->next : in + p->threads) == thread;
}

/* What an interpreter has for this thread; 0: nothing.  Its list begins with the newest. */
uint64_t find_thread(uint64_t in, uint32_t tgid)
{
	const struct rec_interpreter *p = bpf_map_lookup_elem(&interpreters, &tgid);
	uint32_t task = bpf_get_current_pid_tgid();
	uint64_t at, tid, *known;

	if (!p)
		return 0;
	tid = inner_tid();
	at = word_at(in + p->threads);
	if (at && word_at(at + p->native_id) == tid)
		return at;
	known = bpf_map_lookup_elem(&threads, &task);
	if (known && is_thread(p, *known, in, tid))
		return *known;
	for (uint32_t i = 0; i < REC_THREADS && at; i++) {
		if (word_at(at + p->native_id) == tid) {
			bpf_map_update_elem(&threads, &task, &at, BPF_ANY);
			return at;
		}
		at = word_at(at + p->next);
	}
	return 0;
}

/* What the newest interpreter that runs anything in this thread has for it; 0: none does. */
static __always_inline uint64_t running_thread(const struct rec_interpreter *p, uint32_t tgid)
{
	uint64_t in = word_at(p->interpreters), at, holds;

	for (uint32_t i = 0; i < REC_INTERPRETERS && in; i++) {
		at = find_thread(in, tgid);
		holds = at && p->cframe ? word_at(at + p->cframe) : at;
		if (holds && word_at(holds + p->current))
			return at;
		in = word_at(in + p->next_interpreter);
	}
	return 0;
}

/* The frames that an interpreter runs in this thread, and what leads to them. */
int take_interpreted(uint32_t tgid)
{
	const struct rec_interpreter *p = bpf_map_lookup_elem(&interpreters, &tgid);
	struct scratch *s = scratch_of_cpu();
	uint64_t in, at;

	if (!p || !s)
		return 0;
	at = running_thread(p, tgid);
	if (!at)
		return 0;
	/* as the first, and its interpreter, too: it may be gone, and the lists others, when it is looked for */
	in = word_at(at + p->interpreter);
	take_own(s, p->interpreters, &in, sizeof(in), REC_LEAVE);
	take_own(s, in + p->threads, &at, sizeof(at), REC_LEAVE);
	take(at + p->native_id, sizeof(at), sizeof(at));
	if (p->cframe) {
		take(at + p->cframe, sizeof(at), sizeof(at));
		at = word_at(at + p->cframe);
	}
	take(at + p->current, sizeof(at), sizeof(at));
	at = word_at(at + p->current);
	for (uint32_t i = 0; i < REC_FRAMES && at; i++) {
		if (take(at, p->frame_size, REC_FRAME))
			return 0;
		at = word_at(at + p->previous);
	}
	return 0;
}

/* A receive that found nothing is no place to speak of. */
static __always_inline bool has_place(uint32_t class, int64_t result)
{
	if (!config.stack || class == REC_ARGS || class == REC_SOCKET)
		return false;
	return !receives(class) || result != -EAGAIN;
}

static __noinline bool has_shape(const struct rec_shape *shape, const struct pt_regs *regs)
{
	uint64_t now;

	for (uint32_t i = 0; i < REC_SHAPE_REGS && i < shape->nregs; i++) {
		if (bpf_probe_read_kernel(&now, sizeof(now),
					  (const char *)regs + shape->reg[i].at) ||
		    now != shape->reg[i].value)
			return false;
	}
	for (uint32_t i = 0; i < REC_SHAPE_WORDS && i < shape->nwords; i++) {
		if (bpf_probe_read_user(&now, sizeof(now), (void *)shape->word[i].at) ||
		    now != shape->word[i].value)
			return false;
	}
	return true;
}

/* The stack's, where it is one of those that are known; else NULL. */
static __always_inline const struct rec_shape *known_stack(struct scratch *s, uint32_t tgid,
							   const struct pt_regs *regs)
{
	struct rec_beginning b = {
		.mm = s->call.mm,
		.pc = READ(struct pt_regs, regs, PC),
		.sp = READ(struct pt_regs, regs, sp),
		.tgid = tgid,
	};
	struct rec_shape *shape;

	for (uint32_t i = 0; i < REC_SHAPES; i++) {
		b.nth = i;
		shape = bpf_map_lookup_elem(&shapes, &b);
		if (!shape || has_shape(shape, regs))
			return shape;
	}
	return NULL;
}

/* Where the ring fills up, calls come before places.  True: the place is not known, and its stack was copied. */
static __always_inline bool take_place(struct scratch *s, uint32_t tgid, const struct pt_regs *regs)
{
	const struct rec_shape *known = known_stack(s, tgid, regs);

	if (known)
		s->call.stack = known->number;
	if ((known && !known->python) ||
	    bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= STACKS_UNTIL)
		return false;
	take_interpreted(tgid);
	if (known)
		return false;
	take_own(s, 0, regs, REGISTERS, REC_REGISTERS);
	take_stack(READ(struct pt_regs, regs, sp));
	return true;
}

static __always_inline void take_call(struct scratch *s, struct rec_inside *u, uint64_t id,
				      int64_t result)
{
	bool compat = u->arch == ARCH_I386 || u->arch == ARCH_ARM;
	uint64_t moved = result > 0 ? result : 0;

	switch (u->class) {
	case REC_RECVMSG:
		if (u->offered_ok)
			take_own(s, u->args[1], u->offered, REC_MSGHDR, REC_ENTRY);
		if (u->offered_ok && compat)
			shorten(s, REC_MSGHDR, MSGHDR32);
		if (result >= 0)
			take_message(u->args[1], moved, compat);
		break;
	case REC_MULTISHOT:
		take_multishot(s, u);
		break;
	case REC_SENDMSG:
		take_message(u->args[1], ~0ull, compat);
		break;
	case REC_RECVMMSG:
		take_offered_vector(s, u, id);
		take_vector(s, u, compat, moved);
		break;
	case REC_SENDMMSG:
		take_vector(s, u, compat, u->args[2]);
		break;
	case REC_SENDTO:
		take_buffer(u->args[1], u->args[2]);
		take(u->args[4], (uint32_t)u->args[5], REC_NAME);
		break;
	case REC_RECVFROM:
		if (u->namelen_ok) {
			take_own(s, u->args[5], &u->namelen, 4, REC_ENTRY);
			take(u->args[5], 4, 4);
		}
		take_buffer(u->args[1], moved);
		if (result >= 0)
			take(u->args[4], u->namelen > REC_NAME ? REC_NAME : u->namelen, REC_NAME);
		break;
	case REC_READ:
		take_buffer(u->args[1], moved);
		break;
	case REC_WRITE:
		take_buffer(u->args[1], u->args[2]);
		break;
	case REC_READV:
		take_iov(u->args[1], u->args[2], moved, compat);
		break;
	case REC_WRITEV:
		take_iov(u->args[1], u->args[2], ~0ull, compat);
		break;
	case REC_ADDR:
		take(u->args[1], (uint32_t)u->args[2], REC_NAME);
		break;
	case REC_OPT:
		take(u->args[3], (uint32_t)u->args[4], REC_PAYLOAD);
		break;
	}
}

#endif
