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

#include "trace/capture.h"
#include "trace/memory.h"

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
static struct capture_opts opts = { .strsize = 32 };

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
		capture_enter(&opts, ev, &hint);
		entry_reads[nevents] = reads;
		events[nevents++] = ev;
		return ev;
	}
	if (si.op == PTRACE_SYSCALL_INFO_EXIT && ev) {
		ev->end = CALL_RETURNED;
		ev->result = si.exit.rval;
		reads = 0;
		capture_exit(&opts, ev, &hint);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sent_message_is_whole),
		cmocka_unit_test(the_second_message_of_a_place_costs_one_read),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
