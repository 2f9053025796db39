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
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, uint32_t);
	__type(value, struct rec_request);
} fresh_request SEC(".maps");

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
	u->nr = BPF_CORE_READ(req, opcode);
	u->arch = arch_of(false);
	u->class = class;
	u->args[0] = BPF_CORE_READ(req, cqe.fd);
	u->args[1] = (uint64_t)BPF_CORE_READ(m, umsg);
	u->args[header ? 2 : 3] = BPF_CORE_READ(m, msg_flags);
	if (!header)
		u->args[2] = (uint32_t)BPF_CORE_READ(m, len);
}

static __always_inline int submitted(struct io_kiocb *req)
{
	uint64_t id = bpf_get_current_pid_tgid(), key = (uint64_t)req;
	uint32_t zero = 0, class = class_of_op(BPF_CORE_READ(req, opcode));
	struct rec_request *r = bpf_map_lookup_elem(&fresh_request, &zero);
	struct sock *sk = NULL;
	struct rec_task *unseen;

	if (!class || !r || (!is_target(id >> 32) && !joins(id >> 32, class)))
		return 0;
	if (receives(class) && BPF_CORE_READ((struct io_sr_msg *)req, flags) & RECV_MULTISHOT) {
		unseen = new_task_record(REC_UNSEEN);
		if (unseen)
			bpf_ringbuf_submit(unseen, BPF_RB_NO_WAKEUP);
		return 0;
	}
	__builtin_memset(r, 0, sizeof(*r));
	r->id = id;
	begin_request(&r->inside, req, class);
	if (!(BPF_CORE_READ(req, flags) & FIXED_FILE))
		sk = sock_of_fd((int)r->inside.args[0]);
	if (sk) {
		read_sock(&r->inside.sock, sk);
		r->inside.udp = is_udp(sk);
	}
	offer(&r->inside, id, false);
	if (r->inside.udp && receives(class))
		watch(sk);
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

SEC("raw_tp/io_uring_complete")
int on_complete(struct bpf_raw_tracepoint_args *ctx)
{
	uint64_t key = ctx->args[1];
	struct rec_request *r = key ? bpf_map_lookup_elem(&requests, &key) : NULL;
	struct scratch *s = scratch_of_cpu();
	struct sock *sk;
	int64_t result;

	if (!r || !s)
		return 0;
	if (config.cqe)
		result = BPF_CORE_READ((struct io_uring_cqe *)ctx->args[2], res);
	else
		result = (int)ctx->args[3];
	if (!r->inside.sock.sk) {
		sk = sock_of_file(BPF_CORE_READ((struct io_kiocb *)key, file));
		if (sk)
			read_sock(&r->inside.sock, sk);
	}
	tell_call(s, &r->inside, r->id, result, key, NULL);
	bpf_map_delete_elem(&requests, &key);
	return 0;
}

#endif
