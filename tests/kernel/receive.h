/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The receive oracle: kinds of traffic, each to be received with every control buffer. */
#ifndef CMSGTRACE_TESTS_RECEIVE_H
#define CMSGTRACE_TESTS_RECEIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "kernel/recv.h"

struct lane;

struct traffic {
	const char *name;
	bool (*open)(struct lane *l); /* false: this machine hasn't got it (errno) */
	int domain, type, protocol;
	const char *addr;        /* where it goes, as text */
	enum recv_packet packet; /* what is received */
	enum { DATA, CONNECTED, OPTIONS, LARGE, SEGMENTS, ICMP, STAMPED, ZEROCOPY } how;
	int fds; /* passed with it */
};

/* Sockets of one such kind, new for each set of options. */
struct lane {
	const struct traffic *t;
	int from, to,
		sink; /* sink: takes what is sent where an error queue is received from; or -1 */
	struct sockaddr_storage dest;
	socklen_t destlen; /* 0: connected */
	unsigned char payload[5000];
	size_t len;
	int send_flags, flags; /* flags: of the receive */
	int stamping;          /* SOF_TIMESTAMPING_* that it needs */
	bool takes;            /* a receive takes it, MSG_PEEK or not: it is sent anew for each */
};

extern const struct traffic traffics[];
extern const unsigned int ntraffics;

bool lane_open(struct lane *l, const struct traffic *t);
bool lane_send(struct lane *l);
void lane_close(struct lane *l);

#endif
