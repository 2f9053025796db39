/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The whole truth of one system call (or of one other thing that happened to a task): who, when, what
 * was offered, what came back.  Live capture, a recording and an strace log all produce this struct;
 * everything after that point can't tell them apart.
 *
 * An event owns one arena: every pointer in it points there, into static tables, into what its source keeps
 * until emit() returns (event/source.h), or is a reference counted snapshot (sock, proc).  Nothing downstream
 * keeps a pointer into an event.
 */
#ifndef CMSGTRACE_EVENT_EVENT_H
#define CMSGTRACE_EVENT_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "arch/abi.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "event/addr.h"
#include "event/call.h"
#include "event/proc.h"
#include "event/sock.h"

struct cmsg;
struct verdict;
struct outcome;
struct answer;
struct ask; /* what can be asked of the live system: event/ask.h */

enum event_kind {
	EVENT_CALL,
	EVENT_SIGNAL,     /* a signal is delivered: siginfo */
	EVENT_STOPPED,    /* group stop: sig */
	EVENT_EXITED,     /* status */
	EVENT_KILLED,     /* sig, core */
	EVENT_SUPERSEDED, /* the leader's tid was taken by an exec in thread other_pid */
	EVENT_ATTACHED,   /* a new task is traced */
	EVENT_DETACHED,
	EVENT_NOTE, /* the tracer (or a reader) says something: note */
};

enum call_end {
	CALL_RETURNED, /* result is valid */
	CALL_PENDING,  /* still running: only what was offered is there */
	CALL_DIED,     /* the task ended inside the call */
	CALL_LEFT,     /* we detached inside the call */
};

struct iov {
	uint64_t base, len; /* as in the tracee's iovec */
	struct bytes data;  /* at most -s bytes of it */
};

/* Bytes within a slice that are not known: a log names their message, not its payload. */
struct hole {
	uint32_t off, len;
};

/* What a log doesn't show of a msghdr. */
enum hdr_unseen {
	HDR_UNSEEN_PTRS =
		1, /* pointers: only whether they are NULL is known (and for a control block
				of length 0 not even that) */
	HDR_UNSEEN_ROOM =
		2, /* how much was offered: controllen and control_ptr; of a send, with what */
	HDR_UNSEEN_FLAGS = 4,  /* msg_flags */
	HDR_UNSEEN_IOVLEN = 8, /* how many there are: at least those that are shown */
};

/* One msghdr at one moment. */
struct hdr {
	bool have;      /* the structure could be read (or there is none: sendto) */
	uint8_t unseen; /* enum hdr_unseen: members that are 0 or made up */
	uint64_t name_ptr, iov_ptr, iovlen, control_ptr, controllen;
	int64_t namelen;
	uint32_t flags;
	struct bytes name; /* the address's bytes, at most 128 */
	struct bytes control;
	struct hole *holes; /* of control, ascending; its bytes there are zero and mean nothing */
	uint32_t nholes;
};

/* What the kernel would choose as source of this message, without its control messages: route lookup. */
struct route_fact {
	bool have;
	int err;             /* negative errno of the lookup (ENETUNREACH …), else 0 */
	struct addr source;  /* preferred source */
	uint32_t oif;        /* interface */
	uint32_t candidates; /* addresses of that family and scope in the namespace; 0 unknown */
};

/*
 * What a captured packet showed of this message (--wire): the local address it really had, which is the
 * source of one that was sent and the destination of one that came.
 */
struct wire_fact {
	bool have;
	struct addr local;
	uint64_t packet;     /* number within the capture */
	const char *capture; /* the file's name, which outlives all events; NULL: captured live */
};

/*
 * What --try-fix changed of a message while its call ran; `in` is what the program gave.  Rules speak of that, as
 * if nothing had been changed; what it left from is the truth.
 */
struct tried {
	const char *
		what; /* a sentence's end: "cmsg 0 with cmsg_level=…"; NULL: nothing was to be changed */
	const char *failed;   /* why it was not made so; NULL: it was */
	struct bytes control; /* what the kernel got; not in recordings */
	struct addr source;   /* the source that this asks for; len 0: it gives none */
};

enum {
	EVENT_MSGS_MAX = 1024 + 1
}; /* of a call: UIO_MAXIOV, and one that stands for what could not be read */

/*
 * One message.  For sendto and the like it is made up of the call's arguments, so that rules see one
 * shape: control_ptr is 0 and iov has one element.
 */
struct msg {
	struct hdr in;  /* as offered (at entry) */
	struct hdr out; /* as returned; only for receives that succeeded */
	bool made_up;   /* there is no msghdr in the tracee */
	bool sent;      /* in a vector: the kernel handled this element */
	bool have_len;
	uint32_t len;         /* bytes moved: msg_len or the result */
	struct iov *iov;      /* as read: at entry for sends, at exit for receives */
	uint32_t niov;        /* elements of iov that could be read */
	uint64_t total;       /* sum of the iov's lens */
	struct bytes iov_raw; /* why: says why niov < iovlen */
	struct route_fact route;
	struct wire_fact wire;
	struct tried tried;

	/* filled by the pipeline (cmsg/, kernel/), not by sources; control of the moment that counts */
	bool walked; /* the four below are there */
	struct cmsg *cmsg;
	uint32_t ncmsg;
	uint32_t tail_off;       /* first byte that belongs to no header … */
	uint32_t tail_len;       /* … and how many there are */
	struct verdict *verdict; /* ncmsg of them; sends only */
	struct outcome *outcome; /* sends only */
};

