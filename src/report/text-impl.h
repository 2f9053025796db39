/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the text report share: how values are spelled in strace's grammar.  Every function
 * appends to x->b and takes bytes as they came from the tracee; nothing raw gets through.
 */
#ifndef CMSGTRACE_REPORT_TEXT_IMPL_H
#define CMSGTRACE_REPORT_TEXT_IMPL_H

#include <netinet/in.h>

#include "base/buf.h"
#include "base/names.h"
#include "event/event.h"

struct finding;
struct text_opts;

/* Where the control messages of a line stand in its buffer: what a finding is about gets a colour. */
struct text_marks {
	unsigned int n;
	struct {
		uint32_t msg, cmsg;
		size_t from, to;
	} v[64];
};

/* What is needed to spell the values of one event. */
struct text_ctx {
	struct buf *b;
	struct event *ev;
	const struct ask *ask; /* or NULL */
	unsigned int strsize;
	bool verbose;
	int hex;                  /* enum quote_style of ordinary strings */
	int paths;                /* -y: 1, -yy: 2 */
	struct text_marks *marks; /* or NULL */
};

enum quote_style {
	QUOTE_OCTAL = 0,     /* as C source, octal where it must */
	QUOTE_NON_ASCII = 1, /* all hex if there is one byte that is neither printable nor space */
	QUOTE_HEX = 2,       /* all hex */
};

/* text-finding.c */
/* A line, or several where it is longer than width; without its newline. */
void text_put_note(struct buf *b, const char *note, unsigned int width);
/* Colours the control message that f is about, in its call's line, which is still in b. */
void text_mark_cmsg(struct buf *b, struct text_marks *k, const struct finding *f);
void text_put_finding(struct buf *b, const struct finding *f, const struct text_opts *o);

/* text-quote.c */
void text_quoted(struct buf *b, const void *p, size_t len, int style);
/* Without quotes; the characters in also are escaped too. */
void text_quoted_bare(struct buf *b, const void *p, size_t len, int style, const char *also);
/* len bytes at addr of which data was captured: "abc"..., NULL, or the address where it faults. */
void text_string(struct text_ctx *x, const struct bytes *data, uint64_t addr, uint64_t len,
		 int style);

/* text-value.c */
void text_addr(struct buf *b, uint64_t addr);                     /* NULL or 0x… */
void text_0x(struct buf *b, uint64_t v, unsigned int nbytes);     /* %#0*x */
void text_fd(struct text_ctx *x, int fd);                         /* 3, 3</dev/null> */
void text_ifindex(struct text_ctx *x, uint32_t index);            /* if_nametoindex("lo") */
void text_id(struct buf *b, uint32_t id);                         /* uid, gid: -1 is -1 */
void text_htons(struct buf *b, const void *be16);                 /* htons(53) */
void text_in(struct text_ctx *x, const char *name, const void *); /* sin_addr=inet_addr("…") */
void text_in6(struct text_ctx *x, const char *name, const void *);
/* As inet_ntop(AF_INET6), but for the terminator; returns the length.  glibc's takes half a µs. */
size_t text_ntop6(char to[INET6_ADDRSTRLEN], const void *addr);
/* A value out of a table: its name, else number and the table's comment (none if NULL). */
void text_xval(struct buf *b, const struct names *t, uint64_t v);
void text_flags(struct buf *b, const struct names *t, uint64_t v);
/* As strace's print_array: how many of n elements are shown; more: then "..." follows. */
uint64_t text_array_shown(const struct text_ctx *x, uint64_t n, bool *more);

/* text-sockaddr.c: a sockaddr of len (>= 2) bytes. */
void text_sockaddr(struct text_ctx *x, const void *p, size_t len);

/* text-msg.c */
void text_msg(struct text_ctx *x, const struct msg *m, const struct hdr *h, bool returned,
	      uint64_t data_size);
void text_name(struct text_ctx *x, const struct hdr *h, int64_t namelen);
void text_iov(struct text_ctx *x, const struct msg *m, const struct hdr *h, bool netlink,
	      uint64_t data_size);

/* text-control.c */
void text_control(struct text_ctx *x, const struct msg *m, const struct hdr *h);

/* text-netlink.c: len bytes of netlink messages at addr. */
void text_netlink(struct text_ctx *x, const struct bytes *data, uint64_t addr, uint64_t len);

/* text-sock.c: arguments of socket, and of bind, connect and setsockopt after the descriptor. */
void text_args_socket(struct text_ctx *x);
void text_args_address(struct text_ctx *x);
void text_args_setsockopt(struct text_ctx *x);

/* text-call.c */
/* What strace prints when a call begins: its name and the arguments that it knows then.  True where
 * nothing is left for its end. */
bool text_call_begin(struct text_ctx *x);
/* Does its end show more than the result? */
bool text_call_has_rest(const struct event *ev);
void text_call_rest(struct text_ctx *x);
void text_call_result(struct text_ctx *x);

/* text-signal.c */
void text_signal_name(struct buf *b, int sig);
void text_siginfo(struct text_ctx *x, const struct bytes *info);

/* Is there a msghdr to show?  A log of a receive holds what came back, not what was offered. */
static inline bool text_recvmsg_known(const struct event *ev)
{
	const struct msg *m = ev->msg;

	return ev->nmsg && (m->in.have || m->out.have || m->in.namelen || m->in.unseen);
}

#endif
