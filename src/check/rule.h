/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A rule: one file, check/rules/ctNNN-name.c, that defines `const struct rule ctNNN`, and a pair of
 * recordings, tests/rules/CTNNN/{bad,good}.jsonl.  Nothing else names it: the build lists the files of
 * both folders (src/lists).
 *
 * A rule says which moments it wants (its hooks), how much it keeps (its state) and what it needs that
 * costs something.  State is the file's own struct; the engine owns it, zeroed at first, bounded with
 * what it belongs to, and freed with that:
 *
 *	struct state { bool told; };		of a socket
 *
 *	static void on_send(struct check *c, const struct rule *r, struct event *ev, struct msg *m)
 *	{
 *		struct state *s = rule_sock(c);
 *		...
 *	}
 *
 *	const struct rule ctNNN = { ..., .sock_state = sizeof(struct state), .send = on_send };
 */
#ifndef CMSGTRACE_CHECK_RULE_H
#define CMSGTRACE_CHECK_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "check/finding.h"
#include "event/event.h"

struct check;
struct buf;

/* What a rule would have had a program send instead: how, in words, and what that asks for. */
struct remedy {
	struct buf *control; /* the control block as it is so far; rules change it */
	struct buf *what;    /* said after "sent with": "cmsg 0 at …" */
	struct addr source;  /* that it asks for; len 0: none */
};

/* What costs the traced program or the machine something, and is done only where a rule asks for it. */
enum rule_needs {
	/* what becomes of received descriptors: all calls of a process that holds some are seen */
	RULE_NEEDS_RECEIVED_FDS = 1,
};

/* What of a message a finding may explain, each by one voice: no two rules explain the same. */
enum rule_explains {
	EXPLAINS_REFUSAL = 1, /* why it was not sent: one errno has one cause */
	EXPLAINS_SOURCE =
		2, /* the address that it leaves from, where another was asked or can't work */
	EXPLAINS_CUT = 4,   /* what did not fit into the control buffer */
	EXPLAINS_ROOM = 8,  /* why that buffer is too small */
	EXPLAINS_NAME = 16, /* why the sender's address did not fit */
	EXPLAINS_KINDS = 5,
};

struct rule {
	const char *id;         /* "CT101", for ever */
	const char *name;       /* "cmsg-ignored" */
	enum severity severity; /* the default; a finding may have another */
	unsigned int needs;     /* enum rule_needs */
	const char *title;      /* one line: what it says */
	/* enum rule_explains: where another rule explained one of these of the same message, it is silent */
	unsigned int explains;
	bool last; /* for want of another: its hooks run after those of all rules that know more */
	/* for --explain and cmsgtrace-rules(7); plain text, lines separated by \n */
	const char *what, *why, *kernel;
	/* C that compiles as it stands (one translation unit each): the mistake, and it done right */
	const char *bad, *good;
	const char *remedy; /* what to do, also in Go, Python and Rust where that differs */

	/* Bytes that the rule keeps for each …; see rule_sock() and the like in check.h. */
	size_t sock_state;    /* … socket */
	size_t peer_state;    /* … peer of a UDP socket that wrote to it, or that it wrote to */
	size_t process_state; /* … process */
	size_t run_state;     /* … run: one */

	/* Hooks, in the order in which they are called, of rules by their ids but for .last; each may be NULL. */
	/* once for each call of any kind that returned */
	void (*call)(struct check *c, const struct rule *r, struct event *ev);
	/* once for each message that a send call handed to the kernel */
	void (*send)(struct check *c, const struct rule *r, struct event *ev, struct msg *m);
	/* once for each message of a successful receive call */
	void (*recv)(struct check *c, const struct rule *r, struct event *ev, struct msg *m);
	/*
	 * A message that is about to be sent, with --try-fix: adds its remedy where the rule will speak, and
	 * nothing otherwise.  The model has judged it; it tells nothing.
	 */
	void (*remedied)(struct check *c, const struct rule *r, struct msg *m, struct remedy *to);
	/* a process for which the rule keeps something ended; nothing can be said here */
	void (*exited)(struct check *c, const struct rule *r, const struct event *ev);
	/* once, at the end of the run */
	void (*end)(struct check *c, const struct rule *r);
};

extern const struct rule *const rules[]; /* NULL at the end, ascending by id */

/* By id ("CT101", any case) or name ("cmsg-ignored"); NULL: there is none. */
const struct rule *rule_find(const char *id_or_name);

#endif
