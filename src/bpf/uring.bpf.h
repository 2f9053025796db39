/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages that go through an io_uring: no call is made for one.  What a request offers is noted when it is
 * submitted, the rest taken when it completes: both in a task that has the submitter's memory.
 */
#ifndef CMSGTRACE_BPF_URING_BPF_H
#define CMSGTRACE_BPF_URING_BPF_H

enum {
	OP_SENDMSG = 9, /* IORING_OP_…: include/uapi/linux/io_uring.h */
	OP_RECVMSG = 10,
	OP_SEND = 26,
	OP_RECV = 27,
	OP_SEND_ZC = 47,
	OP_SENDMSG_ZC = 48,
	FIXED_FILE = 1,     /* REQ_F_FIXED_FILE: the descriptor is an index */
	RECV_MULTISHOT = 2, /* IORING_RECV_MULTISHOT */
	MULTISHOTS = 4096,
	DESCRIPTORS = 256, /* among which a socket's is looked for */
	LINUX_6_10 = 0x60a00,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct rec_request);
} fresh_request SEC(".maps");

struct multishot_key {
	uint64_t ring, user_data;
};

struct multishot {
	uint64_t req;
	int64_t fd;
};

/* Multishot receives: each one's request. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, MULTISHOTS);
	__type(key, struct multishot_key);
	__type(value, struct multishot);
} multishots SEC(".maps");

static __always_inline uint32_t class_of_op(uint8_t op)
{
	switch (op) {
	case OP_SENDMSG:
	case OP_SENDMSG_ZC:
		return REC_SENDMSG;
	case OP_RECVMSG:
		return REC_RECVMSG;
	case OP_SEND:
	case OP_SEND_ZC:
		return REC_WRITE;
	case OP_RECV:
		return REC_READ;
	}
	return REC_NONE;
}

static __always_inline void begin_request(struct rec_inside *u, const struct io_kiocb *req,
					  uint32_t class)
{
	const struct io_sr_msg *m = (void *)req;
	bool header = class == REC_SENDMSG || class == REC_RECVMSG;

	u->enter_ns = bpf_ktime_get_ns();
	u->nr = READ(struct io_kiocb, req, opcode);
	u->arch = arch_of(false);
	u->class = class;
	u->args[0] = READ(struct io_kiocb, req, cqe.fd);
	u->args[1] = (uint64_t)READ(struct io_sr_msg, m, umsg);
	u->args[header ? 2 : 3] = READ(struct io_sr_msg, m, msg_flags);
	if (!header)
		u->args[2] = (uint32_t)READ(struct io_sr_msg, m, len);
}

static __always_inline bool is_multishot(const struct io_kiocb *req, uint32_t class)
{
	return receives(class) && READ(struct io_sr_msg, req, flags) & RECV_MULTISHOT;
}

/* Their completions are told of when the ring is flushed, when other buffers came: what they brought is not to be found. */
static __always_inline bool multishots_are_late(void)
{
	return LINUX_KERNEL_VERSION >= LINUX_6_2 && LINUX_KERNEL_VERSION < LINUX_6_10;
}

/* Of a multishot receive all that is told later is the ring and what its submitter calls it. */
static __always_inline void note_multishot(struct io_kiocb *req)
{
	struct multishot_key key = { (uint64_t)READ(struct io_kiocb, req, ctx),
				     READ(struct io_kiocb, req, cqe.user_data) };
	struct multishot value = { (uint64_t)req, READ(struct io_kiocb, req, cqe.fd) };
	struct rec_task *unseen;

	if (!multishots_are_late()) {
		bpf_map_update_elem(&multishots, &key, &value, BPF_ANY);
		return;
	}
	unseen = new_task_record(REC_UNSEEN);
	if (unseen)
		bpf_ringbuf_submit(unseen, BPF_RB_NO_WAKEUP);
}

static __always_inline void begin_sock(struct rec_inside *u, struct sock *sk, uint64_t req)
{
	if (!sk)
		return;
	read_sock_of(u, sk);
	if (!u->udp || !receives(u->class))
		return;
	watch(sk);
	request_receives((uint64_t)sk, req);
}

