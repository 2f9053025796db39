// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the tracer decides before anything runs: which calls stop, in every ABI, and the task table. */
#include "config.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <cmocka.h>

#include "live/calls.h"
#include "ptrace/filter.h"
#include "live/task.h"

static bool print_named(void *ctx, const char *name)
{
	return !strcmp(name, ctx);
}

static bool print_all(void *ctx, const char *name)
{
	(void)ctx;
	(void)name;
	return true;
}

/* The number of a call in an ABI, or -1: by its table, whose numbers other tests pin down. */
static int64_t number(const struct calls *c, const char *abi, const char *name)
{
	unsigned int n;
	const struct call_table *t = calls_tables(c, &n);

	for (unsigned int i = 0; i < n; i++) {
		for (uint32_t k = 0; !strcmp(t[i].abi->name, abi) && k < t[i].n; k++) {
			if (t[i].v[k].name && !strcmp(t[i].v[k].name, name))
				return t[i].first | k;
		}
	}
	return -1;
}

static uint32_t answer(const struct filter *f, const struct calls *c, const char *abi,
		       const char *name, const uint64_t *args)
{
	int64_t nr = number(c, abi, name);

	assert_true(nr >= 0);
	return filter_eval(f, abi_by_name(abi)->audit_arch, (uint32_t)nr, args);
}

#if defined(__x86_64__)
static void numbers_of_each_abi(void **state)
{
	struct calls *c = calls_new(&(struct calls_opts){ .maps = true });

	(void)state;
	/* arch/x86/entry/syscalls/syscall_64.tbl, syscall_32.tbl */
	assert_int_equal(number(c, "x86_64", "sendmsg"), 46);
	assert_int_equal(number(c, "x86_64", "recvmmsg"), 299);
	assert_int_equal(number(c, "i386", "socketcall"), 102);
	assert_int_equal(number(c, "i386", "sendmsg"), 370);
	assert_int_equal(number(c, "i386", "recvmmsg"), 337);
	assert_int_equal(number(c, "i386", "recvmmsg_time64"), 417);
	assert_int_equal(number(c, "x32", "sendmsg"), 0x40000000 | 518);
	assert_int_equal(number(c, "x32", "setsockopt"), 0x40000000 | 541);
	assert_int_equal(calls_find(c, abi_by_name("i386"), 417)->call, CALL_RECVMMSG);
	assert_string_equal(calls_find(c, abi_by_name("i386"), 417)->name, "recvmmsg_time64");
	assert_null(calls_find(c, abi_by_name("x86_64"), 100000)->name);
	assert_null(calls_find(c, abi_by_name("x86_64"), UINT64_MAX)->name);
	assert_null(calls_find(c, abi_by_name("x32"), 46)->name);
	calls_free(c);
}

static void stops_where_it_should(void **state)
{
	static const char *const abis[] = { "x86_64", "i386", "x32" };
	static const char *const stops[] = {
		"sendmsg", "recvmsg", "sendmmsg", "recvmmsg",   "sendto", "recvfrom",
		"socket",  "bind",    "connect",  "setsockopt", "setns",  "io_uring_setup"
	};
	static const char *const runs[] = {
		"read",   "write",  "readv",  "close",  "futex",
		"execve", "getpid", "listen", "openat", "io_uring_enter"
	};
	struct calls *c = calls_new(&(struct calls_opts){ .maps = true });
	struct filter f;

	(void)state;
	assert_int_equal(filter_build(&f, c), 0);
	for (size_t a = 0; a < 3; a++) {
		for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
			assert_int_equal(answer(&f, c, abis[a], stops[i], NULL) &
						 SECCOMP_RET_ACTION_FULL,
					 SECCOMP_RET_TRACE);
		for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++)
			assert_int_equal(answer(&f, c, abis[a], runs[i], NULL), SECCOMP_RET_ALLOW);
	}
	/* the class travels with the answer */
	assert_int_equal(answer(&f, c, "x86_64", "recvmsg", NULL),
			 SECCOMP_RET_TRACE | FILTER_MARK | CALL_RECVMSG);
	assert_int_equal(answer(&f, c, "i386", "socketcall", NULL),
			 SECCOMP_RET_TRACE | FILTER_MARK | CALL_SOCKETCALL);
	/* an architecture that is none of ours runs on */
	assert_int_equal(filter_eval(&f, AUDIT_ARCH_AARCH64, 211, NULL), SECCOMP_RET_ALLOW);
	/* x32 numbers that exist only as 64-bit calls, and numbers that nobody has */
	assert_int_equal(filter_eval(&f, AUDIT_ARCH_X86_64, 0x40000000 | 46, NULL),
			 SECCOMP_RET_ALLOW);
	assert_int_equal(filter_eval(&f, AUDIT_ARCH_X86_64, UINT32_MAX, NULL), SECCOMP_RET_ALLOW);
	filter_free(&f);
	calls_free(c);
}

