// SPDX-License-Identifier: LGPL-2.1-or-later
/* Descriptors that were received, until somebody uses or closes them.  Kernel: net/core/scm.c scm_detach_fds() */
#include "config.h"

#include "live/received.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cmsg/cmsg.h"
#include "uapi/uapi.h"

enum {
	RECEIVED_MAX = 65536, /* remembered at a time */
	BUDGET = 2000,        /* calls that a process is stopped at for this, in all */
	POLLED_MAX = 64,
};

struct received {
	unsigned int n, room;
	struct left_fd *v;   /* owned; room of them */
	unsigned int budget; /* used up so far; where it is gone, nothing more is watched */
	bool unsure;         /* of some nobody knows what became */
};

static void drop(struct received *r, unsigned int i)
{
	r->v[i] = r->v[--r->n];
}

static void drop_range(struct received *r, uint64_t first, uint64_t last)
{
	for (unsigned int i = r->n; i-- > 0;) {
		if ((uint64_t)r->v[i].fd >= first && (uint64_t)r->v[i].fd <= last)
			drop(r, i);
	}
}

static void drop_fd(struct received *r, uint64_t arg)
{
	int fd = (int)arg;

	if (fd >= 0)
		drop_range(r, (uint64_t)fd, (uint64_t)fd);
}

static void add(struct received *r, int fd, uint64_t event)
{
	drop_fd(r, (uint64_t)fd); /* it was closed, unseen */
	if (r->n == RECEIVED_MAX || r->budget >= BUDGET) {
		r->unsure = true;
		return;
	}
	if (r->n == r->room) {
		r->room = r->room ? r->room * 2 : 16;
		r->v = alloc_resize(r->v, r->room * sizeof(r->v[0]));
	}
	r->v[r->n++] = (struct left_fd){ .fd = fd, .event = event };
}

/* The descriptors of one message: received, or sent on. */
static void take_rights(struct received *r, const struct event *ev, const struct cmsg *c)
{
	for (uint32_t k = 0; k + sizeof(int) <= c->data_len; k += sizeof(int)) {
		int fd;

		memcpy(&fd, c->data + k, sizeof(fd));
		if (call_sends(ev->call))
			drop_fd(r, (uint64_t)fd);
		else
			add(r, fd, ev->no);
	}
}

static bool is_rights(const struct cmsg *c)
{
	return c->level == L_SOCKET && c->type == T_RIGHTS && c->data_len >= sizeof(int);
}

void received_call(struct received **r, const struct event *ev, bool watched)
{
	if (!sock_kind_is_unix(sock_kind(ev->sock)) || ev->result < 0)
		return;
	for (uint32_t i = 0; i < ev->nmsg; i++) {
		const struct msg *m = &ev->msg[i];

		for (uint32_t k = 0; k < m->ncmsg; k++) {
			if (!is_rights(&m->cmsg[k]) || (!*r && call_sends(ev->call)))
				continue;
			if (!*r)
				*r = alloc_zeroed(1, sizeof(**r));
			if (watched)
				take_rights(*r, ev, &m->cmsg[k]);
			else
				(*r)->unsure = true;
		}
	}
}

/* Arguments that are descriptors, where it is not just the first; bit 7: others, in memory. */
static const struct {
	const char *name;
	uint8_t args;
} uses[] = {
	{ "mmap", 1 << 4 },
	{ "mmap2", 1 << 4 },
	{ "epoll_ctl", 1 | 4 },
	{ "sendfile", 3 },
	{ "sendfile64", 3 },
	{ "splice", 1 | 4 },
	{ "tee", 3 },
	{ "copy_file_range", 1 | 4 },
	{ "select", 1 << 7 },
	{ "_newselect", 1 << 7 },
	{ "pselect6", 1 << 7 },
	{ "pselect6_time64", 1 << 7 },
	{ "bpf", 1 << 7 },
	{ "io_uring_register", 1 << 7 },
	{ "io_submit", 1 << 7 },
	{ "io_uring_enter", 1 << 7 },
};

