// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Proves: what a stopped child offers and gets back is in the event, whatever its memory looks like, and
 * costs one vectored read where the last message lay at the same place.
 *
 * Each test forks a child that traces itself and makes its calls on structures laid out before the fork, at
 * guard pages where that matters; the parent captures at every stop.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <errno.h>
#include <elf.h>
#include <linux/audit.h>
#include <linux/net.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <linux/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "../i386.h"
#include "live/capture.h"
#include "ptrace/memory.h"

/* --- reads are counted, and can be refused, by standing in for libc's function --- */

static unsigned int reads;
static bool refuse_reads;

ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long nl,
			 const struct iovec *remote, unsigned long nr, unsigned long flags)
{
	reads++;
	if (refuse_reads) {
		errno = EPERM;
		return -1;
	}
	return syscall(SYS_process_vm_readv, pid, local, nl, remote, nr, flags);
}

ssize_t pread(int fd, void *to, size_t len, off_t at)
{
	ssize_t n = syscall(SYS_pread64, fd, to, len, at);

	reads += n == (ssize_t)len; /* one that fails is done again as above */
	return n;
}

/* --- the child's memory: shared pages, with a hole behind every second one --- */

enum { PAGE = 4096, ROOMY = 16 * PAGE };

static unsigned char *guarded[8]; /* one readable page each, nothing behind it */
static unsigned char *roomy;      /* ROOMY bytes below 4 GiB where the machine can */
static int sv[2];                 /* a unix datagram pair */

static void lay_out(void)
{
	for (unsigned int i = 0; i < 8; i++) {
		guarded[i] = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (guarded[i] == MAP_FAILED)
			abort();
		guarded[i] += PAGE;
		mprotect(guarded[i], PAGE, PROT_READ | PROT_WRITE);
		memset(guarded[i], 'a' + (int)i, PAGE);
	}
#ifdef MAP_32BIT
	roomy = mmap(NULL, ROOMY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
		     -1, 0);
#else
	roomy = mmap(NULL, ROOMY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
#endif
	if (roomy == MAP_FAILED)
		abort();
}

static int setup(void **state)
{
	(void)state;
	lay_out();
	return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, sv);
}

/* size bytes that end where the hole begins */
static void *at_end(unsigned int i, size_t size)
{
	return guarded[i] + PAGE - size;
}

/* --- the tracer --- */

enum { EVENTS_MAX = 64 };

static struct event *events[EVENTS_MAX];
static unsigned int entry_reads[EVENTS_MAX], exit_reads[EVENTS_MAX], nevents;
static struct capture_hint hint;
static int file = -1; /* the tracee's /proc/PID/mem, where by_file */
static struct capture_opts opts = { .strsize = 32 };
static bool by_file;

static const struct {
	long nr, nr32;
	enum call call;
} calls[] = {
	/* i386 numbers: arch/x86/entry/syscalls/syscall_32.tbl */
	{ SYS_sendmsg, 370, CALL_SENDMSG },   { SYS_recvmsg, 372, CALL_RECVMSG },
	{ SYS_sendmmsg, 345, CALL_SENDMMSG }, { SYS_recvmmsg, 337, CALL_RECVMMSG },
	{ -1, 417, CALL_RECVMMSG },           { SYS_sendto, 369, CALL_SENDTO },
	{ SYS_recvfrom, 371, CALL_RECVFROM }, { SYS_write, -1, CALL_WRITE },
	{ SYS_read, -1, CALL_READ },          { SYS_writev, -1, CALL_WRITEV },
	{ SYS_readv, -1, CALL_READV },        { SYS_bind, -1, CALL_BIND },
	{ SYS_connect, -1, CALL_CONNECT },    { SYS_setsockopt, -1, CALL_SETSOCKOPT },
	{ -1, 102, CALL_SOCKETCALL },
};

static enum call call_of(uint32_t arch, uint64_t nr)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		long want = arch == AUDIT_ARCH_I386 ? calls[i].nr32 : calls[i].nr;

		if (want >= 0 && nr == (uint64_t)want)
			return calls[i].call;
	}
	return CALL_OTHER;
}

static const struct memory *memory_of(int pid)
{
	static struct ptrace_memory m;

	ptrace_memory_init(&m, pid, file);
	return &m.memory;
}

static struct event *at_stop(int pid, struct event *ev)
{
	struct __ptrace_syscall_info si;

	memset(&si, 0, sizeof(si));
	ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(si), &si);
	if (si.op == PTRACE_SYSCALL_INFO_ENTRY) {
		enum call call = call_of(si.arch, si.entry.nr);

		if (call == CALL_OTHER || nevents == EVENTS_MAX)
			return NULL;
		ev = event_new();
		ev->tid = ev->tgid = pid;
		ev->abi = abi_of(si.arch, si.entry.nr);
		ev->call = call;
		ev->nr = (uint32_t)si.entry.nr;
		ev->name = si.arch == AUDIT_ARCH_I386 && si.entry.nr == 417 ? "recvmmsg_time64"
									    : call_rows[call].name;
		for (int i = 0; i < 6; i++)
			ev->args[i] = si.entry.args[i];
		reads = 0;
		capture_enter(&opts, ev, memory_of(ev->tid), &hint);
		entry_reads[nevents] = reads;
		events[nevents++] = ev;
		return ev;
	}
	if (si.op == PTRACE_SYSCALL_INFO_EXIT && ev) {
		ev->end = CALL_RETURNED;
		ev->result = si.exit.rval;
		reads = 0;
		capture_exit(&opts, ev, memory_of(ev->tid), &hint);
		exit_reads[nevents - 1] = reads;
	}
	return NULL;
}

static void forget(void)
{
	while (nevents)
		event_free(events[--nevents]);
	memset(&hint, 0, sizeof(hint));
}

/* Runs fn in a traced child to its end; events[] are the calls that it made. */
static void trace(void (*fn)(void))
{
	int status, pid = fork();

	forget();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSTOPPED(status));
	ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);

	file = by_file ? ptrace_memory_open(pid) : -1;
	assert_true(!by_file || file >= 0);

	struct event *ev = NULL;
	long sig = 0;

	for (;;) {
		ptrace(PTRACE_SYSCALL, pid, NULL, sig);
		sig = 0;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (!WIFSTOPPED(status))
			break;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			ev = at_stop(pid, ev);
		else
			sig = WSTOPSIG(status);
	}
	if (file >= 0)
		close(file);
	file = -1;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void assert_bytes(const struct bytes *b, const void *want, size_t len, uint64_t claimed,
			 enum bytes_why why)
{
	assert_int_equal(b->len, len);
	assert_int_equal(b->claimed, claimed);
	assert_int_equal(b->why, why);
	if (len)
		assert_memory_equal(b->p, want, len);
}

/* --- sends --- */

static struct msghdr *mh;
static struct iovec *iov;

