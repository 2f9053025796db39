/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the situations of torture have in common: messages that are checked byte by byte, and how they fail. */
#ifndef CMSGTRACE_TESTS_TORTURE_H
#define CMSGTRACE_TESTS_TORTURE_H

#include <sys/types.h>

_Noreturn void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Two sockets; a message goes from the first to the second. */
struct pair {
	int fd[2];
	unsigned int seed, count;
};

void pair_open(struct pair *p, unsigned int seed);
void pair_close(struct pair *p);
/* One message. How many calls were interrupted (EINTR) on the way. */
unsigned int pair_turn(struct pair *p);
/* n messages of a pair of their own */
void turns(unsigned int seed, unsigned int n);
/* The child ends with this wait(2) status. */
void expect(pid_t pid, int want);

/* The situations of torture-storms.c: their exit status, or -1 where there is none of that name. */
int storms(const char *self, const char *what, int a, int b);

#endif