/* The registers that the current task entered the kernel with, as an address; NULL: Linux before 5.15, or a thread of the kernel's. */
static __always_inline const struct pt_regs *registers_now(void)
{
	const void *regs, *address = NULL;

	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return NULL;
	regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	bpf_probe_read_kernel(&address, sizeof(address), &regs);
	return READ(struct pt_regs, address, PC) ? address : NULL;
}

/* Where it was submitted: known if that call of the task is still under way.  A receive's place is where it is waited for. */
static __always_inline const struct pt_regs *place_of_request(const struct rec_request *r)
{
	const struct pt_regs *regs = registers_now();

	if (!regs || receives(r->inside.class) ||
	    (READ(struct pt_regs, regs, PC) == r->pc && READ(struct pt_regs, regs, sp) == r->sp))
		return regs;
	return NULL;
}

static __always_inline int submitted(struct io_kiocb *req)
{
	uint64_t id = bpf_get_current_pid_tgid(), key = (uint64_t)req;
	uint32_t zero = 0, class = class_of_op(READ(struct io_kiocb, req, opcode));
	struct rec_request *r = bpf_map_lookup_elem(&fresh_request, &zero);
	const struct pt_regs *regs;

	if (!class || !r || (!is_target(id >> 32) && !joins(id >> 32, class)))
		return 0;
	__builtin_memset(r, 0, sizeof(*r));
	r->id = id;
	regs = registers_now();
	if (regs) {
		r->pc = READ(struct pt_regs, regs, PC);
		r->sp = READ(struct pt_regs, regs, sp);
	}
	begin_request(&r->inside, req, class);
	if (!(READ(struct io_kiocb, req, flags) & FIXED_FILE))
		begin_sock(&r->inside, sock_of_fd((int)r->inside.args[0]), key);
	if (is_multishot(req, class)) {
		note_multishot(req);
		return 0;
	}
	offer(&r->inside, id, false);
	bpf_map_update_elem(&requests, &key, r, BPF_ANY);
	if (!receives(class))
		bpf_map_update_elem(&sendings, &id, &key, BPF_ANY);
	return 0;
}

/* Linux 6.4 gave it its name. */
SEC("raw_tp/io_uring_submit_req")
int on_submit_req(struct bpf_raw_tracepoint_args *ctx)
{
	return submitted((void *)ctx->args[0]);
}

SEC("raw_tp/io_uring_submit_sqe")
int on_submit_sqe(struct bpf_raw_tracepoint_args *ctx)
{
	return submitted((void *)ctx->args[0]);
}

static __always_inline uint64_t submitter(const struct io_kiocb *req)
{
	const struct io_kiocb___task *old = (const void *)req;
	struct task_struct *task = bpf_core_field_exists(old->task)
					   ? BPF_CORE_READ(old, task)
					   : READ(struct io_kiocb, req, tctx, task);

	return (uint64_t)READ(struct task_struct, task, tgid) << 32 |
	       (uint32_t)READ(struct task_struct, task, pid);
}

/*
 * Something came for a request that waits, whoever runs here: one that was submitted before the tracer came is noted now.
 * What its header offered is overwritten when it ends; the kernel's copy has the room for control data.
 */
SEC("raw_tp/io_uring_task_add")
int on_task_add(struct bpf_raw_tracepoint_args *ctx)
{
	struct io_kiocb *req = (void *)ctx->args[0];
	uint32_t zero = 0, class = class_of_op(READ(struct io_kiocb, req, opcode));
	struct rec_request *r = bpf_map_lookup_elem(&fresh_request, &zero);
	uint64_t key = (uint64_t)req, id;
	struct io_async_msghdr *kept;

	if (!r || !receives(class) || bpf_map_lookup_elem(&requests, &key))
		return 0;
	id = submitter(req);
	if (!is_target(id >> 32))
		return 0;
	__builtin_memset(r, 0, sizeof(*r));
	r->id = id;
	begin_request(&r->inside, req, class);
	begin_sock(&r->inside, sock_of_file(READ(struct io_kiocb, req, file)), key);
	if (is_multishot(req, class)) {
		note_multishot(req);
		return 0;
	}
	kept = READ(struct io_kiocb, req, async_data);
	r->inside.unseen = true;
	r->inside.namelen = READ(struct io_async_msghdr, kept, msg.msg_controllen);
	bpf_map_update_elem(&requests, &key, r, BPF_ANY);
	return 0;
}

