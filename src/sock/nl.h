/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Netlink questions that never wait: the kernel puts the answer in the queue within the send. */
#ifndef CMSGTRACE_SOCK_NL_H
#define CMSGTRACE_SOCK_NL_H

#include <stdint.h>

#include <libmnl/libmnl.h>

/*
 * Sends req (built with libmnl; its sequence number and NLM_F_ACK are set here) on socket fd and gives
 * each answer to each(), which returns < 0 to be called no more.  0, or the kernel's -errno.
 */
int nl_query(int fd, uint32_t *seq, struct nlmsghdr *req,
	     int (*each)(const struct nlmsghdr *h, void *ctx), void *ctx);

/* Value of an integer attribute; 0 where it is too short. */
uint32_t nl_u32(const struct nlattr *a);

#endif
