/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Does this kernel run i386 code?  Some can't (CONFIG_IA32_EMULATION=n, ia32_emulation=off, some
 * paravirtual guests): execve() then says ENOEXEC, and int $0x80 is a SIGSEGV.
 */
#ifndef TESTS_I386_H
#define TESTS_I386_H

#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_I386 "this kernel runs no 32-bit programs"

/* Asked in a child, which may die of it: without the handlers of cmocka or a sanitizer, and no core. */
static inline bool runs_i386(void)
{
#ifdef __x86_64__
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		long ret;

		signal(SIGSEGV, SIG_DFL);
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		__asm__ volatile("int $0x80"
				 : "=a"(ret)
				 : "0"(20) /* getpid */
				 : "memory", "r8", "r9", "r10", "r11");
		_exit((int)ret == getpid() ? 0 : 1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
#else
	return false;
#endif
}

#endif