/* That of the socket for who runs here; -1: among the first there is none.  The kernel keeps fd only until a request waits. */
static __always_inline int fd_of_sock(const struct sock *sk, int fd)
{
	if (sock_of_fd(fd) == sk)
		return fd;
	for (fd = 0; fd < DESCRIPTORS; fd++) {
		if (sock_of_fd(fd) == sk)
			return fd;
	}
	return -1;
}

/* Of a request that on_task_add() noted: its header as it is now, with the room that it had. */
static __always_inline void offer_late(struct rec_inside *u)
{
	if (!u->unseen)
		return;
	u->args[0] = fd_of_sock((void *)u->sock.sk, (int)u->args[0]);
	if (u->class != REC_RECVMSG)
		return;
	u->offered_ok = !bpf_probe_read_user(u->offered, REC_MSGHDR, (void *)u->args[1]);
	*(uint64_t *)(u->offered + 40) = u->namelen;
}

/* One datagram of a multishot receive: the kernel keeps the buffer that it took in the header's place. */
static __always_inline void tell_shot(struct scratch *s, struct multishot *m, int64_t result)
{
	struct io_kiocb *req = (void *)m->req;
	struct io_async_msghdr *kept = READ(struct io_kiocb, req, async_data);
	uint32_t zero = 0, class = class_of_op(READ(struct io_kiocb, req, opcode));
	struct rec_request *r = bpf_map_lookup_elem(&fresh_request, &zero);
	uint64_t *h, *iov, buf, id = bpf_get_current_pid_tgid();
	struct rec_inside *u;
	struct sock *sk;

	if (!r || result < 0 || !is_target(id >> 32))
		return;
	__builtin_memset(r, 0, sizeof(*r));
	u = &r->inside;
	begin_request(u, req, class);
	sk = sock_of_file(READ(struct io_kiocb, req, file));
	begin_sock(u, sk, (uint64_t)req);
	u->args[0] = m->fd = fd_of_sock(sk, m->fd);
	if (class == REC_RECVMSG) {
		u->class = REC_MULTISHOT;
		buf = u->args[1];
		u->args[1] = buf - PAGE; /* where no part of it is */
		h = (void *)u->offered;
		iov = (void *)u->timeout;
		h[0] = buf + sizeof(struct multishot_out);
		h[1] = (uint32_t)READ(struct io_async_msghdr, kept, namelen);
		h[2] = u->args[1] + REC_MSGHDR;
		h[3] = 1;
		h[4] = h[0] + h[1];
		h[5] = READ(struct io_async_msghdr, kept, controllen);
		iov[0] = h[4] + h[5];
		iov[1] = READ(struct io_async_msghdr, kept, payloadlen);
		result -= sizeof(struct multishot_out) + h[1] + h[5];
	}
	tell_call(s, u, id, result, (uint64_t)req, place_of_request(r));
}

SEC("raw_tp/io_uring_complete")
int on_complete(struct bpf_raw_tracepoint_args *ctx)
{
	struct multishot_key shot = { ctx->args[0], ctx->args[2] };
	uint64_t key = ctx->args[1];
	struct multishot *m;
	struct rec_request *r = key ? bpf_map_lookup_elem(&requests, &key) : NULL;
	struct scratch *s = scratch_of_cpu();
	int64_t result;

	if (!s || (key && !r))
		return 0;
	if (config.cqe) {
		struct io_uring_cqe *cqe = (void *)ctx->args[2];

		result = BPF_CORE_READ(cqe, res);
		shot.user_data = BPF_CORE_READ(cqe, user_data);
	} else {
		result = (int)ctx->args[3]; /* where it is no argument nothing may look at it */
	}
	if (!r) {
		m = bpf_map_lookup_elem(&multishots, &shot);
		if (m)
			tell_shot(s, m, result);
		return 0;
	}
	if (!r->inside.sock.sk)
		begin_sock(&r->inside, sock_of_file(READ(struct io_kiocb, key, file)), key);
	request_received(r->inside.sock.sk, key);
	offer_late(&r->inside);
	tell_call(s, &r->inside, r->id, result, key, place_of_request(r));
	bpf_map_delete_elem(&requests, &key);
	return 0;
}

#endif