static void send_mh(void)
{
	syscall(SYS_sendmsg, sv[0], mh, MSG_DONTWAIT);
}

static void plain_message(unsigned char *where)
{
	struct sockaddr_un_ {
		uint16_t family;
		char path[14];
	} name = { AF_UNIX, "/nonexistent" };
	struct cmsghdr *c;

	memset(where, 0, 1024);
	mh = (void *)where;
	iov = (void *)(where + 64);
	memcpy(where + 128, &name, 16);
	c = (void *)(where + 256);
	c->cmsg_len = CMSG_LEN(4);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	memset(where + 512, 'x', 100);
	iov[0] = (struct iovec){ where + 512, 100 };
	*mh = (struct msghdr){ .msg_name = where + 128,
			       .msg_namelen = 16,
			       .msg_iov = iov,
			       .msg_iovlen = 1,
			       .msg_control = c,
			       .msg_controllen = CMSG_SPACE(4),
			       .msg_flags = 0x1234 };
}

static void a_sent_message_is_whole(void **state)
{
	(void)state;
	plain_message(roomy);
	trace(send_mh);
	assert_int_equal(nevents, 1);

	const struct event *ev = events[0];
	const struct msg *m = ev->msg;

	assert_int_equal(ev->nmsg, 1);
	assert_int_equal(ev->fd, sv[0]);
	assert_int_equal(ev->flags, MSG_DONTWAIT);
	assert_true(m->in.have);
	assert_false(m->made_up);
	assert_int_equal(m->in.namelen, 16);
	assert_int_equal(m->in.flags, 0x1234);
	assert_int_equal(m->in.iovlen, 1);
	assert_int_equal(m->in.controllen, CMSG_SPACE(4));
	assert_bytes(&m->in.name, roomy + 128, 16, 16, BYTES_WHOLE);
	assert_bytes(&m->in.control, roomy + 256, CMSG_SPACE(4), CMSG_SPACE(4), BYTES_WHOLE);
	assert_int_equal(m->niov, 1);
	assert_int_equal(m->total, 100);
	assert_bytes(&m->iov[0].data, roomy + 512, 32, 100, BYTES_LIMIT);
	assert_true(ev->result < 0);
	assert_false(m->sent);
	/* All of it lies in one page: one read, without a hint. */
	assert_int_equal(entry_reads[0], 1);
}

static void send_five_times(void)
{
	for (int i = 0; i < 5; i++)
		send_mh();
}

static void spread_message(void)
{
	plain_message(roomy);
	mh->msg_name = memcpy(guarded[1], mh->msg_name, 16);
	mh->msg_control = memcpy(guarded[2], mh->msg_control, CMSG_SPACE(4));
	mh->msg_iov = memcpy(guarded[3], mh->msg_iov, sizeof(struct iovec));
	iov = mh->msg_iov;
	iov->iov_base = at_end(4, 100);
	memset(iov->iov_base, 'p', 100);
}

static void the_second_message_of_a_place_costs_one_read(void **state)
{
	(void)state;
	spread_message();
	trace(send_five_times);
	assert_int_equal(nevents, 5);
	assert_in_range(entry_reads[0], 1, 3);
	for (int i = 1; i < 5; i++) {
		const struct msg *m = events[i]->msg;

		assert_int_equal(entry_reads[i], 1);
		assert_bytes(&m->in.name, guarded[1], 16, 16, BYTES_WHOLE);
		assert_bytes(&m->in.control, guarded[2], CMSG_SPACE(4), CMSG_SPACE(4), BYTES_WHOLE);
		assert_bytes(&m->iov[0].data, at_end(4, 100), 32, 100, BYTES_LIMIT);
	}
}

/* --- hints that no longer hold --- */

static void send_from_moved_parts(void)
{
	for (int i = 0; i < 3; i++)
		send_mh();
	/* Same msghdr, all else elsewhere. */
	mh->msg_name = memcpy(guarded[5], mh->msg_name, 16);
	mh->msg_control = memcpy(guarded[6], mh->msg_control, CMSG_SPACE(4));
	iov->iov_base = memset(at_end(7, 100), 'q', 100);
	send_mh();
	send_mh();
	/* And what was there is gone: a stale guess that faults must not cost the message. */
	memcpy(roomy + 2048, guarded[5], 16);
	memcpy(roomy + 2304, guarded[6], CMSG_SPACE(4));
	munmap(guarded[5], PAGE);
	munmap(guarded[6], PAGE);
	munmap(guarded[7], PAGE);
	mh->msg_name = roomy + 2048;
	mh->msg_control = roomy + 2304;
	iov->iov_base = at_end(4, 100);
	send_mh();
	send_mh();
}

static void a_wrong_hint_costs_reads_but_no_byte(void **state)
{
	unsigned char q[32];

	(void)state;
	spread_message();
	memset(q, 'q', sizeof(q));

	unsigned char control[CMSG_SPACE(4)], name[16], p[32];

	memcpy(control, guarded[2], sizeof(control));
	memcpy(name, guarded[1], sizeof(name));
	memset(p, 'p', sizeof(p));
	trace(send_from_moved_parts);
	assert_int_equal(nevents, 7);
	for (int i = 0; i < 7; i++) {
		const struct msg *m = events[i]->msg;

		assert_bytes(&m->in.name, name, 16, 16, BYTES_WHOLE);
		assert_bytes(&m->in.control, control, sizeof(control), sizeof(control),
			     BYTES_WHOLE);
		assert_bytes(&m->iov[0].data, i == 3 || i == 4 ? q : p, 32, 100, BYTES_LIMIT);
	}
	assert_int_equal(entry_reads[2], 1);
	assert_in_range(entry_reads[3], 2, 3);
	assert_int_equal(entry_reads[4], 1);
	assert_in_range(entry_reads[5], 2, 8);
	assert_int_equal(entry_reads[6], 1);
}

static void send_longer_and_longer(void)
{
	for (size_t n = 1; n <= 16; n++) {
		iov->iov_len = n;
		mh->msg_controllen = 16 + n;
		send_mh();
	}
}

static void growing_lengths_stay_in_the_guess(void **state)
{
	(void)state;
	spread_message();
	iov->iov_base = guarded[4];
	trace(send_longer_and_longer);
	assert_int_equal(nevents, 16);
	for (size_t i = 0; i < 16; i++) {
		assert_bytes(&events[i]->msg->iov[0].data, guarded[4], i + 1, i + 1, BYTES_WHOLE);
		assert_int_equal(events[i]->msg->in.control.len, 17 + i);
		if (i)
			assert_int_equal(entry_reads[i], 1);
	}
}

/* --- memory that isn't there --- */

