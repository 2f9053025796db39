/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Payload sizes against what a type takes. */
#ifndef CMSGTRACE_CHECK_SIZES_H
#define CMSGTRACE_CHECK_SIZES_H

#include "check/check.h"
#include "cmsg/cmsg.h"

/* Payload bytes that cmsg_len claims; 0 where it is less than a header. */
uint32_t sizes_payload(const struct event *ev, const struct cmsg *cm);
/* Is it SCM_RIGHTS, of a Unix socket? */
bool sizes_is_rights(const struct cmsg *cm);
/* Descriptors that an SCM_RIGHTS claims to hold (a log may leave out which); 0: it is none. */
uint32_t sizes_fds(const struct event *ev, const struct cmsg *cm);
/* A well-formed header of a sendable type with a payload that it does not take. */
bool sizes_wrong(const struct event *ev, const struct cmsg *cm);
/* … namely that of CMSG_SPACE(size): the padding was counted. */
bool sizes_is_space(const struct event *ev, const struct cmsg *cm);
/* "4 bytes", "1 to 4 bytes", "at least 20 bytes". */
const char *sizes_text(struct check *c, const struct cmsg_type *row);

#endif
