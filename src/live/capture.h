/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reads what a system call offers and returns out of a task's memory into its event.  At most two
 * dependent reads for a message (a third for payload that no hint foretold); memory that
 * can't be read is a value, never an error.
 *
 * What it leaves in the event:
 * - Sends: msg[].in with name and control, iov with payload, all from the entry.  At exit len and sent.
 * - Receives: at entry msg[].in with the offered pointers and lengths, name and control empty.  At the
 *   exit of a call that succeeded msg[].out, and iov with payload, as far as bytes were received.
 * - recvmmsg: nmsg is 0 until its exit; then the elements that the kernel filled, or all that were
 *   offered where it failed (in only).
 * - A vector that can't be read to its end: the last element has in.have false, nmsg < vlen.
 * - NULL pointers have empty slices: nothing was read, nothing is missing.
 */
#ifndef CMSGTRACE_LIVE_CAPTURE_H
#define CMSGTRACE_LIVE_CAPTURE_H

#include "base/memory.h"
#include "event/event.h"
#include "live/capture-hint.h"

struct capture_opts {
	unsigned int strsize; /* payload bytes to take of each buffer */
	bool frugal;          /* of a call that begins only a few KB are kept: many others wait */
};

/*
 * At entry.  ev holds tid, abi, call, name, args.  For CALL_SOCKETCALL it replaces call, name and args by
 * the real ones and sets socketcall (CALL_OTHER where that is none of ours; where the arguments can't
 * be read, CALL_OTHER with name and args as they are and socketcall false).
 * Sets fd, flags, vlen, nmsg, msg[].in, opt, timeout_in.  hint may be NULL.
 */
void capture_enter(const struct capture_opts *o, struct event *ev, const struct memory *mem,
		   struct capture_hint *hint);
/*
 * At exit.  ev holds end and result too.  Sets what came back: msg[].out, iov data of receives, len …
 * Works without capture_enter() as well (attached inside a call), if call and args are set: then
 * msg[].in.have is false.
 */
void capture_exit(const struct capture_opts *o, struct event *ev, const struct memory *mem,
		  struct capture_hint *hint);

#endif
