// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A module for test-unwind, built in several ways: nest_enter() calls stop() through two functions of its
 * own.  As a program (NEST_MAIN, for i386) it stops itself.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

void nest_enter(void (*stop)(void));

static volatile int depth;

static __attribute__((noinline)) void nest_inner(void (*stop)(void))
{
	depth++;
	stop();
	depth--;
}

static __attribute__((noinline)) void nest_outer(void (*stop)(void))
{
	depth++;
	nest_inner(stop);
	depth--;
}

__attribute__((visibility("default"), noinline)) void nest_enter(void (*stop)(void))
{
	depth++;
	nest_outer(stop);
	depth--;
}

#ifdef NEST_MAIN
static void stop_self(void)
{
#ifdef NEST_INLINE
	int ret;

	/* Not by libc's kill(), which keeps no frame pointer: its caller would be missing. */
	__asm__ volatile("int $0x80"
			 : "=a"(ret)
			 : "0"(SYS_kill), "b"(getpid()), "c"(SIGSTOP)
			 : "memory");
	depth += ret;
#else
	depth += kill(getpid(), SIGSTOP);
#endif
}

int main(void)
{
	nest_enter(stop_self);
	return 0;
}
#endif
