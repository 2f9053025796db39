/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Does this kernel run i386 code?  Some can't (CONFIG_IA32_EMULATION=n, ia32_emulation=off, some
 * paravirtual guests): execve() then says ENOEXEC, and int $0x80 is a SIGSEGV.
 * Where it does, 64-bit processes reach the 32-bit calls, too: with pointers below 4 GiB.
 */
#ifndef TESTS_I386_H
#define TESTS_I386_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_I386 "this kernel runs no 32-bit programs"

enum { I386_GETPID = 20, I386_SENDMSG = 370, I386_RECVMSG = 372 };

struct iovec32 {
	uint32_t base, len;
};

struct msghdr32 {
	uint32_t name;
	int32_t namelen;
	uint32_t iov, iovlen, control, controllen, flags;
};

static inline uint32_t pointer32(const void *p)
{
	return (uint32_t)(uintptr_t)p;
}

/* What it returns, or a negative errno. */
static inline long i386_call(int nr, long a, const void *b, long c, long d, const void *e)
{
#ifdef __x86_64__
	long r;

	/* r8-r11 are not kept */
	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "0"((long)nr), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)r;
#else
	(void)nr, (void)a, (void)b, (void)c, (void)d, (void)e;
	return -ENOSYS;
#endif
}

/* Asked in a child, which may die of it: without the handlers of cmocka or a sanitizer, and no core. */
static inline bool runs_i386(void)
{
#ifdef __x86_64__
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGSEGV, SIG_DFL);
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		_exit((int)i386_call(I386_GETPID, 0, NULL, 0, 0, NULL) == getpid() ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
#else
	return false;
#endif
}

#endif
