/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The live source's own state: shared by the files of this folder, seen by nobody else. */
#ifndef CMSGTRACE_LIVE_STATE_H
#define CMSGTRACE_LIVE_STATE_H

#include "event/ask.h"
#include "live/calls.h"
#include "live/capture.h"
#include "live/engine.h"
#include "live/opts.h"
#include "live/task.h"
#include "event/source.h"
#include "sock/facts.h"

struct live {
	struct live_opts o;
	const struct engine *engine;
	void *e;          /* the engine's own */
	unsigned int can; /* enum engine_can */
	const struct consumer *c;
	struct capture_opts capture;
	struct calls *calls;
	struct facts *facts;
	struct wire *wire;         /* --wire, or NULL */
	uint64_t fds_generation;   /* see fds.h */
	struct unwinder *unwinder; /* made when the first stack is asked for */
	struct ask ask;
	const struct event *judging; /* the event whose task is stopped, while judge() runs */
	struct tasks tasks;
	bool proc_ok;      /* /proc is of our pid namespace */
	bool waits;        /* a file system of a traced task: struct process's, of all */
	unsigned int hush; /* enum live_hush */
	size_t held;       /* bytes of the events of all calls under way */
};

/* life.c: t is gone, or no longer traced: forgets it and what belongs to it. */
void live_forget(struct live *l, struct task *t);
uint64_t live_now(void); /* CLOCK_REALTIME, ns */

/* call.c: the sockets that a process has, at attaching and those that a command has from its caller. */
void live_find_sockets(struct live *l, struct process *p);

/* paths.c: with -y, the paths of descriptors that an event names. */
void live_fd_path(struct event *ev, int fd);
void live_sock_path(struct event *ev, int fd); /* of ev->sock: "socket:[N]" */
void live_rights_paths(struct event *ev);

/* packets.c: with --wire, which packet a message was. */
void packets_start(struct live *l);
/* At entry: a call on ev's socket is under way. */
void packets_watch(struct live *l, const struct event *ev);
/* Must that be said before the call goes on? */
bool packets_watch_first(const struct live *l, const struct event *ev);
/* The call ended in another way than packets_match() was told. */
void packets_unmatched(struct live *l, const struct event *ev);
/* At attaching: what comes to a socket that is there already is heard before a call asks for it. */
void packets_watch_fd(struct live *l, int tgid, int fd, struct sock *s);
/* At exit of a call: fills msg[].wire. */
void packets_match(struct live *l, struct event *ev);
void packets_idle(struct live *l);
void packets_told(struct live *l);

#endif