/* Calls whose first argument is a small number of another kind. */
static const char no_fds[] =
	" alarm arch_prctl clock_adjtime clock_getres clock_getres_time64 clock_gettime clock_gettime64"
	" clock_nanosleep clock_nanosleep_time64 clock_settime clone clone3 epoll_create epoll_create1 eventfd"
	" eventfd2 exit exit_group fanotify_init getitimer getpgid getpriority getrlimit getrusage getsid"
	" inotify_init1 io_uring_setup ioprio_get ioprio_set iopl keyctl kill membarrier mlockall msgget msgrcv"
	" msgsnd nice personality pidfd_open prctl prlimit64 process_vm_readv process_vm_writev ptrace"
	" rt_sigaction rt_sigprocmask rt_sigqueueinfo rt_tgsigqueueinfo sched_get_priority_max"
	" sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler"
	" sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler seccomp semget"
	" semop setfsgid setfsuid setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid"
	" setreuid setrlimit setuid shmat shmget sigaction signal sigprocmask socket socketpair syslog tgkill"
	" timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create tkill ugetrlimit"
	" umask unshare userfaultfd wait4 waitid waitpid ";

static bool takes_none(const char *name)
{
	char word[48];

	snprintf(word, sizeof(word), " %s ", name);
	return strstr(no_fds, word);
}

/* The multiplexer of 32-bit programs: the arguments are in memory, the descriptor first. */
static void drop_socketcall(struct received *r, const struct memory *mem, const uint64_t *args)
{
	enum { SOCKET = 1, SOCKETPAIR = 8 };
	uint32_t fd;

	if (args[0] == SOCKET || args[0] == SOCKETPAIR)
		return;
	if (memory_read(mem, args[1], &fd, sizeof(fd)) == sizeof(fd))
		drop_fd(r, fd);
	else
		received_shared(r);
}

static void drop_polled(struct received *r, const struct memory *mem, uint64_t addr, uint64_t n)
{
	struct pollfd v[POLLED_MAX];
	size_t len = (n < POLLED_MAX ? (size_t)n : POLLED_MAX) * sizeof(v[0]);
	ssize_t got = memory_read(mem, addr, v, len);

	if (got < 0 || (size_t)got < len || n > POLLED_MAX) {
		received_shared(r);
		return;
	}
	for (size_t i = 0; i < len / sizeof(v[0]); i++) {
		if (v[i].fd >= 0)
			drop_fd(r, (uint64_t)v[i].fd);
	}
}

/* A look at the flags is no use. */
static bool only_flags(const char *name, const uint64_t *args)
{
	return (!strcmp(name, "fcntl") || !strcmp(name, "fcntl64")) &&
	       (args[1] == F_GETFD || args[1] == F_SETFD || args[1] == F_GETFL);
}

void received_entry(struct received *r, const struct memory *mem, const char *name,
		    const uint64_t *args, bool paid)
{
	uint8_t which = 1;

	if (!r || !r->n)
		return;
	if (paid && ++r->budget >= BUDGET) {
		r->n = 0;
		r->unsure = true;
		return;
	}
	if (!name || only_flags(name, args))
		return;
	if (takes_none(name))
		return;
	if (!strcmp(name, "socketcall")) {
		drop_socketcall(r, mem, args);
		return;
	}
	if (!strcmp(name, "close_range")) {
		if (args[2] & CLOSE_RANGE_CLOEXEC)
			return; /* marks them only */
		drop_range(r, (uint32_t)args[0], (uint32_t)args[1]);
		return;
	}
	if (!strcmp(name, "poll") || !strncmp(name, "ppoll", 5)) {
		drop_polled(r, mem, args[0], args[1]);
		return;
	}
	if (!strcmp(name, "dup2") || !strcmp(name, "dup3"))
		drop_fd(r, args[1]); /* it is closed by that */
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		if (!strcmp(uses[i].name, name))
			which = uses[i].args;
	}
	if (which & 1 << 7)
		received_shared(r);
	for (unsigned int i = 0; i < 6; i++) {
		if (which >> i & 1)
			drop_fd(r, args[i]);
	}
}

bool received_watch(const struct received *r)
{
	return r && r->n;
}

void received_shared(struct received *r)
{
	if (r)
		r->n = 0;
}

void received_executed(struct received *r, int tid)
{
	for (unsigned int i = r ? r->n : 0; i-- > 0;) {
		char path[48];

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", tid, r->v[i].fd);
		if (faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW))
			drop(r, i);
	}
}

void received_forget(struct received **r)
{
	if (*r)
		alloc_free((*r)->v);
	alloc_free(*r);
	*r = NULL;
}

void received_left(const struct received *r, struct event *ev)
{
	if (!r || (r->unsure && !r->n))
		return;
	ev->left_known = true;
	ev->nleft = r->n;
	ev->left = r->n ? arena_memdup(&ev->arena, r->v, r->n * sizeof(r->v[0])) : NULL;
}