static void a_header_cut_by_a_hole_is_not_had(void **state)
{
	(void)state;
	mh = at_end(0, 40);
	trace(send_mh);
	assert_int_equal(events[0]->nmsg, 1);
	assert_false(events[0]->msg->in.have);
	assert_int_equal(events[0]->msg->niov, 0);
	assert_int_equal(events[0]->result, -EFAULT);
	mh = NULL;
	trace(send_mh);
	assert_false(events[0]->msg->in.have);
	mh = (void *)(uintptr_t)0xffffffffffffffe0;
	trace(send_mh);
	assert_false(events[0]->msg->in.have);
}

static void parts_at_holes_keep_what_can_be_read(void **state)
{
	(void)state;
	plain_message(roomy);
	mh->msg_name = memset(at_end(1, 10), 'n', 10);
	mh->msg_namelen = 28;
	mh->msg_control = memset(at_end(2, 20), 'c', 20);
	mh->msg_controllen = 64;
	iov->iov_base = memset(at_end(3, 5), 'i', 5);
	iov->iov_len = 10;
	trace(send_mh);

	const struct msg *m = events[0]->msg;

	assert_bytes(&m->in.name, "nnnnnnnnnn", 10, 28, BYTES_FAULT);
	assert_bytes(&m->in.control, "cccccccccccccccccccc", 20, 64, BYTES_FAULT);
	assert_bytes(&m->iov[0].data, "iiiii", 5, 10, BYTES_FAULT);
	assert_true(m->in.name.addr == (uintptr_t)mh->msg_name);

	/* Nothing at all: in the hole. */
	mh->msg_name = guarded[1] + PAGE;
	mh->msg_control = guarded[2] + PAGE;
	iov->iov_base = guarded[3] + PAGE;
	trace(send_mh);
	m = events[0]->msg;
	assert_bytes(&m->in.name, "", 0, 28, BYTES_FAULT);
	assert_bytes(&m->in.control, "", 0, 64, BYTES_FAULT);
	assert_bytes(&m->iov[0].data, "", 0, 10, BYTES_FAULT);
}

static void null_pointers_are_absent_not_missing(void **state)
{
	(void)state;
	plain_message(roomy);
	mh->msg_name = NULL;
	mh->msg_control = NULL;
	iov->iov_base = NULL;
	trace(send_mh);

	const struct msg *m = events[0]->msg;

	assert_bytes(&m->in.name, "", 0, 0, BYTES_WHOLE);
	assert_bytes(&m->in.control, "", 0, 0, BYTES_WHOLE);
	assert_bytes(&m->iov[0].data, "", 0, 0, BYTES_WHOLE);
	assert_int_equal(m->in.namelen, 16);
	assert_int_equal(m->in.controllen, CMSG_SPACE(4));
	assert_int_equal(m->total, 100);
	assert_int_equal(entry_reads[0], 1);

	mh->msg_iov = NULL;
	trace(send_mh);
	assert_int_equal(events[0]->msg->niov, 0);
	assert_int_equal(events[0]->msg->iov_raw.why, BYTES_WHOLE);
}

static void an_iovec_cut_by_a_hole_keeps_its_whole_elements(void **state)
{
	(void)state;
	plain_message(roomy);
	iov = at_end(1, 3 * sizeof(*iov) + 8);
	for (int i = 0; i < 3; i++)
		iov[i] = (struct iovec){ roomy + 512, 10 + (size_t)i };
	mh->msg_iov = iov;
	mh->msg_iovlen = 5;
	trace(send_mh);

	const struct msg *m = events[0]->msg;

	assert_int_equal(m->niov, 3);
	assert_int_equal(m->in.iovlen, 5);
	assert_int_equal(m->iov_raw.why, BYTES_FAULT);
	assert_int_equal(m->total, 33);
	assert_bytes(&m->iov[2].data, "xxxxxxxxxxxx", 12, 12, BYTES_WHOLE);
}

static void iov_lengths(size_t n, uint64_t claimed_len, uint32_t niov, enum bytes_why why)
{
	plain_message(roomy);
	iov = (void *)(roomy + 8192);
	for (size_t i = 0; i < 1024; i++)
		iov[i] = (struct iovec){ roomy + 512, claimed_len };
	mh->msg_iov = iov;
	mh->msg_iovlen = n;
	trace(send_mh);
	assert_int_equal(events[0]->msg->niov, niov);
	assert_int_equal(events[0]->msg->in.iovlen, n);
	assert_int_equal(events[0]->msg->iov_raw.why, why);
}

static void long_and_empty_iovecs_are_bounded(void **state)
{
	(void)state;
	iov_lengths(0, 1, 0, BYTES_WHOLE);
	iov_lengths(1024, 1, 1024, BYTES_WHOLE);
	assert_int_equal(events[0]->msg->total, 1024);
	assert_in_range(entry_reads[0], 1, 3);
	iov_lengths(1025, 1, 1024, BYTES_LIMIT);
	assert_int_equal(events[0]->result, -EMSGSIZE);
	iov_lengths(SIZE_MAX, 1, 1024, BYTES_LIMIT);
	iov_lengths(3, SIZE_MAX, 3, BYTES_WHOLE);
	assert_true(events[0]->msg->total == UINT64_MAX);
	assert_int_equal(events[0]->msg->iov[0].data.len, 32);
	assert_true(events[0]->msg->iov[0].data.claimed == SIZE_MAX);
}

static void lengths_that_no_kernel_takes_are_bounded(void **state)
{
	(void)state;
	plain_message(roomy);
	mh->msg_namelen = (socklen_t)-1;
	trace(send_mh);
	assert_int_equal(events[0]->result, -EINVAL);
	assert_int_equal(events[0]->msg->in.namelen, -1);
	assert_bytes(&events[0]->msg->in.name, "", 0, 0, BYTES_WHOLE);

	mh->msg_namelen = 100000;
	trace(send_mh);
	assert_int_equal(events[0]->msg->in.name.len, 128);
	assert_int_equal(events[0]->msg->in.name.claimed, 100000);
	assert_int_equal(events[0]->msg->in.name.why, BYTES_LIMIT);

	mh->msg_namelen = 0;
	mh->msg_controllen = SIZE_MAX;
	trace(send_mh);
	assert_int_equal(events[0]->result, -ENOBUFS);
	assert_true(events[0]->msg->in.control.claimed == SIZE_MAX);
	assert_int_equal(events[0]->msg->in.control.why, BYTES_FAULT); /* roomy is shorter */
	assert_in_range(events[0]->msg->in.control.len, 4096, 1024 * 1024);
	assert_memory_equal(events[0]->msg->in.control.p, mh->msg_control, 4096);
}

static void no_payload_is_taken_where_none_is_wanted(void **state)
{
	(void)state;
	plain_message(roomy);
	opts.strsize = 0;
	trace(send_mh);
	opts.strsize = 32;
	assert_bytes(&events[0]->msg->iov[0].data, "", 0, 100, BYTES_LIMIT);
}

