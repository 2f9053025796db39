/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What sol-socket.c's rows say of timestamps.  Owns nothing. */
#ifndef CMSGTRACE_CMSG_STAMPS_H
#define CMSGTRACE_CMSG_STAMPS_H

#include "cmsg/cmsg.h"

struct judge;

void decode_timeval_old(struct emit *e, const struct cmsg *c);
void decode_timespec_old(struct emit *e, const struct cmsg *c);
void decode_timeval_new(struct emit *e, const struct cmsg *c);
void decode_timespec_new(struct emit *e, const struct cmsg *c);
void decode_timestamping_old(struct emit *e, const struct cmsg *c);
void decode_timestamping_new(struct emit *e, const struct cmsg *c);
void decode_ts_pktinfo(struct emit *e, const struct cmsg *c);
void timestamping_check(struct judge *j);
enum cmsg_comes stamp_comes(const struct cmsg_type *t, const struct sock *s);
enum cmsg_comes stamping_comes(const struct cmsg_type *t, const struct sock *s);

#endif
