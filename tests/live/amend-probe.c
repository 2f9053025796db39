// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A program that is changed by --try-fix, and looks whether it can tell.  It passes a descriptor over a pair of
 * UNIX sockets whose queue is full, at a wrong level (CT101), so that its sendmsg() waits; what ends the wait is
 * the mode.  Then: is the memory below its stack what it was, are its registers, its msghdr?
 *
 *   amend-probe room|restart|eintr|write|input
 *
 * room: the queue has room.  restart: a signal's handler makes room, and the call is made again.  eintr: the
 * signal ends the call.  write: another thread writes into the memory below the stack meanwhile.  input: a thread
 * makes room at the end of standard input.  Says "waits" once it waits, then "result=N fd=yes|no" and
 * "unchanged", or what changed; the status is 1 then.  Elsewhere than on x86-64 it ends with 77.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RED_ZONE = 128, LOOKED_AT = 1024, WRITTEN = 24 };

static int pair[2];
static const char *mode;
static pid_t sender;
static volatile uintptr_t stack;
static unsigned char before[LOOKED_AT];
static int got_fd, filled;
static char handler_stack[1 << 16];

/* Takes out what the queue was filled with, and no more. */
static void make_room(void)
{
	char data[64];

	for (; filled; filled--)
		(void)!read(pair[1], data, sizeof(data));
}

static void on_signal(int sig)
{
	(void)sig;
	if (!strcmp(mode, "restart"))
		make_room();
}

static int waits(void)
{
	char path[64], text[256] = "", state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", sender);
	f = fopen(path, "re");
	if (f) {
		(void)!fgets(text, sizeof(text), f);
		fclose(f);
	}
	if (sscanf(text, "%*d %*s %c", &state) != 1 || state != 'S')
		return 0;
	snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", sender);
	f = fopen(path, "re");
	if (!f)
		return 0;
	memset(text, 0, sizeof(text));
	(void)!fgets(text, sizeof(text), f);
	fclose(f);
	return atoi(text) == SYS_sendmsg;
}

static void *ends_the_wait(void *arg)
{
	char byte;

	while (!waits())
		usleep(1000);
	puts("waits");
	fflush(stdout);
	if (!strcmp(mode, "write")) {
		memset((void *)(stack - RED_ZONE - WRITTEN), 'w', WRITTEN);
		make_room();
	} else if (!strcmp(mode, "input")) {
		while (read(0, &byte, 1) > 0)
			;
		make_room();
	} else {
		tgkill(getpid(), sender, SIGUSR1);
	}
	return arg;
}

/* The call, and the bytes below the stack before and after it: no function may be called in between. */
__attribute__((noinline, no_sanitize("address", "undefined"))) static long
call(struct msghdr *m, const char **changed)
{
	long result = SYS_sendmsg;
#ifdef __x86_64__
	volatile const unsigned char *below;
	struct msghdr *rsi = m;
	long rdx = 0, rdi = pair[0];
	uintptr_t sp;

	__asm__ volatile("mov %%rsp, %0" : "=r"(sp));
	stack = sp;
	below = (const unsigned char *)sp - RED_ZONE - LOOKED_AT;
	for (int i = 0; i < LOOKED_AT; i++)
		before[i] = *mode == 'w' && i >= LOOKED_AT - WRITTEN ? 'w' : below[i];
	__asm__ volatile("syscall"
			 : "+a"(result), "+S"(rsi), "+d"(rdx), "+D"(rdi)
			 :
			 : "rcx", "r11", "memory");
	for (int i = 0; i < LOOKED_AT; i++)
		*changed = before[i] == below[i] ? *changed : "memory";
	if (rsi != m || rdx || rdi != pair[0])
		*changed = "registers";
#endif
	return result;
}

static void receive_all(void)
{
	char data[64];
	_Alignas(struct cmsghdr) char control[64];

	for (;;) {
		struct iovec iov = { data, sizeof(data) };
		struct msghdr m = { .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };

		if (recvmsg(pair[1], &m, MSG_DONTWAIT) < 0)
			return;
		got_fd |= m.msg_controllen > 0;
	}
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_signal };
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 },
				      was[sizeof(control)];
	struct iovec iov = { "passed", 6 };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) },
		      mwas = m;
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	const char *changed = NULL;
	pthread_t thread;
	long result;

#ifndef __x86_64__
	return 77;
#endif
	mode = argc > 1 ? argv[1] : "room";
	sender = (pid_t)syscall(SYS_gettid);
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		return 1;
	c->cmsg_level = 0; /* SOL_SOCKET was meant */
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &pair[0], sizeof(int));
	memcpy(was, control, sizeof(was));
	/* the handler's frame would lie where we look */
	sigaltstack(&(stack_t){ .ss_sp = handler_stack, .ss_size = sizeof(handler_stack) }, NULL);
	sa.sa_flags = SA_ONSTACK | (!strcmp(mode, "restart") ? SA_RESTART : 0);
	sigaction(SIGUSR1, &sa, NULL);
	if (strcmp(mode, "room")) {
		while (send(pair[0], "full", 4, MSG_DONTWAIT) > 0)
			filled++;
		if (pthread_create(&thread, NULL, ends_the_wait, NULL))
			return 1;
	}
	result = call(&m, &changed);
	if (strcmp(mode, "room"))
		pthread_join(thread, NULL);
	if (memcmp(&m, &mwas, sizeof(m)) || memcmp(was, control, sizeof(was)))
		changed = "the msghdr or its control data";
	receive_all();
	printf("result=%ld fd=%s\n%s\n", result, got_fd ? "yes" : "no",
	       changed ? changed : "unchanged");
	return changed != NULL;
}
