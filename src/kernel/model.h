/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The kernel model: for any socket and any control message, what will the kernel do?  Pure: bytes and
 * facts in, verdict out; no process is needed.  Proven against the running kernel by tests/kernel.
 */
#ifndef CMSGTRACE_KERNEL_MODEL_H
#define CMSGTRACE_KERNEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cmsg/cmsg.h"
#include "cmsg/verdict.h"
#include "event/ask.h"
#include "event/event.h"

/* By the message's or the connected peer's address (len 0: unknown). */
enum model_path model_path(const struct sock *s, const struct addr *dest);

/* Destination of message m: its name, else the socket's peer; len 0 unknown or none. */
struct addr model_dest(const struct event *ev, const struct msg *m);

/*
 * The question which way message m of ev goes, and with which source where its control messages give none.
 * m NULL: any message without them.  dest: where to; oif: the interface that the control messages ask for,
 * or 0 to learn what routing does without.  m is judged.
 */
struct question model_route(const struct event *ev, const struct msg *m, const struct addr *dest,
			    uint32_t oif);

/* Does a socket of this kind (on this path) ever read control messages of this level when sending? */
enum verdict_what model_level(enum sock_kind kind, enum model_path path, int32_t level);

/*
 * Judges message m of a send call as kernel release would: fills m->verdict (m->ncmsg of them) and
 * m->outcome, in ev's arena.  cmsg_walk() must have run.
 */
void model_send(struct event *ev, struct msg *m, uint32_t release);

/* The same with all that the caller may know beyond the event. */
void model_judge(struct event *ev, struct msg *m, const struct model_env *env);

/*
 * "6.18.44-amd64" -> KERNEL_RELEASE(6, 18, 44); 0 where it can't be read.  Debian's names tell the ABI
 * alone: of "6.1.0-56-amd64 Debian 6.1.192-2" the second counts.
 */
uint32_t model_release(const char *text);

/* Is it of a series on which the tests of tests/kernel held the model against the kernel? */
bool model_proven(uint32_t release);

/* Writes such a text from uname()'s release and version ("#1 SMP … Debian 6.1.192-2 (2026-11-16)"). */
void model_kernel_name(const char *release, const char *version, char *name, size_t size);

#endif
