/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads what a system call offers and returns out of a stopped tracee into its event.  At most two
 * dependent process_vm_readv for a message; memory that can't be read is a value, never an error.
 */
#ifndef CMSGTRACE_TRACE_CAPTURE_H
#define CMSGTRACE_TRACE_CAPTURE_H

#include "event/event.h"

/* Where the last message of a task lay: the next one is read in one go, verified. Zeroed at first. */
struct capture_hint {
	uint64_t msghdr;             /* address of the msghdr that the rest belongs to */
	uint64_t name, iov, control; /* its pointers */
	uint64_t iov0;               /* first buffer */
	uint32_t namelen, iovlen, controllen, iov0_len;
};

struct capture_opts {
	unsigned int strsize; /* payload bytes to take of a message */
};

/*
 * At entry.  ev holds tid, abi, call, args.  For CALL_SOCKETCALL it replaces call and args by the real
 * ones (CALL_OTHER where that is none of ours).  Sets fd, flags, vlen, nmsg, msg[].in, opt, timeout_in.
 */
void capture_enter(const struct capture_opts *o, struct event *ev, struct capture_hint *hint);
/* At exit.  ev holds end and result too.  Sets what came back: msg[].out, iov data of receives, len … */
void capture_exit(const struct capture_opts *o, struct event *ev, struct capture_hint *hint);

#endif
