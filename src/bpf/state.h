/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The engine's own state: shared by the files of this folder, seen by nobody else. */
#ifndef CMSGTRACE_BPF_STATE_H
#define CMSGTRACE_BPF_STATE_H

#include <signal.h>

#include "base/lru.h"
#include "base/map.h"
#include "bpf/records.h"
#include "live/calls.h"
#include "live/command.h"
#include "live/engine.h"

struct bpf_object;
struct ring_buffer;

enum {
	PACKETS_LEFT = 1024, /* that wait for the record of their call */
	PACKETS_CAME = 256,  /* that wait in the queue of one socket */
	SOCKETS_CAME = 1024,
	SOCKETS_SEEN = 256,
	REQUESTS = 64, /* operations of an io_uring */
};

/* A call's memory: the bytes of its record, at one of its two moments. */
struct record_memory {
	struct memory memory;
	const struct rec_call *rec;
	const struct rec_call *beside; /* what it has where rec has nothing; or NULL */
	enum rec_when when;
	const struct rec_part *last; /* found: the next is mostly behind it */
	int tgid, tid;               /* whose memory as it is now stands in, for a stack */
};

struct watched_process {
	struct process process;
	bool mapped; /* stacks.c: what it maps was looked at */
	bool python; /* … and it runs Python */
};

struct watcher {
	struct live *live;
	const struct live_opts *o;

	/* load.c */
	struct bpf_object *object;
	struct bpf_link **links; /* n of them */
	unsigned int nlinks;
	bool sees_uring;                    /* messages of io_urings are told of */
	volatile struct rec_waking *waking; /* the programs' own */

	/* ring.c */
	struct ring_buffer *ring;
	unsigned int nread; /* records of the ring in this turn */
	struct record_memory memory, stack;
	struct call_entry requests[REQUESTS]; /* of an io_uring, by its operation */
	int64_t clock;                        /* add it to CLOCK_MONOTONIC for CLOCK_REALTIME */

	/* stacks.c */
	struct lru beginnings; /* of stacks, and how often each was seen */
	struct map shapes;     /* number -> struct shape */
	uint64_t nshapes;      /* that ever were */

	/* sock.c: the last snapshots, so that events share them */
	struct seen_sock {
		struct rec_sock rec;
		struct sock *sock;
	} seen[SOCKETS_SEEN];

	/* packets.c */
	struct rec_packet *left;
	unsigned int nleft;
	struct lru came;

	/* watcher.c */
	struct command command;
	struct sigaction sigchld; /* as it was */
	int wake;                 /* an eventfd */
	uint64_t deadline_ns;     /* CLOCK_MONOTONIC; 0: none */
	struct rec_lost told;     /* losses that were told of */
	volatile sig_atomic_t interrupted;
};

/* load.c: loads and attaches the programs. 0 or negative errno (told). */
int watcher_load(struct watcher *w);
/* Only processes of the control group that was asked for join: 0 or negative errno (told). */
int watcher_cgroup(struct watcher *w);
/* Why the kernel would refuse, with the remedy; NULL: nothing speaks against it. */
const char *watcher_refusal(void);
/* The same, and whether we may: loads a program to see. */
const char *watcher_cannot(void);
/* From here on no program runs; what is in the ring stays. */
void watcher_detach(struct watcher *w);
void watcher_unload(struct watcher *w);
/* What the programs know as a stack with a number, from here on or no more.  0 or negative errno. */
int watcher_shape(struct watcher *w, const struct rec_beginning *b, const struct rec_shape *s);
void watcher_no_shape(struct watcher *w, const struct rec_beginning *b);
/* What the programs know of a process that runs Python.  0 or negative errno. */
int watcher_interpreter(struct watcher *w, int tgid, const struct rec_interpreter *p);
/* A process whose calls are told of. */
int watcher_target(struct watcher *w, int tgid);
/* It is gone, and its number may come again; an engine function. */
void watcher_target_gone(void *e, struct process *p);
/* Thread tid was inside that call when we attached. */
void watcher_inside(struct watcher *w, int tgid, int tid, const struct abi *abi, uint32_t nr,
		    const uint64_t *args);
struct rec_lost watcher_lost(const struct watcher *w);

/*
 * ring.c: what is in the ring, told to live.  How many records; -EAGAIN: there may be more, but other things have
 * their turn first; -EINTR: the run is to end.
 */
int watcher_read(struct watcher *w);
/* One record of it.  0; -EAGAIN, -EINTR: as above.  What is no record is left out. */
int watcher_record(void *w, void *data, size_t size);
/* What operations of io_urings are calls. */
void watcher_requests(struct watcher *w);
int watcher_ring_map(const struct watcher *w);
int watcher_ring_open(struct watcher *w);
void watcher_ring_close(struct watcher *w);
int watcher_ring_fd(const struct watcher *w);

/* memory.c: what the engine's memory, stack and registers are from here on. */
void memory_of(struct watcher *w, const struct rec_call *r);
/* That of a process now; good as long as the result is. */
struct record_memory memory_as_it_is(int tgid);
/* Do the lengths in a record of size bytes keep within it? */
bool record_is_sound(const struct rec_call *r, size_t size);
/* A record's parts; NULL where it has none, and behind the last one. */
const struct rec_part *record_part(const struct rec_call *r);
const struct rec_part *record_next_part(const struct rec_call *r, const struct rec_part *p);
/* The part that holds the registers, behind which the stack's follow; NULL: it has none. */
const struct rec_part *record_registers(const struct rec_call *r);
/* How many of these bytes it has. */
size_t record_read(struct record_memory *m, char *to, uint64_t addr, size_t len);
const struct memory *watcher_memory(void *e, struct task *t);
const struct memory *watcher_stack(void *e, struct task *t);
int watcher_registers(void *e, struct task *t, struct registers *to);

/*
 * stacks.c: stacks that were seen a few times need no copy any more.  The programs compare what decides them, and tell
 * a number in the copy's place.
 */
void stacks_open(struct watcher *w);
void stacks_close(struct watcher *w);
/* t's process was there before, or executed a program: an interpreter's frames are copied from here on. */
void stacks_process(struct watcher *w, struct task *t);
/* The record that memory_of() was told may bring a stack that is not known yet. */
void stacks_see(struct watcher *w, struct task *t);
/* The kept record of that number, with registers and stack; NULL: there is none. */
const struct rec_call *stacks_kept(const struct watcher *w, uint64_t number);
/* Of a process that is gone, or has another program. */
void stacks_forget(struct watcher *w, int tgid);

/* watcher.c: is the run to end? */
bool watcher_ends(struct watcher *w);
/* Losses since the last look, where they happened in the stream of events: as long as a task is there. */
void watcher_tell_losses(struct watcher *w);

/* sock.c: a new reference, or NULL: the call was on no socket. */
struct sock *watcher_sock(struct watcher *w, const struct rec_sock *r);
void watcher_socks_free(struct watcher *w);

/* packets.c */
void packets_open(struct watcher *w);
void packets_close(struct watcher *w);
void packets_take(struct watcher *w, const struct rec_packet *p);
/* Fills msg[].wire of a call that ended; an engine function. */
void watcher_packets(void *e, struct task *t, struct event *ev);
/* What the call, or that request of an io_uring, left that no message took. */
void packets_forget(struct watcher *w, uint32_t tid, uint64_t request);

#endif
