/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Messages of a stopped tracee: msghdr layouts, and which of their parts are read when. */
#ifndef CMSGTRACE_LIVE_CAPTURE_MSG_H
#define CMSGTRACE_LIVE_CAPTURE_MSG_H

#include "event/event.h"
#include "live/capture-fetch.h"

enum { CAPTURE_VECTOR_MAX = 1024 }; /* elements of a message vector, and of an iovec: UIO_MAXIOV */

/* One stop of one call. */
struct capture {
	struct event *ev;
	struct fetch f;
	size_t strsize;
	/* What a single event may still take, whatever the tracee claims. */
	uint64_t control_left, payload_left, iov_left;
	uint32_t vector_max; /* elements of a message vector */
	bool frugal;
};

void capture_init(struct capture *c, size_t strsize, bool frugal, struct event *ev,
		  const struct memory *mem);

size_t capture_hdr_size(const struct abi *abi);   /* msghdr */
size_t capture_stride(const struct event *ev);    /* msghdr, or mmsghdr in a vector */
size_t capture_iovec_size(const struct abi *abi); /* struct iovec */
void capture_parse_hdr(const struct abi *abi, const unsigned char *p, struct hdr *h);

/* Wants what a receive whose offered header is known will need; a guess, before out is parsed. */
void capture_want_offered(struct capture *c, const struct msg *m);
/*
 * Reads name, iov, control and payload of n messages whose header (in, or out after a receive) is parsed;
 * a message whose iov is set already keeps it.
 */
void capture_parts(struct capture *c, struct msg *v, uint32_t n, bool received);
/* One buffer of the call's arguments as the message's only iov element. */
void capture_single_iov(struct capture *c, struct msg *m, uint64_t base, uint64_t len);

#endif
