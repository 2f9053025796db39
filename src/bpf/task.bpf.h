/* SPDX-License-Identifier: GPL-2.0-only */
/* Targets come and go: their children, programs, ends and signals. */
#ifndef CMSGTRACE_BPF_TASK_BPF_H
#define CMSGTRACE_BPF_TASK_BPF_H

SEC("raw_tp/sched_process_fork")
int on_fork(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *child = (void *)ctx->args[1];
	uint32_t tgid = bpf_get_current_pid_tgid() >> 32,
		 child_tgid = READ(struct task_struct, child, tgid);
	const struct rec_interpreter *interpreter;
	struct rec_task *r;
	uint8_t one = 1;

	if (!is_target(tgid))
		return 0;
	if (child_tgid != tgid) {
		if (!config.follow)
			return 0;
		if (bpf_map_update_elem(&targets, &child_tgid, &one, BPF_ANY))
			count_lost(LOST_UNDER_WAY);
		interpreter = bpf_map_lookup_elem(&interpreters, &tgid);
		if (interpreter)
			bpf_map_update_elem(&interpreters, &child_tgid, interpreter, BPF_ANY);
	}
	r = new_task_record(REC_FORK);
	if (!r)
		return 0;
	r->child = READ(struct task_struct, child, pid);
	r->child_tgid = child_tgid;
	bpf_ringbuf_submit(r, wake_up());
	return 0;
}

SEC("raw_tp/sched_process_exec")
int on_exec(struct bpf_raw_tracepoint_args *ctx)
{
	uint32_t tgid = bpf_get_current_pid_tgid() >> 32;
	struct rec_task *r;

	if (!is_target(tgid))
		return 0;
	bpf_map_delete_elem(&interpreters, &tgid);
	r = new_task_record(REC_EXEC);
	if (!r)
		return 0;
	r->child = (uint32_t)ctx->args[1];
	bpf_ringbuf_submit(r,
			   BPF_RB_FORCE_WAKEUP); /* what it maps is looked at while it is there */
	return 0;
}

SEC("raw_tp/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx __attribute__((unused)))
{
	uint64_t id = bpf_get_current_pid_tgid();
	struct task_struct *task = (void *)bpf_get_current_task();
	struct rec_task *r;

	if (!is_target(id >> 32))
		return 0;
	bpf_map_delete_elem(&under_ways, &id);
	bpf_map_delete_elem(&offered_vectors, &id);
	r = new_task_record(REC_EXIT);
	if (!r)
		return 0;
	r->status = READ(struct task_struct, task, exit_code);
	bpf_ringbuf_submit(r, wake_up());
	return 0;
}

SEC("raw_tp/signal_deliver")
int on_signal(struct bpf_raw_tracepoint_args *ctx)
{
	struct rec_task *r;

	if (!is_target(bpf_get_current_pid_tgid() >> 32))
		return 0;
	r = new_task_record(REC_SIGNAL);
	if (!r)
		return 0;
	r->child = (uint32_t)ctx->args[0];
	if (!bpf_probe_read_kernel(r->info, sizeof(r->info), (void *)ctx->args[1]))
		r->ninfo = sizeof(r->info);
	bpf_ringbuf_submit(r, wake_up());
	return 0;
}

/* trace/events/signal.h, linux/sched/signal.h */
enum { TRACE_SIGNAL_IGNORED = 1, SEND_SIG_PRIV = 1 };

/* One that is ignored is delivered only where ptrace stops its task: its line comes as there. */
SEC("raw_tp/signal_generate")
int on_signal_ignored(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[2];
	struct rec_task *r;
	uint32_t tgid;

	if ((int)ctx->args[4] != TRACE_SIGNAL_IGNORED)
		return 0;
	tgid = READ(struct task_struct, task, tgid);
	if (!is_target(tgid) || is_being_ended(task))
		return 0;
	r = new_task_record(REC_SIGNAL);
	if (!r)
		return 0;
	r->head.tgid = tgid;
	r->head.tid = READ(struct task_struct, task, pid);
	r->child = (uint32_t)ctx->args[0];
	/* up to SEND_SIG_PRIV it is no address: the kernel says no more than that it sent it */
	if (ctx->args[1] > SEND_SIG_PRIV &&
	    !bpf_probe_read_kernel(r->info, sizeof(r->info), (void *)ctx->args[1]))
		r->ninfo = sizeof(r->info);
	bpf_ringbuf_submit(r, wake_up());
	return 0;
}

#endif