static void some_calls_stop_by_argument(void **state)
{
	struct calls *c = calls_new(&(struct calls_opts){ .maps = true });
	const uint64_t code[6] = { 0, 4096, PROT_READ | PROT_EXEC },
		       data[6] = { 0, 4096, PROT_READ };
	const uint64_t dup[6] = { 3, F_DUPFD_CLOEXEC }, get[6] = { 3, F_GETFL };
	const uint64_t untraced[6] = { CLONE_UNTRACED | SIGCHLD }, plain[6] = { SIGCHLD };
	const uint64_t avail[6] = { SECCOMP_GET_ACTION_AVAIL };
	const uint64_t comm[6] = { PR_SET_NAME }, other[6] = { PR_SET_DUMPABLE };
	struct filter f;

	(void)state;
	assert_int_equal(filter_build(&f, c), 0);
	assert_int_equal(answer(&f, c, "x86_64", "mmap", code),
			 SECCOMP_RET_TRACE | FILTER_MARK | CALL_OTHER);
	assert_int_equal(answer(&f, c, "x86_64", "mmap", data), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&f, c, "i386", "mmap2", code),
			 SECCOMP_RET_TRACE | FILTER_MARK | CALL_OTHER);
	assert_int_equal(answer(&f, c, "i386", "mmap2", data), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&f, c, "x32", "prctl", comm),
			 SECCOMP_RET_TRACE | FILTER_MARK | CALL_OTHER);
	assert_int_equal(answer(&f, c, "x86_64", "prctl", other), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&f, c, "x86_64", "fcntl", dup),
			 SECCOMP_RET_TRACE | FILTER_MARK | CALL_OTHER);
	assert_int_equal(answer(&f, c, "x86_64", "fcntl", get), SECCOMP_RET_ALLOW);
	/* what a filter would change for the program; a plain fork has no stop */
	assert_int_equal(answer(&f, c, "i386", "clone", untraced),
			 SECCOMP_RET_TRACE | FILTER_MARK | CALL_OTHER);
	assert_int_equal(answer(&f, c, "x86_64", "clone", plain), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&f, c, "x86_64", "seccomp", avail), SECCOMP_RET_ALLOW);
	filter_free(&f);
	calls_free(c);
}
#endif

static void printed_calls_stop_too(void **state)
{
	char name[] = "close";
	struct calls *c =
		calls_new(&(struct calls_opts){ .prints = print_named, .prints_ctx = name });
	const char *abi = abi_native()->name;
	struct filter f;

	(void)state;
	assert_int_equal(calls_printed(c), 1);
	assert_int_equal(filter_build(&f, c), 0);
	assert_int_equal(answer(&f, c, abi, "close", NULL),
			 SECCOMP_RET_TRACE | FILTER_MARK | CALL_OTHER);
	assert_int_equal(answer(&f, c, abi, "openat", NULL), SECCOMP_RET_ALLOW);
	/* not printed, but the rules see them */
	assert_int_equal(answer(&f, c, abi, "sendmsg", NULL),
			 SECCOMP_RET_TRACE | FILTER_MARK | CALL_SENDMSG);
	assert_false(calls_prints(c, CALL_SENDMSG));
	filter_free(&f);
	calls_free(c);
}

static void everything_printed_fits(void **state)
{
	struct calls *c = calls_new(&(struct calls_opts){ .prints = print_all, .maps = true });
	struct filter f;

	(void)state;
	assert_true(calls_printed(c) > 300);
	assert_int_equal(filter_build(&f, c), 0); /* it verifies itself call by call */
	assert_true(calls_find(c, abi_native(), 100000)->prints);
	filter_free(&f);
	calls_free(c);
}

static void a_broken_program_is_not_believed(void **state)
{
	struct sock_filter loads_beyond[] = { BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4096),
					      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_filter has_no_end[] = { BPF_STMT(BPF_JMP | BPF_JA, 1000) };
	const struct filter a = { { 2, loads_beyond } }, b = { { 1, has_no_end } };

	(void)state;
	assert_int_equal(filter_eval(&a, 0, 0, NULL), SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(filter_eval(&b, 0, 0, NULL), SECCOMP_RET_KILL_PROCESS);
}

static void tasks_and_their_processes(void **state)
{
	struct tasks tt = { 0 };
	struct task *leader = tasks_add(&tt, 100, 100), *thread = tasks_add(&tt, 101, 100);

	(void)state;
	tasks_add(&tt, 200, 200);
	assert_int_equal(tt.n, 3);
	assert_ptr_equal(leader->process, thread->process);
	assert_ptr_equal(tasks_find(&tt, 101), thread);
	process_dgram_set(thread->process, 7, true);
	process_dgram_set(thread->process, -1, true);
	process_dgram_set(thread->process, 100000, true);
	assert_true(process_dgram(leader->process, 7));
	assert_false(process_dgram(leader->process, -1));
	assert_false(process_dgram(leader->process, 100000));
	/* execve in 101: the leader goes, the thread has its number, the process is the same */
	assert_int_equal(tasks_drop(&tt, leader), 0);
	tasks_rename(&tt, thread, 100);
	assert_ptr_equal(tasks_find(&tt, 100), thread);
	assert_null(tasks_find(&tt, 101));
	assert_int_equal(thread->process->tgid, 100);
	assert_int_equal(tasks_drop(&tt, thread), 100);
	assert_null(process_find(&tt, 100));
	for (int i = 0; i < 1000; i++)
		tasks_add(&tt, 1000 + i, 1000);
	for (unsigned int i = 0; i < tt.n; i++)
		assert_int_equal(tt.v[i]->index, i);
	tasks_free(&tt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#if defined(__x86_64__)
		cmocka_unit_test(numbers_of_each_abi),
		cmocka_unit_test(stops_where_it_should),
		cmocka_unit_test(some_calls_stop_by_argument),
#endif
		cmocka_unit_test(printed_calls_stop_too),
		cmocka_unit_test(everything_printed_fits),
		cmocka_unit_test(a_broken_program_is_not_believed),
		cmocka_unit_test(tasks_and_their_processes),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