static void reads_that_are_refused_go_by_proc(void **state)
{
	unsigned char *hole =
		mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	spread_message();
	mh->msg_control = memset(hole + PAGE - 8, 'c', 8);
	/* /proc/PID/mem also reads what is there but protected. */
	munmap(hole + PAGE, PAGE);
	refuse_reads = true;
	trace(send_mh);
	refuse_reads = false;

	const struct msg *m = events[0]->msg;

	assert_true(m->in.have);
	assert_bytes(&m->in.name, guarded[1], 16, 16, BYTES_WHOLE);
	assert_bytes(&m->in.control, "cccccccc", 8, CMSG_SPACE(4), BYTES_FAULT);
	assert_bytes(&m->iov[0].data, at_end(4, 100), 32, 100, BYTES_LIMIT);
	munmap(hole, PAGE);
}

/* --- receives --- */

static int in4[2]; /* two UDP sockets on loopback, the first with pktinfo */

static void udp_pair(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
	socklen_t len = sizeof(a);
	int on = 1;

	for (int i = 0; i < 2; i++) {
		in4[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		a.sin_port = 0;
		assert_int_equal(bind(in4[i], (struct sockaddr *)&a, sizeof(a)), 0);
	}
	setsockopt(in4[0], IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	getsockname(in4[0], (struct sockaddr *)&a, &len);
	assert_int_equal(connect(in4[1], (struct sockaddr *)&a, len), 0);
}

static void drop_udp_pair(void)
{
	close(in4[0]);
	close(in4[1]);
}

static void feed(int n)
{
	for (int i = 0; i < n; i++)
		assert_int_equal(send(in4[1], "0123456789abcdef", 16, 0), 16);
}

static void receiving_message(void)
{
	memset(roomy, 0, 4096);
	mh = (void *)roomy;
	iov = (void *)guarded[3];
	iov[0] = (struct iovec){ at_end(4, 10), 10 };
	iov[1] = (struct iovec){ guarded[5], 100 };
	*mh = (struct msghdr){ .msg_name = guarded[1],
			       .msg_namelen = 64,
			       .msg_iov = iov,
			       .msg_iovlen = 2,
			       .msg_control = guarded[2],
			       .msg_controllen = 512 };
}

static void receive_five_times(void)
{
	for (int i = 0; i < 5; i++) {
		mh->msg_namelen = 64;
		mh->msg_controllen = 512;
		syscall(SYS_recvmsg, in4[0], mh, 0);
	}
}

static void a_received_message_shows_both_moments(void **state)
{
	struct in_addr lo = { htonl(0x7f000001) };

	(void)state;
	udp_pair();
	feed(4);
	receiving_message();
	trace(receive_five_times);
	assert_int_equal(nevents, 5);
	for (int i = 0; i < 4; i++) {
		const struct msg *m = events[i]->msg;

		assert_int_equal(events[i]->result, 16);
		assert_true(m->in.have && m->out.have && m->have_len);
		assert_int_equal(m->len, 16);
		assert_int_equal(m->in.namelen, 64);
		assert_int_equal(m->out.namelen, sizeof(struct sockaddr_in));
		assert_int_equal(m->in.name.len, 0);
		assert_int_equal(m->out.name.len, sizeof(struct sockaddr_in));
		assert_memory_equal(m->out.name.p + 4, &lo, 4);
		assert_int_equal(m->in.controllen, 512);
		assert_int_equal(m->out.controllen, CMSG_SPACE(sizeof(struct in_pktinfo)));
		assert_int_equal(m->out.control.len, m->out.controllen);
		assert_memory_equal(m->out.control.p + 24, &lo, 4); /* ipi_addr */
		assert_int_equal(m->niov, 2);
		assert_int_equal(m->total, 110);
		assert_bytes(&m->iov[0].data, "0123456789", 10, 10, BYTES_WHOLE);
		assert_bytes(&m->iov[1].data, "abcdef", 6, 6, BYTES_WHOLE);
		assert_int_equal(entry_reads[i], 1);
		if (i)
			assert_int_equal(exit_reads[i], 1);
	}

	const struct msg *m = events[4]->msg;

	assert_int_equal(events[4]->result, -EAGAIN);
	assert_true(m->in.have);
	assert_int_equal(m->in.namelen, 64);
	assert_false(m->out.have);
	assert_false(m->have_len);
	assert_int_equal(exit_reads[4], 0);
	drop_udp_pair();
}

static void receive_cut(void)
{
	mh->msg_namelen = 5;
	mh->msg_controllen = 20;
	mh->msg_iovlen = 1;
	syscall(SYS_recvmsg, in4[0], mh, 0);
}

static void a_cut_message_shows_what_the_buffers_got(void **state)
{
	(void)state;
	udp_pair();
	feed(1);
	receiving_message();
	mh->msg_name = at_end(1, 5);
	mh->msg_control = at_end(2, 20);
	trace(receive_cut);

	const struct msg *m = events[0]->msg;

	assert_int_equal(events[0]->result, 10);
	assert_int_equal(m->out.namelen, 16);
	assert_int_equal(m->out.name.len, 5);
	assert_int_equal(m->out.name.why, BYTES_WHOLE);
	assert_int_equal(m->in.controllen, 20);
	assert_int_equal(m->out.controllen, 20);
	assert_int_equal(m->out.control.len, 20);
	assert_int_equal(m->out.flags & (MSG_TRUNC | MSG_CTRUNC), MSG_TRUNC | MSG_CTRUNC);
	drop_udp_pair();
}

static socklen_t *fromlen;

static void receive_from(void)
{
	*fromlen = 100;
	syscall(SYS_recvfrom, in4[0], guarded[4], 200, 0, guarded[1], fromlen);
	syscall(SYS_recvfrom, in4[0], guarded[4], 200, 0, NULL, NULL);
	syscall(SYS_recvfrom, in4[0], guarded[4], 200, 0, guarded[1], NULL);
	syscall(SYS_recvfrom, in4[0], guarded[4], 200, 0, guarded[1], fromlen);
}

static void recvfrom_is_a_message_of_its_arguments(void **state)
{
	(void)state;
	udp_pair();
	feed(3);
	fromlen = (void *)guarded[6];
	trace(receive_from);
	assert_int_equal(nevents, 4);

	const struct msg *m = events[0]->msg;

	assert_true(m->made_up && m->in.have && m->out.have);
	assert_int_equal(m->in.namelen, 100);
	assert_int_equal(m->out.namelen, 16);
	assert_int_equal(m->out.name.len, 16);
	assert_int_equal(m->niov, 1);
	assert_int_equal(m->total, 200);
	assert_bytes(&m->iov[0].data, "0123456789abcdef", 16, 16, BYTES_WHOLE);
	assert_int_equal(m->in.control_ptr, 0);
	assert_int_equal(entry_reads[0], 1);
	assert_int_equal(exit_reads[0], 1);

	m = events[1]->msg;
	assert_true(m->in.have && m->out.have);
	assert_int_equal(m->out.name.len, 0);
	assert_int_equal(m->len, 16);
	assert_int_equal(entry_reads[1], 0);
	assert_int_equal(exit_reads[1], 1);

	m = events[2]->msg;
	assert_int_equal(events[2]->result, -EFAULT);
	assert_false(m->in.have);

	assert_int_equal(events[3]->result, -EAGAIN);
	assert_int_equal(events[3]->msg->in.namelen, 16);
	drop_udp_pair();
}

static void send_to_and_others(void)
{
	syscall(SYS_sendto, in4[1], guarded[4], 100, MSG_DONTWAIT, guarded[1], 16);
	syscall(SYS_write, in4[1], guarded[4], 7);
	syscall(SYS_writev, in4[1], iov, 2);
	syscall(SYS_writev, in4[1], iov, 2);
	syscall(SYS_read, in4[0], guarded[6], 4);
	syscall(SYS_readv, in4[0], iov + 2, 2);
	syscall(SYS_readv, in4[0], iov + 2, 2);
	syscall(SYS_setsockopt, in4[0], SOL_SOCKET, SO_RCVBUF, guarded[7], 4);
	syscall(SYS_setsockopt, in4[0], SOL_SOCKET, SO_RCVBUF, guarded[7], -1);
	syscall(SYS_connect, in4[1], at_end(2, 16), 16);
	syscall(SYS_bind, in4[1], at_end(2, 16), 200);
}

static void calls_without_a_header_take_the_same_shape(void **state)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	socklen_t len = sizeof(to);

	(void)state;
	udp_pair();
	getsockname(in4[0], (struct sockaddr *)&to, &len);
	memcpy(guarded[1], &to, sizeof(to));
	memcpy(at_end(2, 16), &to, sizeof(to));
	memset(guarded[4], 'w', 100);
	iov = (void *)guarded[3];
	iov[0] = (struct iovec){ guarded[4], 3 };
	iov[1] = (struct iovec){ guarded[4], 4 };
	iov[2] = (struct iovec){ guarded[5], 5 };
	iov[3] = (struct iovec){ guarded[0], 50 };
	trace(send_to_and_others);
	assert_int_equal(nevents, 11);

	const struct msg *m = events[0]->msg;

	assert_true(m->made_up && m->in.have && m->sent && m->have_len);
	assert_int_equal(m->len, 100);
	assert_bytes(&m->in.name, &to, 16, 16, BYTES_WHOLE);
	assert_bytes(&m->iov[0].data, guarded[4], 32, 100, BYTES_LIMIT);
	assert_int_equal(events[0]->flags, MSG_DONTWAIT);
	assert_int_equal(entry_reads[0], 1);

	assert_bytes(&events[1]->msg->iov[0].data, "wwwwwww", 7, 7, BYTES_WHOLE);
	m = events[3]->msg;
	assert_int_equal(m->niov, 2);
	assert_int_equal(m->total, 7);
	assert_bytes(&m->iov[1].data, "wwww", 4, 4, BYTES_WHOLE);
	assert_int_equal(entry_reads[3], 1);

	assert_bytes(&events[4]->msg->iov[0].data, "wwww", 4, 4, BYTES_WHOLE);
	m = events[5]->msg; /* the 7 bytes that write() sent */
	assert_int_equal(m->niov, 2);
	assert_bytes(&m->iov[0].data, "wwwww", 5, 5, BYTES_WHOLE);
	assert_bytes(&m->iov[1].data, "ww", 2, 2, BYTES_WHOLE);
	assert_int_equal(exit_reads[6], 1);

	assert_int_equal(events[7]->opt.len, 4);
	assert_memory_equal(events[7]->opt.p, "hhhh", 4);
	assert_int_equal(events[8]->opt.len, 0);
	assert_bytes(&events[9]->opt, &to, 16, 16, BYTES_WHOLE);
	assert_bytes(&events[10]->opt, &to, 16, 200, BYTES_FAULT);
	drop_udp_pair();
}

/* --- vectors --- */

static struct mmsghdr *vec;
static unsigned int vec_n;

/* n messages: headers, iovs, names and payloads each in an array, as programs lay them out */
static void lay_out_vector(unsigned int n)
{
	struct sockaddr_in *names = (void *)(roomy + 4096);
	struct iovec *v = (void *)(roomy + 8192);

	vec_n = n;
	vec = (void *)roomy;
	memset(roomy, 0, ROOMY);
	for (unsigned int i = 0; i < n; i++) {
		memset(roomy + 16384 + 1024 * i, 'A' + (int)i % 26, 1024);
		names[i].sin_family = AF_INET;
		v[i] = (struct iovec){ roomy + 16384 + 1024 * i, 20 + i };
		vec[i].msg_hdr = (struct msghdr){
			.msg_name = &names[i], .msg_namelen = 16, .msg_iov = &v[i], .msg_iovlen = 1
		};
	}
}

static void send_vector(void)
{
	for (int i = 0; i < 3; i++)
		syscall(SYS_sendmmsg, in4[1], vec, vec_n, MSG_DONTWAIT);
}

static void a_sent_vector_costs_one_read_when_known(void **state)
{
	struct sockaddr_in to;
	socklen_t len = sizeof(to);

	(void)state;
	udp_pair();
	getsockname(in4[0], (struct sockaddr *)&to, &len);
	lay_out_vector(32);
	for (int i = 0; i < 32; i++)
		memcpy(vec[i].msg_hdr.msg_name, &to, sizeof(to));
	memset(vec[20].msg_hdr.msg_name, 0xff, 16); /* the kernel stops there */
	trace(send_vector);
	assert_int_equal(nevents, 3);
	for (int e = 0; e < 3; e++) {
		assert_int_equal(events[e]->result, 20);
		assert_int_equal(events[e]->vlen, 32);
		assert_int_equal(events[e]->nmsg, 32);
		for (int i = 0; i < 32; i++) {
			const struct msg *m = &events[e]->msg[i];
			unsigned char want[32];

			memset(want, 'A' + i % 26, sizeof(want));
			assert_true(m->in.have);
			assert_int_equal(m->in.name.len, 16);
			assert_int_equal(m->sent, i < 20);
			assert_int_equal(m->have_len, i < 20);
			assert_int_equal(m->len, i < 20 ? 20 + i : 0);
			assert_bytes(&m->iov[0].data, want, i < 12 ? (size_t)(20 + i) : 32,
				     (uint64_t)(20 + i), i <= 12 ? BYTES_WHOLE : BYTES_LIMIT);
		}
		assert_in_range(entry_reads[e], 1, e ? 1 : 3);
		assert_int_equal(exit_reads[e], 1);
	}
	drop_udp_pair();
}

static void receive_vector(void)
{
	struct timespec *t = (void *)(roomy + 3 * 1024);

	for (int i = 0; i < 4; i++) {
		*t = (struct timespec){ 5, 7 };
		for (unsigned int k = 0; k < vec_n; k++)
			vec[k].msg_hdr.msg_namelen = 64;
		syscall(SYS_recvmmsg, in4[0], vec, vec_n, MSG_DONTWAIT, i ? t : NULL);
	}
}

static void a_received_vector_holds_the_filled_elements(void **state)
{
	(void)state;
	udp_pair();
	lay_out_vector(8);
	feed(20);
	trace(receive_vector);
	assert_int_equal(nevents, 4);
	for (int e = 0; e < 3; e++) {
		uint32_t n = e < 2 ? 8 : 4;

		assert_int_equal(events[e]->result, n);
		assert_int_equal(events[e]->vlen, 8);
		assert_int_equal(events[e]->nmsg, n);
		for (uint32_t i = 0; i < n; i++) {
			const struct msg *m = &events[e]->msg[i];

			assert_true(m->in.have && m->out.have && m->have_len);
			assert_int_equal(m->in.namelen, 64);
			assert_int_equal(m->out.namelen, 16);
			assert_int_equal(m->len, 16);
			assert_bytes(&m->iov[0].data, "0123456789abcdef", 16, 16, BYTES_WHOLE);
		}
		assert_int_equal(entry_reads[e], 1);
		assert_in_range(exit_reads[e], 1, e ? 1 : 2);
		assert_int_equal(events[e]->timeout_in.have, e > 0);
		assert_int_equal(events[e]->timeout_out.have, e > 0);
	}
	assert_int_equal(events[1]->timeout_in.sec, 5);
	assert_int_equal(events[1]->timeout_in.nsec, 7);
	assert_int_equal(events[1]->timeout_out.sec, 4); /* some time has passed */
	/* The failed call: what was offered. */
	assert_int_equal(events[3]->result, -EAGAIN);
	assert_int_equal(events[3]->nmsg, 8);
	assert_true(events[3]->msg[7].in.have);
	assert_false(events[3]->msg[7].out.have);
	assert_false(events[3]->timeout_out.have);
	drop_udp_pair();
}

static void send_long_vector(void)
{
	syscall(SYS_sendmmsg, in4[1], vec, vec_n, MSG_DONTWAIT);
	syscall(SYS_sendmmsg, in4[1], vec, 1024, MSG_DONTWAIT);
	syscall(SYS_recvmmsg, in4[0], vec, vec_n, MSG_DONTWAIT, NULL);
}

static void a_vector_of_1024_and_one_cut_by_a_hole(void **state)
{
	unsigned char *big =
		mmap(NULL, 17 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	udp_pair();
	mprotect(big + 16 * PAGE, PAGE, PROT_NONE);
	vec = (void *)big;
	vec_n = 5000;
	for (unsigned int i = 0; i < 1024; i++) {
		iov = (void *)(roomy + 8192);
		iov->iov_base = roomy;
		iov->iov_len = 1;
		vec[i].msg_hdr = (struct msghdr){ .msg_iov = iov, .msg_iovlen = 1 };
	}
	trace(send_long_vector);
	assert_int_equal(events[0]->vlen, 5000);
	assert_int_equal(events[0]->nmsg, 1024);
	assert_true(events[0]->msg[1023].in.have);
	assert_int_equal(events[0]->msg[1023].iov[0].data.len, 1);

	/* 64 KiB hold 1024 elements; from the second on only 1023. */
	vec = (void *)(big + 64);
	trace(send_long_vector);
	assert_int_equal(events[1]->vlen, 1024);
	assert_int_equal(events[1]->nmsg, 1024);
	assert_true(events[1]->msg[1022].in.have);
	assert_false(events[1]->msg[1023].in.have);
	munmap(big, 17 * PAGE);
	drop_udp_pair();
}

/* --- i386 calls from a 64-bit program: structures lie below 4 GiB --- */

#if defined(__x86_64__)
static void need_int80(void)
{
	if (!runs_i386()) {
		print_message("# skipped: " NO_I386 "\n");
		skip();
	}
	if ((uintptr_t)roomy >> 32) {
		print_message("# skipped: no memory below 4 GiB\n");
		skip();
	}
}

static struct msghdr32 *mh32;
static uint32_t *words;

static void message32(void)
{
	struct iovec32 *v = (void *)(roomy + 64);

	memset(roomy, 0, 4096);
	mh32 = (void *)roomy;
	words = (void *)(roomy + 1024);
	v[0] = (struct iovec32){ pointer32(roomy + 2048), 4 };
	v[1] = (struct iovec32){ pointer32(roomy + 2052), 60 };
	memcpy(roomy + 2048, "0123456789", 10);
	*mh32 = (struct msghdr32){
		pointer32(roomy + 128), 28, pointer32(v), 2, pointer32(roomy + 256), 64, 5
	};
}

static void send32(void)
{
	i386_call(370, in4[1], mh32, MSG_DONTWAIT, 0, NULL);
	/* socketcall(SYS_SENDMSG), (SYS_SEND), (SYS_LISTEN), nonsense, unreadable */
	words[0] = (uint32_t)in4[1];
	words[1] = pointer32(mh32);
	words[2] = MSG_DONTWAIT;
	i386_call(102, SYS_SENDMSG, words, 0, 0, NULL);
	words[1] = pointer32(roomy + 2048);
	words[2] = 10;
	words[3] = MSG_DONTWAIT;
	i386_call(102, SYS_SEND, words, 0, 0, NULL);
	i386_call(102, SYS_LISTEN, words, 0, 0, NULL);
	i386_call(102, 77, words, 0, 0, NULL);
	i386_call(102, SYS_SENDMSG, (void *)8, 0, 0, NULL);
}

static void i386_layouts_and_socketcall(void **state)
{
	(void)state;
	need_int80();
	udp_pair();
	message32();
	trace(send32);
	assert_int_equal(nevents, 6);
	for (int i = 0; i < 2; i++) {
		const struct event *ev = events[i];
		const struct msg *m = ev->msg;

		assert_string_equal(ev->abi->name, "i386");
		assert_int_equal(ev->call, CALL_SENDMSG);
		assert_string_equal(ev->name, "sendmsg");
		assert_int_equal(ev->socketcall, i == 1);
		assert_int_equal(ev->fd, in4[1]);
		assert_int_equal(ev->flags, MSG_DONTWAIT);
		assert_true(m->in.have);
		assert_int_equal(m->in.namelen, 28);
		assert_int_equal(m->in.name.len, 28);
		assert_int_equal(m->in.controllen, 64);
		assert_int_equal(m->in.flags, 5);
		assert_int_equal(m->niov, 2);
		assert_int_equal(m->total, 64);
		assert_bytes(&m->iov[0].data, "0123", 4, 4, BYTES_WHOLE);
		assert_int_equal(m->iov[1].data.len, 32);
		assert_memory_equal(m->iov[1].data.p, "456789", 6);
	}
	assert_int_equal(events[2]->call, CALL_SEND);
	assert_bytes(&events[2]->msg->iov[0].data, "0123456789", 10, 10, BYTES_WHOLE);
	assert_int_equal(events[2]->result, 10);
	assert_int_equal(events[3]->call, CALL_OTHER);
	assert_string_equal(events[3]->name, "listen");
	assert_true(events[3]->socketcall);
	for (int i = 4; i < 6; i++) {
		assert_int_equal(events[i]->call, CALL_OTHER);
		assert_string_equal(events[i]->name, "socketcall");
		assert_false(events[i]->socketcall);
	}
	assert_int_equal(events[4]->args[0], 77);
	drop_udp_pair();
}

struct mmsghdr32 {
	struct msghdr32 hdr;
	uint32_t len;
};

static struct mmsghdr32 *vec32;

static void receive32(void)
{
	uint32_t *t32 = (void *)(roomy + 3072);
	int64_t *t64 = (void *)(roomy + 3088);

	t32[0] = 5;
	t32[1] = 7;
	t64[0] = 6;
	t64[1] = (int64_t)(0xdead00000000 | 9);
	i386_call(337, in4[0], vec32, 3, MSG_DONTWAIT, t32);
	i386_call(417, in4[0], vec32, 3, MSG_DONTWAIT, t64);
	i386_call(345, in4[1], vec32, 3, MSG_DONTWAIT, NULL);
	i386_call(372, in4[0], vec32, 0, 0, NULL);
}

static void i386_vectors_and_both_timeouts(void **state)
{
	(void)state;
	need_int80();
	udp_pair();
	memset(roomy, 0, 8192);
	vec32 = (void *)roomy;
	for (int i = 0; i < 3; i++) {
		struct iovec32 *v = (void *)(roomy + 512 + 16 * i);

		*v = (struct iovec32){ pointer32(roomy + 4096 + 64 * i), 64 };
		vec32[i].hdr =
			(struct msghdr32){ 0,  0, pointer32(v), 1, pointer32(roomy + 2048 + 64 * i),
					   64, 0 };
	}
	feed(5);
	trace(receive32);
	assert_int_equal(nevents, 4);
	for (int e = 0; e < 2; e++) {
		assert_int_equal(events[e]->result, 3 - e);
		assert_int_equal(events[e]->nmsg, 3 - e);
		for (int i = 0; i < 3 - e; i++) {
			const struct msg *m = &events[e]->msg[i];

			/* 12 bytes of header, 12 of pktinfo; the second call finds the room left by the first */
			assert_int_equal(m->in.controllen, e ? 24 : 64);
			assert_int_equal(m->out.controllen, 24);
			assert_int_equal(m->out.control.len, 24);
			assert_int_equal(m->out.control.p[0], 24);
			assert_int_equal(m->len, 16);
			assert_bytes(&m->iov[0].data, "0123456789abcdef", 16, 16, BYTES_WHOLE);
		}
		assert_true(events[e]->timeout_in.have && events[e]->timeout_out.have);
	}
	assert_int_equal(events[0]->timeout_in.sec, 5);
	assert_int_equal(events[0]->timeout_in.nsec, 7);
	assert_int_equal(events[0]->timeout_out.sec, 4);
	assert_string_equal(events[1]->name, "recvmmsg_time64");
	assert_int_equal(events[1]->timeout_in.sec, 6);
	assert_int_equal(events[1]->timeout_in.nsec, 9);
	assert_int_equal(events[2]->nmsg, 3);
	assert_int_equal(events[2]->msg[2].in.controllen, 24);
	assert_int_equal(events[2]->result, 3);
	assert_int_equal(events[2]->msg[2].len, 64);
	assert_int_equal(events[3]->result, 64);
	assert_int_equal(events[3]->msg->iov[0].data.len, 32);
	assert_memory_equal(events[3]->msg->iov[0].data.p, "0123456789abcdef", 16);
	drop_udp_pair();
}
#else
static void i386_layouts_and_socketcall(void **state)
{
	(void)state;
	print_message("# skipped: not x86-64\n");
	skip();
}

static void i386_vectors_and_both_timeouts(void **state)
{
	(void)state;
	print_message("# skipped: not x86-64\n");
	skip();
}
#endif

/* --- whatever a program offers --- */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int stopped_child(void)
{
	int pid = fork();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return pid;
}

static uint64_t seed = 88172645463325252ULL;

static uint64_t any(void) /* xorshift64 */
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Pointers into readable memory, to its edge, and to nowhere; lengths that fit, and all others. */
static uint64_t any_pointer(void)
{
	switch (any() % 6) {
	case 0:
		return 0;
	case 1:
		return any();
	case 2:
		return (uintptr_t)guarded[any() % 8] + PAGE - any() % 64;
	default:
		return (uintptr_t)roomy + any() % ROOMY;
	}
}

static uint64_t any_length(void)
{
	return any() % 3 ? any() % 200 : any() >> any() % 64;
}

static void check_slice(const struct bytes *b)
{
	assert_true(b->len <= b->claimed);
	assert_int_equal(b->why == BYTES_WHOLE, b->len == b->claimed);
	/* Finds nothing; a sanitizer sees a slice that is longer than its memory. */
	if (b->len)
		assert_null(memmem(b->p, b->len, "not in any memory here", 22));
}

static void check_event(const struct event *ev)
{
	assert_true(ev->nmsg <= 1024);
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		const struct msg *m = &ev->msg[i];

		check_slice(&m->in.name);
		check_slice(&m->in.control);
		check_slice(&m->out.name);
		check_slice(&m->out.control);
		assert_true(m->niov <= 1024);
		for (uint32_t k = 0; k < m->niov; k++) {
			check_slice(&m->iov[k].data);
			assert_true(m->iov[k].data.len <= opts.strsize);
		}
	}
}

static void fill_at_random(void)
{
	uint64_t *v = (void *)roomy;

	for (size_t i = 0; i < ROOMY / 8; i++)
		v[i] = i % 2 ? any_length() : any_pointer();
}

static void any_structure_is_taken_within_bounds(void **state)
{
	static const enum call sends[] = { CALL_SENDMSG,  CALL_SENDMMSG,  CALL_SENDTO,
					   CALL_WRITEV,   CALL_RECVMSG,   CALL_RECVMMSG,
					   CALL_RECVFROM, CALL_READV,     CALL_SETSOCKOPT,
					   CALL_BIND,     CALL_SOCKETCALL };
	static const char *const abis[] = { "x86_64", "i386", "x32" };
	uint64_t slowest = 0;

	(void)state;
	forget();
	for (int layout = 0; layout < 20; layout++) {
		fill_at_random();

		int pid = stopped_child();

		for (int i = 0; i < 200; i++) {
			struct event *ev = event_new();
			uint64_t t = now_ns();

			ev->tid = ev->tgid = pid;
			ev->abi = any() % 2 ? abi_native() : abi_by_name(abis[any() % 3]);
			ev->call = sends[any() % (sizeof(sends) / sizeof(sends[0]))];
			ev->name = call_rows[ev->call].name;
			for (int a = 0; a < 6; a++)
				ev->args[a] = any() % 2 ? any_pointer() : any_length();
			ev->args[1] = (uintptr_t)roomy + any() % ROOMY;
			capture_enter(&opts, ev, memory_of(ev->tid), &hint);
			check_event(ev);
			ev->end = CALL_RETURNED;
			ev->result = (int64_t)(any() % 2 ? any() % 100 : any() >> any() % 64);
			capture_exit(&opts, ev, memory_of(ev->tid), &hint);
			check_event(ev);
			t = now_ns() - t;
			if (t > slowest)
				slowest = t;
			event_free(ev);
		}
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	print_message("# slowest: %.1f ms\n", (double)slowest / 1e6);
}

static void a_task_that_is_gone_is_told(void **state)
{
	struct event *ev = event_new();

	(void)state;
	plain_message(roomy);
	ev->tid = ev->tgid = stopped_child();
	kill(ev->tid, SIGKILL);
	waitpid(ev->tid, NULL, 0);
	ev->abi = abi_native();
	ev->call = CALL_SENDTO;
	ev->name = "sendto";
	ev->args[1] = ev->args[4] = (uintptr_t)roomy;
	ev->args[2] = ev->args[5] = 16;
	capture_enter(&opts, ev, memory_of(ev->tid), NULL);
	assert_int_equal(ev->msg->iov[0].data.why, BYTES_GONE);
	assert_int_equal(ev->msg->in.name.why, BYTES_GONE);
	event_free(ev);
}

/* --- the price --- */

static double price(struct event *model, int rounds)
{
	model->tid = stopped_child();

	uint64_t t = now_ns();

	for (int i = 0; i < rounds; i++) {
		struct event *ev = event_new();

		ev->tid = ev->tgid = model->tid;
		ev->abi = model->abi;
		ev->call = model->call;
		ev->name = model->name;
		memcpy(ev->args, model->args, sizeof(ev->args));
		capture_enter(&opts, ev, memory_of(ev->tid), &hint);
		event_free(ev);
	}
	t = now_ns() - t;
	kill(model->tid, SIGKILL);
	waitpid(model->tid, NULL, 0);
	return (double)t / rounds / 1000;
}

static void price_of_a_capture(void **state)
{
	struct event model = { .abi = abi_native(), .call = CALL_SENDMSG, .name = "sendmsg" };

	(void)state;
	forget();
	spread_message();
	model.args[1] = (uintptr_t)mh;
	print_message("# sendmsg, five places: %.2f us\n", price(&model, 20000));
	plain_message(roomy);
	print_message("# sendmsg, all in one page: %.2f us\n", price(&model, 20000));
	lay_out_vector(32);
	model.call = CALL_SENDMMSG;
	model.args[2] = 32;
	print_message("# sendmmsg of 32: %.2f us\n", price(&model, 5000));
}

static int from_file(void **state)
{
	(void)state;
	by_file = true;
	return 0;
}

static int from_memory(void **state)
{
	(void)state;
	by_file = false;
	return 0;
}

#define FROM_FILE(test) cmocka_unit_test_setup_teardown(test, from_file, from_memory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sent_message_is_whole),
		cmocka_unit_test(the_second_message_of_a_place_costs_one_read),
		cmocka_unit_test(a_wrong_hint_costs_reads_but_no_byte),
		cmocka_unit_test(growing_lengths_stay_in_the_guess),
		cmocka_unit_test(a_header_cut_by_a_hole_is_not_had),
		cmocka_unit_test(parts_at_holes_keep_what_can_be_read),
		cmocka_unit_test(null_pointers_are_absent_not_missing),
		cmocka_unit_test(an_iovec_cut_by_a_hole_keeps_its_whole_elements),
		cmocka_unit_test(long_and_empty_iovecs_are_bounded),
		cmocka_unit_test(lengths_that_no_kernel_takes_are_bounded),
		cmocka_unit_test(no_payload_is_taken_where_none_is_wanted),
		cmocka_unit_test(reads_that_are_refused_go_by_proc),
		cmocka_unit_test(a_received_message_shows_both_moments),
		cmocka_unit_test(a_cut_message_shows_what_the_buffers_got),
		cmocka_unit_test(recvfrom_is_a_message_of_its_arguments),
		cmocka_unit_test(calls_without_a_header_take_the_same_shape),
		cmocka_unit_test(a_sent_vector_costs_one_read_when_known),
		cmocka_unit_test(a_received_vector_holds_the_filled_elements),
		cmocka_unit_test(a_vector_of_1024_and_one_cut_by_a_hole),
		cmocka_unit_test(i386_layouts_and_socketcall),
		cmocka_unit_test(i386_vectors_and_both_timeouts),
		cmocka_unit_test(any_structure_is_taken_within_bounds),
		cmocka_unit_test(a_task_that_is_gone_is_told),
		FROM_FILE(a_sent_message_is_whole),
		FROM_FILE(the_second_message_of_a_place_costs_one_read),
		FROM_FILE(a_wrong_hint_costs_reads_but_no_byte),
		FROM_FILE(growing_lengths_stay_in_the_guess),
		FROM_FILE(a_header_cut_by_a_hole_is_not_had),
		FROM_FILE(parts_at_holes_keep_what_can_be_read),
		FROM_FILE(null_pointers_are_absent_not_missing),
		FROM_FILE(an_iovec_cut_by_a_hole_keeps_its_whole_elements),
		FROM_FILE(long_and_empty_iovecs_are_bounded),
		FROM_FILE(lengths_that_no_kernel_takes_are_bounded),
		FROM_FILE(no_payload_is_taken_where_none_is_wanted),
		FROM_FILE(reads_that_are_refused_go_by_proc),
		FROM_FILE(a_received_message_shows_both_moments),
		FROM_FILE(a_cut_message_shows_what_the_buffers_got),
		FROM_FILE(recvfrom_is_a_message_of_its_arguments),
		FROM_FILE(calls_without_a_header_take_the_same_shape),
		FROM_FILE(a_sent_vector_costs_one_read_when_known),
		FROM_FILE(a_received_vector_holds_the_filled_elements),
		FROM_FILE(a_vector_of_1024_and_one_cut_by_a_hole),
		FROM_FILE(i386_layouts_and_socketcall),
		FROM_FILE(i386_vectors_and_both_timeouts),
		FROM_FILE(any_structure_is_taken_within_bounds),
		FROM_FILE(a_task_that_is_gone_is_told),
		cmocka_unit_test(price_of_a_capture),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