struct frame {
	uint64_t pc;
	const char *module;   /* path, or NULL */
	uint64_t module_off;  /* pc as an offset in the module's file, as strace prints it */
	const char *function; /* or NULL */
	uint64_t function_off;
	const char *file; /* source, or NULL */
	uint32_t line;
};

struct stack {
	bool have; /* it was asked for, and n frames were found */
	uint32_t n;
	struct frame *frames; /* innermost first */
	uint64_t number;      /* the same number in a run: the same place; 0 not known */
};

struct ifname {
	struct ifname *next;
	uint32_t index;
	char name[16]; /* "": there is no such interface */
};

struct fd_path {
	struct fd_path *next;
	int fd;
	const char *path; /* what /proc/PID/fd/N links to: "/dev/null", "socket:[123]" */
	char dev;         /* 'c' or 'b': a device, major:minor */
	uint32_t major, minor;
	int pid; /* of a pidfd; 0 unknown */
};

/* A descriptor that a process received, and at its end had neither used nor closed. */
struct left_fd {
	int fd;
	uint64_t event; /* number of the call that received it */
};

struct timeout_arg {
	bool have;
	int64_t sec, nsec;
};

enum { EVENT_REPORTS = 16 }; /* outputs of a run */

struct event {
	struct arena arena;
	enum event_kind kind;
	uint64_t no; /* calls only: 1, 2, 3 … in order of their ends; 0: the pipeline numbers it */

	int tid, tgid;
	char comm[16];     /* not terminated where it is 16 long; "" unknown */
	struct proc *proc; /* a reference, or NULL */
	uint32_t ntasks;   /* tasks traced at that moment */
	uint32_t threads;  /* those of this process; 0 unknown */

	uint64_t enter_ns, exit_ns; /* CLOCK_REALTIME; 0 unknown */

	/* Where it stands in the log that was read; log is NULL where that has no name, log_line 0 where there is none. */
	const char *log; /* the event's, or borrowed from the reader's input */
	uint64_t log_line;

	/* EVENT_CALL */
	const struct abi *abi;
	enum call call;
	const char *name; /* the call's name: "recvmmsg_time64" */
	uint32_t nr;
	uint64_t args[6]; /* for socketcall: the real ones; or WORD_UNKNOWN */
	bool socketcall;
	bool print; /* selected by -e trace=: reports show it */
	enum call_end end;
	int64_t result;    /* as the kernel returned: -errno, also -ERESTARTSYS (-512) … */
	bool assumed;      /* a log doesn't tell it: this is what success would have given */
	int fd;            /* or -1 */
	uint32_t flags;    /* of send and receive calls */
	struct sock *sock; /* a reference, or NULL: no socket, or unknown */
	struct msg *msg;
	uint32_t nmsg;
	uint64_t vlen; /* elements offered in a vector; nmsg may be fewer */
	struct timeout_arg timeout_in, timeout_out; /* recvmmsg */
	struct bytes opt; /* setsockopt's value, bind's and connect's address */
	struct stack stack;
	struct ifname *ifnames;   /* interface names that were asked for */
	struct fd_path *fd_paths; /* with -y */
	struct answer *answers;   /* what the live system was asked, in that order: event/ask.h */

	/* other kinds */
	int sig;
	bool core;
	int status;
	int other_pid;
	/* the end of a process that received descriptors: the last of its tasks */
	bool left_known; /* what became of them; else nobody could look */
	uint32_t nleft;
	struct left_fd *left;
	struct bytes siginfo; /* 128 bytes of siginfo_t in the native layout */
	const char *note;

	/* for whoever holds the event */
	void *capture_data;           /* live/capture.c's, from a call's entry to its exit */
	uint32_t line[EVENT_REPORTS]; /* of each text report: is it half printed? */
};

/* Messages of a send that the kernel was asked to take: in a vector, up to the one that failed. */
uint32_t event_attempted(const struct event *ev);
/* Did the kernel take message i, or fill it? */
bool event_handled(const struct event *ev, uint32_t i);

/* Did the kernel get m as --try-fix has it, and not as the program gave it? */
static inline bool msg_was_changed(const struct msg *m)
{
	return m->tried.what && !m->tried.failed;
}

/* Negative errno, 0 where the call succeeded or its end is unknown. Restarts (-512 …) count. */
int event_error(const struct event *ev);
/* Result that will be restarted by the kernel: not a failure. */
bool event_restarts(const struct event *ev);

/* A pool, since events come and go by the million. */
struct event *event_new(void);     /* all zero but its arena */
void event_free(struct event *ev); /* drops references; memory goes back to the pool */
void event_pool_free(void);

/* Name of interface index: from the event's list, else asked (and kept in the event); NULL unknown. */
const char *event_ifname(struct event *ev, const struct ask *ask, uint32_t index);
const char *event_fd_path(const struct event *ev, int fd);
const struct fd_path *event_fd(const struct event *ev, int fd); /* or NULL */
struct fd_path *event_add_fd_path(struct event *ev, int fd, const char *path);
void event_add_ifname(struct event *ev, uint32_t index, const char *name);

#endif
